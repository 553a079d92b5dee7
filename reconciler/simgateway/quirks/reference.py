"""The explanation of all quirks: as rows, as text for a terminal, and as the table of the documentation."""

import re
from typing import NamedTuple

from reconciler.simgateway.quirks.catalogue import QUIRKS
from reconciler.simgateway.quirks.grammar import Parameter, Quirk

_SECTION = re.compile(r"(<!-- quirks -->\n).*?(<!-- end -->)", re.DOTALL)


class Row(NamedTuple):
    """One quirk: its name and group, how it is written, the values its arguments take, and what happens."""

    name: str
    group: str
    usage: str
    counts: str
    values: dict[str, list[str]]
    explanation: str


def rows() -> list[Row]:
    """Every quirk, in the order of the catalogue."""
    return [_row(quirk) for quirk in QUIRKS.values()]


def _row(quirk: Quirk) -> Row:
    values = {each.name: list(each.choices) for each in quirk.parameters}
    return Row(quirk.name, quirk.group, quirk.usage, quirk.counts, values, quirk.explanation)


def text() -> str:
    """The list for a terminal: how each is written, and below it what happens."""
    return "".join(f"{quirk.usage}\n{_indented(quirk)}" for quirk in QUIRKS.values())


def _indented(quirk: Quirk) -> str:
    lines = [quirk.explanation, *(_choices(each) for each in quirk.parameters if each.choices)]
    return "".join(f"    {line}\n" for line in lines)


def _choices(parameter: Parameter) -> str:
    return f"{parameter.name}: {', '.join(parameter.choices)}"


def refreshed(page: str) -> str:
    """The page with the table of all quirks, as they are now, between its markers."""
    lines = ["", "| Quirk | What happens |", "|---|---|", *(_table_row(quirk) for quirk in QUIRKS.values()), "", ""]
    return _SECTION.sub(lambda found: f"{found[1]}" + "\n".join(lines) + found[2], page)


def _table_row(quirk: Quirk) -> str:
    choices = "".join(f" {_choices(each)}." for each in quirk.parameters if each.choices)
    return f"| `{quirk.usage}` | {quirk.explanation}{choices} |"
