"""folioctl halt: nothing is sent any more, for one account or for all. Needs no broker and no merge."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import Color
from cli.invocation import Invocation
from cli.options import HERE, DesiredStateDirectory, EnvFile, Json, NoColor, Root, View, view_of

if TYPE_CHECKING:
    from reconciler.domain.halt import Halt

Account = Annotated[str | None, typer.Option("--account", metavar="NAME", help="Halt this account; all without it.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why. It is kept, and told to all it halts.")]
Cancel = Annotated[bool, typer.Option("--cancel", help="Also cancel our own working orders, and see that confirmed.")]
Flatten = Annotated[bool, typer.Option("--flatten", help="Also cancel, then close every declared holding.")]
Approve = Annotated[
    bool, typer.Option("--auto-approve", help="Do not ask before --flatten; needs emergencyAuthorisedBy in the limits.")
]


def halt(
    reason: Reason,
    account: Account = None,
    cancel: Cancel = False,
    flatten: Flatten = False,
    auto_approve: Approve = False,
    root: Root = HERE,
    desired_state: DesiredStateDirectory = None,
    json: Json = False,
    env_file: EnvFile = None,
    no_color: NoColor = False,
) -> None:
    """Stop all sending, of every process, until `folioctl resume`."""
    from cli.halting import answer_halt, cancel_orders, flatten_account
    from reconciler.engine.reconcile import Approval

    if not reason.strip():
        raise typer.BadParameter("--reason must say why")
    invocation = Invocation(root, desired_state, account, env_file, view_of(json=json), Color.of(never=no_color))
    made = _recorded(invocation, reason.strip(), cancels=cancel or flatten)
    if flatten:
        flatten_account(invocation, made, Approval.BEFOREHAND if auto_approve else Approval.NOBODY)
    answer_halt(invocation, cancel_orders(invocation, made) if cancel else ())


def _recorded(invocation: Invocation, reason: str, *, cancels: bool) -> "Halt":
    """The halt, on disk: whatever fails after this, nothing is sent."""
    from reconciler.bootstrap import account_to_halt, open_journal, require_durable_state, system_clock
    from reconciler.domain.halt import Halt

    with invocation.reporting():
        settings = invocation.settings()
        require_durable_state(settings, "halt")
        with open_journal(settings) as journal:
            account, warning = account_to_halt(invocation.account, invocation.manifests, journal)
            # A dry run asks no process to touch an order.
            asked = cancels and not settings.dry_run
            halt = Halt(account, settings.person, reason, system_clock().now(), asked)
            journal.record_halt(halt)
    for words in (warning, str(halt) if cancels else None):
        if words is not None and invocation.view is View.TERMINAL:
            invocation.streams.stderr.print(words, style="yellow")
    return halt
