"""folioctl resume: lifts a halt, of one account or of all. Needs no broker."""

from typing import Annotated

import typer

from cli.console import Color
from cli.invocation import Invocation
from cli.options import EnvFile, Json, NoColor, view_of

Account = Annotated[
    str | None,
    typer.Option("--account", metavar="NAME", help="Lift this account's halts; without it, those of all."),
]


def resume(
    account: Account = None,
    json: Json = False,
    env_file: EnvFile = None,
    no_color: NoColor = False,
) -> None:
    """Lift a halt, as it was set: of one account, or of all."""
    from cli.halting import answer_release
    from reconciler.bootstrap import open_journal, require_durable_state, switch_of, system_clock
    from reconciler.domain.ids import AccountName
    from reconciler.engine.halt import release

    invocation = Invocation(account=account, env_file=env_file, view=view_of(json=json), color=Color.of(never=no_color))
    with invocation.reporting():
        settings = invocation.settings()
        require_durable_state(settings, "resume")
        name = None if account is None else AccountName(account)
        with open_journal(settings) as journal:
            done = release(journal, name, switch=switch_of(settings), by=settings.person, at=system_clock().now())
        answer_release(invocation, done)
