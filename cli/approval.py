"""Approval before an apply, and the answer after it: what `apply` and `runs recover --resume` share."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import NoReturn

from cli.invocation import Invocation
from cli.options import View
from reconciler import planfile
from reconciler.bootstrap import TOOL
from reconciler.domain.desired import Environment
from reconciler.domain.exits import ExitCode, first_of
from reconciler.domain.plan import Plan
from reconciler.engine.authorize import RefusalKind
from reconciler.engine.reconcile import Approval, Reconciliation
from reconciler.reports.documents import run_document, text_of
from reconciler.reports.terminal.parts import Detail
from reconciler.reports.terminal.plan import show_plan
from reconciler.reports.terminal.run import show_run
from reconciler.settings import Settings


class Approver:
    """Asks the person at the terminal; without one, only a saved plan or --auto-approve is a yes.

    `command` is what asks again, `approval` who approved already. `rehearsal` says what makes this a dry
    run, and is None where it is none.
    """

    def __init__(
        self,
        invocation: Invocation,
        command: str,
        *,
        approval: Approval,
        rehearsal: str | None,
        detail: Detail = Detail.CHANGES,
    ) -> None:
        self._invocation = invocation
        self.command = command
        self._approval = approval
        self._rehearsal = rehearsal
        self.detail = detail
        self.why_not = ""

    @property
    def is_rehearsal(self) -> bool:
        """Whether nothing is sent, whatever anybody says."""
        return self._rehearsal is not None

    def __call__(self, plan: Plan) -> Approval:
        """Who lets the plan be applied; `why_not` says why where nobody does."""
        streams = self._invocation.streams
        if self._rehearsal is not None:
            self.why_not = f"this is a dry run ({self._rehearsal})"
            return Approval.NOBODY
        if self._approval is not Approval.NOBODY:
            return self._approval
        if not streams.can_ask:
            self.why_not = f"nobody can be asked here; {_instead(plan)}"
            return Approval.NOBODY
        # Real money is confirmed by its account's name, so that a habit of typing "yes" is not enough.
        expected = plan.account if plan.environment is Environment.LIVE else "yes"
        # What comes next is the question, unless something stands in the way of a part.
        command = self.command if plan.is_blocked else None
        with self._undisturbed():
            show_plan(streams.stderr, plan, apply_command=command, detail=self.detail)
            if streams.confirm(f"Apply this plan to account '{plan.account}' ({plan.environment})?", expected):
                return Approval.PERSON
        self.why_not = "not approved"
        return Approval.NOBODY

    @contextmanager
    def _undisturbed(self) -> Iterator[None]:
        with ExitStack() as paused:
            for each in (self._invocation.display, self._invocation.signals):
                if each is not None:
                    paused.enter_context(each.paused())
            yield


def _instead(plan: Plan) -> str:
    if plan.emergency is None or plan.emergency.authorised_by is not None:
        return "use --auto-approve"
    return "approve it at a terminal, or name who authorises emergencies beforehand with emergencyAuthorisedBy"


def rehearsal_of(settings: Settings, *, dry_run: bool = False) -> str | None:
    """What makes an invocation a dry run, or None."""
    if settings.dry_run:
        return "DRY_RUN is set"
    return "--dry-run" if dry_run else None


def answer_reconciliation(
    invocation: Invocation, done: Reconciliation, approver: Approver, *, also: ExitCode = ExitCode.OK
) -> NoReturn:
    """What an apply came to, in the view that was asked for. `also` is the code of what was done beside it."""
    plan, result = done.plan, done.result
    rehearsed = approver.is_rehearsal and result is None and done.refusal is None
    code = first_of([ExitCode.OK if rehearsed else done.exit_code, also])
    diagnostics = invocation.diagnostics

    def show() -> None:
        if result is not None:
            show_run(invocation.streams.stdout, result, plan)
        else:
            is_stale = done.refusal is not None and done.refusal.kind is RefusalKind.STALE
            command = None if is_stale else approver.command
            show_plan(invocation.streams.stdout, plan, apply_command=command, detail=approver.detail)
            for reason in done.refusal.reasons if done.refusal else (approver.why_not,):
                invocation.streams.stderr.print(f"Nothing was sent: {reason}", style="bold red")
            if is_stale:
                invocation.streams.stderr.print("Next: folioctl plan", style="bold")

    def document() -> str:
        if result is not None:
            return text_of(run_document(result, plan, tool=TOOL, exit_code=code, diagnostics=diagnostics))
        if done.refusal is None or not done.refusal.reasons:
            return planfile.write(plan, tool=TOOL, diagnostics=diagnostics)
        return invocation.failure(done.refusal.kind, "; ".join(done.refusal.reasons), code)

    invocation.answer(code, {View.TERMINAL: show, View.JSON: document})
