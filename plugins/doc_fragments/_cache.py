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
      - The maximum age in seconds of a cached catalog that this task accepts, at most 604800 (one week). With V(0) the
        cache is neither read nor written.
      - One request fills the cache for all hosts, tasks, plays and processes of one user on one machine that use the
        same endpoint and API key. The others wait for it. If the request fails, it also fails for those that wait with
        the same connection options. The failure is not cached; later readers send a new request.
      - Before a missing name or a violation is reported, the catalog is read again, unless the cached catalog is at
        most 60 seconds old.
      - Its environment variable is E(SENDGRID_CACHE_TTL), but M(reseller.sendgrid.sendgrid_offerings_info) and
        M(reseller.sendgrid.sendgrid_offerings_gate) take the option from the task alone. No setting elsewhere can make
        a gate accept an older catalog.
    type: float
  cache_dir:
    description:
      - The directory of the cache, on the machine where this runs. If it does not exist, it is created with mode 0700.
        A directory is not used if it is a symbolic link, belongs to another user, or is writable by others.
      - If the directory cannot be used, the task warns, and each use of the catalog sends a request.
      - The directory contains no API key. You can delete it at any time.
      - Its environment variable is E(SENDGRID_CACHE_DIR). By default the directory is C(sendgrid_cache) in
        C(~/.ansible). For the lookup, and for modules that run on the controller without C(become), C(ANSIBLE_HOME) or
        C(home) in C(ansible.cfg) replaces C(~/.ansible).
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
