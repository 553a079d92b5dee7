"""The premises of an examination: one account's set-up, and the ports that it is looked at through."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

from reconciler.domain.desired import AccountSpec
from reconciler.domain.errors import BrokerError, StateUnavailable
from reconciler.domain.events import Observing
from reconciler.domain.halt import Halt
from reconciler.domain.ids import AccountId
from reconciler.domain.unknown import Unknown, Unread
from reconciler.engine.session import Session
from reconciler.ports import AccountLock, Broker, Clock, EventSink, Journal, Result, Retry, RetryPolicy


@dataclass(frozen=True)
class Premises:
    """What one account is examined with. A part that is not there is Unknown, and says why.

    `dial` says why nothing answers at the gateway's address, or None. `login` opens a session with the gateway under a
    client id of those that only read; it raises BrokerUnavailable, BrokerRefused or Refused. `session` is what plans.
    """

    account: AccountSpec
    account_id: AccountId | Unknown
    dial: Callable[[], Awaitable[str | None]]
    login: Callable[[AccountId], AbstractAsyncContextManager[Broker]]
    session: Callable[[AccountId, Broker, Journal], Session]
    journal: Journal | Unknown
    lock: AccountLock
    switch: tuple[Halt, ...]
    clock: Clock
    retry: Retry
    sink: EventSink

    def tell(self, what: str) -> None:
        """Show what is being looked at."""
        self.sink.emit(Observing(what))

    async def asked(self, broker: Broker, ask: Callable[[], Awaitable[Result]]) -> Result | Unknown:
        """The broker's answer, asked for as any reading is; Unknown where the broker could not be asked."""

        async def attempt() -> Result:
            await broker.connect()
            return await ask()

        return await told(self.retry.call(RetryPolicy.READ, attempt))


async def told(answer: Awaitable[Result]) -> Result | Unknown:
    """What an answer comes to; Unknown where the broker or the journal could not be read."""
    try:
        return await answer
    except (BrokerError, StateUnavailable) as error:
        return Unread(str(error))
