# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The cache in real plays: it saves requests, and serves no outdated catalog.

Each test does as much as possible in one run, because starting Ansible takes most of the time.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.tests.support.ansible_runner import Ansible
from ansible_collections.reseller.sendgrid.tests.support.cache_plays import (
    Plays,
    gate,
    ignore_failure,
    info,
    lookup,
    show,
    show_metadata,
)
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

OTHER_KEY = f"SG.{'another-key'.ljust(22, 'x')}.{'o' * 43}"
OLD = {"catalog": [{"offering": {"name": f"old.{number}", "type": "package"}} for number in range(3)]}
NEW = {"catalog": [{"offering": {"name": f"new.{number}", "type": "package"}} for number in range(3)]}


@pytest.fixture
def plays(ansible: Ansible, sandbox: Sandbox) -> Plays:
    return Plays(ansible, sandbox)


def test_all_hosts_tasks_plays_and_processes_share_one_request(plays: Plays) -> None:
    plays.sandbox.fault(delay=1)
    tasks = [lookup("'milne.x.ip.v2'"), lookup("'org.ei.free.v1'"), lookup("type='addon', names=['milne.x.ip.v2']")]
    found = plays.run(*tasks, hosts=10)
    assert len(found.shown) == 30
    assert len({host for host, _value in found.by_host}) == 10
    assert found.shown.count(["milne.x.ip.v2"]) == 20 and found.shown.count(["org.ei.free.v1"]) == 10
    assert plays.sandbox.count() == 1
    assert len(plays.run(tasks[0], hosts=2, plays=2).shown) == 4
    assert plays.sandbox.count() == 1


def test_modules_and_lookup_share_a_cache(plays: Plays) -> None:
    module = show_metadata(info(cache_ttl=900))
    *found, first_lookup, last = plays.run(
        *module,
        *module,
        *show_metadata(gate("org.ei.free.v1", cache_ttl=3600)),
        lookup("'milne.x.ip.v2'"),
        # The modules also use a catalog that the lookup has cached.
        plays.set_age(1000),
        lookup("'milne.x.ip.v2'", sendgrid_cache_ttl=900),
        *module,
    ).shown
    assert plays.sandbox.count() == 2
    assert found.pop() == first_lookup == ["milne.x.ip.v2"]
    assert [value[0] for value in (*found, last)] == [False, True, True, True]
    ages = [value[1] for value in found]
    assert ages[0] == 0 < ages[1] < ages[2] < 900 and last[1] < 900
    # The remaining rate limit is not cached, because it changes.
    assert isinstance(found[0][2], int) and [value[2] for value in found[1:]] == [None, None]
    assert {value[3] for value in found} == {plays.sandbox.endpoint}


@pytest.mark.parametrize("source", ["task", "environment", "configuration"])
def test_lookup_with_ttl_0_neither_reads_nor_writes_the_cache(plays: Plays, source: str) -> None:
    tasks, environment = [lookup(), lookup()], {}
    if source == "task":
        tasks = [lookup("cache_ttl=0"), lookup("", sendgrid_cache_ttl="{{ seconds }}", seconds=0)]
    elif source == "environment":
        environment = {"SENDGRID_CACHE_TTL": "0"}
    else:
        with plays.ansible.configuration.open("a") as configuration:
            configuration.write("[reseller.sendgrid]\ncache_ttl = 0\n")
    plays.run(*tasks, environment=environment)
    assert plays.sandbox.count() == 2
    assert not plays.directory.exists()


def test_each_key_and_endpoint_has_its_own_cache_entry(plays: Plays) -> None:
    with Sandbox() as second:
        second.control("PUT", "/catalog", NEW)
        tasks = [
            lookup("'milne.x.ip.v2'"),
            lookup("", sendgrid_api_key=OTHER_KEY),
            lookup("", sendgrid_api_endpoint=second.endpoint),
            # The same server under another name counts as another endpoint.
            lookup("'milne.x.ip.v2'", sendgrid_api_endpoint=plays.sandbox.endpoint.replace("127.0.0.1", "localhost")),
        ]
        # The second request is that with the other key.
        plays.sandbox.fault(skip=1, times=1, status=200, body=json.dumps(OLD))
        expected = [["milne.x.ip.v2"], ["old.0", "old.1", "old.2"], ["new.0", "new.1", "new.2"], ["milne.x.ip.v2"]]
        assert plays.run(*tasks, *tasks).shown == expected * 2
        assert (plays.sandbox.count(), second.count()) == (3, 1)


def test_invalid_key_does_not_get_the_catalog_of_another_key(plays: Plays) -> None:
    invalid_key = ignore_failure(lookup("", sendgrid_api_key=OTHER_KEY))
    *found, last = plays.run(lookup("'milne.x.ip.v2'"), *invalid_key, *invalid_key, lookup("'milne.x.ip.v2'")).shown
    assert found.pop(0) == last == ["milne.x.ip.v2"]
    assert len(found) == 2 and all(failed and "401 Unauthorized" in message for failed, message in found)
    assert plays.sandbox.count() == 3


