# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The gate and the sandbox share no code, and accept and refuse the same orders."""

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


class Sides:
    """The gate and the sandbox with the same catalog."""

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
        """Return the fields and error ids from the sandbox, which requires a package for new accounts only."""
        to = ("POST", "/accounts") if require_package else ("PUT", f"/accounts/{self._account_id}/offerings")
        response = self._api(*to, json={"offerings": order})
        if response.status_code == (201 if require_package else 200):
            self._remove_offerings()
            return set()
        assert response.status_code == 400, response.text
        return {(error["field"], error["error_id"]) for error in response.json()["errors"]}

    def _remove_offerings(self) -> None:
        """Remove all offerings of the account: it could keep those that the next catalog does not list."""
        self._api("PUT", f"/accounts/{self._account_id}/offerings", json={"offerings": []})


@pytest.fixture
def sides(api: Client, sandbox: Sandbox) -> Sides:
    return Sides(api, sandbox)


bounded = settings(deadline=None, derandomize=True, max_examples=100)

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
    addons = draw(st.lists(st.sampled_from(by_type["addon"]), unique_by=lambda one: one["name"], max_size=5))
    quantities = st.integers(1, 9) | st.just(2**63 - 1)
    items = packages + [{**addon, "quantity": draw(quantities)} for addon in addons]
    shuffled: list[Offering] = draw(st.permutations(items or by_type["addon"][:1]))
    return shuffled


def test_valid_orders_pass_in_every_notation(sides: Sides) -> None:
    @bounded
    @given(catalogs(), st.booleans(), st.data())
    def holds(catalog: list[Offering], require_package: bool, data: st.DataObject) -> None:
        sides.serve(catalog)
        order = data.draw(valid_orders(catalog, require_package))
        written = []
        for item in order:
            notations = [item, {**item, "quantity": f" {item['quantity']}"}]
            notations.append({**item, "entitlements": {"sends": 1}})
            if item["quantity"] == 1:
                notations += [item["name"], {"name": item["name"]}, {**item, "quantity": None, "entitlements": {}}]
            written.append(data.draw(st.sampled_from(notations)))
        assert sides.gate(written, require_package) == {"ok": True, "violations": [], "payload": order}
        assert sides.errors(order, require_package) == set()

    holds()


def changed(order: list[Offering], at: int, **changes: Any) -> list[Offering]:
    return [*order[:at], {**order[at], **changes}, *order[at + 1 :]]


def package_index(order: list[Offering]) -> int:
    return next(index for index, item in enumerate(order) if item["type"] == "package")


def second_package(order: list[Offering]) -> Offering:
    names = {item["name"] for item in order}
    return {"name": "q.v1" if "p.v1" in names else "p.v1", "type": "package", "quantity": 1}


UNKNOWN = {"name": "unknown", "type": "addon", "quantity": 1}
ADDON = {"name": "r.v1", "type": "addon", "quantity": 1}
# Returns an order that breaks a rule, and the index of the item that breaks it.
Break = Callable[[list[Offering], int], "tuple[Any, int | None]"]
BREAKS: list[tuple[str, str | None, Break]] = [
    ("unknown_offering", "name", lambda order, at: ([*order[:at], UNKNOWN, *order[at:]], at)),
    (
        "type_mismatch",
        "type",
        lambda order, at: (changed(order, at, type="addon" if at == package_index(order) else "package"), at),
    ),
    ("type_mismatch", "type", lambda order, at: (changed(order, at, type="bundle"), at)),
    ("duplicate_offering", "name", lambda order, at: ([*order, order[at]], len(order))),
    ("multiple_packages", None, lambda order, at: ([*order, second_package(order)], len(order))),
    ("no_package", None, lambda order, at: ([one for one in order if one["type"] == "addon"] or [ADDON], None)),
    (
        "package_quantity",
        "quantity",
        lambda order, at: (changed(order, package_index(order), quantity=at + 2), package_index(order)),
    ),
    ("invalid_quantity", "quantity", lambda order, at: (changed(order, at, quantity=-at), at)),
    ("invalid_quantity", "quantity", lambda order, at: (changed(order, at, quantity=2**63 + at), at)),
    ("invalid_quantity", "quantity", lambda order, at: (changed(order, at, quantity=at + 1.0), at)),
    ("invalid_quantity", "quantity", lambda order, at: (changed(order, at, quantity=True), at)),
    ("invalid_quantity", "quantity", lambda order, at: (changed(order, at, quantity=[1]), at)),
    ("invalid_item", "", lambda order, at: ([*order[:at], 5, *order[at + 1 :]], at)),
    ("invalid_item", "name", lambda order, at: (changed(order, at, name={}), at)),
    ("invalid_item", "colour", lambda order, at: (changed(order, at, colour="red"), at)),
    ("invalid_item", None, lambda order, at: ({str(index): item for index, item in enumerate(order)}, None)),
    ("empty_order", None, lambda order, at: ([], None)),
]


