"""From text to Documents: bounded, and with every fault of the text told at its place.

The parser is libyaml, by PyYAML, and only its events are used: what a scalar means is decided here (`plain.py`), so
that the ticker ON is no truth. Where PyYAML comes without libyaml, its own parser does the same, slower.
"""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from yaml.error import MarkedYAMLError
from yaml.events import DocumentStartEvent, StreamEndEvent
from yaml.reader import ReaderError

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, Location
from reconciler.yamlsource.document import Document
from reconciler.yamlsource.place import location
from reconciler.yamlsource.values import MAX_DEPTH, Builder, TooMuch
from reconciler.yamlsource.words import one_line

MAX_CHARACTERS = 10_000_000
MAX_DOCUMENTS = 10_000
MAX_SYNTAX_ERRORS = 20

TEXT_CODES: Mapping[str, str] = {
    "YML001": "The text is no YAML here: a bracket, quote or colon is missing, a tab indents, or an indent is uneven.",
    "YML002": "A mapping has the same key twice; one of them would be lost without a word.",
    "YML003": "The file is not UTF-8 text.",
    "YML004": "The file is too large, too deeply nested, or its aliases multiply beyond reason.",
    "YML005": "A tag such as `!include`, or a directive such as `%YAML`; only plain YAML values are understood.",
    "YML006": "A key that is a list or a mapping; keys are words.",
    "YML007": "The file cannot be read.",
    "YML008": "A merge key `<<` takes a mapping or a list of mappings, and an alias cannot contain itself.",
    "YML009": "A number that cannot be read exactly, or with more than forty characters.",
}
"""What each code of this package means."""

_HINTS: tuple[tuple[str, str], ...] = (
    (r"mapping values are not allowed", "Put text that has a colon in it in quotes, or mend the indent."),
    (r"quoted scalar", "Close the quote, or double a quote that is meant as a character."),
    (r"flow (mapping|sequence)", "A bracket is not closed, or a comma is missing."),
    (r"expected ':'", "Write `key: value`, with a colon and a blank; what belongs together begins in the same column."),
    (r"block (mapping|collection|sequence)|simple key", "Lines that belong together begin in the same column."),
    (r"cannot start any token", "Put the value in quotes."),
    (r"undefined|anchor", "Name an anchor that stands before it, or put the value in quotes."),
)

_UNMERGED = re.compile(r"<{7}( |$)")
"""How the line begins that a merge writes above two sides which it could not bring together."""

_LINE_END = re.compile("\r\n|\r|\n")
_HIDDEN_LINE_END = re.compile("[\x85\u2028\u2029]")
"""YAML 1.1 ends a line here, YAML 1.2 does not, and an editor shows nothing."""

PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""What gives a text's events."""


def load_file(path: Path, file: str) -> tuple[list[Document], list[Diagnostic]]:
    """The documents of the file at `path`, which messages call `file`."""
    text, found = read_text(path, file)
    return ([], found) if text is None else load(text, file)


