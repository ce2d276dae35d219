# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fuzz the plugins with inputs guided by coverage."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys

import atheris

from ..support.ansible_runner import CHECKOUT, collections_root

sys.path.insert(0, str(collections_root()))
with atheris.instrument_imports(include=["ansible_collections.reseller.sendgrid.plugins"]):
    from ansible_collections.reseller.sendgrid.tests.fuzz.targets import SEEDS, TARGETS, WORDS

CORPUS = CHECKOUT / ".cache" / "fuzz"


def main() -> int:
    parser = argparse.ArgumentParser(prog="nox -s fuzz --", description=__doc__)
    parser.add_argument("--seconds", type=int, default=60, help="for all targets together (default: %(default)s)")
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"some of {', '.join(TARGETS)}")
    args = parser.parse_args()
    names = args.targets or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        parser.error(f"there is no target {', '.join(sorted(unknown))}")
    seconds = max(1, args.seconds // len(names))
    if len(names) == 1:
        fuzz(names[0], seconds)
    # Each target needs its own process, because the fuzzer ends the process that it runs in.
    command = [sys.executable, "-m", "tests.fuzz", "--seconds", str(seconds)]
    exit_codes = {name: subprocess.run([*command, name], cwd=CHECKOUT, check=False).returncode for name in names}
    for name, exit_code in exit_codes.items():
        print(f"{name}: {'nothing found' if exit_code == 0 else f'see above, and the input in {CORPUS / name}'}")
    return int(any(exit_codes.values()))


def fuzz(name: str, seconds: int) -> None:
    corpus = CORPUS / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS):
        (corpus / f"seed-{number}").write_bytes(seed)
    dictionary = CORPUS / "words"
    dictionary.write_text("".join(f"{json.dumps(word)}\n" for word in WORDS))
    options = {
        "max_total_time": seconds,
        "max_len": 4096,
        "timeout": 10,
        "dict": dictionary,
        "artifact_prefix": f"{corpus}/",
        "print_final_stats": 1,
    }
    atheris.Setup(
        [sys.argv[0], *(f"-{option}={value}" for option, value in options.items()), str(corpus)], TARGETS[name]
    )
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
