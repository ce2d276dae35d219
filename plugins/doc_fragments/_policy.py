# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This doc fragment is private to the collection: it can change at any time.
"""What the reseller allows of its catalog, documented once for all modules with the gate."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  allowed_offerings:
    description:
      - The offerings that may be ordered, a list of names or of patterns such as V(milne.ei.pro-*). Any other offering
        is the violation C(not_allowed).
      - In patterns V(*) stands for any text, V(?) for one character and V([12]) for one of these characters. Case
        counts. Braces have no meaning. White space around a name or pattern is an error.
      - With V(null), the default, all offerings of the catalog may be ordered, with V([]) none. A template in a
        task that gives null turns off the value in C(module_defaults), because a module cannot tell why it is null.
      - What an account has already it can keep, up to its current quantity, whatever the policy says. To raise the
        quantity is a violation.
      - A name or pattern that matches nothing in the catalog is a warning, because it may be misspelt.
    type: raw
  maximum_quantities:
    description:
      - The greatest quantity of an offering in one order, a mapping from a name or a pattern as in
        O(allowed_offerings) to an integer from V(0). A greater quantity is the violation C(quantity_limit).
      - The limit is for each offering that matches, not for all of them together. With V(0) none may be ordered, also
        of a package. An offering that nothing matches has no limit.
      - If several patterns match, the most specific one holds. This is the exact name, otherwise the pattern with the
        most characters outside of wildcards. If these are equal, the smaller limit holds.
      - V(null) is refused, so that an empty variable does not turn off the limits. V({}) means no limits.
      - An account keeps what it has as with O(allowed_offerings), also above the limit.
    type: raw
"""
