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
  - Requests a one-time URL from the API. A browser that opens the URL is signed on to the account of a customer. The
    module returns the URL and does not follow it.
  - B(The URL is a secret). The first person who opens it is signed on to the account. It is valid for 60 seconds. A
    module cannot hide its own result, so set C(no_log=true) for every task with this module, and do not show the URL in
    a debug task. Do not use C(async), because Ansible writes the result of such a task to a file.
options:
  account_id:
    description:
      - The ID of the account.
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
      - In check mode the module sends no request, and RV(url) is V(null).
  diff_mode:
    support: N/A
    details:
      - The module does not change the account.
  idempotent:
    support: none
    details:
      - Each run creates a new URL.
seealso:
  - module: reseller.sendgrid.sendgrid_account_info
    description: Lists accounts and their IDs.
  - name: Account Provisioning API
    description: The vendor's documentation of the API.
    link: https://www.twilio.com/docs/sendgrid/api-reference/account-provisioning-api
"""

EXAMPLES = r"""
# Without no_log, the output and the logs of AWX would show the URL, and anyone who reads them could open the account.
- name: Get a URL that signs on to the account of a customer
  reseller.sendgrid.sendgrid_account_sso:
    api_key: "{{ vault_sendgrid_api_key }}"
    account_id: "{{ customer_account_id }}"
  register: sign_on
  no_log: true

- name: Write the URL to a file that only the operator can read, to be opened within 60 seconds
  ansible.builtin.copy:
    content: "{{ sign_on.url }}"
    dest: "{{ operator_home }}/sign-on-url"
    mode: "0600"
  no_log: true
"""

RETURN = r"""
msg:
  description: Human-readable summary. It does not contain the URL.
  returned: always
  type: str
  sample: A URL that signs on to sg2a2bcd3ef4ab5c67d8efab91c01de2fa was made. It expires after 60 seconds.
account_id:
  description: The ID of the account.
  returned: success
  type: str
  sample: sg2a2bcd3ef4ab5c67d8efab91c01de2fa
url:
  description: The URL to open in a browser. It is a secret. V(null) in check mode.
  returned: success
  type: str
  sample: https://app.sendgrid.com/sso?code=VALUE_SPECIFIED_IN_NO_LOG_PARAMETER
expires_in:
  description: How many seconds the URL is valid after its creation.
  returned: success
  type: int
  sample: 60
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

from ..module_utils._accounts.api import SSO_LIFETIME, AccountsApi
from ..module_utils._accounts.identity import id_problems
from ..module_utils._api.client import Client
from ..module_utils._api.config import create_config
from ..module_utils._errors import SendGridError
from ..module_utils._module import create_module, fail
from ..module_utils._secrets import register_secret

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
    if url:
        register_secret(url)
    outcome = f"A URL that signs on to {account_id} {'was' if url else 'would be'} made."
    message = f"{outcome} It expires after {SSO_LIFETIME} seconds."
    module.exit_json(msg=message, account_id=account_id, url=url, expires_in=SSO_LIFETIME, endpoint=config.endpoint)


if __name__ == "__main__":
    main()
