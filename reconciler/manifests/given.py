"""A given portfolio: targets from a file of its own, for one run, in place of the account's Portfolio.

Two forms, those of tools that folioctl replaces: CSV with a heading `symbol,weight,sector`, or YAML with `portfolio:`
and a mapping of symbols to weight and sector. Weights are fractions or percentages; what they leave stays in cash.
"""

import csv
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from reconciler import diagnostics, yamlsource
from reconciler.diagnostics import Diagnostic, Location
from reconciler.domain.options import GivenTarget
from reconciler.manifests.base import Section
from reconciler.manifests.portfolio_rules import TOLERANCE, percent
from reconciler.manifests.scalars import Fraction, InstrumentLabel, Symbol

_COLUMNS = ("symbol", "weight", "sector")
_NEEDED = {"symbol", "weight"}


class GivenLine(Section):
    """One symbol's share, and the sector that it counts to."""

    weight: Fraction = Field(description="The share of this line, as 0.13 or 13%.")
    sector: InstrumentLabel | None = Field(default=None, description="Groups lines for the limit maxSectorWeight.")


class GivenPortfolio(Section):
    """Symbols and their shares."""

    portfolio: dict[Symbol, GivenLine] = Field(description="The lines by their symbols.")


class _Row(GivenLine):
    """A line of CSV."""

    symbol: Symbol


class GivenForm(StrEnum):
    """The two forms."""

    CSV = "csv"
    YAML = "yaml"


def load_given(path: Path) -> tuple[tuple[GivenTarget, ...] | None, tuple[Diagnostic, ...]]:
    """The lines of the file by their symbols, or everything that is wrong with it. Never raises for what it holds."""
    placed, found = read_given(path, GivenForm.CSV if path.suffix.lower() == ".csv" else GivenForm.YAML)
    lines = tuple(sorted((line for line, _ in placed), key=lambda each: each.symbol))
    return (None if found else lines), found


_Placed = list[tuple[GivenTarget, Location]]


def read_given(path: Path, form: GivenForm) -> tuple[_Placed, tuple[Diagnostic, ...]]:
    """The lines in the order of the file, each with its place, and everything that is wrong with it."""
    read = _from_csv if form is GivenForm.CSV else _from_yaml
    placed, found = read(path, Location(path.as_posix()))
    return placed, diagnostics.in_order(found or _faults(placed, Location(path.as_posix())))


def _faults(placed: _Placed, where: Location) -> Iterator[Diagnostic]:
    if not placed:
        yield diagnostics.error("GIV002", "the portfolio has no lines", where)
    first: dict[str, Location] = {}
    for line, place in placed:
        known = first.setdefault(line.symbol.upper(), place)
        if known is not place:
            yield diagnostics.error("GIV003", f"{line.symbol} already stands on line {known.line}", place)
    total = sum((line.weight for line, _ in placed), Decimal(0))
    if total > 1 + TOLERANCE:
        hint = "Borrowing is the account's leverage, or --leverage."
        yield diagnostics.error(
            "GIV004", f"the weights sum to {percent(total)}, above 100%", placed[0][1], suggestion=hint
        )


# --------------------------------------------------------------------------------------------------- YAML


def _from_yaml(path: Path, where: Location) -> tuple[_Placed, list[Diagnostic]]:
    documents, found = yamlsource.load_file(path, where.file)
    if found:
        return [], found
    if len(documents) != 1:
        return [], [diagnostics.error("GIV001", f"the file has {len(documents)} documents, not one", where)]
    given, faults = yamlsource.parse(documents[0], GivenPortfolio, "MAN")
    lines = given.portfolio if given else {}
    placed = [
        (GivenTarget(symbol, line.weight, line.sector), documents[0].locate_key(("portfolio", symbol)))
        for symbol, line in lines.items()
    ]
    return placed, faults


# --------------------------------------------------------------------------------------------------- CSV


def _from_csv(path: Path, where: Location) -> tuple[_Placed, list[Diagnostic]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as fault:
        return [], [diagnostics.error("YML007", f"the file cannot be read: {fault.strerror}", where)]
    except UnicodeDecodeError:
        return [], [diagnostics.error("YML003", "not UTF-8 text", where, suggestion="Save the file as UTF-8.")]
    try:
        rows = csv.DictReader(text.splitlines(), strict=True)
        heading = tuple(each.strip().lower() for each in rows.fieldnames or ())
        if not set(heading) >= _NEEDED or not set(heading) <= set(_COLUMNS):
            return [], [_wrong_heading(heading, where)]
        rows.fieldnames = heading
        return _placed(rows, where)
    except csv.Error as fault:
        return [], [diagnostics.error("GIV001", f"not CSV: {fault}", where)]


def _placed(rows: "csv.DictReader[str]", where: Location) -> tuple[_Placed, list[Diagnostic]]:
    placed: _Placed = []
    found: list[Diagnostic] = []
    for row in rows:
        place = Location(where.file, rows.line_num, 1)
        try:
            line = _Row.model_validate(_typed(row))
        except ValidationError as fault:
            found += [_wrong_row(each["loc"], each["msg"], place) for each in fault.errors(include_url=False)]
        else:
            placed.append((GivenTarget(line.symbol, line.weight, line.sector), place))
    return placed, found


def _wrong_heading(heading: tuple[str, ...], where: Location) -> Diagnostic:
    written = ", ".join(yamlsource.printable(each) for each in heading) or "nothing"
    place = Location(where.file, 1, 1)
    return diagnostics.error("GIV001", f"the heading must be {','.join(_COLUMNS)}, and is {written}", place)


def _wrong_row(path: tuple[int | str, ...], message: str, place: Location) -> Diagnostic:
    where = yamlsource.printable(path[0]) if path else "the row"
    words = message.removeprefix("Value error, ")
    return diagnostics.error("GIV001", f"{where}: {words[:1].lower()}{words[1:]}", place)


def _typed(row: Mapping[str | Any, Any]) -> dict[str, Any]:
    """The cells as a manifest would have them: CSV knows text alone. A cell too many is under the key None."""
    cells: dict[str, Any] = {key or "a cell beyond the heading": each for key, each in row.items() if each}
    cells = {key: each.strip() if isinstance(each, str) else each for key, each in cells.items()}
    try:
        return cells | {"weight": Decimal(cells["weight"])}
    except (InvalidOperation, KeyError, TypeError):
        return cells
