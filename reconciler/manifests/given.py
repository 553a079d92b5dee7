"""A given portfolio: targets from a file of its own, for one run, in place of the account's Portfolio.

Two forms, those of tools that folioctl replaces: CSV with a heading `symbol,weight,sector`, or YAML with `portfolio:`
and a mapping of symbols to weight and sector. Weights are fractions or percentages; what they leave stays in cash.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from pathlib import Path

from pydantic import Field

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, Location
from reconciler.domain.options import GivenTarget
from reconciler.manifests import rows
from reconciler.manifests.rows import Form, GivenLine, Row
from reconciler.manifests.scalars import Symbol
from reconciler.manifests.sums import TOLERANCE, percent


class _GivenRow(GivenLine):
    """A line of a given portfolio."""

    symbol: Symbol = Field(description="The broker's symbol.")


def load_given(path: Path) -> tuple[tuple[GivenTarget, ...] | None, tuple[Diagnostic, ...]]:
    """The lines of the file by their symbols, or everything that is wrong with it. Never raises for what it holds."""
    placed, found = read_given(path, rows.form_of(path))
    ordered = tuple(sorted((line for line, _ in placed), key=lambda each: each.symbol))
    return (None if found else ordered), found


def read_given(path: Path, form: Form) -> tuple[list[tuple[GivenTarget, Location]], tuple[Diagnostic, ...]]:
    """The lines in the order of the file, each with its place, and everything that is wrong with it."""
    placed, found = rows.read(path, _GivenRow, form)
    lines = [
        (GivenTarget(each.line.symbol, each.line.weight, each.line.sector), each.spot.source.locate_key(each.spot.path))
        for each in placed
    ]
    return lines, diagnostics.in_order(found or _faults(placed, Location(path.as_posix())))


def _faults(placed: Sequence[Row[_GivenRow]], where: Location) -> Iterator[Diagnostic]:
    if not placed:
        yield diagnostics.error("GIV002", "the portfolio has no lines", where)
    first: dict[str, Row[_GivenRow]] = {}
    for row in placed:
        known = first.setdefault(row.line.symbol.upper(), row)
        if known is not row:
            summary = f"{row.line.symbol} already stands on line {known.spot.place.line}"
            yield diagnostics.error("GIV003", summary, row.spot.source.locate_key(row.spot.path))
    total = sum((row.line.weight for row in placed), Decimal(0))
    if total > 1 + TOLERANCE:
        hint = "Borrowing is the account's leverage, or --leverage."
        place = placed[0].spot.source.locate_key(placed[0].spot.path)
        yield diagnostics.error("GIV004", f"the weights sum to {percent(total)}, above 100%", place, suggestion=hint)
