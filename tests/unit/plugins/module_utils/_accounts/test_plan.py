# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plan for one account: from what it is and what it is to be to the steps between."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.identity import Listing
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.options import DesiredAccount
from ansible_collections.reseller.sendgrid.plugins.module_utils._accounts.plan import (
    CurrentAccount,
    Plan,
    Step,
    check_state,
    find_account,
    ignored_options,
    missing_emails,
    plan_account,
)
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.gate import Gate

HOST = "api.example.com"
EMAIL = "owner@bakery.example"
SMALL = {"name": "p.small", "type": "package", "quantity": 1}
LARGE = {"name": "p.large", "type": "package", "quantity": 1}
IPS = {"name": "x.ip", "type": "addon", "quantity": 2}
GATE = Gate([{**offering, "entitlements": {}} for offering in (SMALL, LARGE, IPS)], HOST)


def desired(**given: Any) -> DesiredAccount:
    usual: dict[str, Any] = {
        "name": "Bakery",
        "account_id": None,
        "profile": {"email": EMAIL},
        "order": None,
        "state": "present",
        "purge_offerings": False,
        "require_package": True,
        "test_account": False,
        "create_unverified": False,
    }
    return DesiredAccount(**{**usual, **given})


def current(*offerings: dict[str, Any], state: str = "activated") -> CurrentAccount:
    return CurrentAccount("sg1", state, list(offerings))


def planned(wish: DesiredAccount, account: CurrentAccount | None) -> Plan:
    plan, error = plan_account(wish, account, None if wish.order is None else GATE, HOST)
    assert error is None
    return plan


def test_a_new_account_is_created_with_its_order() -> None:
    plan = planned(desired(order=["p.small"]), None)
    assert plan.steps == [Step("create", [SMALL], "")]
    assert plan.before == {}
    assert plan.after == {"account_id": None, "offerings": [SMALL], "profile": {"email": EMAIL}}
    assert (plan.report["kept"], plan.report["removed"]) == ([], [])


@pytest.mark.parametrize("state", ["activated", "deactivated"])
def test_the_state_of_a_new_account_is_set_after_its_creation(state: str) -> None:
    plan = planned(desired(order=["p.small"], state=state), None)
    assert [step.action for step in plan.steps] == ["create", "set_state"]
    assert plan.steps[1].state == plan.after["state"] == state


def test_an_account_as_desired_has_no_steps() -> None:
    account = current(IPS, SMALL)
    plan = planned(desired(order=["p.small", IPS], state="activated"), account)
    assert plan.steps == []
    # In the order of the account: another order is no change.
    assert plan.before == plan.after == {"account_id": "sg1", "state": "activated", "offerings": [IPS, SMALL]}


def test_the_state_is_set_before_offerings_are_replaced() -> None:
    plan = planned(desired(order=["p.large"], state="deactivated"), current(SMALL, IPS))
    assert plan.steps == [Step("set_state", [], "deactivated"), Step("replace_offerings", [LARGE, IPS], "")]
    assert plan.after == {"account_id": "sg1", "state": "deactivated", "offerings": [LARGE, IPS]}
    assert (plan.report["kept"], plan.report["removed"]) == ([IPS], [SMALL])


def test_without_an_order_the_offerings_stay() -> None:
    plan = planned(desired(state="deactivated"), current(SMALL))
    assert plan.steps == [Step("set_state", [], "deactivated")]
    assert plan.after["offerings"] == [SMALL] and plan.report == {}


def test_a_refused_order_has_no_steps() -> None:
    plan, error = plan_account(desired(order=["p.gone"], state="deactivated"), current(SMALL), GATE, HOST)
    assert error is not None and error.code == "gate_violations"
    assert plan.steps == [] and plan.report["msg"].startswith("The order of sg1 has 1 violation:")


