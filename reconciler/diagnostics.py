"""The Diagnostic: one thing to tell the user about their input, as a value.

Functions that read user input return `(result, diagnostics)` and keep going, so that all problems are told at once.
Neutral and standard library only: anyone may use it. A broken invariant is no diagnostic, it is an exception.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum


class Severity(StrEnum):
    """How much a diagnostic weighs: an error stops the command, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, order=True)
class Location:
    """A place in a text file. Line and column count from 1, as editors do; 0 means that only the file is known.

    The end is the first column behind what stands there. It is for showing and tells no two places apart.
    """

    file: str
    line: int = 0
    column: int = 0
    end_line: int = field(default=0, compare=False)
    end_column: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True)
class Diagnostic:
    """One finding: a stable code, one line of summary, where it stands, why it matters, and what to do."""

    severity: Severity
    code: str
    summary: str
    location: Location | None = None
    detail: str = ""
    suggestion: str = ""
    why: str = field(default="", compare=False)
    """Why what its code stands for matters."""
    ignored: str = ""
    """The reason with which a comment in the file sets this warning aside; empty where none does."""

    @property
    def message(self) -> str:
        """What was found and what to do, on one line."""
        rest = " ".join(filter(None, (self.detail, self.suggestion)))
        return f"{self.summary}. {rest}" if rest else self.summary

    def __str__(self) -> str:
        where = f"{self.location}: " if self.location else ""
        aside = f" (ignored: {self.ignored})" if self.ignored else ""
        return f"{where}{self.severity}: {self.message} [{self.code}]{aside}"


def error(
    code: str, summary: str, location: Location | None = None, *, detail: str = "", suggestion: str = ""
) -> Diagnostic:
    """A diagnostic that stops the command."""
    return Diagnostic(Severity.ERROR, code, summary, location, detail, suggestion)


def warning(
    code: str, summary: str, location: Location | None = None, *, detail: str = "", suggestion: str = ""
) -> Diagnostic:
    """A diagnostic that is told and passed over."""
    return Diagnostic(Severity.WARNING, code, summary, location, detail, suggestion)


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any of them stops the command."""
    return any(each.severity is Severity.ERROR for each in diagnostics)


def strictly(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """The same, with every warning as an error that no comment sets aside."""
    return tuple(each if each.ignored else replace(each, severity=Severity.ERROR) for each in diagnostics)


def in_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """By file, line and column, those without a place last: the order in which a person mends them."""
    return tuple(
        sorted(diagnostics, key=lambda each: (each.location is None, each.location or Location(""), each.code))
    )


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`Did you mean 'x'?` where one of the known words is close, in whatever letters; else the empty text."""
    by_lower = {each.lower(): each for each in known}
    close = get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    return f"Did you mean '{by_lower[close[0]]}'?" if close else ""


class Hints:
    """`did_you_mean` for many words among the same known ones, as long as that takes no second.

    A word is compared with all that are known, which tens of thousands make slow; and hundreds of words that are wrong
    among so many are no slips of the pen.
    """

    _MOST_COMPARISONS = 50_000

    def __init__(self, known: Iterable[str]) -> None:
        self._known = tuple(known)
        self._left = self._MOST_COMPARISONS

    def of(self, word: str) -> str:
        """`Did you mean 'x'?`, or the empty text."""
        if self._left <= 0:
            return ""
        self._left -= len(self._known)
        return did_you_mean(word, self._known)
