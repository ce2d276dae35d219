# Copyright (c) 2026, the reseller.sendgrid contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This module util is private to the collection: it can change at any time.
"""The creation journal: a small private file for each account that was created lately. The file is also the lock."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import hmac
import json
import os
import time
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from .._catalog.cache import is_private, open_directory
from .._catalog.cache_update import create_directory, try_lock
from .._text import clean
from .identity import is_account_id, normalize_email
from .lock import lock_file

DIRECTORY = "journal"
# Of an entry, in seconds; and of one whose creation the API has refused with 429.
LIFETIME, LIMITED_LIFETIME = 600, 60
# Seconds after which a file that is not locked is removed.
KEPT = LIFETIME + 60
# Up to a second from the future is rounding.
TOLERANCE = 1
# Each write replaces all of the file, so that it needs no second system call. An id has up to 128 characters.
SIZE = 256

# What follows if the journal cannot be used.
NOTHING_PREVENTS = (
    "Until that is mended, or cache_dir names another directory, nothing prevents that a second run, or one at the "
    "same time, creates an account twice while the API does not list it."
)
LOCKED_OUT = "For 10 minutes, runs may report creation_pending for a customer of this task, and create no account."


class Entry(NamedTuple):
    """What is known of a creation. Times are seconds since the epoch.

    :param account_id: ``None`` if the request was sent and nobody knows whether it succeeded.
    """

    account_id: str | None
    written_at: float
    ends_at: float


class Slot:
    """The entry of one customer, while this process has its lock.

    :param file: ``None`` if the journal cannot be used. Then nothing is kept, and a warning has said so.
    :param entry: of any age.
    """

    def __init__(self, journal: Journal, name: str, file: int | None, entry: Entry | None = None) -> None:
        self.entry = entry
        self._journal = journal
        self._name = name
        self._file = file

    def write(self, account_id: str | None = None, lifetime: float = LIFETIME) -> None:
        """Keep an entry, also if the machine loses power right after. A failure is a warning."""
        now = self._journal.clock()
        self.entry = Entry(account_id, now, now + lifetime)
        if self._file is None:
            return
        try:
            if os.pwrite(self._file, encode(self.entry), 0) != SIZE:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(self._file)
        except OSError as error:
            self._journal.warn_lost(error, LOCKED_OUT if account_id else NOTHING_PREVENTS)

    def remove(self) -> None:
        """Remove the entry. Processes that wait for this file notice that it is gone, and open a new one."""
        self.entry = None
        if self._file is not None:
            try:
                os.unlink(self._name, dir_fd=self._journal.open())
            except OSError as error:
                self._journal.warn_lost(error, LOCKED_OUT)


class Journal:
    """The entries of one endpoint and API key.

    :param lock_timeout: how long to wait for another process that creates the same account, in seconds.
    :param clock: returns seconds since the epoch.
    :param sleep: takes seconds.
    """

    def __init__(
        self,
        cache_dir: str,
        endpoint: str,
        api_key: str,
        lock_timeout: float,
        warn: Callable[[str], None],
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.clock = clock
        self._cache_dir = cache_dir
        self._endpoint = endpoint
        self._api_key = api_key
        self._lock_timeout = lock_timeout
        self._warn = warn
        self._sleep = sleep
        self._directory: int | None = None
        self._names: set[str] | None = None
        self._names_by_id: dict[str, list[str]] | None = None
        self._is_warned = False
        self._is_clean = False

    def path(self, email: str) -> str:
        """Return the path of the file for ``email``. Without the API key, the name tells nothing."""
        return os.path.join(self._cache_dir, DIRECTORY, self._name(email))

    def _name(self, email: str) -> str:
        text = f"{self._endpoint}\n{normalize_email(email)}"
        return hmac.new(self._api_key.encode(), text.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()

    def is_young(self, entry: Entry | None) -> bool:
        """Return whether the entry still counts."""
        return entry is not None and entry.ends_at > self.clock()

    def peek(self, email: str) -> Entry | None:
        """Return the entry of any age, without the lock. Opens no file if there was none when this was first called."""
        name = self._name(email)
        return self._peek(name) if name in self._existing_names() else None

    def _peek(self, name: str) -> Entry | None:
        try:
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self.open(create=False))
            try:
                return self._read(file)[0]
            finally:
                os.close(file)
        except FileNotFoundError:
            return None
        except OSError as error:
            self.warn_lost(error)
            return None

    def find_account(self, account_id: str) -> tuple[Entry, str] | None:
        """Return the young entry of an account and the path of its file, without the lock."""
        for name in self._index().get(account_id.lower(), []):
            entry = self._peek(name)
            if entry and self.is_young(entry) and entry.account_id == account_id:
                return entry, os.path.join(self._cache_dir, DIRECTORY, name)
        return None

    def _existing_names(self) -> set[str]:
        if self._names is None:
            self._names = set()
            try:
                self._names.update(os.listdir(self.open(create=False)))
            except FileNotFoundError:
                pass
            # ValueError: the path has a null character.
            except (OSError, ValueError) as error:
                self.warn_lost(error)
        return self._names

    @contextlib.contextmanager
    def lock(self, email: str, name: str | None = None) -> Iterator[Slot]:
        """Wait for the lock of a customer, and provide its entry. An entry from the future is rewritten.

        :param name: of the file, if the email is not known.
        :raises TimeoutError: another process holds it for longer than a creation takes.
        """
        name = name or self._name(email)
        try:
            file = lock_file(self.open(), name, self._lock_timeout, self._sleep)
        except TimeoutError:
            raise
        except (OSError, ValueError) as error:
            self.warn_lost(error)
            # What is known counts, also where nothing can be locked.
            yield Slot(self, name, None, self._peek(name) if name in self._existing_names() else None)
            return
        try:
            yield self._slot(name, file)
        finally:
            with contextlib.suppress(OSError):
                os.close(file)

    def _slot(self, name: str, file: int) -> Slot:
        try:
            if os.fstat(file).st_size == 0:
                # Its name has to survive a loss of power too.
                _sync_directory(self.open())
            entry, is_from_future = self._read(file)
        except OSError as error:
            self.warn_lost(error)
            return Slot(self, name, None)
        slot = Slot(self, name, file, entry)
        if is_from_future and entry:
            slot.write(entry.account_id)
        return slot

    def _read(self, file: int) -> tuple[Entry | None, bool]:
        """Return the entry, and whether it is from the future."""
        status = os.fstat(file)
        if not is_private(status):
            raise PermissionError("others can read or write a file in it")
        content, now = os.pread(file, SIZE + 1, 0), self.clock()
        if not content:
            return None, False
        # Whatever was written, a creation was about to be sent.
        entry = decode(content) or Entry(None, status.st_mtime, status.st_mtime + LIFETIME)
        if entry.written_at > now + TOLERANCE:
            return Entry(entry.account_id, now, now + LIFETIME), True
        return entry, False

    def _index(self) -> dict[str, list[str]]:
        """Return the names of the files by the ids of their accounts, as they were when this was first called."""
        if self._names_by_id is None:
            self._names_by_id = {}
            for name in self._existing_names():
                if (entry := self._peek(name)) and entry.account_id:
                    self._names_by_id.setdefault(entry.account_id.lower(), []).append(name)
        return self._names_by_id

    def forget_account(self, account_id: str, email: str | None) -> None:
        """Remove every entry of an account that was deleted.

        :param email: whose entry may have been written after this process read the others.
        """
        names = {*self._index().pop(account_id.lower(), []), *([self._name(email)] if email else [])}
        for name in names & self._existing_names():
            with contextlib.suppress(TimeoutError), self.lock("", name) as slot:
                if slot.entry is None or (slot.entry.account_id or "").lower() == account_id.lower():
                    slot.remove()

    def open(self, create: bool = True) -> int:
        """Return a descriptor of the directory, which the process keeps open.

        :raises OSError: it cannot be created, or is not safe.
        """
        if self._directory is None:
            parent = create_directory(self._cache_dir) if create else open_directory(self._cache_dir)
            try:
                if create:
                    with contextlib.suppress(FileExistsError):
                        os.mkdir(DIRECTORY, 0o700, dir_fd=parent)
                self._directory = open_directory(DIRECTORY, parent)
            finally:
                os.close(parent)
        if create and not self._is_clean:
            self._is_clean = True
            self._clean_up(self._directory)
        return self._directory

    def _clean_up(self, directory: int) -> None:
        """Remove files whose entries have ended. A file that is locked stays."""
        with contextlib.suppress(OSError):
            for name in os.listdir(directory):
                with contextlib.suppress(OSError):
                    if not self._has_ended(os.stat(name, dir_fd=directory, follow_symlinks=False)):
                        continue
                    file = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=directory)
                    try:
                        if try_lock(file) and self._has_ended(status := os.fstat(file)):
                            now_there = os.stat(name, dir_fd=directory, follow_symlinks=False)
                            if os.path.samestat(status, now_there):
                                os.unlink(name, dir_fd=directory)
                    finally:
                        os.close(file)

    def _has_ended(self, status: os.stat_result) -> bool:
        return self.clock() - status.st_mtime > KEPT

    def warn_lost(self, error: Exception, consequence: str = NOTHING_PREVENTS) -> None:
        """Warn once of what follows if an entry cannot be read, written or removed."""
        if self._is_warned:
            return
        self._is_warned = True
        directory = os.path.join(self._cache_dir, DIRECTORY)
        reason = (
            "it is a symbolic link" if os.path.islink(directory) else getattr(error, "strerror", None) or str(error)
        )
        # A file that could only be opened for reading.
        reason = "it cannot be written to" if getattr(error, "errno", None) == errno.EBADF else reason
        self._warn(
            f"The creation journal in {clean(directory, self._api_key)} cannot be used: {clean(reason)}. {consequence}"
        )

    def close(self) -> None:
        if self._directory is not None:
            os.close(self._directory)
            self._directory = None


def _sync_directory(directory: int) -> None:
    """Have the name of a new file survive a loss of power. Not every file system can do that."""
    try:
        os.fsync(directory)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise


def encode(entry: Entry) -> bytes:
    """Return the content of a file: a checksum and the entry, always ``SIZE`` bytes."""
    body = json.dumps(entry).encode()
    return (b"%08x " % zlib.crc32(body) + body).ljust(SIZE)


def decode(content: bytes) -> Entry | None:
    """Return the entry, ``None`` if the content is damaged."""
    checksum, _space, body = content.rstrip().partition(b" ")
    try:
        if len(content) != SIZE or int(checksum, 16) != zlib.crc32(body):
            return None
        account_id, written_at, ends_at = json.loads(body)
    except (ValueError, TypeError):
        return None
    is_valid = account_id is None or is_account_id(account_id)
    return Entry(account_id, float(written_at), float(ends_at)) if is_valid else None
