"""A durable intent against the bare write and fsync of as many bytes, which no journal can be faster than."""

import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from reconciler.adapters.journal.open import open_journal
from tests.bench.timing import ratio
from tests.unit.adapters.journal.records import a_run, an_intent

_WRITES = 50


def _bare_writes(file: Path) -> None:
    with file.open("ab") as target:
        for _ in range(_WRITES):
            target.write(b"x" * 512)
            target.flush()
            os.fsync(target.fileno())


def lines() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as directory:
        journal = open_journal(Path(directory) / "journal.sqlite3")
        journal.begin_run(a_run())
        numbers = iter(range(10**9))

        def intents() -> None:
            for _ in range(_WRITES):
                journal.record_intent(an_intent(ref=f"folioctl:bench:{next(numbers)}"))

        bare: Callable[[], None] = lambda: _bare_writes(Path(directory) / "bare")  # noqa: E731
        share, ours, theirs = ratio(intents, bare, rounds=5)
        yield (
            f"journal   {ours / _WRITES * 1000:.2f} ms for a durable intent, "
            f"{theirs / _WRITES * 1000:.2f} ms for a bare write and fsync: {share:.2f} ×"
        )
        journal.close()
