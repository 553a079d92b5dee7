"""The pieces that terminal reports are put together from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from rich.cells import cell_len
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from reconciler.domain.desired import Environment
from reconciler.domain.ids import AccountName
from reconciler.domain.line import Action
from reconciler.domain.plan import Plan
from reconciler.reports import sentences, wording

FULL = 120
"""From this many columns on, a table shows everything."""
WIDE = 96
"""From this many columns on, most of it."""
MEDIUM = 66
"""Below this, only what nobody can do without."""

ACTION_STYLES = {
    Action.NO_OP: "dim",
    Action.OPEN: "green",
    Action.INCREASE: "green",
    Action.REDUCE: "yellow",
    Action.CLOSE: "red",
}


class Detail(StrEnum):
    """How much of a plan is shown."""

    CONCISE = "concise"
    """The changes and the sums."""
    CHANGES = "changes"
    """Everything, but the lines that do not trade are only counted."""
    ALL = "all"


@dataclass(frozen=True)
class Column:
    """A column of a table, shown from `from_width` columns of terminal on."""

    heading: str
    align: Literal["left", "right"] = "left"
    from_width: int = 0
    is_name: bool = False
    """A name does not fold as long as other words can."""
    at_least: int = 1
    """How many columns of terminal its words have, before those of others give way."""


def grid(console: Console, columns: Sequence[Column], rows: Iterable[Sequence[Text]]) -> Table:
    """A table without lines. Words fold; a number is shown whole, or cut with an ellipsis that nobody overlooks."""
    shown = [place for place, column in enumerate(columns) if console.width >= column.from_width]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    table.show_header = any(columns[place].heading for place in shown)
    for place in shown:
        column = columns[place]
        if column.align == "right":
            table.add_column(cell(column.heading), justify="right", no_wrap=True, overflow="ellipsis")
        else:
            table.add_column(cell(column.heading), overflow="fold", no_wrap=column.is_name, min_width=column.at_least)
    for row in rows:
        table.add_row(*(row[place] for place in shown))
    return table


def cell(text: str, style: str = "") -> Text:
    """One cell of a table; `text` may come from anywhere."""
    return Text(wording.plain(text), style)


def say(console: Console, text: str | Text = "", *, style: str = "", indent: int = 0) -> None:
    """A paragraph; its further lines are indented as the first."""
    words = cell(text, style) if isinstance(text, str) else text
    console.print(Padding(words, (0, 0, 0, indent), expand=False) if indent else words)


def say_facts(console: Console, facts: Iterable[str]) -> None:
    """Facts with a dot between them; one that has no room on a line any more begins the next."""
    line = ""
    for fact in facts:
        longer = f"{line} · {fact}" if line else fact
        if line and cell_len(longer) > console.width:
            say(console, line)
            longer = fact
        line = longer
    say(console, line)


def folded(console: Console, text: Text, *, indent: int = 0) -> Iterable[Text]:
    """The lines of a paragraph, folded to the width of the console where it is longer than that."""
    room = max(1, console.width - indent)
    lines = [text] if "\n" not in text.plain and text.cell_len <= room else text.wrap(console, room)
    return [Text.assemble(" " * indent, line) for line in lines] if indent else lines


def say_options(console: Console, plan: Plan) -> None:
    """What the command line asked for beyond the manifests; nothing where it asked for nothing."""
    asked = sentences.options_words(plan)
    if asked:
        say(console, f"For this run: {', '.join(asked)}", style="yellow")


def section(console: Console, heading: str, lines: Iterable[str], *, style: str = "") -> None:
    """A heading and its bullet lines; nothing where there are none."""
    bullets = tuple(lines)
    if not bullets:
        return
    say(console)
    say(console, heading, style=f"bold {style}".strip())
    for bullet in bullets:
        table = Table.grid(padding=(0, 1, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        table.add_row(Text("  •"), cell(bullet, style))
        console.print(table)


def identity(account: AccountName, environment: Environment) -> Text:
    """`main · paper`; a live account stands out."""
    style = "bold red" if environment is Environment.LIVE else "cyan"
    return Text.assemble((wording.plain(account), "bold"), " · ", (environment.upper(), style))


def around_the_plan(console: Console, plan: Plan) -> None:
    """What the account holds and awaits besides its declared lines, and the lines' notes."""
    base = plan.base_currency
    section(
        console,
        "Undeclared holdings (counted in the leverage, never traded)",
        (
            f"{each.symbol}: {wording.quantity(each.quantity)} shares, worth "
            f"{wording.amount(each.exposure, base)}{'' if wording.whys([each.exposure]) else f' {base}'}"
            f"{sentences.formerly(each)}"
            for each in plan.undeclared
        ),
    )
    section(console, "Cancelled first", (wording.working_order(each) for each in plan.cancellations), style="yellow")
    section(
        console,
        "Orders of others (never counted towards a target; their sells reserve shares)",
        (wording.working_order(each) for each in plan.foreign_orders if each not in plan.cancellations),
    )
    notes = [f"{line.instrument}: {note}" for line in plan.lines for note in line.notes]
    section(console, "Notes", [*plan.notes, *notes])
