# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Unusual and malicious responses: no template is evaluated, and no control characters are printed.

All of them are read in this process, and those that could mean something to core in a play too.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.tests.support.fault_matrix import (
    TASKS,
    Case,
    Run,
    Task,
    check_case,
    check_case_in_play,
    run_in_process,
    run_play,
    share_run,
)
from ansible_collections.reseller.sendgrid.tests.support.fault_server import http, sends

# Each template creates a file with this prefix if it is evaluated.
EVALUATED = "evaluated"
TEMPLATES = [
    f"{{{{ lookup('ansible.builtin.pipe', 'touch {EVALUATED}-1') }}}}",
    f"{{% set _ = lookup('ansible.builtin.pipe', 'touch {EVALUATED}-2') %}}",
    f"{{{{ query('ansible.builtin.pipe', 'touch {EVALUATED}-3') }}}}{{# a comment #}}",
    f"#jinja2: variable_start_string: '[['\n[[ lookup('ansible.builtin.pipe', 'touch {EVALUATED}-4') ]]",
    "{{ no_such_variable }}",
    "{% for",
    "{{ sendgrid_api_key }}",
]
CONTROLS = "\x1b[2J\x1b]0;title\x07\x00\x08\r\n\t\x7f\x85\x9b31m\u202e\u2066\u2028\u200b\ufeff"
# Keys with which core serializes its types, and which are harmless as data. The key ``__ansible_type`` is rejected.
CORE_KEYS: list[dict[str, Any]] = [
    {"__ansible_unsafe": "{{ 1 + 1 }}"},
    {"__ansible_vault": "$ANSIBLE_VAULT;1.1;AES256\n6162"},
    {"__ansible_unsafe": True, "__ansible_vault": 7},
]
TRUST = {"__ansible_type": "TrustedAsTemplate"}


def entry(name: Any = "a.v1", kind: Any = "addon", **more: Any) -> dict[str, Any]:
    return {"offering": {"name": name, "type": kind}, **more}


def parsed(name: Any = "a.v1", kind: Any = "addon", **more: Any) -> dict[str, Any]:
    return {"name": name, "type": kind, "quantity": None, "entitlements": {}, **more}


def catalog(*entries: Any) -> bytes:
    return json.dumps({"catalog": entries}).encode()


def nested(depth: int) -> Any:
    value: Any = 1
    for _level in range(depth):
        value = [value]
    return value


def with_names(*names: str) -> tuple[bytes, list[dict[str, Any]]]:
    return catalog(*map(entry, names)), [parsed(name) for name in names]


