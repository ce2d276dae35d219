# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: offerings
short_description: Read offerings from the catalog of a SendGrid reseller
version_added: 1.0.0
author:
  - the reseller.sendgrid contributors (@reseller-sendgrid)
description:
  - Reads the catalog of offerings that a Twilio SendGrid reseller may sell, the packages and add-ons with their
    entitlements, and returns entries of it for use in templates.
  - Without terms and without O(names), the lookup returns all offerings that match the filters. With terms or O(names),
    it returns exactly one entry for each name, in their order. It fails if a name is not in the catalog or is filtered
    out.
  - The lookup runs on the controller. It has the options and results of M(reseller.sendgrid.sendgrid_offerings_info).
extends_documentation_fragment:
  - reseller.sendgrid._connection
  - reseller.sendgrid._connection.lookup
  - reseller.sendgrid._cache
  - reseller.sendgrid._cache.lookup
  - reseller.sendgrid._filters
options:
  _terms:
    description:
      - Names of offerings. One read of the catalog serves all terms.
      - For a computed list use O(names). O(names=[]) returns an empty result, but an empty list of terms returns the
        whole catalog. Null counts as not set and returns the whole catalog. Therefore a gate must also check the order
        itself, as an example below does.
    type: list
    elements: str
notes:
  - Use C(query) instead of C(lookup), unless you want exactly one entry. C(lookup) turns a list with one entry into
    that entry.
  - The text of an error is the same as in RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.message).
  - A lookup is evaluated again for each host, each task and each use of the variable that contains it. With the cache,
    all of these need only one request, see O(cache_ttl).
seealso:
  - module: reseller.sendgrid.sendgrid_offerings_info
    description: The same catalog as the result of a task.
"""

EXAMPLES = r"""
- name: Show the names of all offerings
  ansible.builtin.debug:
    msg: "{{ query('reseller.sendgrid.offerings') | map(attribute='name') }}"
  vars:
    sendgrid_api_key: "{{ vault_sendgrid_api_key }}"

- name: Show how many mails a month a package allows
  ansible.builtin.debug:
    msg: "{{ package.entitlements.email_sends_max_monthly }}"
  vars:
    sendgrid_api_key: "{{ vault_sendgrid_api_key }}"
    package: "{{ query('reseller.sendgrid.offerings', 'milne.ei.pro-100k.v1') | first }}"

- name: Show the smallest package with a dedicated IP address for 200,000 mails a month
  ansible.builtin.debug:
    msg: "{{ packages | sort(attribute='entitlements.email_sends_max_monthly') | first }}"
  vars:
    sendgrid_api_key: "{{ vault_sendgrid_api_key }}"
    packages: >-
      {{ query('reseller.sendgrid.offerings', type='package',
               minimum_entitlements={'email_sends_max_monthly': 200000, 'ip_count': 1}) }}

- name: Fail before an account is created if the catalog lacks an ordered offering
  ansible.builtin.assert:
    # A null order would return the whole catalog.
    that:
      - customer.offerings | length > 0
      - query('reseller.sendgrid.offerings', names=customer.offerings) | map(attribute='name') | list
        == customer.offerings
  vars:
    sendgrid_api_key: "{{ vault_sendgrid_api_key }}"
    customer:
      offerings:
        - milne.ei.pro-100k.v1
        - milne.x.ip.v2
"""

RETURN = r"""
_raw:
  description: The offerings.
  type: list
  elements: dict
  contains:
    name:
      description: The name of the offering, which you use in orders.
      returned: in each entry
      type: str
    type:
      description: V(package) or V(addon). If the API sends another value, it is returned unchanged, with a warning.
      returned: in each entry
      type: str
    quantity:
      description: The quantity that the catalog states, V(null) if it states none.
      returned: in each entry
      type: int
    entitlements:
      description: What the offering includes, V({}) if the catalog states nothing. All keys are returned.
      returned: in each entry
      type: dict
      contains:
        email_sends_max_monthly:
          description: The maximum number of mails a month.
          returned: when the catalog states it
          type: int
        ip_count:
          description: The number of dedicated IP addresses.
          returned: when the catalog states it
          type: int
        teammates_max_total:
          description: The maximum number of teammates.
          returned: when the catalog states it
          type: int
        users_max_total:
          description: The maximum number of subusers.
          returned: when the catalog states it
          type: int
  sample:
    - name: milne.ei.pro-100k.v1
      type: package
      quantity: 1
      entitlements:
        email_sends_max_monthly: 100000
        ip_count: 1
        teammates_max_total: 1000
        users_max_total: 15
