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
  - Creates, changes, activates, deactivates or deletes one account of a customer of a Twilio SendGrid reseller. It
    creates the account if it does not exist, and replaces its offerings if they differ.
  - The gate checks the offerings first, as M(reseller.sendgrid.sendgrid_offerings_gate) does. If the catalog does not
    allow the order, the task fails before anything is created, changed or billed, and reports all violations.
  - A request that creates an account is never retried once it may have reached the API, unless the API refused it with
    429. Then the module waits for at least 5 seconds, and reads the list of accounts before it sends the request again.
  - If the response is lost, the task fails. The message then says that the account may exist, and how to find it. For
    10 minutes, later tasks use the account as soon as it is listed, and do not create another one.
options:
  state:
    description:
      - V(present) creates the account if it does not exist, and updates its offerings. It does not activate or
        deactivate the account.
      - V(activated) and V(deactivated) do the same, and also activate or deactivate the account. The module sets the
        state of an existing account before it replaces the offerings. If the account is suspended, banned or
        indeterminate, the task fails and does not change an existing account, because only the vendor can change that
        state. With V(present) there is a warning instead.
      - V(absent) deletes the account. B(This cannot be undone). The API revokes its keys and single sign-on, removes
        its offerings and IP addresses, and ends billing. O(account_id) or O(profile.email) identifies the account. The
        other account options can be set too, and have no effect.
      - With V(absent) and an ID, a 404 counts as deleted only if the module can read the list of accounts and the
        account is not in it. With V(absent) and an email, the account counts as deleted if the list has no account with
        this email. If an account in the list has no email, this cannot be known, and the task fails.
    type: str
    choices:
      - present
      - activated
      - deactivated
      - absent
    default: present
  account_id:
    description:
      - The ID of the account, as returned in RV(account_id) and by M(reseller.sendgrid.sendgrid_account_info).
      - If it is not set, the module looks for the account whose listed email is O(profile.email). Each task then reads
        the whole list of accounts, 100 with each request. For many customers, use
        M(reseller.sendgrid.sendgrid_accounts), which reads the list once.
      - Set O(account_id), or O(profile.email), or both. With both, the ID decides. If no account has this ID, the
        module does not create one.
    type: str
  profile:
    description:
      - The profile of a new account. The API can neither show nor change it later. For an existing account it has no
        effect, except that O(profile.email) can identify the account. RV(ignored) lists the fields without effect.
      - All values must be text. Numbers and booleans are refused, because YAML may have changed what you wrote, and a
        profile cannot be corrected later. Write a phone number in quotes.
    type: dict
    suboptions:
      first_name:
        description: The first name of the account holder.
        type: str
      last_name:
        description: The last name of the account holder.
        type: str
      company_name:
        description: The name of the company.
        type: str
      company_website:
        description: The URL of the company's website.
        type: str
      email:
        description:
          - The email of the account holder. The module uses it to find the account again, and ignores case.
          - If you correct it here, the module finds no account with the new email and creates a second one. Set
            O(account_id) too.
        type: str
      phone:
        description:
          - A phone number in E.164 format. This is V(+), the country code and the number, with at most fifteen digits.
        type: str
      timezone:
        description: A name from the IANA time zone database, such as V(Europe/Prague).
        type: str
  offerings:
    description:
      - "The order, a list of offerings, such as V([milne.ei.pro-100k.v1, {name: milne.x.ip.v2, quantity: 2}])."
      - Each item is the name of an offering, or a mapping with C(name) and optionally C(type) and C(quantity). See
        O(reseller.sendgrid.sendgrid_offerings_gate#module:offerings).
      - It is required to create an account. If it is not set or V(null), the offerings of an existing account stay as
        they are.
      - A package in the order replaces the package of the account. This takes effect at once.
      - An offering that the account has can stay, in its current or a lower quantity, even if the catalog no longer
        lists it.
    type: raw
  purge_offerings:
    description:
      - Whether to remove the add-ons that O(offerings) does not name. With V(false) the account keeps them.
      - With V(true) the account has exactly the offerings in O(offerings) afterwards, and O(offerings) is required,
        except with O(state=absent).
    type: bool
    default: false
  require_package:
    description:
      - Whether an order without a package is a violation, if the account is new or if the order would purge its
        package. The vendor does not document that a new account needs a package.
    type: bool
    default: true
  test_account:
    description:
      - Whether a new account is a test account. A test account gets no dedicated IP address and can send 100 mails a
        day, whatever its offerings. A real account cannot become a test account later. The vendor does not document
        whether a test account can become a real account. For an existing account the option has no effect, and
        RV(ignored) lists it.
    type: bool
    default: false
  create_unverified:
    description:
      - Whether to create the account although no account in the list has an email, so existing accounts cannot be
        detected. The vendor does not promise that the list shows emails.
      - B(Each run then creates another account, and all are billed), except within 10 minutes after a creation. Set it
        only for a single run, for a customer who certainly has no account.
    type: bool
    default: false
extends_documentation_fragment:
  - reseller.sendgrid._connection
  - reseller.sendgrid._cache
  - reseller.sendgrid._cache.account
  - reseller.sendgrid._policy
  - reseller.sendgrid._attributes
  - reseller.sendgrid._attributes.actiongroup_sendgrid
attributes:
  check_mode:
    support: full
    details:
      - The module reads accounts and catalog, and the gate is as strict as without check mode. RV(requests) lists the
        requests that would be sent. For a new account the module assumes that the API creates it activated.
  diff_mode:
    support: full
  idempotent:
    support: partial
    details:
      - Not idempotent with O(create_unverified=true), because each run then creates an account, except within 10
        minutes after a creation.
notes:
  - The API replaces all offerings of an account at once. If two runs change one account at the same time, the later run
    overwrites the changes of the earlier one, because each run starts from the offerings that it has read.
  - If you lower the quantity of an IP add-on, the API removes the newest IP addresses from the account.
  - The API cannot recognise a creation that is repeated. The module therefore keeps a creation journal in
    C(cache_dir/journal), with a private file for each account that it creates, also with O(cache_ttl=0). For 10 minutes
    it prevents that a second account is created while the list of accounts does not show the first one, whether a run
    was killed, repeated, or runs at the same time. The journal is only known to tasks with the same endpoint, API key
    and O(cache_dir) on the same machine, run by the same user.
  - A task runs once for each host of the play, also with C(delegate_to). Tasks that create the same account at the same
    time on one machine wait for each other, and use one account. On several machines they can create it twice. Use a
    play on C(localhost).
  - The API may not find an account that was just created. The task that creates the account waits up to 30 seconds for
    it before it changes the state. So do later tasks for 10 minutes, if the journal knows the account.
  - C(changed) is also V(true) for a failed task if the API may have carried out the change.
seealso:
  - module: reseller.sendgrid.sendgrid_accounts
    description: Does the same for many customers in one task, with a plan that a person can approve.
  - module: reseller.sendgrid.sendgrid_account_info
    description: Lists accounts and their IDs.
  - module: reseller.sendgrid.sendgrid_offerings_gate
    description: Checks orders without accounts.
  - module: reseller.sendgrid.sendgrid_account_sso
    description: Gets a URL that signs on to an account.
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

# The account keeps the add-on, because purge_offerings is not set. With account_id the module does not read the list of
# all accounts.
- name: Upgrade the package
  reseller.sendgrid.sendgrid_account:
    api_key: "{{ vault_sendgrid_api_key }}"
    account_id: "{{ bakery.account_id }}"
    offerings:
      - milne.ei.pro-300k.v1

# Also if somebody types 100000: the task fails before anything is changed.
- name: Add IP addresses, at most five
  reseller.sendgrid.sendgrid_account:
    api_key: "{{ vault_sendgrid_api_key }}"
    account_id: "{{ bakery.account_id }}"
    offerings:
      - name: milne.x.ip.v2
        quantity: 4
    maximum_quantities:
      milne.x.*: 5

- name: Deactivate the account of a customer who does not pay
  reseller.sendgrid.sendgrid_account:
    api_key: "{{ vault_sendgrid_api_key }}"
    account_id: "{{ bakery.account_id }}"
    state: deactivated

- name: Delete the account permanently
  reseller.sendgrid.sendgrid_account:
    api_key: "{{ vault_sendgrid_api_key }}"
    account_id: "{{ bakery.account_id }}"
    state: absent
"""

RETURN = r"""
msg:
  description:
    - Human-readable summary of what was done or what failed. It contains all violations of O(offerings).
  returned: always
  type: str
  sample: "sg2a2bcd3ef4ab5c67d8efab91c01de2fa: created."
account_id:
  description: The ID of the account. V(null) if the account was not found, or would be created in check mode.
  returned: when the options are valid
  type: str
  sample: sg2a2bcd3ef4ab5c67d8efab91c01de2fa
created:
  description:
    - Whether this task created the account, or would create it in check mode. Also V(true) for the first task that
      finds the account after an earlier run did not learn whether it was created. C(changed) is V(true) then too.
  returned: when the options are valid
  type: bool
  sample: true
account_state:
  description:
    - The state of the account after the task, V(activated), V(deactivated), V(suspended), V(banned) or
      V(indeterminate).
    - V(null) for a new account with O(state=present), because the module does not read the state then.
  returned: when the account exists after the task, unless a failure leaves its offerings and state unknown
  type: str
  sample: activated
offerings:
  description: The offerings that the account has after the task, or would have in check mode.
  returned: when the account exists after the task, unless a failure leaves its offerings and state unknown
  type: list
  elements: dict
  contains: &offering
    name:
      description: The name of the offering.
      returned: in each entry
      type: str
    type:
      description: The type of the offering.
      returned: in each entry
      type: str
    quantity:
      description: The quantity of the offering.
      returned: in each entry
      type: int
  sample:
    - name: milne.ei.pro-100k.v1
      type: package
      quantity: 1
    - name: milne.x.ip.v2
      type: addon
      quantity: 2
kept:
  description:
    - The offerings that the account keeps although O(offerings) does not name them. V([]) if the account is deleted.
  returned: when O(offerings) passes the gate, or the account is deleted
  type: list
  elements: dict
  contains: *offering
  sample:
    - name: milne.x.ip.v2
      type: addon
      quantity: 2
removed:
  description:
    - What the change removes from the account. The quantity is the number that is removed, so a lower quantity of an
      add-on is listed too. If the account is deleted, all its offerings.
  returned: when O(offerings) passes the gate, or the account is deleted
  type: list
  elements: dict
  contains: *offering
  sample:
    - name: milne.ei.pro-100k.v1
      type: package
      quantity: 1
gate:
  description:
    - The result of the gate for all offerings that the account will have, first those in O(offerings), then those that
      it keeps. The form is that of RV(reseller.sendgrid.sendgrid_offerings_gate#module:gate).
  returned: when O(offerings) is set, the catalog was read, and O(state) is not V(absent)
  type: dict
  sample:
    ok: true
    violations: []
    payload:
      - name: milne.ei.pro-100k.v1
        type: package
        quantity: 1
ignored:
  description:
    - The fields of the profile, and C(test_account), that are set and have no effect because the account already
      exists. The email that identifies the account is not among them.
  returned: when the account exists before the task, or is created
  type: list
  elements: str
  sample:
    - profile.company_name
    - test_account
requests:
  description: The write requests that were sent, in order, or would be sent in check mode.
  returned: when the options are valid
  type: list
  elements: dict
  contains:
    method:
      description: The HTTP method.
      returned: in each entry
      type: str
    path:
      description: The path, relative to RV(endpoint). For an account that check mode would create, it contains
        C({account_id}).
      returned: in each entry
      type: str
    headers:
      description: The headers that only this operation needs.
      returned: in each entry
      type: dict
    body:
      description: The JSON body, V(null) if there is none.
      returned: in each entry
      type: dict
  sample:
    - method: PUT
      path: /v3/partners/accounts/sg2a2bcd3ef4ab5c67d8efab91c01de2fa/state
      headers: {}
      body:
        state: deactivated
diff:
  description: The account before and after the task, as far as the module has read it.
  returned: success, in diff mode
  type: dict
  contains:
    before_header:
      description: The name of the customer and the ID of the account.
      returned: with RV(diff)
      type: str
    after_header:
      description: The same as C(before_header).
      returned: with RV(diff)
      type: str
    before:
      description: The account before the task, C({}) if it did not exist.
      returned: with RV(diff)
      type: dict
    after:
      description: The account after the task, C({}) if it does not exist.
      returned: with RV(diff)
      type: dict
  sample:
    before_header: Harbour Bakery (sg2a2bcd3ef4ab5c67d8efab91c01de2fa)
    after_header: Harbour Bakery (sg2a2bcd3ef4ab5c67d8efab91c01de2fa)
    before:
      account_id: sg2a2bcd3ef4ab5c67d8efab91c01de2fa
      offerings: []
      state: activated
    after:
      account_id: sg2a2bcd3ef4ab5c67d8efab91c01de2fa
      offerings: []
      state: deactivated
endpoint:
  description: The URL of the API that was used.
  returned: when the options are valid
  type: str
  sample: https://api.sendgrid.com
failure:
  description: What failed, as data on which a playbook can branch.
  returned: failure, except when Ansible itself refuses an option
  type: dict
  contains:
    code:
      description:
        - V(gate_violations) if the order has violations. V(ambiguous_account) if several accounts have the email.
          V(creation_pending) if an account may have been created less than 10 minutes ago and the list lacks it.
          V(unverified_account) if no account in the list has an email, see O(create_unverified), or if the account to
          delete has no ID and an account in the list has no email. V(account_state) if only the vendor can change the
          state of the account. Otherwise one of the codes in
          RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.code).
        - V(not_found) also means that there is no account with the email, and that the module cannot create it because
          O(offerings) is not set.
      returned: with RV(failure)
      type: str
    message:
      description: The first line of RV(msg).
      returned: with RV(failure)
      type: str
    details:
      description:
        - Details of the failure. The keys below are those of the codes that only this module has. For the other codes
          see RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.details), and for V(gate_violations) see
          RV(reseller.sendgrid.sendgrid_offerings_gate#module:failure.details).
      returned: with RV(failure)
      type: dict
      contains:
        host:
          description: The host of the API.
          returned: unless an option is wrong or a library is missing
          type: str
        account_ids:
          description:
            - The IDs of the accounts that have the email. V([]) with V(not_found). With V(rate_limited), those of new
              accounts of which one may be this one.
          returned: with V(ambiguous_account), with V(not_found) if no account has the email, and with V(rate_limited)
            if an account may have been created
          type: list
          elements: str
        account_id:
          description: The ID of the account, V(null) if it is not known.
          returned: with V(creation_pending), and with each failure after this task has created the account
          type: str
        journal:
          description: The path of the file in the creation journal.
          returned: with V(creation_pending), and with V(ambiguous_account) if the journal knows one of the accounts
          type: str
        pending_until:
          description: When the refusal ends at the latest, in UTC.
          returned: with V(creation_pending)
          type: str
        uncertain:
          description: Whether the API may have carried out a request. V(true) with V(creation_pending).
          returned: with V(creation_pending), and with failures of a request
          type: bool
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

from ..module_utils._accounts.account_task import provision
from ..module_utils._accounts.api import AccountsApi
from ..module_utils._accounts.options import OPTIONS, account_problems
from ..module_utils._api.client import Client
from ..module_utils._api.config import create_config
from ..module_utils._catalog.reader import cache_problems
from ..module_utils._errors import SendGridError
from ..module_utils._module import create_module, fail, fail_unexpectedly
from ..module_utils._orders.policy import policy_problems


def main() -> None:
    module = create_module(OPTIONS)
    option = module.params.__getitem__
    result: dict[str, Any] = {}
    try:
        problems = account_problems(module.params) + cache_problems(option) + policy_problems(option)
        config = create_config(option, module.warn, problems)
        diff = provision(AccountsApi(Client(config), module.check_mode), config, option, module.warn, result)
    except SendGridError as error:
        fail(module, error, **result)
    except Exception as error:
        fail_unexpectedly(module, error, **result)
    module.exit_json(**result, **({"diff": diff} if module._diff else {}))


if __name__ == "__main__":
    main()
