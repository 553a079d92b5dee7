"""Showing, saving and reading a plan: what `plan`, `show`, `apply` and `drift` share."""

from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import typer

from cli.invocation import Invocation
from cli.options import View
from reconciler import planfile
from reconciler.bootstrap import TOOL
from reconciler.diagnostics import did_you_mean
from reconciler.domain.errors import PlanUnreadable, Refused
from reconciler.domain.exits import ExitCode
from reconciler.domain.ids import InstrumentName
from reconciler.domain.line import Line
from reconciler.domain.plan import Plan
from reconciler.reports.markdown import plan_markdown
from reconciler.reports.terminal.explanation import show_explanation
from reconciler.reports.terminal.parts import Detail
from reconciler.reports.terminal.plan import show_plan


@dataclass(frozen=True)
class PlanView:
    """How a plan is shown to a person: what applies it, how much of it, and the one line that is explained, if any."""

    apply_command: str
    detail: Detail = Detail.CHANGES
    line: str | None = None

    @classmethod
    def of(cls, apply_command: str, view: View, *, verbose: bool, concise: bool, line: str | None) -> "PlanView":
        """What the options ask for. Raises a usage error for two views."""
        if verbose and concise:
            raise typer.BadParameter("--verbose and --concise are two views: choose one")
        if line is not None and view is not View.TERMINAL:
            raise typer.BadParameter("--explain is for the terminal; the JSON document has every figure of every line")
        detail = Detail.ALL if verbose else Detail.CONCISE if concise else Detail.CHANGES
        return cls(apply_command, detail, line)


def answer_plan(invocation: Invocation, plan: Plan, code: ExitCode, how: PlanView) -> NoReturn:
    """The plan in the view that was asked for."""
    stdout = invocation.streams.stdout

    def show() -> None:
        if how.line is not None:
            show_explanation(stdout, plan, _line(plan, how.line))
        else:
            show_plan(stdout, plan, apply_command=how.apply_command, detail=how.detail)

    with invocation.reporting():
        invocation.answer(
            code,
            {
                View.TERMINAL: show,
                View.JSON: lambda: planfile.write(plan, tool=TOOL, diagnostics=invocation.diagnostics),
                View.MARKDOWN: lambda: plan_markdown(plan),
            },
        )


def _line(plan: Plan, name: str) -> Line:
    names = [line.instrument for line in plan.lines]
    if name not in names:
        raise Refused(f"the plan has no line '{name}'. {did_you_mean(name, names)}".rstrip())
    return plan.lines[names.index(InstrumentName(name))]


def save_plan(invocation: Invocation, plan: Plan, file: Path) -> None:
    """Write the plan document, readable by its owner only: it holds balances."""
    with invocation.reporting():
        try:
            file.touch(mode=0o600)
            file.write_text(
                planfile.write(plan, tool=TOOL, diagnostics=invocation.diagnostics), encoding="utf-8", newline=""
            )
        except OSError as error:
            raise Refused(f"the plan cannot be written to {file}: {error.strerror}") from error


def read_plan(file: Path) -> tuple[Plan, str]:
    """A saved plan and its text. Raises PlanUnreadable, which says what is wrong with it."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise PlanUnreadable(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PlanUnreadable(f"{file} is not a plan: it is not UTF-8 text") from error
    return planfile.read(text), text
