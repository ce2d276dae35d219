#!/usr/bin/python
# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sendgrid_account_sso
short_description: Get a URL that signs on to the account of a SendGrid reseller's customer
version_added: 1.0.0
author:
  - the reseller.sendgrid contributors (@reseller-sendgrid)
description:
  - Asks the API for a one-time URL, with which a browser is signed on to the account of a customer. It is returned, and
    not followed.
  - B(The URL is a secret). Whoever opens it first is signed on to the account, for which it is valid 60 seconds. A
    module cannot hide its own result, so every task with this module needs C(no_log=true), and no debug task should
    show it.
options:
  account_id:
    description:
      - The id of the account.
    type: str
    required: true
extends_documentation_fragment:
  - reseller.sendgrid._connection
  - reseller.sendgrid._attributes
  - reseller.sendgrid._attributes.actiongroup_sendgrid
attributes:
  check_mode:
    support: full
    details:
      - In check mode nothing is requested, and RV(url) is V(null).
  diff_mode:
    support: N/A
    details:
      - The account is not changed.
  idempotent:
    support: none
    details:
      - Each run makes another URL.
seealso:
  - module: reseller.sendgrid.sendgrid_account_info
    description: Finds the ids of accounts.
  - name: Account Provisioning API
    description: The vendor's documentation of the API.
    link: https://www.twilio.com/docs/sendgrid/api-reference/account-provisioning-api
"""

EXAMPLES = r"""
# Without no_log the URL would be in the output and in the logs of AWX, and open the account to whoever reads them.
- name: Get a URL that signs on to the account of a customer
  reseller.sendgrid.sendgrid_account_sso:
    api_key: "{{ vault_sendgrid_api_key }}"
    account_id: "{{ customer_account_id }}"
  register: sign_on
  no_log: true

- name: Write it where only the operator can read it, to be opened within 60 seconds
  ansible.builtin.copy:
    content: "{{ sign_on.url }}"
    dest: "{{ operator_home }}/sign-on-url"
    mode: "0600"
  no_log: true
"""

RETURN = r"""
msg:
  description: What came of it, for a person. It does not hold the URL.
  returned: always
  type: str
  sample: A URL that signs on to sg2a2bcd3ef4ab5c67d8efab91c01de2fa was made. It expires after 60 seconds.
account_id:
  description: The id of the account.
  returned: success
  type: str
  sample: sg2a2bcd3ef4ab5c67d8efab91c01de2fa
url:
  description: The URL to open in a browser, a secret; V(null) in check mode.
  returned: success
  type: str
  sample: https://app.sendgrid.com/sso?code=VALUE_SPECIFIED_IN_NO_LOG_PARAMETER
expires_in:
  description: How many seconds the URL is valid from when it was made.
  returned: success
  type: int
  sample: 60
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
    message: "POST https://api.sendgrid.com/v3/partners/accounts/sg2a2bcd3ef4ab5c67d8efab91c01de2fa/sso: 404 Not Found.
      Check region or api_endpoint and, if the path names an account, its id."
    details:
      status: 404
      method: POST
      host: api.sendgrid.com
      path: /v3/partners/accounts/sg2a2bcd3ef4ab5c67d8efab91c01de2fa/sso
      attempts: 1
      uncertain: false
      errors: []
      excerpt:
      date: Thu, 01 Jan 2026 00:00:00 GMT
      hint: Check region or api_endpoint and, if the path names an account, its id
"""

from typing import Any

from ..module_utils._accounts.api import SSO_LIFETIME, AccountsApi, id_problems
from ..module_utils._api.client import Client
from ..module_utils._api.config import create_config
from ..module_utils._errors import SendGridError
from ..module_utils._module import create_module, fail

OPTIONS: dict[str, dict[str, Any]] = {"account_id": {"type": "str", "required": True}}


def main() -> None:
    module = create_module(OPTIONS)
    option = module.params.__getitem__
    account_id = option("account_id")
    try:
        config = create_config(option, module.warn, id_problems("account_id", account_id))
        url = AccountsApi(Client(config), module.check_mode).create_sso_url(account_id)
    except SendGridError as error:
        fail(module, error)
    outcome = f"A URL that signs on to {account_id} {'was' if url else 'would be'} made."
    message = f"{outcome} It expires after {SSO_LIFETIME} seconds."
    module.exit_json(msg=message, account_id=account_id, url=url, expires_in=SSO_LIFETIME, endpoint=config.endpoint)


if __name__ == "__main__":
    main()
