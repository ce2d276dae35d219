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
      - For a computed list use O(names). With O(names), an empty list returns an empty result and not the whole
        catalog. Null counts as not set and returns the whole catalog. Therefore a gate must also check the order
        itself, as an example below does.
    type: list
    elements: str
notes:
  - Use C(query) instead of C(lookup), unless you want exactly one entry. C(lookup) turns a list with one entry into
    that entry.
  - The variables C(sendgrid_*) are templated before use, so they can refer to other variables, including
    vault-encrypted ones.
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
      type: str
    type:
      description: V(package) or V(addon). If the API sends another value, it is returned unchanged, with a warning.
      type: str
    quantity:
      description: The quantity that the catalog states, V(null) if it states none.
      type: int
    entitlements:
      description: What the offering includes, V({}) if the catalog states nothing. All keys are returned.
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

# One file: core stores the byte code of plugins, but each worker compiles what a plugin imports.
import os
from collections.abc import Iterable, Mapping
from typing import Any

import ansible.errors
from ansible import constants
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator, ValidationResult
from ansible.parsing.quoting import unquote
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible.utils.path import unfrackpath

from ..module_utils._argspec import ENDPOINTS, LOOKUP, LOOKUP_SETTINGS, environment_variable
from ..module_utils._catalog.cache import LONGEST_TTL, CacheEntry, read_entry
from ..module_utils._catalog.offerings import Filter, Offering, as_integer, select, select_by_name

# Core 2.19 and newer raise it for a variable whose whole template is omitted.
OMITTED = getattr(ansible.errors, "AnsibleValueOmittedError", ())


def _define_options() -> None:
    """Tell core's configuration the options of the lookup and their sources.

    Core would otherwise parse the documentation for them, in each worker. No types: to core, a misspelt boolean is
    false, which would turn TLS off, so the argument spec checks them. No environment variable for the API key:
    ``ansible-config dump`` would print it. The argument spec reads that variable as a fallback.
    """
    definitions = {}
    for name, spec in LOOKUP.items():
        definition: dict[str, Any] = {
            "description": "See ansible-doc -t lookup reseller.sendgrid.offerings.",
            "type": "raw",
            "default": spec.get("default"),
        }
        if name in LOOKUP_SETTINGS:
            definition["vars"] = [{"name": f"sendgrid_{name}"}]
            if not spec.get("no_log"):
                definition["ini"] = [{"section": "reseller.sendgrid", "key": name}]
                # An empty variable is a value to core, which would hide the one in ansible.cfg.
                if os.environ.get(environment_variable(name), "unset").strip():
                    definition["env"] = [{"name": environment_variable(name)}]
        definitions[name] = definition
    constants.config.initialize_plugin_configuration_definitions("lookup", __name__, definitions)


_define_options()


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[dict[str, Any]]:
        checked = ArgumentSpecValidator(LOOKUP).validate(_given_options(self, variables or {}, kwargs))
        found = read_from_cache(checked, terms)
        if found is not None:
            return found
        # Not needed for a cached catalog, and each worker of Ansible compiles what it imports.
        from ..module_utils._errors import SendGridError
        from ..plugin_utils._read_offerings import read_offerings

        try:
            return read_offerings(checked, terms, Display().warning)
        except SendGridError as error:
            raise ansible.errors.AnsibleLookupError(error.message) from error


def read_from_cache(checked: ValidationResult, terms: list[Any]) -> list[Offering] | None:
    """Return the answer, or ``None`` if it is not in the cache or if anything that is given needs a full check."""
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
        and all(option[name] == LOOKUP_SETTINGS[name].get("default") for name in others)
        and 0 < option["cache_ttl"] <= LONGEST_TTL
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
        return select(catalog.offerings, None, filters)
    return select_by_name(catalog.offerings, requested, filters)


def _given_options(lookup: LookupBase, variables: Mapping[str, Any], direct: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that are given, as plain values: as keyword arguments, otherwise in one of core's sources.

    :param variables: of the play, not templated.
    :param direct: the keyword arguments, which core has templated.
    """
    # Unknown options are kept even if they are null, so that a misspelt name is reported.
    given = {name: value for name, value in direct.items() if name not in LOOKUP or not _is_absent(value, variables)}
    # Core 2.18 and older add it in with_ loops.
    given.pop("wantlist", None)
    for name in LOOKUP_SETTINGS.keys() - given.keys():
        variable = f"sendgrid_{name}"
        templated = {variable: _template(lookup._templar, variables, variable)}
        # Not set_options: core 2.17 and older keep no origins with it.
        value, origin = lookup.get_option_and_origin(name, templated)  # type: ignore[no-untyped-call,unused-ignore]
        if origin == constants.CONFIG_FILE:  # type: ignore[attr-defined]
            # Core 2.16 keeps quotes, and newer cores keep those around a path.
            value = unquote(value)
            if value and LOOKUP_SETTINGS[name]["type"] == "path":
                value = unfrackpath(value, follow=False, basedir=origin)
        if origin != "default" and value not in (None, ""):
            given[name] = value
    given = {name: _plain(value) for name, value in given.items()}
    if isinstance(given.get("api_key"), str):
        given["api_key"] = given["api_key"].strip()
    return given


def _is_absent(value: Any, variables: Mapping[str, Any]) -> bool:
    # The value of "omit" is a text in a variable up to core 2.18, then an object of a private type.
    return value is None or value == variables.get("omit") or value.__class__.__name__ == "_OmitType"


def _template(templar: Any, variables: Mapping[str, Any], name: str) -> Any:
    """Return the value of the variable, ``None`` if there is none."""
    try:
        value = templar.template(variables[name]) if name in variables else None
    except OMITTED:
        return None
    # Core 2.18 and older turn a reference to null into an empty text.
    return None if value == "" or _is_absent(value, variables) else value


def _plain(value: Any) -> Any:
    """Return ``value`` in the types that a module would receive.

    Core 2.18 and older pass vault-encrypted text as an object that only looks like text, and views and generators as
    they are. Newer cores pass containers that hold the templating engine, which the argument spec would copy.
    """
    if isinstance(value, str) or hasattr(value, "__ENCRYPTED__"):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [_plain(item) for item in value]
    return value
