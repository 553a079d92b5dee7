"""What `halt` does beyond the halt itself, and how it answers."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import NoReturn

from cli.approval import Approver, answer_reconciliation, rehearsal_of
from cli.invocation import Invocation
from cli.options import View
from cli.session import Task, apply, run
from reconciler.bootstrap import TOOL, Purpose, Workspace, open_journal, open_session, switch_of, system_clock
from reconciler.domain.desired import AccountSpec
from reconciler.domain.errors import Refused
from reconciler.domain.exits import ExitCode
from reconciler.domain.halt import Halt
from reconciler.domain.options import RunOptions
from reconciler.domain.release import Cancellation, Release
from reconciler.engine.halt import cancel_all, code_of_cancellations, code_of_release, patience
from reconciler.engine.halt import flatten as flatten_held
from reconciler.engine.reconcile import Approval, Reconciliation, apply_fresh
from reconciler.engine.session import Session
from reconciler.ports import EventSink
from reconciler.reports.documents import halt_document, text_of
from reconciler.reports.terminal.halt import show_cancellation, show_halt, show_release

COMMAND = "folioctl halt"


def cancel_orders(invocation: Invocation, halt: Halt) -> tuple[Cancellation, ...]:
    """Cancel our own working orders of every account that the halt is about; under a dry run, of none."""
    settings, workspace = invocation.settings(), invocation.workspace()
    rehearsal = rehearsal_of(settings)
    if rehearsal is not None:
        invocation.streams.stderr.print(f"Nothing was cancelled: this is a dry run ({rehearsal})", style="bold red")
        return ()
    accounts = [each for each in workspace.desired.accounts if halt.concerns(each.name)]

    def opener(sink: EventSink) -> Callable[[AccountSpec], AbstractAsyncContextManager[Session]]:
        return lambda account: open_session(
            workspace,
            account,
            settings,
            purpose=Purpose.APPLYING,
            sink=sink,
            command=COMMAND,
            patience=patience(account.policy.timeouts),
        )

    async def main(sink: EventSink) -> tuple[Cancellation, ...]:
        return await cancel_all(accounts, opener(sink))

    return run(invocation, main)


def flatten_account(invocation: Invocation, halt: Halt, approval: Approval) -> NoReturn:
    """Close what is declared, by the engine of every apply; the halt does not hold up this plan."""
    settings, workspace = invocation.settings(), invocation.workspace()
    with invocation.reporting():
        _require_named(invocation.account, workspace)
    rehearsal = rehearsal_of(settings)
    name = halt.account or "the account"
    approver = Approver(invocation, f"{COMMAND} --flatten --reason TEXT", approval=approval, rehearsal=rehearsal)
    why = f"{halt.reason} ({halt.by})"
    task = Task(workspace, COMMAND, RunOptions(flatten=why), waits=True)

    async def carry_out(session: Session) -> tuple[Cancellation, Reconciliation]:
        if rehearsal is not None:
            return Cancellation(session.account.name), await apply_fresh(session, tool=TOOL, approve=approver)
        return await flatten_held(session, tool=TOOL, approve=approver)

    cancellation, done = apply(invocation, task, carry_out)
    if invocation.view is View.TERMINAL and rehearsal is None:
        show_cancellation(invocation.streams.stderr, cancellation)
        invocation.streams.stderr.print(f"{name} stays halted: {halt}", style="yellow")
    answer_reconciliation(invocation, done, approver, also=code_of_cancellations([cancellation]))


def _require_named(account: str | None, workspace: Workspace) -> None:
    """Raises Refused where several accounts are halted and none is named: no default is ever closed."""
    names = ", ".join(each.name for each in workspace.desired.accounts)
    if account is None and len(workspace.desired.accounts) > 1:
        raise Refused(f"all accounts are halted, and nothing is closed: choose one with --account ({names})")


def answer_halt(invocation: Invocation, cancellations: Sequence[Cancellation]) -> NoReturn:
    """What is halted now, and what was cancelled."""
    with invocation.reporting():
        settings = invocation.settings()
        with open_journal(settings) as journal:
            halts = (*switch_of(settings), *journal.halts())
        code = code_of_cancellations(cancellations)
        invocation.answer(
            code,
            {
                View.TERMINAL: lambda: show_halt(invocation.streams.stdout, halts, cancellations),
                View.JSON: lambda: _document(invocation, code, halts, cancellations=cancellations),
            },
        )


def answer_release(invocation: Invocation, done: Release) -> NoReturn:
    """What was lifted, and what still halts."""
    code = code_of_release(done)
    invocation.answer(
        code,
        {
            View.TERMINAL: lambda: show_release(invocation.streams.stdout, done),
            View.JSON: lambda: _document(invocation, code, done.left, lifted=done.lifted),
        },
    )


def _document(
    invocation: Invocation,
    code: ExitCode,
    halts: Sequence[Halt],
    *,
    lifted: Sequence[Halt] = (),
    cancellations: Sequence[Cancellation] = (),
) -> str:
    return text_of(
        halt_document(
            halts,
            lifted=lifted,
            cancellations=cancellations,
            exit_code=code,
            tool=TOOL,
            created=system_clock().now(),
            diagnostics=invocation.diagnostics,
        )
    )
