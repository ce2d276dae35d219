# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The sandbox as a program: its options, how it starts and how it ends."""

from __future__ import annotations

import json
import os
import re
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests
import trustme
from ansible_collections.reseller.sendgrid.tests.support.sandbox_client import Sandbox
from ansible_collections.reseller.sendgrid.tests.unit.sandbox.client import Client

PROGRAM = Path(__file__).parents[2] / "sandbox"
# What the background mode prints for a shell if it fails: without a key, nothing can reach the real API.
NO_SANDBOX = "unset SENDGRID_API_ENDPOINT SENDGRID_API_KEY SENDGRID_SANDBOX_PID; false\n"


def run(*arguments: str, program: Path = PROGRAM) -> subprocess.CompletedProcess[str]:
    """Run the program. It ends at once, because standard input is empty, or because it fails in the background."""
    end = () if "--detach" in arguments else ("--exit-with-parent",)
    command = [sys.executable, str(program), "--port", "0", *end, *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False)


def test_the_program_runs_from_a_path_with_spaces(tmp_path: Path) -> None:
    program = tmp_path / "a folder with spaces"
    shutil.copytree(PROGRAM, program, ignore=shutil.ignore_patterns("__pycache__"))
    result = run("--host", "localhost", program=program)
    assert result.returncode == 0
    endpoint, key = result.stdout.splitlines()
    assert re.fullmatch(r"export SENDGRID_API_ENDPOINT=http://127\.0\.0\.1:\d+", endpoint)
    assert re.fullmatch(r"export SENDGRID_API_KEY=SG\.[\w-]{22}\.[\w-]{43}", key)
    assert re.search(r"SG\.[\w-]{22}\.[\w-]{43};", result.stderr)
    assert "/_sandbox" in result.stderr and "20 offerings" in result.stderr


def test_the_source_contains_no_keys() -> None:
    for path in PROGRAM.iterdir():
        if path.is_file():
            assert not re.search(r"SG\.[\w-]{22}\.[\w-]{43}", path.read_text())


def offering(name: str = "a.v1", **more: object) -> dict[str, object]:
    return {"name": name, "type": "addon", **more}


# Documents that are no catalog, and a part of the message about each.
NO_CATALOGS: list[tuple[object, str]] = [
    ({"accounts": []}, 'an object with the list "catalog" is needed'),
    ([{"offering": offering()}], 'an object with the list "catalog" is needed'),
    ({"catalog": [offering()]}, 'catalog[0]: the object "offering" is needed'),
    ({"catalog": [{"offering": offering()}, {"offering": offering(" ")}]}, "catalog[1].offering.name: text is needed"),
    ({"catalog": [{"offering": offering(quantity="1")}]}, "catalog[0].offering.quantity: an integer is needed"),
    ({"catalog": [{"offering": offering(), "entitlements": []}]}, "catalog[0].entitlements: an object is needed"),
    ({"catalog": [{"offering": offering()}] * 2}, "catalog[1].offering.name: 'a.v1' stands twice"),
]


@pytest.mark.parametrize(("document", "message"), NO_CATALOGS)
def test_a_file_that_holds_no_catalog_is_refused(document: object, message: str) -> None:
    # In this process: it takes a second to start the program.
    catalog = runpy.run_path(str(PROGRAM / "catalog.py"))
    with pytest.raises(ValueError, match=re.escape(message)):
        catalog["from_file"](document)


