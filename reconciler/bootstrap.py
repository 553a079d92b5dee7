"""The composition root, in two steps: load the desired state, then open a session on one account.

Everything that knows a vendor is put together here and nowhere else. Imports of adapters are inside the functions: a
command that only validates must not pay for SQLAlchemy and a broker library.
"""

import asyncio
import random
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler import __version__
from reconciler.diagnostics import Diagnostic
from reconciler.domain.desired import AccountSpec, DesiredState, Revision
from reconciler.domain.errors import AccountLocked, BrokerUnavailable, ClientIdInUse, Refused, StateUnavailable
from reconciler.domain.events import Connecting, Notice
from reconciler.domain.examination import Examination, KeyringReading, StateReading
from reconciler.domain.exits import of_run
from reconciler.domain.halt import Halt, switched
from reconciler.domain.ids import AccountId, AccountName
from reconciler.domain.imported import FileChange
from reconciler.domain.options import NO_OPTIONS, RunOptions
from reconciler.domain.plan import Plan
from reconciler.domain.policy import ExecutionPolicy
from reconciler.domain.run import RunResult
from reconciler.domain.setting import SettingReading
from reconciler.domain.unknown import Unknown
from reconciler.engine.session import Session, StopSignal
from reconciler.planning.options import with_options
from reconciler.ports import AccountLock, Broker, Clock, EventSink, Journal, ReportStore, Retry, RetryPolicy

if TYPE_CHECKING:
    from reconciler.engine.examine import Premises
    from reconciler.settings import Settings

_KEYRING_ADVICE = "mend the keyring, or switch it off: PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring"
TOOL = f"folioctl {__version__}"

_LOCK_SECONDS = 0.25
"""Between two looks at a lock that is waited for."""
_READING_CLIENTS = 8
"""How many client ids after apply's a command that only reads may try."""


class Purpose(StrEnum):
    """What a session is for: apply holds the account and takes its own client id, reading takes the next ones."""

    READING = "reading"
    APPLYING = "applying"


@dataclass(frozen=True)
class Workspace:
    """Manifests that are in order, and the revision that they are at."""

    desired: DesiredState
    revision: Revision


def load(directory: Path) -> tuple[Workspace | None, tuple[Diagnostic, ...]]:
    """The first step: the manifests below `directory`, or everything that is wrong with them."""
    from reconciler import manifests

    desired, diagnostics = manifests.load(directory)
    return None if desired is None else workspace(desired, directory), diagnostics


def workspace(desired: DesiredState, directory: Path) -> Workspace:
    """What the manifests below `directory` ask for, with their revision."""
    from reconciler.adapters.git import GitRevisionSource

    return Workspace(desired, GitRevisionSource(directory).revision(desired.digest))


def current_text(path: Path) -> str | None:
    """The text of a file as it is; None where there is none. Raises Refused where it cannot be read."""
    from reconciler.adapters import textfiles

    return textfiles.current_text(path)


def write_changes(changes: Sequence[FileChange]) -> None:
    """Write files whole or not at all, and over nothing that somebody wrote meanwhile. Raises Refused."""
    from reconciler.adapters import textfiles

    textfiles.write_changes(changes)


def choose_account(desired: DesiredState, name: str | None) -> AccountSpec:
    """The account of that name, or the default, or the only one. Raises Refused, naming those that there are."""
    names = ", ".join(account.name for account in desired.accounts)
    name = name or desired.default
    if name is None and len(desired.accounts) > 1:
        raise Refused(f"there are several accounts ({names}): choose one with --account")
    for account in desired.accounts:
        if name in (None, account.name):
            return account
    raise Refused(f"there is no account '{name}'; there is {names}")


def account_to_halt(name: str | None, directory: Path, journal: Journal) -> tuple[AccountName | None, str | None]:
    """The account of that name, None for all, and what a person should read of it.

    Raises Refused for one that neither the manifests nor the journal know: such a halt would hold up nothing. Manifests
    that are not in order stand in no halt's way.
    """
    if name is None:
        return None, None
    account = AccountName(name)
    workspace, _ = load(directory)
    known = () if workspace is None else tuple(each.name for each in workspace.desired.accounts)
    if account in known or journal.runs(account):
        return account, None
    if workspace is None:
        return account, f"the manifests are not in order: whether there is an account '{name}' was not checked"
    raise Refused(
        f"nothing is halted: there is no account '{name}'; there is {', '.join(known)}. Without --account, all are"
    )


