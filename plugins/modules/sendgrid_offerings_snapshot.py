#!/usr/bin/python
# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: sendgrid_offerings_snapshot
short_description: Keep the catalog of a SendGrid reseller in a file, and report what the vendor changes
version_added: 1.0.0
author:
  - the reseller.sendgrid contributors (@reseller-sendgrid)
description:
  - Reads the catalog of offerings that a Twilio SendGrid reseller may sell, compares it with the snapshot in a file,
    and replaces the file if the catalog has changed. The result says which offerings were added, removed or changed.
  - The file is JSON in the form of the API. Keep it in git, use it in mocks, or serve it with the sandbox of the
    collection, which needs no API key.
  - In check mode the module only compares. A nightly job that must fail when the catalog changes uses check mode and
    C(failed_when) with RV(ignore:changed).
options:
  path:
    description:
      - The file of the snapshot. It is written if it does not exist, but its directory must exist.
      - A file that holds no catalog or has keys that the API does not send is never overwritten, and neither is one
        that somebody changes while the task runs. A directory, a symbolic link and a path that ends with a slash are
        refused.
      - The snapshot states the URL of the API. A snapshot of another URL is refused. It does not state the reseller,
        because the API does not tell which one a key belongs to. Use a separate file for each reseller.
    type: path
    required: true
  allow_empty:
    description:
      - Whether the catalog may be empty. With V(false) an empty catalog fails the task and nothing is written, unless
        the snapshot is empty too.
    type: bool
    default: false
extends_documentation_fragment:
  - ansible.builtin.files
  - reseller.sendgrid._connection
  - reseller.sendgrid._attributes
  - reseller.sendgrid._attributes.actiongroup_sendgrid
attributes:
  check_mode:
    support: full
    details:
      - Compares, but does not write. Therefore the directory may be one that the user cannot write to.
  diff_mode:
    support: full
    details:
      - Shows the difference between the old and the new content of the file, sorted by name.
  idempotent:
    support: full
    details:
      - The file is written again only if the catalog has changed. Another order of the entries is no change.
  safe_file_operations:
    description: Uses Ansible's functions for files, which replace the file in one step.
    support: full
notes:
  - The catalog is always read from the API, never from the cache.
  - A run that finds a difference writes the file. If a later task or handler of the play fails, the next run reports no
    difference. To avoid this, compare in check mode first, and write at the end, as in the first two examples.
    The vendor may change the catalog between the two. The second task therefore fails if it finds another difference
    than the first one. Its result shows it, and the file has it already.
  - A changed mode, owner or group of the file also counts as a change. RV(drift) is then empty.
seealso:
  - module: reseller.sendgrid.sendgrid_offerings_info
    description: Reads the catalog and writes no file.
  - module: reseller.sendgrid.sendgrid_account_info
    description: Tells which customers have an offering.
  - name: Account Provisioning API
    description: The vendor's documentation of the API.
    link: https://www.twilio.com/docs/sendgrid/api-reference/account-provisioning-api
"""

EXAMPLES = r"""
- name: Compare the catalog with the snapshot
  reseller.sendgrid.sendgrid_offerings_snapshot:
    api_key: "{{ vault_sendgrid_api_key }}"
    path: "{{ snapshot_path }}"
  check_mode: true
  register: snapshot

- name: Update the snapshot after the changes were shown
  reseller.sendgrid.sendgrid_offerings_snapshot:
    api_key: "{{ vault_sendgrid_api_key }}"
    path: "{{ snapshot_path }}"
    mode: "0644"
  register: updated
  failed_when: updated is failed or [updated.drift, updated.report] != [snapshot.drift, snapshot.report]
  when: snapshot is changed

- name: Fail if the catalog is not that of the snapshot
  reseller.sendgrid.sendgrid_offerings_snapshot:
    api_key: "{{ vault_sendgrid_api_key }}"
    path: "{{ snapshot_path }}"
  check_mode: true
  register: snapshot
  failed_when: snapshot is failed or snapshot is changed
"""

RETURN = r"""
msg:
  description: What was found and done, on one line.
  returned: always
  type: str
  sample: "api.sendgrid.com: the catalog has changed: 0 added, 1 removed, 1 changed. /srv/sendgrid/catalog.json was
    written."