@pytest.mark.parametrize(("code", "field", "break_rule"), BREAKS)
def test_both_sides_report_one_broken_rule_at_the_same_position(
    sides: Sides, code: str, field: str | None, break_rule: Break
) -> None:
    @settings(bounded, max_examples=12)
    @given(catalogs(), st.data())
    def holds(catalog: list[Offering], data: st.DataObject) -> None:
        sides.serve(catalog)
        valid_order = data.draw(valid_orders(catalog, True))
        order, index = break_rule(valid_order, data.draw(st.sampled_from(range(len(valid_order)))))
        checked = sides.gate(order, True)
        assert [(found["code"], found["index"]) for found in checked["violations"]] == [(code, index)]
        path = "offerings" if field is None else f"offerings[{index}]{field and '.'}{field}"
        assert path in {error_field for error_field, _id in sides.errors(order, True)}

    holds()


def any_order(catalog: list[Offering], random: Random) -> list[Any]:
    """Return an order that is often valid, sometimes almost valid, and rarely arbitrary data."""
    packages = [one for one in catalog if one["type"] == "package"]
    chosen = random.sample(packages, random.choice([0, 1, 1, 1, 1, 2]))
    chosen += random.sample([one for one in catalog if one not in packages], random.choice([0, 1]))
    chosen += random.choices(catalog, k=random.choice([0, 0, 0, 1]))
    return [_rewritten(one, random) for one in chosen or packages[:1]]


def _rewritten(right: Offering, random: Random) -> Any:
    wrong = {
        "name": ["unknown", right["name"].upper(), "p.v1", None, 5],
        "type": ["package", "addon", "bundle", None],
        "quantity": [2, 2**63 - 1, "1", " 3 ", None, 0, True, 1.0, 2**63],
        "colour": ["red"],
    }
    key = random.choice([*wrong])
    almost_right: Offering = {**right, key: random.choice(wrong[key])}
    incomplete = {one: value for one, value in right.items() if one != key}
    junk: Any = random.choice([None, 5, True, "", "unknown", [], {}])
    return random.choices([right, right["name"], almost_right, incomplete, junk], [9, 4, 3, 2, 1])[0]


def test_both_sides_accept_the_same_orders(sides: Sides) -> None:
    outcomes: Counter[tuple[bool, bool]] = Counter()

    # Random orders from a seed: hypothesis prefers simple examples, which hardly differ.
    @settings(bounded, max_examples=150)
    @given(catalogs(), st.integers(0, 2**64))
    def holds(catalog: list[Offering], seed: int) -> None:
        random = Random(seed)
        require_package = random.choice([True, False])
        order = any_order(catalog, random)
        sides.serve(catalog)
        checked, accepted = sides.gate(order, require_package), not sides.errors(order, require_package)
        outcomes[checked["ok"], accepted] += 1
        if checked["ok"]:
            assert sides.errors(checked["payload"], require_package) == set()
        if accepted:
            # The only key that the API does not require.
            assert checked["payload"] == [{**item, "quantity": item.get("quantity", 1)} for item in order]

    holds()
    # All outcomes occur. The gate alone accepts orders that it has to normalize for the API.
    assert min(outcomes[True, True], outcomes[True, False], outcomes[False, False]) >= 10, outcomes
