# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate and the sandbox accept the same orders. They share no code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.parser import parse
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.gate import Gate
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox
from ansible_collections.reseller.sendgrid.tests.unit.sandbox.client import Client
from hypothesis import given, settings
from hypothesis import strategies as st

Offering = dict[str, Any]
Draw = Callable[..., Any]


class Comparison:
    """Checks orders with the gate and with the sandbox, which both use the catalog that was served last."""

    def __init__(self, api: Client, sandbox: Sandbox) -> None:
        sandbox.control("PUT", "/rate-limit", {"limit": 0})
        self._api = api
        self._sandbox = sandbox
        self._account_id = api.create()
        self._remove_offerings()

    def serve(self, catalog: list[Offering]) -> None:
        document = {"catalog": [{"offering": offering} for offering in catalog]}
        self._sandbox.control("PUT", "/catalog", document)
        self._offerings, problems = parse(document)
        assert problems == []

    def gate(self, order: Any, require_package: bool) -> dict[str, Any]:
        return Gate(self._offerings, "api.example.com").check(order, "offerings", require_package)

    def errors(self, order: Any, require_package: bool) -> set[tuple[str, str]]:
        """Return field and error id of each error of the sandbox.

        With ``require_package``, the order is for a new account: only those need a package.
        """
        target = ("POST", "/accounts") if require_package else ("PUT", f"/accounts/{self._account_id}/offerings")
        response = self._api(*target, json={"offerings": order})
        if response.status_code == (201 if require_package else 200):
            self._remove_offerings()
            return set()
        assert response.status_code == 400, response.text
        return {(error["field"], error["error_id"]) for error in response.json()["errors"]}

    def _remove_offerings(self) -> None:
        """Remove all offerings of the account, because it may keep delisted ones."""
        self._api("PUT", f"/accounts/{self._account_id}/offerings", json={"offerings": []})


@pytest.fixture
def comparison(api: Client, sandbox: Sandbox) -> Comparison:
    return Comparison(api, sandbox)


example_settings = settings(deadline=None, derandomize=True, max_examples=100)

names = st.sampled_from([f"{word}.v{version}" for word in ("a", "b.c", "D", " e ", "\u0663") for version in (1, 2)])


@st.composite
def catalogs(draw: Draw) -> list[Offering]:
    """At least two packages and an add-on. Only the gate accepts other types."""
    found = draw(st.lists(st.tuples(names | st.text(min_size=1).filter(str.strip), st.booleans()), max_size=9))
    kinds = {"p.v1": "package", "q.v1": "package", "r.v1": "addon"}
    kinds.update((name, "package" if package else "addon") for name, package in found if name not in kinds)
    offerings = [{"name": name, "type": kind, "quantity": 1} for name, kind in kinds.items()]
    shuffled: list[Offering] = draw(st.permutations(offerings))
    return shuffled


@st.composite
def valid_orders(draw: Draw, catalog: list[Offering], require_package: bool) -> list[Offering]:
    by_type: dict[str, list[Offering]] = {"package": [], "addon": []}
    for offering in catalog:
        by_type[offering["type"]].append(offering)
    packages = draw(st.lists(st.sampled_from(by_type["package"]), min_size=int(require_package), max_size=1))
    addons = draw(st.lists(st.sampled_from(by_type["addon"]), unique_by=lambda item: item["name"], max_size=5))
    quantities = st.integers(1, 9) | st.just(2**63 - 1)
    items = packages + [{**addon, "quantity": draw(quantities)} for addon in addons]
    shuffled: list[Offering] = draw(st.permutations(items or by_type["addon"][:1]))
    return shuffled


def test_gate_and_sandbox_accept_valid_orders_in_every_notation(comparison: Comparison) -> None:
    @example_settings
    @given(catalogs(), st.booleans(), st.data())
    def check(catalog: list[Offering], require_package: bool, data: st.DataObject) -> None:
        comparison.serve(catalog)
        order = data.draw(valid_orders(catalog, require_package))
        notations = []
        for item in order:
            variants = [item, {**item, "quantity": f" {item['quantity']}"}]
            variants.append({**item, "entitlements": {"sends": 1}})
            if item["quantity"] == 1:
                variants += [item["name"], {"name": item["name"]}, {**item, "quantity": None, "entitlements": {}}]
            notations.append(data.draw(st.sampled_from(variants)))
        assert comparison.gate(notations, require_package) == {"ok": True, "violations": [], "payload": order}
        assert comparison.errors(order, require_package) == set()

    check()


def change_item(order: list[Offering], at: int, **changes: Any) -> list[Offering]:
    return [*order[:at], {**order[at], **changes}, *order[at + 1 :]]


def package_index(order: list[Offering]) -> int:
    return next(index for index, item in enumerate(order) if item["type"] == "package")


def second_package(order: list[Offering]) -> Offering:
    names = {item["name"] for item in order}
    return {"name": "q.v1" if "p.v1" in names else "p.v1", "type": "package", "quantity": 1}


