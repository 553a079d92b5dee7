"""Opens the SQLite journal: makes it where there is none, upgrades an older one, refuses what is not ours.

A new journal is made whole beside its place and then linked into it. So the file at `path` is never half made, whatever
is killed when, and of two processes that make it at the same time one wins and both open the same file. An empty file
is refused, because we never leave one: what stands there has lost its records of consumed plans.
"""

import os
import sqlite3
import tempfile
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from reconciler.adapters.journal import migrate
from reconciler.adapters.journal.sql import WRITES, SqlJournal
from reconciler.adapters.privatefiles import make_private_directory, sync_directory
from reconciler.domain.errors import Refused

BUSY_TIMEOUT_SECONDS = 10
"""How long a write waits for another process's. Transactions take milliseconds; more than this means a hung one."""

APPLICATION_ID = 0x466F6C69
"""`Foli`, in the header of every journal: tells ours from another program's database."""

_MAGIC = b"SQLite format 3\0"
_APPLICATION_ID_AT = slice(68, 72)
"""Offsets of https://www.sqlite.org/fileformat.html, section 1.3."""

_SETTINGS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_SECONDS * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",  # a commit returns when it is on disk: an intent is durable before its order leaves
    "PRAGMA fullfsync = ON",  # macOS: a plain fsync stops at the drive's cache
    "PRAGMA foreign_keys = ON",
)


def open_journal(path: Path) -> SqlJournal:
    """The journal at `path`, made with mode 0600 in a directory of mode 0700 where there is none.

    Raises Refused where the file is damaged, is not a journal, or was written by a newer folioctl, and where the file
    system does not let us.
    """
    try:
        if not path.exists():
            _make(path)
        _require_ours(path)
        return SqlJournal(_opened(path))
    except (OSError, DBAPIError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error.strerror
        raise Refused(f"the journal {path} cannot be opened: {reason}") from error


def _opened(path: Path) -> Engine:
    """The engine of a journal whose schema is the code's."""
    engine = create_engine(URL.create("sqlite", database=str(path.absolute())))
    event.listen(engine, "connect", _configure)
    event.listen(engine, "begin", _begin)
    try:
        _bring_up_to_date(engine)
    except BaseException:
        engine.dispose()
        raise
    return engine


def _make(path: Path) -> None:
    log = path.with_name(f"{path.name}-wal")
    if log.exists() and not path.exists():  # SQLite would play it back into the new file
        raise Refused(f"{log} has lost its journal {path.name}: restore that from a backup, or move the log away")
    make_private_directory(path.parent)
    descriptor, draft_name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mode 0600
    os.close(descriptor)
    draft = Path(draft_name)
    try:
        _opened(draft).dispose()  # the last connection to leave folds the write-ahead log into the file
        _place(draft, path)
    finally:
        draft.unlink()


def _place(draft: Path, path: Path) -> None:
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        return  # another process was first, and its journal is as good as ours
    sync_directory(path.parent)


def _require_ours(path: Path) -> None:
    """Looks before SQLite does: opening another program's database would already change it."""
    with path.open("rb") as file:
        header = file.read(100)
    if not header.startswith(_MAGIC):
        raise Refused(f"{path} is not a journal, or is damaged: restore it from a backup, or move it away")
    if int.from_bytes(header[_APPLICATION_ID_AT], "big") != APPLICATION_ID:
        raise Refused(f"{path} is another program's database, not a journal: move it away")


def _configure(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says, not where the driver guesses
    for setting in _SETTINGS:
        connection.execute(setting).close()


def _begin(connection: Connection) -> None:
    # A transaction that reads first and writes later cannot wait for another writer: SQLite refuses it at once. One
    # that will write says so at its start, and waits its turn.
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _bring_up_to_date(engine: Engine) -> None:
    with engine.begin() as connection:
        _require_whole(connection)
        if migrate.is_current(connection):
            return
    with engine.execution_options(**{WRITES: True}).begin() as connection:
        if not migrate.is_current(connection):  # another process may have been first
            connection.execute(text(f"PRAGMA application_id = {APPLICATION_ID}"))
            migrate.migrate(connection)


def _require_whole(connection: Connection) -> None:
    # 60 ms for the 40 MB of some 250 runs. A damaged index could let a consumed plan pass for a new one.
    found = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
    if found != "ok":
        where = connection.engine.url.database
        raise Refused(f"the journal {where} is damaged ({found.splitlines()[-1]}): restore it from a backup")
