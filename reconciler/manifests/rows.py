"""Rows of a file of weights, each with its place: CSV with a heading, or YAML with `portfolio:` and its symbols.

Both are forms of tools that folioctl replaces. What a row may hold says the model that its reader names.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import Field, ValidationError

from reconciler import diagnostics, yamlsource
from reconciler.diagnostics import Diagnostic, Location
from reconciler.manifests.base import Section
from reconciler.manifests.scalars import Fraction, InstrumentLabel, Symbol
from reconciler.manifests.spot import Spot
from reconciler.yamlsource import Document, YamlPath, plain

MOST_CHARACTERS = 20_000_000
"""Beyond any portfolio: fifty thousand rows are two million."""

MOST_WRONG = 1000
"""Behind so many mistakes the rest of a file is not read: who mends the first of them mends most likely all."""

RowT = TypeVar("RowT", bound=Section)

_NEEDED = {"symbol", "weight"}
_WHOLE = {"conId"}
_NUMBERS = {"weight", "maintenanceMargin"}
_SWITCHES = {"true": True, "false": False}
_SWITCHED = {"countsTowardLeverage"}


class GivenLine(Section):
    """One symbol's share, and the sector that it counts to."""

    weight: Fraction = Field(description="The share of this line, as 0.13 or 13%.")
    sector: InstrumentLabel | None = Field(default=None, description="Groups lines for the limit maxSectorWeight.")


class GivenPortfolio(Section):
    """Symbols and their shares."""

    portfolio: dict[Symbol, GivenLine] = Field(description="The lines by their symbols.")


@dataclass(frozen=True)
class Row(Generic[RowT]):
    """One row as its model, and where it stands."""

    line: RowT
    spot: Spot


class Form(StrEnum):
    """The two forms."""

    CSV = "csv"
    YAML = "yaml"


def form_of(path: Path) -> Form:
    """The form that a file's name says it has."""
    return Form.CSV if path.suffix.lower() == ".csv" else Form.YAML


def read(path: Path, model: type[RowT], form: Form) -> tuple[list[Row[RowT]], list[Diagnostic]]:
    """Every row of the file that is understood, and what is wrong with the others. Never raises for what it holds."""
    where = Location(path.as_posix())
    return _from_csv(path, where, model) if form is Form.CSV else _from_yaml(path, where, model)


# --------------------------------------------------------------------------------------------------- YAML


def _from_yaml(path: Path, where: Location, model: type[RowT]) -> tuple[list[Row[RowT]], list[Diagnostic]]:
    documents, found = yamlsource.load_file(path, where.file)
    if found:
        return [], found
    if len(documents) != 1:
        return [], [diagnostics.error("GIV001", f"the file has {len(documents)} documents, not one", where)]
    (document,) = documents
    given, faults = yamlsource.parse(document, GivenPortfolio, "MAN")
    source = _Mapped(document)
    rows = [
        Row(model.model_validate({"symbol": symbol, **line.model_dump(exclude_unset=True)}), Spot(source, place))
        for symbol, line in (given.portfolio if given else {}).items()
        for place in [("portfolio", symbol)]
    ]
    return rows, faults


@dataclass(frozen=True)
class _Mapped:
    """Lines by their symbols: each begins at its symbol, which is a key here and no value."""

    document: Document

    def locate(self, path: YamlPath) -> Location:
        """Where a line or a value of its begins."""
        is_line = path[2:] in ((), ("symbol",))
        return self.document.locate_key(path[:2]) if is_line else self.document.locate(path)

    def locate_key(self, path: YamlPath) -> Location:
        """Where the key at the end of `path` stands."""
        return self.document.locate_key(path)


# --------------------------------------------------------------------------------------------------- CSV


class Sheet:
    """The lines of a CSV file: where its cells stand. A path is a line's number and, perhaps, a column's name."""

    def __init__(self, file: str, lines: Sequence[str], columns: Sequence[str]) -> None:
        self._file = file
        self._lines = lines
        self._columns = columns

    def locate(self, path: YamlPath) -> Location:
        """Where a cell begins; the line's beginning where it has no such cell."""
        number = int(path[0])
        text = self._lines[number - 1]
        column = self._columns.index(str(path[1])) if len(path) > 1 and path[1] in self._columns else 0
        begin, end = _cell(text, column)
        if len(path) == 1:
            begin, end = 0, len(text)
        return Location(self._file, number, begin + 1, number, end + 1)

    def locate_key(self, path: YamlPath) -> Location:
        """Where the line begins: a cell's key is in the heading."""
        return self.locate(path[:1])


def _cell(text: str, number: int) -> tuple[int, int]:
    """Where the cell of that number begins and ends in a line; the whole line where it has fewer."""
    begin, count, is_quoted = 0, 0, False
    for position, character in enumerate(f"{text},"):
        is_quoted ^= character == '"'
        if character == "," and (not is_quoted or position == len(text)):
            if count == number:
                return begin, position
            begin, count = position + 1, count + 1
    return 0, len(text)


