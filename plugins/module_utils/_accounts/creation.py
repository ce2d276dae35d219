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
from .journal import LIFETIME, LIMITED_LIFETIME, Entry, Journal, Slot
from .plan import Step, find_account
from .rows import Row

# The greatest age of a list on which a creation relies, in seconds. An entry of the journal lives longer.
MAXIMUM_LIST_AGE = 300


class _ListedError(Exception):
    """The account is listed, so that the request which creates it is not sent again."""


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

    def list_accounts(self, api: AccountsApi) -> Listing:
        """Return what the API lists now. From then on, the creations of the task rely on it."""
        read_at = self._journal.clock()
        self._listing = Listing(api.list_accounts(), read_at)
        return self._listing

    def find(self, row: Row, listing: Listing) -> None:
        """Fill ``account_id`` and ``entry``, by the list and the journal.

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

    @contextlib.contextmanager
    def _lock(self, row: Row) -> Iterator[Slot]:
        email = row.desired.profile["email"]
        with contextlib.ExitStack() as stack:
            try:
                slot = stack.enter_context(self._journal.lock(email))
            except TimeoutError:
                # Whatever the file says, its process is at work now.
                now = self._journal.clock()
                raise pending(row, self._host, Entry(None, now, now + LIFETIME)) from None
            yield slot

    def _identify(self, row: Row, listing: Listing, entry: Entry | None) -> None:
        """Fill ``account_id`` and ``entry``; ``account_id`` stays ``None`` if the account is to be created."""
        email = row.desired.profile["email"]
        young = entry if self._journal.is_young(entry) else None
        found = listing.with_email(email)
        row.entry = None
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
            row.entry = young if young and young.account_id is None else None
        elif young.account_id is None:
            raise pending(row, self._host, young)
        else:
            row.account_id, row.entry = young.account_id, young

    def settle(self, row: Row) -> None:
        """Record that an account whose creation nobody could account for is listed. The first task reports it."""
        if row.entry is None or row.entry.account_id is not None:
            return
        if not self._check_mode:
            with self._lock(row) as slot:
                if not self._is_sent(slot.entry):
                    return
                slot.write(row.account_id)
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
        entry, age = slot.entry, self._journal.clock() - self._listing.read_at
        # What the request of an entry has created is not in a list from before the end of the entry.
        is_open = entry is not None and (entry.account_id is None or not self._journal.is_young(entry))
        is_older = is_open and entry is not None and self._listing.read_at <= entry.ends_at
        if is_older or not 0 <= age <= MAXIMUM_LIST_AGE:
            self.list_accounts(api)
        self._identify(row, self._listing, entry)

    def _send(self, api: AccountsApi, row: Row, step: Step, slot: Slot) -> None:
        was_limited = False

        def before_attempt(is_limited: bool) -> None:
            nonlocal was_limited
            if is_limited:
                was_limited = True
                self.list_accounts(api)
                self._identify(row, self._listing, slot.entry if self._listing.with_email(email) else None)
                if row.account_id is not None:
                    raise _ListedError
            slot.write()

        email = row.desired.profile["email"]
        try:
            row.account_id = api.create(row.desired.profile, step.offerings, row.desired.test_account, before_attempt)
        except SendGridError as error:
            if error.details.get("uncertain"):
                slot.write()
            elif was_limited or error.details.get("status") == 429:
                slot.write(lifetime=LIMITED_LIFETIME)
            else:
                slot.remove()
            raise
        slot.write(row.account_id)

    def forget(self, account_id: str) -> None:
        """Remove the entries of an account that was deleted."""
        if not self._check_mode:
            self._journal.forget_account(account_id)


def open_journal(config: ClientConfig, cache_dir: str, warn: Callable[[str], None]) -> contextlib.closing[Journal]:
    """Return the journal of the reseller. A process waits for another one as long as one creation takes at most."""
    longest_wait = max(config.retry_max_delay, CREATION_DELAY)
    lock_timeout = (config.retries + 1) * (config.timeout + longest_wait) + 10
    return contextlib.closing(Journal(cache_dir, config.endpoint, config.api_key, lock_timeout, warn))


def pending(row: Row, host: str, entry: Entry) -> SendGridError:
    """Return the error for an account that may exist, or exists and cannot be found yet."""
    email = row.desired.profile["email"]
    if entry.account_id is None:
        found = f"the creation of an account for {quoted(email)} was sent, and nobody knows yet whether it succeeded"
        advice = "Run this again later: it uses the account as soon as the list shows it"
    else:
        found = f"the account {entry.account_id} for {quoted(email)} is new, and the API does not find it yet"
        advice = f"Run this again later, or set account_id to {entry.account_id}"
    return SendGridError(
        "creation_pending",
        f"{host}: {found}. Nothing was sent now, because a second account would be billed. {advice}. {_until(entry)}",
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
