# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Values that must not leave the machine, given to a module and to the lookup in real plays."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import CHECKOUT, Ansible, split_by_task
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

INFO = "reseller.sendgrid.sendgrid_offerings_info"
QUERY = "{{ query('reseller.sendgrid.offerings') | length }}"
OTHER_KEY = f"SG.{'o' * 22}.{'p' * 43}"
SECRET = "a password that nobody may see"


def run(
    ansible: Ansible,
    tasks: list[dict[str, Any]],
    variables: dict[str, Any],
    *arguments: str,
    environment: dict[str, str] | None = None,
) -> str:
    """Run the tasks, each of which may fail, and return the output, which never holds a secret."""
    play = {"hosts": "all", "gather_facts": False, "ignore_errors": True, "vars": variables, "tasks": tasks}
    output = ansible.play([play], *arguments, environment=environment).stdout
    assert SECRET not in output and OTHER_KEY not in output
    assert "Traceback" not in output and "Unexpected" not in output, output
    return " ".join(output.split())


REFUSED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a mapping": (
        {"sendgrid_api_key": "{{ kv }}", "kv": {"raw": {}, "secret": {"api_key": OTHER_KEY, "password": SECRET}}},
        "api_key: it is a mapping, and text is needed; name the entry of it that is the key.",
        "the variable sendgrid_api_key",
    ),
    "a list": ({"sendgrid_api_key": [OTHER_KEY]}, "api_key: it is a list", "the variable sendgrid_api_key"),
    "a number": ({"sendgrid_api_key": 12345678901234567890123}, "api_key: it is a number", "sendgrid_api_key"),
    "an environment variable that is not set": (
        {"sendgrid_api_key": "{{ lookup('ansible.builtin.env', 'RESELLER_B_KEY') }}"},
        "api_key: it is blank.",
        "the variable sendgrid_api_key",
    ),
    "a template that is null": (
        {"sendgrid_api_key": "{{ kv.x | default(none) }}", "kv": {}},
        "api_key: it is blank.",
        "the variable sendgrid_api_key",
    ),
    "a blank endpoint": (
        {"sendgrid_api_endpoint": "{{ kv.x | default('') }}", "kv": {}},
        "api_endpoint: it is blank.",
        "the variable sendgrid_api_endpoint",
    ),
    "an undefined key": (
        {"sendgrid_api_key": "{{ vault_sendgrid_api_key }}"},
        "sendgrid_api_key",
        "'vault_sendgrid_api_key' is undefined",
    ),
    "an undefined directory": (
        {"sendgrid_cache_dir": "{{ project_root }}/cache"},
        "sendgrid_cache_dir",
        "'project_root' is undefined",
    ),
    "quotes": ({"sendgrid_api_key": f"'{OTHER_KEY}'"}, "api_key: it is in quotes.", "Remove them"),
    "Bearer": ({"sendgrid_api_key": f"Bearer {OTHER_KEY}"}, "it starts with 'Bearer '.", "Give the key alone"),
    "no number": (
        {"sendgrid_timeout": "soon"},
        "timeout: 'soon' is no number.",
        "It comes from the variable sendgrid_timeout",
    ),
    "a misspelt boolean": (
        {"sendgrid_validate_certs": "ture"},
        "validate_certs: 'ture' is no boolean",
        "the variable sendgrid_validate_certs",
    ),
    "two endpoints": (
        {"sendgrid_region": "eu"},
        "only one of region and api_endpoint can be given, and there is region from the variable sendgrid_region",
        "api_endpoint from SENDGRID_API_ENDPOINT in the environment",
    ),
}


def test_a_wrong_variable_is_refused_before_anything_is_sent(ansible: Ansible, sandbox: Sandbox) -> None:
    tasks: list[dict[str, Any]] = []
    for case, (variables, _problem, _source) in REFUSED.items():
        shown = {"vars": {**variables, "catalog": QUERY}}
        tasks += [
            {"name": f"module: {case}", INFO: {}, "vars": variables},
            {"name": f"lookup: {case}", "ansible.builtin.debug": {"msg": QUERY}, "vars": variables},
            # Where newer cores only show a value, they show an error in its place.
            {"name": f"shown: {case}", "ansible.builtin.debug": {"var": "catalog"}, **shown},
            {"name": f"named {{{{ catalog }}}}: {case}", "ansible.builtin.debug": {}, **shown},
        ]
    environment = {"SENDGRID_API_KEY": sandbox.key, "SENDGRID_API_ENDPOINT": sandbox.endpoint}
    output = split_by_task(run(ansible, tasks, {}, "-vvvvv", environment=environment))
    assert sandbox.requests() == []
    for case, (_variables, problem, source) in REFUSED.items():
        for way in ("module", "lookup", "shown"):
            assert problem in output[f"{way}: {case}"] and source in output[f"{way}: {case}"], output[f"{way}: {case}"]
        assert '"code": "invalid_option"' in output[f"module: {case}"]
    assert not list(ansible.home.rglob("<<*"))


