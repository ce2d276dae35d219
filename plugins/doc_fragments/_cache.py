# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This doc fragment is private to the collection: it can change at any time.
"""The options of the cache, documented once for the modules that read a catalog and for the lookup."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  cache_ttl:
    description:
      - The greatest age in seconds at which a catalog in the cache is used, at most 604800, a week. With V(0) the cache
        is neither read nor written.
      - One request fills the cache for all hosts, tasks, plays and processes of a user on one machine that use the same
        endpoint and API key, while they wait for it. A request that fails, fails for all that wait for it with the same
        connection options; whoever comes later sends a new one.
      - What a cached catalog lacks or an order violates is looked up in a fresh catalog before it is reported; one of
        up to 60 seconds counts as fresh.
    type: float
  cache_dir:
    description:
      - The directory of the cache, on the machine where this runs. It is created if it does not exist, with mode 0700.
        A symbolic link, and a directory that belongs to another user or that others can write to, are not used.
      - If it cannot be used, there is a warning, and each use of the catalog sends a request.
      - It holds no API key, and can be deleted at any time.
      - E(SENDGRID_CACHE_DIR) is used where nothing else gives it.
    type: path
    default: ~/.ansible/sendgrid_cache
"""

    # Modules that show or judge the catalog itself.
    MODULE = r"""
options:
  cache_ttl:
    default: 0
"""

    # Modules that provision accounts.
    ACCOUNT = r"""
options:
  cache_ttl:
    default: 3600
"""

    LOOKUP = r"""
options:
  cache_ttl:
    default: 3600
    env:
      - name: SENDGRID_CACHE_TTL
    ini:
      - section: reseller.sendgrid
        key: cache_ttl
    vars:
      - name: sendgrid_cache_ttl
  cache_dir:
    env:
      - name: SENDGRID_CACHE_DIR
    ini:
      - section: reseller.sendgrid
        key: cache_dir
    vars:
      - name: sendgrid_cache_dir
"""
