"""The second step: a session on one account, held where it is to be applied, and connected."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from reconciler.bootstrap.accounts import require_id
from reconciler.bootstrap.connection import Purpose, connected, with_gateway
from reconciler.bootstrap.desired import Workspace
from reconciler.bootstrap.halts import switch_of, tell_halts
from reconciler.bootstrap.machine import system_clock, system_retry
from reconciler.bootstrap.recorder import run_recorder
from reconciler.bootstrap.state import account_lock, open_journal
from reconciler.domain.desired import AccountSpec
from reconciler.domain.errors import AccountLocked
from reconciler.domain.events import Connecting, Notice
from reconciler.domain.options import NO_OPTIONS, RunOptions
from reconciler.engine.session import Session
from reconciler.planning.options import with_options
from reconciler.ports import AccountLock, EventSink

if TYPE_CHECKING:
    from reconciler.settings import Settings

_LOCK_SECONDS = 0.25
"""Between two looks at a lock that is waited for."""


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
    """Lock (to apply), journal, connection. `command` names this process to others.

    `patience` is how long a lock that another process holds is waited for.

    Raises Refused where the account's id is not set or the options ask for what they may not, AccountLocked,
    BrokerUnavailable or BrokerRefused.
    """
    account = with_options(with_gateway(account, settings), options)
    account_id = require_id(account, settings)
    clock = system_clock()
    lock = account_lock(settings, command)
    retry = system_retry()
    with open_journal(settings) as journal, ExitStack() as held:
        tell_halts(account.name, (*switch_of(settings), *journal.halts()), sink)
        if purpose is Purpose.APPLYING:
            await _take(held, lock, account, patience, sink)
        sink.emit(Connecting(f"{account.gateway.host}:{account.gateway.port}"))
        broker = await connected(account, account_id, clock, retry, purpose)
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
                recorder=run_recorder(account, settings, sink),
                options=options,
                switch=switch_of(settings),
            )
        finally:
            await broker.close()


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
