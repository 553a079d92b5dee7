"""The runs of the journal, one a line."""

from collections.abc import Sequence

from rich.console import Console

from reconciler.ports import RunRecord
from reconciler.reports import wording
from reconciler.reports.terminal.parts import Column, cell, grid, say

_COLUMNS = [Column("Run"), Column("Account"), Column("Started"), Column("Ended"), Column("Outcome")]


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
