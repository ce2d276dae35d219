# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This doc fragment is private to the collection: it can change at any time.
"""The filters of the catalog, documented once for the module and the lookup."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  names:
    description:
      - The names of the offerings to return. V([]) selects none; leave it out, or give V(null), for all.
    type: list
    elements: str
  type:
    description:
      - Return offerings of this type only.
    type: str
    choices:
      - package
      - addon
  minimum_entitlements:
    description:
      - Return only offerings whose entitlements are at least these, a mapping from the name of an entitlement to an
        integer.
      - The vendor documents the entitlements C(email_sends_max_monthly) (mails), C(ip_count) (dedicated IP addresses),
        C(teammates_max_total) and C(users_max_total) (subusers).
      - An entitlement that the catalog does not state is unknown, neither unlimited nor 0; such an offering does not
        match.
    type: dict
"""
