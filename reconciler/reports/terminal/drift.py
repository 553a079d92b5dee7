"""Drift for a person: which lines are off target, by how much, and what could not be judged."""

from rich.console import Console
from rich.text import Text

from reconciler.domain.counting import counted
from reconciler.domain.line import Line
from reconciler.domain.plan import Plan
from reconciler.domain.status import SyncStatus
from reconciler.planning.assess import is_drifted, sync_status
from reconciler.reports import sentences, wording
from reconciler.reports.terminal.parts import (
    MEDIUM,
    Column,
    Detail,
    around_the_plan,
    cell,
    grid,
    identity,
    say,
    say_facts,
    section,
)

SYNC_STYLES = {SyncStatus.SYNCED: "green", SyncStatus.OUT_OF_SYNC: "yellow", SyncStatus.UNKNOWN: "red"}

_COLUMNS = [
    Column("Instrument", is_name=True),
    Column("Holds", "right"),
    Column("Target", "right"),
    Column("Off by", "right"),
    Column("Weight", "right", MEDIUM),
    Column("Why"),
]


def show_drift(console: Console, plan: Plan, *, detail: Detail = Detail.CHANGES) -> None:
    """How the account differs from its manifests."""
    say(console, identity(plan.account, plan.environment))
    say_facts(console, [*sentences.origin(plan), f"read {wording.clock(plan.created)}"])
    shown = [line for line in plan.lines if detail is Detail.ALL or is_drifted(line) or line.blocked is not None]
    if shown:
        say(console)
        console.print(grid(console, _COLUMNS, [_row(line) for line in shown]))
    if rest := len(plan.lines) - len(shown):
        say(console, f"{counted(rest, 'line')} on target", style="dim", indent=2)
    around_the_plan(console, plan)
    section(console, "Blocked", sentences.blocks(plan), style="red")
    say(console)
    status = sync_status(plan)
    say(
        console,
        Text.assemble((str(status), f"bold {SYNC_STYLES[status]}"), cell(f": {sentences.drift_sentence(plan)}")),
    )
    if status is not SyncStatus.SYNCED:
        say(console, "Next: folioctl plan", style="bold")


def _row(line: Line) -> list[Text]:
    style = "red" if line.blocked is not None else ""
    return [
        cell(line.instrument, f"bold {style}".strip()),
        cell(wording.quantity(line.current)),
        cell(wording.quantity(line.target)),
        cell(sentences.off_by(line), "yellow"),
        cell(wording.arrow(wording.percent(line.weight_current), wording.percent(line.weight_target))),
        cell(sentences.reason(line), style),
    ]
