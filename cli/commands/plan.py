"""folioctl plan: what an apply would do now, and why. Sends no order."""

from pathlib import Path
from typing import Annotated

import typer

from cli.console import Color
from cli.invocation import Invocation
from cli.options import (
    HERE,
    AccountOption,
    DesiredStateDirectory,
    DetailedExitCode,
    EnvFile,
    Json,
    Markdown,
    NoColor,
    Root,
    Verbose,
    view_of,
)

Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Save the plan; `apply FILE` runs it.")]


def plan(
    root: Root = HERE,
    desired_state: DesiredStateDirectory = None,
    account: AccountOption = None,
    out: Out = None,
    detailed_exitcode: DetailedExitCode = False,
    verbose: Verbose = False,
    json: Json = False,
    markdown: Markdown = False,
    env_file: EnvFile = None,
    no_color: NoColor = False,
) -> None:
    """Show what apply would do, and why: orders, leverage and margin before and after, limits."""
    from cli.planview import answer_plan, save_plan
    from cli.session import read
    from reconciler.domain.exits import ExitCode, of_plan
    from reconciler.domain.plan import Plan
    from reconciler.engine.propose import propose
    from reconciler.engine.reconcile import recover_if_free
    from reconciler.engine.session import Session

    view = view_of(json=json, markdown=markdown)
    invocation = Invocation(root, desired_state, account, env_file, view, Color.of(never=no_color))
    workspace = invocation.workspace()

    async def make(session: Session) -> Plan:
        await recover_if_free(session)
        return await propose(session)

    made = read(invocation, workspace, "folioctl plan", make)
    if out is not None:
        save_plan(invocation, made, out)
    code = of_plan(made, changes=ExitCode.CHANGES if detailed_exitcode else ExitCode.OK)
    answer_plan(
        invocation, made, code, apply_command=f"folioctl apply {out}" if out else "folioctl apply", all_lines=verbose
    )
