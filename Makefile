# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# CORE: a release of ansible-core, 2.16 to 2.21, or 2.22, a pre-release. The default is the newest final one that this
# machine's Python can run.
# ARGS: more arguments for the program, such as ARGS="-k cache -x".
CORE =
ARGS =

python = venv="$$(tests/venv $(CORE))" && exec "$$venv/bin/python"

.PHONY: help demo test sandbox docs bench release-check

help:
	@echo 'make demo                     run the collection against the sandbox'
	@echo 'make test [CORE=] [ARGS=]     run all tests; with CORE, those that depend on it on that ansible-core'
	@echo 'make sandbox [ARGS=]          run the sandbox, a local API server; ARGS=--detach: in the background'
	@echo 'make docs                     build the HTML site of the documentation, check its links, print its path'
	@echo 'make bench [CORE=] [ARGS=]    measure what the collection costs; ARGS=--help lists the options'
	@echo 'make release-check            check that version, changelog, docs and tarball of a release agree, and build it'

demo:
	@$(python) -m tests.demo $(ARGS)

test:
	@$(python) -m pytest $(if $(CORE),tests/unit/plugins tests/integration tests/docs) $(ARGS)

sandbox:
	@$(python) tests/sandbox $(ARGS)

docs: override CORE = docs
docs:
	@$(python) -m tests.docsite

bench:
	@$(python) -m tests.benchmark $(ARGS)

release-check: docs
	@$(python) -m pip install -qq --disable-pip-version-check --requirement tests/release/requirements.txt
	@$(python) -m pytest tests/release tests/package tests/docs $(ARGS)
	@$(python) -m ansible galaxy collection build --force
