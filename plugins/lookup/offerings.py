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

import os
from collections.abc import Iterable, Mapping
from typing import Any

import ansible.errors
from ansible import constants
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible_collections.reseller.sendgrid.plugins.module_utils._argspec import (
    ENDPOINTS,
    FILTERS,
    LOOKUP_SETTINGS,
    OFFERING_TYPES,
    environment_variable,
)
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.cache import (
    LONGEST_TTL,
    CacheEntry,
    read_entry,
)
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog.offerings import (
    Filter,
    Offering,
    as_integer,
    select,
    select_by_name,
)

# Core would parse it in each worker, for set_options, which given_options explains that we do not use.
del DOCUMENTATION

# Core 2.19 and newer raise it where a whole template is omitted.
OMITTED = getattr(ansible.errors, "AnsibleValueOmittedError", ())


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[dict[str, Any]]:
        given = given_options(self._templar, variables or {}, kwargs)
        found = from_cache(given, terms)
        if found is not None:
            return found
        # Not imported for an answer from the cache.
        from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import SendGridError
        from ansible_collections.reseller.sendgrid.plugins.plugin_utils._lookup import answer

        try:
            return answer(given, terms, Display().warning)
        except SendGridError as error:
            raise AnsibleLookupError(error.message) from error


def given_options(templar: Any, variables: Mapping[str, Any], direct: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options that are given: keyword arguments first, then variables, the environment and ansible.cfg.

    Not C(set_options): that takes variables untemplated, an empty environment variable for a value, and every typing
    error in a boolean for V(false), which would turn TLS off. A test compares the sources with the documented ones.

    :param templar: of the lookup.
    :param variables: of the play, not templated.
    :param direct: the keyword arguments, which core has templated.
    """
    configuration = _configuration()
    given = {}
    for name in {**LOOKUP_SETTINGS, **direct}:
        value = direct.get(name)
        if _is_absent(value, variables) and name in LOOKUP_SETTINGS:
            sources = (
                _templated(templar, variables, f"sendgrid_{name}"),
                os.environ.get(environment_variable(name)),
                configuration.get(name),
            )
            # Core 2.18 and older template a reference to null to an empty string.
            value = next((value for value in sources if value != "" and not _is_absent(value, variables)), None)
        # A typing error in the name of an option is to be found whatever the value.
        if not _is_absent(value, variables) or (name not in LOOKUP_SETTINGS and name not in FILTERS):
            given[name] = _plain(value)
    # Core 2.18 and older add it in with_ loops.
    given.pop("wantlist", None)
    return given


def from_cache(given: Mapping[str, Any], terms: list[Any]) -> list[Offering] | None:
    """Return the answer, or V(None) if it is not in the cache or if anything that is given needs a closer look."""
    key, region, endpoint = given.get("api_key", ""), given.get("region"), given.get("api_endpoint")
    names, kind, minimums = given.get("names"), given.get("type"), given.get("minimum_entitlements", {})
    asked = terms or names
    try:
        ttl = float(given.get("cache_ttl", LOOKUP_SETTINGS["cache_ttl"]["default"]))
        plain = (
            {"api_key", "region", "api_endpoint", "cache_ttl", "cache_dir", *FILTERS}.issuperset(given)
            and (region is None or endpoint is None)
            and (names is None or not terms)
            and isinstance(asked, (list, type(None)))
            and all(isinstance(name, str) for name in asked or [])
            and kind in (None, *OFFERING_TYPES)
            and all(isinstance(key, str) for key in minimums)
            and all(as_integer(minimum) is not None and abs(minimum) < 10**18 for minimum in minimums.values())
            and 0 < ttl <= LONGEST_TTL
        )
        if not plain:
            return None
        directory = os.path.expanduser(
            os.path.expandvars(given.get("cache_dir", LOOKUP_SETTINGS["cache_dir"]["default"]))
        )
        host = endpoint if endpoint is not None else ENDPOINTS["global" if region is None else region]
        catalog = read_entry(CacheEntry(directory, ttl, host, key.strip(), True))
    except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
        return None
    if catalog is None:
        return None
    wanted = Filter(kind, minimums)
    return (
        select(catalog.offerings, None, wanted) if asked is None else select_by_name(catalog.offerings, asked, wanted)
    )


def _is_absent(value: Any, variables: Mapping[str, Any]) -> bool:
    # What omit is: a text in a variable up to core 2.18, then an object of a type that is not public.
    return value is None or value == variables.get("omit") or value.__class__.__name__ == "_OmitType"


def _templated(templar: Any, variables: Mapping[str, Any], name: str) -> Any:
    try:
        return templar.template(variables[name]) if name in variables else None
    except OMITTED:
        return None


def _configuration() -> dict[str, str]:
    """Return our section of ansible.cfg."""
    try:
        with open(constants.CONFIG_FILE or os.devnull, "rb") as stream:  # type: ignore[attr-defined]
            content = stream.read()
    except OSError:
        return {}
    if b"reseller.sendgrid" not in content:
        return {}
    from ansible_collections.reseller.sendgrid.plugins.plugin_utils._configuration import section

    return section(content, constants.CONFIG_FILE)  # type: ignore[attr-defined]


def _plain(value: Any) -> Any:
    """Return I(value) in the types that a module would be given.

    Core 2.18 and older hand over vault-encrypted text as an object that only looks like text, and views and generators
    as they are. Newer ones hand over containers that hold the templating engine, which the argument spec would copy.
    """
    if isinstance(value, str) or hasattr(value, "__ENCRYPTED__"):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, bytes):
        return [_plain(item) for item in value]
    return value