UNLISTED = {"name": "gone", "type": "addon", "quantity": 1}
ADDON = {"name": "r.v1", "type": "addon", "quantity": 1}
# Takes a valid order and an index. Returns an order that breaks a rule, and the index of the item that breaks it.
BreakRule = Callable[[list[Offering], int], "tuple[Any, int | None]"]
VIOLATIONS: list[tuple[str, str | None, BreakRule]] = [
    ("unknown_offering", "name", lambda order, at: ([*order[:at], UNLISTED, *order[at:]], at)),
    (
        "type_mismatch",
        "type",
        lambda order, at: (change_item(order, at, type="addon" if at == package_index(order) else "package"), at),
    ),
    ("type_mismatch", "type", lambda order, at: (change_item(order, at, type="bundle"), at)),
    ("duplicate_offering", "name", lambda order, at: ([*order, order[at]], len(order))),
    ("multiple_packages", None, lambda order, at: ([*order, second_package(order)], len(order))),
    ("no_package", None, lambda order, at: ([item for item in order if item["type"] == "addon"] or [ADDON], None)),
    (
        "package_quantity",
        "quantity",
        lambda order, at: (change_item(order, package_index(order), quantity=at + 2), package_index(order)),
    ),
    ("invalid_quantity", "quantity", lambda order, at: (change_item(order, at, quantity=-at), at)),
    ("invalid_quantity", "quantity", lambda order, at: (change_item(order, at, quantity=2**63 + at), at)),
    ("invalid_quantity", "quantity", lambda order, at: (change_item(order, at, quantity=at + 1.0), at)),
    ("invalid_quantity", "quantity", lambda order, at: (change_item(order, at, quantity=True), at)),
    ("invalid_quantity", "quantity", lambda order, at: (change_item(order, at, quantity=[1]), at)),
    ("invalid_item", "", lambda order, at: ([*order[:at], 5, *order[at + 1 :]], at)),
    ("invalid_item", "name", lambda order, at: (change_item(order, at, name={}), at)),
    ("invalid_item", "colour", lambda order, at: (change_item(order, at, colour="red"), at)),
    ("invalid_item", None, lambda order, at: ({str(index): item for index, item in enumerate(order)}, None)),
    ("empty_order", None, lambda order, at: ([], None)),
]


@pytest.mark.parametrize(("code", "field", "break_rule"), VIOLATIONS)
def test_gate_and_sandbox_report_a_violation_at_the_same_place(
    comparison: Comparison, code: str, field: str | None, break_rule: BreakRule
) -> None:
    @settings(example_settings, max_examples=12)
    @given(catalogs(), st.data())
    def check(catalog: list[Offering], data: st.DataObject) -> None:
        comparison.serve(catalog)
        valid = data.draw(valid_orders(catalog, True))
        order, index = break_rule(valid, data.draw(st.sampled_from(range(len(valid)))))
        result = comparison.gate(order, True)
        assert [(found["code"], found["index"]) for found in result["violations"]] == [(code, index)]
        path = "offerings" if field is None else f"offerings[{index}]{field and '.'}{field}"
        assert path in {error_field for error_field, _id in comparison.errors(order, True)}

    check()


def random_order(catalog: list[Offering], random: Random) -> list[Any]:
    """Return an order that is often valid, sometimes almost valid, and rarely junk."""
    packages = [item for item in catalog if item["type"] == "package"]
    chosen = random.sample(packages, random.choice([0, 1, 1, 1, 1, 2]))
    chosen += random.sample([item for item in catalog if item not in packages], random.choice([0, 1]))
    chosen += random.choices(catalog, k=random.choice([0, 0, 0, 1]))
    return [_vary(item, random) for item in chosen or packages[:1]]


def _vary(valid: Offering, random: Random) -> Any:
    invalid_values = {
        "name": ["gone", valid["name"].upper(), "p.v1", None, 5],
        "type": ["package", "addon", "bundle", None],
        "quantity": [2, 2**63 - 1, "1", " 3 ", None, 0, True, 1.0, 2**63],
        "colour": ["red"],
    }
    key = random.choice([*invalid_values])
    almost_valid: Offering = {**valid, key: random.choice(invalid_values[key])}
    incomplete = {name: value for name, value in valid.items() if name != key}
    junk: Any = random.choice([None, 5, True, "", "gone", [], {}])
    return random.choices([valid, valid["name"], almost_valid, incomplete, junk], [9, 4, 3, 2, 1])[0]


def test_gate_and_sandbox_accept_the_same_orders(comparison: Comparison) -> None:
    outcomes: Counter[tuple[bool, bool]] = Counter()

    # Orders come from a seed, because Hypothesis prefers simple examples and would hardly vary them.
    @settings(example_settings, max_examples=150)
    @given(catalogs(), st.integers(0, 2**64))
    def check(catalog: list[Offering], seed: int) -> None:
        random = Random(seed)
        require_package = random.choice([True, False])
        order = random_order(catalog, random)
        comparison.serve(catalog)
        result, accepted = comparison.gate(order, require_package), not comparison.errors(order, require_package)
        outcomes[result["ok"], accepted] += 1
        if result["ok"]:
            assert comparison.errors(result["payload"], require_package) == set()
        if accepted:
            # Only the quantity is optional in the API.
            assert result["payload"] == [{**item, "quantity": item.get("quantity", 1)} for item in order]

    check()
    # The examples must reach all three outcomes. The gate alone accepts short notations, and completes them.
    assert min(outcomes[True, True], outcomes[True, False], outcomes[False, False]) >= 10, outcomes
