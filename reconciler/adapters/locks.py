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
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from reconciler.adapters.privatefiles import FILE_MODE, file_name, make_private_directory
from reconciler.domain.errors import AccountLocked, Refused
from reconciler.domain.ids import AccountName
from reconciler.ports import Clock, Holder, LockFinding

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

    def look(self, account: AccountName) -> LockFinding:
        """Say who holds it, and change nothing. Raises Refused as `hold` does."""
        with self._found(account) as (found, _descriptor):
            return found

    def unlock(self, account: AccountName) -> LockFinding:
        """Say who holds it, and clear away the name that a dead process left. Raises Refused as `hold` does."""
        with self._found(account) as (found, descriptor):
            if descriptor is None or found.holder is not Holder.NOBODY:
                return found
            os.ftruncate(descriptor, 0)
            return replace(found, is_cleared=found.owner is not None)

    @contextmanager
    def _found(self, account: AccountName) -> Iterator[tuple[LockFinding, int | None]]:
        """The lock as it is, and its open file where it has one. A lock that nobody holds is held for the block."""
        path = self._path(account)
        if not path.exists():
            yield LockFinding(account, Holder.NOBODY), None
            return
        descriptor = _opened(path)
        try:
            row = _read_row(descriptor)
            found = LockFinding(account, Holder.NOBODY, row.owner, row.since, row.process, str(path))
            try:
                _take(descriptor, account)
            except AccountLocked:
                found = replace(found, holder=_holder(row))
            yield found, descriptor
        finally:
            os.close(descriptor)

    def _path(self, account: AccountName) -> Path:
        return self._directory / f"{file_name(account)}.lock"

    def _open(self, account: AccountName) -> int:
        make_private_directory(self._directory)
        return _opened(self._path(account))


@dataclass(frozen=True)
class _Row:
    """What a holder wrote of itself; None where it did not, or not yet."""

    owner: str | None = None
    since: datetime | None = None
    process: int | None = None
    machine: str | None = None


_NOBODYS = _Row()


def _opened(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, FILE_MODE)
    except OSError as error:
        raise Refused(f"the lock file {path} cannot be opened: {error.strerror}") from error


def _holder(row: _Row) -> Holder:
    """Who holds a lock that is held. The named process may be gone while one that it started keeps the file open."""
    if row.process is None:
        return Holder.UNNAMED
    if row.machine != socket.gethostname():
        return Holder.ELSEWHERE
    return Holder.ALIVE if _is_alive(row.process) else Holder.UNNAMED


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another user's
        return True
    return True


def _take(descriptor: int, account: AccountName) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        row = _read_row(descriptor)
        raise AccountLocked(account, row.owner or "another process", row.since) from error
    except OSError as error:
        raise Refused(f"the state directory's file system gives no locks: {error.strerror}") from error


def _write_owner(descriptor: int, owner: str, since: datetime) -> None:
    named = {"owner": owner, "since": since.isoformat(), "process": os.getpid(), "machine": socket.gethostname()}
    row = json.dumps(named).encode()
    try:
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, row, 0)
    except OSError as error:
        raise Refused(f"the state directory cannot be written: {error.strerror}") from error


def _read_row(descriptor: int) -> _Row:
    """What the holder wrote; nobody where it is between taking the lock and writing its name, or wrote half of it."""
    try:
        row = json.loads(os.pread(descriptor, _LARGEST_OWNER_ROW, 0))
        process = row.get("process")
        return _Row(
            owner=str(row["owner"]),
            since=datetime.fromisoformat(row["since"]),
            process=process if isinstance(process, int) and process > 0 else None,
            machine=row.get("machine"),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return _NOBODYS
