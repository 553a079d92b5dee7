"""Who may say yes to a plan, and how."""

import io
from dataclasses import replace

import pytest

from cli.approval import Approver, rehearsal_of
from cli.console import Streams
from cli.invocation import Invocation
from reconciler.domain.desired import Environment
from reconciler.domain.plan import Plan
from reconciler.engine.reconcile import Approval
from reconciler.settings import Settings
from tests.builders import a_plan


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def approver(
    answer: str, *, approval: Approval = Approval.NOBODY, rehearsal: str | None = None, on_a_terminal: bool = True
) -> Approver:
    made = Terminal if on_a_terminal else io.StringIO
    invocation = Invocation()
    invocation.__dict__["streams"] = Streams(made(f"{answer}\n"), io.StringIO(), made(), {"TERM": "dumb"})
    return Approver(invocation, "folioctl apply", approval=approval, rehearsal=rehearsal)


def plan_for(environment: Environment) -> Plan:
    return replace(a_plan(), environment=environment)


@pytest.mark.parametrize(("answer", "is_approved"), [("yes", True), ("y", False), ("YES", False), ("", False)])
def test_a_paper_plan_takes_a_yes(answer: str, is_approved: bool) -> None:
    expected = Approval.PERSON if is_approved else Approval.NOBODY

    assert approver(answer)(plan_for(Environment.PAPER)) is expected


@pytest.mark.parametrize(("answer", "is_approved"), [("main", True), ("yes", False)])
def test_a_live_plan_takes_the_name_of_its_account(answer: str, is_approved: bool) -> None:
    expected = Approval.PERSON if is_approved else Approval.NOBODY

    assert approver(answer)(plan_for(Environment.LIVE)) is expected


def test_off_a_terminal_nobody_can_say_yes() -> None:
    asked = approver("yes", on_a_terminal=False)

    assert asked(plan_for(Environment.PAPER)) is Approval.NOBODY
    assert "--auto-approve" in asked.why_not


def test_who_approved_already_is_not_asked_again() -> None:
    asked = approver("", approval=Approval.BEFOREHAND, on_a_terminal=False)

    assert asked(plan_for(Environment.LIVE)) is Approval.BEFOREHAND


def test_a_rehearsal_is_never_approved() -> None:
    asked = approver("yes", approval=Approval.PERSON, rehearsal="--dry-run")

    assert asked(plan_for(Environment.PAPER)) is Approval.NOBODY
    assert "--dry-run" in asked.why_not


def test_a_dry_run_says_what_made_it_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRY_RUN", "true")
    assert rehearsal_of(Settings(), dry_run=True) == "DRY_RUN is set"

    monkeypatch.setenv("DRY_RUN", "false")
    assert rehearsal_of(Settings(), dry_run=True) == "--dry-run"
    assert rehearsal_of(Settings()) is None
