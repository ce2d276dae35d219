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
  - Returns the accounts that a reseller of Twilio SendGrid has created for customers, all of them or those with given
    ids or emails, on request with the offerings and the state of each.
  - The API can only list all accounts, 100 in a request, so each task reads the whole list, whatever it chooses.
options:
  account_ids:
    description:
      - Return the accounts with these ids. V([]) selects none.
      - With O(emails), the accounts of both are returned. If neither is given, or both are V(null), it is all accounts.
    type: list
    elements: str
  emails:
    description:
      - Return the accounts with these emails, compared without regard to case. V([]) selects none.
      - The vendor shows emails in its examples of the list and does not promise them. If no account in the list has
        one, there is a warning.
    type: list
    elements: str
  include:
    description:
      - What to read of each account that is returned. Each takes a request for each account.
    type: list
    elements: str
    choices:
      - offerings
      - state
    default: []
extends_documentation_fragment:
  - reseller.sendgrid._connection
  - reseller.sendgrid._attributes
  - reseller.sendgrid._attributes.info
  - reseller.sendgrid._attributes.actiongroup_sendgrid
notes:
  - A list with more than 10,000 pages, which are a million accounts, is taken for one that does not end. That is an
    error.
seealso:
  - module: reseller.sendgrid.sendgrid_account
    description: Creates, changes and deletes accounts.
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

- name: Find the accounts of two customers, with what they have and whether they can send
  reseller.sendgrid.sendgrid_account_info:
    api_key: "{{ vault_sendgrid_api_key }}"
    emails:
      - owner@harbour-bakery.example
      - it@alpine-airways.example
    include:
      - offerings
      - state
  register: found

- name: Show who has no account
  ansible.builtin.debug:
    msg: "{{ found.missing }}"
"""

RETURN = r"""
msg:
  description: What went wrong.
  returned: failure
  type: str
  sample: "GET https://api.sendgrid.com/v3/partners/accounts?limit=100: 401 Unauthorized. Check that the API key is
    complete and not revoked, and has full access to the reseller's account."
accounts:
  description:
    - The accounts that were chosen, in the order of the API. Keys beside those below are returned as the API sends
      them.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The id of the account.
      type: str
    created_at:
      description: When it was created, in the form of RFC 3339.
      type: str
    email:
      description: The email of its profile. The vendor does not promise that it is listed.
      returned: when the API lists it
      type: str
    updated_at:
      description: When it was changed last, in the form of RFC 3339. The vendor does not promise that it is listed.
      returned: when the API lists it
      type: str
    offerings:
      description:
        - What the account has. V(null) if the API does not find the account, because it was deleted since it was listed
          or created a moment ago.
      returned: when O(include) has V(offerings)
      type: list
      elements: dict
      contains:
        name:
          description: The name of the offering.
          type: str
        type:
          description: Its type, V(package) or V(addon).
          type: str
        quantity:
          description: How many of it the account has.
          type: int
    state:
      description:
        - V(activated), V(deactivated), V(suspended), V(banned) or V(indeterminate). V(null) as with the offerings.
      returned: when O(include) has V(state)
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
missing:
  description: Those of O(account_ids) and O(emails) for which no account is listed.
  returned: success
  type: list
  elements: str
  sample:
    - it@alpine-airways.example
endpoint:
  description: The URL of the API that was asked.
  returned: success
  type: str
  sample: https://api.sendgrid.com
failure:
  description: What went wrong, for a playbook to branch on.
  returned: failure, except where Ansible itself refuses an option
  type: dict
  contains:
    code:
      description:
        - What RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.code) can be.
      type: str
    message:
      description: The same as RV(msg).
      type: str
    details:
      description:
        - What is known of the failure, see RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.details).
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

from ..module_utils._accounts.account_info import read_accounts
from ..module_utils._accounts.api import AccountsApi, id_problems
from ..module_utils._api.client import Client
from ..module_utils._api.config import create_config
from ..module_utils._errors import SendGridError
from ..module_utils._module import create_module, fail

OPTIONS: dict[str, dict[str, Any]] = {
    "account_ids": {"type": "list", "elements": "str"},
    "emails": {"type": "list", "elements": "str"},
    "include": {"type": "list", "elements": "str", "choices": ["offerings", "state"], "default": []},
}


def main() -> None:
    module = create_module(OPTIONS)
    option = module.params.__getitem__
    problems = [problem for one in option("account_ids") or [] for problem in id_problems("account_ids", one)]
    problems += [("emails", "one of them is empty") for one in option("emails") or [] if not one.strip()]
    try:
        config = create_config(option, module.warn, problems)
        result = read_accounts(AccountsApi(Client(config)), option, module.warn)
    except SendGridError as error:
        fail(module, error)
    module.exit_json(**result, endpoint=config.endpoint)


if __name__ == "__main__":
    main()
