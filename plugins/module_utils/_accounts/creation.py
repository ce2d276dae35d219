# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""Create accounts, each once: what the list shows and what the creation journal says decide together."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime, timezone

from .._api.client import CREATION_DELAY
from .._api.config import ClientConfig
from .._errors import SendGridError
from .._text import quoted
from .api import AccountsApi
from .identity import Listing
from .journal import LIMITED_LIFETIME, Entry, Journal, Slot
from .plan import Step, find_account
from .rows import Row

# The greatest age of a list on which a creation relies, in seconds. An entry of the journal lives longer.
MAXIMUM_LIST_AGE = 300


class _ListedError(Exception):
    """The account is listed, so that the request which creates it is not sent again. ``Creator.create`` catches it."""


class Creator:
    """Finds and creates the accounts of one task.

    :param replan: reads an account that another task has just created, and fills ``current`` and ``plan`` of its row.
    """

    def __init__(
        self,
        journal: Journal,
        host: str,
        check_mode: bool,
        replan: Callable[[AccountsApi, Row], None],
    ) -> None:
        self._journal = journal
        self._host = host
        self._check_mode = check_mode
        self._replan = replan
        self._listing = Listing([])
        # Ids that this task has got from the API.
        self._created: set[str] = set()

    def list_accounts(self, api: AccountsApi) -> Listing:
        """Return what the API lists now. From then on, the creations of the task rely on it."""
        read_at = self._journal.clock()
        self._listing = Listing(api.list_accounts(), read_at)
        return self._listing

    def find(self, row: Row, listing: Listing) -> None:
        """Fill ``account_id``, ``entry`` and ``is_unsettled``, by the list and the journal.

        :raises SendGridError: also ``creation_pending``.
        """
        email = row.desired.profile["email"]
        row.journal = self._journal.path(email)
        entry = self._journal.peek(email)
        if self._is_sent(entry) and not self._check_mode and not listing.with_email(email):
            # The process that creates the account may still be at it.
            with self._lock(row) as slot:
                entry = slot.entry
        self._identify(row, listing, entry)

    def find_entry(self, row: Row, listing: Listing | None = None) -> None:
        """Fill ``entry`` and ``is_unsettled`` of a row that has an ``account_id``.

        :param listing: ``None`` if the accounts were not listed.
        """
        if found := self._journal.find_account(str(row.account_id)):
            row.entry, row.journal = found
        if listing and row.email and [one["id"] for one in listing.with_email(row.email)] == [row.account_id]:
            row.is_unsettled = self._is_sent(self._journal.peek(row.email))

    @contextlib.contextmanager
    def _lock(self, row: Row) -> Iterator[Slot]:
        with contextlib.ExitStack() as stack:
            try:
                slot = stack.enter_context(self._journal.lock(str(row.email)))
            except TimeoutError:
                raise self._busy(row) from None
            yield slot

    def _busy(self, row: Row) -> SendGridError:
        """Return the error for a customer that another task has worked on for longer than a creation takes."""
        return SendGridError(
            "creation_pending",
            f"{self._host}: another task is creating an account for {quoted(str(row.email))} at this moment. Nothing "
            "was sent. Run this again when that task has ended.",
            host=self._host,
            uncertain=True,
            account_id=None,
            journal=row.journal,
            pending_until=None,
        )

    def _identify(self, row: Row, listing: Listing, entry: Entry | None) -> None:
        """Fill what ``find`` fills; ``account_id`` stays ``None`` if the account is to be created."""
        email = row.desired.profile["email"]
        young = entry if self._journal.is_young(entry) else None
        found = listing.with_email(email)
        row.entry, row.is_unsettled = None, False
        if len(found) == 1 and young and young.account_id not in (None, found[0]["id"]):
            ids = [str(found[0]["id"]), str(young.account_id)]
            raise SendGridError(
                "ambiguous_account",
                f"{self._host}: the list shows {ids[0]} with the email {quoted(email)}, and {ids[1]} was created with "
                f"it a short time ago. Name the one that is meant with account_id. {_until(young)}",
                host=self._host,
                account_ids=ids,
                journal=row.journal,
            )
        if found or young is None:
            row.account_id = find_account(row.desired, listing, self._host)
            row.is_unsettled = self._is_sent(young)
            row.entry = None if row.is_unsettled else young
        elif young.account_id is None:
            raise pending(row, self._host, young, len(listing.with_email(None)))
        else:
            row.account_id, row.entry = young.account_id, young

    def settle(self, row: Row) -> None:
        """Record that an account whose creation nobody could account for is listed. The first task reports it."""
        if not row.is_unsettled:
            return
        if not self._check_mode:
            try:
                with self._journal.lock(str(row.email)) as slot:
                    if not self._is_sent(slot.entry):
                        return
                    slot.write(row.account_id)
            except TimeoutError:
                # Another task settles it, or creates the account again.
                return
        # Nobody welcomes a customer whose account is deleted now.
        if row.desired.state != "absent":
            row.is_created = True
            row.done.append("created by an earlier run")

    def _is_sent(self, entry: Entry | None) -> bool:
        return self._journal.is_young(entry) and entry is not None and entry.account_id is None

    def create(self, api: AccountsApi, row: Row, step: Step) -> bool:
        """Create the account, or use the one that another task has created meanwhile. Return whether it was created.

        :raises SendGridError: also ``creation_pending``.
        """
        if self._check_mode:
            api.create(row.desired.profile, step.offerings, row.desired.test_account)
            row.is_created = True
            return True
        with self._lock(row) as slot:
            try:
                self._look(api, row, slot)
                if row.account_id is None:
                    self._send(api, row, step, slot)
                    row.is_created = True
                    return True
            except _ListedError:
                pass
            is_settled = self._is_sent(slot.entry)
            if is_settled:
                slot.write(row.account_id)
        if is_settled:
            row.is_created = True
            row.done.append("created by an earlier request")
        self._replan(api, row)
        return False

    def _look(self, api: AccountsApi, row: Row, slot: Slot) -> None:
        if self._is_list_too_old(slot.entry):
            self.list_accounts(api)
        self._identify(row, self._listing, slot.entry)

    def _is_list_too_old(self, entry: Entry | None) -> bool:
        """Return whether the list could lack an account that it is needed for."""
        if not 0 <= self._journal.clock() - self._listing.read_at <= MAXIMUM_LIST_AGE:
            return True
        # The journal knows the account, so the list is not needed for it.
        if entry is None or (entry.account_id and self._journal.is_young(entry)):
            return False
        # Only a list from after the end of the entry shows what its request has created, however late it is listed.
        return self._listing.read_at <= entry.ends_at

    def _send(self, api: AccountsApi, row: Row, step: Step, slot: Slot) -> None:
        was_limited, before = False, self._listing

        def before_attempt(is_limited: bool) -> None:
            nonlocal was_limited
            if is_limited:
                was_limited = True
                self._look_after_429(api, row, slot, before)
            slot.write()

        try:
            row.account_id = api.create(row.desired.profile, step.offerings, row.desired.test_account, before_attempt)
        except SendGridError as error:
            if error.details.get("uncertain"):
                slot.write()
            elif was_limited or error.details.get("status") == 429:
                slot.write(lifetime=LIMITED_LIFETIME)
                message = (
                    f"{error.message} It may have been created all the same: for {LIMITED_LIFETIME} seconds, nothing "
                    "more is sent unless the list shows it."
                )
                raise SendGridError(error.code, message, **error.details) from error
            else:
                slot.remove()
            raise
        slot.write(row.account_id)
        self._created.add(str(row.account_id))

    def _look_after_429(self, api: AccountsApi, row: Row, slot: Slot, before: Listing) -> None:
        """Look for the account before its creation is sent again: it may have been created all the same.

        :param before: the list on which the creation relied.
        :raises _ListedError: it is listed.
        :raises SendGridError: it may be one that is listed without an email.
        """
        self.list_accounts(api)
        # Without the email in the list, the entry of this very request would count as one of another task.
        email = row.desired.profile["email"]
        self._identify(row, self._listing, slot.entry if self._listing.with_email(email) else None)
        if row.account_id is not None:
            raise _ListedError
        unknown = [
            str(account["id"])
            for account in self._listing.with_email(None)
            if not before.has_id(account["id"]) and account["id"] not in self._created
        ]
        if unknown:
            raise SendGridError(
                "rate_limited",
                f"{self._host}: the API has refused to create the account of {quoted(email)} with 429, but the list "
                f"has new accounts without an email: {', '.join(unknown[:5])}. One of them may be this one, and is "
                "billed then. Look in the web interface of the vendor, and set account_id.",
                host=self._host,
                uncertain=True,
                status=429,
                account_ids=unknown,
            )

    def forget(self, row: Row) -> None:
        """Remove the entries of the account of ``row``, which was deleted."""
        if not self._check_mode:
            self._journal.forget_account(str(row.account_id), row.email)


