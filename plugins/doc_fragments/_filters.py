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
      - The names of the offerings to return. V([]) selects none. Omit the option, or set it to V(null), to select all.
      - A mapping is not a name. For the names of an order of mappings, use C(map(attribute='name')).
    type: list
    elements: str
  type:
    description:
      - Return only offerings of this type.
    type: str
    choices:
      - package
      - addon
  minimum_entitlements:
    description:
      - Return only offerings whose entitlements are at least as high as these. A mapping from the name of an
        entitlement to an integer.
      - The vendor documents the entitlements C(email_sends_max_monthly) (mails a month), C(ip_count) (dedicated IP
        addresses), C(teammates_max_total) (teammates) and C(users_max_total) (subusers).
      - If the catalog does not state an entitlement of an offering, its value is unknown, neither unlimited nor 0. The
        offering then does not match.
      - If no offering in the catalog states an entitlement, there is a warning that suggests names.
    type: dict
"""
