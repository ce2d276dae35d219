# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""API keys of customers' accounts: what is created, replaced and deleted, and what is refused."""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts import lock
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.api_key import provision_key
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.api_key_plan import OPTIONS, key_problems
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.lock import hold_lock
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.on_behalf import CustomerApi
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.client import Client
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import ClientConfig
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache_update import try_lock
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox

FIRST, SECOND = (f"SG.{name.ljust(22, 'x')}.{'r' * 43}" for name in ("first", "second"))
KEYS = "/v3/api_keys"
AUTOMATIC = ["2fa_required", "sender_verification_eligible"]


@pytest.fixture(scope="module")
def two_resellers() -> Iterator[Sandbox]:
    """Two resellers, each with two accounts."""
    with Sandbox("--key", FIRST, "--key", SECOND, "--accounts", "2", "--rate-limit", "0") as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(two_resellers: Sandbox) -> Sandbox:
    two_resellers.reset()
    return two_resellers


class KeyTask:
    """A task of ``sendgrid_account_api_key`` without retries. ``run`` fills ``result`` and ``warnings``."""

    def __init__(self, sandbox: Sandbox, directory: Path, check_mode: bool = False, **options: Any) -> None:
        account = sandbox.control("GET", "/accounts")[0]["id"]
        defaults = {name: spec.get("default") for name, spec in OPTIONS.items()}
        given = {"account_id": account, "name": "website", "scopes": ["mail.send"], "cache_dir": str(directory)}
        self.options = {**defaults, "api_key": FIRST, **given, **options}
        self.config = ClientConfig(self.options["api_key"], sandbox.endpoint, 10.0, 0, 0.0, True)
        self.check_mode = check_mode
        self.result: dict[str, Any] = {}
        self.warnings: list[str] = []
        self.diff: dict[str, Any] = {}

    def run(self) -> dict[str, Any]:
        client = Client(self.config, sleep=lambda _seconds: None)
        api = CustomerApi(client, self.options["account_id"], self.check_mode)
        self.diff = provision_key(api, self.config, self.options.__getitem__, self.warnings.append, self.result)
        return self.result

    def failure(self) -> SendGridError:
        with pytest.raises(SendGridError) as failure:
            self.run()
        assert failure.value.message.isprintable() and "api_key" not in self.result
        return failure.value


def stored(sandbox: Sandbox, account: int = 0) -> dict[str, list[str]]:
    """Return the scopes of the keys of an account by their names."""
    keys = sandbox.control("GET", "/accounts")[account]["api_keys"]
    return {key["name"]: sorted(set(key["scopes"]) - set(AUTOMATIC)) for key in keys}


def sent(sandbox: Sandbox) -> list[str]:
    """Return the requests, after a check that each of them acts on behalf of an account."""
    requests = sandbox.requests()
    assert all(request["headers"]["on-behalf-of"].startswith("account-id sg") for request in requests)
    return [f"{request['method']} {request['path'].replace(KEYS, '')}".strip() for request in requests]


def test_a_key_is_created_once_and_shown_once(sandbox: Sandbox, tmp_path: Path) -> None:
    task = KeyTask(sandbox, tmp_path)
    first = task.run()
    assert (first["changed"], first["scopes"], task.warnings) == (True, ["mail.send"], [])
    assert first["api_key"].split(".")[1] == first["api_key_id"]
    assert task.diff["before"] == {} and task.diff["after"] == {"name": "website", "scopes": ["mail.send"]}
    # The list is read again under the lock.
    assert sent(sandbox) == ["GET", "GET", "POST"]
    assert first["requests"][0]["headers"] == {"on-behalf-of": f"account-id {first['account_id']}"}
    everything_else = json.dumps([{**first, "api_key": ""}, task.diff])
    assert first["api_key"] not in everything_else
    second = KeyTask(sandbox, tmp_path).run()
    assert second["changed"] is False and "api_key" not in second
    assert (second["api_key_id"], second["scopes"]) == (first["api_key_id"], ["mail.send"])
    assert "exists already" in second["msg"] and "another name" in second["msg"]
    assert second["requests"] == []
    # The lock leaves no file behind.
    assert list(tmp_path.iterdir()) == []


