# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cache in runs of ansible-playbook: how many requests arrive, and that nobody is told what is no longer true.

A test does as much as it can in one run, as to start Ansible takes longer than all the rest.
"""

from __future__ import annotations

import base64
import json
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import Ansible
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

Task = dict[str, Any]
OTHER_KEY = f"SG.{'another-key'.ljust(22, 'x')}.{'o' * 43}"
OLD = {"catalog": [{"offering": {"name": f"old.{number}", "type": "package"}} for number in range(3)]}
NEW = {"catalog": [{"offering": {"name": f"new.{number}", "type": "package"}} for number in range(3)]}


def lookup(arguments: str = "", **variables: Any) -> Task:
    """Show the names of the offerings that the lookup finds."""
    return shown(f"query('reseller.sendgrid.offerings', {arguments}) | map(attribute='name') | list", **variables)


def shown(expression: str, **variables: Any) -> Task:
    # In base64, since text is quoted and wrapped in the output.
    message = f"shown {{{{ inventory_hostname }}}} {{{{ {expression} | to_json | b64encode }}}}."
    return {"ansible.builtin.debug": {"msg": message}, "vars": variables}


def failing(task: Task) -> list[Task]:
    """Run I(task), and show its message instead of failing."""
    return [{**task, "register": "result", "ignore_errors": True}, shown("(result is failed, result.msg)")]


# Makes all catalogs in a directory so many seconds old.
AGE = """
import os, sys, time
directory, seconds = sys.argv[1:]
names = [name for name in os.listdir(directory) if "." not in name]
assert names
for name in names:
    os.utime(os.path.join(directory, name), (time.time() - int(seconds),) * 2)
