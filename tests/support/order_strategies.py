# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hypothesis strategies for orders: arbitrary ones, and realistic ones for the catalog of the tests."""

from __future__ import annotations

from typing import Any

from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.policy import Policy
from ansible_collections.reseller.sendgrid.tests.support.gate_results import BUNDLE, CATALOG, IP, ONE, POOL, TWO
from hypothesis import strategies as st

texts = st.sampled_from(["a", "a.v1", "a.v2", "b", "package", "addon", "1", " ", "\x1b"]) | st.text(st.characters())
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(5000).map(lambda power: 10**power) | st.floats() | texts,
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["name", "type", "quantity", "x"]) | texts, inner),
    max_leaves=8,
)
items = texts | st.fixed_dictionaries({"name": texts}, optional={"type": texts, "quantity": st.integers(), "x": texts})
entries = st.fixed_dictionaries(
    {"offering": st.fixed_dictionaries({"name": texts, "type": texts}, optional={"x": json_values})},
    optional={"quantity": json_values},
)
NAMES = [ONE, TWO, IP, POOL, BUNDLE]
# Most items are valid, so that both accepted and refused orders are tested.
likely_items: st.SearchStrategy[Any] = st.sampled_from([*NAMES, *CATALOG, "missing"]) | st.fixed_dictionaries(
    {"name": st.sampled_from([*NAMES, "missing"])},
    optional={
        "type": st.sampled_from(["package", "addon", "bundle", None]),
        "quantity": st.sampled_from([1, 1, 2, "1", "2", 0, -1, 2**63, None, True, 1.0]),
        "entitlements": st.just({}),
        "colour": st.just("red"),
    },
)
# Of a policy, and realistic ones for the catalog of the tests.
limits = st.integers(0, 6) | st.sampled_from(["0", "3", 2**63 - 1])
likely_patterns = st.sampled_from([*NAMES, "*", "p.*", "x.*", "x.ip.v?", "[px].*"])
likely_policies = st.builds(
    Policy,
    st.none() | st.lists(likely_patterns, max_size=3),
    st.none() | st.dictionaries(likely_patterns, limits, max_size=4),
)
likely_orders = st.lists(likely_items, max_size=4) | st.lists(items | json_values, max_size=3) | json_values
