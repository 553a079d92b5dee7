"""Reads the account in full updates, and watches it: both by the one account subscription that a client may have.

A read subscribes, takes a full set and ends the subscription, so that the next one gets a set of its own. While the
account is watched the subscription stays open; a read then ends it and subscribes anew, for the same reason. A set that
came while the gateway was resetting is asked for once more.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from reconciler.adapters.ib import messages, requests
from reconciler.adapters.ib.account import AccountUpdate
from reconciler.adapters.ib.account_watch import AccountWatch
from reconciler.adapters.ib.connection import Connection, NotInTime
from reconciler.domain.account import OtherBaseCurrency
from reconciler.domain.errors import BrokerUnavailable, InvariantBroken
from reconciler.domain.unknown import Unknown, Unread
from reconciler.ports import AccountNews, AccountReading, Clock

_PARTS = frozenset({messages.ACCOUNT_VALUE, messages.PORTFOLIO})


class AccountReader:
    """Asks for full updates, one at a time: the gateway serves one account subscription for each client."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._identity = connection.identity
        self._clock = clock
        self._turn = asyncio.Lock()
        self._is_watched = False

    async def read(self) -> AccountReading | Unknown:
        """The account, or why it is not known. Raises BrokerUnavailable when the connection is lost."""
        async with self._turn:
            update, problem = await self._update()
            if update.was_not_ready and update.is_ready:
                update, problem = await self._update()
        if problem is not None and not isinstance(problem, NotInTime):
            return problem
        return self._reading(update)

    @asynccontextmanager
    async def watch(self, listener: Callable[[AccountNews], None]) -> AsyncIterator[None]:
        """Hand the account's changes to `listener` while the block lasts.

        Raises BrokerUnavailable when the connection is lost before it begins, and never when it ends.
        """
        watch = AccountWatch(self._identity, self._reading, listener)
        with self._connection.listening(watch.hear):
            await self._begin_watch()
            watch.expect(self._connection.request_seconds)
            try:
                yield
            finally:
                watch.close()
                await self._end_watch()

    async def resume(self) -> None:
        """After the connection was opened anew: what is watched is subscribed to again."""
        async with self._turn:
            if self._is_watched:
                await self._connection.send(requests.subscribe_account(self._identity.account_id))

    async def _begin_watch(self) -> None:
        async with self._turn:
            if self._is_watched:
                raise InvariantBroken("the account is watched already")
            await self._connection.send(requests.subscribe_account(self._identity.account_id))
            self._is_watched = True

    async def _end_watch(self) -> None:
        async with self._turn:
            self._is_watched = False
            with suppress(BrokerUnavailable):  # a connection that is gone has no subscription
                await self._connection.send(requests.unsubscribe_account(self._identity.account_id))

    async def _update(self) -> tuple[AccountUpdate, Unknown | None]:
        update, account = AccountUpdate(self._identity), self._identity.account_id
        begin, end = requests.subscribe_account(account), requests.unsubscribe_account(account)
        asked = [end, begin] if self._is_watched else [begin]
        try:
            problem = await self._connection.converse(asked, update.take, parts=_PARTS)
        except BrokerUnavailable:
            if not self._is_watched:
                await self._connection.send(end)  # of a connection that is there all the same
            raise
        if not self._is_watched:
            await self._connection.send(end)
        return update, problem

    def _reading(self, update: AccountUpdate) -> AccountReading | Unknown:
        incomplete = update.why_incomplete()
        if incomplete is not None:
            return Unknown(incomplete) if update.is_refused else Unread(incomplete)
        base = update.base_currency or self._identity.base_currency
        own_rate = update.own_rate(base)
        if own_rate not in (None, 1):
            return Unknown(f"the broker counts net liquidation in {base}, but converts {base} at {own_rate}")
        if base != self._identity.base_currency:
            declared = self._identity.base_currency
            return OtherBaseCurrency(
                f"the account's base currency is {base}, its manifest says {declared}: correct spec.baseCurrency",
                base,
                declared,
            )
        return AccountReading(
            base_currency=base,
            values=update.values(),
            cash=update.cash(),
            rates=update.rates(base, self._clock.now()),
            portfolio=update.portfolio(),
            settled=update.settled(),
            day_trades_left=update.day_trades_left(),
            type=update.type(base),
        )
