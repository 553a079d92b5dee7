"""A Session: one account, the connection to its broker, and everything that a use-case works with."""

import asyncio
from dataclasses import dataclass, field

from reconciler.domain.desired import AccountSpec, Revision
from reconciler.domain.ids import AccountId
from reconciler.ports import AccountLock, Broker, Clock, EventSink, Journal, Retry, RunRecorder


class StopSignal:
    """Asked for by a person or the machine (SIGINT, SIGTERM): send nothing more, cancel what works, report."""

    def __init__(self) -> None:
        self._asked = asyncio.Event()
        self.reason = ""

    @property
    def is_asked(self) -> bool:
        """Whether it was."""
        return self._asked.is_set()

    def ask(self, reason: str) -> None:
        """Ask once; the first reason stays."""
        self.reason = self.reason or reason
        self._asked.set()

    async def wait(self) -> None:
        """Until it is asked for."""
        await self._asked.wait()


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
    stop: StopSignal = field(default_factory=StopSignal)
