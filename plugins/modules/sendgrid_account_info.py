#!/usr/bin/python
# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sendgrid_account_info
short_description: List the accounts of a SendGrid reseller's customers
version_added: 1.0.0
author:
  - the reseller.sendgrid contributors (@reseller-sendgrid)
description:
  - Returns the accounts that a Twilio SendGrid reseller has created for customers. It returns all accounts or those
    with given IDs or emails, and on request the offerings, the state, the IP addresses and the usage of each account.
  - The API can only list all accounts, 100 with each request. Each task therefore reads the whole list, also if it
    returns only some accounts.
options:
  account_ids:
    description:
      - Return the accounts with these IDs. V([]) selects none.
      - If you also set O(emails), the module returns the accounts that match either option. If neither option is set,
        or both are V(null), it returns all accounts.
    type: list
    elements: str
  emails:
    description:
      - Return the accounts with these emails. The comparison ignores case. V([]) selects none.
      - The vendor's examples of the list show emails, but the vendor does not promise them. If no listed account has an
        email, none can be found by its email, and there is a warning.
    type: list
    elements: str
  include:
    description:
      - What else to read for each returned account. Each choice needs one request for each account, V(ips) two for an
        account that has any. The module sends up to 8 of these requests at a time.
      - V(usage) is read on behalf of each account, with the header C(on-behalf-of).
      - If V(ips) or V(usage) cannot be read for some accounts, they are V(null) there, and there is a warning. If they
        cannot be read for any account, or the API cannot be reached, the task fails.
    type: list
    elements: str
    choices:
      - offerings
      - state
      - ips
      - usage
    default: []
extends_documentation_fragment:
  - reseller.sendgrid._connection
  - reseller.sendgrid._attributes
  - reseller.sendgrid._attributes.info
  - reseller.sendgrid._attributes.actiongroup_sendgrid
notes:
  - If the list has more than 10,000 pages (a million accounts), the module takes it for endless and fails.
seealso:
  - module: reseller.sendgrid.sendgrid_account
    description: Creates, changes and deletes accounts.
  - module: reseller.sendgrid.sendgrid_accounts
    description: Does this for many customers in one task, and reads the accounts itself.
  - name: Account Provisioning API
    description: The vendor's documentation of the API.
    link: https://www.twilio.com/docs/sendgrid/api-reference/account-provisioning-api
"""

EXAMPLES = r"""
- name: Read all accounts once
  reseller.sendgrid.sendgrid_account_info:
    api_key: "{{ vault_sendgrid_api_key }}"
  register: existing
  delegate_to: localhost
  run_once: true

- name: Show the ids by email
  ansible.builtin.debug:
    msg: "{{ dict(with_email | map(attribute='email') | map('lower') | zip(with_email | map(attribute='id'))) }}"
  vars:
    with_email: "{{ existing.accounts | selectattr('email', 'defined') }}"

- name: Find the accounts of two customers, with their offerings and states
  reseller.sendgrid.sendgrid_account_info:
    api_key: "{{ vault_sendgrid_api_key }}"
    emails:
      - owner@harbour-bakery.example
      - it@alpine-airways.example
    include:
      - offerings
      - state
  register: found

- name: Find out how much mail the customers send
  reseller.sendgrid.sendgrid_account_info:
    api_key: "{{ vault_sendgrid_api_key }}"
    include:
      - usage
  register: measured

- name: Show who has used more than 80 percent
  ansible.builtin.debug:
    msg: "{{ item.email }}"
  loop: "{{ measured.accounts | selectattr('usage') }}"
  loop_control:
    label: "{{ item.id }}"
  when: (item.usage.used or 0) > 0.8 * (item.usage.total or 0)

- name: Show the customers without an account
  ansible.builtin.debug:
    msg: "{{ found.missing }}"
"""

RETURN = r"""
msg:
  description: What failed.
  returned: failure
  type: str
  sample: "GET https://api.sendgrid.com/v3/partners/accounts?limit=100: 401 Unauthorized. Check that the API key is
    complete and not revoked, and has full access to the reseller's account."
