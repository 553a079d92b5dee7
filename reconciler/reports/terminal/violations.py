"""Violations: which limit, where it is written, how far it is missed, and what to do."""

from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from reconciler.domain.plan import Level, Violation
from reconciler.reports.terminal.parts import cell, say


def show_violations(console: Console, violations: Iterable[Violation]) -> None:
    """All of them, those that block first. Nothing where there are none."""
    ordered = sorted(violations, key=lambda each: not is_blocking(each))
    if not ordered:
        return
    say(console)
    say(console, "Limits", style="bold")
    for violation in ordered:
        _show(console, violation)


def is_blocking(violation: Violation) -> bool:
    """Whether nothing may be sent because of it."""
    return violation.blocks and violation.level is not Level.ADVISORY


def _show(console: Console, violation: Violation) -> None:
    word, style = ("BLOCKS", "bold red") if is_blocking(violation) else ("told", "yellow")
    subject = f" ({violation.instrument})" if violation.instrument else ""
    say(
        console,
        Text.assemble((word, style), cell(f" {violation.limit}{subject}: {violation.message}")),
        indent=2,
    )
    before = "; it was so before this plan" if violation.existed_before else ""
    say(console, f"value {violation.value}, limit {violation.bound} ({violation.level}){before}", indent=4)
    if violation.location is not None:
        say(console, f"at {violation.location}", indent=4)
    if violation.remedy:
        say(console, f"to mend it: {violation.remedy}", indent=4)
