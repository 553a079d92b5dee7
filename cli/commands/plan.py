"""folioctl plan: what an apply would do now, and why. Sends no order."""

import shlex
from pathlib import Path
from typing import Annotated

import typer

from cli.console import Color
from cli.invocation import Invocation
from cli.options import (
    HERE,
    AccountOption,
    Concise,
    DesiredStateDirectory,
    DetailedExitCode,
    EnvFile,
    ExplainLine,
    Json,
    Markdown,
    NoColor,
    Root,
    Verbose,
    view_of,
)
from cli.runoptions import RunFlags, run_options, taking_run_flags

Out = Annotated[Path | None, typer.Option("--out", "-o", metavar="FILE", help="Save the plan; `apply FILE` runs it.")]
JsonOut = Annotated[
    Path | None, typer.Option("--json-out", metavar="FILE", help="Also write the JSON document to FILE.")
]


@taking_run_flags
def plan(
    run: RunFlags,
    root: Root = HERE,
    desired_state: DesiredStateDirectory = None,
    account: AccountOption = None,
    out: Out = None,
    json_out: JsonOut = None,
    detailed_exitcode: DetailedExitCode = False,
    verbose: Verbose = False,
    concise: Concise = False,
    explain: ExplainLine = None,
    json: Json = False,
    markdown: Markdown = False,
    env_file: EnvFile = None,
    no_color: NoColor = False,
) -> None:
    """Show what apply would do, and why: orders, leverage and margin before and after, limits."""
    from cli.planview import PlanView, answer_plan, save_plan
    from cli.session import Task, read
    from reconciler.domain.exits import ExitCode, of_plan
    from reconciler.domain.plan import Plan
    from reconciler.engine.propose import propose
    from reconciler.engine.reconcile import recover_if_free
    from reconciler.engine.session import Session

    view = view_of(json=json, markdown=markdown)
    command = shlex.join(["folioctl", "apply", *([str(out)] if out else run.typed)])
    how = PlanView.of(command, view, verbose=verbose, concise=concise, line=explain)
    invocation = Invocation(root, desired_state, account, env_file, view, Color.of(never=no_color))
    task = Task(invocation.workspace(), "folioctl plan", run_options(run, invocation))

    async def make(session: Session) -> Plan:
        await recover_if_free(session)
        return await propose(session)

    made = read(invocation, task, make)
    for file in dict.fromkeys(each for each in (out, json_out) if each is not None):
        save_plan(invocation, made, file)
    answer_plan(invocation, made, of_plan(made, changes=ExitCode.CHANGES if detailed_exitcode else ExitCode.OK), how)
