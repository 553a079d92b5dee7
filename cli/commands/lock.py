"""folioctl lock: pin the symbols of the manifests to the broker's contracts. Reads at the broker, sends nothing."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import Color
from cli.invocation import Invocation
from cli.options import (
    HERE,
    Annotations,
    DesiredStateDirectory,
    EnvFile,
    Json,
    NoColor,
    Root,
    View,
    view_of,
)

if TYPE_CHECKING:
    from reconciler.bootstrap import Workspace
    from reconciler.domain.exits import ExitCode
    from reconciler.engine.lock import LockTask
    from reconciler.manifests.lock.changes import LockChanges
    from reconciler.ports import EventSink

LockedAccount = Annotated[
    str | None, typer.Option("--account", metavar="NAME", help="Look up this account's instruments alone.")
]
Upgrade = Annotated[
    list[str] | None,
    typer.Option("--upgrade", metavar="SYM", help="Pin this symbol afresh, whatever it is pinned to. Repeat for more."),
]
UpgradeAll = Annotated[bool, typer.Option("--upgrade-all", help="Pin every symbol afresh.")]
Check = Annotated[
    bool, typer.Option("--check", help="Write nothing; fail where the file is not what it should be, as in CI.")
]


def lock(
    root: Root = HERE,
    desired_state: DesiredStateDirectory = None,
    account: LockedAccount = None,
    upgrade: Upgrade = None,
    upgrade_all: UpgradeAll = False,
    check: Check = False,
    annotations: Annotations = False,
    json: Json = False,
    env_file: EnvFile = None,
    no_color: NoColor = False,
) -> None:
    """Pin every symbol to the broker's contract, in contracts.lock.yaml."""
    from cli.session import run
    from reconciler.reports.annotations import diagnostic_annotations

    if check and (upgrade or upgrade_all):
        raise typer.BadParameter("--check writes nothing: leave out --upgrade and --upgrade-all")
    invocation = Invocation(root, desired_state, account, env_file, view_of(json=json), Color.of(never=no_color))
    workspace = invocation.workspace()

    async def main(sink: "EventSink") -> "LockChanges":
        from reconciler.engine.lock import check_lock, upgraded
        from reconciler.engine.lock import lock as write_lock

        task = _task(invocation, workspace, sink)
        if check:
            return await check_lock(task)
        renewed = frozenset(need.spec for need in task.asked) if upgrade_all else upgraded(task, upgrade or ())
        return await write_lock(task, renewed)

    found = run(invocation, main)
    if annotations:
        invocation.annotate(diagnostic_annotations(found.diagnostics))
    _answer(invocation, workspace, found)


def _task(invocation: Invocation, workspace: "Workspace", sink: "EventSink") -> "LockTask":
    from reconciler.bootstrap import Purpose, choose_account, open_session, write_changes
    from reconciler.engine.lock import LockTask
    from reconciler.manifests.lock import file as lock_file

    accounts = workspace.desired.accounts
    chosen = accounts if invocation.account is None else (choose_account(workspace.desired, invocation.account),)
    file, faults = lock_file.read(invocation.manifests)
    if faults:
        invocation.fail_with(faults)  # somebody broke it since it was loaded
    settings = invocation.settings()
    return LockTask(
        file=file,
        accounts=accounts,
        chosen=chosen,
        open=lambda account: open_session(
            workspace, account, settings, purpose=Purpose.READING, sink=sink, command="folioctl lock"
        ),
        write=lambda change: write_changes([change]),
    )


def _answer(invocation: Invocation, workspace: "Workspace", found: "LockChanges") -> None:
    from reconciler.bootstrap import TOOL, system_clock
    from reconciler.reports.documents import lock_document, text_of
    from reconciler.reports.terminal.contract_lock import show_lock_file

    of_manifests, invocation.diagnostics = invocation.diagnostics, found.diagnostics

    def show() -> None:
        console = invocation.streams.stdout
        invocation.show_diagnostics(console)
        show_lock_file(console, found)

    def document() -> str:
        return text_of(
            lock_document(
                found,
                tool=TOOL,
                created=system_clock().now(),
                revision=workspace.revision,
                diagnostics=(*of_manifests, *found.diagnostics),
            )
        )

    invocation.answer(_exit_code(found), {View.TERMINAL: show, View.JSON: document})


def _exit_code(found: "LockChanges") -> "ExitCode":
    from reconciler.diagnostics import has_errors
    from reconciler.domain.exits import ExitCode

    if found.is_unread:
        return ExitCode.BLOCKED
    return ExitCode.ERROR if has_errors(found.diagnostics) else ExitCode.OK