def test_check_mode_only_reads(sandbox: Sandbox, tmp_path: Path) -> None:
    asked = KeyTask(sandbox, tmp_path, check_mode=True, name="other", scopes=["stats.read", "mail.send"]).run()
    assert asked["scopes"] == ["mail.send", "stats.read"]
    for number, options in enumerate(({}, {"scopes": None, "full_access": True})):
        task = KeyTask(sandbox, tmp_path / "lock", check_mode=True, **options)
        result = task.run()
        assert result["changed"] and "api_key" not in result and result["api_key_id"] is None
        assert (
            result["requests"][0]["body"] == [{"name": "website", "scopes": ["mail.send"]}, {"name": "website"}][number]
        )
    assert stored(sandbox) == {} and not (tmp_path / "lock").exists()
    KeyTask(sandbox, tmp_path).run()
    assert KeyTask(sandbox, tmp_path, check_mode=True, state="absent").run()["changed"]
    assert KeyTask(sandbox, tmp_path, check_mode=True, scopes=["stats.read"]).run()["changed"]
    assert stored(sandbox) == {"website": ["mail.send"]}


def test_scopes_are_compared_as_sets_and_replaced(sandbox: Sandbox, tmp_path: Path) -> None:
    KeyTask(sandbox, tmp_path, scopes=["mail.send", "stats.read"]).run()
    same = ["stats.read", "mail.send"]
    assert not KeyTask(sandbox, tmp_path, scopes=same).run()["changed"]
    assert not KeyTask(sandbox, tmp_path, scopes=[*same, "2fa_required"]).run()["changed"]
    task = KeyTask(sandbox, tmp_path, scopes=["templates.read", "mail.send"])
    assert task.run()["changed"] and "api_key" not in task.result
    assert (task.diff["before"]["scopes"], task.diff["after"]["scopes"]) == (
        sorted(same),
        ["mail.send", "templates.read"],
    )
    assert task.result["scopes"] == ["mail.send", "templates.read"] == stored(sandbox)["website"]
    assert sent(sandbox)[-1].startswith("PUT /")


def test_full_access_is_only_given_to_a_new_key(sandbox: Sandbox, tmp_path: Path) -> None:
    full: dict[str, Any] = {"scopes": None, "full_access": True}
    KeyTask(sandbox, tmp_path, name="restricted").run()
    existing = KeyTask(sandbox, tmp_path, name="restricted", **full).run()
    assert not existing["changed"] and "Whether it has full access is not compared." in existing["msg"]
    assert stored(sandbox) == {"restricted": ["mail.send"]}
    created = KeyTask(sandbox, tmp_path, **full)
    assert len(created.run()["scopes"]) > 20 and created.warnings == []
    assert created.diff["after"] == {"name": "website", "scopes": ["full access"]}
    assert not KeyTask(sandbox, tmp_path, **full).run()["changed"]
    # What the task asks for is less: that is what it gets.
    assert KeyTask(sandbox, tmp_path).run()["changed"]
    assert stored(sandbox)["website"] == ["mail.send"]


def test_a_key_is_deleted_by_its_name(sandbox: Sandbox, tmp_path: Path) -> None:
    for name in ("website", "Website"):
        KeyTask(sandbox, tmp_path, name=name).run()
    task = KeyTask(sandbox, tmp_path, state="absent", scopes=[])
    assert task.run()["changed"] and task.diff["after"] == {} and task.result["scopes"] is None
    assert not KeyTask(sandbox, tmp_path, state="absent").run()["changed"]
    assert stored(sandbox) == {"Website": ["mail.send"]}


def test_a_key_that_is_gone_meanwhile_counts_as_deleted(sandbox: Sandbox, tmp_path: Path) -> None:
    key_id = KeyTask(sandbox, tmp_path).run()["api_key_id"]
    gone = {"method": "DELETE", "path": f"{KEYS}/{key_id}", "status": 404, "times": 1}
    sandbox.fault(**gone)
    assert KeyTask(sandbox, tmp_path, state="absent").failure().code == "not_found"
    sandbox.fault(**gone, apply=True)
    assert KeyTask(sandbox, tmp_path, state="absent").run()["changed"]