EVERYWHERE: dict[str, Any] = {
    "ansible.builtin.debug": {"msg": "shown: {{ query('reseller.sendgrid.offerings', 'org.ei.free.v1')[0].name }}"}
}
ACCOUNT = "reseller.sendgrid.sendgrid_account"
ORDER: dict[str, Any] = {
    "profile": {"email": "{{ inventory_hostname }}@bakery.example"},
    "offerings": ["org.ei.free.v1"],
}
# Each way in which core runs a module.
WAYS: list[dict[str, Any]] = [
    {INFO: {"names": ["org.ei.free.v1"]}},
    {ACCOUNT: ORDER},
    {ACCOUNT: ORDER, "check_mode": True, "diff": True},
    {INFO: {"names": ["org.ei.free.v1"]}, "async": 30, "poll": 1},
    {INFO: {"names": ["{{ item }}"]}, "loop": ["org.ei.free.v1"], "delegate_to": "localhost"},
    {INFO: {"names": ["org.ei.free.v1"]}, "no_log": True, "timeout": 30},
    {
        INFO: {"names": ["org.ei.free.v1"]},
        "register": "catalog",
        "until": "catalog is success",
        "delay": 0,
        "retries": 1,
    },
]


def test_each_host_asks_its_own_endpoint_with_its_own_key(ansible: Ansible, tmp_path: Path) -> None:
    """Three accounts of resellers in one inventory. No environment variable is set."""
    with Sandbox() as first, Sandbox() as second, Sandbox() as third:
        sandboxes = {"north": first, "south": second, "west": third}
        lines = (ansible.home / "inventory").read_text().splitlines()
        connection = lines[0].partition(" ")[2]
        lines += [
            f"{name} {connection} vaulted_key={one.key} sendgrid_api_endpoint={one.endpoint}"
            for name, one in sandboxes.items()
        ]
        (ansible.home / "inventory").write_text("\n".join(lines))
        variables = {"sendgrid_api_key": "{{ vaulted_key }}", "sendgrid_cache_dir": str(ansible.home / "cache")}
        play = {"hosts": "north,south,west", "gather_facts": False, "vars": variables, "tasks": [*WAYS, EVERYWHERE]}
        # Core's default is below the home directory in the user database.
        environment = {"ANSIBLE_ASYNC_DIR": str(ansible.home / "async")}
        output = ansible.play([play], "-f", "3", "-vvvvv", environment=environment).stdout
        assert output.count("shown: org.ei.free.v1") == 3 and output.count("failed=0") == 3, output
        logs = {name: one.requests() for name, one in sandboxes.items()}
    for name, log in logs.items():
        assert sandboxes[name].key not in output
        assert all(entry["authorized"] for entry in log)
        created = [entry["body"]["profile"]["email"] for entry in log if entry["method"] == "POST"]
        assert created == [f"{name}@bakery.example"]
        # The other tasks ask for the catalog, but for the account, the check mode and the lookup that use the cache.
        assert sum(entry["path"] == "/v3/partners/offerings" for entry in log) == 6


def test_run_once_uses_the_variables_of_the_first_host(ansible: Ansible, sandbox: Sandbox) -> None:
    (ansible.home / "inventory").write_text(
        (ansible.home / "inventory").read_text()
        + f"a ansible_connection=local sendgrid_api_endpoint={sandbox.endpoint} sendgrid_api_key={sandbox.key}\n"
        "b ansible_connection=local sendgrid_api_key=wrong\n"
    )
    play = {"hosts": "a,b", "gather_facts": False, "tasks": [{INFO: {}, "run_once": True, "delegate_to": "localhost"}]}
    assert "failed=0" in ansible.play([play]).stdout and sandbox.count() == 1


