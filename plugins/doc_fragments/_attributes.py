# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This doc fragment is private to the collection: it can change at any time.
"""The attributes of the modules."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode), and reports what it would do without doing it.
  diff_mode:
    description: Reports what has changed, or would change in C(check_mode), if the play runs with C(--diff).
  idempotent:
    description: A second run with the same options reports no change, if nobody else changes the accounts.
"""

    INFO = r"""
attributes:
  check_mode:
    support: full
    details:
      - This module only reads. It does the same in check mode.
  diff_mode:
    support: N/A
    details:
      - This module only reads.
  idempotent:
    support: full
    details:
      - This module only reads.
"""

    ACTIONGROUP_SENDGRID = r"""
attributes:
  action_group:
    description: Use C(group/reseller.sendgrid.sendgrid) in C(module_defaults) to set the connection options for all
      modules.
    support: full
    membership:
      - reseller.sendgrid.sendgrid
"""
