"""What is left of a journal when its process, or the machine, ends in the middle of a write."""

import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from sqlalchemy.pool import ConnectionPoolEntry

from reconciler.adapters.journal.open import open_journal
from reconciler.domain.errors import StateUnavailable
from reconciler.domain.ids import RunId
from tests.unit.adapters.fulldisk import largest_file
from tests.unit.adapters.journal.records import NOW, ONE_OF_EACH, a_run, an_intent

WRITER = "tests.unit.adapters.journal.writer"
ROOT = Path(__file__).parents[4]
RUN = RunId("run-1")
RACERS = 4


def _start(path: Path, mode: str, name: str = "") -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", WRITER, str(path), mode, name],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def _lines_until_killed(path: Path, after: int) -> list[str]:
    """What a writer acknowledged before it was killed, which is after that many lines at least."""
    with _start(path, "endless") as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(after)]
        writer.kill()
        return said + [line for line in writer.stdout if line.endswith("\n")]


@pytest.mark.parametrize("after", [1, 2, 3, 50])
def test_what_was_acknowledged_survives_a_kill(tmp_path: Path, after: int) -> None:
    path = tmp_path / "journal.sqlite3"
    said = [line.split()[0] for line in _lines_until_killed(path, after)]
    journal = open_journal(path)
    intents, reports = journal.intents(RUN), journal.reports(RUN)
    # All that was acknowledged is there, and at most the one write that was under way besides.
    assert len(intents) - said.count("intended") in {0, 1}
    assert sum(intent.sent is not None for intent in intents) - said.count("sent") in {0, 1}
    assert len(reports) // len(ONE_OF_EACH) - said.count("reported") in {0, 1}
    assert reports == ONE_OF_EACH * (len(reports) // len(ONE_OF_EACH))
    assert [intent.order_id for intent in intents] == list(range(1, len(intents) + 1))
    # And life goes on.
    journal.record_intent(an_intent(line=len(intents) + 1))
    journal.close()


def test_processes_that_make_the_journal_at_once_all_get_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "journal.sqlite3"
    racers = [_start(path, "race", str(number)) for number in range(RACERS)]
    for racer in racers:
        assert racer.stdout is not None
        assert racer.stdout.readline() == "ready\n"
    said = [racer.communicate()[0].strip() for racer in _all_told(racers)]
    assert [racer.returncode for racer in racers] == [0] * RACERS
    (winner,) = [line.removeprefix("won as ") for line in said if line.startswith("won as ")]
    assert sorted(said) == sorted([f"won as {winner}", *[f"lost to {winner}"] * (RACERS - 1)])
    journal = open_journal(path)
    assert len(journal.runs()) == RACERS + 1
    journal.close()
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def _all_told(racers: "list[subprocess.Popen[str]]") -> "list[subprocess.Popen[str]]":
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    return racers


@cache
def _used_journal() -> tuple[bytes, bytes]:
    """The file and the write-ahead log of a journal that its process never closed."""
    with tempfile.TemporaryDirectory(prefix="folioctl-test-") as directory:
        path = Path(directory) / "journal.sqlite3"
        journal = open_journal(path)
        journal.begin_run(a_run())
        for number in range(1, 11):
            journal.record_intent(an_intent(line=number, order_id=number))
            journal.record_reports(RUN, ONE_OF_EACH, NOW)
        kept = path.read_bytes(), path.with_name(f"{path.name}-wal").read_bytes()
        journal.close()
    return kept


@settings(deadline=None)
@given(kept=st.floats(0, 1), garbage=st.binary(max_size=64))
def test_a_torn_log_leaves_a_whole_past(kept: float, garbage: bytes) -> None:
    """Power fails in the middle of a write: the log ends anywhere, perhaps in garbage. What is read is a past state."""
    file, log = _used_journal()
    with tempfile.TemporaryDirectory(prefix="folioctl-test-") as directory:
        path = Path(directory) / "journal.sqlite3"
        path.write_bytes(file)
        path.with_name(f"{path.name}-wal").write_bytes(log[: int(len(log) * kept)] + garbage)
        journal = open_journal(path)
        intents, reports = len(journal.intents(RUN)), len(journal.reports(RUN))
        assert reports % len(ONE_OF_EACH) == 0  # what was recorded in one call is there whole or not at all
        assert intents - reports // len(ONE_OF_EACH) in {0, 1}
        assert (journal.run(RUN) is None) <= (intents == 0)
        journal.close()


@contextmanager
def _connections() -> Iterator[list[sqlite3.Connection]]:
    """The connections that are made meanwhile."""
    made: list[sqlite3.Connection] = []

    def note(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        made.append(connection)

    event.listen(Engine, "connect", note)
    try:
        yield made
    finally:
        event.remove(Engine, "connect", note)


def test_every_commit_is_synced(tmp_path: Path) -> None:
    """The settings that the tests above cannot see: a kill spares what is in the machine's memory."""
    with _connections() as made:
        journal = open_journal(tmp_path / "journal.sqlite3")
    asked = ("journal_mode", "synchronous", "foreign_keys")
    assert [made[-1].execute(f"PRAGMA {name}").fetchone()[0] for name in asked] == ["wal", 2, 1]
    journal.close()


def test_a_writer_that_hangs_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    with _connections() as made:
        journal = open_journal(path)
    made[-1].execute("PRAGMA busy_timeout = 1")  # the real one is worth ten seconds
    journal.begin_run(a_run())
    hanging = sqlite3.connect(path, isolation_level=None)
    hanging.execute("BEGIN IMMEDIATE")
    with pytest.raises(StateUnavailable, match="database is locked"):
        journal.record_intent(an_intent())
    assert journal.run(RUN) == a_run()  # reading does not wait for a writer
    hanging.close()
    journal.record_intent(an_intent())
    assert journal.intents(RUN) == (an_intent(),)
    journal.close()


def test_a_full_disk_refuses_the_intent_and_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "journal.sqlite3"
    journal = open_journal(path)
    journal.begin_run(a_run())
    journal.record_intent(an_intent(line=1))
    log = path.with_name(f"{path.name}-wal")
    with largest_file(log.stat().st_size + 100), pytest.raises(StateUnavailable, match="cannot be read or written"):
        journal.record_intent(an_intent(line=2))
    assert journal.intents(RUN) == (an_intent(line=1),)
    journal.record_intent(an_intent(line=2))
    assert journal.intents(RUN) == (an_intent(line=1), an_intent(line=2))
    journal.close()