def test_several_keys_of_the_name_are_never_chosen_from(sandbox: Sandbox, tmp_path: Path) -> None:
    KeyTask(sandbox, tmp_path).run()
    sandbox.fault(method="GET", path=KEYS, status=200, body='{"result": []}', times=2)
    KeyTask(sandbox, tmp_path).run()
    before = sandbox.count()
    for state in ("present", "absent"):
        failure = KeyTask(sandbox, tmp_path, state=state).failure()
        assert failure.code == "ambiguous_api_key" and len(failure.details["api_key_ids"]) == 2
        assert all(key_id in failure.message for key_id in failure.details["api_key_ids"])
    assert sandbox.count() == before + 2
    KeyTask(sandbox, tmp_path, name="other").run()
    unwanted, kept = failure.details["api_key_ids"]
    wrong = KeyTask(sandbox, tmp_path, name="other", state="absent", api_key_id=unwanted).failure()
    assert wrong.code == "invalid_option" and "has the name 'website', not 'other'" in wrong.message
    deletion = {"state": "absent", "api_key_id": unwanted}
    assert KeyTask(sandbox, tmp_path, check_mode=True, **deletion).run()["api_key_id"] == unwanted
    deleted = KeyTask(sandbox, tmp_path, **deletion).run()
    assert deleted["changed"] and f"'website' ({unwanted}) of the account" in deleted["msg"]
    assert not KeyTask(sandbox, tmp_path, **deletion).run()["changed"]
    assert KeyTask(sandbox, tmp_path).run()["api_key_id"] == kept


def test_five_tasks_at_the_same_time_create_one_key(sandbox: Sandbox, tmp_path: Path) -> None:
    # The list is as old as the delay when it arrives. Without the lock, all tasks would rely on such a list.
    sandbox.fault(method="GET", path=KEYS, delay=0.2, apply=True)
    with ThreadPoolExecutor(5) as pool:
        results = list(pool.map(lambda _number: KeyTask(sandbox, tmp_path / "lock").run(), range(5)))
    assert [result["changed"] for result in results].count(True) == 1
    assert ["api_key" in result for result in results].count(True) == 1
    assert sent(sandbox).count("POST") == 1 and len({result["api_key_id"] for result in results}) == 1


def test_a_lock_that_is_held_too_long_ends_the_task(sandbox: Sandbox, tmp_path: Path) -> None:
    task = KeyTask(sandbox, tmp_path)
    task.config.timeout = 0.2
    identity = f"{sandbox.endpoint}\n{task.options['account_id']}\n{task.options['name']}"
    with hold_lock(
        str(tmp_path),
        f"api-key-{hashlib.sha256(identity.encode()).hexdigest()}.lock",
        0,
        lambda error: pytest.fail(str(error)),
    ):
        failure = task.failure()
    assert (failure.code, failure.details["uncertain"]) == ("timeout", False)
    assert "was not created: another process has held the lock" in failure.message


