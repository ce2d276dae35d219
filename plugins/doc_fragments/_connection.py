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
      - The API key of the reseller's account, sent as a bearer token. Any key of that account with full access works.
        The API has no scope that is limited to the catalog.
      - Required, from any of its sources. Its environment variable is E(SENDGRID_API_KEY).
      - The key must be a text with the form of a bearer token (RFC 6750, section 2.1) and at least 20 characters. It
        consists of letters, digits and the characters C(-._~+/), with C(=) only at its end. Quotes and C(Bearer) are
        not part of it. White space around it is removed.
      - A mapping, a list or a number is refused and not shown. A key that does not look like a SendGrid key causes a
        warning and is used.
    type: str
  region:
    description:
      - The vendor's endpoint to use, V(global) for V(https://api.sendgrid.com) or V(eu) for
        V(https://api.eu.sendgrid.com). If neither this option nor O(api_endpoint) is set, V(global) is used.
      - Its environment variable is E(SENDGRID_REGION).
      - The vendor does not document whether the EU endpoint accepts partner requests.
    type: str
    choices:
      - global
      - eu
  api_endpoint:
    description:
      - The URL to use instead of O(region), such as V(http://127.0.0.1:8025) for a test server. Mutually exclusive with
        O(region), wherever the two come from.
      - The URL must use V(https), except for V(localhost), V(127.0.0.0/8) and V([::1]). After the host and the port,
        only V(/) or V(/v3) is accepted.
      - Its environment variable is E(SENDGRID_API_ENDPOINT).
    type: str
  timeout:
    description:
      - The maximum time in seconds of one attempt, until the complete response has arrived. More than 0, at most 3600.
      - It includes looking up the name of the host. If the name has several addresses, connecting to each of them has
        an equal share of the time, and one more share is left for the response. Use a larger value for a name with
        many addresses, because their shares are small.
      - Its environment variable is E(SENDGRID_TIMEOUT).
    type: float
    default: 30
  retries:
    description:
      - The maximum number of retries of a request, after the first attempt. A request is retried if the API limits the
        rate (429), fails temporarily (502, 503, 504), cannot be reached or does not respond in time. A request that
        only reads is also retried if the API fails with 500. From 0 to 100.
      - A request that creates something is retried only if it cannot have reached the API, or if the API refused it
        with 429.
      - If a proxy refuses to connect to the API, that is retried with 500, 502, 503 and 504 only. A wrong password
        (407) is therefore sent once for each request, and does not lock the user of the proxy.
      - Its environment variable is E(SENDGRID_RETRIES).
    type: int
    default: 4
  retry_max_delay:
    description:
      - The maximum time in seconds to wait before a retry. From 0 to 3600.
      - The API can set the time in C(Retry-After) or, with 429, in C(X-RateLimit-Reset). If it does not, the first wait
        is up to one second, and the limit doubles with each retry.
      - Modules also wait, at most for this time, before a request that would exceed the limit which the API reports in
        C(X-RateLimit-Remaining) and C(X-RateLimit-Reset).
      - Its environment variable is E(SENDGRID_RETRY_MAX_DELAY).
    type: float
    default: 60
  validate_certs:
    description:
      - Whether to verify the TLS certificate of the API. With V(false), any server that responds receives the API key.
      - Its environment variable is E(SENDGRID_VALIDATE_CERTS).
    type: bool
    default: true
  ca_path:
    description:
      - A file or directory of CA certificates to trust instead of the default ones.
      - A file must be in PEM form. A directory must have a link for each certificate that is named by its hash, which
        the command C(openssl rehash) creates.
      - Its environment variable is E(SENDGRID_CA_PATH).
    type: path
requirements:
  - Python 3.9 or newer, on the machine where this runs
  - requests (Python library) 2.25.1 or newer, on the same machine
notes:
  - An option that names its environment variable can also come from the variable C(sendgrid_<option>) of the host, such
    as C(sendgrid_timeout), and from the section C([reseller.sendgrid]) of C(ansible.cfg), except O(api_key). The guide
    R(Several reseller accounts,ansible_collections.reseller.sendgrid.docsite.several_accounts.sources) has a table of
    all places, their order and their rules.
  - Proxies, and a CA bundle in E(REQUESTS_CA_BUNDLE) or E(CURL_CA_BUNDLE), are taken from the environment. A loopback
    endpoint never uses a proxy. C(~/.netrc) is ignored. Redirects are never followed. E(SSL_CERT_FILE) and
    E(SSL_CERT_DIR) are not read.
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
