"""The worlds in which the Broker contract is played: one in memory, one behind a socket that speaks TWS.

Both hold the same account. A case gets a World and knows no more than that.
"""

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from reconciler.adapters.ib.broker import IbBroker
from reconciler.domain.account import QuoteType, Side, TradingHalt, WorkingOrder
from reconciler.domain.contract import Contract
from reconciler.domain.desired import Environment, GatewaySpec
from reconciler.domain.errors import BrokerUnavailable
from reconciler.domain.ids import AccountId, ConId, InstrumentName, OrderId, OrderRef, PermId
from reconciler.domain.money import Currency
from reconciler.domain.orders import OrderTicket
from reconciler.domain.policy import Timeouts
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.ports import Broker
from reconciler.simgateway.clock import SteppedClock as GatewayClock
from reconciler.simgateway.market.instruments import FillBehaviour
from reconciler.simgateway.serving.server import Running, serve
from reconciler.simgateway.staging import load
from tests.contract.broker_proxy import Tap, proxy
from tests.fakes.broker import ACCOUNT_ID, FakeBroker, FakeVenue, Reaction, Read, stock
from tests.fakes.clock import START, SteppedClock

USD, EUR = Currency("USD"), Currency("EUR")
PLACE_ORDER = "3"
PATIENT = 10.0
"""Seconds that are enough for everything that comes, on a busy machine too."""

VALUES_SECONDS = 180
"""How old account values may be that the gateway tells."""

TIMEOUTS = Timeouts(*[timedelta(seconds=PATIENT)] * 8)
FOREIGN_CLIENT = 77
_ENDS = {
    Read.ACCOUNT: {"54"},
    Read.POSITIONS: {"62"},
    Read.WORKING_ORDERS: {"53"},
    Read.EVIDENCE: {"102"},
    Read.WHAT_IF: {"5"},
    Read.TRADES: {"55"},
    Read.LISTINGS: {"52"},
    Read.SYMBOLS: {"79"},
}
"""Ids of the messages that end a read."""

FOREIGN_STOP = WorkingOrder(
    con_id=ConId(272093),
    symbol="MSFT",
    side=Side.SELL,
    remaining=Decimal(5),
    order_type="STP",
    time_in_force="GTC",
    order_ref=None,
    order_id=OrderId(4),
    client_id=FOREIGN_CLIENT,
    perm_id=PermId(1500000001),
    status="PreSubmitted",
    is_attached=False,
)
NOBODY_LISTENS = 1
"""A port that nothing listens on: reserved, and never given out."""

SCENARIO = """
accounts:
  DU1000001:
    cash: {USD: 60000}
    exchange_rates: {EUR: 1.10}
    positions:
      MSFT: {quantity: 60, average_cost: 400}
      GLD: {quantity: 20, average_cost: 300}
pacing: {messages_per_second: 0}
instruments:
  MSFT: {con_id: 272093, name: MICROSOFT CORP, primary_exchange: NASDAQ, last: 500, spread: 0.02,
         average_volume: 22000000}
  GLD: {con_id: 51529211, name: SPDR GOLD SHARES, primary_exchange: ARCA, stock_type: ETF, last: 350, spread: 0.02}
  AAPL: {con_id: 265598, name: APPLE INC, primary_exchange: NASDAQ, last: 200, spread: 0.02}
  LATE: {con_id: 1004, name: DELAYED DATA, primary_exchange: NYSE, last: 20, spread: 0.02, market_data: delayed}
  ABBN: {con_id: 2001, symbol: ABB, name: ABB LTD, primary_exchange: NYSE}
  ABBS: {con_id: 2002, symbol: ABB, name: ABB LTD, primary_exchange: PINK}
  SAP: {con_id: 14204, name: SAP SE, primary_exchange: IBIS, currency: EUR, last: 150, spread: 0.1, market_rule: 551}
market_rules:
  551:
    - {low_edge: 0, increment: 0.01}
    - {low_edge: 100, increment: 0.05}
orders:
  - {client_id: 77, order_id: 4, account: DU1000001, instrument: MSFT, action: SELL,
     quantity: 5, order_type: STP, price: 420}
"""


def spec(symbol: str, *, con_id: int | None = None, **changes: Any) -> InstrumentSpec:
    """A stock, in euros where it is SAP, else in dollars."""
    named = InstrumentSpec(
        name=InstrumentName(symbol),
        symbol=symbol,
        sec_type="STK",
        exchange="SMART",
        currency=EUR if symbol == "SAP" else USD,
        con_id=None if con_id is None else ConId(con_id),
    )
    return replace(named, **changes)


def ticket(
    contract: Contract, ref: str, quantity: int = 10, *, side: Side = Side.BUY, limit: str | None = None
) -> OrderTicket:
    return OrderTicket(
        ref=OrderRef(ref),
        contract=contract,
        side=side,
        quantity=Decimal(quantity),
        order_type="MKT" if limit is None else "LMT",
        limit_price=None if limit is None else Decimal(limit),
        time_in_force="DAY",
    )


def unwritten() -> None:
    """The intent of an order that nobody writes down."""