def test_an_unusable_directory_is_a_warning(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    task = KeyTask(sandbox, tmp_path / "file")
    assert task.run()["changed"]
    (warning,) = task.warnings
    assert f"{tmp_path}/file cannot be used" in warning and "twice" in warning


def test_a_deleted_lock_file_is_not_taken_for_the_lock(tmp_path: Path) -> None:
    errors: list[OSError] = []
    with hold_lock(str(tmp_path), "x.lock", 1, errors.append):
        (tmp_path / "x.lock").unlink()
        second = hold_lock(str(tmp_path), "x.lock", 1, errors.append)
        with second, (tmp_path / "x.lock").open() as file, pytest.raises(BlockingIOError):
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    assert errors == [] and list(tmp_path.iterdir()) == []


def test_a_lock_of_a_file_that_another_task_deletes_is_taken_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other task ends between the moments in which this one opens and locks the file: chance, so it is forced."""
    ends = [True]

    def end_other_task_first(file: int) -> bool:
        if ends:
            ends.pop()
            (tmp_path / "x.lock").unlink()
        return try_lock(file)

    monkeypatch.setattr(lock, "try_lock", end_other_task_first)
    errors: list[OSError] = []
    with hold_lock(str(tmp_path), "x.lock", 1, errors.append):
        assert (tmp_path / "x.lock").exists()
    assert errors == [] and not ends


# Failures


@pytest.mark.parametrize("apply", [False, True])
def test_a_key_is_looked_for_after_429(sandbox: Sandbox, tmp_path: Path, apply: bool) -> None:
    sandbox.fault(method="POST", path=KEYS, times=1, status=429, apply=apply)
    task = KeyTask(sandbox, tmp_path)
    task.config.retries = 1
    if apply:
        failure = task.failure()
        assert (failure.code, failure.details["uncertain"]) == ("rate_limited", True)
        assert "state absent" in failure.message and task.result["changed"]
    else:
        assert task.run()["api_key"]
    assert sent(sandbox) == ["GET", "GET", "POST", "GET", *([] if apply else ["POST"])]
    assert list(stored(sandbox)) == ["website"]


@pytest.mark.parametrize(
    "answer",
    [
        {"cut": "before", "apply": True},
        {"cut": "body", "apply": True},
        {"status": 500, "apply": True},
        {"status": 201, "body": '{"api_key": "SG.cut-off-secret'},
        {"status": 201, "body": "{}"},
        {"status": 201, "body": '{"api_key": 5, "api_key_id": "SG.cut-off-secret"}'},
        # No attempt is left to look for the key.
        {"status": 429, "apply": True},
    ],
)
def test_a_lost_response_to_a_creation_is_uncertain(sandbox: Sandbox, tmp_path: Path, answer: dict[str, Any]) -> None:
    sandbox.fault(method="POST", path=KEYS, **answer)
    task = KeyTask(sandbox, tmp_path)
    task.config.retries = 0 if answer.get("status") == 429 else 3
    failure = task.failure()
    assert failure.details["uncertain"] and task.result["changed"]
    assert sent(sandbox).count("POST") == 1
    assert "may exist" in failure.message and "with the state absent" in failure.message
    assert task.result["account_id"] in failure.message
    assert "cut-off-secret" not in f"{failure.message} {failure.details} {task.result}"


def test_a_creation_is_uncertain_if_the_keys_cannot_be_listed_after_429(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.fault(method="POST", path=KEYS, status=429, apply=True)
    sandbox.fault(method="GET", path=KEYS, status=403, skip=2)
    task = KeyTask(sandbox, tmp_path)
    task.config.retries = 1
    failure = task.failure()
    assert (failure.code, failure.details["uncertain"]) == ("forbidden", True)
    assert "may exist" in failure.message and task.result["changed"]


def test_a_full_account_is_named_as_the_reason(sandbox: Sandbox, tmp_path: Path) -> None:
    sandbox.fault(method="POST", path=KEYS, status=403, times=1)
    assert "100" not in KeyTask(sandbox, tmp_path).failure().message
    for number in range(100):
        KeyTask(sandbox, tmp_path, name=f"key {number}").run()
    failure = KeyTask(sandbox, tmp_path).failure()
    assert (failure.code, failure.details["uncertain"]) == ("forbidden", False)
    assert "has 100 API keys, and the API allows 100: delete one." in failure.message
    assert not KeyTask(sandbox, tmp_path, name="key 99").run()["changed"]


@pytest.mark.parametrize("state", ["present", "absent"])
def test_an_account_that_cannot_be_used_is_named(sandbox: Sandbox, tmp_path: Path, state: str) -> None:
    banned, deactivated, foreign, _last = (account["id"] for account in sandbox.control("GET", "/accounts"))
    sandbox.control("PUT", f"/accounts/{banned}", {"state": "banned"})
    sandbox.control("PUT", f"/accounts/{deactivated}", {"state": "deactivated"})
    for account_id in (banned, foreign, "sg0"):
        failure = KeyTask(sandbox, tmp_path, account_id=account_id, state=state).failure()
        assert failure.code == "forbidden"
        assert f" on behalf of the account {account_id}: 403 Forbidden" in failure.message
        assert "is not banned and is one of this reseller's customers" in failure.message
    assert KeyTask(sandbox, tmp_path, account_id=foreign, api_key=SECOND, state=state).run()
    # The API documents no difference for it.
    assert KeyTask(sandbox, tmp_path, account_id=deactivated, state=state).run()


def test_the_api_names_an_unknown_scope(sandbox: Sandbox, tmp_path: Path) -> None:
    failure = KeyTask(sandbox, tmp_path, scopes=["mail.send", "mail.sned"]).failure()
    assert failure.code == "bad_request" and "scopes[1]" in failure.message


def test_a_long_name_is_for_the_api_to_judge(sandbox: Sandbox, tmp_path: Path) -> None:
    assert KeyTask(sandbox, tmp_path, name="n" * 300).run()["changed"]
    assert not KeyTask(sandbox, tmp_path, name="n" * 300).run()["changed"]


def test_a_new_key_that_is_not_what_was_asked_for_is_kept_with_a_warning(sandbox: Sandbox, tmp_path: Path) -> None:
    asked = ["stats.read", "mail.send"]
    cases: list[tuple[dict[str, Any], Any, Any, list[str]]] = [
        ({"name": "web"}, "a", asked, ["has the name 'web' instead of 'website'"]),
        ({"scopes": [*asked, "billing.read"]}, "a", [*asked, "billing.read"], ["nobody asked for: billing.read"]),
        ({"scopes": []}, "a", [], ["lacks scopes that were asked for: mail.send, stats.read"]),
        ({"scopes": None}, "a", None, ["does not state its scopes"]),
        ({"scopes": "mail.send", "api_key_id": "../a"}, None, None, ["no usable id", "does not state its scopes"]),
        ({"api_key_id": 5}, None, asked, ["no usable id"]),
    ]
    for changes, key_id, scopes, warnings in cases:
        answer = {"api_key": "SG.a.b", "api_key_id": "a", "name": "website", "scopes": asked, **changes}
        sandbox.fault(method="POST", path=KEYS, status=201, times=1, body=json.dumps(answer))
        task = KeyTask(sandbox, tmp_path, scopes=asked)
        result = task.run()
        assert (result["api_key"], result["api_key_id"]) == ("SG.a.b", key_id)
        assert result["scopes"] == (None if scopes is None else sorted(scopes))
        assert len(task.warnings) == len(warnings), task.warnings
        assert all(part in warning for part, warning in zip(warnings, task.warnings)), task.warnings
        assert "SG.a.b" not in " ".join(task.warnings)


@pytest.mark.parametrize("form", ["list", "object", "object in result"])
def test_a_key_is_read_in_every_form(sandbox: Sandbox, tmp_path: Path, form: str) -> None:
    key_id = KeyTask(sandbox, tmp_path).run()["api_key_id"]
    key = {"api_key_id": key_id, "name": "website", "scopes": ["mail.send", "2fa_required"]}
    other = {"api_key_id": "other", "name": "other", "scopes": ["stats.read"]}
    body = {"list": {"result": [other, key]}, "object": key, "object in result": {"result": key}}[form]
    sandbox.fault(method="GET", path=f"{KEYS}/{key_id}", status=200, body=json.dumps(body))
    assert not KeyTask(sandbox, tmp_path).run()["changed"]


def test_scopes_that_the_api_does_not_state_are_replaced(sandbox: Sandbox, tmp_path: Path) -> None:
    key_id = KeyTask(sandbox, tmp_path).run()["api_key_id"]
    body = json.dumps({"result": [{"api_key_id": key_id, "name": "website"}]})
    sandbox.fault(method="GET", path=f"{KEYS}/{key_id}", status=200, body=body)
    task = KeyTask(sandbox, tmp_path)
    assert task.run()["changed"] and task.diff["before"]["scopes"] is None


@pytest.mark.parametrize(
    ("path", "document", "problem"),
    [
        (KEYS, [], "result: a list is needed"),
        (KEYS, {"result": [{"name": "a"}]}, "result[0]: the id and the name"),
        (KEYS, {"result": [{"name": None, "api_key_id": "a"}]}, "result[0]: the id and the name"),
        (KEYS, {"result": [{"name": "a", "api_key_id": "../a"}]}, "result[0]: the id and the name"),
        (f"{KEYS}/*", {"result": []}, "is not in it"),
        (f"{KEYS}/*", {"result": [{"api_key_id": "other"}]}, "is not in it"),
        (f"{KEYS}/*", [], "is not in it"),
        (f"{KEYS}/*", "THE KEY", "scopes: a list of texts is needed"),
    ],
)
def test_invalid_responses_are_a_failure(
    sandbox: Sandbox, tmp_path: Path, path: str, document: Any, problem: str
) -> None:
    key_id = KeyTask(sandbox, tmp_path).run()["api_key_id"]
    if document == "THE KEY":
        document = {"api_key_id": key_id, "scopes": ["mail.send", 1]}
    sandbox.fault(method="GET", path=path, status=200, body=json.dumps(document))
    failure = KeyTask(sandbox, tmp_path).failure()
    assert failure.code == "unexpected_response" and problem in failure.message


def test_other_scopes_after_a_replacement_are_a_failure(sandbox: Sandbox, tmp_path: Path) -> None:
    key_id = KeyTask(sandbox, tmp_path).run()["api_key_id"]
    answer = {"api_key_id": key_id, "name": "website", "scopes": ["mail.send", "stats.read"]}
    sandbox.fault(method="PUT", path=f"{KEYS}/{key_id}", status=200, body=json.dumps(answer), times=1)
    task = KeyTask(sandbox, tmp_path, scopes=["stats.read"])
    failure = task.failure()
    assert "other scopes now than it was given: mail.send, stats.read" in failure.message
    assert failure.details["uncertain"] and task.result["changed"]
    # The published schema of the response has no scopes.
    sandbox.fault(method="PUT", path=f"{KEYS}/{key_id}", status=200, body="{}")
    assert KeyTask(sandbox, tmp_path, scopes=["stats.read"]).run()["changed"]


# Options


def problems_of(**options: Any) -> dict[str, str]:
    defaults = {name: spec.get("default") for name, spec in OPTIONS.items()}
    given = {"api_key": FIRST, "account_id": "sg1", "name": "website", "scopes": ["mail.send"]}
    return dict(key_problems({**defaults, **given, **options}))


@pytest.mark.parametrize(
    ("options", "problems"),
    [
        ({}, {}),
        ({"scopes": None, "full_access": True}, {}),
        ({"name": "Website (näu) 1"}, {}),
        ({"state": "absent", "scopes": "x", "full_access": True}, {}),
        ({"account_id": ""}, {"account_id": "'' is no id of an account"}),
        ({"account_id": "../x"}, {"account_id": "is no id of an account"}),
        ({"name": ""}, {"name": "it is blank"}),
        ({"name": " \t"}, {"name": "it is blank"}),
        ({"name": " website"}, {"name": "' website' has white space around it"}),
        ({"name": "website\n"}, {"name": "has white space around it"}),
        ({"name": "web\u200bsite"}, {"name": "invisible characters"}),
        ({"name": f" {FIRST}"}, {"name": "********"}),
        ({"scopes": None}, {"scopes, full_access": "one of them is needed"}),
        ({"full_access": True}, {"full_access": "it is true together with scopes"}),
        ({"scopes": []}, {"scopes": "it is empty"}),
        ({"scopes": "mail.send,stats.read"}, {"scopes": "it is a text, and a list of texts is needed"}),
        ({"scopes": {"mail.send": True}}, {"scopes": "it is a mapping"}),
        ({"scopes": ["mail.send", 1]}, {"scopes[1]": "it is a number, and text is needed"}),
        ({"scopes": ["2fa_required"]}, {"scopes": "the API adds all of them by itself"}),
        ({"name": 2026.1}, {"name": "it is a number, and text is needed. Write it in quotes"}),
        ({"name": None}, {"name": "it is null"}),
        ({"api_key_id": "a"}, {"api_key_id": "it can only be given with the state absent"}),
        ({"api_key_id": "a", "state": "absent"}, {}),
        ({"api_key_id": "../a", "state": "absent"}, {"api_key_id": "'../a' is no id of an API key"}),
        ({"scopes": [None]}, {"scopes[0]": "it is null"}),
        ({"scopes": ["mail.send", "mail.send"]}, {"scopes[1]": "'mail.send' is there twice"}),
        ({"scopes": ["mail.send, stats.read", ""]}, {"scopes[0]": "is no scope", "scopes[1]": "'' is no scope"}),
        ({"account_id": "", "name": "", "scopes": []}, {"account_id": "", "name": "", "scopes": ""}),
    ],
)
def test_invalid_options_are_reported_together(options: dict[str, Any], problems: dict[str, str]) -> None:
    found = problems_of(**options)
    assert found.keys() == problems.keys()
    assert [part in found[name] for name, part in problems.items()] == [True] * len(problems), found
    assert FIRST not in str(found)


def test_a_request_on_behalf_of_nobody_cannot_be_made(sandbox: Sandbox) -> None:
    client = Client(ClientConfig(FIRST, sandbox.endpoint, 10.0, 0, 0.0, True))
    for call in (
        CustomerApi(client, "").list_keys,
        CustomerApi(client, "").get_usage,
        lambda: client.request("GET", KEYS),
    ):
        with pytest.raises(ValueError, match="an account to act on behalf of is needed"):
            call()
    header = {"On-Behalf-Of": "account-id sg1"}
    calls: list[tuple[str, dict[str, Any]]] = [
        (KEYS, {"on_behalf_of": "sg1\r\nx: y"}),
        (f"{KEYS}/../user", {"on_behalf_of": "sg1"}),
        ("/v3/partners/../api_keys", {}),
        ("/v3/partners/accounts", {"headers": header}),
    ]
    for path, options in calls:
        with pytest.raises(ValueError, match="to act on behalf of"):
            client.request("GET", path, **options)
    assert sandbox.count() == 0
