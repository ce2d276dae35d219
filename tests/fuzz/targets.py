# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The functions that are fuzzed; each takes bytes. Properties of the unit tests are used as they are."""

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
from ansible_collections.reseller.sendgrid.tests.unit.plugins.module_utils._catalog import test_parser
from ansible_collections.reseller.sendgrid.tests.unit.plugins.module_utils._orders import test_gate, test_results

KEY = "SG.aaaaaaaaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
HEADER = b"reseller.sendgrid catalog %08x\n"
# Removed at the end of the process.
DIRECTORY = tempfile.TemporaryDirectory()
ENTRY = CacheEntry(DIRECTORY.name, 3600, "https://api.example.com", KEY, True)


def response(data: bytes) -> None:
    """Decode and parse the body of a response as a catalog, and order all of its offerings."""
    try:
        document = decode(200, data, KEY)
    except ValueError:
        return
    assert KEY not in json.dumps(document)
    offerings, problems = parse(document)
    if not problems:
        order = [offering["name"] for offering in offerings]
        result, violated = check_orders(Gate(offerings, "api.example.com"), order, None, False)
        assert result["gate"]["ok"] is (violated is None)
        json.dumps(result, allow_nan=False)


def error(data: bytes) -> None:
    """Parse the body of an error. The first byte chooses the status."""
    _code, message, details = parse_error(300 + int.from_bytes(data[:1], "big"), {}, data[1:], KEY)
    assert message.isprintable() and KEY not in json.dumps([message, details])


def cache(data: bytes) -> None:
    """Read a file of the cache, without and with a correct checksum."""
    file = Path(ENTRY.directory, ENTRY.name)
    file.touch(0o600)
    for content in (data, HEADER % zlib.crc32(data) + data):
        file.write_bytes(content)
        found = read_entry(ENTRY)
        # Compared as text: NaN is not equal to itself.
        assert found is None or json.dumps(found.offerings) == json.dumps(json.loads(content.partition(b"\n")[2]))


TARGETS: dict[str, Callable[[bytes], object]] = {
    "response": response,
    "error": error,
    "cache": cache,
    **{
        test.__name__.removeprefix("test_"): test.hypothesis.fuzz_one_input  # type: ignore[attr-defined]
        for test in (
            test_parser.test_parse_returns_the_documented_shape_or_problems,
            test_results.test_check_orders_returns_consistent_results_for_any_order,
            test_gate.test_an_order_passes_only_if_the_documentation_allows_it,
        )
    },
}
# Words of the formats, which random bytes would rarely contain.
WORDS = ["catalog", "offering", "entitlements", "name", "type", "quantity", "package", "addon", "errors", "error"]
WORDS += ["message", "field", "error_id", "help", "null", "true", "NaN", "1e999", "\\\\ud800", KEY]
SEEDS = [b'{"catalog": [{"offering": {"name": "a.v1", "type": "package", "quantity": 1}, "entitlements": {"ip": 1}}]}']
SEEDS += [b'\x91{"errors": [{"message": "m", "field": null, "error_id": "10-1", "help": ""}]}', b'[{"name": "a.v1"}]']