def test_cached_catalog_is_read_again_when_a_name_is_missing(plays: Plays) -> None:
    plays.serve(OLD, {"catalog": OLD["catalog"] + NEW["catalog"]})
    found = plays.run(
        lookup(),
        plays.set_age(1000),
        # Within the TTL, the lookup reads the catalog again only for a missing name.
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


def test_cached_catalog_is_read_again_when_a_name_is_filtered_out(plays: Plays) -> None:
    plays.serve(OLD, {"catalog": [{"offering": {"name": "old.1", "type": "addon"}}]})
    found = plays.run(lookup("'old.1'"), plays.set_age(1000), lookup("'old.1', type='addon'")).shown
    assert found == [["old.1"], ["old.1"]]
    assert plays.sandbox.count() == 2


def test_misspelt_name_on_many_hosts_costs_one_more_request(plays: Plays) -> None:
    typo = ignore_failure(lookup("'milne.x.ip.v3'"))
    # A catalog of 30 seconds counts as fresh.
    tasks = [lookup("'milne.x.ip.v2'"), plays.set_age(30), *typo, plays.set_age(100), *typo, *typo]
    found = plays.run(*tasks, hosts=5).shown
    assert found[:5] == [["milne.x.ip.v2"]] * 5 and plays.sandbox.count() == 2
    failures = found[5:]
    assert len(failures) == 15 and len({message for _failed, message in failures}) == 1, failures
    failed, message = failures[0]
    assert failed and "Did you mean 'milne.x.ip.v2'" in message


def test_info_module_reads_the_catalog_again_for_a_missing_name(plays: Plays) -> None:
    plays.serve(OLD, NEW)
    task = {**info(cache_ttl=3600, names=["old.1"]), "register": "result"}
    other = {**info(cache_ttl=3600, names=["new.1", "old.1"]), "register": "result"}
    value = show("[result.cached, result.offerings | map(attribute='name') | list, result.missing]")
    found = plays.run(lookup(), plays.set_age(1000), task, value, other, value, other, value).shown
    assert found[1:] == [[True, ["old.1"], []], [False, ["new.1"], ["old.1"]], [True, ["new.1"], ["old.1"]]]
    assert plays.sandbox.count() == 2


def test_gate_rejects_an_order_only_with_a_fresh_catalog(plays: Plays) -> None:
    plays.serve(OLD, NEW, OLD)
    value = show("[result is failed, result.cached, result.msg, result.gate.violations]")
    valid = [{**gate("new.1", cache_ttl=3600), "register": "result"}, value]
    invalid = [{**gate("old.3", "old.1", cache_ttl=3600), "register": "result", "ignore_errors": True}, value]
    tasks = [lookup(), plays.set_age(1000), *valid, *valid, plays.set_age(1000), *invalid, *invalid]
    _old, *passed, rejected, repeated = plays.run(*tasks).shown
    assert passed == [[False, False, "The order passes.", []], [False, True, "The order passes.", []]]
    failed, cached, message, violations = rejected
    assert failed and not cached
    # Only the fresh catalog has old.1, and a name that is similar to old.3.
    assert message.startswith("The order has 1 violation:\n") and "Did you mean 'old." in message
    assert [(violation["code"], violation["offering"]) for violation in violations] == [("unknown_offering", "old.3")]
    # A fresh catalog is not read again, even if a name is missing.
    assert repeated == [True, True, message, violations]
    assert plays.sandbox.count() == 3


def test_cache_hides_an_outage_until_a_request_is_needed(plays: Plays) -> None:
    plays.sandbox.fault(skip=1, cut="before")
    tasks = [
        lookup("'milne.x.ip.v2'"),
        plays.set_age(1000),
        lookup("'milne.x.ip.v2'"),
        *ignore_failure(lookup("'milne.x.ip.v3'", sendgrid_retries=0)),
        *ignore_failure(lookup("'milne.x.ip.v2'", sendgrid_cache_ttl=900, sendgrid_retries=0)),
        *ignore_failure(gate("org.ei.fre.v1", cache_ttl=3600)),
        show("result.failure.code"),
        lookup("'milne.x.ip.v2'"),
    ]
    first, known, typo, expired, order, code, after = plays.run(*tasks).shown
    assert first == known == after == ["milne.x.ip.v2"]
    for failed, message in (typo, expired, order):
        assert failed and "/v3/partners/offerings: " in message and "connection" in message
        assert "Did you mean" not in message
    assert code == "connection"
    assert plays.sandbox.count() == 4


def test_failure_is_shared_with_waiting_workers_and_not_cached(plays: Plays) -> None:
    plays.sandbox.fault(status=404, delay=2)
    found = plays.run(*ignore_failure(lookup()), hosts=10).shown
    assert len(found) == 10
    assert len({message for _failed, message in found}) == 1, found
    assert found[0][0] and "404 Not Found" in found[0][1]
    # Workers that start after the failure send their own request, so the number depends on how fast workers start.
    requests = plays.sandbox.count()
    assert 1 <= requests <= 5
    plays.sandbox.control("DELETE", "/faults")
    assert plays.run(lookup("'milne.x.ip.v2'"), hosts=2).shown == [["milne.x.ip.v2"]] * 2
    assert plays.sandbox.count() == requests + 1


def test_timeout_is_shared_with_waiting_workers(plays: Plays) -> None:
    # A timeout is the slowest failure. The waiting workers must not give up just before it is shared.
    plays.sandbox.fault(delay=30)
    found = plays.run(*ignore_failure(lookup("timeout=2, retries=0")), hosts=10).shown
    assert len(found) == 10 and all(failed and "within 2 s" in message for failed, message in found), found
    assert plays.sandbox.count() <= 3


def test_options_are_checked_even_if_the_catalog_is_cached(plays: Plays) -> None:
    bounds = "is out of range, 0 or more and at most 604800 is needed"
    number = ["cache_ttl: 'x' is no number"]
    lookups = {
        "cache_ttl=-1, timeout=0": [bounds, "timeout: '0' is out of range, more than 0"],
        "cache_ttl=700000": [bounds],
        "cache_ttl='x'": number,
        "timeout=-1": ["timeout: '-1' is out of range, more than 0"],
        "validate_certs='ture'": ["validate_certs: 'ture' is no boolean"],
        "ca_path='/no/such/file'": ["ca_path: '/no/such/file' does not exist"],
        "region='eu'": ["api_endpoint: only one of region and api_endpoint can be given"],
        "names=['milne.x.ip.v2']": ["names: it is given together with terms"],
        "type='package'": ["its type is addon"],
        "minimum=3": ["minimum: there is no such option"],
    }
    tasks = [lookup(f"'milne.x.ip.v2', {arguments}") for arguments in lookups]
    tasks += [info(cache_ttl=-1, timeout=0), gate("milne.x.ip.v2", cache_ttl=700000), info(cache_ttl="x")]
    expected = [*lookups.values(), [bounds, "timeout: '0' is out of range, more than 0"], [bounds], number]
    registered = [f"result_{number}" for number in range(len(tasks))]
    tasks = [{**task, "register": name, "ignore_errors": True} for task, name in zip(tasks, registered)]
    results = ", ".join(f"[{name} is failed, {name}.msg]" for name in registered)
    _all, found = plays.run(lookup(), *tasks, show(f"[{results}]")).shown
    assert len(found) == len(expected)
    for (failed, message), texts in zip(found, expected):
        assert failed and all(text in message for text in texts), (message, texts)
    assert plays.sandbox.count() == 1


def test_unverified_connections_have_their_own_cache_entry(plays: Plays) -> None:
    plays.serve(OLD, NEW)
    unverified = lookup("validate_certs=false")
    tasks = [unverified, lookup(), unverified, lookup(), *show_metadata(info(cache_ttl=60, validate_certs=False))]
    *found, module = plays.run(*tasks).shown
    old, new = ["old.0", "old.1", "old.2"], ["new.0", "new.1", "new.2"]
    assert found == [old, new, old, new] and module[0] is True
    assert plays.sandbox.count() == 2


QUERIES = [
    "",
    "names=[]",
    "names=none",
    "'milne.x.ip.v2', 'org.ei.free.v1', 'milne.x.ip.v2'",
    "names=chosen",
    "names=chosen | map('string')",
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


def test_results_are_the_same_with_and_without_the_cache(plays: Plays) -> None:
    variables: dict[str, Any] = {
        "chosen": "{{ ['milne.x.ip.v2', 'org.ei.free.v1'] | reverse | list }}",
        "prices": {"org.ei.free.v1": 0, "milne.x.ip.v2": 30},
        "kind": "{{ 'pack' ~ 'age' }}",
        "number": "{{ 2500000 + 0 }}",
        "sendgrid_api_key": "{{ the_key }}",
        "the_key": plays.sandbox.key,
    }
    queries = ", ".join(f"query('reseller.sendgrid.offerings', {arguments})" for arguments in QUERIES)
    task = show(f"[{queries}]")
    without_cache = {**task, "vars": {"sendgrid_cache_ttl": 0}}
    with_loop = {**show("item"), "with_reseller.sendgrid.offerings": ["milne.x.ip.v2", "org.ei.free.v1"]}
    uncached, miss, hit, *items = plays.run(without_cache, task, task, with_loop, **variables).shown
    assert plays.sandbox.count() == len(QUERIES) + 1
    assert uncached == miss == hit
    assert [len(offerings) for offerings in uncached] == [
        20,
        0,
        20,
        3,
        2,
        2,
        2,
        2,
        7,
        13,
        *map(len, uncached[10:12]),
        3,
        0,
        1,
    ]
    assert uncached[10] == uncached[11] != []
    assert items == [uncached[0][13], uncached[0][0]]