def test_a_failed_start_prints_one_line(sandbox_process: Sandbox, tmp_path: Path) -> None:
    port = str(urlsplit(sandbox_process.endpoint).port)
    (tmp_path / "list.json").write_text("[]")
    cases = {
        ("--host", "0.0.0.0"): "0.0.0.0 is not a loopback address",
        ("--host", "example.com"): "example.com is not a loopback address",
        ("--catalog", "/nonexistent"): "/nonexistent",
        ("--catalog", __file__): "is not JSON",
        ("--catalog", str(tmp_path / "list.json")): "list.json is no catalog: an object with the list ",
        ("--tls-cert", __file__): "--tls-cert and --tls-key need each other",
        ("--tls-cert", __file__, "--tls-key", __file__): "--tls-cert and --tls-key are not",
        ("--rate-limit", "-1"): "limit must be",
        ("--port", "99999"): "port",
        (
            "--port",
            port,
        ): f"port {port}: Address already in use. If it is another sandbox, http://127.0.0.1:{port} shows",
        ("--idle-timeout", "0"): "--idle-timeout must be a number of minutes above 0",
        ("--detach", "--port", port): f"port {port}: Address already in use",
        ("--detach", "--log", "/nonexistent/log"): "/nonexistent/log",
    }
    with ThreadPoolExecutor() as pool:
        results = pool.map(lambda arguments: run(*arguments), cases)
    for result, (arguments, message) in zip(results, cases.items(), strict=True):
        assert result.returncode == 1
        assert result.stdout == (NO_SANDBOX if "--detach" in arguments else "")
        (line,) = result.stderr.splitlines()
        assert line.startswith("sandbox: ") and message in line


