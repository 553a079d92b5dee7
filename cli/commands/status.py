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
    from cli.session import Task, opened, run
    from reconciler.bootstrap import TOOL, Purpose, open_journal, switch_of, system_clock
    from reconciler.domain.errors import BrokerUnavailable
    from reconciler.domain.exits import of_status
    from reconciler.domain.status import AccountStatus
    from reconciler.engine.inspect import inspect, inspect_unreached
    from reconciler.ports import EventSink
    from reconciler.reports.documents import status_document, text_of
    from reconciler.reports.terminal.status import show_status

    invocation = Invocation(root, desired_state, account, env_file, view_of(json=json), Color.of(never=no_color))
    if settings:
        from cli.settingsview import answer_settings

        answer_settings(invocation)
    workspace = invocation.workspace()

    async def look(sink: EventSink) -> AccountStatus:
        try:
            async with opened(invocation, Task(workspace, "folioctl status"), Purpose.READING, sink) as session:
                return await inspect(session)
        except BrokerUnavailable as fault:
            own, chosen = invocation.settings(), invocation.chosen_account(workspace)
            with open_journal(own) as journal:
                return inspect_unreached(
                    chosen, journal, switch=switch_of(own), why=str(fault), now=system_clock().now()
                )

    found = run(invocation, look)

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
        of_status(found),
        {View.TERMINAL: lambda: show_status(invocation.streams.stdout, [found]), View.JSON: document},
    )
