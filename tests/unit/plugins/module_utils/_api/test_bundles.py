# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Files and directories of CA certificates that cannot be used: the message names them and says why."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
from ansible_collections.reseller.sendgrid.tests.support.client_helpers import ACCOUNTS, ORDER, as_ordinary_user
from ansible_collections.reseller.sendgrid.tests.support.scripted_server import Peer, Server, refuse_tls

PEM = trustme.CA().cert_pem.bytes()
DER = ssl.PEM_cert_to_DER_cert(PEM.decode())


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that another user can enter, unlike those of pytest."""
    with tempfile.TemporaryDirectory() as path:
        Path(path).chmod(0o711)
        yield Path(path)


def make_directory(path: Path) -> None:
    path.mkdir()
    (path / "ca.pem").write_bytes(PEM)


def make_unreadable(path: Path) -> None:
    path.write_bytes(PEM)
    path.chmod(0)


BUNDLES: dict[str, tuple[Callable[[Path], object], str]] = {
    "directory": (
        make_directory,
        "has no links named by hash, which a directory of certificates needs; run openssl rehash",
    ),
    "unreadable": (make_unreadable, "cannot be read: Permission denied"),
    "DER": (lambda path: path.write_bytes(DER), "is in DER form, and PEM is needed; run openssl x509 -inform der"),
    "empty": (lambda path: path.write_bytes(b"\n"), "is empty"),
    "text": (lambda path: path.write_text("nothing"), "has no certificate in PEM form"),
    "absent": (lambda _path: None, "does not exist"),
}


def test_a_bundle_is_not_blamed_if_the_host_does_not_speak_tls(
    get_failure: Callable[..., SendGridError], tmp_path: Path
) -> None:
    make_directory(tmp_path / "bundle")
    with Server(refuse_tls) as server:
        endpoint = server.endpoint.replace("http://", "https://")
        failure = get_failure(endpoint=endpoint, verify=str(tmp_path / "bundle"))
    assert failure.code == "tls" and "does not speak TLS" in failure.message and "bundle" not in failure.message


@pytest.mark.parametrize("variable", [None, "REQUESTS_CA_BUNDLE"])
@pytest.mark.parametrize("kind", BUNDLES)
def test_an_unusable_bundle_is_named_with_the_reason(
    get_failure: Callable[..., SendGridError],
    folder: Path,
    kind: str,
    variable: str | None,
    tls: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make, reason = BUNDLES[kind]
    path = folder / "bundle"
    make(path)
    if variable:
        monkeypatch.setenv(variable, str(path))
    with Server(Peer.read_request, tls=tls) as server, as_ordinary_user():
        failure = get_failure("POST", ACCOUNTS, ORDER, endpoint=server.endpoint, verify=True if variable else str(path))
    assert failure.code == "tls" and f"no trusted connection: '{path}' {reason}" in failure.message
    assert not failure.details["uncertain"] and failure.details["attempts"] == 1
    assert server.posts() == 0
