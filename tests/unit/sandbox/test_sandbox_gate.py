# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate and the sandbox accept and refuse the same orders, although they share no code."""

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


class GateAndSandbox:
    """The gate and the sandbox, with the same catalog."""

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

    def check_with_gate(self, order: Any, require_package: bool) -> dict[str, Any]:
        return Gate(self._offerings, "api.example.com").check(order, "offerings", require_package)

    def sandbox_errors(self, order: Any, require_package: bool) -> set[tuple[str, str]]:
        """Send the order to the sandbox, and return the fields and ids of its errors.

        :param require_package: create an account, because the sandbox requires a package for new accounts only.
        """
        method, path = "PUT", f"/accounts/{self._account_id}/offerings"
        if require_package:
            method, path = "POST", "/accounts"
        response = self._api(method, path, json={"offerings": order})
        if response.status_code == (201 if require_package else 200):
            self._remove_offerings()
            return set()
        assert response.status_code == 400, response.text
        return {(error["field"], error["error_id"]) for error in response.json()["errors"]}

    def _remove_offerings(self) -> None:
        """Remove all offerings of the account, because it may keep offerings that the next catalog does not list."""
        self._api("PUT", f"/accounts/{self._account_id}/offerings", json={"offerings": []})


@pytest.fixture
def both(api: Client, sandbox: Sandbox) -> GateAndSandbox:
    return GateAndSandbox(api, sandbox)


SETTINGS = settings(deadline=None, derandomize=True, max_examples=100)

names = st.sampled_from([f"{word}.v{version}" for word in ("a", "b.c", "D", " e ", "\u0663") for version in (1, 2)])


@st.composite
def catalogs(draw: Draw) -> list[Offering]:
    """Catalogs with at least two packages and an add-on. The sandbox accepts no other types, the gate does."""
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
    addons = draw(st.lists(st.sampled_from(by_type["addon"]), unique_by=lambda offering: offering["name"], max_size=5))
    quantities = st.integers(1, 9) | st.just(2**63 - 1)
    items = packages + [{**addon, "quantity": draw(quantities)} for addon in addons]
    shuffled: list[Offering] = draw(st.permutations(items or by_type["addon"][:1]))
    return shuffled


def test_valid_orders_pass_in_every_notation(both: GateAndSandbox) -> None:
    @SETTINGS
    @given(catalogs(), st.booleans(), st.data())
    def check(catalog: list[Offering], require_package: bool, data: st.DataObject) -> None:
        both.serve(catalog)
        order = data.draw(valid_orders(catalog, require_package))
        written = []
        for item in order:
            notations = [item, {**item, "quantity": f" {item['quantity']}"}]
            notations.append({**item, "entitlements": {"sends": 1}})
            if item["quantity"] == 1:
                notations += [item["name"], {"name": item["name"]}, {**item, "quantity": None, "entitlements": {}}]
            written.append(data.draw(st.sampled_from(notations)))
        assert both.check_with_gate(written, require_package) == {"ok": True, "violations": [], "payload": order}
        assert both.sandbox_errors(order, require_package) == set()

    check()


def change_item(order: list[Offering], index: int, **changes: Any) -> list[Offering]:
    return [*order[:index], {**order[index], **changes}, *order[index + 1 :]]


def package_index(order: list[Offering]) -> int:
    return next(index for index, item in enumerate(order) if item["type"] == "package")


def second_package(order: list[Offering]) -> Offering:
    names = {item["name"] for item in order}
    return {"name": "q.v1" if "p.v1" in names else "p.v1", "type": "package", "quantity": 1}