def _from_csv(path: Path, where: Location, model: type[RowT]) -> tuple[list[Row[RowT]], list[Diagnostic]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            text = stream.read(MOST_CHARACTERS + 1)
    except OSError as fault:
        return [], [diagnostics.error("YML007", f"the file cannot be read: {fault.strerror}", where)]
    except UnicodeDecodeError:
        return [], [diagnostics.error("YML003", "not UTF-8 text", where, suggestion="Save the file as UTF-8.")]
    if len(text) > MOST_CHARACTERS:
        return [], [diagnostics.error("YML004", f"the file has more than {MOST_CHARACTERS:,} characters", where)]
    lines = re.split(r"\r\n|\r|\n", text)
    columns = _columns(model)
    try:
        heading = [each.strip().lower() for each in next(csv.reader([lines[0]], strict=True), ())]
        if not _fits(heading, columns):
            return [], [_wrong_heading(heading, list(columns.values()), where)]
        return _rows(Sheet(where.file, lines, [columns[each] for each in heading]), lines, heading, model)
    except csv.Error as fault:
        return [], [diagnostics.error("GIV001", f"not CSV: {fault}", Location(where.file, 1, 1))]


def _columns(model: type[Section]) -> dict[str, str]:
    """The keys of the model by their small letters."""
    return {str(info.alias).lower(): str(info.alias) for info in model.model_fields.values()}


def _fits(heading: Sequence[str], columns: Mapping[str, str]) -> bool:
    return set(heading) >= _NEEDED and set(heading) <= columns.keys() and len(heading) == len(set(heading))


def _wrong_heading(heading: Sequence[str], columns: Sequence[str], where: Location) -> Diagnostic:
    more = ", ".join(each for each in columns if each not in _NEEDED)
    written = ", ".join(yamlsource.printable(each) for each in heading) or "nothing"
    hints = [diagnostics.did_you_mean(each, columns) for each in heading if each not in map(str.lower, columns)]
    if len(heading) == 1 and re.search("[;\t]", heading[0]):
        hints = ["Put commas between the cells, and a point into a number."]
    summary = f"the heading must have symbol and weight, may have {more}, and is {written}"
    return diagnostics.error("GIV001", summary, Location(where.file, 1, 1), suggestion=next(filter(None, hints), ""))


def _rows(
    sheet: Sheet, lines: Sequence[str], heading: Sequence[str], model: type[RowT]
) -> tuple[list[Row[RowT]], list[Diagnostic]]:
    rows: list[Row[RowT]] = []
    found: list[Diagnostic] = []
    keys = [_columns(model)[each] for each in heading]
    for number, text in enumerate(lines[1:], start=2):
        if not text:
            continue
        if len(found) >= MOST_WRONG:
            found.append(diagnostics.error("GIV001", "the file is not read beyond this line", sheet.locate((number,))))
            break
        try:
            cells = next(csv.reader([text], strict=True), ())
            if any(each.strip() for each in cells):
                rows.append(Row(model.model_validate(_typed(keys, cells)), Spot(sheet, (number,))))
        except csv.Error as fault:
            found.append(diagnostics.error("GIV001", f"not CSV: {fault}", sheet.locate((number,))))
        except ValidationError as fault:
            found += _wrong_row(fault, sheet, number)
    return rows, found


def _wrong_row(fault: ValidationError, sheet: Sheet, number: int) -> Iterator[Diagnostic]:
    for each in fault.errors(include_url=False):
        path, words = each["loc"], each["msg"].removeprefix("Value error, ")
        what = yamlsource.printable(path[0]) if path else "the row"
        place = sheet.locate((number, *path[:1]))
        is_missing = each["type"] == "missing"
        place = sheet.locate((number,)) if is_missing else place
        summary = f"{what}: {words[:1].lower()}{words[1:]}"
        yield diagnostics.error("GIV001", summary, place, suggestion=_decimal_point(each["input"]))


def _decimal_point(cell: Any) -> str:
    is_number = isinstance(cell, str) and re.fullmatch(r"-?[0-9]+,[0-9]+ ?%?", cell)
    return f"Write a point: {cell.replace(',', '.')}." if is_number else ""


def _typed(keys: Sequence[str], cells: Sequence[str]) -> dict[str, Any]:
    """The cells as a manifest would have them: CSV knows text alone. An empty cell is a key that is not there."""
    written = [each.strip() for each in cells]
    typed: dict[str, Any] = {key: _value(key, each) for key, each in zip(keys, written, strict=False) if each}
    return typed | ({"a cell beyond the heading": cells[len(keys)]} if len(cells) > len(keys) else {})


def _value(key: str, text: str) -> Any:
    if key in _SWITCHED:
        return _SWITCHES.get(text.lower(), text)
    if key in _WHOLE:
        return int(text) if re.fullmatch(r"[0-9]{1,19}", text) else text
    if key not in _NUMBERS:
        return text
    try:
        return plain.number(text)
    except plain.Inexact:
        return text
