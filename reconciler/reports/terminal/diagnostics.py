"""Diagnostics for a person, each with the line of the file that it is about."""

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from reconciler.diagnostics import Diagnostic, Location, Severity, in_order
from reconciler.reports import wording
from reconciler.reports.terminal.parts import cell, say

_STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "bold yellow"}


def show_diagnostics(
    console: Console, diagnostics: Sequence[Diagnostic], sources: Mapping[str, str] | None = None
) -> None:
    """All of them in the order in which a person mends them, and how many. `sources` are texts by file name."""
    for each in in_order(diagnostics):
        _show(console, each, sources or {})
    if diagnostics:
        errors = sum(each.severity is Severity.ERROR for each in diagnostics)
        warnings = len(diagnostics) - errors
        say(console, f"{wording.count(errors, 'error')}, {wording.count(warnings, 'warning')}")


def _show(console: Console, diagnostic: Diagnostic, sources: Mapping[str, str]) -> None:
    head = (f"{diagnostic.severity}[{wording.plain(diagnostic.code)}]", _STYLES[diagnostic.severity])
    say(console, Text.assemble(head, cell(f": {diagnostic.summary}")))
    if diagnostic.location is not None:
        say(console, f"at {diagnostic.location}", style="cyan", indent=2)
        _show_excerpt(console, diagnostic.location, sources.get(diagnostic.location.file, ""))
    if diagnostic.detail:
        say(console, diagnostic.detail, indent=2)
    if diagnostic.suggestion:
        say(console, diagnostic.suggestion, style="green", indent=2)
    say(console)


def _show_excerpt(console: Console, location: Location, source: str) -> None:
    lines = source.splitlines()
    if not 1 <= location.line <= len(lines):
        return
    margin = f"{location.line:>5} │ "
    text = Text(margin, "dim") + cell(lines[location.line - 1])
    console.print(text, no_wrap=True, overflow="ellipsis", crop=True)
    if location.column:
        console.print(Text(" " * (len(margin) + location.column - 1) + "^", "red"), no_wrap=True, crop=True)
