"""A Broker in memory: one session with a `FakeVenue`, which is the account at the broker and has the switches."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

from reconciler.domain.account import OtherBaseCurrency, Position, Quote, QuoteType, WorkingOrder
from reconciler.domain.contract import STOCK, Contract, Listing
from reconciler.domain.desired import Environment
from reconciler.domain.errors import BrokerRefused, BrokerUnavailable, ClientIdInUse, InvariantBroken, SendUncertain
from reconciler.domain.history import Trade
from reconciler.domain.ids import AccountId, ConId, InstrumentName, OrderId, OrderRef
from reconciler.domain.money import Currency, FxRate, Money
from reconciler.domain.orders import (
    OrderTicket,
    Report,
    WhatIf,
)
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.domain.unknown import Unknown, Unread
from reconciler.ports import AccountNews, AccountReading, Alarm, Broker, GatewayReading, QuoteExtra
from tests.fakes.venue import ACCOUNT_ID, WORKING, FakeOrder, FakeVenue, Reaction, Read, stock

__all__ = ["ACCOUNT_ID", "FakeBroker", "FakeOrder", "FakeVenue", "Reaction", "Read", "stock"]

UNSET_ID = 2147483647
"""The id of an order that has none."""
SENDING_CLIENT = 1
"""The client id that orders are sent under."""


class FakeBroker(Broker):
    """One session with a venue."""

    def __init__(
        self,
        venue: FakeVenue,
        *,
        client_id: int = SENDING_CLIENT,
        account_id: AccountId = ACCOUNT_ID,
        environment: Environment = Environment.PAPER,
        base_currency: Currency | None = None,
    ) -> None:
        self.venue = venue
        self._base_currency = base_currency or venue.base_currency
        self.client_id = client_id
        self._account_id = account_id
        self._environment = environment
        self._listeners: list[Callable[[Report], None]] = []
        self._last_id = OrderId(0)
        self._lost: asyncio.Future[str] | None = None
        self._since = venue.clock.now()
        self._known: set[OrderRef] = set()
        self._alarmed: list[Callable[[Alarm], None]] = []
        self._watcher: Callable[[AccountNews], None] | None = None
        self._change: asyncio.Handle | None = None

    async def connect(self) -> None:
        if self in self.venue.sessions and self._lost is not None and not self._lost.done():
            return
        if self.venue.refusal is not None:
            raise self.venue.refusal
        if self._account_id != self.venue.account_id or self._environment is not Environment.PAPER:
            raise BrokerRefused("the gateway does not serve this account in this environment")
        if any(session.client_id == self.client_id for session in self.venue.sessions if session is not self):
            raise ClientIdInUse(f"client id {self.client_id} is in use")
        if self.venue.away is not None:
            raise BrokerUnavailable(self.venue.away)
        if self not in self.venue.sessions:
            self._since = self.venue.clock.now()
            self.venue.sessions.append(self)
            self._lost = None
        if self._lost is None or self._lost.done():
            self._lost = asyncio.get_running_loop().create_future()
        self.hear_of_account()

    async def close(self) -> None:
        if self in self.venue.sessions:
            self.venue.sessions.remove(self)

    def lose(self, reason: str) -> None:
        """The connection ends without `close`."""
        self.venue.sessions.remove(self)
        self.lose_broker(reason)

    def lose_broker(self, reason: str) -> None:
        """The gateway has lost the broker."""
        if self._lost is not None and not self._lost.done():
            self._lost.set_result(reason)

    def hear(self, report: Report) -> None:
        """A report arrives; listeners get it on a later turn of the loop, as from a socket."""
        if self.venue.away is not None:
            return
        loop = asyncio.get_running_loop()
        for listener in self._listeners:
            loop.call_soon(listener, report)

    def hear_of_account(self) -> None:
        """Changes of one turn of the loop are told together."""
        if self._watcher is not None and self._change is None:
            self._change = asyncio.get_running_loop().call_soon(self._tell_change)

    def hear_alarm(self, alarm: Alarm) -> None:
        """An alarm arrives."""
        loop = asyncio.get_running_loop()
        for listener in self._alarmed:
            loop.call_soon(listener, alarm)

    def subscribe_alarms(self, listener: Callable[[Alarm], None]) -> Callable[[], None]:
        self._alarmed.append(listener)
        return lambda: self._alarmed.remove(listener)

    def _tell_change(self) -> None:
        self._change = None
        is_told = self.venue.away is None and Read.ACCOUNT not in self.venue.unknown
        if self._watcher is not None and is_told:
            self._watcher(self._reading())

    @property
    def is_watched(self) -> bool:
        """Whether somebody hears of the account."""
        return self._watcher is not None

    @asynccontextmanager
    async def watch_account(self, listener: Callable[[AccountNews], None]) -> AsyncIterator[None]:
        self._require_connection()
        if self._watcher is not None:
            raise InvariantBroken("the account is watched already")
        self._watcher = listener
        self.hear_of_account()
        try:
            yield
        finally:
            self._watcher = None

    async def read_gateway(self) -> GatewayReading:
        self._require_connection()
        ahead = self.venue.ahead
        time = Unknown("the gateway did not tell its time") if ahead is None else self.venue.clock.now() + ahead
        return GatewayReading(self.venue.server_version, 1, time)

    async def read_account(self) -> AccountReading | Unknown:
        if (why := self._unknown(Read.ACCOUNT)) is not None:
            return why
        found, declared = self.venue.base_currency, self._base_currency
        if found != declared:
            return OtherBaseCurrency(f"the base currency is {found}, not {declared}", found, declared)
        return self._reading()

    def _reading(self) -> AccountReading:
        base = self.venue.base_currency
        now = self.venue.clock.now()
        return AccountReading(
            base_currency=base,
            values=self.venue.values(),
            cash={currency: Money(amount, currency) for currency, amount in self.venue.cash.items()},
            rates={source: FxRate(source, base, rate, "fake", now) for source, rate in self.venue.rates.items()},
            portfolio=self.venue.positions(),
            settled={currency: Money(amount, currency) for currency, amount in self.venue.settled_cash.items()},
            day_trades_left=self.venue.day_trades_left,
            type=self.venue.account_type,
        )

    async def read_positions(self) -> tuple[Position, ...] | Unknown:
        if (why := self._unknown(Read.POSITIONS)) is not None:
            return why
        return tuple(replace(position, market_price=None) for position in self.venue.positions())

    async def read_working_orders(self) -> tuple[WorkingOrder, ...] | Unknown:
        if (why := self._unknown(Read.WORKING_ORDERS)) is not None:
            return why
        ours = [_working(order) for order in self._visible_orders() if order.status in WORKING]
        return (*ours, *self.venue.foreign_orders)

    async def read_contracts(self, specs: Sequence[InstrumentSpec]) -> Mapping[InstrumentName, Contract | Unknown]:
        self._require_connection()
        return {spec.name: self._contract(spec) for spec in specs}

    def _contract(self, spec: InstrumentSpec) -> Contract | Unknown:
        matches = [each for each in self.venue.contracts.values() if _fits(each, spec) and _is_called(each, spec)]
        if len(matches) != 1 or spec.symbol in self.venue.unknown_contracts:
            return Unknown(f"the broker knows no contract {spec.symbol} {spec.sec_type} in {spec.currency}")
        if spec.symbol in self.venue.quoted_in_pence:
            return Unknown(f"{spec.symbol} is quoted in 1/100 of {spec.currency}")
        return replace(matches[0], price_increments=Unknown("the price increments were not read"))

    async def read_listings(
        self, specs: Sequence[InstrumentSpec]
    ) -> Mapping[InstrumentName, tuple[Listing, ...] | Unknown]:
        why = self._unknown(Read.LISTINGS)
        return {spec.name: self._listings(spec) if why is None else why for spec in specs}

    def _listings(self, spec: InstrumentSpec) -> tuple[Listing, ...]:
        found = [each for each in self.venue.contracts.values() if self._is_known(each) and _fits(each, spec)]
        return tuple(_listing(each) for each in sorted(found, key=lambda each: each.con_id))

    async def search_symbols(self, text: str) -> tuple[Listing, ...] | Unknown:
        if (why := self._unknown(Read.SYMBOLS)) is not None:
            return why
        known = [each for each in self.venue.contracts.values() if self._is_known(each) and each.sec_type == STOCK]
        found = [each for each in known if text and (each.symbol.startswith(text) or text in each.long_name)]
        return tuple(replace(_listing(each), expiry="") for each in found)

    def _is_known(self, contract: Contract) -> bool:
        return contract.symbol not in self.venue.unknown_contracts

    async def read_price_increments(self, contracts: Sequence[Contract]) -> Mapping[ConId, Contract]:
        self._require_connection()
        known = {each.con_id: self.venue.contracts[each.con_id].price_increments for each in contracts}
        return {each.con_id: replace(each, price_increments=known[each.con_id]) for each in contracts}

    async def read_quotes(
        self, contracts: Sequence[Contract], extras: Collection[QuoteExtra] = ()
    ) -> Mapping[ConId, Quote | Unknown]:
        self._require_connection()
        self.venue.quoted += [contract.symbol for contract in contracts]
        quotes = {contract.con_id: self._quote(contract) for contract in contracts}
        if QuoteExtra.AVERAGE_VOLUME not in extras:
            return quotes
        volumes = self.venue.average_volumes
        return {
            con_id: replace(each, average_volume=volumes.get(con_id)) if isinstance(each, Quote) else each
            for con_id, each in quotes.items()
        }

    async def read_trades(self) -> tuple[Trade, ...] | Unknown:
        if (why := self._unknown(Read.TRADES)) is not None:
            return why
        return self.venue.trades()

    def _quote(self, contract: Contract) -> Quote | Unknown:
        price = self.venue.prices.get(contract.con_id)
        if price is None:
            return Unknown(f"no price of {contract.symbol}")
        return Quote(
            con_id=contract.con_id,
            currency=contract.currency,
            bid=price,
            ask=price,
            last=price,
            close=price,
            type=self.venue.quote_types.get(contract.symbol, QuoteType.LIVE),
            as_of=self.venue.clock.now(),
            halt=self.venue.halts.get(contract.symbol),
        )

    async def what_if(self, ticket: OrderTicket) -> WhatIf | Unknown:
        if (why := self._unknown(Read.WHAT_IF)) is not None:
            return why
        venue, con_id = self.venue, ticket.contract.con_id
        if ticket.contract.symbol in venue.refused_what_ifs:
            return venue.refused_what_ifs[ticket.contract.symbol]
        held = venue.holdings.get(con_id, Decimal(0))
        after = venue.exposure(con_id, held + ticket.side.sign * ticket.quantity)
        change = venue.base((after - venue.exposure(con_id, held)) * venue.margin_rate)
        values = venue.values()
        return WhatIf(
            initial_margin_before=values.initial_margin,
            initial_margin_change=change,
            maintenance_margin_before=values.maintenance_margin,
            maintenance_margin_change=change,
            equity_with_loan_after=values.equity_with_loan,
            commission=Money(venue.commission, ticket.contract.currency),
        )

    async def read_order_evidence(self) -> tuple[Report, ...] | Unknown:
        if (why := self._unknown(Read.EVIDENCE)) is not None:
            return why
        self._visible_orders()
        return self.venue.evidence(self._since if self.client_id == SENDING_CLIENT else None)

    def _visible_orders(self) -> list[FakeOrder]:
        """What a read of orders shows, which this session knows from then on."""
        seen = [order for order in self.venue.orders if order.visible]
        self._known |= {order.ticket.ref for order in seen if order.client_id == self.client_id}
        return seen

    def next_order_id(self, *, above: OrderId) -> OrderId:
        self._last_id = OrderId(max(self.venue.next_valid_id, above + 1, self._last_id + 1))
        return self._last_id

    async def place(self, ticket: OrderTicket, order_id: OrderId, intend: Callable[[], None]) -> None:
        self._require_connection()
        intend()
        self._known.add(ticket.ref)
        reaction = self.venue.reactions.get(ticket.contract.symbol, Reaction.FILL)
        if reaction in (Reaction.LOST_BEFORE_SEND, Reaction.LOST_AFTER_SEND):
            self.lose("the connection broke around a send")
            if reaction is Reaction.LOST_AFTER_SEND:
                self.venue.receive(ticket, self.client_id, order_id, reaction)
            raise SendUncertain(f"{ticket.ref}: the connection broke around the send")
        self.venue.receive(ticket, self.client_id, order_id, reaction)

    async def cancel(self, ref: OrderRef) -> None:
        self._require_connection()
        if ref not in self._known:
            raise BrokerRefused(f"this session does not know order {ref}")
        self.venue.cancel(ref)

    async def cancel_foreign(self, order: WorkingOrder) -> None:
        self._require_connection()
        if not 0 < order.order_id < UNSET_ID:
            raise BrokerRefused(f"the order on {order.symbol} was entered by hand and cannot be cancelled from here")
        own = {each.order_id for each in self.venue.orders if each.client_id == self.client_id}
        if order.client_id != self.client_id and order.order_id in own:
            raise BrokerRefused(f"the order on {order.symbol} has the same id as one of ours")
        self.venue.cancel_foreign(order)

    def subscribe(self, listener: Callable[[Report], None]) -> Callable[[], None]:
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def connection_lost(self) -> Awaitable[str]:
        if self._lost is None:
            raise BrokerUnavailable("not connected")
        return asyncio.shield(self._lost)

    def _require_connection(self) -> None:
        if self not in self.venue.sessions or self.venue.away is not None:
            raise BrokerUnavailable(self.venue.away or "not connected")

    def _unknown(self, read: Read) -> Unknown | None:
        self._require_connection()
        why = self.venue.unknown.get(read)
        return Unread(why) if isinstance(why, str) else why


def _fits(contract: Contract, spec: InstrumentSpec) -> bool:
    """Whether it answers a request: beside a contract id nothing else counts."""
    if spec.con_id is not None:
        return contract.con_id == spec.con_id
    return spec.primary_exchange in (None, contract.primary_exchange) and _is_called(contract, spec)


def _is_called(contract: Contract, spec: InstrumentSpec) -> bool:
    asked = (spec.symbol, spec.sec_type, spec.currency)
    return (contract.symbol, contract.sec_type, contract.currency) == asked


def _listing(contract: Contract) -> Listing:
    return Listing(
        con_id=contract.con_id,
        symbol=contract.symbol,
        sec_type=contract.sec_type,
        currency=contract.currency,
        primary_exchange=contract.primary_exchange,
        expiry=contract.expiry,
        name=contract.long_name,
    )


def _working(order: FakeOrder) -> WorkingOrder:
    ticket = order.ticket
    return WorkingOrder(
        con_id=ticket.contract.con_id,
        symbol=ticket.contract.symbol,
        side=ticket.side,
        remaining=order.remaining,
        order_type=ticket.order_type,
        time_in_force=ticket.time_in_force,
        order_ref=ticket.ref,
        order_id=order.order_id,
        client_id=order.client_id,
        perm_id=order.perm_id,
        status=order.status,
        is_attached=False,
    )
