"""folioctl status: how the account is, now."""

from typing import Annotated

import typer

from cli.console import Color
from cli.invocation import Invocation
from cli.options import HERE, AccountOption, DesiredStateDirectory, EnvFile, Json, NoColor, Root, View, view_of


def status(
    root: Root = HERE,
    desired_state: DesiredStateDirectory = None,
    account: AccountOption = None,
    settings: Annotated[
        bool, typer.Option("--settings", help="Show every setting and where it comes from, and ask no broker.")
    ] = False,
    json: Json = False,
    env_file: EnvFile = None,
    no_color: NoColor = False,
) -> None:
    """Show leverage, margin, sync, working orders and unfinished runs."""
    from cli.session import Task, read
    from reconciler.bootstrap import TOOL, system_clock
    from reconciler.domain.exits import ExitCode
    from reconciler.domain.status import AccountStatus, HealthStatus
    from reconciler.engine.inspect import inspect
    from reconciler.engine.session import Session
    from reconciler.reports.documents import status_document, text_of
    from reconciler.reports.terminal.status import show_status

    invocation = Invocation(root, desired_state, account, env_file, view_of(json=json), Color.of(never=no_color))
    if settings:
        from cli.settingsview import answer_settings

        answer_settings(invocation)
    workspace = invocation.workspace()

    async def look(session: Session) -> AccountStatus:
        return await inspect(session)

    found = read(invocation, Task(workspace, "folioctl status"), look)

    def document() -> str:
        return text_of(
            status_document(
                [found],
                tool=TOOL,
                created=system_clock().now(),
                revision=workspace.revision,
                diagnostics=invocation.diagnostics,
            )
        )

    invocation.answer(
        ExitCode.BLOCKED if found.health is HealthStatus.UNKNOWN else ExitCode.OK,
        {View.TERMINAL: lambda: show_status(invocation.streams.stdout, [found]), View.JSON: document},
    )
