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
  - Reads the catalog of offerings that a Twilio SendGrid reseller may sell, and checks one or many orders against it. A
    wrong order fails the task before an account is created, changed or billed. The task reports all violations at once.
  - For an order that passes, the module returns the list of offerings in the form that the operations Create Account
    and Update Account Offerings of the API take.
  - The gate fails closed. An order passes only if the module has read the catalog and the catalog allows the order. A
    null or empty order is refused.
  - With O(allowed_offerings) and O(maximum_quantities) it also holds a policy of your own.
options:
  offerings:
    description:
      - "The order, a list of offerings, such as V([milne.ei.pro-100k.v1, {name: milne.x.ip.v2, quantity: 2}])."
      - Each item is the name of an offering, or a mapping with C(name) and optionally C(type) and C(quantity). C(type)
        is V(package) or V(addon), and must match the catalog. C(quantity) is an integer from V(1), which is the
        default.
      - You can also use whole entries of the catalog, as P(reseller.sendgrid.offerings#lookup) returns them. The
        quantity of the entry is ordered, V(1) if it is V(null), and its other keys are ignored. Any other key is a
        violation.
      - A string is not accepted as a list with one name.
      - Set exactly one of O(offerings) and O(orders).
    type: raw
  orders:
    description:
      - "Many orders, a mapping from a name of your choice to an order in the form of O(offerings), such as
        V({bakery: [milne.ei.pro-100k.v1], airline: [milne.ei.pro-700k.v1]})."
      - The module checks all of them with one read of the catalog. A loop would need one process and one request for
        each order.
      - In a mapping, names become strings, so V(1) and V("1") are the same name. Of two orders with the same name, the
        last one wins, and the other one is not checked.
      - A list of mappings with C(name) and C(offerings) is accepted too. Prefer it for orders that come from a file or
        another system. A name that stands twice is an error, and so is any other key.
    type: raw
  require_package:
    description:
      - Whether an order without a package is a violation. The vendor does not document that a new account needs a
        package.
      - An offering with a type that the vendor does not document counts as an add-on.
      - The API replaces all offerings of an account. If you update an account to an order without a package, the
        account may lose its package.
    type: bool
    default: true
  enforce:
    description:
      - Whether violations fail the task. With V(false) they are only reported, in RV(gate.violations) or RV(gates).
      - If the catalog cannot be read, the task fails with either value.
    type: bool
    default: true
extends_documentation_fragment:
  - reseller.sendgrid._connection
  - reseller.sendgrid._cache
  - reseller.sendgrid._cache.module
  - reseller.sendgrid._policy
  - reseller.sendgrid._attributes
  - reseller.sendgrid._attributes.info
  - reseller.sendgrid._attributes.actiongroup_sendgrid
notes:
  - The gate is as strict in check mode as without it.
  - A task runs on each host of the play, and each host sends a request. Use C(run_once) or a play on C(localhost) with
    O(orders) to read the catalog once.
seealso:
  - module: reseller.sendgrid.sendgrid_account
    description: Provisions accounts, and checks each order with the same gate.
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

- name: Check many orders with one read of the catalog, and only report violations
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

- name: Show the violations of each wrong order
  ansible.builtin.debug:
    msg: "{{ item.key }}: {{ item.value.violations | map(attribute='message') | join(' ') }}"
  loop: "{{ audit.gates | dict2items | rejectattr('value.ok') }}"
  loop_control:
    label: "{{ item.key }}"

- name: Check orders as a list, against a policy of our own
  reseller.sendgrid.sendgrid_offerings_gate:
    api_key: "{{ vault_sendgrid_api_key }}"
    orders:
      - name: bakery
        offerings:
          - milne.ei.pro-100k.v1
          - name: milne.x.ip.v2
            quantity: 2
    allowed_offerings:
      - milne.ei.essentials-*
      - milne.ei.pro-*
      - milne.x.ip.v2
    maximum_quantities:
      milne.x.*: 5

# Do not use this order to update an account: the API would also remove its package.
- name: Check that add-ons can be ordered
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
    - Human-readable summary. It shows all violations of O(offerings), and the first five of O(orders).
    - With C(callback_result_format=yaml) Ansible shows it on several lines.
  returned: always
  type: str
  sample: |-
    The order has 2 violations:
    - offerings[0]: 'milne.x.ip.v2' is of type 'addon', not 'package'. Correct the type or leave it out.
    - offerings[0]: 'milne.x.ip.v2' has the quantity 0. An integer from 1 to 2^63 - 1 is needed.
gate:
  description: The result of the gate for O(offerings).
  returned: when O(offerings) is set and the catalog was read, also if the order has violations
  type: dict
  contains:
    ok:
      description: Whether the order passes.
      returned: with RV(gate)
      type: bool
    violations:
      description: All violations of the order, sorted by position. Violations of the whole order come last.
      returned: with RV(gate)
      type: list
      elements: dict
      contains:
        code:
          description:
            - The rule that the order violates.
            - V(unknown_offering) if the name is not in the catalog. V(type_mismatch) if the catalog has another type
              for the name. V(duplicate_offering) if an earlier item has the same name. V(no_package) if no item is a
              package. V(multiple_packages) if an earlier item is a package too. V(package_quantity) if the quantity of
              a package is not 1. V(invalid_quantity) if the quantity is not an integer from 1 to 2^63 - 1.
              V(invalid_item) if the item is neither a name nor a mapping, has no name or has unknown keys, or if the
              order is not a list. V(empty_order) if the order has no items.
            - V(not_allowed) if O(allowed_offerings) does not have the offering. V(quantity_limit) if the quantity is
              greater than O(maximum_quantities) allows. Only offerings in the catalog are compared with the policy.
          returned: in each entry
          type: str
        index:
          description: The position of the item in the order, from 0. V(null) if the violation concerns the whole order.
          returned: in each entry
          type: int
        offering:
          description: The name as it was ordered, V(null) if there is none.
          returned: in each entry
          type: str
        message:
          description: What is wrong, where, and how to correct it.
          returned: in each entry
          type: str
        suggestions:
          description:
            - With V(unknown_offering), at most three names in the catalog that may have been meant, as in
              RV(reseller.sendgrid.sendgrid_offerings_info#module:suggestions[].suggestions).
          returned: in each entry
          type: list
          elements: str
    payload:
      description:
        - The offerings in the given order, in the form that the API takes. V(null) if there is any violation.
      returned: with RV(gate)
      type: list
      elements: dict
      contains:
        name:
          description: The name of the offering.
          returned: in each entry
          type: str
        type:
          description: The type of the offering in the catalog.
          returned: in each entry
          type: str
        quantity:
          description: The quantity that was ordered, V(1) if none was given.
          returned: in each entry
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
  description: The results of the gate for O(orders), a mapping from the name of the order to a result in the form of
    RV(gate).
  returned: when O(orders) is set and the catalog was read, also if orders have violations
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
  description: The URL of the API that was used.
  returned: when the catalog was read
  type: str
  sample: https://api.sendgrid.com
cached:
  description: Whether the catalog came from the cache and not from the API.
  returned: when the catalog was read
  type: bool
  sample: false
cache_age:
  description: The age of the catalog in seconds, V(0) if it came from the API.
  returned: when the catalog was read
  type: float
  sample: 0
rate_limit_remaining:
  description: How many requests the API still allows before it limits the rate, V(null) if the API does not state it.
  returned: when the catalog was read
  type: int
  sample: 599
failure:
  description: What failed, as data on which a playbook can branch.
  returned: failure, except when Ansible itself refuses an option
  type: dict
  contains:
    code:
      description:
        - V(gate_violations) if an order has violations. Otherwise one of the codes in
          RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.code).
      returned: with RV(failure)
      type: str
    message:
      description: The first line of RV(msg).
      returned: with RV(failure)
      type: str
    details:
      description:
        - Details of the failure. The keys below are those of V(gate_violations). For other codes see
          RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.details).
      returned: with RV(failure)
      type: dict
      contains:
        host:
          description: The host whose catalog was read.
          returned: with V(gate_violations)
          type: str
        orders:
          description: The names of the orders with violations, V(null) with O(offerings).
          returned: with V(gate_violations)
          type: list
          elements: str
        violations:
          description: The number of violations.
          returned: with V(gate_violations)
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
from ..module_utils._catalog.cache import Catalog
from ..module_utils._catalog.reader import cache_problems, read_catalog
from ..module_utils._errors import SendGridError
from ..module_utils._module import create_module, fail
from ..module_utils._orders.gate import Gate
from ..module_utils._orders.orders import read_orders
from ..module_utils._orders.policy import POLICY, policy_problems, read_policy
from ..module_utils._orders.results import check_orders

