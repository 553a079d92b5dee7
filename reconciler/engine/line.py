"""The line of a run to its broker: attends to its loss, and sits an outage out within the policy's bound.

What was missed in an outage may never be told. So nothing goes on before it was read: who works over the line says how,
by `catch_up`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from reconciler.domain.errors import BrokerUnavailable
from reconciler.domain.events import Notice
from reconciler.engine.session import Session
from reconciler.ports import RetryPolicy

Value = TypeVar("Value")

MOST_OUTAGES = 10
"""A connection that breaks more often than this in one run is not worth another one."""
STOPPED_PATIENCE = timedelta(minutes=2)
"""How long a run that was told to stop waits for the gateway, so that it can cancel what works."""


@dataclass(frozen=True)
class Outage:
    """A time without the broker: `seconds` of it were waited, and then it was back or not."""

    why: str
    seconds: float
    is_over: bool


class Line:
    """One for a run. `catch_up` reads what was missed, and raises BrokerUnavailable where that cannot be done now."""

    def __init__(self, session: Session, catch_up: Callable[[], Awaitable[None]]) -> None:
        self._session = session
        self._catch_up = catch_up
        self._lost: asyncio.Future[str] | None = None
        self.outages: list[Outage] = []

    def attend(self) -> None:
        """Attend to the end of the connection that there is now. Raises BrokerUnavailable where there is none."""
        self.leave()
        self._lost = asyncio.ensure_future(self._session.broker.connection_lost())

    def leave(self) -> None:
        """Attend to nothing any more."""
        if self._lost is not None:
            self._lost.cancel()

    @property
    def ends(self) -> tuple[asyncio.Future[str], ...]:
        """What is done once the connection is lost, to be waited for among other things."""
        return () if self._lost is None else (self._lost,)

    def require(self) -> None:
        """Raises BrokerUnavailable once the connection was lost, be it back or not: nobody has caught up yet."""
        if self._lost is not None and self._lost.done():
            raise BrokerUnavailable(self._lost.result())

    @property
    def away(self) -> timedelta:
        """How long the run has waited for the gateway or the broker."""
        return timedelta(seconds=sum(each.seconds for each in self.outages))

    async def through(self, step: Callable[[], Awaitable[Value]]) -> Value:
        """A step that only reads, begun anew after each outage. Raises BrokerUnavailable as `restore` does."""
        while True:
            try:
                self.require()
                value = await step()
                self.require()  # what was read across an outage is worth nothing
                return value
            except BrokerUnavailable as error:
                await self.restore(str(error))

    async def restore(self, why: str) -> None:
        """Wait for the gateway and the broker to come back, and catch up. Nothing is sent again.

        Raises BrokerUnavailable where that takes longer than the policy lets all outages of a run last.
        """
        session, loop = self._session, asyncio.get_running_loop()
        left = session.account.policy.timeouts.outage - self.away
        if left <= timedelta(0) or len(self.outages) >= MOST_OUTAGES or not all(each.is_over for each in self.outages):
            waited = f"{len(self.outages)} times, {self.away.total_seconds():.0f} s in all"
            raise BrokerUnavailable(f"{why}; the run was without the broker {waited}, and waits no longer")
        session.sink.emit(Notice(f"{why}; nothing is sent until it is back, for {left.total_seconds():.0f} s at most"))
        began, is_over = loop.time(), False
        try:
            async with self._hurried_by_a_stop(why):
                await session.retry.call(RetryPolicy.RECONNECT, self._come_back, within=left)
            is_over = True
        finally:
            self.outages.append(Outage(why, loop.time() - began, is_over))
        session.sink.emit(Notice(f"back after {self.outages[-1].seconds:.0f} s; the run goes on"))

    @asynccontextmanager
    async def _hurried_by_a_stop(self, why: str) -> AsyncIterator[None]:
        """From the moment that a stop is asked for, wait for STOPPED_PATIENCE and no longer."""
        loop = asyncio.get_running_loop()
        asked = asyncio.ensure_future(self._session.stop.wait())
        try:
            async with asyncio.timeout(None) as bound:

                def hurry(_: object) -> None:
                    bound.reschedule(loop.time() + STOPPED_PATIENCE.total_seconds())

                asked.add_done_callback(hurry)
                try:
                    yield
                finally:
                    asked.remove_done_callback(hurry)
        except TimeoutError as error:
            raise BrokerUnavailable(f"{why}; the run was told to stop, and waits no longer") from error
        finally:
            asked.cancel()

    async def _come_back(self) -> None:
        await self.connect()
        await self._catch_up()

    async def connect(self) -> None:
        """Make the connection again and attend to it. Raises BrokerUnavailable, or BrokerRefused."""
        await self._session.connect()
        self.attend()

    async def renew(self) -> None:
        """Leave, and connect anew: a new session is shown what this one may not be. Raises as `connect` does."""
        await self._session.broker.close()
        await self.connect()
