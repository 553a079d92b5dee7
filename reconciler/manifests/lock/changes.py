"""What became of the entries of a lock file, for whoever tells of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from reconciler.diagnostics import Diagnostic
from reconciler.manifests.contract_lock import LockedContract
from reconciler.manifests.lock.writing import LockEdits, in_file_order


class LockChange(StrEnum):
    """What became of one entry."""

    KEPT = "kept"
    ADDED = "added"
    REPLACED = "replaced"
    REMOVED = "removed"


@dataclass(frozen=True)
class LockRow:
    """One entry; `formerly` is the id of the one that it replaced, where that is another."""

    change: LockChange
    entry: LockedContract
    formerly: int | None = None


@dataclass(frozen=True)
class LockChanges:
    """All entries in the order of the file, those that were removed too, and all that there is to tell of them."""

    file: str
    rows: tuple[LockRow, ...]
    is_written: bool
    is_check: bool
    diagnostics: tuple[Diagnostic, ...]
    is_unread: bool
    """The broker did not tell all, and nothing else is wrong."""

    def count(self, change: LockChange) -> int:
        """How many entries that became of."""
        return sum(each.change is change for each in self.rows)


def rows_of(entries: Sequence[LockedContract], edits: LockEdits) -> tuple[LockRow, ...]:
    """What the edits make of the entries."""
    rows = [*(_row(each, edits) for each in entries), *(LockRow(LockChange.ADDED, each) for each in edits.added)]
    return tuple(sorted(rows, key=lambda each: in_file_order(each.entry)))


def _row(entry: LockedContract, edits: LockEdits) -> LockRow:
    if entry.con_id in edits.removed:
        return LockRow(LockChange.REMOVED, entry)
    fresh = edits.replaced.get(entry.con_id)
    if fresh is None:
        return LockRow(LockChange.KEPT, entry)
    return LockRow(LockChange.REPLACED, fresh, None if fresh.con_id == entry.con_id else entry.con_id)
