"""folioctl apply: carry out a plan, a saved one or a fresh one."""

from pathlib import Path
from typing import Annotated

import typer

from cli.console import Color
from cli.invocation import Invocation
from cli.options import HERE, AccountOption, DesiredStateDirectory, EnvFile, Json, NoColor, Root, view_of

PlanFile = Annotated[
    Path | None, typer.Argument(metavar="[FILE]", help="A plan saved by `plan -o FILE`; without it, plan afresh.")
]
AutoApprove = Annotated[bool, typer.Option("--auto-approve", help="Do not ask. A saved plan is its own approval.")]


def apply(
    file: PlanFile = None,
    root: Root = HERE,
    desired_state: DesiredStateDirectory = None,
    account: AccountOption = None,
    auto_approve: AutoApprove = False,
    json: Json = False,
    env_file: EnvFile = None,
    no_color: NoColor = False,
) -> None:
    """Bring the account to its targets, batch by batch, each under a margin precondition."""
    from cli.approval import Approval, answer_reconciliation
    from cli.planview import read_plan
    from cli.session import apply as run
    from reconciler.bootstrap import TOOL, require_durable_state
    from reconciler.engine.reconcile import Reconciliation, apply_fresh, apply_saved
    from reconciler.engine.session import Session

    invocation = Invocation(root, desired_state, account, env_file, view_of(json=json), Color.of(never=no_color))
    with invocation.reporting():
        saved = read_plan(file) if file is not None else None
        settings = invocation.settings()
        require_durable_state(settings)
    workspace = invocation.workspace()
    approval = Approval(invocation, approved=auto_approve or saved is not None, rehearsal=settings.dry_run)

    async def carry_out(session: Session) -> Reconciliation:
        if saved is not None:
            return await apply_saved(session, *saved, approve=approval)
        return await apply_fresh(session, tool=TOOL, approve=approval)

    answer_reconciliation(invocation, run(invocation, workspace, "folioctl apply", carry_out), approval)
