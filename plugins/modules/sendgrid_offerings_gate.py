#!/usr/bin/python
# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sendgrid_offerings_gate
short_description: Check orders against the catalog of a SendGrid reseller before accounts are provisioned
version_added: 1.0.0
author:
  - the reseller.sendgrid contributors (@reseller-sendgrid)
description:
  - Reads the catalog of offerings that the contract of a reseller of Twilio SendGrid allows, and checks one order or
    many against it. A wrong order fails the task, before an account is created, changed or billed, with everything that
    is wrong about it at once.
  - For an order that passes it returns the list of offerings that the operations Create Account and Update Account
    Offerings of the API take.
  - It fails closed. An order passes only if the catalog was read and allows it. One that is null or empty is refused.
options:
  offerings:
    description:
      - The order, a list of offerings. Each is the name of an offering, or a mapping with C(name) and optionally
        C(type), V(package) or V(addon), which has to be the type in the catalog, and C(quantity), an integer from
        V(1), the default.
      - Whole entries of the catalog, as P(reseller.sendgrid.offerings#lookup) returns them, can stand in the list.
        Their quantity, V(1) if it is V(null), is what is ordered, and their other keys are ignored. Any other key is a
        violation.
      - A text is not taken for a list of one name.
      - Exactly one of O(offerings) and O(orders) is needed.
    type: raw
  orders:
    description:
      - Many orders, a mapping from a name of your choice to an order as in O(offerings). All are checked with one read
        of the catalog, where a loop would take a process and a request for each.
      - Names become text, so V(1) and V("1") are the same, of which the last counts.
    type: dict
  require_package:
    description:
      - Whether an order without a package is a violation. That a new account needs a package is not documented by the
        vendor.
      - An offering of a type that the vendor does not document counts as an add-on.
      - The API replaces all offerings of an account by those it is given, so an account whose offerings are updated to
        an order without a package may be left without one.
    type: bool
    default: true
  enforce:
    description:
      - Whether violations fail the task. V(false) only reports them, in RV(gate.violations) or RV(gates).
      - A catalog that cannot be read fails the task in any case.
    type: bool
    default: true
extends_documentation_fragment:
  - reseller.sendgrid._connection
  - reseller.sendgrid._cache
  - reseller.sendgrid._cache.module
  - reseller.sendgrid._attributes
  - reseller.sendgrid._attributes.info
  - reseller.sendgrid._attributes.actiongroup_sendgrid
notes:
  - It is as strict in check mode as out of it.
  - A task runs on each host of the play, and each host sends a request. Use C(run_once) or a play on C(localhost) with
    O(orders) to read the catalog once.
seealso:
  - module: reseller.sendgrid.sendgrid_account
    description: Provisions accounts, and passes each order through the same gate.
  - module: reseller.sendgrid.sendgrid_offerings_info
    description: Reads the catalog.
  - plugin: reseller.sendgrid.offerings
    plugin_type: lookup
    description: The catalog inside templates.
  - name: Account Provisioning API
    description: The vendor's documentation of the API.
    link: https://www.twilio.com/docs/sendgrid/api-reference/account-provisioning-api
"""

EXAMPLES = r"""
- name: Check the order of a customer
  reseller.sendgrid.sendgrid_offerings_gate:
    api_key: "{{ vault_sendgrid_api_key }}"
    offerings:
      - milne.ei.pro-100k.v1
      - name: milne.x.ip.v2
        quantity: 2
  register: checked

- name: Create the account
  reseller.sendgrid.sendgrid_account:
    api_key: "{{ vault_sendgrid_api_key }}"
    profile:
      email: owner@example.com
    offerings: "{{ checked.gate.payload }}"

- name: Check many orders with one read of the catalog, and only report
  reseller.sendgrid.sendgrid_offerings_gate:
    api_key: "{{ vault_sendgrid_api_key }}"
    orders:
      bakery:
        - milne.ei.essentials-50k.v1
      airline:
        - milne.ei.pro-700k.v1
        - milne.x.ip.v1
    enforce: false
  register: audit
  delegate_to: localhost
  run_once: true

- name: Show who has ordered what is not for sale, and what may have been meant
  ansible.builtin.debug:
    msg: "{{ item.key }}: {{ item.value.violations | map(attribute='message') | join(' ') }}"
  loop: "{{ audit.gates | dict2items | rejectattr('value.ok') }}"
  loop_control:
    label: "{{ item.key }}"

# Not for an update of an account: the API would replace its package too, by nothing.
- name: Check that the add-ons on offer can be ordered
  reseller.sendgrid.sendgrid_offerings_gate:
    api_key: "{{ vault_sendgrid_api_key }}"
    offerings: "{{ query('reseller.sendgrid.offerings', names=addons, api_key=vault_sendgrid_api_key) }}"
    require_package: false
  vars:
    addons:
      - milne.x.ip.v2
"""

RETURN = r"""
msg:
  description:
    - What came of it, for a person. It shows all violations of O(offerings), and the first five of O(orders).
    - With C(callback_result_format=yaml) Ansible shows it in lines.
  returned: always
  type: str
  sample: |-
    The order has 2 violations:
    - offerings[0]: 'milne.x.ip.v2' is of type 'addon' in your catalog, not 'package'. Correct the type or leave it out.
    - offerings[0]: 'milne.x.ip.v2' has the quantity 0. An integer from 1 to 2^63 - 1 is needed.
gate:
  description: What the gate says of O(offerings).
  returned: when O(offerings) is given and the catalog was read, whether the order passes or not
  type: dict
  contains:
    ok:
      description: Whether the order passes.
      type: bool
    violations:
      description: All that is wrong with the order, by the position in it, what concerns the whole of it last.
      type: list
      elements: dict
      contains:
        code:
          description:
            - The rule that is broken.
            - V(unknown_offering), the name is not in the catalog; V(type_mismatch), its type in the catalog is another;
              V(duplicate_offering), it stands in the order already; V(no_package), no item is a package;
              V(multiple_packages), it is a second package; V(package_quantity), a package has another quantity than 1;
              V(invalid_quantity), a quantity is not an integer from 1 to 2^63 - 1; V(invalid_item), an item is neither
              a name nor a mapping, has no name or has unknown keys, or the order is no list; V(empty_order), there is
              no item.
          type: str
        index:
          description: The position of the item in the order, from 0; V(null) for the order as a whole.
          type: int
        offering:
          description: The name as it was ordered, V(null) where there is none.
          type: str
        message:
          description: What is wrong, where, and what to do about it.
          type: str
        suggestions:
          description:
            - With V(unknown_offering), at most three names in the catalog that may have been meant, as in
              RV(reseller.sendgrid.sendgrid_offerings_info#module:suggestions[].suggestions).
          type: list
          elements: str
    payload:
      description:
        - The offerings in the order in which they were given, as the API takes them. V(null) if there is any violation.
      type: list
      elements: dict
      contains:
        name:
          description: The name of the offering.
          type: str
        type:
          description: Its type in the catalog.
          type: str
        quantity:
          description: The quantity that was ordered, V(1) if none was given.
          type: int
  sample:
    ok: false
    violations:
      - code: unknown_offering
        index: 1
        offering: milne.x.ip.v1
        message: "offerings[1]: 'milne.x.ip.v1' is not in your catalog (20 offerings at api.sendgrid.com).
          Did you mean 'milne.x.ip.v2'?"
        suggestions:
          - milne.x.ip.v2
      - code: invalid_quantity
        index: 1
        offering: milne.x.ip.v1
        message: "offerings[1]: 'milne.x.ip.v1' has the quantity 0. An integer from 1 to 2^63 - 1 is needed."
        suggestions: []
    payload:
gates:
  description: What the gate says of each of O(orders), a mapping from the name of the order to the same as in RV(gate).
  returned: when O(orders) is given and the catalog was read, whether they pass or not
  type: dict
  sample:
    bakery:
      ok: true
      violations: []
      payload:
        - name: milne.ei.essentials-50k.v1
          type: package
          quantity: 1
endpoint:
  description: The URL of the API that was asked.
  returned: when the catalog was read
  type: str
  sample: https://api.sendgrid.com
cached:
  description: Whether the answer came from a cache and not from the API.
  returned: when the catalog was read
  type: bool
  sample: false
cache_age:
  description: The age of the answer in seconds, V(0) if it came from the API.
  returned: when the catalog was read
  type: float
  sample: 0
rate_limit_remaining:
  description: How many requests the API still allows before it limits the rate, V(null) where it does not say.
  returned: when the catalog was read
  type: int
  sample: 599
failure:
  description: What went wrong, for a playbook to branch on.
  returned: failure, except where Ansible itself refuses an option
  type: dict
  contains:
    code:
      description:
        - V(gate_violations) if an order does not pass, else what
          RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.code) can be.
      type: str
    message:
      description: The first line of RV(msg).
      type: str
    details:
      description:
        - What is known of the failure. For other codes than V(gate_violations) see
          RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.details).
      type: dict
      contains:
        host:
          description: The host whose catalog was read.
          type: str
        orders:
          description: The names of the orders that do not pass, V(null) with O(offerings).
          type: list
          elements: str
        violations:
          description: How many violations there are.
          type: int
  sample:
    code: gate_violations
    message: 2 of 40 orders have 2 violations.
    details:
      host: api.sendgrid.com
      orders:
        - airline
        - bakery
      violations: 2