accounts:
  description:
    - The selected accounts, in the order of the API. Other keys that the API sends are returned unchanged.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The ID of the account.
      returned: in each entry
      type: str
    created_at:
      description: When the account was created, in RFC 3339 format.
      returned: in each entry
      type: str
    email:
      description: The email in the account's profile. The vendor does not promise that the list shows it.
      returned: when the API lists it
      type: str
    updated_at:
      description: When the account was last changed, in RFC 3339 format. The vendor does not promise that the list
        shows it.
      returned: when the API lists it
      type: str
    offerings:
      description:
        - The offerings of the account. V(null) if the API does not find the account, because it was deleted after it
          was listed, or created a moment ago.
      returned: when O(include) has V(offerings)
      type: list
      elements: dict
      contains:
        name:
          description: The name of the offering.
          returned: in each entry
          type: str
        type:
          description: The type of the offering, V(package) or V(addon).
          returned: in each entry
          type: str
        quantity:
          description: The quantity of the offering.
          returned: in each entry
          type: int
    state:
      description:
        - V(activated), V(deactivated), V(suspended), V(banned) or V(indeterminate). V(null) for the same reasons as
          RV(accounts[].offerings).
      returned: when O(include) has V(state)
      type: str
    ips:
      description:
        - The IP addresses of the account, the newest first. V(null) if they cannot be read.
        - The vendor does not document how they relate to the quantity of an IP add-on.
      returned: when O(include) has V(ips)
      type: list
      elements: dict
      contains:
        ip:
          description: The address.
          returned: in each entry
          type: str
        region:
          description: The region of the address, V(us) or V(eu).
          returned: in each entry
          type: str
    usage:
      description:
        - The credits of the account. V(null) if they cannot be read. Each number or text is V(null) if the API does not
          state it. Other keys that the API sends are returned unchanged.
      returned: when O(include) has V(usage)
      type: dict
      contains:
        total:
          description: How many mails the account can send until RV(accounts[].usage.next_reset) without overage.
          returned: with RV(accounts[].usage)
          type: int
        used:
          description: How many of them it has used.
          returned: with RV(accounts[].usage)
          type: int
        remain:
          description: How many of them are left.
          returned: with RV(accounts[].usage)
          type: int
        overage:
          description: How many mails it has sent beyond RV(accounts[].usage.total).
          returned: with RV(accounts[].usage)
          type: int
        last_reset:
          description: The date on which the numbers were last reset.
          returned: with RV(accounts[].usage)
          type: str
        next_reset:
          description: The date on which they are reset next.
          returned: with RV(accounts[].usage)
          type: str
        reset_frequency:
          description: How often they are reset, such as V(monthly).
          returned: with RV(accounts[].usage)
          type: str
  sample:
    - id: sg2a2bcd3ef4ab5c67d8efab91c01de2fa
      email: owner@harbour-bakery.example
      created_at: "2026-01-02T15:04:05Z"
      updated_at: "2026-01-02T15:04:05Z"
      offerings:
        - name: milne.ei.pro-100k.v1
          type: package
          quantity: 1
      state: activated
      ips:
        - ip: 192.0.2.1
          region: us
      usage:
        total: 100000
        used: 81250
        remain: 18750
        overage: 0
        last_reset: "2026-01-01"
        next_reset: "2026-02-01"
        reset_frequency: monthly
missing:
  description: The values in O(account_ids) and O(emails) that match no listed account.
  returned: success
  type: list
  elements: str
  sample:
    - it@alpine-airways.example
endpoint:
  description: The URL of the API that was used.
  returned: success
  type: str
  sample: https://api.sendgrid.com
failure:
  description: What failed, as data on which a playbook can branch.
  returned: failure, except when Ansible itself refuses an option
  type: dict
  contains:
    code:
      description:
        - One of the codes in RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.code).
      returned: with RV(failure)
      type: str
    message:
      description: The same as RV(msg).
      returned: with RV(failure)
      type: str
    details:
      description:
        - Details of the failure, see RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.details).
      returned: with RV(failure)
      type: dict
  sample:
    code: not_found
    message: "GET https://api.sendgrid.com/v3/partners/accounts/sg2a2bcd3ef4ab5c67d8efab91c01de2fa/state: 404 Not Found.
      Check region or api_endpoint and, if the path names an account, its id."
    details:
      status: 404
      method: GET
      host: api.sendgrid.com
      path: /v3/partners/accounts/sg2a2bcd3ef4ab5c67d8efab91c01de2fa/state
      attempts: 1
      uncertain: false
      errors: []
      excerpt:
      date: Thu, 01 Jan 2026 00:00:00 GMT
      hint: Check region or api_endpoint and, if the path names an account, its id
"""

from typing import Any

from ..module_utils._accounts.account_info import READERS, read_accounts
from ..module_utils._accounts.api import AccountsApi
from ..module_utils._accounts.identity import id_problems
from ..module_utils._api.client import Client
from ..module_utils._api.config import create_config
from ..module_utils._api.pacing import Pacing
from ..module_utils._errors import SendGridError
from ..module_utils._module import create_module, fail

OPTIONS: dict[str, dict[str, Any]] = {
    "account_ids": {"type": "list", "elements": "str"},
    "emails": {"type": "list", "elements": "str"},
    "include": {"type": "list", "elements": "str", "choices": list(READERS), "default": []},
}


def main() -> None:
    module = create_module(OPTIONS)
    option = module.params.__getitem__
    problems = [problem for one in option("account_ids") or [] for problem in id_problems("account_ids", one)]
    problems += [("emails", "one of them is empty") for one in option("emails") or [] if not one.strip()]
    try:
        config = create_config(option, module.warn, problems)
        pacing = Pacing(config.retry_max_delay)
        result = read_accounts(lambda: AccountsApi(Client(config, pacing=pacing)), option, module.warn)
    except SendGridError as error:
        fail(module, error)
    module.exit_json(**result, endpoint=config.endpoint)


if __name__ == "__main__":
    main()
