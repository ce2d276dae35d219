#!/usr/bin/python
# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sendgrid_account
short_description: Create, change, activate, deactivate and delete the accounts of a SendGrid reseller's customers
version_added: 1.0.0
author:
  - the reseller.sendgrid contributors (@reseller-sendgrid)
description:
  - Brings one account of a customer of a reseller of Twilio SendGrid into the state that is asked for. It creates the
    account if there is none, replaces its offerings if they differ, activates or deactivates it, or deletes it.
  - Offerings pass the gate first, the same as in M(reseller.sendgrid.sendgrid_offerings_gate). An order that the
    catalog does not allow fails the task before anything is created, changed or billed, with everything that is wrong
    about it.
  - A request that creates an account is never sent again once it may have arrived. If the answer is lost, the task
    fails, and says that the account may exist and how to find it.
options:
  state:
    description:
      - V(present) creates the account if it does not exist, and sees to its offerings. Whether it is activated is left
        as it is.
      - V(activated) and V(deactivated) do so too, and then activate or deactivate it. An account that is suspended,
        banned or indeterminate is left as it is and fails the task, as only the vendor can lift that; with V(present)
        there is a warning.
      - V(absent) deletes the account. B(That cannot be undone). Its keys and single sign-on are revoked, its offerings
        and IP addresses are removed, and billing ends. It takes no other option than O(account_id). That the API does
        not find the account is believed only if the list of accounts can be read and lacks it.
    type: str
    choices:
      - present
      - activated
      - deactivated
      - absent
    default: present
  account_id:
    description:
      - The id of the account, as RV(account_id) and M(reseller.sendgrid.sendgrid_account_info) return it.
      - If it is not given, the account is the one whose listed email is O(profile.email). Each task then reads the
        whole list of accounts, 100 in a request. For many customers, read the list once with
        M(reseller.sendgrid.sendgrid_account_info) and give the ids.
      - One of it and O(profile.email) is needed. An account with an id that does not exist is not created.
    type: str
  profile:
    description:
      - Who the customer is, for a new account. The API can neither show nor change it later, so for an account that
        exists it has no effect, and RV(ignored) says so.
    type: dict
    suboptions:
      first_name:
        description: The first name of the account's holder.
        type: str
      last_name:
        description: The last name of the account's holder.
        type: str
      company_name:
        description: The name of the company.
        type: str
      company_website:
        description: The URL of its website.
        type: str
      email:
        description:
          - The email of the account's holder, by which the account is found again, without regard to case.
        type: str
      phone:
        description:
          - A phone number in the form of E.164, which is V(+), the code of the country and the number, fifteen digits
            at most.
        type: str
      timezone:
        description: A name from the IANA time zone database, such as V(Europe/Prague).
        type: str
  offerings:
    description:
      - The order, as O(reseller.sendgrid.sendgrid_offerings_gate#module:offerings) takes it. It is needed to create an
        account. If it is not given or V(null), the offerings of an account that exists are left as they are.
      - A package takes the place of the package that the account has. That takes effect at once.
      - What the account has may stay, in the quantity that it has, also if the catalog no longer lists it.
    type: raw
  purge_offerings:
    description:
      - Whether the account loses the add-ons that O(offerings) does not name. If V(false), they are kept.
      - With V(true) the offerings of the account become exactly those of O(offerings), which have to be given then.
    type: bool
    default: false
  require_package:
    description:
      - Whether an order for a new account without a package is a violation, and one that would purge the package of an
        account. That a new account needs a package is not documented by the vendor.
    type: bool
    default: true
  test_account:
    description:
      - Whether a new account is a test account. It gets no dedicated IP address and sends 100 mails a day, whatever its
        offerings. It cannot become a real account later, nor a real one a test account, so it has no effect on an
        account that exists, and RV(ignored) says so.
    type: bool
    default: false
  create_unverified:
    description:
      - Whether to create the account although no account in the list has an email, so that nobody can tell whether the
        customer has one already. The vendor does not promise that emails are listed.
      - B(Each run then creates another account, and all are billed). Set it for a single run, for a customer who
        certainly has no account.
    type: bool
    default: false
extends_documentation_fragment:
  - reseller.sendgrid._connection
  - reseller.sendgrid._cache
  - reseller.sendgrid._cache.account
  - reseller.sendgrid._attributes
  - reseller.sendgrid._attributes.actiongroup_sendgrid
attributes:
  check_mode:
    support: full
    details:
      - Accounts and catalog are read, and the gate is as strict as out of check mode. RV(requests) has what would be
        sent; for a new account it supposes that the API creates it activated.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - Not with O(create_unverified=true), which creates an account in each run, nor as long as the API does not list
        an account that was just created.
notes:
  - The API replaces all offerings of an account at once. If two runs change one account at the same time, the later one
    puts back what the earlier one has changed, since each starts from the offerings that it has read.
  - A lower quantity of an IP add-on takes the newest IP addresses from the account.
  - A task runs once for each host of the play, also with C(delegate_to), and two that look for the same account at the
    same time can create it twice. Use a play on C(localhost), or C(run_once=true).
  - An account that was just created may not be found at once. The task that creates it waits up to 30 seconds for it
    before it switches its state; a task that follows does not.
  - C(changed) is V(true) also for a task that failed, if the API may have carried out what was asked for.
seealso:
  - module: reseller.sendgrid.sendgrid_account_info
    description: Finds accounts and their ids.
  - module: reseller.sendgrid.sendgrid_offerings_gate
    description: Checks many orders before the first account is created.
  - module: reseller.sendgrid.sendgrid_account_sso
    description: Signs on to an account.
  - name: Account Provisioning API
    description: The vendor's documentation of the API.
    link: https://www.twilio.com/docs/sendgrid/api-reference/account-provisioning-api
"""

EXAMPLES = r"""
- name: Make sure that a customer has an account with this package and two IP addresses
  reseller.sendgrid.sendgrid_account:
    api_key: "{{ vault_sendgrid_api_key }}"
    profile:
      company_name: Harbour Bakery
      email: owner@harbour-bakery.example
    offerings:
      - milne.ei.pro-100k.v1
      - name: milne.x.ip.v2
        quantity: 2
  register: bakery

# The add-on is kept, as it is not purged. Find the account by its id, which takes no list of all accounts.
- name: Upgrade the package
  reseller.sendgrid.sendgrid_account:
    api_key: "{{ vault_sendgrid_api_key }}"
    account_id: "{{ bakery.account_id }}"
    offerings:
      - milne.ei.pro-300k.v1

- name: Deactivate the account of a customer who does not pay
  reseller.sendgrid.sendgrid_account:
    api_key: "{{ vault_sendgrid_api_key }}"
    account_id: "{{ bakery.account_id }}"
    state: deactivated

- name: Delete the account for ever
  reseller.sendgrid.sendgrid_account:
    api_key: "{{ vault_sendgrid_api_key }}"
    account_id: "{{ bakery.account_id }}"
    state: absent
"""

RETURN = r"""
msg:
  description:
    - What was done, or what went wrong, for a person. All violations of O(offerings) are in it.
  returned: always
  type: str
  sample: "sg2a2bcd3ef4ab5c67d8efab91c01de2fa: created."
account_id:
  description: The id of the account; V(null) for an account that check mode would create, or that was not found.
  returned: when the options are in order
  type: str
  sample: sg2a2bcd3ef4ab5c67d8efab91c01de2fa
account_state:
  description:
    - The state of the account after the task, V(activated), V(deactivated), V(suspended), V(banned) or
      V(indeterminate).
    - V(null) for a new account with O(state=present), as it is not read then.
  returned: when the account exists or is created, unless a failure leaves it uncertain
  type: str
  sample: activated
offerings:
  description: What the account has after the task, or would have in check mode.
  returned: when the account exists or is created, unless a failure leaves it uncertain
  type: list
  elements: dict
  contains: &offering
    name:
      description: The name of the offering.
      type: str
    type:
      description: Its type.
      type: str
    quantity:
      description: How many of it.
      type: int
  sample:
    - name: milne.ei.pro-100k.v1
      type: package
      quantity: 1
    - name: milne.x.ip.v2
      type: addon
      quantity: 2
kept:
  description: The offerings that the account had and keeps although O(offerings) does not name them.
  returned: when O(offerings) pass the gate
  type: list
  elements: dict
  contains: *offering
  sample:
    - name: milne.x.ip.v2
      type: addon
      quantity: 2
removed:
  description:
    - What the change takes away from the account. The quantity is how many are taken away, so a lower quantity of an
      add-on counts too.
  returned: when O(offerings) pass the gate
  type: list
  elements: dict
  contains: *offering
  sample:
    - name: milne.ei.pro-100k.v1
      type: package
      quantity: 1
gate:
  description:
    - What the gate says of all offerings that the account is to have, those of O(offerings) first and then those that
      it keeps, as in RV(reseller.sendgrid.sendgrid_offerings_gate#module:gate).
  returned: when O(offerings) are given and the catalog was read
  type: dict
  sample:
    ok: true
    violations: []
    payload:
      - name: milne.ei.pro-100k.v1
        type: package
        quantity: 1
ignored:
  description: The options that have no effect because the account exists.
  returned: when the account exists or is created
  type: list
  elements: str
  sample:
    - profile.company_name
    - test_account
requests:
  description: What was sent to change something, in order, or would be sent in check mode.
  returned: when the options are in order
  type: list
  elements: dict
  contains:
    method:
      description: The method of the request.
      type: str
    path:
      description: The path, below RV(endpoint). For an account that check mode would create it has C({account_id}).
      type: str
    headers:
      description: The headers that the operation has of its own.
      type: dict
    body:
      description: What is sent as JSON, V(null) for nothing.
      type: dict
  sample:
    - method: PUT
      path: /v3/partners/accounts/sg2a2bcd3ef4ab5c67d8efab91c01de2fa/state
      headers: {}
      body:
        state: deactivated
diff:
  description: The account before and after the task, as far as it was read.
  returned: success, in diff mode
  type: dict
  contains:
    before:
      description: The account before, C({}) if there was none.
      type: dict
    after:
      description: The account after, C({}) if there is none.
      type: dict
  sample:
    before:
      account_id: sg2a2bcd3ef4ab5c67d8efab91c01de2fa
      offerings: []
      state: activated
    after:
      account_id: sg2a2bcd3ef4ab5c67d8efab91c01de2fa
      offerings: []
      state: deactivated
endpoint:
  description: The URL of the API that was asked.
  returned: when the options are in order
  type: str
  sample: https://api.sendgrid.com
failure:
  description: What went wrong, for a playbook to branch on.
  returned: failure, except where Ansible itself refuses an option
  type: dict
  contains:
    code:
      description:
        - V(gate_violations) if the order does not pass; V(ambiguous_account) if several accounts have the email;
          V(unverified_account) if no account in the list has an email, see O(create_unverified); V(account_state) if
          the account is in a state that only the vendor can change; else what
          RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.code) can be.
        - V(not_found) also if there is no account and it cannot be created, because O(offerings) is not given.
      type: str
    message:
      description: The first line of RV(msg).
      type: str
    details:
      description:
        - What is known of the failure. For other codes than those that only this module has see
          RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.details), and with V(gate_violations)
          RV(reseller.sendgrid.sendgrid_offerings_gate#module:failure.details).
      type: dict
      contains:
        host:
          description: The host that was asked.
          type: str
        account_ids:
          description: The ids of the accounts that have the email.
          returned: with V(ambiguous_account) and V(not_found)
          type: list
          elements: str
        state:
          description: The state of the account.
          returned: with V(account_state)
          type: str
  sample:
    code: account_state
    message: "api.sendgrid.com: sg2a2bcd3ef4ab5c67d8efab91c01de2fa is suspended, so it cannot be activated. Only the
      vendor can lift that: ask its support."
    details:
      host: api.sendgrid.com
      state: suspended
"""

from typing import Any

from ..module_utils._accounts.api import AccountsApi
from ..module_utils._accounts.apply import provision
from ..module_utils._accounts.options import OPTIONS, account_problems
from ..module_utils._api.client import Client
from ..module_utils._api.config import create_config
from ..module_utils._catalog.reader import cache_problems
from ..module_utils._errors import SendGridError
from ..module_utils._module import create_module, fail


def main() -> None:
    module = create_module(OPTIONS)
    option = module.params.__getitem__
    result: dict[str, Any] = {}
    try:
        config = create_config(option, module.warn, account_problems(option) + cache_problems(option))
        diff = provision(AccountsApi(Client(config), module.check_mode), config, option, module.warn, result)
    except SendGridError as error:
        fail(module, error, **result)
    module.exit_json(**result, **({"diff": diff} if module._diff else {}))


if __name__ == "__main__":
    main()
