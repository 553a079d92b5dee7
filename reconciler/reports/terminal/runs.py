"""The runs of the journal, one a line."""

from collections.abc import Sequence

from rich.console import Console

from reconciler.ports import RunRecord
from reconciler.reports import wording
from reconciler.reports.terminal.parts import WIDE, Column, cell, grid, say

_COLUMNS = [Column("Run"), Column("Account"), Column("Started"), Column("Ended", from_width=WIDE), Column("Outcome")]


def show_runs(console: Console, runs: Sequence[RunRecord]) -> None:
    """In the order that they are given in."""
    if not runs:
        say(console, "The journal has no runs.")
        return
    rows = [
        [
            cell(run.id, "bold"),
            cell(f"{run.account} ({run.environment})"),
            cell(wording.clock(run.started)),
            cell("" if run.ended is None else wording.clock(run.ended)),
            cell(run.outcome or "not closed", "" if run.outcome else "yellow"),
        ]
        for run in runs
    ]
    console.print(grid(console, _COLUMNS, rows))


def show_recovered(console: Console, run: RunRecord, *, is_resumable: bool) -> None:
    """One run after its orders were looked for, and what there is to do about it."""
    resume = f"Next: folioctl runs recover {run.id} --resume, for what of it was never sent"
    show_runs(console, [run])
    say(console)
    say(console, resume if is_resumable else f"Its report: folioctl runs show {run.id}", style="bold")
