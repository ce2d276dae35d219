# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A stand-in for the Twilio SendGrid Account Provisioning API: python tests/sandbox --help."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ipaddress
import json
import logging
import os
import signal
import ssl
import sys
import threading
from pathlib import Path
from typing import Any

from aiohttp import web

import credentials
from api import Api
from catalog import DEFAULT, from_file
from control import Control
from gateway import Gateway
from on_behalf import OnBehalf
from sandbox_state import SandboxState, Settings

# In bytes. Control routes accept large catalogs and faults. The gateway enforces a lower limit for the API.
_MAX_UPLOAD = 64 * 1024 * 1024


def main() -> None:
    args = _parse_arguments()
    try:
        settings = Settings(
            _load_catalog(args.catalog),
            args.accounts,
            args.rate_limit,
            args.require_package,
            tuple(dict.fromkeys(args.key or [credentials.RESELLER])),
        )
        tls = _tls_context(args.tls_cert, args.tls_key)
        asyncio.run(_serve(SandboxState(settings), _check_loopback(args.host), args.port, tls, args.exit_with_parent))
    except (OSError, OverflowError, ValueError) as exc:
        sys.exit(f"sandbox: {exc}")


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python tests/sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8025, help="0 for any free one (default: %(default)s)")
    parser.add_argument(
        "--catalog", type=Path, metavar="FILE", help="serve the catalog in this file, such as a snapshot"
    )
    parser.add_argument("--accounts", type=int, default=0, metavar="N", help="start with N made-up accounts")
    parser.add_argument(
        "--key",
        action="append",
        metavar="KEY",
        help="accept this key of a reseller; repeat it for several resellers, each with its own accounts",
    )
    parser.add_argument("--rate-limit", type=int, default=600, metavar="N", help="requests per minute, 0 for no limit")
    parser.add_argument(
        "--no-require-package",
        dest="require_package",
        action="store_false",
        help="create accounts without a package too: whether the API does is not documented",
    )
    parser.add_argument("--tls-cert", type=Path, metavar="FILE", help="serve https with this certificate")
    parser.add_argument("--tls-key", type=Path, metavar="FILE", help="and this key")
    parser.add_argument("--exit-with-parent", action="store_true", help="stop when standard input ends")
    return parser.parse_args()


def _check_loopback(host: str) -> str:
    # localhost can resolve to two addresses, which would get different ports with --port 0.
    address = "127.0.0.1" if host == "localhost" else host
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(address).is_loopback:
            return address
    raise ValueError(f"{host} is not a loopback address: anyone who reaches the sandbox controls it")


def _load_catalog(path: Path | None) -> Any:
    if path is None:
        return DEFAULT
    try:
        document = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as exc:
        raise ValueError(f"{path} is not JSON: {exc}") from None
    try:
        return from_file(document)
    except ValueError as exc:
        raise ValueError(f"{path} is no catalog: {exc}") from None


def _tls_context(cert: Path | None, key: Path | None) -> ssl.SSLContext | None:
    if (cert is None) != (key is None):
        raise ValueError("--tls-cert and --tls-key need each other")
    if cert is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(cert, key)
    except ssl.SSLError as exc:
        raise ValueError(f"--tls-cert and --tls-key are not a certificate and its key: {exc.reason}") from None
    return context


async def _serve(
    sandbox: SandboxState, host: str, port: int, tls: ssl.SSLContext | None, exit_with_parent: bool
) -> None:
    # aiohttp logs the request of a parse error, which may contain a key.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    app = web.Application(middlewares=[Gateway(sandbox).handle], client_max_size=_MAX_UPLOAD)
    app.add_routes([*Api(sandbox).routes(), *OnBehalf(sandbox).routes(), *Control(sandbox).routes()])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await _listen(web.TCPSite(runner, host, port, ssl_context=tls), port)
        stopped = _stop_event(exit_with_parent)
        _announce(sandbox, tls, *runner.addresses[0][:2])
        await stopped.wait()
    finally:
        await runner.cleanup()


async def _listen(site: web.TCPSite, port: int) -> None:
    try:
        await site.start()
    except OSError as exc:
        raise ValueError(f"port {port}: {os.strerror(exc.errno or 0)}") from None


def _announce(sandbox: SandboxState, tls: ssl.SSLContext | None, host: str, port: int) -> None:
    endpoint = f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
    print(
        "A stand-in for the Twilio SendGrid Account Provisioning API: nothing is sent or billed.\n"
        f"Catalog: {len(sandbox.catalog.types)} offerings. Accounts: {len(sandbox.all_accounts())}, in memory only.\n"
        f"A key that is refused with 403: {credentials.NOT_A_RESELLER}; any other gets 401.\n"
        f"State, faults and the requests so far: {endpoint}/_sandbox (see README.md). Stop with Ctrl-C.",
        file=sys.stderr,
        flush=True,
    )
    print(f"export SENDGRID_API_ENDPOINT={endpoint}\nexport SENDGRID_API_KEY={sandbox.resellers[0].key}", flush=True)


def _stop_event(exit_with_parent: bool) -> asyncio.Event:
    """Return an event that a signal sets, or the end of standard input."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(signal_number, stopped.set)
    if exit_with_parent:
        threading.Thread(target=_wait_for_end_of_input, args=(loop, stopped), daemon=True).start()
    return stopped


def _wait_for_end_of_input(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    # Not ``sys.stdin``: the interpreter aborts on exit if a blocked thread holds the lock of that object.
    while os.read(0, 4096):
        pass
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(stopped.set)


if __name__ == "__main__":
    main()
