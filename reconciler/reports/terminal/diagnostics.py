"""Diagnostics for a person, each with the line of the file that it is about."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from reconciler.diagnostics import Diagnostic, Location, Severity, in_order
from reconciler.domain.counting import counted
from reconciler.reports import wording
from reconciler.reports.terminal.parts import cell, folded, say

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow"}


def show_diagnostics(
    console: Console, diagnostics: Sequence[Diagnostic], sources: Mapping[str, Mapping[int, str]] | None = None
) -> None:
    """All of them in the order in which a person mends them, and how many. `sources` are lines by file and number.

    What a comment sets aside comes last, each with its reason alone.
    """
    ordered = in_order(diagnostics)
    for each in ordered:
        if not each.ignored:
            _show(console, each, sources or {})
    ignored = [each for each in ordered if each.ignored]
    for each in ignored:
        say(console, f"ignored[{each.code}]: {each.summary}", style="dim")
        say(console, f"at {each.location}: {each.ignored}", style="dim", indent=2)
    if ignored:
        say(console)
    if diagnostics:
        say(console, counts(diagnostics))


def counts(diagnostics: Sequence[Diagnostic]) -> str:
    """`1 error, 2 warnings`, and how many a comment sets aside."""
    told = [each for each in diagnostics if not each.ignored]
    errors = sum(each.severity is Severity.ERROR for each in told)
    words = [counted(errors, "error"), counted(len(told) - errors, "warning")]
    ignored = len(diagnostics) - len(told)
    return ", ".join(words + ([f"{ignored} ignored"] if ignored else []))


def _show(console: Console, diagnostic: Diagnostic, sources: Mapping[str, Mapping[int, str]]) -> None:
    """One print for all of it, folded before: there may be thousands."""
    lines = [line for part in _parts(console, diagnostic, sources) for line in part]
    console.print(Text("\n").join([*lines, Text()]), soft_wrap=True)


def _parts(
    console: Console, diagnostic: Diagnostic, sources: Mapping[str, Mapping[int, str]]
) -> Iterator[Iterable[Text]]:
    head = (f"{diagnostic.severity}[{wording.plain(diagnostic.code)}]", _STYLES[diagnostic.severity])
    yield folded(console, Text.assemble(head, cell(f": {diagnostic.summary}")))
    place = diagnostic.location
    if place is not None:
        yield folded(console, cell(f"at {place}", "cyan"), indent=2)
        yield _excerpt(place, sources.get(place.file, {}), console.width)
    for text, style in (
        (diagnostic.detail, ""),
        (f"Why: {diagnostic.why}" if diagnostic.why else "", "dim"),
        (diagnostic.suggestion, "green"),
    ):
        if text:
            yield folded(console, cell(text, style), indent=2)


def _excerpt(location: Location, lines: Mapping[int, str], width: int) -> Iterator[Text]:
    """The line, and marks under the part of it that the diagnostic is about."""
    if location.line not in lines:
        return
    line, margin = lines[location.line], f"{location.line:>5} │ "
    begin, end = max(0, location.column - 1), _end(location, line)
    line, begin, end = _in_view(line, begin, end, width - len(margin))
    shown = Text.assemble((margin, "dim"), cell(line))
    shown.truncate(width, overflow="ellipsis")
    yield shown
    if location.column:
        # Some characters are two cells wide.
        under = " " * cell_len(line[:begin]) + "^" * max(1, cell_len(line[begin:end]))
        marks = Text.assemble(" " * len(margin), (under, "red"))
        marks.truncate(width)
        yield marks


def _in_view(line: str, begin: int, end: int, room: int) -> tuple[str, int, int]:
    """The line without control characters, and where the marks begin and end in it; of a line that has no room before
    the marks, what stands shortly before them and from there on.
    """
    if begin <= 2 * room:  # some characters take no cell at all
        shown = wording.plain(line[: begin + room])
        if cell_len(shown[:begin]) + min(end - begin, room // 2) < room:
            return shown, begin, end
    cut = begin - room // 4  # at least 0: fewer characters fill no half of the room
    return f"…{wording.plain(line[cut : begin + room])}", begin - cut + 1, end - cut + 1


def _end(location: Location, line: str) -> int:
    """Where the marked part of the line ends; where nothing says so, behind its first character."""
    if not location.end_line:
        return location.column
    return location.end_column - 1 if location.end_line == location.line else len(line.rstrip())