"""

from typing import Any

from ..module_utils._api.config import create_config
from ..module_utils._argspec import CACHE
from ..module_utils._catalog.reader import cache_problems, read_catalog
from ..module_utils._errors import SendGridError
from ..module_utils._module import create_module, fail
from ..module_utils._orders.gate import Gate
from ..module_utils._orders.results import check_orders, order_problems

OPTIONS: dict[str, dict[str, Any]] = {
    **CACHE,
    # Not a list: core would split a text at its commas.
    "offerings": {"type": "raw"},
    "orders": {"type": "dict"},
    "require_package": {"type": "bool", "default": True},
    "enforce": {"type": "bool", "default": True},
}
EITHER = [("offerings", "orders")]


def main() -> None:
    module = create_module(OPTIONS, mutually_exclusive=EITHER, required_one_of=EITHER)
    option = module.params.__getitem__
    orders = option("offerings"), option("orders")
    try:
        problems = order_problems(*orders, option("api_key") or "") + cache_problems(option)
        config = create_config(option, module.warn, problems)
        catalog, result, violated = read_catalog(
            config,
            option,
            module.warn,
            lambda catalog: check_orders(Gate(catalog.offerings, config.host), *orders, option("require_package")),
        )
    except SendGridError as error:
        fail(module, error)
    if violated and option("enforce"):
        fail(module, violated, **result, **catalog.metadata)
    module.exit_json(**result, **catalog.metadata)


if __name__ == "__main__":
    main()