def read_text(path: Path, file: str) -> tuple[str | None, list[Diagnostic]]:
    """The text of the file at `path`, which messages call `file`; None where it cannot be read, or is not UTF-8."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(4 * MAX_CHARACTERS + 1)
    except OSError as fault:
        reason = fault.strerror or type(fault).__name__
        return None, [diagnostics.error("YML007", f"the file cannot be read: {reason}", Location(file))]
    if len(raw) > 4 * MAX_CHARACTERS:
        return None, [_too_large(file)]
    try:
        return raw.decode("utf-8-sig"), []
    except UnicodeDecodeError as fault:
        place = _place_of_byte(raw, fault.start, file)
        return None, [diagnostics.error("YML003", "not UTF-8 text", place, suggestion="Save the file as UTF-8.")]


def lines_of(text: str) -> list[str]:
    """The lines of `text` as places count them."""
    return _LINE_END.split(text)


def irregular(path: Path, file: str) -> Diagnostic | None:
    """Why what is at `path` is not opened, where it is no file: a pipe has no end, and a link may lead nowhere."""
    if os.path.isfile(path):
        return None
    what = (
        "it is no regular file" if os.path.exists(path) else "it is a link that leads nowhere, or its folder is locked"
    )
    return diagnostics.error("YML007", f"the file cannot be read: {what}", Location(file))


def load(text: str, file: str) -> tuple[list[Document], list[Diagnostic]]:
    """Every document of `text` that is not empty, and everything that is wrong with the text.

    After a syntax error the rest of that document is passed over and reading goes on at the next `---`.
    """
    if len(text) > MAX_CHARACTERS:
        return [], [_too_large(file)]
    hidden = _HIDDEN_LINE_END.search(text)
    if hidden is not None:
        place = _place_of_character(text, hidden.start(), file)
        what = f"the hidden line end U+{ord(hidden[0]):04X}"
        return [], [_not_yaml(what, place, suggestion="Remove the character, or begin a new line.")]
    documents: list[Document] = []
    faults: list[Diagnostic] = []
    builder = Builder(file)
    begin: int | None = 0
    while begin is not None and len(faults) < MAX_SYNTAX_ERRORS:
        # What was read before is blanked, not cut, so that lines keep their numbers.
        remaining = "\n" * len(_LINE_END.findall(text, 0, begin)) + text[begin:] if begin else text
        fault = _read_until_fault(remaining, builder, file, documents)
        if fault is None:
            break
        faults.append(fault)
        begin = None if fault.code == "YML004" else _next_document(text, begin, fault)
    return documents, faults + builder.found


def _too_large(file: str) -> Diagnostic:
    return diagnostics.error("YML004", f"the file has more than {MAX_CHARACTERS:,} characters", Location(file))


def _read_until_fault(text: str, builder: Builder, file: str, documents: list[Document]) -> Diagnostic | None:
    try:
        parser = PARSER(text)
        while (start := _next_start(parser)) is not None:
            if len(documents) >= MAX_DOCUMENTS:
                place_of_start = location(file, start.start_mark, start.end_mark)
                return diagnostics.error(
                    "YML004", f"the file has more than {MAX_DOCUMENTS:,} documents", place_of_start
                )
            if start.version is not None or start.tags:
                builder.found.append(_directive(start, file))
            before = len(builder.found)
            data, place = builder.build(parser.get_event)
            if data is not None and place is not None:
                told = (each.location for each in builder.found[before:])
                faults = frozenset((each.line, each.column) for each in told if each is not None)
                documents.append(Document(file, data, place, faults))
    except MarkedYAMLError as fault:
        return _marked_fault(fault, text, file)
    except ReaderError as fault:
        place_of_fault = _place_of_byte(text.encode("utf-8", errors="replace"), fault.position, file)
        return _not_yaml("a character that text files do not hold", place_of_fault)
    except UnicodeEncodeError as fault:
        place_of_fault = _place_of_character(text, fault.start, file)
        return _not_yaml("half of a character", place_of_fault)
    except TooMuch as much:
        return much.fault
    return None


def _next_start(parser: Any) -> Any:
    """The event with which the next document begins, consumed; None where there is no other."""
    while True:
        event = parser.get_event()
        if isinstance(event, DocumentStartEvent):
            return event
        if isinstance(event, StreamEndEvent):
            return None


def _directive(start: Any, file: str) -> Diagnostic:
    place = location(file, start.start_mark, start.start_mark)
    hint = "Remove the line that begins with %: files are read as YAML 1.2."
    return diagnostics.error("YML005", "a directive is not understood here", place, suggestion=hint)


def _marked_fault(fault: MarkedYAMLError, text: str, file: str) -> Diagnostic:
    mark: Any = fault.problem_mark or fault.context_mark
    begins: Any = fault.context_mark or mark
    lines = lines_of(text)
    if not "".join(lines[mark.line :])[mark.column :].strip():
        mark = begins  # what the end of the file misses is mended where it begins
    is_within = "".join(lines[mark.line :])[mark.column :].strip() != ""
    place = location(file, mark, mark) if is_within else _end(lines, file)
    unmerged = next((number for number, line in enumerate(lines[: mark.line + 1], 1) if _UNMERGED.match(line)), None)
    if unmerged is not None:
        hint = "Keep one of the two, and remove the lines with <<<<<<<, ======= and >>>>>>>."
        both = Location(file, unmerged, 1, unmerged, len(lines[unmerged - 1]) + 1)
        return _not_yaml("a merge left both of its sides here", both, suggestion=hint)
    said = one_line(f"{fault.problem or ''} {fault.context or ''}") or "unreadable"
    if "nesting depth" in said:
        return diagnostics.error("YML004", f"nested deeper than {MAX_DEPTH} levels", place)
    line = lines[place.line - 1]
    if "\t" in (line[: len(line) - len(line.lstrip())], line[mark.column : mark.column + 1]):
        return _not_yaml("a tab where an indent belongs", place, suggestion="Indent with spaces.")
    hint = next((hint for pattern, hint in _HINTS if re.search(pattern, said)), "")
    detail = f"It begins on line {begins.line + 1}." if begins.line < mark.line else ""
    return _not_yaml(said, place, detail=detail, suggestion=hint)


def _end(lines: list[str], file: str) -> Location:
    """Behind the last thing that is written."""
    written = [number for number, line in enumerate(lines, 1) if line.strip()] or [1]
    line, column = written[-1], len(lines[written[-1] - 1].rstrip()) + 1
    return Location(file, line, column, line, column)


def _not_yaml(what: str, place: Location, *, detail: str = "", suggestion: str = "") -> Diagnostic:
    return diagnostics.error("YML001", f"not YAML: {what}", place, detail=detail, suggestion=suggestion)


def _next_document(text: str, begin: int, fault: Diagnostic) -> int | None:
    line = fault.location.line if fault.location else 1
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    position = starts[min(line, len(starts)) - 1]
    separator = re.compile(r"^---(?=\s|$)", re.MULTILINE).search(text, max(position, begin + 1))
    return separator.start() if separator else None


def _place_of_character(text: str, position: int, file: str) -> Location:
    lines = _LINE_END.split(text[:position])
    line, column = len(lines), len(lines[-1]) + 1
    return Location(file, line, column, line, column)


def _place_of_byte(raw: bytes, position: int, file: str) -> Location:
    before = raw[:position].decode("utf-8", errors="replace")
    return _place_of_character(before, len(before), file)
