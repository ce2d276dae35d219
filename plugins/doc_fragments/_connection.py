# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This doc fragment is private to the collection: it can change at any time.
"""The options of the connection, documented once for modules and the lookup."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
options:
  api_key:
    description:
      - The API key of the reseller's account, sent as a bearer token. Any key of that account with full access works;
        the API has no scope for the catalog alone.
      - Required, from one of its sources. E(SENDGRID_API_KEY) is used where nothing else gives it.
      - White space around the key is removed. A key with fewer than 20 characters, with control characters or with
        characters outside ASCII is refused; one that does not look like a key of SendGrid causes a warning.
    type: str
  region:
    description:
      - Which of the vendor's endpoints to ask, V(global) for V(https://api.sendgrid.com) or V(eu) for
        V(https://api.eu.sendgrid.com). If neither this option nor O(api_endpoint) is given, it is V(global).
      - E(SENDGRID_REGION) is used where nothing else gives it.
      - Whether the EU endpoint answers partner requests is not documented by the vendor.
    type: str
    choices:
      - global
      - eu
  api_endpoint:
    description:
      - The URL to use in place of O(region), such as V(http://127.0.0.1:8025) for a test server. Mutually exclusive
        with O(region), whatever sources the two come from.
      - It must be V(https), except for V(localhost), V(127.0.0.0/8) and V([::1]). A final V(/) or V(/v3) is accepted,
        nothing else after the host and the port.
      - E(SENDGRID_API_ENDPOINT) is used where nothing else gives it.
    type: str
  timeout:
    description:
      - How many seconds one attempt may take in all, until the whole answer has arrived. More than 0, at most 3600.
        Where something is changed, the lookup of the host's name by the system can add to it.
      - E(SENDGRID_TIMEOUT) is used where nothing else gives it.
    type: float
    default: 30
  retries:
    description:
      - How many times a request is sent again when the API limits the rate (429), fails for a moment (502, 503, 504),
        cannot be reached or does not answer in time. From 0 to 100.
      - A request that creates something is sent again only if it cannot have arrived, or was refused with 429.
      - E(SENDGRID_RETRIES) is used where nothing else gives it.
    type: int
    default: 4
  retry_max_delay:
    description:
      - How many seconds to wait at most before a request is sent again. From 0 to 3600.
      - The wait is what the API asks for in C(Retry-After) or, with 429, in C(X-RateLimit-Reset); else it doubles from
        one second.
      - E(SENDGRID_RETRY_MAX_DELAY) is used where nothing else gives it.
    type: float
    default: 60
  validate_certs:
    description:
      - Whether to verify the TLS certificate of the API. V(false) gives the API key to whoever answers.
      - E(SENDGRID_VALIDATE_CERTS) is used where nothing else gives it.
    type: bool
    default: true
  ca_path:
    description:
      - A file or directory of CA certificates to trust in place of the default ones.
      - E(SENDGRID_CA_PATH) is used where nothing else gives it.
    type: path
requirements:
  - Python 3.9 or newer, on the machine where this runs
  - requests (Python library) 2.25.1 or newer, there
notes:
  - Environment variables are read where the code runs, on the target host for a module and on the controller for a
    lookup. C(become) and remote targets do not pass them on. An empty variable counts as unset.
  - Proxies, and a CA bundle in E(REQUESTS_CA_BUNDLE) or E(CURL_CA_BUNDLE), are taken from the environment, except that
    a loopback endpoint is never asked through a proxy. C(~/.netrc) is ignored. Redirects are never followed.
"""

    # What only a lookup has. It adds keys to the options above, so the order of the two fragments does not matter.
    LOOKUP = r"""
options:
  api_key:
    # No ini: a secret does not belong into ansible.cfg.
    env:
      - name: SENDGRID_API_KEY
    vars:
      - name: sendgrid_api_key
  region:
    env:
      - name: SENDGRID_REGION
    ini:
      - section: reseller.sendgrid
        key: region
    vars:
      - name: sendgrid_region
  api_endpoint:
    env:
      - name: SENDGRID_API_ENDPOINT
    ini:
      - section: reseller.sendgrid
        key: api_endpoint
    vars:
      - name: sendgrid_api_endpoint
  timeout:
    env:
      - name: SENDGRID_TIMEOUT
    ini:
      - section: reseller.sendgrid
        key: timeout
    vars:
      - name: sendgrid_timeout
  retries:
    env:
      - name: SENDGRID_RETRIES
    ini:
      - section: reseller.sendgrid
        key: retries
    vars:
      - name: sendgrid_retries
  retry_max_delay:
    env:
      - name: SENDGRID_RETRY_MAX_DELAY
    ini:
      - section: reseller.sendgrid
        key: retry_max_delay
    vars:
      - name: sendgrid_retry_max_delay
  validate_certs:
    env:
      - name: SENDGRID_VALIDATE_CERTS
    ini:
      - section: reseller.sendgrid
        key: validate_certs
    vars:
      - name: sendgrid_validate_certs
  ca_path:
    env:
      - name: SENDGRID_CA_PATH
    ini:
      - section: reseller.sendgrid
        key: ca_path
    vars:
      - name: sendgrid_ca_path
"""
