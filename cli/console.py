"""The streams of the command: standard output is the product, standard error is progress, warnings and questions.

Colour needs a terminal, unless FORCE_COLOR asks for it; NO_COLOR, TERM=dumb and `--no-color` forbid it. Animation and
questions need a real terminal, whatever FORCE_COLOR says. Off a terminal a line is as wide as COLUMNS, else 120.
"""

import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from rich.console import Console

_WIDTH_OFF_TERMINAL = 120


class Color(StrEnum):
    """Whether colour may be used."""

    AUTO = "auto"
    NEVER = "never"

    @classmethod
    def of(cls, *, never: bool) -> "Color":
        """What `--no-color` says."""
        return cls.NEVER if never else cls.AUTO


@dataclass(frozen=True)
class Streams:
    """The three streams of one command, and the environment that says how they may be used."""

    input: TextIO
    output: TextIO
    errors: TextIO
    environment: Mapping[str, str]
    color: Color = Color.AUTO

    @cached_property
    def stdout(self) -> "Console":
        """For the product of the command."""
        return self._console(self.output)

    @cached_property
    def stderr(self) -> "Console":
        """For progress, warnings and questions."""
        return self._console(self.errors)

    @property
    def can_ask(self) -> bool:
        """Whether a person sits there: both the question and the answer go through a terminal."""
        return self.input.isatty() and self.errors.isatty()

    def write(self, text: str) -> None:
        """Text as it is, to standard output: JSON, Markdown. Nobody reading it is no failure of the command."""
        try:
            self.output.write(text)
            self.output.flush()
        except BrokenPipeError:
            from cli.pipes import fall_silent

            fall_silent(self.output)

    def confirm(self, question: str, expected: str) -> bool:
        """Whether a person answered exactly `expected`. False where nobody can be asked, or the input ends."""
        if not self.can_ask:
            return False
        self.stderr.print(question, markup=False, highlight=False)
        self.stderr.print(f"Only '{expected}' is accepted: ", markup=False, highlight=False, end="")
        self.errors.flush()
        return self.input.readline().rstrip("\n") == expected

    def ask(self, question: str, default: str) -> str | None:
        """A person's answer, `default` where it is empty; None where the input ends. Ask only where `can_ask`."""
        self.stderr.print(f"{question} [{default}] ", markup=False, highlight=False, end="")
        self.errors.flush()
        line = self.input.readline()
        return (line.strip() or default) if line else None

    def _console(self, stream: TextIO) -> "Console":
        from cli.pipes import PatientConsole

        return PatientConsole(
            file=stream,
            highlight=False,
            markup=False,
            emoji=False,
            soft_wrap=False,
            no_color=self._colorless,
            color_system=None if self._colorless else "auto",
            force_terminal=stream.isatty() or bool(self.environment.get("FORCE_COLOR")),
            force_interactive=stream.isatty() and self.environment.get("TERM", "") not in ("", "dumb", "unknown"),
            width=self._width(stream),
        )

    @property
    def _colorless(self) -> bool:
        return (
            self.color is Color.NEVER
            or bool(self.environment.get("NO_COLOR"))
            or self.environment.get("TERM", "") == "dumb"
        )

    def _width(self, stream: TextIO) -> int | None:
        columns = self.environment.get("COLUMNS", "")
        if columns.isdigit() and int(columns) > 0:
            return int(columns)
        return None if stream.isatty() else _WIDTH_OFF_TERMINAL


def standard_streams(environment: Mapping[str, str], color: Color = Color.AUTO) -> Streams:
    """The process's own streams. What their encoding cannot say is replaced, so that no report ends in the middle."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    return Streams(sys.stdin, sys.stdout, sys.stderr, environment, color)
