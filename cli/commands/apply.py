"""folioctl apply: carry out a plan, a saved one or a fresh one."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from cli.console import Color
from cli.invocation import Invocation
from cli.options import (
    HERE,
    AccountOption,
    DesiredStateDirectory,
    EnvFile,
    Json,
    NoColor,
    Root,
    Verbose,
    view_of,
)
from cli.runoptions import RunFlags, run_options, taking_run_flags

PlanFile = Annotated[
    Path | None, typer.Argument(metavar="FILE", help="A plan saved by `plan -o FILE`; without it, plan afresh.")
]
AutoApprove = Annotated[bool, typer.Option("--auto-approve", help="Do not ask. A saved plan is its own approval.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Do everything but send: the plan, the checks, the answer.")]


@taking_run_flags
def apply(
    run: RunFlags,
    file: PlanFile = None,
    root: Root = HERE,
    desired_state: DesiredStateDirectory = None,
    account: AccountOption = None,
    auto_approve: AutoApprove = False,
    dry_run: DryRun = False,
    verbose: Verbose = False,
    json: Json = False,
    env_file: EnvFile = None,
    no_color: NoColor = False,
) -> None:
    """Bring the account to its targets, batch by batch, each under a margin precondition."""
    from cli.approval import Approver, answer_reconciliation, rehearsal_of
    from cli.planview import read_plan
    from cli.session import Task
    from cli.session import apply as carry
    from reconciler.bootstrap import TOOL, require_durable_state, require_keyring_asked
    from reconciler.engine.reconcile import Approval, Reconciliation, apply_fresh, apply_saved
    from reconciler.engine.session import Session
    from reconciler.reports.terminal.parts import Detail

    invocation = Invocation(root, desired_state, account, env_file, view_of(json=json), Color.of(never=no_color))
    if file is not None and run.typed:
        raise typer.BadParameter("a saved plan is applied as it is: give the options to `folioctl plan`")
    with invocation.reporting():
        saved = read_plan(file) if file is not None else None
        settings = invocation.settings()
        require_durable_state(settings)
        rehearsal = rehearsal_of(settings, dry_run=dry_run)
        if rehearsal is None:
            require_keyring_asked(settings)
    task = Task(invocation.workspace(), "folioctl apply", run_options(run, invocation))
    approval = Approval.PERSON if saved else Approval.BEFOREHAND if auto_approve else Approval.NOBODY
    detail = Detail.ALL if verbose else Detail.CHANGES
    approver = Approver(
        invocation,
        shlex.join(["folioctl", "apply", *([str(file)] if file else run.typed)]),
        approval=approval,
        rehearsal=rehearsal,
        detail=detail,
    )

    async def carry_out(session: Session) -> Reconciliation:
        if saved is not None:
            return await apply_saved(session, *saved, approve=approver)
        return await apply_fresh(session, tool=TOOL, approve=approver)

    answer_reconciliation(invocation, carry(invocation, task, carry_out), approver)
