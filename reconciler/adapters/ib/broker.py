"""IbBroker: the Broker port, composed of one connection and the readers that converse over it."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager

from reconciler.adapters.ib import requests, translate, what_if
from reconciler.adapters.ib.account_reader import AccountReader
from reconciler.adapters.ib.alarms import Alarms
from reconciler.adapters.ib.connection import Connection
from reconciler.adapters.ib.contracts import ContractReader
from reconciler.adapters.ib.evidence import EvidenceReader
from reconciler.adapters.ib.identity import Identity
from reconciler.adapters.ib.order_book import OrderBook
from reconciler.adapters.ib.order_names import OrderNames
from reconciler.adapters.ib.positions import PositionReader
from reconciler.adapters.ib.quotes import QuoteReader
from reconciler.adapters.ib.symbols import SymbolSearch
from reconciler.adapters.ib.tickets import OrderWriter, contract_of
from reconciler.adapters.ib.trades import TradeReader
from reconciler.adapters.ib.working_orders import WorkingOrderReader
from reconciler.domain.account import Position, Quote, WorkingOrder
from reconciler.domain.contract import Contract, Listing
from reconciler.domain.desired import Environment, GatewaySpec
from reconciler.domain.errors import BrokerRefused, BrokerUnavailable, SendUncertain
from reconciler.domain.history import Trade
from reconciler.domain.ids import AccountId, ConId, InstrumentName, OrderId, OrderRef
from reconciler.domain.money import Currency
from reconciler.domain.orders import OrderTicket, Report, WhatIf
from reconciler.domain.policy import Timeouts
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.domain.unknown import Unknown
from reconciler.ports import AccountNews, AccountReading, Alarm, Broker, Clock, QuoteExtra


class IbBroker(Broker):
    """One account behind TWS or IB Gateway."""

    def __init__(
        self,
        *,
        gateway: GatewaySpec,
        account_id: AccountId,
        environment: Environment,
        base_currency: Currency,
        client_id: int,
        timeouts: Timeouts,
        clock: Clock,
    ) -> None:
        identity = Identity(account_id, environment, base_currency)
        self._connection = Connection(
            gateway=gateway, client_id=client_id, timeouts=timeouts, identity=identity, clock=clock
        )
        self._names = OrderNames(client_id)
        self._book = OrderBook(self._names, identity)
        self._connection.hear(self._book.hear)
        self._alarms = Alarms(identity)
        self._connection.hear(self._alarms.hear)
        self._account = AccountReader(self._connection, clock)
        self._positions = PositionReader(self._connection)
        self._working_orders = WorkingOrderReader(self._connection)
        self._contracts = ContractReader(self._connection)
        self._symbols = SymbolSearch(self._connection)
        self._quotes = QuoteReader(self._connection, clock)
        self._trades = TradeReader(self._connection)
        self._evidence = EvidenceReader(self._connection, self._book, clock, open_orders_turn=self._working_orders.turn)
        self._last_order_id = OrderId(0)

    async def connect(self) -> None:
        """Open the connection and check whose account it serves. Raises BrokerUnavailable or BrokerRefused."""
        if await self._connection.open():
            await self._account.resume()

    async def close(self) -> None:
        """Leave in order. Safe at any time, twice too."""
        await self._connection.close()

    async def read_account(self) -> AccountReading | Unknown:
        """Account values, cash by currency, exchange rates and the portfolio's marks."""
        return await self._account.read()

    def watch_account(self, listener: Callable[[AccountNews], None]) -> AbstractAsyncContextManager[None]:
        """Hand the account's changes to `listener` while the block lasts."""
        return self._account.watch(listener)

    async def read_positions(self) -> tuple[Position, ...] | Unknown:
        """All holdings, without marks: the account's portfolio has those."""
        return await self._positions.read()

    async def read_working_orders(self) -> tuple[WorkingOrder, ...] | Unknown:
        """Every working order of the account, whoever sent it."""
        return await self._working_orders.read()

    async def read_contracts(self, specs: Sequence[InstrumentSpec]) -> Mapping[InstrumentName, Contract | Unknown]:
        """The contract of each spec."""
        return await self._contracts.read(specs)

    async def read_listings(
        self, specs: Sequence[InstrumentSpec]
    ) -> Mapping[InstrumentName, tuple[Listing, ...] | Unknown]:
        """Everything that the broker has for each spec."""
        return await self._contracts.listings(specs)

    async def search_symbols(self, text: str) -> tuple[Listing, ...] | Unknown:
        """What the broker finds by a symbol's beginning or a piece of a name."""
        return await self._symbols.search(text)

    async def read_price_increments(self, contracts: Sequence[Contract]) -> Mapping[ConId, Contract]:
        """The same contracts with their price increments; each market rule is asked for once."""
        return await self._contracts.with_increments(contracts)

    async def read_quotes(
        self, contracts: Sequence[Contract], extras: Collection[QuoteExtra] = ()
    ) -> Mapping[ConId, Quote | Unknown]:
        """A live quote of each contract, a delayed one where the account has no live data."""
        return await self._quotes.read(contracts, extras)

    async def read_trades(self) -> tuple[Trade, ...] | Unknown:
        """Every execution since the broker's midnight, by whomever."""
        return await self._trades.read()

    async def what_if(self, ticket: OrderTicket) -> WhatIf | Unknown:
        """What the order would do to margin. The question takes an order id of its own."""
        return await what_if.ask(self._connection, ticket, self.next_order_id(above=OrderId(0)))

    async def read_order_evidence(self) -> tuple[Report, ...] | Unknown:
        """Today's open orders, completed orders and executions as reports, the EvidenceReport over them last."""
        return await self._evidence.read()

    def next_order_id(self, *, above: OrderId) -> OrderId:
        """An order id greater than `above`, than every id that the gateway named, and than the last one given here."""
        named = max(self._connection.next_valid_id, self._names.highest_order_id + 1)
        self._last_order_id = OrderId(max(named, above + 1, self._last_order_id + 1))
        return self._last_order_id

    async def place(self, ticket: OrderTicket, order_id: OrderId, intend: Callable[[], None]) -> None:
        """Send the order once, right after `intend`. Raises BrokerUnavailable before it, SendUncertain after it."""
        library = self._connection.library
        contract = contract_of(library, ticket.contract)
        order = OrderWriter(library, self._connection.identity.account_id).order(ticket)
        await self._connection.turn()
        intend()
        self._names.remember(ticket.ref, order_id)
        try:
            self._connection.write(requests.place_order(order_id, contract, order))
        except (BrokerUnavailable, ConnectionError) as error:
            raise SendUncertain(f"{ticket.ref}: {error}") from error

    async def cancel(self, ref: OrderRef) -> None:
        """Ask for the cancel. Raises BrokerRefused where this client id did not send the order."""
        order_id = self._names.order_id(ref)
        await self._connection.send(requests.cancel_order(order_id))

    async def cancel_foreign(self, order: WorkingOrder) -> None:
        """Ask for the cancel by the order's id. Whether a gateway lets one client cancel another's is its own choice.

        Orders by hand have the id 0, a negative one, or the largest integer: no client can cancel those. Nor can this
        one where it sent an order under the same id, which is the one that would be cancelled.
        """
        if not 0 < order.order_id < translate.UNSET_INTEGER:
            raise BrokerRefused(f"the order on {order.symbol} was entered by hand and cannot be cancelled from here")
        own = self._names.ref_of_order_id(order.order_id)
        if own is not None and order.client_id != self._connection.client_id:
            raise BrokerRefused(
                f"the order on {order.symbol} of client {order.client_id} has the same id as our {own}, which alone "
                "can be cancelled by it"
            )
        await self._connection.send(requests.cancel_order(order.order_id))

    def subscribe(self, listener: Callable[[Report], None]) -> Callable[[], None]:
        """Hand every order report to `listener` as it comes; the result ends the subscription."""
        return self._book.subscribe(listener)

    def subscribe_alarms(self, listener: Callable[[Alarm], None]) -> Callable[[], None]:
        """Hand the broker's alarms to `listener` as they come; the result ends the subscription."""
        return self._alarms.subscribe(listener)

    def connection_lost(self) -> Awaitable[str]:
        """Done, with the reason, when the connection ends without `close`; BrokerUnavailable before `connect`."""
        return asyncio.shield(self._connection.lost)
