# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Selecting offerings by name and filter."""

from __future__ import annotations

import pytest
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.offerings import (
    Filter,
    Offering,
    select,
    select_by_name,
)


@pytest.mark.parametrize(
    ("names", "filters", "expected"),
    [
        (None, Filter(), ["p.one.v1", "p.two.v1", "x.ip.v2"]),
        ([], Filter(), []),
        (["x.ip.v2", "p.one.v1", "x.ip.v2", "unknown"], Filter(), ["p.one.v1", "x.ip.v2"]),
        (None, Filter("addon"), ["x.ip.v2"]),
        (None, Filter("package", {"sends": 20}), ["p.two.v1"]),
        (None, Filter(None, {"ips": 0}), ["p.one.v1", "x.ip.v2"]),
        (None, Filter(None, {"words": 0}), []),
        (None, Filter(None, {"no_such_key": -1}), []),
        (None, Filter(None, {}), ["p.one.v1", "p.two.v1", "x.ip.v2"]),
    ],
)
def test_select(offerings: list[Offering], names: list[str] | None, filters: Filter, expected: list[str]) -> None:
    assert [offering["name"] for offering in select(offerings, names, filters)] == expected


def test_select_by_name_returns_one_entry_for_each_name_in_order_or_none(offerings: list[Offering]) -> None:
    selected = select_by_name(offerings, ["x.ip.v2", "p.one.v1", "x.ip.v2"], Filter())
    assert selected is not None
    assert [offering["name"] for offering in selected] == ["x.ip.v2", "p.one.v1", "x.ip.v2"]
    assert select_by_name(offerings, [], Filter()) == []
    assert select_by_name(offerings, ["x.ip.v2", "unknown"], Filter()) is None
    assert select_by_name(offerings, ["x.ip.v2", "p.one.v1"], Filter("addon")) is None
