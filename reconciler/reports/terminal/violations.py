"""Violations: which limit, where it is written, how far it is missed, and what to do."""

from rich.console import Console
from rich.text import Text

from reconciler.domain.plan import Plan
from reconciler.domain.violation import Violation
from reconciler.reports import sentences
from reconciler.reports.terminal.parts import cell, say


def show_violations(console: Console, plan: Plan) -> None:
    """All of them, those that block last, nearest to the summary. Nothing where there are none."""
    if not plan.violations:
        return
    say(console)
    say(console, "Limits", style="bold")
    blocking = plan.blocking_violations
    for violation in plan.violations:
        if violation not in blocking:
            _show(console, violation, "noted", "yellow")
    for violation in blocking:
        _show(console, violation, "BLOCKS", "bold red")


def _show(console: Console, violation: Violation, word: str, style: str) -> None:
    subject = f" ({violation.instrument})" if violation.instrument else ""
    say(
        console,
        Text.assemble((word, style), cell(f" {violation.limit}{subject}: {violation.message}")),
        indent=2,
    )
    before = "; it was so before this plan" if violation.existed_before else ""
    when = "" if violation.batch is None else f"; at the end of batch {violation.batch}"
    say(console, f"value {violation.value}, limit {violation.bound} ({violation.level}){before}{when}", indent=4)
    if violation.override is not None:
        say(console, f"overridden {sentences.overridden(violation.override)}", indent=4, style="yellow")
    if violation.location is not None:
        say(console, f"at {violation.location}", indent=4)
    remedy = sentences.remedy(violation)
    if remedy:
        say(console, f"to mend it: {remedy}", indent=4)
