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
  - Reads the catalog of offerings, the packages and add-ons with their entitlements that the contract of a reseller of
    Twilio SendGrid allows, and returns entries of it for use in templates.
  - Without terms and without O(names), it returns all offerings that match the filters. With either, it returns exactly
    one entry for each name, in their order, and fails if a name is not in the catalog or is filtered out.
  - It runs on the controller, with the options and results of M(reseller.sendgrid.sendgrid_offerings_info).
extends_documentation_fragment:
  - reseller.sendgrid.connection
  - reseller.sendgrid.connection.lookup
  - reseller.sendgrid.filters
options:
  _terms:
    description:
      - Names of offerings. All terms are served by one read of the catalog.
      - For a computed list use O(names), with which an empty list gives an empty result and not the whole catalog.
    type: list
    elements: str
notes:
  - Use C(query), not C(lookup), unless exactly one entry is wanted. C(lookup) turns a list of one entry into that
    entry.
  - The variables C(sendgrid_*) are templated before use, so that they can refer to other variables, also to
    vault-encrypted ones.
  - An error has the text that the module gives in RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.message).
  - A lookup is evaluated anew for each host, each task and each use of the variable that holds it, and each evaluation
    reads the catalog.
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

- name: Fail before an account is created if the customer has ordered what the catalog does not have
  ansible.builtin.assert:
    that: query('reseller.sendgrid.offerings', names=customer.offerings) | length > 0
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
      description: The name of the offering, which orders refer to.
      type: str
    type:
      description: V(package) or V(addon). Another value of the API is kept, with a warning.
      type: str
    quantity:
      description: The quantity that the catalog states, V(null) where it states none.
      type: int
    entitlements:
      description: What comes with the offering, V({}) where the catalog states nothing. All keys are kept.
      type: dict
      contains:
        email_sends_max_monthly:
          description: How many mails can be sent in a month.
          returned: when the catalog states it
          type: int
        ip_count:
          description: How many dedicated IP addresses there are.
          returned: when the catalog states it
          type: int
        teammates_max_total:
          description: How many teammates there can be.
          returned: when the catalog states it
          type: int
        users_max_total:
          description: How many subusers there can be.
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

from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible.utils.display import Display
from ansible_collections.reseller.sendgrid.plugins.module_utils._catalog import Offering, pick, select, summary
from ansible_collections.reseller.sendgrid.plugins.module_utils._connection import connection
from ansible_collections.reseller.sendgrid.plugins.module_utils._errors import MASK, SendGridError
from ansible_collections.reseller.sendgrid.plugins.module_utils._options import filters
from ansible_collections.reseller.sendgrid.plugins.module_utils._read import read_catalog
from ansible_collections.reseller.sendgrid.plugins.plugin_utils._lookup_options import lookup_options


class LookupModule(LookupBase):
    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Offering]:
        warn = Display().warning
        try:
            option = lookup_options(self._templar, variables or {}, kwargs).__getitem__
            names, wanted, problems = filters(option)
            if terms and names is not None:
                problems.append(("names", "it is given together with terms, and only one of them can be"))
            if any(not isinstance(term, str) for term in terms):
                problems.append(("terms", "each has to be the name of an offering; use names for a computed list"))
            settings = connection(option, warn, problems)
            catalog = read_catalog(settings, warn)
        except SendGridError as error:
            raise AnsibleLookupError(error.message) from error
        if names is None and not terms:
            return select(catalog.offerings, None, wanted)
        chosen, missed = pick(catalog.offerings, terms or names or [], wanted, settings.host)
        if missed:
            # Core masks nothing in the error of a lookup.
            raise AnsibleLookupError(summary(missed, " ").replace(settings.api_key, MASK))
        return chosen
