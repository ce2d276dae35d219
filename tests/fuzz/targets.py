# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is fuzzed, each a function of bytes. Properties of the unit tests are taken as they are."""

from __future__ import annotations

import json
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path

from ansible_collections.reseller.sendgrid.plugins.module_utils._api.responses import decode, parse_error
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache import CacheEntry, read_entry
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.parser import parse
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.gate import Gate
from ansible_collections.reseller.sendgrid.plugins.module_utils._orders.results import check_orders
from ansible_collections.reseller.sendgrid.tests.unit.plugins.module_utils import test_catalog, test_gate

KEY = "SG.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
HEADER = b"reseller.sendgrid catalog %08x\n"
# Removed with the process.
DIRECTORY = tempfile.TemporaryDirectory()
KEPT = CacheEntry(DIRECTORY.name, 3600, "https://api.example.com", KEY, True)


def answer(data: bytes) -> None:
    """The body of an answer: decoded, parsed, and its own names ordered."""
    try:
        document = decode(200, data, KEY)
    except ValueError:
        return
    assert KEY not in json.dumps(document)
    offerings, problems = parse(document)
    if not problems:
        order = [offering["name"] for offering in offerings]
        result, error = check_orders(Gate(offerings, "api.example.com"), order, None, False)
        assert result["gate"]["ok"] is (error is None)
        json.dumps(result, allow_nan=False)


def refusal(data: bytes) -> None:
    """The body of an answer that is none, behind the status."""
    _code, message, details = parse_error(300 + int.from_bytes(data[:1], "big"), {}, data[1:], KEY)
    assert message.isprintable() and KEY not in json.dumps([message, details])


def cache(data: bytes) -> None:
    """The file of the cache, as it is and with the checksum that it should have."""
    file = Path(KEPT.directory, KEPT.name)
    file.touch(0o600)
    for content in (data, HEADER % zlib.crc32(data) + data):
        file.write_bytes(content)
        found = read_entry(KEPT)
        # As text, since NaN is not equal to itself.
        assert found is None or json.dumps(found.offerings) == json.dumps(json.loads(content.partition(b"\n")[2]))


TARGETS: dict[str, Callable[[bytes], object]] = {
    "answer": answer,
    "refusal": refusal,
    "cache": cache,
    **{
        test.__name__.removeprefix("test_"): test.hypothesis.fuzz_one_input  # type: ignore[attr-defined]
        for test in (
            test_catalog.test_parse_gives_the_documented_shape_or_says_what_is_wrong,
            test_gate.test_whatever_is_ordered_there_is_a_verdict,
            test_gate.test_nothing_passes_that_the_documentation_does_not_allow,
        )
    },
}
# Words of the formats, which chance takes long to find.
WORDS = ["catalog", "offering", "entitlements", "name", "type", "quantity", "package", "addon", "errors", "error"]
WORDS += ["message", "field", "error_id", "help", "null", "true", "NaN", "1e999", "\\\\ud800", KEY]
SEEDS = [b'{"catalog": [{"offering": {"name": "a.v1", "type": "package", "quantity": 1}, "entitlements": {"ip": 1}}]}']
SEEDS += [b'\x91{"errors": [{"message": "m", "field": null, "error_id": "10-1", "help": ""}]}', b'[{"name": "a.v1"}]']
