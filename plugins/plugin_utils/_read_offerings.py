# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This plugin util is private to the collection: it can change at any time.
"""The lookup where the cache has no answer: check the options as a module does, and read the catalog."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils._api.config import create_config
from ..module_utils._argspec import LOOKUP
from ..module_utils._catalog.cache import Catalog
from ..module_utils._catalog.filters import parse_filters
from ..module_utils._catalog.offerings import Offering, select, select_by_name
from ..module_utils._catalog.reader import cache_problems, read_catalog
from ..module_utils._catalog.suggestions import name_problems, unknown_entitlements
from ..module_utils._errors import SendGridError, invalid_options
from ..module_utils._settings import setting_problems, unknown_option_problems
from ..module_utils._text import MASK, clean, maskable, summary
from ._options import Options


def read_offerings(
    options: Options, values: dict[str, Any], terms: list[Any], warn: Callable[[str], None]
) -> list[Offering]:
    """Return the offerings that the options and terms select.

    :param values: of the options that are given.
    :param warn: takes anomalies that are no failure.
    :raises SendGridError: an option is wrong, the catalog cannot be read, or it does not have what was asked for.
    """
    option = _valid_options(options, values).__getitem__
    names, filters, problems = parse_filters(option)
    if terms and names is not None:
        problems.append(("names", "it is given together with terms, and only one of them can be"))
    if any(not isinstance(term, str) for term in terms):
        problems.append(("terms", "each has to be the name of an offering; use names for a computed list"))
    config = create_config(option, warn, problems + cache_problems(option), is_controller=True)
    requested = terms or names

    def evaluate(catalog: Catalog) -> tuple[list[Offering], list[str]]:
        if requested is None:
            return select(catalog.offerings, None, filters), []
        found = select_by_name(catalog.offerings, requested, filters)
        if found is not None:
            return found, []
        return [], name_problems(catalog.offerings, requested, filters, config.host)

    catalog, offerings, missing = read_catalog(config, option, warn, evaluate)
    if warning := unknown_entitlements(catalog.offerings, filters, config.endpoint):
        warn(warning)
    if missing:
        # Core masks nothing in the error of a lookup.
        raise SendGridError("unknown_offering", summary(missing, " ").replace(config.api_key, MASK))
    return offerings


def _valid_options(options: Options, values: dict[str, Any]) -> dict[str, Any]:
    """Return all options, of the types in the option table.

    :raises SendGridError: ``invalid_option``, listing all problems.
    """
    problems = unknown_option_problems(values, LOOKUP) + setting_problems(values, options.kinds, options.problems)
    if not problems:
        checked = ArgumentSpecValidator(LOOKUP).validate(values)
        secret = maskable(values.get("api_key"))
        problems = [("", clean(message, secret)) for message in checked.error_messages]
    if problems:
        raise invalid_options(problems)
    return dict(checked.validated_parameters)
