#!/usr/bin/python
# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sendgrid_offerings_info
short_description: Read the catalog of offerings that a SendGrid reseller may sell
version_added: 1.0.0
author:
  - the reseller.sendgrid contributors (@reseller-sendgrid)
description:
  - Reads the catalog of offerings that a Twilio SendGrid reseller may sell, the packages and add-ons with their
    entitlements, and returns the offerings that match the filters.
  - To read the catalog inside templates, use the lookup P(reseller.sendgrid.offerings#lookup), which has the same
    options and returns the same entries.
extends_documentation_fragment:
  - reseller.sendgrid._connection
  - reseller.sendgrid._cache
  - reseller.sendgrid._cache.module
  - reseller.sendgrid._filters
  - reseller.sendgrid._attributes
  - reseller.sendgrid._attributes.info
  - reseller.sendgrid._attributes.actiongroup_sendgrid
notes:
  - If a name in O(names) is not in the catalog, the task does not fail, see RV(missing).
  - A task runs on each host of the play, and each host sends a request. Use C(run_once) or a play on C(localhost)
    to read the catalog once.
seealso:
  - plugin: reseller.sendgrid.offerings
    plugin_type: lookup
    description: The same catalog inside templates.
  - name: Account Provisioning API
    description: The vendor's documentation of the API.
    link: https://www.twilio.com/docs/sendgrid/api-reference/account-provisioning-api
"""

EXAMPLES = r"""
- name: Read the whole catalog
  reseller.sendgrid.sendgrid_offerings_info:
    api_key: "{{ vault_sendgrid_api_key }}"
  register: catalog
  delegate_to: localhost
  run_once: true

- name: Show the names of all add-ons
  ansible.builtin.debug:
    msg: "{{ catalog.offerings | selectattr('type', 'equalto', 'addon') | map(attribute='name') }}"

- name: Find the packages with a dedicated IP address for at least 100,000 mails a month
  reseller.sendgrid.sendgrid_offerings_info:
    api_key: "{{ vault_sendgrid_api_key }}"
    type: package
    minimum_entitlements:
      email_sends_max_monthly: 100000
      ip_count: 1
  register: packages

- name: Fail if an offering of the price list is not in the catalog
  reseller.sendgrid.sendgrid_offerings_info:
    api_key: "{{ vault_sendgrid_api_key }}"
    names: "{{ price_list | list }}"
  register: priced
  failed_when: priced is failed or priced.missing | length > 0

- name: Wait and retry if the API limits the rate, fail on any other error
  reseller.sendgrid.sendgrid_offerings_info:
    api_key: "{{ vault_sendgrid_api_key }}"
  register: result
  until: result is success or (result.failure | default({})).code | default('') != 'rate_limited'
  retries: 3
  delay: 60
"""

RETURN = r"""
offerings:
  description: The offerings that match, in the order of the API.
  returned: success
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
missing:
  description: The names in O(names) that are not in the catalog at all, in the order of O(names), each once.
  returned: success
  type: list
  elements: str
  sample:
    - milne.ei.pro-100.v1
suggestions:
  description:
    - What may have been meant by each name in RV(missing), in the same order.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The name in RV(missing).
      returned: in each entry
      type: str
    suggestions:
      description:
        - At most three names in the catalog. First those that differ only in case, white space and separators, or in a
          prefix or a version that the given name lacks. Then other versions, the newest before older ones, then similar
          names.
      returned: in each entry
      type: list
      elements: str
  sample:
    - name: milne.ei.pro-100.v1
      suggestions:
        - milne.ei.pro-100k.v1
endpoint:
  description: The URL of the API that was used.
  returned: success
  type: str
  sample: https://api.sendgrid.com
cached:
  description: Whether the catalog came from the cache and not from the API.
  returned: success
  type: bool
  sample: false
cache_age:
  description: The age of the catalog in seconds, V(0) if it came from the API.
  returned: success
  type: float
  sample: 0
rate_limit_remaining:
  description: How many requests the API still allows before it limits the rate, V(null) if the API does not state it.
  returned: success
  type: int
  sample: 599
failure:
  description: What failed, as data on which a playbook can branch. RV(ignore:msg) says the same on one line.
  returned: failure, except when Ansible itself refuses an option
  type: dict
  contains:
    code:
      description:
        - The kind of failure.
        - V(missing_library) and V(invalid_option) mean that nothing was sent. V(timeout), V(connection) and V(tls) mean
          that there was no response. V(bad_request) (400 and other 4xx), V(unauthorized) (401), V(forbidden) (403),
          V(not_found) (404), V(rate_limited) (429), V(region_restricted) (451) and V(server_error) (5xx) mean that the
          API responded with this status. V(unexpected_response) means that the response is not what the API promises.
      returned: with RV(failure)
      type: str
    message:
      description: The text of RV(ignore:msg).
      returned: with RV(failure)
      type: str
    details:
      description: Details of the failure.
      returned: with RV(failure)
      type: dict
      contains:
        status:
          description: The HTTP status, V(null) if there was no response.
          returned: unless nothing was sent
          type: int
        host:
          description: The host of the API.
          returned: unless nothing was sent
          type: str
        method:
          description: The HTTP method.
          returned: unless nothing was sent
          type: str
        path:
          description: The path of the URL.
          returned: unless nothing was sent
          type: str
        errors:
          description: The errors of the API, with C(message), C(field), C(error_id) and C(help), which may be V(null).
          returned: unless nothing was sent
          type: list
          elements: dict
        excerpt:
          description: The beginning of a response that is not one of the API's errors, otherwise V(null).
          returned: unless nothing was sent
          type: str
        date:
          description: The C(Date) header of the response, for the vendor's support. V(null) if there was none.
          returned: unless nothing was sent
          type: str
        attempts:
          description: How many times the request was sent.
          returned: unless nothing was sent
          type: int
        uncertain:
          description:
            - Whether the API may have carried out the request although it failed. Never V(true) for a request that only
              reads.
          returned: unless nothing was sent
          type: bool
        hint:
          description: What to do next.
          returned: unless nothing was sent
          type: str
        problems:
          description: All problems with the options (C(option) and C(message)) or with the catalog (text).
          returned: with V(invalid_option), and with V(unexpected_response) for a catalog
          type: list
          elements: raw
        library:
          description: The Python library that is missing.
          returned: with V(missing_library)
          type: str
        python:
          description: The Python that needs it.
          returned: with V(missing_library)
          type: str
  sample:
    code: unauthorized
    message: "GET https://api.sendgrid.com/v3/partners/offerings: 401 Unauthorized: Failed to authenticate user
      [10-40100]. Check that the API key is complete and not revoked, and has full access to the reseller's account."
    details:
      status: 401
      host: api.sendgrid.com
      method: GET
      path: /v3/partners/offerings
      errors:
        - message: Failed to authenticate user
          field:
          error_id: 10-40100
          help:
      excerpt:
      date: Sun, 22 Nov 2026 12:00:00 GMT
      attempts: 1
      uncertain: false
      hint: Check that the API key is complete and not revoked, and has full access to the reseller's account
"""

from ..module_utils._api.config import create_config
from ..module_utils._argspec import CACHE, FILTERS
from ..module_utils._catalog.filters import parse_filters
from ..module_utils._catalog.offerings import select
from ..module_utils._catalog.reader import cache_problems, read_catalog
from ..module_utils._catalog.suggestions import missing_names, unknown_entitlements
from ..module_utils._errors import SendGridError
from ..module_utils._module import create_module, fail


def main() -> None:
    module = create_module({**CACHE, **FILTERS})
    option = module.params.__getitem__
    try:
        names, filters, problems = parse_filters(option)
        catalog, offerings, suggestions = read_catalog(
            create_config(option, module.warn, problems + cache_problems(option)),
            option,
            module.warn,
            lambda catalog: (
                select(catalog.offerings, names, filters),
                missing_names(catalog.offerings, names or []),
            ),
        )
    except SendGridError as error:
        fail(module, error)
    if warning := unknown_entitlements(catalog.offerings, filters, catalog.metadata["endpoint"]):
        module.warn(warning)
    missing = [entry["name"] for entry in suggestions]
    module.exit_json(offerings=offerings, missing=missing, suggestions=suggestions, **catalog.metadata)


if __name__ == "__main__":
    main()
