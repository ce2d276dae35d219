# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generated files of customers and accounts: the plan is what a run does, and nothing else is touched."""

from __future__ import annotations

from typing import Any

from ansible_collections.reseller.sendgrid.tests.support.accounts_task import (
    IPS,
    LARGE,
    SMALL,
    Task,
    stored,
    writes,
)
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SUBUSERS = "milne.x.subusers-15.v1"
addons = st.lists(
    st.sampled_from([{"name": IPS}, {"name": IPS, "quantity": 3}, SUBUSERS]),
    max_size=2,
    unique_by=lambda item: item["name"] if isinstance(item, dict) else item,
)
orders = st.tuples(st.sampled_from([SMALL, LARGE]), addons).map(lambda parts: [parts[0], *parts[1]])
# A customer has an account with an order and a state, or none; and a row, or none. Some rows name accounts by their ID.
customers = st.lists(
    st.fixed_dictionaries(
        {
            "account": st.none() | st.tuples(orders, st.sampled_from(["activated", "deactivated", "suspended"])),
            "row": st.none()
            | st.fixed_dictionaries(
                {
                    "offerings": st.none() | orders | addons,
                    "state": st.sampled_from(["present", "activated", "deactivated", "absent"]),
                    "purge_offerings": st.none() | st.booleans(),
                }
            ),
            "by_id": st.booleans(),
        }
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(customers=customers, purge=st.booleans())
def test_the_plan_is_what_a_run_does(sandbox: Sandbox, customers: list[dict[str, Any]], purge: bool) -> None:
    sandbox.reset()
    rows = []
    for number, customer in enumerate(customers):
        email = f"owner-{number}@example.com"
        row = None if customer["row"] is None else {**customer["row"], "profile": {"email": email}}
        if customer["account"] is not None:
            order, state = customer["account"]
            task = Task(sandbox, {"profile": {"email": email}, "offerings": order}).run()
            account_id = task.result["accounts"][0]["account_id"]
            sandbox.control("PUT", f"/accounts/{account_id}", {"state": state})
            if row and customer["by_id"]:
                row["account_id"] = account_id
        if row:
            rows.append(row)
    rows = rows or [{"profile": {"email": "gone@example.com"}, "state": "absent"}]
    options: dict[str, Any] = {"purge_offerings": purge, "max_deletions": 6, "on_violation": "skip"}
    before, sent = stored(sandbox), len(writes(sandbox))

    predicted = Task(sandbox, *rows, check_mode=True, **options).run_anyway()
    assert stored(sandbox) == before and len(writes(sandbox)) == sent
    actual = Task(sandbox, *rows, plan_id=predicted.result["plan_id"], **options).run_anyway()
    for key in ("plan", "plan_id", "summary", "unlisted", "changed"):
        assert predicted.result[key] == actual.result[key]
    for one, other in zip(predicted.result["accounts"], actual.result["accounts"], strict=True):
        known = ("action", "account_state", "offerings", "kept", "removed", "ignored", "failure")
        assert {key: one[key] for key in known} == {key: other[key] for key in known}
        assert len(one.get("requests", [])) == len(other.get("requests", []))
    after = stored(sandbox)
    named = {row["profile"]["email"] for row in rows}
    assert {email: account for email, account in before.items() if email not in named} == {
        email: account for email, account in after.items() if email not in named
    }
    for account in actual.result["accounts"]:
        if account["action"] in ("created", "changed", "unchanged") and account["account_id"]:
            state, offerings = after[account["email"]]
            assert account["account_state"] in (state, None)
            assert sorted(account["offerings"], key=str) == sorted(offerings, key=str)
        if account["action"] == "deleted":
            assert account["email"] not in after

    sent = len(writes(sandbox))
    again = Task(sandbox, *rows, **options).run_anyway()
    assert len(writes(sandbox)) == sent and not again.result["changed"]
    assert set(again.actions()) <= {"unchanged", "skipped"}
