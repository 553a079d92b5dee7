"""Showing, saving and reading a plan: what `plan`, `show`, `apply` and `drift` share."""

from pathlib import Path
from typing import NoReturn

from cli.invocation import Invocation
from cli.options import View
from reconciler import planfile
from reconciler.bootstrap import TOOL
from reconciler.domain.errors import PlanUnreadable, Refused
from reconciler.domain.exits import ExitCode
from reconciler.domain.plan import Plan
from reconciler.reports.markdown import plan_markdown
from reconciler.reports.terminal.parts import Rows
from reconciler.reports.terminal.plan import show_plan


def answer_plan(invocation: Invocation, plan: Plan, code: ExitCode, *, apply_command: str, all_lines: bool) -> NoReturn:
    """The plan in the view that was asked for."""
    invocation.answer(
        code,
        {
            View.TERMINAL: lambda: show_plan(
                invocation.streams.stdout, plan, apply_command=apply_command, rows=rows(all_lines=all_lines)
            ),
            View.JSON: lambda: planfile.write(plan, tool=TOOL, diagnostics=invocation.diagnostics),
            View.MARKDOWN: lambda: plan_markdown(plan),
        },
    )


def rows(*, all_lines: bool) -> Rows:
    """Which lines a table shows."""
    return Rows.ALL if all_lines else Rows.THAT_MATTER


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