UNKNOWN = {"name": "unknown", "type": "addon", "quantity": 1}
ADDON = {"name": "r.v1", "type": "addon", "quantity": 1}
# Returns an order with a violation, and the index of the item that causes it.
AddViolation = Callable[[list[Offering], int], "tuple[Any, int | None]"]
# Code of the violation, field in the error of the sandbox, and the function that adds it.
VIOLATIONS: list[tuple[str, str | None, AddViolation]] = [
    ("unknown_offering", "name", lambda order, index: ([*order[:index], UNKNOWN, *order[index:]], index)),
    (
        "type_mismatch",
        "type",
        lambda order, index: (
            change_item(order, index, type="addon" if index == package_index(order) else "package"),
            index,
        ),
    ),
    ("type_mismatch", "type", lambda order, index: (change_item(order, index, type="bundle"), index)),
    ("duplicate_offering", "name", lambda order, index: ([*order, order[index]], len(order))),
    ("multiple_packages", None, lambda order, index: ([*order, second_package(order)], len(order))),
    ("no_package", None, lambda order, index: ([item for item in order if item["type"] == "addon"] or [ADDON], None)),
    (
        "package_quantity",
        "quantity",
        lambda order, index: (change_item(order, package_index(order), quantity=index + 2), package_index(order)),
    ),
    ("invalid_quantity", "quantity", lambda order, index: (change_item(order, index, quantity=-index), index)),
    ("invalid_quantity", "quantity", lambda order, index: (change_item(order, index, quantity=2**63 + index), index)),
    ("invalid_quantity", "quantity", lambda order, index: (change_item(order, index, quantity=index + 1.0), index)),
    ("invalid_quantity", "quantity", lambda order, index: (change_item(order, index, quantity=True), index)),
    ("invalid_quantity", "quantity", lambda order, index: (change_item(order, index, quantity=[1]), index)),
    ("invalid_item", "", lambda order, index: ([*order[:index], 5, *order[index + 1 :]], index)),
    ("invalid_item", "name", lambda order, index: (change_item(order, index, name={}), index)),
    ("invalid_item", "colour", lambda order, index: (change_item(order, index, colour="red"), index)),
    ("invalid_item", None, lambda order, index: ({str(number): item for number, item in enumerate(order)}, None)),
    ("empty_order", None, lambda order, index: ([], None)),
]


@pytest.mark.parametrize(("code", "field", "add_violation"), VIOLATIONS)
def test_gate_and_sandbox_report_a_violation_at_the_same_position(
    both: GateAndSandbox, code: str, field: str | None, add_violation: AddViolation
) -> None:
    @settings(SETTINGS, max_examples=12)
    @given(catalogs(), st.data())
    def check(catalog: list[Offering], data: st.DataObject) -> None:
        both.serve(catalog)
        valid_order = data.draw(valid_orders(catalog, True))
        order, index = add_violation(valid_order, data.draw(st.sampled_from(range(len(valid_order)))))
        checked = both.check_with_gate(order, True)
        assert [(found["code"], found["index"]) for found in checked["violations"]] == [(code, index)]
        path = "offerings" if field is None else f"offerings[{index}]{field and '.'}{field}"
        assert path in {error_field for error_field, _id in both.sandbox_errors(order, True)}

    check()


def random_order(catalog: list[Offering], random: Random) -> list[Any]:
    """Return an order that is often valid, sometimes almost valid, and rarely arbitrary data."""
    packages = [offering for offering in catalog if offering["type"] == "package"]
    chosen = random.sample(packages, random.choice([0, 1, 1, 1, 1, 2]))
    chosen += random.sample([offering for offering in catalog if offering not in packages], random.choice([0, 1]))
    chosen += random.choices(catalog, k=random.choice([0, 0, 0, 1]))
    return [_random_item(offering, random) for offering in chosen or packages[:1]]


def _random_item(offering: Offering, random: Random) -> Any:
    other_values = {
        "name": ["unknown", offering["name"].upper(), "p.v1", None, 5],
        "type": ["package", "addon", "bundle", None],
        "quantity": [2, 2**63 - 1, "1", " 3 ", None, 0, True, 1.0, 2**63],
        "colour": ["red"],
    }
    key = random.choice([*other_values])
    modified: Offering = {**offering, key: random.choice(other_values[key])}
    incomplete = {name: value for name, value in offering.items() if name != key}
    junk: Any = random.choice([None, 5, True, "", "unknown", [], {}])
    return random.choices([offering, offering["name"], modified, incomplete, junk], [9, 4, 3, 2, 1])[0]


def test_gate_and_sandbox_accept_the_same_orders(both: GateAndSandbox) -> None:
    outcomes: Counter[tuple[bool, bool]] = Counter()

    # Random orders from a seed: hypothesis prefers simple examples, which hardly differ.
    @settings(SETTINGS, max_examples=150)
    @given(catalogs(), st.integers(0, 2**64))
    def check(catalog: list[Offering], seed: int) -> None:
        random = Random(seed)
        require_package = random.choice([True, False])
        order = random_order(catalog, random)
        both.serve(catalog)
        checked = both.check_with_gate(order, require_package)
        accepted = not both.sandbox_errors(order, require_package)
        outcomes[checked["ok"], accepted] += 1
        if checked["ok"]:
            assert both.sandbox_errors(checked["payload"], require_package) == set()
        if accepted:
            # The only key that the API does not require.
            assert checked["payload"] == [{**item, "quantity": item.get("quantity", 1)} for item in order]

    check()
    # All outcomes occur. The gate alone accepts orders that it has to normalize for the API.
    assert min(outcomes[True, True], outcomes[True, False], outcomes[False, False]) >= 10, outcomes