def test_a_missing_library_is_named() -> None:
    # Without the installed packages.
    command = [sys.executable, "-S", str(PROGRAM), "--detach"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (result.returncode, result.stdout) == (1, NO_SANDBOX)
    assert result.stderr.splitlines() == [
        f"sandbox: aiohttp is missing. Install it with: {sys.executable} -m pip install aiohttp"
    ]


def test_a_misspelt_option_leaves_no_key() -> None:
    result = run("--detach", "--catalogue", "x")
    assert (result.returncode, result.stdout) == (2, NO_SANDBOX)


def test_a_shell_without_sandbox_has_no_key() -> None:
    lines = 'eval "$("$@")" || echo "failed without ${SENDGRID_API_KEY-a key}"'
    command = ["sh", "-c", lines, "sh", sys.executable, "-S", str(PROGRAM), "--detach"]
    environment = {"SENDGRID_API_KEY": "of-the-real-api"}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert result.stdout == "failed without a key\n"


def detach(*arguments: str) -> tuple[str, int, str]:
    """Start the program in the background from a shell, and return its endpoint, its process ID and the messages."""
    lines = 'eval "$("$@" --detach)"; echo "$SENDGRID_API_ENDPOINT $SENDGRID_API_KEY $SENDGRID_SANDBOX_PID"'
    command = ["sh", "-euc", lines, "sh", sys.executable, str(PROGRAM), *arguments]
    # This would wait for a process that has inherited one of the streams.
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    endpoint, key, pid = result.stdout.split()
    assert re.fullmatch(r"SG\.[\w-]{22}\.[\w-]{43}", key)
    return endpoint, int(pid), result.stderr


def is_running(endpoint: str, path: str) -> bool:
    with requests.Session() as session:
        session.trust_env = False
        try:
            return session.get(f"{endpoint}{path}", timeout=10).status_code == 200
        except requests.ConnectionError:
            return False


def test_a_detached_sandbox_outlives_its_shell(tmp_path: Path) -> None:
    log = tmp_path / "sandbox.log"
    log.write_text("of yesterday\n")
    endpoint, pid, messages = detach("--log", str(log))
    try:
        assert is_running(endpoint, "/_sandbox")
        # A shell sends signals of its terminal to the processes in its session.
        assert os.getsid(pid) == pid
        assert f"in a browser: {endpoint}/\n" in messages
        assert messages.splitlines()[-1] == f"It ends after 30 minutes without a request. Stop it with kill {pid}."
        assert log.read_text() == f"of yesterday\n{messages}"
    finally:
        os.kill(pid, signal.SIGTERM)
    wait_for_end(endpoint)


def test_a_detached_sandbox_ends_without_requests() -> None:
    seconds = 1.2
    endpoint, _pid, messages = detach("--idle-timeout", str(seconds / 60))
    assert "It ends after 0.02 minutes without a request." in messages
    end = time.monotonic() + 1.5 * seconds
    while time.monotonic() < end:
        assert is_running(endpoint, "/_sandbox")
        time.sleep(0.1)
    # A view of the page is no request.
    wait_for_end(endpoint)


def wait_for_end(endpoint: str) -> None:
    end = time.monotonic() + 20
    while is_running(endpoint, "/"):
        assert time.monotonic() < end
        time.sleep(0.05)


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_signals_end_the_program_during_a_request(signal_number: signal.Signals) -> None:
    command = [sys.executable, str(PROGRAM), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        endpoint = urlsplit(process.stdout.readline().strip().partition("=")[2])
        assert endpoint.hostname and endpoint.port
        fault = b'{"delay": 60}'
        with socket.create_connection((endpoint.hostname, endpoint.port), timeout=30) as connection:
            head = f"POST /_sandbox/faults HTTP/1.1\r\nHost: x\r\nContent-Length: {len(fault)}\r\n\r\n"
            connection.sendall(head.encode() + fault)
            assert b"201" in connection.recv(1000)
            connection.sendall(b"GET /v3/partners/offerings HTTP/1.1\r\nHost: x\r\n\r\n")
            process.send_signal(signal_number)
            _output, errors = process.communicate(timeout=30)
        assert process.returncode == 0
        assert "Traceback" not in errors and "exception" not in errors


def test_options_set_the_catalog_and_the_accounts(tmp_path: Path) -> None:
    package = {"name": "own.ei.small.v1", "type": "package", "quantity": 1}
    addon = {"name": "own.x.ip.v1", "type": "addon", "quantity": 1}
    catalog = {"catalog": [{"offering": package, "note": "kept"}, {"offering": addon}]}
    # As in a snapshot, which states where it comes from.
    (tmp_path / "my catalog.json").write_text(json.dumps({**catalog, "endpoint": "https://api.sendgrid.com"}))
    arguments = ("--catalog", str(tmp_path / "my catalog.json"), "--accounts", "25", "--no-require-package")
    with Sandbox(*arguments) as sandbox:
        client = Client(sandbox)
        with client.session:
            assert client("GET", "/offerings").json() == catalog
            accounts = client("GET", "/accounts?limit=100").json()["accounts"]
            assert len({account["id"] for account in accounts}) == 25
            # The ids are invented, but the same in every run.
            assert accounts[0]["id"] == "sg996ad8602a9a504f8861aeafd0b2ae29"
            offerings = client("GET", f"/accounts/{accounts[24]['id']}/offerings").json()["offerings"]
            assert offerings == [package]
            client.create(addon)


def test_tls_is_supported(tmp_path: Path) -> None:
    ca_file, cert_file, key_file = tmp_path / "ca.pem", tmp_path / "cert.pem", tmp_path / "key.pem"
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(ca_file))
    certificate = authority.issue_cert("127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(str(cert_file))
    certificate.private_key_pem.write_to_path(str(key_file))
    with Sandbox("--tls-cert", str(cert_file), "--tls-key", str(key_file)) as sandbox:
        assert sandbox.endpoint.startswith("https://127.0.0.1:")
        client = Client(sandbox)
        with client.session:
            assert client("GET", "/offerings", verify=str(ca_file)).status_code == 200
            with pytest.raises(requests.exceptions.SSLError):
                client("GET", "/offerings")
            for reset in (False, True):
                sandbox.fault(cut="body", reset=reset, times=1)
                with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
                    client("GET", "/offerings", verify=str(ca_file))


def test_the_sandbox_class_reports_why_the_program_did_not_start() -> None:
    with pytest.raises(RuntimeError, match="not a loopback address"), Sandbox("--host", "192.0.2.1"):
        pass
