# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server, from the moment it listens until something ends it."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import signal
import ssl
import sys
import threading

from aiohttp import web
from aiohttp.typedefs import Handler

import credentials
import page
from api import Api
from control import Control
from gateway import Gateway
from on_behalf import OnBehalf
from sandbox_state import SandboxState

# In bytes. Control routes accept large catalogs and faults. The gateway enforces a lower limit for the API.
_MAX_UPLOAD = 64 * 1024 * 1024


async def serve(
    sandbox: SandboxState, host: str, port: int, tls: ssl.SSLContext | None, exit_with_parent: bool
) -> None:
    # aiohttp logs the request of a parse error, which may contain a key.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    stopped = asyncio.Event()
    middlewares = [Gateway(sandbox).handle]
    if sandbox.settings.idle_minutes:
        middlewares.insert(0, _IdleTimer(sandbox.settings.idle_minutes * 60, stopped).handle)
    app = web.Application(middlewares=middlewares, client_max_size=_MAX_UPLOAD)
    for part in (Api(sandbox), OnBehalf(sandbox), Control(sandbox), page.Page(sandbox)):
        app.add_routes(part.routes())
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await _listen(runner, host, port, tls)
        _stop_on_signals(stopped, exit_with_parent)
        _announce(sandbox, tls, *runner.addresses[0][:2])
        await stopped.wait()
    finally:
        await runner.cleanup()


class _IdleTimer:
    """End the server some time after the last request.

    A view of the page does not count: it refreshes itself, so a forgotten tab would keep the sandbox running.
    """

    def __init__(self, seconds: float, stopped: asyncio.Event) -> None:
        self._seconds = seconds
        self._stopped = stopped
        self._start()

    def _start(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._stopped.set)

    @web.middleware
    async def handle(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path != page.PATH:
            self._timer.cancel()
            self._start()
        return await handler(request)


async def _listen(runner: web.AppRunner, host: str, port: int, tls: ssl.SSLContext | None) -> None:
    try:
        await web.TCPSite(runner, host, port, ssl_context=tls).start()
    except OSError as exc:
        problem = f"port {port}: {os.strerror(exc.errno or 0)}"
        if exc.errno == errno.EADDRINUSE:
            problem += f". If it is another sandbox, {_url(tls, host, port)} shows how to stop it. Or use --port 0"
        raise ValueError(problem) from None


def _url(tls: ssl.SSLContext | None, host: str, port: int) -> str:
    return f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def _announce(sandbox: SandboxState, tls: ssl.SSLContext | None, host: str, port: int) -> None:
    endpoint = _url(tls, host, port)
    minutes = sandbox.settings.idle_minutes
    end = f"It ends after {minutes:g} minutes without a request. Stop it with" if minutes else "Stop it with Ctrl-C or"
    print(
        "A stand-in for the Twilio SendGrid Account Provisioning API: nothing is sent or billed.\n"
        f"Catalog: {len(sandbox.catalog.types)} offerings. Accounts: {len(sandbox.all_accounts())}, in memory only.\n"
        f"A key that is refused with 403: {credentials.NOT_A_RESELLER}; any other gets 401.\n"
        f"Accounts and requests in a browser: {endpoint}/\n"
        f"The same for programs, and faults (see tests/sandbox/README.md): {endpoint}/_sandbox\n"
        f"{end} kill {os.getpid()}.",
        file=sys.stderr,
        flush=True,
    )
    print(f"export SENDGRID_API_ENDPOINT={endpoint}\nexport SENDGRID_API_KEY={sandbox.resellers[0].key}", flush=True)


def _stop_on_signals(stopped: asyncio.Event, exit_with_parent: bool) -> None:
    """Set the event when a signal arrives, or when standard input ends."""
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stopped.set)
    if exit_with_parent:
        threading.Thread(target=_wait_for_end_of_input, args=(loop, stopped), daemon=True).start()


def _wait_for_end_of_input(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    # Not ``sys.stdin``: the interpreter aborts on exit if a blocked thread holds the lock of that object.
    while os.read(0, 4096):
        pass
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(stopped.set)
