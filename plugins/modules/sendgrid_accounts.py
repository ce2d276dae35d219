#!/usr/bin/python
# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sendgrid_accounts
short_description: Plan and provision the accounts of all customers of a SendGrid reseller in one task
version_added: 1.0.0
author:
  - the reseller.sendgrid contributors (@reseller-sendgrid)
description:
  - Compares a list of customers with the accounts of a Twilio SendGrid reseller, makes a plan, and carries it out. The
    plan creates, changes, activates, deactivates and deletes accounts.
  - The module first checks all that can be checked. It checks the rows, looks for each account, checks each order
    against the catalog and the current offerings of the account, and compares the plan with the limits. If anything
    is wrong, the task fails before it changes anything, and reports all problems.
  - In check mode the module reads the same, and returns the same plan. RV(plan) describes it for a person who does not
    read YAML. With O(plan_id) a later task carries out exactly the plan that this person has approved.
  - An account that no row names is never changed. RV(unlisted) lists these accounts.
options:
  accounts:
    description:
      - The customers, one mapping for each. Other values and unknown keys are refused.
      - An empty list is refused, because it is usually a mistake.
      - Two rows must not name the same account, the same ID or the same email.
    type: list
    elements: raw
    required: true
    suboptions:
      name:
        description:
          - What messages and the plan call the customer. By default the company name, the email or the ID.
        type: str
      account_id:
        description:
          - The ID of the account. If it is not set, the module looks for the account whose listed email is
            O(accounts[].profile.email). If both are set, the ID decides.
        type: str
      profile:
        description:
          - As O(reseller.sendgrid.sendgrid_account#module:profile). All values must be text. Write a phone number in
            quotes, because YAML otherwise makes a number of it.
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
              - If you correct an email here, the module finds no account with the new email and plans a second one. The
                first account is then in RV(unlisted). Add O(accounts[].account_id) to such a row.
            type: str
          phone:
            description:
              - A phone number in E.164 format. This is V(+), the country code and the number, with at most fifteen
                digits.
            type: str
          timezone:
            description: A name from the IANA time zone database, such as V(Europe/Prague).
            type: str
      offerings:
        description:
          - "The order, a list of offerings, such as V([milne.ei.pro-100k.v1, {name: milne.x.ip.v2, quantity: 2}])."
          - Each item is the name of an offering, or a mapping with C(name) and optionally C(type) and C(quantity). See
            O(reseller.sendgrid.sendgrid_offerings_gate#module:offerings).
          - It is required to create an account. If it is not set or V(null), the offerings of an existing account stay
            as they are.
        type: raw
      state:
        description:
          - As O(reseller.sendgrid.sendgrid_account#module:state). V(present) does not activate an account that somebody
            has deactivated.
          - V(absent) deletes the account. B(This cannot be undone.) See O(max_deletions). The other keys can stay in
            the row.
        type: str
        choices:
          - present
          - activated
          - deactivated
          - absent
        default: present
      purge_offerings:
        description:
          - Whether to remove the add-ons that O(accounts[].offerings) does not name. By default O(purge_offerings)
            decides.
        type: bool
      test_account:
        description: As O(reseller.sendgrid.sendgrid_account#module:test_account).
        type: bool
        default: false
  purge_offerings:
    description:
      - Whether to remove the add-ons that an order does not name, for rows that do not decide it themselves. With
        V(false) the accounts keep them, the customers are billed for them, and RV(plan) says so.
    type: bool
    default: false
  require_package:
    description:
      - Whether an order without a package is a violation, if the account is new or if the order would purge its
        package. The vendor does not document that a new account needs a package.
    type: bool
    default: true
  create_unverified:
    description:
      - Whether to create accounts although no account in the list has an email, so existing accounts cannot be
        detected. The vendor does not promise that the list shows emails.
      - B(Each run then creates all accounts without an ID again, and all are billed), except within 10 minutes after a
        creation. Set it only for a single run.
    type: bool
    default: false
  on_violation:
    description:
      - What to do if rows are wrong. These are rows with wrong values, rows whose account cannot be identified or read,
        and rows with an order that the catalog or your policy does not allow.
      - With V(stop) the task fails and changes nothing.
      - With V(skip) the task leaves these rows out, carries out the rest of the plan, and fails at the end. If an email
        is repeated, all rows with it are left out.
    type: str
    choices:
      - stop
      - skip
    default: stop
  max_deletions:
    description:
      - The maximum number of accounts that the plan may delete. If it deletes more, the task fails and changes nothing,
        in check mode too. An account that is already gone does not count.
    type: int
    default: 0
  max_creations:
    description:
      - The maximum number of accounts that the plan may create. If it creates more, the task fails and changes nothing,
        in check mode too. By default there is no limit.
    type: int
  plan_id:
    description:
      - The RV(plan_id) that an earlier task has returned, usually in check mode. The task carries out exactly this
        plan. If the plan is another one now, the task fails with the code V(plan_changed) and changes nothing.
      - A blank or null value is refused, so that an empty variable does not turn off the approval.
    type: str
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
      - The module reads accounts and catalog, and all checks are as strict as without check mode. For a new account the
        module assumes that the API creates it activated.
  diff_mode:
    support: full
    details:
      - One diff for each account that changes, with the name of the customer and the ID of the account.
  idempotent:
    support: partial
    details:
      - Not idempotent with O(create_unverified=true), because each run then creates accounts, except within 10 minutes
        after a creation.
notes:
  - The task reads the catalog once and the list of accounts once. It reads the states and offerings of existing
    accounts up to 8 at a time. It changes accounts one by one. First it creates accounts, then it sets states, then it
    replaces offerings, and last it deletes accounts.
  - If the API says with C(X-RateLimit-Remaining) and C(X-RateLimit-Reset) that its limit is reached, the module waits
    before it sends the next request of the same kind, at most O(retry_max_delay).
  - The codes V(unauthorized), V(forbidden), V(region_restricted) and V(tls) end the task, and so do two failures in a
    row with the codes V(connection), V(timeout), V(rate_limited) or V(server_error), or two creations in a row of
    which nobody knows whether they succeeded. The rows that are left then have
    the action V(not_attempted). After other failures the task continues with the next customer.
  - The API cannot recognise a creation that is repeated. The module therefore keeps a creation journal in
    C(cache_dir/journal), with a private file for each account that it creates, also with O(cache_ttl=0). For 10 minutes
    it prevents that a second account is created while the list of accounts does not show the first one, whether a run
    was killed, repeated, or runs at the same time. The journal is only known to tasks with the same endpoint, API key
    and O(cache_dir) on the same machine, run by the same user.
  - Run only one task at a time for each reseller. Tasks that create the same account at the same time on one machine
    wait for each other, and use one account. On several machines they can create it twice. Use a play on C(localhost).
  - A plan for thousands of customers can take minutes. Use C(async) and C(poll) if a connection or a proxy ends long
    tasks.
  - C(changed) is also V(true) for a failed task if the API may have carried out a change.
seealso:
  - module: reseller.sendgrid.sendgrid_account
    description: Does the same for one customer.
  - module: reseller.sendgrid.sendgrid_account_info
    description: Lists accounts and their IDs.
  - ref: From order to account <ansible_collections.reseller.sendgrid.docsite.provisioning>
    description: How to plan, approve and apply the accounts of all customers.
  - name: Account Provisioning API
    description: The vendor's documentation of the API.
    link: https://www.twilio.com/docs/sendgrid/api-reference/account-provisioning-api
"""

EXAMPLES = r"""
- name: Plan the accounts of all customers
  reseller.sendgrid.sendgrid_accounts:
    api_key: "{{ vault_sendgrid_api_key }}"
    accounts:
      - profile:
          company_name: Harbour Bakery
          email: owner@harbour-bakery.example
        offerings:
          - milne.ei.pro-100k.v1
          - name: milne.x.ip.v2
            quantity: 2
      - profile:
          company_name: Alpine Airways
          email: mail@alpine-airways.example
        offerings:
          - milne.ei.pro-700k.v1
        state: deactivated
  check_mode: true
  register: planned

- name: Show the plan to a person
  ansible.builtin.debug:
    msg: "{{ planned.plan }}"

# Fails if the plan has changed since it was approved.
- name: Carry out exactly this plan
  reseller.sendgrid.sendgrid_accounts:
    api_key: "{{ vault_sendgrid_api_key }}"
    accounts:
      - profile:
          company_name: Harbour Bakery
          email: owner@harbour-bakery.example
        offerings:
          - milne.ei.pro-100k.v1
          - name: milne.x.ip.v2
            quantity: 2
      - profile:
          company_name: Alpine Airways
          email: mail@alpine-airways.example
        offerings:
          - milne.ei.pro-700k.v1
        state: deactivated
    plan_id: "{{ planned.plan_id }}"

# The other keys of the row could stay.
- name: Delete the account of one customer permanently
  reseller.sendgrid.sendgrid_accounts:
    api_key: "{{ vault_sendgrid_api_key }}"
    accounts:
      - profile:
          email: mail@alpine-airways.example
        state: absent
    max_deletions: 1
"""

RETURN = r"""
msg:
  description:
    - Human-readable summary of what was done or what failed. If rows are wrong, it has a line for each of them, at most
      100.
  returned: always
  type: str
  sample: "api.sendgrid.com: 2 created, 1 changed, 297 unchanged."
accounts:
  description: What became of each row, in the order of O(accounts).
  returned: when the options other than the rows are valid
  type: list
  elements: dict
  contains:
    name:
      description: The name of the customer.
      returned: in each entry
      type: str
    account_id:
      description:
        - The ID of the account. V(null) if there is none, or if check mode would create it.
      returned: in each entry
      type: str
    email:
      description: The email in the row or, if the row only has an ID, the listed email of the account.
      returned: in each entry
      type: str
    action:
      description:
        - V(created), V(changed), V(deleted) or V(unchanged). In check mode this is what would be done. V(created) is
          also the action of the first task that finds the account after a creation with an unknown outcome.
        - V(failed) if the row is wrong or a request failed. V(skipped) if the row is wrong and was left out because of
          O(on_violation=skip).
        - V(not_attempted) if the row is right, but the task ended before it could change the account.
      returned: in each entry
      type: str
    created:
      description: Whether this task created the account, or is the first to find it after a lost response.
      returned: in each entry
      type: bool
    account_state:
      description:
        - The state of the account after the task. V(null) if the account does not exist, or the state is not known.
      returned: in each entry
      type: str
    offerings:
      description: The offerings of the account after the task, as far as they are known.
      returned: in each entry
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
    kept:
      description: The offerings that the account keeps although the order does not name them.
      returned: in each entry
      type: list
      elements: dict
      contains: *offering
    removed:
      description: What the plan removes from the account. The quantity is the number that is removed.
      returned: in each entry
      type: list
      elements: dict
      contains: *offering
    ignored:
      description: The keys of the row that have no effect because the account already exists.
      returned: in each entry
      type: list
      elements: str
    failure:
      description:
        - What failed for this row, in the form of RV(reseller.sendgrid.sendgrid_account#module:failure). V(null) if
          nothing failed.
      returned: in each entry
      type: dict
    msg:
      description: What was done or what failed.
      returned: in each entry
      type: str
    gate:
      description: The result of the gate, see RV(reseller.sendgrid.sendgrid_offerings_gate#module:gate).
      returned: when the order has violations
      type: dict
    requests:
      description:
        - The write requests that were sent for this row, or would be sent in check mode, in the form of
          RV(reseller.sendgrid.sendgrid_account#module:requests).
      returned: when there are any
      type: list
      elements: dict
  sample:
    - name: Harbour Bakery
      account_id: sg2a2bcd3ef4ab5c67d8efab91c01de2fa
      email: owner@harbour-bakery.example
      action: unchanged
      created: false
      account_state: activated
      offerings:
        - name: milne.ei.pro-100k.v1
          type: package
          quantity: 1
      kept: []
      removed: []
      ignored:
        - profile.company_name
      failure:
      msg: unchanged
plan:
  description:
    - The plan, as lines for a person. First the deletions with what is lost, then what other customers lose, then the
      other changes, the new accounts, what accounts keep although their orders do not name it, rows with an error, and
      the accounts in RV(unlisted). The last line has the totals.
    - The names of customers are in quotes. Characters of an email that are not ASCII are escaped, because they can look
      like others. If a row has an ID and the account is listed with another email, the line shows both.
  returned: when accounts and catalog were read
  type: list
  elements: str
  sample:
    - 'CREATE  "Harbour Bakery" <owner@harbour-bakery.example>: gets milne.ei.pro-100k.v1 × 1, milne.x.ip.v2 × 2'
    - "TOTAL   1 to create, billed at once; 299 unchanged"
plan_id:
  description:
    - Identifies the plan. It is a hash of the endpoint and of what the plan changes, independent of the order and the
      names of the rows. Use it as O(plan_id) to carry out exactly this plan.
  returned: when accounts and catalog were read
  type: str
  sample: 0f343b0931126a20f133d67c2b018a3b-53c234
summary:
  description: The number of rows for each C(action).
  returned: when the options other than the rows are valid
  type: dict
  contains:
    created:
      description: New accounts.
      returned: with RV(summary)
      type: int
    changed:
      description: Accounts with new offerings or another state.
      returned: with RV(summary)
      type: int
    deleted:
      description: Deleted accounts.
      returned: with RV(summary)
      type: int
    unchanged:
      description: Accounts that are as the row asks, or already gone.
      returned: with RV(summary)
      type: int
    failed:
      description: Rows that are wrong, or for which a request failed.
      returned: with RV(summary)
      type: int
    skipped:
      description: Rows that were left out because of O(on_violation=skip).
      returned: with RV(summary)
      type: int
    not_attempted:
      description: Rows that the task did not reach.
      returned: with RV(summary)
      type: int
  sample:
    created: 2
    changed: 1
    deleted: 0
    unchanged: 297
    failed: 0
    skipped: 0
    not_attempted: 0
unlisted:
  description:
    - The accounts that no row names. If an email was corrected in a row, the account with the old email is here, and a
      second one is planned.
  returned: when the list of accounts was read
  type: list
  elements: dict
  contains:
    account_id:
      description: The ID of the account.
      returned: in each entry
      type: str
    email:
      description: The email of the account, V(null) if the API does not list it.
      returned: in each entry
      type: str
  sample:
    - account_id: sg2a2bcd3ef4ab5c67d8efab91c01de2fb
      email: old-address@harbour-bakery.example
diff:
  description: A diff for each account that changes.
  returned: success, in diff mode
  type: list
  elements: dict
  contains:
    before_header:
      description: The name of the customer and the ID of the account.
      returned: in each entry
      type: str
    after_header:
      description: The same as C(before_header).
      returned: in each entry
      type: str
    before:
      description: The account before the task, a line for the state and for each offering. Empty for a new account.
      returned: in each entry
      type: str
    after:
      description: The account after the task. Empty for a deleted account.
      returned: in each entry
      type: str
  sample:
    - before_header: Harbour Bakery (sg2a2bcd3ef4ab5c67d8efab91c01de2fa)
      after_header: Harbour Bakery (sg2a2bcd3ef4ab5c67d8efab91c01de2fa)
      before: |
        state: activated
        milne.ei.pro-100k.v1 × 1
      after: |
        state: activated
        milne.ei.pro-300k.v1 × 1
endpoint:
  description: The URL of the API that was used.
  returned: when the options other than the rows are valid
  type: str
  sample: https://api.sendgrid.com
failure:
  description: What failed, as data on which a playbook can branch.
  returned: failure, except when Ansible itself refuses an option
  type: dict
  contains:
    code:
      description:
        - V(accounts_failed) if rows are wrong or failed. Each of them has its own C(failure) in RV(accounts).
        - V(limit_exceeded) if the plan exceeds O(max_deletions) or O(max_creations). V(plan_changed) if the plan is not
          the one with the O(plan_id) that was given.
        - Otherwise one of the codes in RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.code), if the
          failure ended the task.
      returned: with RV(failure)
      type: str
    message:
      description: The first line of RV(msg).
      returned: with RV(failure)
      type: str
    details:
      description:
        - Details of the failure. The keys below are those of the codes that only this module has. For the other codes
          see RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.details).
      returned: with RV(failure)
      type: dict
      contains:
        host:
          description: The host of the API.
          returned: unless an option is wrong or a library is missing
          type: str
        codes:
          description: The number of rows for each failure code.
          returned: with V(accounts_failed)
          type: dict
        limits:
          description: The limits that the plan exceeds.
          returned: with V(accounts_failed) and V(limit_exceeded)
          type: list
          elements: str
        uncertain:
          description: Whether the API may have carried out a request that failed.
          returned: with V(accounts_failed)
          type: bool
        difference:
          description:
            - In which lines the plan differs from the approved one. Empty if the approved plan has more than 40
              changes.
          returned: with V(plan_changed)
          type: list
          elements: str
  sample:
    code: limit_exceeded
    message: "api.sendgrid.com: the plan deletes 3 accounts, and max_deletions is 0. Nothing was changed. Read the plan,
      and raise the limit if it is meant."
    details:
      host: api.sendgrid.com
      limits:
        - the plan deletes 3 accounts, and max_deletions is 0
"""

from typing import Any

from ..module_utils._accounts.accounts_task import provision_all
from ..module_utils._accounts.api import AccountsApi
from ..module_utils._accounts.options import OPTIONS_OF_ALL, task_problems
from ..module_utils._api.client import Client
from ..module_utils._api.config import create_config
from ..module_utils._api.pacing import Pacing
from ..module_utils._catalog.reader import cache_problems
from ..module_utils._errors import SendGridError
from ..module_utils._module import create_module, fail, fail_unexpectedly
from ..module_utils._orders.policy import policy_problems


def main() -> None:
    module = create_module(OPTIONS_OF_ALL)
    option = module.params.__getitem__
    result: dict[str, Any] = {}
    try:
        problems = task_problems(module.params) + cache_problems(option) + policy_problems(option)
        config = create_config(option, module.warn, problems)
        pacing = Pacing(config.retry_max_delay)
        diff = provision_all(
            lambda: AccountsApi(Client(config, pacing=pacing), module.check_mode), config, option, module.warn, result
        )
    except SendGridError as error:
        fail(module, error, **result)
    except Exception as error:
        fail_unexpectedly(module, error, **result)
    module.exit_json(**result, **({"diff": diff} if module._diff else {}))


if __name__ == "__main__":
    main()