class World(ABC):
    """An account at a broker, and sessions with it."""

    @abstractmethod
    def session(
        self,
        *,
        client_id: int = 1,
        account_id: AccountId = ACCOUNT_ID,
        environment: Environment = Environment.PAPER,
        seconds: float = PATIENT,
    ) -> Broker:
        """A session that is not connected yet; `seconds` bounds each of its reads."""

    @abstractmethod
    def nowhere(self) -> Broker:
        """A session with a gateway that is not there."""

    @abstractmethod
    def never_ends(self, read: Read) -> None:
        """The END of this read never comes."""

    @abstractmethod
    def hides_price(self, symbol: str) -> None:
        """No price of this symbol is shown."""

    @abstractmethod
    def halts(self, symbol: str) -> None:
        """Trading in this symbol is halted at its exchange."""

    @abstractmethod
    def reacts(self, symbol: str, reaction: Reaction) -> None:
        """How the broker takes orders in this symbol from now on."""

    @abstractmethod
    def lets_others_cancel(self) -> None:
        """From now on a client may cancel the order of another one by its id."""

    @abstractmethod
    def leaves_day_trades(self, count: int) -> None:
        """The account may make so many day trades; without this, nobody counts them."""

    @abstractmethod
    def moves(self, symbol: str, price: int) -> None:
        """A price moves, and the broker works the account's figures out anew."""

    @abstractmethod
    def warns_of_margin(self) -> None:
        """The broker raises its margin alert."""

    @abstractmethod
    def liquidates(self, symbol: str) -> None:
        """The broker closes the holding by itself."""

    @abstractmethod
    def passes(self, seconds: float) -> None:
        """The broker's time moves on, and what it delays happens."""

    @abstractmethod
    def releases(self, ref: OrderRef) -> None:
        """The broker gets round to an order that it was slow to acknowledge."""

    @abstractmethod
    def breaks(self) -> None:
        """Every connection breaks now."""

    @abstractmethod
    def loses_broker(self) -> None:
        """The gateway stays, and has lost the broker."""

    @abstractmethod
    def regains_broker(self) -> None:
        """The broker is back."""

    @abstractmethod
    def received(self) -> list[str]:
        """The references of all orders that ever arrived."""

    async def connected(self, client_id: int = 1, seconds: float = PATIENT) -> Broker:
        broker = self.session(client_id=client_id, seconds=seconds)
        await broker.connect()
        return broker


class FakeWorld(World):
    """In memory."""

    def __init__(self) -> None:
        listed = {"MSFT": (272093, 500), "GLD": (51529211, 350), "AAPL": (265598, 200), "LATE": (1004, 20)}
        contracts = [stock(con_id, symbol) for symbol, (con_id, _price) in listed.items()]
        contracts += [replace(stock(2001 + n, "ABB"), primary_exchange=each) for n, each in enumerate(["NYSE", "PINK"])]
        contracts.append(stock(14204, "SAP", currency="EUR", increments=(("0", "0.01"), ("100", "0.05"))))
        prices = {ConId(con_id): Decimal(price) for con_id, price in listed.values()}
        self.venue = FakeVenue(
            clock=SteppedClock(step=timedelta(seconds=1)),
            contracts={contract.con_id: contract for contract in contracts},
            prices={**prices, ConId(14204): Decimal(150)},
            cash={USD: Decimal(60000)},
            rates={EUR: Decimal("1.10")},
            holdings={ConId(272093): Decimal(60), ConId(51529211): Decimal(20)},
            quote_types={"LATE": QuoteType.DELAYED},
            average_volumes={ConId(272093): Decimal(22000000)},
            foreign_orders=[FOREIGN_STOP],
            keeps_foreign_orders=True,
        )

    def session(
        self,
        *,
        client_id: int = 1,
        account_id: AccountId = ACCOUNT_ID,
        environment: Environment = Environment.PAPER,
        seconds: float = PATIENT,
    ) -> Broker:
        return FakeBroker(self.venue, client_id=client_id, account_id=account_id, environment=environment)

    def nowhere(self) -> Broker:
        return FakeBroker(replace(self.venue, refusal=BrokerUnavailable("nobody listens")))

    def never_ends(self, read: Read) -> None:
        self.venue.unknown[read] = "the END did not come"

    def hides_price(self, symbol: str) -> None:
        del self.venue.prices[self._con_id(symbol)]

    def halts(self, symbol: str) -> None:
        self.venue.halts[symbol] = TradingHalt.GENERAL

    def reacts(self, symbol: str, reaction: Reaction) -> None:
        self.venue.reactions[symbol] = reaction

    def lets_others_cancel(self) -> None:
        self.venue.keeps_foreign_orders = False

    def leaves_day_trades(self, count: int) -> None:
        self.venue.day_trades_left = count

    def moves(self, symbol: str, price: int) -> None:
        self.venue.move_price(self._con_id(symbol), Decimal(price))

    def warns_of_margin(self) -> None:
        self.venue.warn_of_margin()

    def liquidates(self, symbol: str) -> None:
        self.venue.liquidate(self._con_id(symbol))

    def _con_id(self, symbol: str) -> ConId:
        (con_id,) = (each.con_id for each in self.venue.contracts.values() if each.symbol == symbol)
        return con_id

    def passes(self, seconds: float) -> None:
        """Nothing is delayed here."""

    def releases(self, ref: OrderRef) -> None:
        self.venue.release(ref)

    def breaks(self) -> None:
        self.venue.break_connections()

    def loses_broker(self) -> None:
        self.venue.lose_broker("the gateway has lost its line to the broker")

    def regains_broker(self) -> None:
        self.venue.regain_broker()

    def received(self) -> list[str]:
        return [str(ref) for ref in self.venue.received]