# By case: body, and the offerings read from it.
ACCEPTED: dict[str, tuple[bytes, list[dict[str, Any]]]] = {
    "empty catalog": (catalog(), []),
    "huge integers": (
        b'{"catalog": [{"offering": {"name": "a.v1", "type": "addon", "x": 1%s}}]}' % (b"0" * 400),
        [parsed(x=10**400)],
    ),
    "duplicate keys": (
        b'{"catalog": 1, "catalog": [{"offering": {"name": "z", "name": "a.v1", "type": "addon"}}]}',
        [parsed()],
    ),
    "nesting": (catalog(entry(deep=nested(40))), [parsed(deep=nested(40))]),
    "null for optional values": (
        catalog({"offering": {"name": "a.v1", "type": "addon", "quantity": None}, "entitlements": None, "x": None}),
        [parsed(x=None)],
    ),
    "unknown type": (catalog(entry(kind="bundle")), [parsed(kind="bundle")]),
    "names of methods": (catalog(entry(items=1, keys="k", get=None)), [parsed(items=1, keys="k", get=None)]),
    "names of results": (
        catalog(entry(failed=True, msg="m", ansible_facts={"a": 1}, invocation=1)),
        [parsed(failed=True, msg="m", ansible_facts={"a": 1}, invocation=1)],
    ),
    "type key of core as text": with_names("__ansible_type", '"__ansible_type": 1', "__ansible_type:"),
    "templates": with_names(*TEMPLATES),
    "templates in keys": (catalog(entry(**dict.fromkeys(TEMPLATES, 1))), [parsed(**dict.fromkeys(TEMPLATES, 1))]),
    "control characters": with_names(f"a{CONTROLS}b"),
    "control characters in an unknown type": (catalog(entry(kind=f"b{CONTROLS}c")), [parsed(kind=f"b{CONTROLS}c")]),
    "other scripts": with_names("\u0430.v1", "\u4e2d\u6587", "\U0001f600", "e\u0301"),
    "a template as a type": (catalog(entry(kind=TEMPLATES[0])), [parsed(kind=TEMPLATES[0])]),
    "20,000 entries": with_names(*(f"a.package-{number}.v1" for number in range(20_000))),
    **{
        f"keys of core {number}": (catalog(entry(mark=mark, **mark)), [parsed(mark=mark, **mark)])
        for number, mark in enumerate(CORE_KEYS)
    },
}
NOT_JSON = "not the JSON that was asked for"
NO_CATALOG = "catalog: a list is needed"
# By case: body, and a part of the message.
REJECTED: dict[str, tuple[bytes, str]] = {
    "very deep nesting": (b'{"catalog": ' + b"[" * 200_000, NOT_JSON),
    "very deep nesting, closed": (b'{"catalog": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", NOT_JSON),
    "nesting of objects": (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, NOT_JSON),
    "NaN": (b'{"catalog": [{"offering": {"name": "a", "type": "addon", "x": NaN}}]}', NOT_JSON),
    "Infinity": (b'{"catalog": [{"offering": {"name": "a", "type": "addon", "x": -Infinity}}]}', NOT_JSON),
    "number out of range": (b'{"catalog": [{"offering": {"name": "a", "type": "addon", "x": 1e999}}]}', NOT_JSON),
    "integer of 5,000 digits": (b'{"catalog": [1%s]}' % (b"0" * 5000), NOT_JSON),
    "half of a surrogate pair": (b'{"catalog": [{"offering": {"name": "\\ud800", "type": "addon"}}]}', NOT_JSON),
    **{
        f"type key of core {number}": (catalog(entry(), entry("b", mark=mark)), "a key that Ansible keeps for itself")
        for number, mark in enumerate(
            [
                {"__ansible_type": "AnsibleSerializableDateTime", "iso8601": "2026-01-01T00:00:00", "fold": 0},
                {"__ansible_type": "_AnsibleTaggedStr", "value": "{{ 1 + 1 }}", "tags": [TRUST]},
                {"__ansible_type": "no such type"},
                {"__ansible_type": {}},
            ]
        )
    },
    "two documents": (b'{"catalog": []}{"catalog": []}', NOT_JSON),
    "catalog is missing": (b"{}", NO_CATALOG),
    "catalog is null": (b'{"catalog": null}', NO_CATALOG),
    "catalog is an object": (b'{"catalog": {}}', NO_CATALOG),
    "catalog is text": (b'{"catalog": "a.v1"}', NO_CATALOG),
    "list at the top": (b"[]", NO_CATALOG),
    "null at the top": (b"null", NO_CATALOG),
    "text at the top": (b'"catalog"', NO_CATALOG),
    "entries that are no objects": (
        catalog(1, None, "a", [], True, {}),
        "catalog[0].offering: an object is needed; catalog[1].offering: an object is needed",
    ),
    "offering is null": (catalog({"offering": None}), "catalog[0].offering: an object is needed"),
    "offering is a list": (catalog({"offering": [1]}), "catalog[0].offering: an object is needed"),
    "no name": (catalog({"offering": {"type": "addon"}}), "catalog[0].offering.name: text is needed"),
    "name is null": (catalog(entry(None)), "catalog[0].offering.name: text is needed"),
    "name is a number": (catalog(entry(7)), "catalog[0].offering.name: text is needed"),
    "name is empty": (catalog(entry("")), "catalog[0].offering.name: text is needed"),
    "name is space": (catalog(entry(" \n")), "catalog[0].offering.name: text is needed"),
    "name is an object": (catalog(entry({"a": 1})), "catalog[0].offering.name: text is needed"),
    "no type": (catalog({"offering": {"name": "a"}}), "catalog[0].offering.type: text is needed"),
    "type is null": (catalog(entry(kind=None)), "catalog[0].offering.type: text is needed"),
    "type is a list": (catalog(entry(kind=["addon"])), "catalog[0].offering.type: text is needed"),
    "quantity is text": (
        catalog({"offering": {"name": "a", "type": "addon", "quantity": "2"}}),
        "catalog[0].offering.quantity: an integer is needed",
    ),
    "quantity is true": (
        catalog({"offering": {"name": "a", "type": "addon", "quantity": True}}),
        "catalog[0].offering.quantity: an integer is needed",
    ),
    "entitlements is a list": (catalog(entry(entitlements=[])), "catalog[0].entitlements: an object is needed"),
    "entitlements is text": (catalog(entry(entitlements="7")), "catalog[0].entitlements: an object is needed"),
    "one bad entry among good ones": (catalog(entry(), 7, entry("b")), "catalog[1].offering: an object is needed"),
    "name twice, with control characters": (
        catalog(entry(f"a{CONTROLS}b"), entry(f"a{CONTROLS}b")),
        "catalog[1].offering.name: 'a [2J ]0;title 31m b' is already the name of catalog[0]",
    ),
    "template twice": (catalog(entry(TEMPLATES[0]), entry(TEMPLATES[0])), TEMPLATES[0]),
    "20,000 bad entries": (catalog(*[7] * 20_000), "and 96 more"),
}
REASON = f"Some{CONTROLS}reason"
# By case: status, body, and a part of the message.
ERRORS: dict[str, tuple[int, bytes, str]] = {
    "control characters in errors": (
        403,
        json.dumps({"errors": [{"message": REASON, "field": REASON, "error_id": REASON, "help": REASON}]}).encode(),
        "Some [2J ]0;title 31m reason",
    ),
    "control characters in an error": (403, json.dumps({"error": REASON}).encode(), "Some [2J ]0;title 31m reason"),
    "control characters in text": (503, REASON.encode(), "Some [2J ]0;title 31m reason"),
    "template in errors": (400, json.dumps({"errors": [{"message": TEMPLATES[0]}]}).encode(), TEMPLATES[0]),
    "template in text": (500, TEMPLATES[1].encode(), TEMPLATES[1]),
    "template instead of JSON": (200, TEMPLATES[0].encode(), TEMPLATES[0]),
    "errors of wrong types": (400, b'{"errors": [null, 7, [], {}, {"message": {"a": 1}}, {"message": []}]}', "400"),
    "errors that are an object": (400, b'{"errors": {"message": "Some reason"}}', "Some reason"),
    "errors that are null": (400, b'{"errors": null}', '{"errors": null}'),
    "very many errors": (400, json.dumps({"errors": [{"message": "m" * 5000}] * 1500}).encode(), "mmm"),
    "very deep nesting in errors": (400, b"[" * 100_000, "400 Bad Request"),
}
CASES = [
    *(Case(f"accepted: {name}", [sends(http(200, body))]) for name, (body, _offerings) in ACCEPTED.items()),
    *(
        Case(f"rejected: {name}", [sends(http(200, body))], code="unexpected_response", message_parts=[text])
        for name, (body, text) in REJECTED.items()
    ),
    *(
        Case(
            f"error: {name}",
            [sends(http(status, body))],
            options={"retries": 0},
            code={200: "unexpected_response", 400: "bad_request", 403: "forbidden"}.get(status, "server_error"),
            message_parts=[text],
        )
        for name, (status, body, text) in ERRORS.items()
    ),
]
# Playbooks use registered results in templates, which must not evaluate the results again.
REUSE: Task = {
    "name": "reuse",
    "ansible.builtin.set_fact": {
        "reused": "{{ [module.offerings | default(module.msg), found | default(lookup.msg)] }}",
        "lengths": "{{ module | to_json | length }} {{ lookup | to_json | length }}",
    },
}


def merged(*names: str) -> tuple[bytes, list[dict[str, Any]]]:
    """Return one catalog with the entries of all these cases, and the offerings read from it."""
    entries, offerings = [], []
    for number, name in enumerate(names):
        body, expected = ACCEPTED[name]
        # Each name may stand in a catalog once.
        entries += json.loads(body.replace(b'"a.v1"', b'"a.v%d"' % number))["catalog"]
        offerings += [{**one, "name": f"a.v{number}"} if one["name"] == "a.v1" else one for one in expected]
    return catalog(*entries), offerings


# What core could evaluate, deserialize, print or be unable to pass on.
BODY_IN_PLAY, EXPECTED_IN_PLAY = merged(
    "huge integers",
    "nesting",
    "unknown type",
    "names of methods",
    "names of results",
    "type key of core as text",
    "templates",
    "templates in keys",
    "control characters",
    "control characters in an unknown type",
    "other scripts",
    *(f"keys of core {number}" for number in range(len(CORE_KEYS))),
)
ALL_ACCEPTED = Case("all that core could take for something else", [sends(http(200, BODY_IN_PLAY))])
FAILURES_IN_PLAY = [
    case
    for case in CASES
    if case.name
    in (
        "rejected: type key of core 1",
        "rejected: template twice",
        "error: control characters in errors",
        "error: template in text",
    )
]


@pytest.fixture
def content_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    factory = tmp_path_factory
    return share_run(factory, "content", lambda: run_in_process(factory.mktemp("content"), CASES))


@pytest.fixture
def play_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    cases = [ALL_ACCEPTED, *FAILURES_IN_PLAY]
    return share_run(tmp_path_factory, "content-in-play", lambda: run_play(cases, [*TASKS, REUSE]))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_content(content_run: Run, case: Case) -> None:
    check_case(case, content_run.outcomes[case.name])
    result = content_run.outcomes[case.name]["client"].result
    if case.code:
        assert is_clean(result["failure"]["message"]) and is_clean(json.dumps(result["failure"], ensure_ascii=False))
        assert len(result["msg"]) <= 1500 and len(json.dumps(result)) < 50_000
    else:
        _body, expected = ACCEPTED[case.name.partition(": ")[2]]
        assert result["offerings"] == expected


@pytest.mark.parametrize("case", FAILURES_IN_PLAY, ids=lambda case: case.name)
def test_failure_in_a_play(play_run: Run, case: Case) -> None:
    check_case_in_play(case, play_run)
    outcomes = play_run.outcomes[case.name]
    module, lookup, reuse = (outcomes[task].result for task in ("module", "lookup", "reuse"))
    assert reuse["ansible_facts"]["reused"] == [module["msg"], lookup["msg"]]
    assert is_clean(json.dumps(module["failure"], ensure_ascii=False))


def test_catalog_in_a_play(play_run: Run) -> None:
    check_case_in_play(ALL_ACCEPTED, play_run)
    outcomes = play_run.outcomes[ALL_ACCEPTED.name]
    module, lookup, reuse = (outcomes[task].result for task in ("module", "lookup", "reuse"))
    assert module["offerings"] == lookup["ansible_facts"]["found"] == EXPECTED_IN_PLAY
    assert reuse["ansible_facts"]["reused"] == [EXPECTED_IN_PLAY] * 2
    warning = "The catalog has offerings of undocumented types: b [2J ]0;title 31m c, bundle"
    assert module["warnings"] == [warning]
    # Core wraps lines.
    assert warning in " ".join(play_run.output.split())


def test_no_template_is_evaluated(play_run: Run) -> None:
    assert len(FAILURES_IN_PLAY) == 4
    assert not [name for name in play_run.files if EVALUATED in name]
    assert not re.search("Traceback|DEPRECATION", play_run.output), play_run.output


def test_output_has_no_control_characters(play_run: Run) -> None:
    assert is_clean(play_run.output.replace("\n", " "))


def is_clean(text: str) -> bool:
    """Return whether ``text`` has no control characters."""
    return all(char == " " or unicodedata.category(char)[0] not in "CZ" for char in text)
