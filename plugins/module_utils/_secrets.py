# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Have core mask a secret in all that it prints from now on, which core 2.22 and newer can do.

The lookup imports this file even for a cached answer, and each worker of Ansible compiles it: keep it short.
"""

from __future__ import annotations

import sys

# A shorter text is no secret of SendGrid. It is not masked: that would garble the very message that refuses it.
MINIMUM_SECRET_LENGTH = 20


def register_secret(value: str) -> None:
    """Mask ``value`` in the output of the whole run, also where it is part of other text. Older cores cannot do so.

    In a module, core hands it to the controller together with the result.
    """
    # Not an import: on older cores it fails, and each worker would search for half a millisecond. Newer cores import
    # it themselves, to print and to run a module.
    core = sys.modules.get("ansible.module_utils.secrets")
    if core and len(value) >= MINIMUM_SECRET_LENGTH:
        core.register_secret(value)