def test_precedence_of_the_sources(ansible: Ansible, sandbox: Sandbox) -> None:
    """The task, then the variable, then its environment, then that of the controller, then the file."""
    with ansible.configuration.open("a") as configuration:
        configuration.write("[reseller.sendgrid]\nretry_max_delay = 5001\ntimeout = 5001\nretries = 501\n")
        configuration.write("cache_ttl = 5001\n")
    environment = {
        "SENDGRID_API_KEY": sandbox.key,
        "SENDGRID_API_ENDPOINT": sandbox.endpoint,
        "SENDGRID_RETRY_MAX_DELAY": " ",
        "SENDGRID_TIMEOUT": "4001",
        "SENDGRID_RETRIES": "401",
    }
    tasks: list[dict[str, Any]] = [
        {INFO: {}, "environment": {"SENDGRID_TIMEOUT": "4101", "SENDGRID_RETRIES": "301"}},
        {INFO: {}, "environment": {"SENDGRID_RETRIES": "301"}, "vars": {"sendgrid_retries": 201}},
        {INFO: {"retries": 101}, "vars": {"sendgrid_retries": 201}},
    ]
    output = run(ansible, tasks, {}, environment=environment)
    for values in (("4101", "301", "5001"), ("4001", "201", "5001"), ("4001", "101", "5001")):
        shown = [
            f"{name}: '{value}' is out of range"
            for name, value in zip(("timeout", "retries", "retry_max_delay"), values)
        ]
        assert re.search(".{,130}; ".join(shown), output), output
    assert sandbox.count() == 0


def test_a_module_without_its_action_plugin_takes_the_task_and_the_environment(
    ansible: Ansible, sandbox: Sandbox
) -> None:
    arguments = json.dumps({"ANSIBLE_MODULE_ARGS": {"names": ["org.ei.free.v1"], "timeout": " 7 "}})
    wrong: dict[str, Any] = {
        "api_key": {"secret": {"key": OTHER_KEY, "password": SECRET}},
        "naems": [],
        "region": None,
        "timeout": "x",
    }
    environment = {"SENDGRID_API_KEY": f" {sandbox.key}\r\n", "SENDGRID_API_ENDPOINT": f"{sandbox.endpoint}\r"}
    module = "ansible_collections.reseller.sendgrid.plugins.modules.sendgrid_offerings_info"
    done = ansible.run_module(module, arguments, environment)
    assert done["offerings"][0]["name"] == "org.ei.free.v1"
    failed = ansible.run_module(module, json.dumps({"ANSIBLE_MODULE_ARGS": wrong}), environment)
    assert [problem["option"] for problem in failed["failure"]["details"]["problems"]] == [
        "naems",
        "api_key",
        "region",
        "timeout",
    ]
    assert "Did you mean names?" in failed["msg"] and SECRET not in str(failed) and OTHER_KEY not in str(failed)
    assert sandbox.count() == 1


def test_the_arguments_of_the_task_stay_as_they_are(ansible: Ansible, sandbox: Sandbox) -> None:
    """Callbacks see and store them, so a key from a variable must not be among them."""
    record = ansible.home / "record"
    environment = {
        "ANSIBLE_CALLBACK_PLUGINS": str(CHECKOUT / "tests" / "callback_plugins"),
        "RECORDER": str(record),
        "RECORDER_SHOWS_ARGUMENTS": "yes",
    }
    variables = {"sendgrid_api_key": sandbox.key, "sendgrid_api_endpoint": sandbox.endpoint}
    tasks = [{INFO: {"names": ["org.ei.free.v1"]}}, {INFO: {}, "vars": {"sendgrid_api_key": [OTHER_KEY]}}]
    run(ansible, tasks, variables, environment=environment)
    first, second = (json.loads(line) for line in record.read_text().splitlines())
    assert first["arguments"] == {"names": ["org.ei.free.v1"]} and second["arguments"] == {}
    assert sandbox.key not in record.read_text()


def test_a_refused_value_is_a_result_that_conditions_see(ansible: Ansible, sandbox: Sandbox) -> None:
    task = {
        INFO: {},
        "register": "catalog",
        "until": "catalog is success or catalog.attempts == 2",
        "retries": 3,
        "delay": 0,
        "failed_when": "catalog.failure.code != 'invalid_option'",
    }
    output = run(ansible, [task], {"sendgrid_api_key": "' '"})
    assert "failed=0" in output and "ignored=0" in output, output