OPTIONS: dict[str, dict[str, Any]] = {
    **CACHE,
    # Not a list: core would split a text at its commas.
    "offerings": {"type": "raw"},
    # A mapping or a list.
    "orders": {"type": "raw"},
    "require_package": {"type": "bool", "default": True},
    **POLICY,
    "enforce": {"type": "bool", "default": True},
}
EITHER = [("offerings", "orders")]


def main() -> None:
    module = create_module(OPTIONS, mutually_exclusive=EITHER, required_one_of=EITHER)
    option = module.params.__getitem__
    try:
        orders, problems = read_orders(option)
        config = create_config(option, module.warn, problems + policy_problems(option) + cache_problems(option))

        def check(catalog: Catalog) -> tuple[dict[str, Any], SendGridError | None]:
            gate = Gate(catalog.offerings, config.host, read_policy(option))
            return check_orders(gate, option("offerings"), orders, option("require_package"))

        catalog, result, violated = read_catalog(config, option, module.warn, check)
        read_policy(option).warn_unmatched(catalog.offerings, config.host, module.warn)
    except SendGridError as error:
        fail(module, error)
    if violated and option("enforce"):
        fail(module, violated, **result, **catalog.metadata)
    module.exit_json(**result, **catalog.metadata)


if __name__ == "__main__":
    main()
