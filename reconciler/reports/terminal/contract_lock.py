"""What became of the lock file, on a terminal."""

from rich.console import Console
from rich.text import Text

from reconciler.diagnostics import has_errors
from reconciler.domain.counting import counted
from reconciler.manifests.lock.changes import LockChange, LockChanges, LockRow
from reconciler.reports.terminal.parts import Column, cell, grid, say

_MARKS = {
    LockChange.ADDED: ("+", "green"),
    LockChange.REPLACED: ("~", "yellow"),
    LockChange.REMOVED: ("-", "red"),
}
_COLUMNS = [
    Column(""),
    Column("Symbol", is_name=True),
    Column("Contract", align="right"),
    Column("Type"),
    Column("Listed"),
    Column("Currency"),
    Column("Name"),
]


def show_lock_file(console: Console, changes: LockChanges) -> None:
    """The entries that changed, and the sums. Diagnostics are shown by whoever calls this, before it."""
    rows = [_cells(each) for each in changes.rows if each.change is not LockChange.KEPT]
    if rows:
        console.print(grid(console, _COLUMNS, rows))
    moved = [each for each in changes.rows if each.formerly is not None]
    for each in moved:
        say(console, _moved(each), style="yellow")
    say(console, _sum(changes), style="" if has_errors(changes.diagnostics) else "green")


def _cells(row: LockRow) -> list[Text]:
    mark, style = _MARKS[row.change]
    entry = row.entry
    return [
        cell(mark, style),
        cell(entry.symbol, "bold"),
        cell(str(entry.con_id)),
        cell(entry.sec_type),
        cell(entry.primary_exchange),
        cell(entry.currency),
        cell(entry.name),
    ]


def _moved(row: LockRow) -> str:
    return (
        f"{row.entry.symbol} was contract {row.formerly}, and is {row.entry.con_id}: where shares of the old one are "
        f"held, say `moved: [{{fromConId: {row.formerly}, to: {row.entry.symbol}}}]` in the portfolio."
    )


def _sum(changes: LockChanges) -> str:
    pinned = len(changes.rows) - changes.count(LockChange.REMOVED)
    if has_errors(changes.diagnostics):
        return f"{changes.file} was not written." if not changes.is_check else f"{changes.file} is not in order."
    if changes.is_check:
        return f"{changes.file} is in order: {counted(pinned, 'contract')}."
    if not changes.is_written:
        return f"{changes.file} stays as it is: {counted(pinned, 'contract')}."
    counts = ", ".join(
        f"{changes.count(each)} {each}" for each in (LockChange.ADDED, LockChange.REPLACED, LockChange.REMOVED)
    )
    return f"{changes.file} is written: {counted(pinned, 'contract')}; {counts}."
