"""folioctl runs: what the journal knows, and bringing a broken-off run to its end."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.console import Color
from cli.group import Group
from cli.invocation import Invocation
from cli.options import HERE, AccountOption, DesiredStateDirectory, EnvFile, Json, NoColor, Root, View, view_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reconciler.ports import Journal, RunRecord

runs = typer.Typer(
    cls=Group,
    name="runs",
    help="The runs in the journal: list, show, export, recover, resolve.",
    no_args_is_help=True,
)


def _moment(text: str) -> datetime:
    """A day or a time as ISO 8601 writes it; in UTC where it names no zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no day or time such as 2026-03-02 or 2026-03-02T15:00Z") from error
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


Since = Annotated[
    datetime | None,
    typer.Option("--since", metavar="TIME", parser=_moment, help="Only runs that were begun then or later, in UTC."),
]
RunArgument = Annotated[str, typer.Argument(metavar="ID", help="A run, as `runs list` names it.")]


@runs.command("list")
def list_runs(account: AccountOption = None, env_file: EnvFile = None, no_color: NoColor = False) -> None:
    """List the runs, the newest first."""
    from reconciler.bootstrap import open_journal
    from reconciler.domain.ids import AccountName
    from reconciler.reports.terminal.runs import show_runs

    invocation = Invocation(account=account, env_file=env_file, color=Color.of(never=no_color))
    with invocation.reporting(), open_journal(invocation.settings()) as journal:
        show_runs(invocation.streams.stdout, journal.runs(AccountName(account) if account else None))


@runs.command("show")
def show_run(run: RunArgument, env_file: EnvFile = None) -> None:
    """Show the document of a run: its result, or its plan where it is not closed."""
    from reconciler.bootstrap import open_journal

    invocation = Invocation(env_file=env_file)
    with invocation.reporting(), open_journal(invocation.settings()) as journal:
        invocation.streams.write(_document(journal, run))


def _record(journal: "Journal", run: str) -> "RunRecord":
    from reconciler.domain.errors import Refused
    from reconciler.domain.ids import RunId

    record = journal.run(RunId(run))
    if record is None:
        raise Refused(f"there is no run {run}; `folioctl runs list` names them")
    return record


def _document(journal: "Journal", run: str) -> str:
    record = _record(journal, run)
    return journal.result(record.id) or record.plan_document