def switch_of(settings: "Settings") -> tuple[Halt, ...]:
    """The halt that the environment is, where it is one."""
    return () if settings.halt is None else (switched(settings.halt),)


def require_durable_state(settings: "Settings", what: str = "apply") -> None:
    """Raises Refused for what writes the journal in CI without a state directory of its own.

    A plan is consumed in the journal: on a runner that is thrown away, a second job would apply it again.
    """
    if settings.ci and "state" not in settings.model_fields_set:
        raise Refused(
            f"{what} in CI needs a durable state directory, hence a self-hosted runner: "
            f"set FOLIOCTL_STATE to a directory that outlives the job, or run {what} elsewhere"
        )


def require_keyring_asked(settings: "Settings") -> None:
    """Raises Refused for what sends orders while nobody knows whether the keyring forbids it."""
    if settings.keyring_fault is not None:
        raise Refused(
            "the keyring could not be asked, and DRY_RUN or FOLIOCTL_HALT may be in it: "
            f"{settings.keyring_fault}; {_KEYRING_ADVICE}"
        )


@contextmanager
def open_journal(settings: "Settings") -> Iterator[Journal]:
    """The journal alone, for commands that need no broker."""
    from reconciler.adapters.journal.open import open_journal as open_sql_journal

    journal = open_sql_journal(settings.state / "journal.sqlite3")
    try:
        yield journal
    finally:
        journal.close()


def system_clock() -> Clock:
    """The wall clock."""
    from reconciler.adapters.clock import SystemClock

    return SystemClock()


@asynccontextmanager
async def open_session(
    workspace: Workspace,
    account: AccountSpec,
    settings: "Settings",
    *,
    purpose: Purpose,
    sink: EventSink,
    command: str,
    options: RunOptions = NO_OPTIONS,
    patience: timedelta = timedelta(0),
) -> AsyncIterator[Session]:
    """The second step: lock (to apply), journal, connection. `command` names this process to others.

    `patience` is how long a lock that another process holds is waited for.

    Raises Refused where the account's id is not set or the options ask for what they may not, AccountLocked,
    BrokerUnavailable or BrokerRefused.
    """
    account = with_options(_with_gateway(account, settings), options)
    account_id = _account_id(account, settings)
    clock = system_clock()
    lock = account_lock(settings, command)
    retry = _retry()
    with open_journal(settings) as journal, ExitStack() as held:
        _tell_halts(account, (*switch_of(settings), *journal.halts()), sink)
        if purpose is Purpose.APPLYING:
            await _take(held, lock, account, patience, sink)
        sink.emit(Connecting(f"{account.gateway.host}:{account.gateway.port}"))
        broker = await _connected(account, account_id, clock, retry, purpose)
        try:
            yield Session(
                account=account,
                account_id=account_id,
                revision=workspace.revision,
                broker=broker,
                journal=journal,
                lock=lock,
                clock=clock,
                retry=retry,
                sink=sink,
                recorder=_recorder(account, settings, sink),
                options=options,
                stop=StopSignal(),
                switch=switch_of(settings),
            )
        finally:
            await broker.close()


def _tell_halts(account: AccountSpec, halts: Iterable[Halt], sink: EventSink) -> None:
    for halt in halts:
        if halt.concerns(account.name):
            sink.emit(Notice(str(halt)))


async def _take(held: ExitStack, lock: AccountLock, account: AccountSpec, patience: timedelta, sink: EventSink) -> None:
    """Hold the account until `held` is left. Raises AccountLocked where another process keeps it all the while."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + patience.total_seconds()
    is_told = False
    while True:
        try:
            held.enter_context(lock.hold(account.name))
        except AccountLocked as locked:
            if loop.time() >= deadline:
                raise
            if not is_told:
                sink.emit(Notice(f"waiting for {locked.owner} to end"))
            is_told = True
            await asyncio.sleep(_LOCK_SECONDS)
        else:
            return


def account_lock(settings: "Settings", command: str) -> AccountLock:
    """The accounts' locks of this state directory. `command` names this process to others."""
    from reconciler.adapters.locks import FileAccountLock, process_owner

    return FileAccountLock(settings.state / "locks", owner=process_owner(command), clock=system_clock())


