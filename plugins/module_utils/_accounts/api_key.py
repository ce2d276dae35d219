# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The task of the module ``sendgrid_account_api_key``: one API key of a customer's account."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from .._api.config import ClientConfig
from .._errors import SendGridError
from .._secrets import register_secret
from .._text import clean, quoted
from .api_key_plan import DesiredKey, KeyPlan, find_key, plan_key
from .lock import hold_lock
from .on_behalf import MAXIMUM_KEYS, CustomerApi, NewKey, chosen

# Requests while the lock is held: the list of keys, one key, and the creation.
LOCKED_REQUESTS = 3


def provision_key(
    api: CustomerApi,
    config: ClientConfig,
    option: Callable[[str], Any],
    warn: Callable[[str], None],
    result: dict[str, Any],
) -> dict[str, Any]:
    """Make the key what the options ask for, and return the diff.

    :param warn: takes anomalies that are no failure.
    :param result: is filled with the results of the module, also if this fails.
    :raises SendGridError: it cannot be done.
    """
    desired = DesiredKey(*(option(name) for name in ("account_id", "name", "scopes", "state", "api_key_id")))
    result.update(changed=False, account_id=desired.account_id, name=desired.name, endpoint=config.endpoint)
    result["requests"] = api.sent_requests
    try:
        plan, count = _plan(api, desired, config.host)
        if plan.action == "create" and not api.check_mode:
            with _hold_lock(config, desired, option("cache_dir"), warn):
                # Another task may have created it since.
                plan, count = _plan(api, desired, config.host)
                done = _apply(api, desired, plan, count, warn)
        else:
            done = _apply(api, desired, plan, count, warn)
    except SendGridError as error:
        result["changed"] = bool(error.details.get("uncertain"))
        raise
    result.update(changed=plan.action != "none", msg=_message(desired, plan, api.check_mode), **done)
    header = f"API key {quoted(desired.name)} of the account {desired.account_id}"
    return {"before_header": header, "after_header": header, "before": plan.before, "after": plan.after}


def _plan(api: CustomerApi, desired: DesiredKey, host: str) -> tuple[KeyPlan, int]:
    """Return the plan, and how many keys the account has."""
    keys = api.list_keys()
    key_id = find_key(desired, keys, host)
    scopes = api.get_scopes(key_id) if key_id and desired.state == "present" else None
    return plan_key(desired, key_id, scopes), len(keys)


def _apply(
    api: CustomerApi, desired: DesiredKey, plan: KeyPlan, count: int, warn: Callable[[str], None]
) -> dict[str, Any]:
    """Carry out the plan, and return what it adds to the result."""
    if plan.action == "create":
        new = _create(api, desired, count)
        if new is None:
            return {"api_key_id": None, "scopes": _sorted_scopes(desired.scopes)}
        register_secret(new.secret)
        _check_new_key(desired, new, warn)
        return {"api_key": new.secret, "api_key_id": new.key_id, "scopes": _sorted_scopes(new.scopes)}
    if plan.action == "replace" and plan.key_id and desired.scopes:
        api.replace_scopes(plan.key_id, desired.name, desired.scopes)
    elif plan.action == "delete" and plan.key_id:
        api.delete_key(plan.key_id)
    return {"api_key_id": plan.key_id, "scopes": plan.after.get("scopes")}


def _sorted_scopes(scopes: list[str] | None) -> list[str] | None:
    return None if scopes is None else sorted(chosen(scopes))


def _create(api: CustomerApi, desired: DesiredKey, count: int) -> NewKey | None:
    try:
        return api.create_key(desired.name, desired.scopes)
    except SendGridError as error:
        if error.code != "forbidden" or count < MAXIMUM_KEYS:
            raise
        limit = f"The account {desired.account_id} has {count} API keys, and the API allows {MAXIMUM_KEYS}: delete one."
        raise SendGridError(error.code, f"{limit} {error.message}", **error.details) from error


def _check_new_key(desired: DesiredKey, new: NewKey, warn: Callable[[str], None]) -> None:
    """Warn if the key is not what was asked for. It exists, and its secret would be lost if this failed."""
    label = f"The new API key {new.key_id or quoted(desired.name)} of the account {desired.account_id}"
    if new.key_id is None:
        warn(f"{label} has no usable id in the response of the API. Keep api_key: nothing shows it again.")
    if new.name != desired.name:
        stored = quoted(clean(new.name, new.secret))
        warn(f"{label} has the name {stored} instead of {quoted(desired.name)}: no run finds it again.")
    if desired.scopes is None:
        return
    if new.scopes is None:
        warn(f"{label}: the API does not state its scopes. Look whether they are those that were asked for.")
        return
    more, fewer = chosen(new.scopes) - chosen(desired.scopes), chosen(desired.scopes) - chosen(new.scopes)
    if more:
        warn(f"{label} has scopes that nobody asked for: {', '.join(sorted(more))}. Delete it if that is too much.")
    if fewer:
        warn(f"{label} lacks scopes that were asked for: {', '.join(sorted(fewer))}. Run this again to set them.")


@contextlib.contextmanager
def _hold_lock(
    config: ClientConfig, desired: DesiredKey, directory: str, warn: Callable[[str], None]
) -> Iterator[None]:
    """While one process creates a key of this name, others of this user wait.

    :raises SendGridError: ``timeout``.
    """
    name = hashlib.sha256(f"{config.endpoint}\n{desired.account_id}\n{desired.name}".encode()).hexdigest()
    longest = (config.retries + 1) * config.timeout + config.retries * config.retry_max_delay

    def warn_unusable(error: OSError) -> None:
        warn(
            f"The directory {clean(directory)} cannot be used: {clean(error.strerror or error)}. Without it, two tasks "
            "at the same time can create the same API key twice."
        )

    with contextlib.ExitStack() as stack:
        try:
            lock = hold_lock(directory, f"api-key-{name}.lock", LOCKED_REQUESTS * longest, warn_unusable)
            stack.enter_context(lock)
        except TimeoutError as error:
            message = (
                f"The API key {quoted(desired.name)} of the account {desired.account_id} was not created: {error}."
            )
            hint = "Another task is creating it. Run this again when that has ended"
            raise SendGridError("timeout", f"{message} {hint}.", uncertain=False, hint=hint) from error
        yield


def _message(desired: DesiredKey, plan: KeyPlan, check_mode: bool) -> str:
    which = f"{quoted(desired.name)} ({desired.key_id})" if desired.key_id else quoted(desired.name)
    subject = f"The API key {which} of the account {desired.account_id}"
    would = "would be" if check_mode else "was"
    if plan.action in ("create", "replace", "delete"):
        done = {"create": "created", "replace": "given other scopes", "delete": "deleted"}[plan.action]
        return f"{subject} {would} {done}."
    if plan.key_id is None:
        return f"{subject} does not exist."
    access = " Whether it has full access is not compared." if desired.scopes is None else ""
    return (
        f"{subject} exists already ({plan.key_id}).{access} The API shows a key only when it is created, so this "
        "result has no api_key. If nobody has the key, create one with another name, or delete this one first with the "
        "state absent."
    )