class GatewayWorld(World):
    """Behind a socket: the IB adapter, a proxy that misbehaves on demand, and the simulated gateway."""

    def __init__(self, running: Running, tap: Tap) -> None:
        self.running = running
        self.tap = tap
        self._clock = SteppedClock(step=timedelta(seconds=1))

    def session(
        self,
        *,
        client_id: int = 1,
        account_id: AccountId = ACCOUNT_ID,
        environment: Environment = Environment.PAPER,
        seconds: float = PATIENT,
        connect_seconds: float = PATIENT,
        port: int | None = None,
        messages_per_second: int = 1000,
    ) -> Broker:
        connect, read = timedelta(seconds=min(connect_seconds, seconds)), timedelta(seconds=seconds)
        return IbBroker(
            gateway=GatewaySpec("gateway", "127.0.0.1", port or self.tap.port, 1, messages_per_second),
            account_id=account_id,
            environment=environment,
            base_currency=USD,
            client_id=client_id,
            timeouts=replace(TIMEOUTS, connect=connect, request=read),
            clock=self._clock,
        )

    def nowhere(self) -> Broker:
        return self.session(port=NOBODY_LISTENS)

    def never_ends(self, read: Read) -> None:
        self.tap.muted |= _ENDS[read]

    def hides_price(self, symbol: str) -> None:
        self.running.broker.quirks.arm(f"no-price:{symbol}")

    def halts(self, symbol: str) -> None:
        self.running.broker.quirks.arm(f"halted:{symbol}")

    def reacts(self, symbol: str, reaction: Reaction) -> None:
        match reaction:
            case Reaction.FILL | Reaction.REJECT:  # the gateway refuses by itself what the account cannot pay for
                return
            case Reaction.REST:
                self._fills(symbol, FillBehaviour(never=True))
            case Reaction.FILL_HALF:
                self._fills(symbol, FillBehaviour(delay_seconds=Decimal(1), parts=2))
            case Reaction.SILENT_DROP:
                self.tap.swallowed.add(PLACE_ORDER)
            case Reaction.LOST_BEFORE_SEND:
                self.tap.cut_before.add(PLACE_ORDER)
            case Reaction.LOST_AFTER_SEND:
                self.tap.cut_after.add(PLACE_ORDER)
            case Reaction.LATE_ACK:
                self.tap.held.add(PLACE_ORDER)

    def lets_others_cancel(self) -> None:
        self.running.broker.quirks.arm("cross-cancel")

    def leaves_day_trades(self, count: int) -> None:
        self.running.broker.ledgers[ACCOUNT_ID].day_trades.remaining = count
        self.passes(VALUES_SECONDS)

    def moves(self, symbol: str, price: int) -> None:
        (instrument,) = self.running.broker.market.named(symbol)
        prices = {name: Decimal(price) for name in ("bid", "ask", "last")}
        self.running.broker.move_prices({instrument.con_id: prices})
        self.passes(VALUES_SECONDS)

    def warns_of_margin(self) -> None:
        self.running.broker.quirks.arm("margin-alert")

    def liquidates(self, symbol: str) -> None:
        self.running.broker.quirks.arm(f"liquidation:{symbol}")

    def _fills(self, symbol: str, behaviour: FillBehaviour) -> None:
        (instrument,) = self.running.broker.market.named(symbol)
        self.running.broker.refill(instrument.con_id, behaviour)

    def passes(self, seconds: float) -> None:
        clock = self.running.broker.clock
        assert isinstance(clock, GatewayClock)
        clock.step(seconds)

    def releases(self, ref: OrderRef) -> None:
        self.tap.release()

    def breaks(self) -> None:
        self.tap.cut()

    def loses_broker(self) -> None:
        self.running.broker.quirks.arm("outage:kept")

    def regains_broker(self) -> None:
        self.running.broker.quirks.clear("outage:kept")

    def received(self) -> list[str]:
        return [order.terms.order_ref for order in self.running.broker.book if order.client_id != FOREIGN_CLIENT]


@asynccontextmanager
async def fake_world() -> AsyncIterator[World]:
    yield FakeWorld()


@asynccontextmanager
async def gateway_world(text: str = SCENARIO) -> AsyncIterator[GatewayWorld]:
    scenario, found = load(text, "world.yaml")
    assert scenario is not None, found
    async with serve(scenario, clock=GatewayClock(START)) as running, proxy(running.port) as tap:
        yield GatewayWorld(running, tap)
