# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The performance targets of the collection: maximum medians of ratios, and maximum numbers of requests."""

from __future__ import annotations

PLAY_WARM = 1.12
PLAY_COLD = 1.25
PLAY_URL = 0.33
PLAY_URI = 0.12
REQUESTS_WARM = 0
REQUESTS_COLD = 1
MODULE_URI = 0.93
MODULE_PING = 1.33
FIRST_WARM = 1.7
REPEATED_WARM = 1.35
COLD_GET = 1.20
NAME_SELECTATTR = 0.06
FAILING_WALL = 1.0
FAILING_REQUESTS = 5
ALL_LOOP = 0.067
READS_IN_A_ROW = 0.25