def test_one_cache_below_the_home_of_core(ansible: Ansible, sandbox: Sandbox) -> None:
    """With a home directory that nobody can write to, as in a container with an unknown user."""
    inventory = ansible.home / "inventory"
    connection = inventory.read_text().partition(" ")[2].strip()
    inventory.write_text("".join(f"h{number} {connection}\n" for number in range(4)))
    environment = {
        "SENDGRID_API_KEY": sandbox.key,
        "SENDGRID_API_ENDPOINT": sandbox.endpoint,
        "HOME": "/proc",
        "ANSIBLE_HOME": str(ansible.home / "core"),
    }
    tasks = [EVERYWHERE, {INFO: {"cache_ttl": 3600}}, {ACCOUNT: ORDER, "check_mode": True}]
    output = run(ansible, tasks, {}, environment=environment)
    assert "ignored=0" in output and "cannot be used" not in output, output
    assert sum(entry["path"] == "/v3/partners/offerings" for entry in sandbox.requests()) == 1


def test_white_space_makes_no_second_cache(ansible: Ansible, sandbox: Sandbox) -> None:
    environment = {
        "SENDGRID_API_KEY": f"{sandbox.key}\r",
        "SENDGRID_API_ENDPOINT": f" {sandbox.endpoint}\r",
        "SENDGRID_CACHE_DIR": f"{ansible.home}/cache\r",
        "SENDGRID_CACHE_TTL": " ",
    }
    run(ansible, [EVERYWHERE, {INFO: {"cache_ttl": 3600}}], {}, environment=environment)
    assert sandbox.count() == 1
    assert [path.name for path in ansible.home.glob("cache*")] == ["cache"]


HINTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "names that are mappings": (
        {"names": [{"name": "org.ei.free.v1"}]},
        "names=[{'name': 'org.ei.free.v1'}]",
        "names: a mapping is no name. For the names of an order use map(attribute='name')",
    ),
    "an entitlement that is misspelt": (
        {"minimum_entitlements": {"ip_counts": 1}},
        # Not the name in the module: core prints the same warning only once.
        "minimum_entitlements={'ip_counter': 1}",
        ", so none matches minimum_entitlements. Did you mean 'ip_count'?",
    ),
    "an entitlement of another name": (
        {"minimum_entitlements": {"subusers": 5}},
        "minimum_entitlements={'subuser': 5}",
        "Stated are 'email_sends_max_monthly', 'ip_count', 'teammates_max_total', 'users_max_total'.",
    ),
    "a blank directory": ({"cache_dir": ""}, "cache_dir=''", "cache_dir: it is blank"),
    "a directory with a template": (
        {"cache_dir": "{{ '{' }}{ home }}/cache"},
        "cache_dir='{' ~ '{ home }}/cache'",
        "cache_dir: '{{ home }}/cache' is a template that was not evaluated",
    ),
    "a number that is none": (
        {"timeout": "soon"},
        "timeout='soon'",
        "timeout: 'soon' is no number. It comes from the task",
    ),
    "an option that does not exist": (
        {"tpye": "addon"},
        "tpye='addon'",
        "tpye: there is no such option. Did you mean type?",
    ),
}


def test_a_mistake_is_explained(ansible: Ansible, sandbox: Sandbox) -> None:
    variables = {"sendgrid_api_key": sandbox.key, "sendgrid_api_endpoint": sandbox.endpoint}
    tasks: list[dict[str, Any]] = []
    for case, (options, arguments, _message) in HINTS.items():
        query = f"{{{{ query('reseller.sendgrid.offerings', {arguments}) | length }}}}"
        tasks += [
            {"name": f"module: {case}", INFO: options},
            {"name": f"lookup: {case}", "ansible.builtin.debug": {"msg": query}},
        ]
    output = split_by_task(run(ansible, tasks, variables))
    for case, (_options, _arguments, message) in HINTS.items():
        for way in ("module", "lookup"):
            assert message in output[f"{way}: {case}"], output[f"{way}: {case}"]


def test_what_is_omitted_in_a_list_or_mapping_is_left_out(ansible: Ansible, sandbox: Sandbox) -> None:
    variables = {"sendgrid_api_key": sandbox.key, "sendgrid_api_endpoint": sandbox.endpoint}
    arguments = "names=['org.ei.free.v1', omit], minimum_entitlements={'ip_count': omit}"
    tasks: list[dict[str, Any]] = [
        {
            INFO: {"names": ["org.ei.free.v1", "{{ omit }}"], "minimum_entitlements": {"ip_count": "{{ omit }}"}},
            "register": "catalog",
            "failed_when": "catalog.missing or catalog.offerings | length != 1",
        },
        {
            "ansible.builtin.debug": {
                "msg": f"shown: {{{{ query('reseller.sendgrid.offerings', {arguments}) | length }}}}"
            }
        },
    ]
    output = run(ansible, tasks, variables)
    assert "ignored=0" in output and "shown: 1" in output, output


