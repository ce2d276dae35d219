#!/usr/bin/python
# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sendgrid_account_api_key
short_description: Create, change and delete an API key of the account of a SendGrid reseller's customer
version_added: 1.0.0
author:
  - the reseller.sendgrid contributors (@reseller-sendgrid)
description:
  - Creates an API key with which a customer can send mail, replaces the scopes of a key if they differ, or deletes a
    key. The module finds a key by its name.
  - B(The key is a secret, and the API shows it once). RV(api_key) is in the result only of the task that creates the
    key. A module cannot hide its own result, so set C(no_log=true) for every task with this module. Do not use
    C(async), because Ansible writes the result of such a task to a file.
  - All requests use the API key of the reseller, and the header C(on-behalf-of) with the ID of the customer's account.
    The module never acts on the account of the reseller.
  - A request that creates a key is never retried once it may have reached the API, unless the API refused it with
    429. Then the module waits for at least 5 seconds, and looks for the key before it sends the request again. If the
    response is lost, or if the last attempt is refused with 429, the task fails. The message then says that the key
    may exist, and what to do.
options:
  account_id:
    description:
      - The ID of the customer's account, as returned by M(reseller.sendgrid.sendgrid_account).
    type: str
    required: true
  name:
    description:
      - The name of the key. It identifies the key in the account. Upper and lower case differ.
      - The API allows several keys with the same name. If there are several, the task fails and returns their IDs.
      - White space around it and invisible characters are refused. The vendor does not document a maximum length. If
        the API stores another name, there is a warning.
      - Text. A number is refused, because YAML reads V(2026.10) as the number 2026.1. Write it in quotes.
    type: raw
    required: true
  api_key_id:
    description:
      - The ID of the key to delete, if several keys have the name. RV(failure.details.api_key_ids) lists the IDs.
      - Only with O(state=absent). If the key with this ID has another name, the task fails.
    type: str
  scopes:
    description:
      - What the key may do, such as V(mail.send). A list of texts, without repetitions and not empty. The vendor's page
        on API key permissions lists all scopes. The API refuses unknown ones.
      - If the key exists and its scopes differ, they are replaced. The order has no effect. The comparison ignores
        C(2fa_exempt), C(2fa_required), C(sender_verification_eligible), C(sender_verification_exempt) and
        C(sender_verification_legacy), because the API adds them by itself. A list of only these is refused.
      - Either O(scopes) or O(full_access=true) is required, except with O(state=absent).
    type: raw
  full_access:
    description:
      - Whether a new key may do everything that the account may do. The API gives full access to every key that is
        created without scopes, so this must be asked for.
      - If the key exists, its scopes are not compared and not changed. The vendor does not document how full access
        appears in the scopes of a key, and the API can give it only to a new key. RV(msg) says so.
    type: bool
    default: false
  state:
    description:
      - V(present) creates the key if it does not exist, and replaces its scopes if they differ.
      - V(absent) deletes the key. B(This cannot be undone). The vendor says that a deleted key stops working after a
        short delay. The other options can be set too, and have no effect.
    type: str
    choices:
      - present
      - absent
    default: present
  cache_dir:
    description:
      - The directory of the lock, on the machine where this runs. While one task creates a key, other tasks of the same
        user that want a key of the same name in the same account wait for it. So several hosts that delegate this task
        to V(localhost) create one key.
      - If the directory cannot be used, the task warns and works without the lock. It never contains a key.
      - Its environment variable is E(SENDGRID_CACHE_DIR). The default is the same as that of
        O(reseller.sendgrid.sendgrid_account#module:cache_dir).
    type: path
    default: ~/.ansible/sendgrid_cache
extends_documentation_fragment:
  - reseller.sendgrid._connection
  - reseller.sendgrid._attributes
  - reseller.sendgrid._attributes.actiongroup_sendgrid
attributes:
  check_mode:
    support: full
    details:
      - The module reads the keys of the account. RV(requests) lists the requests that would be sent.
  diff_mode:
    support: full
    details:
      - The diff shows the name and the scopes, never the key.
  idempotent:
    support: full
notes:
  - An account has at most 100 API keys. The API refuses more with 403, and the message says so.
  - The vendor does not document how the API refuses requests for an account that is banned, deleted or another
    reseller's. The hint names these causes for 401, 403 and 404.
  - If another task holds the lock for longer than three requests can take, this task fails with the code V(timeout)
    and creates nothing.
seealso:
  - module: reseller.sendgrid.sendgrid_account
    description: Creates the account.
  - ref: API keys of customers <ansible_collections.reseller.sendgrid.docsite.api_keys>
    description: A guide with the whole life of a key, its rotation and its storage in a vault.
  - name: API key permissions
    description: The vendor's list of scopes.
    link: https://www.twilio.com/docs/sendgrid/api-reference/api-key-permissions
"""

EXAMPLES = r"""
# Without no_log, the output and the logs of AWX would show the key.
- name: Make sure that the customer has a key that can only send mail
  reseller.sendgrid.sendgrid_account_api_key:
    api_key: "{{ vault_sendgrid_api_key }}"
    account_id: "{{ customer_account_id }}"
    name: website 2026
    scopes:
      - mail.send
  register: website
  no_log: true

# A second run has no api_key in its result. A task that wrote it anyway would overwrite the good one.
- name: Write a new key to a file that only its owner can read
  ansible.builtin.copy:
    content: "{{ website.api_key }}"
    dest: "{{ operator_home }}/sendgrid-api-key"
    mode: "0600"
  when: website.api_key is defined
  no_log: true

# The key may exist although nobody has it, if the response to its creation was lost or a run was interrupted.
- name: Stop if the file does not have the key of the account
  ansible.builtin.assert:
    that: website.api_key_id in lookup('ansible.builtin.file', key_file, errors='ignore') | default('', true)
    fail_msg: If nobody has the key {{ website.api_key_id }}, delete it with the state absent, and run this again.
    quiet: true
  when: not ansible_check_mode
  vars:
    key_file: "{{ operator_home }}/sendgrid-api-key"

- name: Delete the key of last year
  reseller.sendgrid.sendgrid_account_api_key:
    api_key: "{{ vault_sendgrid_api_key }}"
    account_id: "{{ customer_account_id }}"
    name: website 2025
    state: absent
"""

RETURN = r"""
msg:
  description: Human-readable summary. It does not contain the key.
  returned: always
  type: str
  sample: The API key 'website 2026' of the account sg2a2bcd3ef4ab5c67d8efab91c01de2fa was created.
api_key:
  description:
    - The key itself, a secret. The result has it only if this task has created the key. Otherwise it is absent, not
      V(null), so that a template that needs it fails.
  returned: when the key was created, not in check mode
  type: str
  sample: VALUE_SPECIFIED_IN_NO_LOG_PARAMETER
api_key_id:
  description:
    - The ID of the key, which is no secret. V(null) if there is no such key.
    - V(null) with a warning if the API does not state the ID of a new key.
  returned: success
  type: str
  sample: qfTQ6KG0QBiwWdJ0-pCLCA
name:
  description: The same as O(name).
  returned: when the options are valid
  type: str
  sample: website 2026
scopes:
  description:
    - The scopes of the key, sorted, without those that the API adds by itself. V(null) if the API does not state them,
      or if the key is deleted.
    - There is a warning if those of a new key are not the ones in O(scopes).
  returned: success
  type: list
  elements: str
  sample:
    - mail.send
account_id:
  description: The same as O(account_id).
  returned: when the options are valid
  type: str
  sample: sg2a2bcd3ef4ab5c67d8efab91c01de2fa
endpoint:
  description: The URL of the API that was used.
  returned: when the options are valid
  type: str
  sample: https://api.sendgrid.com
requests:
  description: The write requests that were sent, or would be sent in check mode. They contain no key.
  returned: when the options are valid
  type: list
  elements: dict
  contains:
    method:
      description: The HTTP method.
      returned: in each entry
      type: str
    path:
      description: The path below the endpoint.
      returned: in each entry
      type: str
    headers:
      description: The headers in addition to those of every request.
      returned: in each entry
      type: dict
    body:
      description: The JSON document.
      returned: in each entry
      type: dict
  sample:
    - method: POST
      path: /v3/api_keys
      headers:
        on-behalf-of: account-id sg2a2bcd3ef4ab5c67d8efab91c01de2fa
      body:
        name: website 2026
        scopes:
          - mail.send
diff:
  description: The name and the scopes of the key, before and after.
  returned: when the play runs with C(--diff)
  type: dict
  contains:
    before_header:
      description: The name of the key and the ID of the account.
      returned: with RV(diff)
      type: str
    after_header:
      description: The same as RV(diff.before_header).
      returned: with RV(diff)
      type: str
    before:
      description: What was there, V({}) if there was no key.
      returned: with RV(diff)
      type: dict
    after:
      description: What is there, or would be.
      returned: with RV(diff)
      type: dict
  sample:
    before_header: API key 'website 2026' of the account sg2a2bcd3ef4ab5c67d8efab91c01de2fa
    after_header: API key 'website 2026' of the account sg2a2bcd3ef4ab5c67d8efab91c01de2fa
    before: {}
    after:
      name: website 2026
      scopes:
        - mail.send
failure:
  description: What failed, as data on which a playbook can branch.
  returned: failure, except when Ansible itself refuses an option
  type: dict
  contains:
    code:
      description:
        - V(ambiguous_api_key) if several keys of the account have the name. RV(failure.details.api_key_ids) lists them.
          O(api_key_id) chooses one to delete.
        - Otherwise one of the codes in RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.code).
      returned: with RV(failure)
      type: str
    message:
      description: The same as RV(msg).
      returned: with RV(failure)
      type: str
    details:
      description:
        - Details of the failure, see RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.details).
        - If C(uncertain) is V(true) after a request that creates a key, the key may exist, and nobody knows it.
      returned: with RV(failure)
      type: dict
      contains:
        api_key_ids:
          description: The IDs of the keys with the name.
          returned: with the code V(ambiguous_api_key)
          type: list
          elements: str
  sample:
    code: ambiguous_api_key
    message: "The account sg2a2bcd3ef4ab5c67d8efab91c01de2fa at api.sendgrid.com has 2 API keys with the name 'website
      2026': qfTQ6KG0QBiwWdJ0-pCLCA, some-apikey-id. Find out which one is in use, and delete the others with the state
      absent and their api_key_id."
    details:
      api_key_ids:
        - qfTQ6KG0QBiwWdJ0-pCLCA
        - some-apikey-id
"""

from typing import Any

from ..module_utils._accounts.api_key import provision_key
from ..module_utils._accounts.api_key_plan import OPTIONS, key_problems
from ..module_utils._accounts.on_behalf import CustomerApi
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
        config = create_config(option, module.warn, key_problems(module.params) + cache_problems(option))
        api = CustomerApi(Client(config), option("account_id"), module.check_mode)
        diff = provision_key(api, config, option, module.warn, result)
    except SendGridError as error:
        fail(module, error, **result)
    module.exit_json(**result, **({"diff": diff} if module._diff else {}))


if __name__ == "__main__":
    main()