"""


class Run:
    """What a run of ansible-playbook showed."""

    def __init__(self, output: str) -> None:
        self.output = output
        found = re.findall(r"\bshown (\S+) ([\w+/=]+)\.", output)
        self.by_host = [(host, json.loads(base64.b64decode(text))) for host, text in found]

    @property
    def shown(self) -> list[Any]:
        return [value for _host, value in self.by_host]


class Plays:
    """Runs tasks that use the sandbox, in a home with a cache of its own."""

    def __init__(self, ansible: Ansible, sandbox: Sandbox) -> None:
        self.ansible = ansible
        self.sandbox = sandbox
        self.directory = ansible.home / ".ansible" / "sendgrid_cache"
        self.options = {"api_key": sandbox.key, "api_endpoint": sandbox.endpoint, "retries": 0}
        (ansible.home / "many").write_text("host[01:20] ansible_connection=local\n")
        (ansible.home / "age.py").write_text(AGE)

    def run(
        self,
        *tasks: Task,
        plays: int = 1,
        hosts: int = 0,
        environment: Mapping[str, str] | None = None,
        **variables: Any,
    ) -> Run:
        """Run I(tasks) on localhost, or on so many I(hosts) at once."""
        play = {
            "hosts": f"all[0:{hosts - 1}]" if hosts else "all",
            "gather_facts": False,
            "module_defaults": {"group/reseller.sendgrid.sendgrid": self.options},
            "vars": {"sendgrid_api_endpoint": self.sandbox.endpoint, **variables},
            "tasks": tasks,
        }
        arguments = ["--inventory", "many", "--forks", "10"] if hosts else []
        given = {"SENDGRID_API_KEY": self.sandbox.key, **(environment or {})}
        result = self.ansible.play([play] * plays, *arguments, environment=given)
        assert "Traceback" not in result.stdout and "DEPRECATION" not in result.stdout, result.stdout
        assert "failed=0" in result.stdout and not re.search(r"failed=[1-9]", result.stdout), result.stdout
        return Run(result.stdout)

    def aged(self, seconds: int) -> Task:
        """Make all catalogs in the cache so old."""
        command = shlex.join([sys.executable, str(self.ansible.home / "age.py"), str(self.directory), str(seconds)])
        message = f"aged {{{{ lookup('ansible.builtin.pipe', {json.dumps(command)}) }}}}"
        return {"ansible.builtin.debug": {"msg": message}, "run_once": True}

    def answers(self, *documents: Any) -> None:
        """Let the API answer with one catalog after the other; the last one stays."""
        for document in documents[:-1]:
            self.sandbox.fault(status=200, body=json.dumps(document), times=1)
        self.sandbox.control("PUT", "/catalog", documents[-1])


@pytest.fixture
def plays(ansible: Ansible, sandbox: Sandbox) -> Plays:
    return Plays(ansible, sandbox)


def info(**options: Any) -> Task:
    return {"reseller.sendgrid.sendgrid_offerings_info": options}


def gate(*offerings: Any, **options: Any) -> Task:
    return {"reseller.sendgrid.sendgrid_offerings_gate": {"offerings": offerings, **options}}


def origin(task: Task) -> list[Task]:
    """Run a task with a module, and show where its catalog comes from."""
    keys = ("cached", "cache_age", "rate_limit_remaining", "endpoint")
    return [{**task, "register": "result"}, shown(f"[{', '.join(f'result.{key}' for key in keys)}]")]


def test_one_request_serves_all_hosts_tasks_plays_and_processes(plays: Plays) -> None:
    plays.sandbox.fault(delay=1)
    tasks = [lookup("'milne.x.ip.v2'"), lookup("'org.ei.free.v1'"), lookup("type='addon', names=['milne.x.ip.v2']")]
    found = plays.run(*tasks, hosts=20)
    assert len(found.shown) == 60
    assert len({host for host, _value in found.by_host}) == 20
    assert found.shown.count(["milne.x.ip.v2"]) == 40 and found.shown.count(["org.ei.free.v1"]) == 20
    assert plays.sandbox.count() == 1
    assert len(plays.run(tasks[0], hosts=5, plays=2).shown) == 10
    assert plays.sandbox.count() == 1


def test_modules_leave_nothing_behind_unless_told_to(plays: Plays) -> None:
    # Whatever is wrong is not looked up again: nothing is fresher than what the API has just said.
    wrong = gate("no.such.name", enforce=False)
    found = plays.run(*origin(info()), *origin(wrong), *origin(info(cache_ttl=0, names=["no.such.name"])))
    assert [value[:2] for value in found.shown] == [[False, 0]] * 3
    assert plays.sandbox.count() == 3
    assert not plays.directory.exists()


def test_modules_and_lookup_share_a_cache(plays: Plays) -> None:
    module = origin(info(cache_ttl=900))
    *found, again, last = plays.run(
        *module,
        *module,
        *origin(gate("org.ei.free.v1", cache_ttl=3600)),
        lookup("'milne.x.ip.v2'"),
        # And what a lookup has read serves the modules.
        plays.aged(1000),
        lookup("'milne.x.ip.v2'", sendgrid_cache_ttl=900),
        *module,
    ).shown
    assert plays.sandbox.count() == 2
    assert found.pop() == again == ["milne.x.ip.v2"]
    assert [value[0] for value in (*found, last)] == [False, True, True, True]
    ages = [value[1] for value in found]
    assert ages[0] == 0 < ages[1] < ages[2] < 900 and last[1] < 900
    # How much is left of the limit was true of that moment only.
    assert isinstance(found[0][2], int) and [value[2] for value in found[1:]] == [None, None]
    assert {value[3] for value in found} == {plays.sandbox.endpoint}


@pytest.mark.parametrize("where", ["task", "environment", "configuration"])
def test_a_lookup_without_a_cache_neither_writes_nor_reads_it(plays: Plays, where: str) -> None:
    tasks, environment = [lookup(), lookup()], {}
    if where == "task":
        tasks = [lookup("cache_ttl=0"), lookup("", sendgrid_cache_ttl="{{ seconds }}", seconds=0)]
    elif where == "environment":
        environment = {"SENDGRID_CACHE_TTL": "0"}
    else:
        with plays.ansible.configuration.open("a") as configuration:
            configuration.write("[reseller.sendgrid]\ncache_ttl = 0\n")
    plays.run(*tasks, environment=environment)
    assert plays.sandbox.count() == 2
    assert not plays.directory.exists()


def test_the_directory_can_be_chosen(plays: Plays) -> None:
    with plays.ansible.configuration.open("a") as configuration:
        configuration.write("[reseller.sendgrid]\ncache_dir = configured/cache\n")
    home = plays.ansible.home
    plays.run(lookup())
    tasks = [
        lookup("cache_dir='~/argument'"),
        lookup("", sendgrid_cache_dir="{{ folder }}/variable", folder=str(home)),
        info(cache_ttl=60, cache_dir="~/option"),
        info(cache_ttl=60),
        lookup(),
    ]
    plays.run(*tasks, environment={"SENDGRID_CACHE_DIR": "$HOME/environment"})
    assert plays.sandbox.count() == 5
    assert not plays.directory.exists()
    for name in ("argument", "variable", "option", "environment", "configured/cache"):
        assert (home / name).stat().st_mode & 0o777 == 0o700
        assert [path.stat().st_mode & 0o777 for path in (home / name).iterdir()] == [0o600, 0o600]


def test_each_key_and_endpoint_has_its_own_catalog(plays: Plays) -> None:
    with Sandbox() as second:
        second.control("PUT", "/catalog", NEW)
        tasks = [
            lookup("'milne.x.ip.v2'"),
            lookup("", sendgrid_api_key=OTHER_KEY),
            lookup("", sendgrid_api_endpoint=second.endpoint),
            # The same machine, but who could tell.
            lookup("'milne.x.ip.v2'", sendgrid_api_endpoint=plays.sandbox.endpoint.replace("127.0.0.1", "localhost")),
        ]
        # The second request is the one with the other key.
        plays.sandbox.fault(skip=1, times=1, status=200, body=json.dumps(OLD))
        expected = [["milne.x.ip.v2"], ["old.0", "old.1", "old.2"], ["new.0", "new.1", "new.2"], ["milne.x.ip.v2"]]
        assert plays.run(*tasks, *tasks).shown == expected * 2
        assert (plays.sandbox.count(), second.count()) == (3, 1)


def test_a_key_that_is_refused_is_not_served_what_another_has_read(plays: Plays) -> None:
    stranger = failing(lookup("", sendgrid_api_key=OTHER_KEY))
    *found, last = plays.run(lookup("'milne.x.ip.v2'"), *stranger, *stranger, lookup("'milne.x.ip.v2'")).shown
    assert found.pop(0) == last == ["milne.x.ip.v2"]
    assert len(found) == 2 and all(failed and "401 Unauthorized" in message for failed, message in found)
    assert plays.sandbox.count() == 3


def test_an_old_catalog_is_served_until_it_lacks_a_name(plays: Plays) -> None:
    plays.answers(OLD, {"catalog": OLD["catalog"] + NEW["catalog"]})
    found = plays.run(
        lookup(),
        plays.aged(1000),
        # Within the TTL all that an old catalog has is right, and only what is missing is in doubt.
        lookup("'old.1'"),
        lookup(),
        lookup("type='addon'"),
        lookup("names=[]"),
        lookup("'new.1'"),
        lookup("names=['new.0']"),
        lookup(),
    ).shown
    old = ["old.0", "old.1", "old.2"]
    assert found == [old, ["old.1"], old, [], [], ["new.1"], ["new.0"], [*old, "new.0", "new.1", "new.2"]]
    assert plays.sandbox.count() == 2


def test_a_name_filtered_out_of_an_old_catalog_is_looked_up_again(plays: Plays) -> None:
    plays.answers(OLD, {"catalog": [{"offering": {"name": "old.1", "type": "addon"}}]})
    found = plays.run(lookup("'old.1'"), plays.aged(1000), lookup("'old.1', type='addon'")).shown
    assert found == [["old.1"], ["old.1"]]
    assert plays.sandbox.count() == 2


def test_a_typing_error_in_many_hosts_costs_one_more_request(plays: Plays) -> None:
    typo = failing(lookup("'milne.x.ip.v3'"))
    found = plays.run(lookup("'milne.x.ip.v2'"), plays.aged(30), *typo, hosts=10).shown
    assert found[:10] == [["milne.x.ip.v2"]] * 10
    # So young a catalog is believed.
    assert plays.sandbox.count() == 1
    again = plays.run(lookup("'milne.x.ip.v2'"), plays.aged(100), *typo, *typo, hosts=10).shown
    assert plays.sandbox.count() == 2
    failures = found[10:] + again[10:]
    assert len(failures) == 30 and len({message for _failed, message in failures}) == 1, failures
    failed, message = failures[0]
    assert failed and "Did you mean 'milne.x.ip.v2'" in message


def test_info_looks_for_a_missing_name_in_a_fresh_catalog(plays: Plays) -> None:
    plays.answers(OLD, NEW)
    task = {**info(cache_ttl=3600, names=["old.1"]), "register": "result"}
    other = {**info(cache_ttl=3600, names=["new.1", "old.1"]), "register": "result"}
    value = shown("[result.cached, result.offerings | map(attribute='name') | list, result.missing]")
    found = plays.run(lookup(), plays.aged(1000), task, value, other, value, other, value).shown
    assert found[1:] == [[True, ["old.1"], []], [False, ["new.1"], ["old.1"]], [True, ["new.1"], ["old.1"]]]
    assert plays.sandbox.count() == 2


def test_the_gate_refuses_nothing_on_the_word_of_an_old_catalog(plays: Plays) -> None:
    plays.answers(OLD, NEW, OLD)
    value = shown("[result is failed, result.cached, result.msg, result.gate.violations]")
    passing = [{**gate("new.1", cache_ttl=3600), "register": "result"}, value]
    wrong = [{**gate("old.3", "old.1", cache_ttl=3600), "register": "result", "ignore_errors": True}, value]
    tasks = [lookup(), plays.aged(1000), *passing, *passing, plays.aged(1000), *wrong, *wrong]
    _old, *passed, refused, again = plays.run(*tasks).shown
    assert passed == [[False, False, "The order passes.", []], [False, True, "The order passes.", []]]
    failed, cached, message, violations = refused
    assert failed and not cached
    # By the catalog that was there before, old.1 was unknown too, and similar to nothing.
    assert message.startswith("The order has 1 violation:\n") and "Did you mean 'old." in message
    assert [(violation["code"], violation["offering"]) for violation in violations] == [("unknown_offering", "old.3")]
    # A fresh one is believed, also in what it lacks.
    assert again == [True, True, message, violations]
    assert plays.sandbox.count() == 3


def test_an_api_that_is_down_is_not_noticed_until_it_is_needed(plays: Plays) -> None:
    plays.sandbox.fault(skip=1, cut="before")
    tasks = [
        lookup("'milne.x.ip.v2'"),
        plays.aged(1000),
        lookup("'milne.x.ip.v2'"),
        *failing(lookup("'milne.x.ip.v3'", sendgrid_retries=0)),
        *failing(lookup("'milne.x.ip.v2'", sendgrid_cache_ttl=900, sendgrid_retries=0)),
        *failing(gate("org.ei.fre.v1", cache_ttl=3600)),
        shown("result.failure.code"),
        lookup("'milne.x.ip.v2'"),
    ]
    first, known, typo, expired, order, code, after = plays.run(*tasks).shown
    assert first == known == after == ["milne.x.ip.v2"]
    for failed, message in (typo, expired, order):
        assert failed and "/v3/partners/offerings: " in message and "connection" in message
        assert "Did you mean" not in message
    assert code == "connection"
    assert plays.sandbox.count() == 4


def test_a_failure_is_shared_by_those_who_wait_and_not_kept(plays: Plays) -> None:
    plays.sandbox.fault(status=500, delay=2)
    found = plays.run(*failing(lookup()), hosts=10).shown
    assert len(found) == 10
    assert len({message for _failed, message in found}) == 1, found
    assert found[0][0] and "500 Internal Server Error" in found[0][1]
    # How many depends on how fast workers start: those who come when the first has failed have to ask again.
    few = plays.sandbox.count()
    assert 1 <= few <= 5
    plays.sandbox.control("DELETE", "/faults")
    assert plays.run(lookup("'milne.x.ip.v2'"), hosts=10).shown == [["milne.x.ip.v2"]] * 10
    assert plays.sandbox.count() == few + 1


def test_a_timeout_is_shared_too(plays: Plays) -> None:
    # A failure with no time left for retries: those who wait must not give up a moment before it is shared.
    plays.sandbox.fault(delay=30)
    found = plays.run(*failing(lookup("timeout=2, retries=0")), hosts=10).shown
    assert len(found) == 10 and all(failed and "within 2 s" in message for failed, message in found), found
    assert plays.sandbox.count() <= 3


def test_a_key_given_as_directory_is_not_printed(plays: Plays) -> None:
    key = "lookup('ansible.builtin.env', 'SENDGRID_API_KEY')"
    run = plays.run(*failing(lookup(f"'milne.x.ip.v2', cache_dir='/dev/null/' ~ {key}")))
    ((failed, message),) = run.shown
    assert failed and "cache_dir: it holds the API key" in message
    assert plays.sandbox.key not in run.output and plays.sandbox.count() == 0


def test_a_directory_that_cannot_be_used_costs_a_warning(plays: Plays, tmp_path: Path) -> None:
    (tmp_path / "real").mkdir(0o700)
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "for_all").mkdir()
    (tmp_path / "for_all").chmod(0o777)
    (tmp_path / "a_file").touch()
    directories = {
        tmp_path / "link": "it is a symbolic link",
        tmp_path / "for_all": "it belongs to another user, or others can write to it",
        tmp_path / "a_file" / "cache": "File exists",
        "~nobody-of-that-name/cache": "there is no home directory",
    }
    tasks = [lookup(f"'milne.x.ip.v2', cache_dir='{directory}'") for directory in directories]
    module = {**info(cache_ttl=60, cache_dir=str(tmp_path / "link")), "register": "result"}
    run = plays.run(*tasks, module, shown("result.warnings"))
    *found, (warning,) = run.shown
    assert found == [["milne.x.ip.v2"]] * len(directories)
    assert warning == (
        f"The cache of the catalog in {tmp_path / 'link'} cannot be used: it is a symbolic link. "
        "Until that is mended, or cache_dir names another directory, each use of the catalog may send a request."
    )
    # Core wraps warnings.
    output = "".join(run.output.split())
    for directory, reason in directories.items():
        assert "".join(f"catalog in {directory} cannot be used: {reason}.".split()) in output
    assert plays.sandbox.count() == len(directories) + 1
    assert not any((tmp_path / "real").iterdir()) and not any((tmp_path / "for_all").iterdir())


def test_a_home_that_cannot_be_written_to_costs_a_warning(plays: Plays) -> None:
    # Ansible itself needs folders, which are elsewhere.
    folders = {"ANSIBLE_HOME": plays.ansible.home / "core", "ANSIBLE_LOCAL_TEMP": plays.ansible.home / "local"}
    environment = {"HOME": "/dev/null", **{name: str(path) for name, path in folders.items()}}
    run = plays.run(lookup("'milne.x.ip.v2'"), environment=environment)
    assert run.shown == [["milne.x.ip.v2"]]
    assert "catalogin/dev/null/.ansible/sendgrid_cachecannotbeused:" in "".join(run.output.split())


def test_nothing_wrong_is_overlooked_because_the_answer_is_at_hand(plays: Plays) -> None:
    bounds = "cache_ttl: 0 or more and at most 604800 is needed"
    number = ["cache_ttl", "to float"]
    lookups = {
        "cache_ttl=-1, timeout=0": [bounds, "timeout: more than 0"],
        "cache_ttl=700000": [bounds],
        "cache_ttl='x'": number,
        "timeout=-1": ["timeout: more than 0"],
        "validate_certs='ture'": ["validate_certs", "'ture' is not a valid boolean"],
        "ca_path='/no/such/file'": ["ca_path: '/no/such/file' does not exist"],
        "region='eu'": ["api_endpoint: it is given together with region"],
        "names=['milne.x.ip.v2']": ["names: it is given together with terms"],
        "type='package'": ["its type is addon"],
        "minimum=3": ["minimum: there is no such option"],
    }
    tasks = [lookup(f"'milne.x.ip.v2', {arguments}") for arguments in lookups]
    tasks += [info(cache_ttl=-1, timeout=0), gate("milne.x.ip.v2", cache_ttl=700000), info(cache_ttl="x")]
    expected = [*lookups.values(), [bounds, "timeout: more than 0"], [bounds], number]
    registered = [f"result_{number}" for number in range(len(tasks))]
    tasks = [{**task, "register": name, "ignore_errors": True} for task, name in zip(tasks, registered)]
    results = ", ".join(f"[{name} is failed, {name}.msg]" for name in registered)
    _all, found = plays.run(lookup(), *tasks, shown(f"[{results}]")).shown
    assert len(found) == len(expected)
    for (failed, message), texts in zip(found, expected):
        assert failed and all(text in message for text in texts), (message, texts)
    assert plays.sandbox.count() == 1


def test_what_was_read_without_verification_is_kept_apart(plays: Plays) -> None:
    plays.answers(OLD, NEW)
    unverified = lookup("validate_certs=false")
    tasks = [unverified, lookup(), unverified, lookup(), *origin(info(cache_ttl=60, validate_certs=False))]
    *found, module = plays.run(*tasks).shown
    old, new = (["old.0", "old.1", "old.2"], ["new.0", "new.1", "new.2"])
    assert found == [old, new, old, new] and module[0] is True
    assert plays.sandbox.count() == 2


def test_the_key_is_in_no_file(plays: Plays) -> None:
    plays.options["api_key"] = "{{ lookup('ansible.builtin.env', 'SENDGRID_API_KEY') }}"
    body = json.dumps({"errors": [{"message": f"bad key {plays.sandbox.key}"}]})
    plays.sandbox.fault(status=401, body=body, times=2)
    run = plays.run(*failing(lookup()), *failing(info(cache_ttl=60)), lookup(), *origin(info(cache_ttl=60)))
    assert [value[0] for value in run.shown[:2]] == [True, True] and run.shown[3][0] is True
    assert plays.sandbox.count() == 3
    assert {path.suffix for path in plays.directory.iterdir()} == {"", ".lock"}
    for path in plays.ansible.home.rglob("*"):
        # The interpreter is linked there.
        if path.is_file() and "python" not in path.relative_to(plays.ansible.home).parts:
            assert plays.sandbox.key.encode() not in path.read_bytes(), path
            assert plays.sandbox.key not in str(path)


ANSWERS = [
    "",
    "names=[]",
    "names=none",
    "'milne.x.ip.v2', 'org.ei.free.v1', 'milne.x.ip.v2'",
    "names=wanted",
    "names=wanted | map('string')",
    "names=prices.keys()",
    "names='milne.x.ip.v2,org.ei.free.v1'",
    "type='addon'",
    "type=kind",
    "minimum_entitlements={'ip_count': 1}",
    "minimum_entitlements={'ip_count': '1'}",
    "minimum_entitlements={'email_sends_max_monthly': number, 'ip_count': 0 + 1}",
    "minimum_entitlements={'unicorns': 1}",
    "'milne.x.ip.v2', minimum_entitlements={'ip_count': 1}, type='addon'",
]


def test_answers_do_not_depend_on_where_they_come_from(plays: Plays) -> None:
    variables: dict[str, Any] = {
        "wanted": "{{ ['milne.x.ip.v2', 'org.ei.free.v1'] | reverse | list }}",
        "prices": {"org.ei.free.v1": 0, "milne.x.ip.v2": 30},
        "kind": "{{ 'pack' ~ 'age' }}",
        "number": "{{ 2500000 + 0 }}",
        "sendgrid_api_key": "{{ the_key }}",
        "the_key": plays.sandbox.key,
    }
    all_of_them = ", ".join(f"query('reseller.sendgrid.offerings', {answer})" for answer in ANSWERS)
    task = shown(f"[{all_of_them}]")
    cold = {**task, "vars": {"sendgrid_cache_ttl": 0}}
    looped = {**shown("item"), "with_reseller.sendgrid.offerings": ["milne.x.ip.v2", "org.ei.free.v1"]}
    found, filling, warm, *items = plays.run(cold, task, task, looped, **variables).shown
    assert plays.sandbox.count() == len(ANSWERS) + 1
    assert found == filling == warm
    assert [len(answer) for answer in found] == [20, 0, 20, 3, 2, 2, 2, 2, 7, 13, *map(len, found[10:12]), 3, 0, 1]
    assert found[10] == found[11] != []
    assert items == [found[0][13], found[0][0]]


def test_a_spoilt_cache_is_filled_anew(plays: Plays) -> None:
    plays.run(lookup())
    (file,) = (path for path in plays.directory.iterdir() if not path.suffix)
    file.write_bytes(file.read_bytes()[:-1])
    assert plays.run(lookup("'milne.x.ip.v2'"), lookup("'milne.x.ip.v2'")).shown == [["milne.x.ip.v2"]] * 2
    assert plays.sandbox.count() == 2
