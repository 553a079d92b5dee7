"""The tables of `docs/faults.md`: one for each group of faults, made from what is stated."""

import re
from collections.abc import Iterable

from tests.matrix.phases import Phase
from tests.matrix.stated import STATED
from tests.matrix.stated.row import Row

_SECTION = re.compile(r"(<!-- matrix: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
_PLACES = ("Before batch 1", "In batch 1", "Before batch 2", "In batch 2", "While cancelling")


def refreshed(page: str) -> str:
    """The page with the tables as they are now, between their markers."""
    return _SECTION.sub(lambda found: f"{found[1]}\n{table(STATED[found[2]])}\n{found[3]}", page)


def table(rows: Iterable[Row]) -> str:
    """What happens, the quirks that bring it about, and how the apply ends in each phase."""
    heads = ("What happens", *_PLACES, "What folioctl does", "Quirk")
    lines = [_line(heads), "|---" * len(heads) + "|", *(_line(_fields(row)) for row in rows)]
    return "".join(f"{line}\n" for line in lines)


def _fields(row: Row) -> tuple[str, ...]:
    quirks = ", ".join(f"`{fault}`" for fault in row.faults)
    return (row.meaning, *(str(row.end(phase)) for phase in Phase), row.why, quirks)


def _line(fields: Iterable[str]) -> str:
    return f"| {' | '.join(fields)} |"
