"""One invocation: where the manifests are, how to answer, and the one way from a failure to message and exit code."""

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from cli.collection import uncollected
from cli.console import Color, Streams, standard_streams
from cli.options import View
from reconciler.diagnostics import Diagnostic
from reconciler.domain.errors import AccountLocked, FolioctlError, PlanAlreadyBegun
from reconciler.domain.exits import ExitCode

if TYPE_CHECKING:
    from rich.console import Console

    from cli.signals import Signals
    from reconciler.bootstrap import Workspace
    from reconciler.domain.desired import AccountSpec
    from reconciler.domain.options import GivenTarget
    from reconciler.reports.live import ProgressDisplay
    from reconciler.settings import Settings


_OF_SETTINGS = "SET"
"""How the codes of settings begin."""


@dataclass
class Invocation:
    """What the shared options of a command say. `diagnostics` are the manifests' and go into every document."""

    root: Path = field(default_factory=Path)
    directory: Path | None = None
    account: str | None = None
    env_file: Path | None = None
    view: View = View.TERMINAL
    color: Color = Color.AUTO
    diagnostics: tuple[Diagnostic, ...] = ()
    unquoted: frozenset[str] = frozenset()
    """Files that hold secrets: no line of them is shown beside a diagnostic."""
    display: "ProgressDisplay | None" = None
    """The progress that is on the screen now; a question has to pause it."""
    signals: "Signals | None" = None
    """What a signal does now; a question has to pause that too."""

    @cached_property
    def streams(self) -> Streams:
        """Standard output, standard error and standard input."""
        return standard_streams(os.environ, self.color)

    def note(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Keep what was found for the document; at a terminal, tell what is new of it."""
        new = tuple(each for each in diagnostics if each not in self.diagnostics)
        self.diagnostics = (*self.diagnostics, *new)
        if new and self.view is not View.JSON:
            self._show(self.streams.stderr, new)

    @property
    def manifests(self) -> Path:
        """The directory of the manifests."""
        return self.directory or self.root / "desired-state"

    def settings(self) -> "Settings":
        """The settings, read once. Leaves with an error that names every one that is wrong."""
        return self._settings

    @cached_property
    def _settings(self) -> "Settings":
        from reconciler import settings

        found, diagnostics = settings.load(self.env_file)
        if found is None:
            self.fail_with(diagnostics)
        self.note(diagnostics)
        return found

    def workspace(self) -> "Workspace":
        """The manifests. Leaves with every diagnostic where they are not in order."""
        from reconciler import bootstrap

        with uncollected():
            workspace, diagnostics = bootstrap.load(self.manifests)
        if workspace is None:
            self.fail_with(diagnostics)
        self.note(diagnostics)
        return workspace

    def given_portfolio(self, file: Path) -> "tuple[GivenTarget, ...]":
        """The portfolio of a file that stands in for the account's own. Leaves with every diagnostic of it."""
        from reconciler import manifests

        lines, found = manifests.load_given(file)
        if lines is None:
            self.fail_with(found)
        return lines

    def chosen_account(self, workspace: "Workspace") -> "AccountSpec":
        """The account that the command is about."""
        from reconciler.bootstrap import choose_account

        return choose_account(workspace.desired, self.account)

    def show_diagnostics(self, console: "Console") -> None:
        """All of them, with the lines that they are about."""
        self._show(console, self.diagnostics)

    def _show(self, console: "Console", diagnostics: tuple[Diagnostic, ...]) -> None:
        from reconciler.reports.terminal.diagnostics import show_diagnostics

        show_diagnostics(console, diagnostics, _sources(diagnostics, self.unquoted))

    def fail_with(self, diagnostics: tuple[Diagnostic, ...]) -> NoReturn:
        """Leave because the input is wrong."""
        self.diagnostics = tuple(dict.fromkeys((*self.diagnostics, *diagnostics)))
        if self.view is View.JSON:
            text = self.failure("InvalidInput", "the manifests or settings are not in order", ExitCode.ERROR)
            self.streams.write(text)
        else:
            self._show(self.streams.stderr, diagnostics)
        raise typer.Exit(ExitCode.ERROR)

    def answer(self, code: ExitCode, views: dict[View, Callable[[], str | None]]) -> NoReturn:
        """Give the product in the view that was asked for, and leave. Text that a view returns is written as it is."""
        text = views[self.view]()
        if text is not None:
            self.streams.write(text)
        raise typer.Exit(code)

    def annotate(self, commands: Iterable[str]) -> None:
        """GitHub workflow commands, on standard error: the runner reads both streams."""
        for command in commands:
            self.streams.errors.write(command + "\n")

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """Turn every failure of ours into one message, or one Failure document, and its exit code."""
        try:
            yield
        except FolioctlError as error:
            code, name, message = explain(error)
            if self.view is View.JSON:
                self.streams.write(self.failure(name, message, code))
            else:
                self.streams.stderr.print(f"Error: {message}", style="bold red")
            raise typer.Exit(code) from None

    def failure(self, name: str, message: str, code: ExitCode) -> str:
        """A Failure document: what a command says that has no other."""
        from reconciler.bootstrap import TOOL, system_clock
        from reconciler.reports.documents import failure_document, text_of

        return text_of(
            failure_document(
                code=name,
                message=message,
                exit_code=code,
                tool=TOOL,
                created=system_clock().now(),
                diagnostics=self.diagnostics,
            )
        )


def explain(error: FolioctlError) -> tuple[ExitCode, str, str]:
    """Exit code, stable name and message of a failure."""
    name = type(error).__name__
    if isinstance(error, AccountLocked):
        return ExitCode.LOCKED, name, str(error)
    if isinstance(error, PlanAlreadyBegun):
        resume = f"`folioctl runs recover {error.run} --resume` sends what of it was never sent, "
        ways = ("" if error.outcome is not None else resume) + "`folioctl apply` plans afresh"
        return ExitCode.STALE, name, f"{error}. A plan is applied once: {ways}"
    return ExitCode.ERROR, name, str(error)


def _sources(diagnostics: tuple[Diagnostic, ...], unquoted: frozenset[str]) -> dict[str, dict[int, str]]:
    """The lines that are named, but those that hold an account number or a secret: none is ever shown.

    Nor is any line of an env file, whatever it holds, or of a file in `unquoted`.
    """
    from reconciler import yamlsource
    from reconciler.manifests.redaction import redacted

    shown: dict[str, set[int]] = {}
    for each in diagnostics:
        if each.location is not None and each.location.line and not each.code.startswith(_OF_SETTINGS):
            shown.setdefault(each.location.file, set()).add(each.location.line)
    texts: dict[str, dict[int, str]] = {}
    for file in shown.keys() - unquoted:
        with suppress(OSError):  # it may be gone by now, or may have been a pipe
            raw = Path(file).read_bytes() if Path(file).is_file() else b""
            lines = yamlsource.lines_of(raw.decode("utf-8-sig", errors="replace"))
            quoted = {number: lines[number - 1] for number in shown[file] if number <= len(lines)}
            texts[file] = {number: each for number, each in quoted.items() if redacted(each) == each}
    return texts