def _with_gateway(account: AccountSpec, settings: "Settings") -> AccountSpec:
    if settings.gateway is None:
        return account
    gateway = replace(account.gateway, host=settings.gateway.host, port=settings.gateway.port)
    return replace(account, gateway=gateway)


def _account_id(account: AccountSpec, settings: "Settings") -> AccountId:
    found = settings.resolve_secret(account.account_id)
    if not found:
        place = account.account_id
        raise Refused(
            f"the id of account '{account.name}' is not set: its manifest takes it from {place.source} {place.name}"
        )
    return AccountId(found)


def _retry() -> Retry:
    from reconciler.adapters.retry import DEFAULT_BOUNDS, TenacityRetry

    return TenacityRetry(DEFAULT_BOUNDS, chance=random.Random(), sleep=asyncio.sleep)  # noqa: S311 - jitter only


async def _connected(
    account: AccountSpec,
    account_id: AccountId,
    clock: Clock,
    retry: Retry,
    purpose: Purpose,
    within: timedelta | None = None,
) -> Broker:
    first = account.gateway.client_id
    client_ids = [first] if purpose is Purpose.APPLYING else range(first + 1, first + 1 + _READING_CLIENTS)
    in_use: ClientIdInUse | None = None
    for client_id in client_ids:
        broker = _broker(account, account_id, client_id, clock)
        try:
            await retry.call(RetryPolicy.CONNECT, broker.connect, within=within)
        except ClientIdInUse as error:
            in_use = error
            continue
        return broker
    raise in_use or BrokerUnavailable("no client id was tried")


def _broker(account: AccountSpec, account_id: AccountId, client_id: int, clock: Clock) -> Broker:
    from reconciler.adapters.ib.broker import IbBroker

    return IbBroker(
        gateway=account.gateway,
        account_id=account_id,
        environment=account.environment,
        base_currency=account.base_currency,
        client_id=client_id,
        timeouts=account.policy.timeouts,
        clock=clock,
    )


def _recorder(account: AccountSpec, settings: "Settings", sink: EventSink) -> "_Recorder":
    from reconciler.adapters.reportstore import DirectoryReportStore

    return _Recorder(
        DirectoryReportStore(settings.state / "reports"),
        DirectoryReportStore(settings.snapshots or settings.state / "portfolio_snapshots"),
        account.policy,
        sink,
    )


class _Recorder:
    """RunRecorder: the Run document into the report store, and the account after the run among the snapshots."""

    def __init__(self, reports: ReportStore, snapshots: ReportStore, policy: ExecutionPolicy, sink: EventSink) -> None:
        self._reports = reports
        self._snapshots = snapshots
        self._policy = policy
        self._sink = sink

    def record(self, result: RunResult, plan: Plan) -> str:
        """Write `run-ID.json` and return its text; and `snapshot-ID.json`, which a run can do without."""
        from reconciler.reports.documents import run_document, snapshot_document, text_of

        text = text_of(run_document(result, plan, tool=TOOL, exit_code=of_run(result, plan)))
        self._reports.write(f"run-{result.id}.json", text)
        snapshot = text_of(snapshot_document(result, plan, self._policy, tool=TOOL))
        try:
            self._snapshots.write(f"snapshot-{result.id}.json", snapshot)
        except StateUnavailable as error:
            self._sink.emit(Notice(f"the snapshot was not kept: {error}"))
        return text


# ------------------------------------------------------------------------------------------------------ examination


@dataclass(frozen=True)
class Reading:
    """Manifests and settings as they were read, in order or not."""

    directory: Path
    workspace: Workspace | None
    manifests: tuple[Diagnostic, ...]
    settings: "Settings | None"
    settings_diagnostics: tuple[Diagnostic, ...]


