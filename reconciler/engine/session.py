"""A Session: one account, the connection to its broker, and everything that a use-case works with."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

from reconciler.domain.desired import AccountSpec, Revision
from reconciler.domain.errors import BrokerUnavailable, ClientIdInUse
from reconciler.domain.halt import Halt
from reconciler.domain.ids import AccountId
from reconciler.domain.options import NO_OPTIONS, RunOptions
from reconciler.domain.run import Outcome
from reconciler.planning.options import with_options
from reconciler.ports import AccountLock, Broker, Clock, EventSink, Journal, Result, Retry, RetryPolicy, RunRecorder


class StopSignal:
    """Send nothing more, cancel what works, report: asked for by a person or the machine, or by the run's watchdog.

    `outcome` is how a run ends that is stopped so, where every order of it is accounted for.
    """

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self.reason = ""
        self.outcome = Outcome.INTERRUPTED

    @property
    def is_asked(self) -> bool:
        """Whether it was."""
        return self._asked.is_set()

    def ask(self, reason: str, outcome: Outcome = Outcome.INTERRUPTED) -> None:
        """Ask once; the first reason stays."""
        if not self.is_asked:
            self.reason, self.outcome = reason, outcome
        self._asked.set()

    async def wait(self) -> None:
        """Until it is asked for."""
        await self._asked.wait()

    async def unless_asked(self, work: Coroutine[Any, Any, Result]) -> Result | None:
        """What `work` gives; None where a stop is asked for before that: it is then cancelled."""
        working, asked = asyncio.ensure_future(work), asyncio.ensure_future(self.wait())
        try:
            await asyncio.wait({working, asked}, return_when=asyncio.FIRST_COMPLETED)
            return working.result() if working.done() else None
        finally:
            working.cancel()
            asked.cancel()
            await asyncio.wait({working, asked})


@dataclass(frozen=True)
class Session:
    """The account and its ports. `account_id` is for the broker and for digests; it is never shown."""

    account: AccountSpec
    account_id: AccountId
    revision: Revision
    broker: Broker
    journal: Journal
    lock: AccountLock
    clock: Clock
    retry: Retry
    sink: EventSink
    recorder: RunRecorder
    options: RunOptions = NO_OPTIONS
    """What this invocation asks for beyond the manifests; `account` is as it asks for it."""
    stop: StopSignal = field(default_factory=StopSignal)
    switch: tuple[Halt, ...] = ()
    """The halt that the environment of this process is, where it is one."""

    async def connect(self) -> None:
        """Make the connection again, or wait for the gateway's. Raises BrokerUnavailable, or BrokerRefused."""
        try:
            await self.broker.connect()
        except ClientIdInUse as error:
            # The gateway holds the id of a broken connection for a while: ours, not another program's.
            raise BrokerUnavailable(str(error)) from error

    async def read(self, ask: Callable[[], Awaitable[Result]]) -> Result:
        """Ask the broker something that may be asked again, over a new connection where the last one was lost.

        Raises BrokerUnavailable where that did not help.
        """

        async def attempt() -> Result:
            await self.connect()
            return await ask()

        return await self.retry.call(RetryPolicy.READ, attempt)

    def under(self, options: RunOptions) -> "Session":
        """The same session for a plan that was made with other options. Raises Refused where those are not allowed."""
        if options == self.options:
            return self
        return replace(self, account=with_options(self.account, options), options=options)
