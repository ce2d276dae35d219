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
import ssl
import sys
from pathlib import Path
from typing import Any

import background

try:
    from server import serve
except ModuleNotFoundError as exc:
    if "--detach" in sys.argv:
        print(background.NO_SANDBOX)
    if exc.name != "aiohttp":
        raise
    sys.exit(f"sandbox: aiohttp is missing. Install it with: {sys.executable} -m pip install aiohttp")

import credentials
from catalog import DEFAULT, from_file
from sandbox_state import SandboxState, Settings

_PORT = 8025


def main() -> None:
    args = _parse_arguments()
    try:
        if args.detach:
            sys.exit(background.start(sys.argv[1:], args.log))
        settings = Settings(
            _load_catalog(args.catalog),
            args.accounts,
            args.rate_limit,
            args.require_package,
            tuple(dict.fromkeys(args.key or [credentials.RESELLER])),
            _check_minutes(args.idle_timeout),
        )
        tls = _tls_context(args.tls_cert, args.tls_key)
        port = _PORT if args.port is None else args.port
        asyncio.run(serve(SandboxState(settings), _check_loopback(args.host), port, tls, args.exit_with_parent))
    except (OSError, OverflowError, ValueError) as exc:
        if args.detach:
            print(background.NO_SANDBOX)
        sys.exit(f"sandbox: {exc}")


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python tests/sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address (default: %(default)s)")
    parser.add_argument("--port", type=int, help=f"0 for any free one (default: {_PORT}, with --detach any free one)")
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
    parser.add_argument(
        "--idle-timeout",
        type=float,
        metavar="MINUTES",
        help=f"end after this time without a request (default: never, with --detach {background.IDLE_MINUTES})",
    )
    parser.add_argument(
        "--log", type=Path, metavar="FILE", help="with --detach, append messages to this file instead of dropping them"
    )
    life = parser.add_mutually_exclusive_group()
    life.add_argument(
        "--detach", action="store_true", help="run in the background, and return once it accepts connections"
    )
    life.add_argument("--exit-with-parent", action="store_true", help="stop when standard input ends")
    # The process in the background gets the arguments of the user, and this one.
    parser.add_argument("--no-detach", dest="detach", action="store_false", help=argparse.SUPPRESS)
    try:
        return parser.parse_args()
    except SystemExit as exc:
        if exc.code and "--detach" in sys.argv:
            print(background.NO_SANDBOX)
        raise


def _check_minutes(minutes: float | None) -> float | None:
    if minutes is not None and not 0 < minutes < float("inf"):
        raise ValueError("--idle-timeout must be a number of minutes above 0")
    return minutes


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


if __name__ == "__main__":
    main()