"""

import os
from collections.abc import Mapping
from typing import Any

import ansible.errors
from ansible import constants
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display

from ..module_utils._argspec import ENDPOINTS, FILTERS, LIMITS, LOOKUP, SETTINGS, environment_variable
from ..module_utils._catalog.cache import CacheEntry, read_entry
from ..module_utils._catalog.offerings import Filter, Offering, as_integer, select, select_by_name
from ..plugin_utils._options import FILE_ENTRIES, resolve_options


def _define_options() -> None:
    """Tell core's configuration the options of the lookup and their sources, for ``ansible-config``.

    Core would otherwise parse the documentation for them, in each worker. No types: to core, a misspelt boolean is
    false. No environment variable for the API key: ``ansible-config dump`` would print it.
    """
    definitions = {}
    for name, spec in LOOKUP.items():
        definition: dict[str, Any] = {
            "description": "See ansible-doc -t lookup reseller.sendgrid.offerings.",
            "type": "raw",
            "default": spec.get("default"),
        }
        if name in SETTINGS:
            definition["vars"] = [{"name": f"sendgrid_{name}"}]
            if FILE_ENTRIES[name]:
                definition["ini"] = FILE_ENTRIES[name]
                # An empty variable is a value to core, which would hide the one in ansible.cfg.
                if os.environ.get(environment_variable(name), "unset").strip():
                    definition["env"] = [{"name": environment_variable(name)}]
        definitions[name] = definition
    constants.config.initialize_plugin_configuration_definitions("lookup", __name__, definitions)


_define_options()


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[dict[str, Any]]:
        # Core 2.18 and older add it in a with_ loop. Without items, such a loop has nothing to do.
        if kwargs.pop("wantlist", False) and not terms and not kwargs:
            return []
        options = resolve_options(kwargs, SETTINGS, self._templar, variables or {}, os.environ, True)
        values = {name: value for name, value in options.values.items() if value is not None or name not in FILTERS}
        found = None if options.problems else read_from_cache(values, terms)
        if found is not None:
            return found
        # Not needed for a cached catalog, and each worker of Ansible compiles what it imports.
        from ..module_utils._errors import SendGridError
        from ..plugin_utils._read_offerings import read_offerings

        try:
            return read_offerings(options, values, terms, Display().warning)
        except SendGridError as error:
            raise ansible.errors.AnsibleLookupError(error.message) from error


def read_from_cache(values: Mapping[str, Any], terms: list[Any]) -> list[Offering] | None:
    """Return the answer, or ``None`` if it is not in the cache or if anything that is given needs a full check.

    :param values: of the options that are given.
    """
    # The validator makes text of anything, and null looks like nothing given.
    if not all(isinstance(values.get(name, ""), str) for name in ("api_key", "region", "api_endpoint", "cache_dir")):
        return None
    try:
        checked = ArgumentSpecValidator(LOOKUP).validate(values)
    except OverflowError:
        return None
    if checked.error_messages:
        return None
    option = checked.validated_parameters
    names, region, endpoint, directory = (option[name] for name in ("names", "region", "api_endpoint", "cache_dir"))
    key, minimums = option["api_key"] or "", option["minimum_entitlements"] or {}
    # Only the full check knows their limits.
    others = ("timeout", "retries", "retry_max_delay", "validate_certs", "ca_path")
    is_plain = (
        (names is None or not terms)
        and all(isinstance(term, str) for term in terms)
        and all(isinstance(name, str) for name in minimums)
        and all(as_integer(minimum) is not None and abs(minimum) < 10**18 for minimum in minimums.values())
        and (region is None or endpoint is None)
        and all(option[name] == SETTINGS[name].get("default") for name in others)
        and 0 < option["cache_ttl"] <= LIMITS["cache_ttl"]
        # An empty key is in every text.
        and key not in directory
        and f"{key}{endpoint}".isascii()
    )
    if not is_plain:
        return None
    endpoint = ENDPOINTS[region or "global"] if endpoint is None else endpoint
    catalog = read_entry(CacheEntry(directory, option["cache_ttl"], endpoint, key, True))
    if catalog is None:
        return None
    requested, filters = terms or names, Filter(option["type"], minimums)
    if requested is None:
        # If nothing matches an entitlement, its name may be misspelt, and the full check warns.
        return select(catalog.offerings, None, filters) or ([] if not minimums else None)
    return select_by_name(catalog.offerings, requested, filters)
