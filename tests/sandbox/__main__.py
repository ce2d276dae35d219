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

import keys
from api import Api
from catalog import DEFAULT
from control import Control
from gateway import Gateway
from world import Settings, World

# Room for a large catalog or fault; the API's own, lower limit is the gateway's.
_MAX_UPLOAD = 64 * 1024 * 1024


def main() -> None:
    args = _arguments()
    try:
        settings = Settings(_catalog(args.catalog), args.accounts, args.rate_limit, args.require_package)
        tls = _tls(args.tls_cert, args.tls_key)
        asyncio.run(_serve(World(settings), _loopback(args.host), args.port, tls, args.exit_with_parent))
    except (OSError, OverflowError, ValueError) as exc:
        sys.exit(f"sandbox: {exc}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python tests/sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=8025, help="0 for any free one (default: %(default)s)")
    parser.add_argument("--catalog", type=Path, metavar="FILE", help="JSON to serve as the catalog")
    parser.add_argument("--accounts", type=int, default=0, metavar="N", help="start with N made-up accounts")
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


def _loopback(host: str) -> str:
    # The name may stand for two addresses, but there is one port to announce.
    address = "127.0.0.1" if host == "localhost" else host
    with contextlib.suppress(ValueError):
        if ipaddress.ip_address(address).is_loopback:
            return address
    raise ValueError(f"{host} is not a loopback address: anyone who reaches the sandbox controls it")


def _catalog(path: Path | None) -> Any:
    if path is None:
        return DEFAULT
    try:
        return json.loads(path.read_bytes())
    except ValueError as exc:
        raise ValueError(f"{path} is not JSON: {exc}") from None


def _tls(cert: Path | None, key: Path | None) -> ssl.SSLContext | None:
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


async def _serve(world: World, host: str, port: int, tls: ssl.SSLContext | None, exit_with_parent: bool) -> None:
    # A parse error quotes the request it is about, and with it perhaps a key.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    app = web.Application(middlewares=[Gateway(world).handle], client_max_size=_MAX_UPLOAD)
    app.add_routes([*Api(world).routes(), *Control(world).routes()])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await _listen(web.TCPSite(runner, host, port, ssl_context=tls), port)
        end = _end(exit_with_parent)
        _announce(world, tls, *runner.addresses[0][:2])
        await end.wait()
    finally:
        await runner.cleanup()


async def _listen(site: web.TCPSite, port: int) -> None:
    try:
        await site.start()
    except OSError as exc:
        raise ValueError(f"port {port}: {os.strerror(exc.errno or 0)}") from None


def _announce(world: World, tls: ssl.SSLContext | None, host: str, port: int) -> None:
    endpoint = f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"
    print(
        "A stand-in for the Twilio SendGrid Account Provisioning API: nothing is sent or billed.\n"
        f"Catalog: {len(world.catalog.types)} offerings. Accounts: {len(world.accounts)}, in memory only.\n"
        f"A key that is refused with 403: {keys.NOT_A_RESELLER}; any other gets 401.\n"
        f"State, faults and the requests so far: {endpoint}/_sandbox (see README.md). Stop with Ctrl-C.",
        file=sys.stderr,
        flush=True,
    )
    print(f"export SENDGRID_API_ENDPOINT={endpoint}\nexport SENDGRID_API_KEY={keys.RESELLER}", flush=True)


def _end(exit_with_parent: bool) -> asyncio.Event:
    """Set by a signal, or at the end of standard input."""
    loop, end = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end.set)
    if exit_with_parent:
        threading.Thread(target=_watch_input, args=(loop, end), daemon=True).start()
    return end


def _watch_input(loop: asyncio.AbstractEventLoop, end: asyncio.Event) -> None:
    # Not sys.stdin: its lock, held by a blocked thread, makes the interpreter abort when another signal ends it.
    while os.read(0, 4096):
        pass
    with contextlib.suppress(RuntimeError):
        loop.call_soon_threadsafe(end.set)


if __name__ == "__main__":
    main()