def test_a_misspelt_order_is_named_first(ansible: Ansible, sandbox: Sandbox) -> None:
    variables = {"sendgrid_api_key": sandbox.key, "sendgrid_api_endpoint": sandbox.endpoint}
    output = run(ansible, [{"reseller.sendgrid.sendgrid_offerings_gate": {"offers": ["a"]}}], variables)
    assert "offers: there is no such option. Did you mean offerings" in output, output


def test_undefined_variables_are_not_hidden(ansible: Ansible, sandbox: Sandbox) -> None:
    """Core 2.18 and older would let them pass through the lookup."""
    variables = {"sendgrid_api_key": "{{ no_such_key }}", "sendgrid_api_endpoint": sandbox.endpoint}
    query = "query('reseller.sendgrid.offerings')"
    tasks: list[dict[str, Any]] = [
        {"ansible.builtin.debug": {"msg": f"{{{{ {query} | default('hidden') }}}}"}},
        {"ansible.builtin.debug": {"msg": "hidden"}, "when": f"{query} is not defined"},
    ]
    output = run(ansible, tasks, variables)
    assert output.count("the variable sendgrid_api_key cannot be evaluated") >= 1, output
    assert sandbox.count() == 0


def test_a_path_in_the_configuration_can_name_the_working_directory(ansible: Ansible, sandbox: Sandbox) -> None:
    with ansible.configuration.open("a") as configuration:
        configuration.write("[reseller.sendgrid]\ncache_dir = {{CWD}}/here\n")
    environment = {"SENDGRID_API_KEY": sandbox.key, "SENDGRID_API_ENDPOINT": sandbox.endpoint}
    run(ansible, [EVERYWHERE, {INFO: {"cache_ttl": 3600}}], {}, environment=environment)
    assert sandbox.count() == 1 and (ansible.home / "here").is_dir()


def test_a_secret_in_the_wrong_place_is_not_shown(ansible: Ansible, sandbox: Sandbox) -> None:
    """Core shows the arguments of a module with -vvv, and only a key in the right place is masked there."""
    variables = {"sendgrid_api_key": sandbox.key, "sendgrid_api_endpoint": sandbox.endpoint}
    long_secret = f"{SECRET} {OTHER_KEY}"
    wrong: list[dict[str, Any]] = [
        {"api_kye": OTHER_KEY},
        {"credentials": {"password": SECRET}},
        {"names": [{"name": "a", "password": SECRET}]},
        {"api_endpoint": long_secret},
        {"ca_path": SECRET},
        {"timeout": [SECRET]},
        {"cache_dir": {"password": SECRET}},
    ]
    tasks: list[dict[str, Any]] = [{INFO: options} for options in wrong]
    tasks += [{INFO: {}, "vars": {f"sendgrid_{name}": SECRET}} for name in ("region", "timeout", "validate_certs")]
    output = run(ansible, tasks, variables, "-vvvvv")
    assert f"ignored={len(tasks)}" in output and sandbox.count() == 0, output


def test_a_template_that_fails_is_a_result_that_names_the_variable(ansible: Ansible, sandbox: Sandbox) -> None:
    """Core 2.18 and older raise errors of many classes."""
    templates = ["{{ ('no' | from_json).key }}", "{{ 1 // 0 }}", "{{ 'x' | no_such_filter }}", "{{ 'secret' | }}"]
    tasks = [
        {
            INFO: {},
            "vars": {"sendgrid_api_key": template},
            "register": "catalog",
            "failed_when": "catalog.failure.code != 'invalid_option' or 'sendgrid_api_key' not in catalog.msg",
        }
        for template in templates
    ]
    assert "ignored=0" in run(ansible, tasks, {"sendgrid_api_endpoint": sandbox.endpoint})
    assert sandbox.count() == 0


def test_a_cached_catalog_is_no_answer_to_a_wrong_value(ansible: Ansible, sandbox: Sandbox) -> None:
    """The wrong value would find the catalog, if it counted as text or as not given."""
    variables = {"sendgrid_api_key": sandbox.key, "sendgrid_api_endpoint": sandbox.endpoint}
    query = "{{ query('reseller.sendgrid.offerings', api_endpoint=none) | length }}"
    tasks = [EVERYWHERE, {"ansible.builtin.debug": {"msg": query}}]
    output = run(ansible, tasks, variables)
    assert "ignored=1" in output and "api_endpoint: it is null" in output, output
