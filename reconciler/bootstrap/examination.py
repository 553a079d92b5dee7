"""The other second step, of `doctor`: a set-up is looked at part by part, whichever of its parts are missing."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.bootstrap.accounts import choose_accounts, id_or_why, require_own_number
from reconciler.bootstrap.connection import Purpose, connected, with_gateway
from reconciler.bootstrap.desired import Workspace
from reconciler.bootstrap.halts import switch_of
from reconciler.bootstrap.machine import system_clock, system_retry
from reconciler.bootstrap.recorder import run_recorder
from reconciler.bootstrap.state import account_lock, open_journal, require_durable_state
from reconciler.diagnostics import Diagnostic
from reconciler.domain.desired import AccountSpec
from reconciler.domain.errors import Refused, StateUnavailable
from reconciler.domain.examination import Examination, KeyringReading, StateReading
from reconciler.domain.ids import AccountId
from reconciler.domain.unknown import Unknown
from reconciler.engine.session import Session
from reconciler.ports import Broker, EventSink, Journal

if TYPE_CHECKING:
    from reconciler.engine.examine import Premises
    from reconciler.settings import Settings


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
    accounts = () if workspace is None else choose_accounts(workspace.desired, name)
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
                keyring=_keyring(settings),
                journal=journal,
                accounts=accounts,
            )
        )
        if workspace is None or settings is None:
            return Examination(setup, tuple(unexamined(each, setup) for each in accounts))
        premises = [_premises(workspace, each, settings, journal, sink) for each in accounts]
        return Examination(setup, tuple([await examine_account(each, setup) for each in premises]))


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


def _keyring(settings: "Settings | None") -> KeyringReading:
    from reconciler.keyringaccess import backend

    return KeyringReading(*backend(), None if settings is None else settings.keyring_fault)


def _words_of(settings: "Settings") -> Iterator[tuple[str, str]]:
    """What a person should know of settings that are in order, and what to do about it."""
    if settings.dry_run:
        yield "DRY_RUN is set: no apply sends anything from here", "unset DRY_RUN to trade"
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

    account, clock, retry = with_gateway(declared, settings), system_clock(), system_retry()
    gateway, lock = account.gateway, account_lock(settings, "folioctl doctor")

    @asynccontextmanager
    async def login(account_id: AccountId) -> AsyncIterator[Broker]:
        broker = await connected(account, account_id, clock, retry, Purpose.READING, within=timedelta(0))
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
            recorder=run_recorder(account, settings, sink),
            switch=switch_of(settings),
        )

    return Premises(
        account=account,
        account_id=_own_id_or_why(workspace, account, settings),
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


def _own_id_or_why(workspace: Workspace, account: AccountSpec, settings: "Settings") -> AccountId | Unknown:
    try:
        require_own_number(workspace.desired, account, settings)
    except Refused as refusal:
        return Unknown(str(refusal))
    return id_or_why(account, settings)
