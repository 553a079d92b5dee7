"""The account lock of one machine: a lock of the operating system on a file, one file for each account.

The kernel frees it when its process dies, so there is no stale lock to break and nothing to time out. What the file
says (who, since when) is for people; only the kernel's lock counts. The file stays when the lock is given back: to
remove it would let two processes lock two files of one name.
"""

import fcntl
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from reconciler.adapters.privatefiles import FILE_MODE, file_name, make_private_directory
from reconciler.domain.errors import AccountLocked, Refused
from reconciler.domain.ids import AccountName
from reconciler.ports import Clock

_LARGEST_OWNER_ROW = 4096


def process_owner(command: str) -> str:
    """How a lock names this process to the one that finds it taken."""
    return f"`{command}` (process {os.getpid()} on {socket.gethostname()})"


class FileAccountLock:
    """The AccountLock port over `directory`; `owner` says who holds, for a person: see `process_owner`.

    It does not nest: whoever asks twice is refused like anybody else.
    """

    def __init__(self, directory: Path, *, owner: str, clock: Clock) -> None:
        self._directory = directory
        self._owner = owner
        self._clock = clock

    @contextmanager
    def hold(self, account: AccountName) -> Iterator[None]:
        """Hold the account for the length of a `with` block.

        Raises AccountLocked at once where it is held, and Refused where the lock's file cannot be used.
        """
        descriptor = self._open(account)
        try:
            _take(descriptor, account)
            _write_owner(descriptor, self._owner, self._clock.now())
            try:
                yield
            finally:
                os.ftruncate(descriptor, 0)
        finally:
            os.close(descriptor)  # gives the lock back

    def _open(self, account: AccountName) -> int:
        make_private_directory(self._directory)
        path = self._directory / f"{file_name(account)}.lock"
        try:
            return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, FILE_MODE)
        except OSError as error:
            raise Refused(f"the lock file {path} cannot be opened: {error.strerror}") from error


def _take(descriptor: int, account: AccountName) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        owner, since = _read_owner(descriptor)
        raise AccountLocked(account, owner, since) from error
    except OSError as error:
        raise Refused(f"the state directory's file system gives no locks: {error.strerror}") from error


def _write_owner(descriptor: int, owner: str, since: datetime) -> None:
    row = json.dumps({"owner": owner, "since": since.isoformat()}).encode()
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, row, 0)
    except OSError as error:
        raise Refused(f"the state directory cannot be written: {error.strerror}") from error


def _read_owner(descriptor: int) -> tuple[str, datetime | None]:
    """Who holds it. Its owner may be between taking the lock and writing its name."""
    try:
        row = json.loads(os.pread(descriptor, _LARGEST_OWNER_ROW, 0))
        return str(row["owner"]), datetime.fromisoformat(row["since"])
    except (ValueError, KeyError, TypeError):
        return "another process", None
