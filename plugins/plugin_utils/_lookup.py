# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is private to the collection: it can change at any time.
"""The lookup where its answer is not at hand: check what is given, as a module does, and read the catalog."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.reseller.sendgrid.plugins.module_utils._api.config import MINIMUM_KEY_LENGTH, create_config
from ansible_collections.reseller.sendgrid.plugins.module_utils._argspec import FILTERS, LOOKUP_SETTINGS
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache import Catalog
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.filters import parse_filters
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.offerings import (
    Offering,
    select,
    select_by_name,
)
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.reader import cache_problems, read_catalog
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError, invalid_options
from ansible_collections.reseller.sendgrid.plugins.module_utils._text import MASK, clean, summary

SPEC = {**LOOKUP_SETTINGS, **FILTERS}


def answer(given: Mapping[str, Any], terms: list[Any], warn: Callable[[str], None]) -> list[Offering]:
    """Return the offerings that are asked for.

    :raises SendGridError: anything given is wrong, the catalog cannot be read, or it lacks what is asked for.
    """
    option = _checked(given).__getitem__
    names, wanted, problems = parse_filters(option)
    if terms and names is not None:
        problems.append(("names", "it is given together with terms, and only one of them can be"))
    if any(not isinstance(term, str) for term in terms):
        problems.append(("terms", "each has to be the name of an offering; use names for a computed list"))
    settings = create_config(option, warn, problems + cache_problems(option))
    asked = terms or names

    def use(catalog: Catalog) -> tuple[list[Offering], list[str]]:
        if asked is None:
            return select(catalog.offerings, None, wanted), []
        found = select_by_name(catalog.offerings, asked, wanted)
        if found is not None:
            return found, []
        # Few lookups come here, and each worker compiles anew what it imports.
        from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.suggestions import name_problems

        return [], name_problems(catalog.offerings, asked, wanted, settings.host)

    _catalog, chosen, missed = read_catalog(settings, option, warn, use)
    if missed:
        # Core masks nothing in the error of a lookup.
        raise SendGridError("unknown_offering", summary(missed, " ").replace(settings.api_key, MASK))
    return chosen


def _checked(given: Mapping[str, Any]) -> dict[str, Any]:
    """Return all options, of the types that the option table says.

    :raises SendGridError: C(invalid_option), listing all problems.
    """
    if unknown := [name for name in given if name not in SPEC]:
        raise invalid_options([(clean(name), f"there is no such option, only {', '.join(SPEC)}") for name in unknown])
    checked = ArgumentSpecValidator(SPEC).validate(dict(given))
    if checked.error_messages:
        key = str(given.get("api_key", "")).strip()
        secret = key if len(key) >= MINIMUM_KEY_LENGTH else ""
        raise invalid_options([("", clean(message, secret)) for message in checked.error_messages])
    options: dict[str, Any] = checked.validated_parameters
    return options