def open_journal(config: ClientConfig, cache_dir: str, warn: Callable[[str], None]) -> contextlib.closing[Journal]:
    """Return the journal of the reseller. A process waits for another one as long as one creation takes at most."""
    longest_wait = max(config.retry_max_delay, CREATION_DELAY)
    lock_timeout = (config.retries + 1) * (config.timeout + longest_wait) + 10
    return contextlib.closing(Journal(cache_dir, config.endpoint, config.api_key, lock_timeout, warn))


def pending(row: Row, host: str, entry: Entry, hidden: int = 0) -> SendGridError:
    """Return the error for an account that may exist, or exists and cannot be found yet.

    :param hidden: how many accounts are listed without an email.
    """
    subject, is_absent = quoted(row.email or str(row.account_id)), row.desired.state == "absent"
    if entry.account_id is None:
        found = f"the creation of an account for {subject} was sent, and nobody knows yet whether it succeeded"
        then = "deletes" if is_absent else "uses"
        advice = f"Run this again later: it {then} the account as soon as the list shows it"
        if hidden:
            advice = (
                f"{hidden} accounts are listed without an email, so it may never be found: look in the web interface "
                "of the vendor, and set account_id"
            )
    else:
        found = (
            f"the account {entry.account_id} for {subject} was created a short time ago, and the API does not find it"
        )
        advice = f"Run this again later, or set account_id to {entry.account_id}"
    reason = "the account is billed if it exists" if is_absent else "a second account would be billed"
    return SendGridError(
        "creation_pending",
        f"{host}: {found}. Nothing was sent now, because {reason}. {advice}. {_until(entry)}",
        host=host,
        uncertain=True,
        account_id=entry.account_id,
        journal=row.journal,
        pending_until=_time(entry.ends_at),
    )


def _until(entry: Entry) -> str:
    return f"This is so until {_time(entry.ends_at)} at the latest."


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
