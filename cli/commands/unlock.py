"""folioctl unlock: who holds an account's lock, and clearing away what a dead process left of it. Needs no broker."""

from typing import Annotated

import typer

from cli.console import Color
from cli.invocation import Invocation
from cli.options import EnvFile, NoColor


def unlock(
    name: Annotated[str, typer.Argument(metavar="ID", help="An account, or a run of it, as `runs list` names them.")],
    env_file: EnvFile = None,
    no_color: NoColor = False,
) -> None:
    """Say who holds an account, and clear away what a process left that is gone. Takes a lock from nobody."""
    from reconciler.bootstrap import account_lock, open_journal
    from reconciler.engine.unlock import unlock as look
    from reconciler.reports.terminal.lock import show_lock

    invocation = Invocation(env_file=env_file, color=Color.of(never=no_color))
    with invocation.reporting():
        settings = invocation.settings()
        with open_journal(settings) as journal:
            found = look(account_lock(settings, "folioctl unlock"), journal, name)
        show_lock(invocation.streams.stdout, found.finding, found.unfinished)
    raise typer.Exit(found.exit_code)
