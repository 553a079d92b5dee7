"""Who may say yes to a plan, and how."""

import io
from dataclasses import replace

import pytest

from cli.approval import Approval
from cli.console import Streams
from cli.invocation import Invocation
from reconciler.domain.desired import Environment
from reconciler.domain.plan import Plan
from tests.builders import a_plan


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def approval(answer: str, *, approved: bool = False, rehearsal: bool = False, on_a_terminal: bool = True) -> Approval:
    made = Terminal if on_a_terminal else io.StringIO
    invocation = Invocation()
    invocation.__dict__["streams"] = Streams(made(f"{answer}\n"), io.StringIO(), made(), {"TERM": "dumb"})
    return Approval(invocation, approved=approved, rehearsal=rehearsal)


def plan_for(environment: Environment) -> Plan:
    return replace(a_plan(), environment=environment)


@pytest.mark.parametrize(("answer", "approved"), [("yes", True), ("y", False), ("YES", False), ("", False)])
def test_a_paper_plan_takes_a_yes(answer: str, approved: bool) -> None:
    assert approval(answer)(plan_for(Environment.PAPER)) is approved


@pytest.mark.parametrize(("answer", "approved"), [("main", True), ("yes", False)])
def test_a_live_plan_takes_the_name_of_its_account(answer: str, approved: bool) -> None:
    assert approval(answer)(plan_for(Environment.LIVE)) is approved


def test_off_a_terminal_nobody_can_say_yes() -> None:
    asked = approval("yes", on_a_terminal=False)

    assert not asked(plan_for(Environment.PAPER))
    assert "--auto-approve" in asked.why_not


def test_a_rehearsal_is_never_approved() -> None:
    asked = approval("yes", approved=True, rehearsal=True)

    assert not asked(plan_for(Environment.PAPER))
    assert "DRY_RUN" in asked.why_not