@runs.command("export")
def export_runs(
    account: AccountOption = None,
    since: Since = None,
    out: Annotated[Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write to FILE.")] = None,
    csv: Annotated[bool, typer.Option("--csv", help="CSV with a head line, instead of JSON lines.")] = False,
    env_file: EnvFile = None,
) -> None:
    """Export the trail: commit, plan, batch, order, execution, commission; one line for each execution."""
    from reconciler.bootstrap import open_journal
    from reconciler.domain.ids import AccountName
    from reconciler.engine.trail import trail
    from reconciler.reports.documents import csv_lines, json_lines

    invocation = Invocation(account=account, env_file=env_file)
    with invocation.reporting(), open_journal(invocation.settings()) as journal:
        found = trail(journal, AccountName(account) if account else None, since)
        lines = csv_lines(found) if csv else json_lines(found)
        if out is not None:
            _save(lines, out)
            return
        for line in lines:
            invocation.streams.write(line)


def _save(lines: "Iterable[str]", file: Path) -> None:
    """Write the lines, readable by their owner only: they hold prices and quantities."""
    from reconciler.domain.errors import Refused

    try:
        file.touch(mode=0o600)
        with file.open("w", encoding="utf-8", newline="") as opened:
            opened.writelines(lines)
    except OSError as error:
        raise Refused(f"the trail cannot be written to {file}: {error.strerror}") from error


def _take_account_of(run: str, invocation: Invocation) -> None:
    """The command is about the run's account, whichever is the default. Leaves with an error where another is named."""
    from reconciler.bootstrap import open_journal
    from reconciler.domain.errors import Refused
    from reconciler.domain.ids import RunId

    with invocation.reporting(), open_journal(invocation.settings()) as journal:
        record = journal.run(RunId(run))
        if record is not None and invocation.account not in (None, record.account):
            raise Refused(f"run {run} is of account '{record.account}', not '{invocation.account}'")
    if record is not None:
        invocation.account = record.account


@runs.command("recover")
def recover_run(
    run: RunArgument,
    resume: Annotated[bool, typer.Option("--resume", help="Send what of it was never sent.")] = False,
    auto_approve: Annotated[bool, typer.Option("--auto-approve", help="Do not ask.")] = False,
    root: Root = HERE,
    desired_state: DesiredStateDirectory = None,
    account: AccountOption = None,
    json: Json = False,
    env_file: EnvFile = None,
    no_color: NoColor = False,
) -> None:
    """Read what became of a broken-off run; with --resume, send what of it was never sent."""
    from cli.approval import Approver, answer_reconciliation, rehearsal_of
    from cli.session import Task, apply
    from reconciler.bootstrap import require_keyring_asked
    from reconciler.domain.exits import ExitCode
    from reconciler.domain.ids import RunId
    from reconciler.engine.reconcile import Approval, Reconciliation, recover_aloud
    from reconciler.engine.reconcile import resume as resume_run
    from reconciler.engine.recover import Recovery
    from reconciler.engine.session import Session
    from reconciler.reports.terminal.runs import show_recovered

    invocation = Invocation(root, desired_state, account, env_file, view_of(json=json), Color.of(never=no_color))
    _take_account_of(run, invocation)
    workspace = invocation.workspace()

    async def carry_out(session: Session) -> Reconciliation:
        return await resume_run(session, RunId(run), approve=approver)

    async def look(session: Session) -> "tuple[Recovery, RunRecord, str]":
        recovery = await recover_aloud(session)
        return recovery, _record(session.journal, run), _document(session.journal, run)

    if resume:
        approval = Approval.BEFOREHAND if auto_approve else Approval.NOBODY
        command = f"folioctl runs recover {run} --resume"
        rehearsal = rehearsal_of(invocation.settings())
        if rehearsal is None:
            with invocation.reporting():
                require_keyring_asked(invocation.settings())
        approver = Approver(invocation, command, approval=approval, rehearsal=rehearsal)
        done = apply(invocation, Task(workspace, "folioctl runs recover"), carry_out)
        answer_reconciliation(invocation, done, approver)
    # Under the client id that sent it: no other proves that an order never arrived.
    recovery, record, document = apply(invocation, Task(workspace, "folioctl runs recover"), look)
    is_resumable = any(each.run.id == run for each in recovery.resumable)

    def show() -> None:
        show_recovered(invocation.streams.stdout, record, is_resumable=is_resumable)

    code = ExitCode.PARTIAL if recovery.unresolved or recovery.unread else ExitCode.OK
    invocation.answer(code, {View.TERMINAL: show, View.JSON: lambda: document})


@runs.command("resolve")
def resolve_run(
    run: RunArgument,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="What you found at the broker; it is kept.")],
    root: Root = HERE,
    desired_state: DesiredStateDirectory = None,
    account: AccountOption = None,
    env_file: EnvFile = None,
    no_color: NoColor = False,
) -> None:
    """Close a run by your own decision, where the broker can no longer tell what became of its orders."""
    from cli.session import Task, apply
    from reconciler.domain.ids import RunId
    from reconciler.domain.run import RunResult
    from reconciler.engine.reconcile import resolve
    from reconciler.engine.session import Session

    invocation = Invocation(root, desired_state, account, env_file, color=Color.of(never=no_color))
    _take_account_of(run, invocation)
    workspace = invocation.workspace()

    async def decide(session: Session) -> RunResult:
        return await resolve(session, RunId(run), reason=reason)

    result = apply(invocation, Task(workspace, "folioctl runs resolve"), decide)
    typer.echo(f"run {result.id} is closed: {result.messages[0]}")