async def examine(reading: Reading, name: str | None, sink: EventSink) -> Examination:
    """Look at a set-up: at the account of that name, or at all. Sends no order, and holds up none.

    Raises Refused where there is no account of that name.
    """
    from reconciler.engine.examine import Setup, examine_account, examine_setup, unexamined

    workspace, settings = reading.workspace, reading.settings
    accounts = () if workspace is None else examined(workspace.desired, name)
    with ExitStack() as held:
        journal = _journal_of(settings, held)
        setup = examine_setup(
            Setup(
                directory=str(reading.directory),
                desired=None if workspace is None else workspace.desired,
                revision=None if workspace is None else workspace.revision,
                manifests=reading.manifests,
                settings=reading.settings_diagnostics,
                settings_words=() if settings is None else tuple(_words_of(settings)),
                state=None if settings is None else _state_of(settings, reading.directory),
                keyring=_keyring(),
                journal=journal,
                accounts=accounts,
            )
        )
        if workspace is None or settings is None:
            return Examination(setup, tuple(unexamined(each, setup) for each in accounts))
        premises = [_premises(workspace, each, settings, journal, sink) for each in accounts]
        return Examination(setup, tuple([await examine_account(each, setup) for each in premises]))


def examined(desired: DesiredState, name: str | None) -> tuple[AccountSpec, ...]:
    """The account of that name, or all of them. Raises Refused where there is none of that name."""
    return desired.accounts if name is None else (choose_account(desired, name),)


def _journal_of(settings: "Settings | None", held: ExitStack) -> Journal | Unknown:
    """The journal, open until `held` is left; Unknown where it cannot be opened."""
    if settings is None:
        return Unknown("the settings are not in order")
    try:
        return held.enter_context(open_journal(settings))
    except (Refused, StateUnavailable) as error:
        return Unknown(str(error))


def _state_of(settings: "Settings", manifests: Path) -> StateReading:
    from reconciler.adapters.statedirectory import look_at

    return look_at(settings.state, manifests)


def _keyring() -> KeyringReading:
    from reconciler.keyringaccess import backend

    return KeyringReading(*backend())


def _words_of(settings: "Settings") -> Iterator[tuple[str, str]]:
    """What a person should know of settings that are in order, and what to do about it."""
    if settings.dry_run:
        yield "DRY_RUN is set: no apply sends anything from here", "unset DRY_RUN to trade"
    if settings.keyring_fault is not None:
        found = f"the keyring could not be asked, so that no setting in it is in force: {settings.keyring_fault}"
        yield found, _KEYRING_ADVICE
    try:
        require_durable_state(settings)
    except Refused as refusal:
        yield str(refusal), "set FOLIOCTL_STATE"


def _premises(
    workspace: Workspace, declared: AccountSpec, settings: "Settings", journal: Journal | Unknown, sink: EventSink
) -> "Premises":
    """The ports through which one account is looked at. One attempt at a connection: a person waits for the answer."""
    from reconciler.adapters.dial import dial
    from reconciler.engine.examine import Premises

    account, clock, retry = _with_gateway(declared, settings), system_clock(), _retry()
    gateway, lock = account.gateway, account_lock(settings, "folioctl doctor")

    @asynccontextmanager
    async def login(account_id: AccountId) -> AsyncIterator[Broker]:
        broker = await _connected(account, account_id, clock, retry, Purpose.READING, within=timedelta(0))
        try:
            yield broker
        finally:
            await broker.close()

    def session(account_id: AccountId, broker: Broker, opened: Journal) -> Session:
        return Session(
            account=account,
            account_id=account_id,
            revision=workspace.revision,
            broker=broker,
            journal=opened,
            lock=lock,
            clock=clock,
            retry=retry,
            sink=sink,
            recorder=_recorder(account, settings, sink),
            switch=switch_of(settings),
        )

    return Premises(
        account=account,
        account_id=_id_or_why(account, settings),
        dial=lambda: dial(gateway.host, gateway.port, account.policy.timeouts.connect),
        login=login,
        session=session,
        journal=journal,
        lock=lock,
        switch=switch_of(settings),
        clock=clock,
        retry=retry,
        sink=sink,
    )


def ids_of(accounts: Iterable[AccountSpec], settings: "Settings") -> tuple[SettingReading, ...]:
    """Whether each account's id is set, and where; never the id. Raises Refused where a keyring cannot be read."""
    return tuple(
        settings.reading_of_secret(each.account_id, f"The broker's number of account '{each.name}'.")
        for each in accounts
    )


def _id_or_why(account: AccountSpec, settings: "Settings") -> AccountId | Unknown:
    try:
        return _account_id(account, settings)
    except Refused as refusal:
        return Unknown(str(refusal))
