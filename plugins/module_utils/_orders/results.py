# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""What a task reports about its orders. No I/O, no Ansible."""

from __future__ import annotations

from typing import Any

from .._errors import SendGridError
from .._text import quoted, summary
from .gate import Gate


def check_orders(
    gate: Gate, order: Any, orders: dict[str, Any] | None, require_package: bool
) -> tuple[dict[str, Any], SendGridError | None]:
    """Check all ``orders``, or the one ``order`` if that is ``None``.

    :returns: the results ``gate`` or ``gates``, and ``msg``; and an error with the first line of ``msg``, ``None`` if
        all orders pass.
    """
    if orders is None:
        return report_order(gate.check(order, "offerings", require_package), gate.host, "The order")
    gates = {name: gate.check(one, f"orders[{quoted(name)}]", require_package) for name, one in orders.items()}
    refused = [name for name, checked in gates.items() if not checked["ok"]]
    if not refused:
        return {"gates": gates, "msg": f"All orders pass ({len(gates)})."}, None
    messages = [violation["message"] for name in refused for violation in gates[name]["violations"]]
    have = "has" if len(refused) == 1 else "have"
    headline = f"{len(refused)} of {len(gates)} orders {have} {_count(messages)}"
    listed = summary(messages, "\n- ")
    return {"gates": gates, "msg": f"{headline}:\n- {listed}"}, _error(headline, gate.host, refused, messages)


def report_order(checked: dict[str, Any], host: str, subject: str) -> tuple[dict[str, Any], SendGridError | None]:
    """Return the results ``gate`` and ``msg`` for one order, and an error with the first line of ``msg``.

    The error is ``None`` if the order passes.

    :param checked: what ``Gate.check`` has returned.
    :param subject: what messages call the order.
    """
    if checked["ok"]:
        return {"gate": checked, "msg": f"{subject} passes."}, None
    messages = [violation["message"] for violation in checked["violations"]]
    headline = f"{subject} has {_count(messages)}"
    listed = "\n- ".join([f"{headline}:", *messages])
    return {"gate": checked, "msg": listed}, _error(headline, host, None, messages)


def _count(messages: list[str]) -> str:
    return f"{len(messages)} violation{'' if len(messages) == 1 else 's'}"


def _error(headline: str, host: str, refused: list[str] | None, messages: list[str]) -> SendGridError:
    return SendGridError("gate_violations", f"{headline}.", host=host, orders=refused, violations=len(messages))