drift:
  description:
    - What has changed since the snapshot. Each part is sorted by name. Offerings have the form of
      RV(reseller.sendgrid.sendgrid_offerings_info#module:offerings), unknown keys included.
    - All parts are empty if there was no snapshot, and if only a key beside C(catalog) has changed, which
      RV(report) and RV(msg) tell.
  returned: success
  type: dict
  contains:
    added:
      description: The offerings that are only in the catalog.
      returned: with RV(drift)
      type: list
      elements: dict
    removed:
      description: The offerings that are only in the snapshot.
      returned: with RV(drift)
      type: list
      elements: dict
    changed:
      description: The offerings of which the API sends something else, unknown keys included.
      returned: with RV(drift)
      type: list
      elements: dict
      contains:
        name:
          description: The name of the offering.
          returned: in each entry
          type: str
        before:
          description: The offering in the snapshot.
          returned: in each entry
          type: dict
        after:
          description: The offering in the catalog.
          returned: in each entry
          type: dict
  sample:
    added: []
    removed:
      - name: milne.ei.pro-700k.v1
        type: package
        quantity: 1
        entitlements:
          email_sends_max_monthly: 700000
    changed:
      - name: milne.x.ip.v2
        before:
          name: milne.x.ip.v2
          type: addon
          quantity: 1
          entitlements:
            ip_count: 2
        after:
          name: milne.x.ip.v2
          type: addon
          quantity: 1
          entitlements:
            ip_count: 1
report:
  description:
    - The same as RV(drift), one line for each offering, for a person. In it V(none) means that there was or is no such
      key.
    - A line of its own tells what has changed in the keys that the API sends beside C(catalog).
  returned: success
  type: list
  elements: str
  sample:
    - REMOVED  milne.ei.pro-700k.v1 (package)
    - "CHANGED  milne.x.ip.v2: ip_count 2, now 1"
count:
  description: How many offerings the catalog has.
  returned: success
  type: int
  sample: 19
path:
  description: The absolute path of the file.
  returned: success
  type: str
  sample: /srv/sendgrid/catalog.json
endpoint:
  description: The URL of the API that was used.
  returned: success
  type: str
  sample: https://api.sendgrid.com
diff:
  description: The content of the file before and after, and its attributes if they change.
  returned: success, with C(--diff)
  type: list
  elements: dict
  sample:
    - before_header: /srv/sendgrid/catalog.json
      after_header: /srv/sendgrid/catalog.json
      before: "{\n  \"catalog\": []\n}\n"
      after: "{\n  \"catalog\": []\n}\n"
mode:
  description: The permissions of the file.
  returned: success, when the file exists
  type: str
  sample: "0644"
owner:
  description: The name of the owner of the file.
  returned: success, when the file exists
  type: str
  sample: root
group:
  description: The name of the group of the file.
  returned: success, when the file exists
  type: str
  sample: root
uid:
  description: The ID of the owner of the file.
  returned: success, when the file exists
  type: int
  sample: 0
gid:
  description: The ID of the group of the file.
  returned: success, when the file exists
  type: int
  sample: 0
size:
  description: The size of the file in bytes.
  returned: success, when the file exists
  type: int
  sample: 4711
state:
  description: Always V(file).
  returned: success, when the file exists
  type: str
  sample: file
failure:
  description: What failed, as data on which a playbook can branch.
  returned: failure, except when Ansible itself refuses an option or cannot write the file
  type: dict
  contains:
    code:
      description:
        - V(invalid_snapshot) means that the file must not be overwritten, or cannot be read or written.
        - V(empty_catalog) means that the API sent an empty catalog, see O(allow_empty). Nothing was written.
        - Otherwise one of the codes in RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.code).
      returned: with RV(failure)
      type: str
    message:
      description: The same as RV(msg).
      returned: with RV(failure)
      type: str
    details:
      description:
        - Details of the failure. The keys below are those of the codes that only this module has. For the other codes
          see RV(reseller.sendgrid.sendgrid_offerings_info#module:failure.details).
      returned: with RV(failure)
      type: dict
      contains:
        path:
          description: The absolute path of the file.
          returned: with V(invalid_snapshot) and V(empty_catalog)
          type: str
        host:
          description: The host of the API.
          returned: with V(empty_catalog)
          type: str
        count:
          description: How many offerings the snapshot has.
          returned: with V(empty_catalog)
          type: int
  sample:
    code: invalid_snapshot
    message: "/srv/sendgrid: this is a directory. Give the path of a file. Nothing was written."
    details:
      path: /srv/sendgrid
"""

import os
import stat
import tempfile
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils._api.config import create_config
from ..module_utils._catalog.snapshot import check_unchanged, invalid_snapshot
from ..module_utils._catalog.snapshot_task import Comparison, compare_with_snapshot
from ..module_utils._errors import SendGridError
from ..module_utils._module import create_module, fail
from ..module_utils._text import clean

OPTIONS: dict[str, dict[str, Any]] = {
    "path": {"type": "path", "required": True},
    "allow_empty": {"type": "bool", "default": False},
}


def main() -> None:
    module = create_module(OPTIONS, add_file_common_args=True)
    option = module.params.__getitem__
    try:
        config = create_config(option, module.warn, _path_problems(option("path")))
        path = os.path.abspath(option("path"))
        is_written = not module.check_mode and not option("unsafe_writes")
        found = compare_with_snapshot(config, path, option("allow_empty"), is_written, module.warn)
        if found.result["changed"] and not module.check_mode:
            _write(module, path, found)
    except SendGridError as error:
        fail(module, error)
    module.exit_json(**_set_attributes(module, path, found))


def _path_problems(path: str) -> list[tuple[str, str]]:
    if not path.strip():
        return [("path", "it is blank")]
    return [("path", "it ends with a slash. Give the path of a file")] if path.endswith("/") else []


def _write(module: AnsibleModule, path: str, found: Comparison) -> None:
    """Replace the file in one step, so that two runs at the same time leave the snapshot of one of them."""
    is_unsafe = module.params["unsafe_writes"]
    try:
        # In the same directory it can be renamed. An unsafe write copies it into a directory that may be read-only.
        folder = module.tmpdir if is_unsafe else os.path.dirname(path)
        descriptor, name = tempfile.mkstemp(prefix=".ansible_tmp", dir=folder)
        module.add_cleanup_file(name)
        with open(descriptor, "w", encoding="utf-8") as stream:
            stream.write(found.after)
        if os.path.exists(path):
            # Core copies it only if this user may also set the owner.
            os.chmod(name, stat.S_IMODE(os.stat(path).st_mode))
    except OSError as error:
        raise invalid_snapshot(path, f"the file cannot be written: {error.strerror}") from error
    # Whatever cannot be set fails here, and leaves the old snapshot. A file that is immutable could not be renamed.
    arguments = {**module.load_file_common_arguments(module.params, name), "attributes": None}
    module.set_fs_attributes_if_different(arguments, False)
    check_unchanged(path, found.result["endpoint"], found.before, found.after)
    try:
        module.atomic_move(name, path, unsafe_writes=is_unsafe)
    # Core 2.21 raises bare exceptions.
    except Exception as error:
        raise invalid_snapshot(path, f"the file cannot be written: {clean(error).rstrip('.')}") from error


def _set_attributes(module: AnsibleModule, path: str, found: Comparison) -> dict[str, Any]:
    """Set mode, owner and the like, and return what the task reports."""
    is_changed = has_new_content = found.result["changed"]
    attributes: dict[str, Any] = {}
    # In check mode there may be no file yet.
    if os.path.exists(path):
        arguments = module.load_file_common_arguments(module.params, path)
        is_changed = module.set_fs_attributes_if_different(arguments, is_changed, attributes)
    message = found.summary
    if has_new_content and not module.check_mode:
        message += f" {path} was written."
    elif is_changed and not has_new_content:
        message += (
            f" The mode, the owner or another attribute of {path} {'differs' if module.check_mode else 'was set'}."
        )
    diff = [{"before_header": path, "after_header": path, "before": found.before, "after": found.after}]
    if attributes:
        header = f"{path} (attributes)"
        diff.append({"before_header": header, "after_header": header, **attributes})
    return {**found.result, "changed": is_changed, "msg": message, **({"diff": diff} if module._diff else {})}


if __name__ == "__main__":
    main()
