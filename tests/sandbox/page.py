# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of the sandbox as a page for a browser. ``page.js`` refreshes it."""

from __future__ import annotations

import base64
import hashlib
import html
import os
import re
import reprlib
import time
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from aiohttp import web

from accounts import Account
from request_log import LogEntry
from sandbox_state import SandboxState

PATH = "/"
# The browser reads the whole page every two seconds.
_MAX_ROWS = 100
_MAX_ITEMS = 8
_MAX_CHARACTERS = 100

# Control characters, those that change the direction of text, and halves of surrogate pairs, which UTF-8 cannot encode.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

_STYLE, _SCRIPT = (Path(__file__).with_name(name).read_text(encoding="utf-8") for name in ("page.css", "page.js"))


def _source_of(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


# The names on the page come from clients. Should one of them ever get through as HTML, its script does not run.
_HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src {_source_of(_STYLE)}; script-src {_source_of(_SCRIPT)}; "
    "img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


class Page:
    def __init__(self, sandbox: SandboxState) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.show)]

    async def show(self, request: web.Request) -> web.Response:
        return web.Response(text=_render(self._sandbox), headers=_HEADERS, content_type="text/html")


def _render(sandbox: SandboxState) -> str:
    accounts = _count(len(sandbox.all_accounts()), "newest")
    offerings = _count(len(sandbox.catalog.entries), "first")
    return f"""<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sandbox of reseller.sendgrid</title>
<link rel="icon" href="data:,">
<style>{_STYLE}</style>
<header>
<h1>Sandbox</h1>
<p>A stand-in for the Twilio SendGrid Account Provisioning API. Nothing is sent or billed.</p>
<p id="live" role="status"></p>
</header>
<main>
{_section("Accounts", accounts, ("Account", "Offerings", "State"), _account_rows(sandbox))}
{_section("Requests", _requests_summary(sandbox), ("No.", "Time", "Method", "Path", "Status"), _request_rows(sandbox))}
{_section("Catalog", offerings, ("Offering", "Type", "Quantity", "Entitlements"), _offering_rows(sandbox))}
</main>
<footer>{_footer(sandbox)}</footer>
<script>{_SCRIPT}</script>
</html>
"""


def _section(title: str, summary: str, columns: Iterable[str], rows: Iterable[str]) -> str:
    heads = "".join(f"<th>{column}</th>" for column in columns)
    shown = "".join(islice(rows, _MAX_ROWS)) or "<tr><td>None</td></tr>"
    return (
        f'<section id="{title.lower()}"><h2>{title} <span>{summary}</span></h2>'
        f"<table><thead><tr>{heads}</tr></thead><tbody>{shown}</tbody></table></section>"
    )


def _count(count: int, order: str) -> str:
    return f"{count:,}, of which the {order} {_MAX_ROWS} are shown" if count > _MAX_ROWS else f"{count}"


def _requests_summary(sandbox: SandboxState) -> str:
    statuses = [f"{count:,} × {_status(status)}" for status, count in sorted(sandbox.request_log.by_status.items())]
    faults = [_plural(len(sandbox.faults), "fault")] if sandbox.faults else []
    return "; ".join([_count(sandbox.request_log.requests, "newest"), *filter(None, [", ".join(statuses)]), *faults])


def _plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'s' if count > 1 else ''}"


def _status(status: str) -> str:
    return f'<span class="status-{status[0]}">{status}</span>'


def _account_rows(sandbox: SandboxState) -> Iterator[str]:
    several = len(sandbox.resellers) > 1
    rows = [
        (account, f"reseller {number}" if several else "")
        for number, reseller in enumerate(sandbox.resellers, 1)
        for account in reseller.accounts.all()
    ]
    # Each reseller's accounts are in the order of their creation already.
    rows.sort(key=lambda row: row[0].created)
    return (_account_row(account, owner) for account, owner in reversed(rows))


def _account_row(account: Account, owner: str) -> str:
    names = [account.profile[key] for key in ("company_name", "email") if account.profile.get(key)]
    keys = len(account.api_keys)
    facts = [
        owner,
        "test account" if account.test else "",
        _plural(keys, "API key") if keys else "",
        f"created {account.created_at.replace('T', ' ')}",
    ]
    held = ((offering["name"], f"×\u00a0{offering['quantity']:,}") for offering in account.offerings)
    return (
        f"<tr><td><b>{_text(names[0] if names else 'no name or email')}</b>"
        f"{''.join(f'<div>{_text(name)}</div>' for name in names[1:])}"
        f"<small><code>{_text(account.id)}</code></small><small>{', '.join(filter(None, facts))}</small></td>"
        f"<td>{_items(held)}</td>"
        f'<td class="{account.state}">{account.state}</td></tr>'
    )


def _request_rows(sandbox: SandboxState) -> Iterator[str]:
    log = sandbox.request_log
    return (_request_row(log.requests - index, entry) for index, entry in enumerate(reversed(log.entries)))


def _request_row(number: int, entry: LogEntry) -> str:
    query = f"?{urlencode(entry.query)}" if entry.query else ""
    return (
        f"<tr><td>{number}</td><td>{time.strftime('%H:%M:%S', time.localtime(entry.time))}</td>"
        f"<td>{_text(entry.method)}</td><td><code>{_text(entry.path + query)}</code></td>"
        f"<td>{_status('none' if entry.status is None else str(entry.status))}</td></tr>"
    )


def _offering_rows(sandbox: SandboxState) -> Iterator[str]:
    return map(_offering_row, sandbox.catalog.entries)


def _offering_row(entry: Any) -> str:
    offering = entry.get("offering") if isinstance(entry, dict) else None
    if not isinstance(offering, dict):
        return "<tr><td>This entry has no offering.</td></tr>"
    entitlements = entry.get("entitlements")
    stated = entitlements.items() if isinstance(entitlements, dict) else ()
    return (
        f"<tr><td><code>{_text(offering.get('name'))}</code></td><td>{_text(offering.get('type'))}</td>"
        f"<td>{_text(offering.get('quantity'))}</td><td>{_items(stated)}</td></tr>"
    )


def _items(pairs: Iterable[tuple[Any, Any]]) -> str:
    rows = list(pairs)
    more = f"<li>and {len(rows) - _MAX_ITEMS:,} more</li>" if len(rows) > _MAX_ITEMS else ""
    items = (f"<li><code>{_text(name)}</code> {_text(value)}</li>" for name, value in rows[:_MAX_ITEMS])
    return f"<ul>{''.join(items)}{more}</ul>"


def _text(value: Any) -> str:
    """Return any value of a client as HTML that shows it, and neither changes the page nor the order of its text."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    text = value if isinstance(value, str) else "" if value is None else reprlib.repr(value)
    if len(text) > _MAX_CHARACTERS:
        text = f"{text[:_MAX_CHARACTERS]}…"
    text = _INVISIBLE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
    # Browsers may break lines after a slash.
    return f"<bdi>{html.escape(text).replace('/', '/<wbr>')}</bdi>"


def _footer(sandbox: SandboxState) -> str:
    minutes = sandbox.settings.idle_minutes
    end = f"It ends after {minutes:g} minutes without a request; this page does not count. " if minutes else ""
    return (
        f"<p>{end}To stop it: <code>kill {os.getpid()}</code></p>"
        '<p>As JSON: <a href="/_sandbox">summary</a>, <a href="/_sandbox/accounts">accounts</a>, '
        '<a href="/_sandbox/requests">requests</a></p>'
    )