@pytest.mark.parametrize(
    ("account", "purge", "allowed"),
    [(None, False, False), (current(IPS), True, True), (current(SMALL), True, False), (current(SMALL), False, True)],
)
def test_a_package_is_required_where_one_would_be_missing_or_lost(
    account: CurrentAccount | None, purge: bool, allowed: bool
) -> None:
    for require_package in (True, False):
        wish = desired(order=["x.ip"], purge_offerings=purge, require_package=require_package)
        _plan, error = plan_account(wish, account, GATE, HOST)
        assert (error is None) is (allowed or not require_package)


def test_a_deletion_takes_everything_away() -> None:
    account = current(SMALL, IPS, state="banned")
    plan = planned(desired(state="absent", order=["p.gone"]), account)
    assert plan.steps == [Step("delete", [], "")]
    assert (plan.before, plan.after) == (account._asdict(), {})
    assert plan.report == {"kept": [], "removed": [SMALL, IPS]}
    assert planned(desired(state="absent"), None) == Plan([], {}, {}, {})


def find(wish: DesiredAccount, accounts: list[dict[str, Any]]) -> str | None:
    return find_account(wish, Listing(accounts), HOST)


ORDER: dict[str, Any] = {"order": ["p.small"]}


def test_an_account_is_found_by_its_email() -> None:
    accounts = [{"id": "sg1", "email": f" {EMAIL.upper()}"}, {"id": "sg2", "email": "it@alpine.example"}]
    for state in ("present", "absent"):
        assert find(desired(state=state), accounts) == "sg1"
        assert find(desired(profile={"email": "new@shop.example"}, state=state, **ORDER), accounts) is None
        assert find(desired(state=state, **ORDER), []) is None


def test_accounts_that_have_no_email_are_counted() -> None:
    accounts = [{"id": "sg1"}, {"id": "sg2", "email": "it@alpine.example"}]
    assert find(desired(**ORDER), accounts) is None
    warning = missing_emails(Listing(accounts))
    assert warning is not None and warning.startswith("1 of 2 accounts")
    assert missing_emails(Listing(accounts[1:])) is None


@pytest.mark.parametrize(
    ("accounts", "state", "code"),
    [
        ([{"id": "sg1", "email": EMAIL}, {"id": "sg2", "email": EMAIL}], "present", "ambiguous_account"),
        ([{"id": "sg1", "email": EMAIL}, {"id": "sg2", "email": EMAIL}], "absent", "ambiguous_account"),
        ([{"id": "sg1"}, {"id": "sg2", "email": " "}], "present", "unverified_account"),
        ([{"id": "sg1"}, {"id": "sg2", "email": "it@alpine.example"}], "absent", "unverified_account"),
    ],
)
def test_an_account_that_cannot_be_identified_is_an_error(
    accounts: list[dict[str, Any]], state: str, code: str
) -> None:
    for create_unverified in (False, True):
        wish = desired(state=state, create_unverified=create_unverified, **ORDER)
        if (code, state, create_unverified) == ("unverified_account", "present", True):
            assert find(wish, accounts) is None
            continue
        with pytest.raises(SendGridError) as failure:
            find(wish, accounts)
        assert failure.value.code == code


def test_a_missing_account_without_an_order_is_an_error() -> None:
    with pytest.raises(SendGridError) as failure:
        find(desired(), [])
    assert failure.value.code == "not_found"


@pytest.mark.parametrize("state", ["suspended", "banned", "indeterminate", "new"])
def test_only_the_vendor_can_change_other_states(state: str) -> None:
    check_state(desired(), "sg1", state, HOST)
    for wanted in ("activated", "deactivated"):
        with pytest.raises(SendGridError) as failure:
            check_state(desired(state=wanted), "sg1", state, HOST)
        assert failure.value.code == "account_state" and failure.value.details["state"] == state


def test_options_without_effect_are_named() -> None:
    profile = {"email": EMAIL, "company_name": "Bakery"}
    assert ignored_options(desired(profile=profile, test_account=True)) == ["profile.company_name", "test_account"]
    assert ignored_options(desired(profile=profile, account_id="sg1")) == ["profile.email", "profile.company_name"]
