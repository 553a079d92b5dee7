"""The account at a broker, in memory: books, prices, orders, and a switch for every failure.

It outlives the sessions with it, so that a test may crash one and recover with the next. Orders follow the `Reaction`
that is scripted for their contract. Nothing here reads the time of day or draws chance.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum, auto
from typing import Protocol
from zoneinfo import ZoneInfo

from reconciler.domain.account import AccountValues, Position, QuoteType, Side, TradingHalt, WorkingOrder
from reconciler.domain.contract import Contract, PriceIncrement
from reconciler.domain.desired import AccountType
from reconciler.domain.errors import BrokerError
from reconciler.domain.history import Trade
from reconciler.domain.ids import AccountId, ConId, ExecId, OrderId, OrderRef, PermId
from reconciler.domain.money import Currency, Money
from reconciler.domain.orders import (
    CommissionReport,
    CompletedReport,
    ErrorReport,
    EvidenceReport,
    ExecutionReport,
    Fill,
    OrderTicket,
    Report,
    StatusReport,
    WhatIfRefused,
    is_ours,
)
from reconciler.domain.unknown import Unknown
from reconciler.ports import Alarm, Clock, Liquidation, MarginAlert

WORKING = frozenset({"PreSubmitted", "Submitted"})
ACCOUNT_ID = AccountId("DU1000001")
USD = Currency("USD")
FIRST_ORDER_ID = OrderId(1)
BROKERS_DAY = ZoneInfo("America/New_York")


class Session(Protocol):
    """What a venue knows of a session with it."""

    client_id: int

    def hear(self, report: Report) -> None:
        """Take a report."""

    def lose(self, reason: str) -> None:
        """End without having been closed."""

    def lose_broker(self, reason: str) -> None:
        """Be without the broker for a while."""

    def hear_of_account(self) -> None:
        """The account's figures changed."""

    def hear_alarm(self, alarm: Alarm) -> None:
        """Take an alarm."""


class Reaction(Enum):
    """What becomes of an order that is placed."""

    FILL = auto()
    """Filled at the venue's price where its limit allows; else it rests."""
    FILL_HALF = auto()
    """Half of it (rounded down to whole shares) fills, the rest works on."""
    REST = auto()
    """Acknowledged; works until the test fills, cancels or kills it."""
    REJECT = auto()
    """Error 201 and the status Inactive; no trace in open or completed orders."""
    SILENT_DROP = auto()
    """Never heard of again, and no trace in any read."""
    LATE_ACK = auto()
    """Held without a word and without a trace until `FakeVenue.release`, which fills it."""
    LOST_BEFORE_SEND = auto()
    """The connection breaks and the order never arrived."""
    LOST_AFTER_SEND = auto()
    """The connection breaks and the order is alive at the broker, and fills."""


class Read(Enum):
    """A read that can be switched to Unknown."""

    ACCOUNT = auto()
    POSITIONS = auto()
    WORKING_ORDERS = auto()
    EVIDENCE = auto()
    WHAT_IF = auto()
    LISTINGS = auto()
    SYMBOLS = auto()
    TRADES = auto()


@dataclass
class FakeOrder:
    """An order at the venue."""

    ticket: OrderTicket
    client_id: int
    order_id: OrderId
    perm_id: PermId
    status: str
    visible: bool = True
    fills: list[ExecutionReport] = field(default_factory=list)

    @property
    def filled(self) -> Decimal:
        return sum((report.fill.shares for report in self.fills), Decimal(0))

    @property
    def remaining(self) -> Decimal:
        return self.ticket.quantity - self.filled

    def status_report(self) -> StatusReport:
        return StatusReport(self.ticket.ref, self.perm_id, self.status, self.filled, self.remaining)


@dataclass
class FakeVenue:
    """The account at the broker. Prices are in the contract's currency, `rates` convert one unit into base currency."""

    clock: Clock
    contracts: dict[ConId, Contract]
    prices: dict[ConId, Decimal]
    cash: dict[Currency, Decimal]
    holdings: dict[ConId, Decimal] = field(default_factory=dict)
    base_currency: Currency = USD
    rates: dict[Currency, Decimal] = field(default_factory=dict)
    margin_rate: Decimal = Decimal("0.25")
    commission: Decimal = Decimal(1)
    account_id: AccountId = ACCOUNT_ID
    quote_types: dict[str, QuoteType] = field(default_factory=dict)
    """By symbol; LIVE where none is given."""
    halts: dict[str, TradingHalt] = field(default_factory=dict)
    """By symbol, where trading is halted. Orders fill all the same, unless a reaction says otherwise."""
    reactions: dict[str, Reaction] = field(default_factory=dict)
    """By symbol; FILL where none is given."""
    foreign_orders: list[WorkingOrder] = field(default_factory=list)
    unknown: dict[Read, str | Unknown] = field(default_factory=dict)
    """Reads whose answer does not come, and why; or what they answer instead."""
    unknown_contracts: set[str] = field(default_factory=set)
    """Symbols that the broker does not know, though they are held."""
    quoted_in_pence: set[str] = field(default_factory=set)
    """Symbols whose contracts the broker lists, and nothing can be planned with."""
    refused_what_ifs: dict[str, WhatIfRefused] = field(default_factory=dict)
    """By symbol: what the broker says of an order that it would not take."""
    server_version: int = 176
    ahead: timedelta | None = timedelta(0)
    """How far the gateway's clock is ahead; None where it does not tell."""
    account_type: AccountType | Unknown = AccountType.MARGIN
    refusal: BrokerError | None = None
    """Raised by every connect while set."""
    away: str | None = None
    """Why the gateway is without the broker, while it is: nothing is answered, and nothing told later."""
    next_valid_id: OrderId = FIRST_ORDER_ID
    fills_during_cancel: bool = False
    keeps_foreign_orders: bool = False
    """Whether nobody can cancel another client's order."""
    average_volumes: dict[ConId, Decimal] = field(default_factory=dict)
    unsettled: dict[Currency, Decimal] = field(default_factory=dict)
    """The part of the cash that is not settled: what sales brought. Nothing here settles it."""
    day_trades_left: int | None = None
    earlier_trades: list[Trade] = field(default_factory=list)
    """Executions that were none of ours."""
    quoted: list[str] = field(default_factory=list)
    """The symbols of all quotes that were asked for, in order."""
    tells_commissions: bool = True
    """Whether a commission is told with its fill; a reading of the executions always shows it."""
    repeats_reports: bool = False
    """Every report comes twice."""
    orders: list[FakeOrder] = field(default_factory=list)
    received: list[OrderRef] = field(default_factory=list)
    """Every order that arrived, in order: a reference that is here twice was sent twice."""
    sessions: list[Session] = field(default_factory=list)

    # -------------------------------------------------------------------------------------------- what a test drives

    def order(self, ref: OrderRef) -> FakeOrder:
        return next(order for order in self.orders if order.ticket.ref == ref)

    def fill(self, ref: OrderRef, shares: Decimal | None = None, price: Decimal | None = None) -> None:
        """Fill `shares` of a working order, all that remains by default, and tell the sessions."""
        order = self.order(ref)
        self._execute(order, order.remaining if shares is None else shares, price)

    def lose_broker(self, reason: str) -> None:
        """The gateway keeps its clients and loses the broker. Orders go on filling, and nobody is told."""
        self.away = reason
        for session in self.sessions:
            session.lose_broker(reason)

    def regain_broker(self) -> None:
        """The broker is back."""
        self.away = None

    def release(self, ref: OrderRef) -> None:
        """A late acknowledgement comes at last, and the order fills."""
        order = self.order(ref)
        order.visible = True
        self._tell(order.status_report())
        self._execute(order, order.remaining, None)

    def end(self, ref: OrderRef, status: str) -> None:
        """The broker ends a working order by itself: Cancelled, Inactive, …"""
        order = self.order(ref)
        order.status = status
        self._tell(order.status_report())

    def report(self, report: Report) -> None:
        """Any report, as if the broker sent it."""
        self._tell(report)

    def move_price(self, con_id: ConId, price: Decimal) -> None:
        """A price moves, and the account's figures with it."""
        self.prices[con_id] = price
        self._account_changed()

    def warn_of_margin(self, text: str = "the margin cushion is low") -> None:
        """The broker warns every session."""
        self._alarm(MarginAlert(text))

    def liquidate(self, con_id: ConId) -> None:
        """The broker closes a holding, and tells every session."""
        held = self.holdings.pop(con_id)
        contract = self.contracts[con_id]
        side = Side.SELL if held > 0 else Side.BUY
        self.cash[contract.currency] += held * contract.multiplier * self.prices[con_id]
        self._alarm(Liquidation(con_id, side, abs(held)))
        self._account_changed()

    def break_connections(self, reason: str = "the gateway closed the connection") -> None:
        """Every session ends without `close`."""
        for session in list(self.sessions):
            session.lose(reason)

    # -------------------------------------------------------------------------------------------- the account's figures

    def rate(self, currency: Currency) -> Decimal:
        return Decimal(1) if currency == self.base_currency else self.rates[currency]

    def exposure(self, con_id: ConId, quantity: Decimal) -> Decimal:
        """In base currency, never negative."""
        contract = self.contracts[con_id]
        return abs(quantity) * contract.multiplier * self.prices[con_id] * self.rate(contract.currency)

    @property
    def gross_position_value(self) -> Decimal:
        return sum((self.exposure(con_id, quantity) for con_id, quantity in self.holdings.items()), Decimal(0))

    @property
    def net_liquidation(self) -> Decimal:
        cash = sum((amount * self.rate(currency) for currency, amount in self.cash.items()), Decimal(0))
        held = sum(
            (self.exposure(con_id, quantity).copy_sign(quantity) for con_id, quantity in self.holdings.items()),
            Decimal(0),
        )
        return cash + held

    @property
    def settled_cash(self) -> dict[Currency, Decimal]:
        return {currency: amount - self.unsettled.get(currency, Decimal(0)) for currency, amount in self.cash.items()}

    def trades(self) -> tuple[Trade, ...]:
        """Everybody's executions since the broker's midnight."""
        midnight = self.clock.now().astimezone(BROKERS_DAY).replace(hour=0, minute=0, second=0, microsecond=0)
        ours = [self._trade(each) for order in self.orders if order.visible for each in order.fills]
        return tuple(each for each in (*self.earlier_trades, *ours) if each.time >= midnight)

    def _trade(self, execution: ExecutionReport) -> Trade:
        fill, contract = execution.fill, self.contracts[execution.con_id]
        value = Money(fill.shares * fill.price * contract.multiplier, contract.currency)
        ours = is_ours(execution.ref)
        return Trade(
            execution.con_id, execution.side, fill.shares, fill.price, fill.time, value, ours, is_liquidation=False
        )

    def base(self, amount: Decimal) -> Money:
        return Money(amount, self.base_currency)

    def values(self) -> AccountValues:
        equity, gross = self.net_liquidation, self.gross_position_value
        margin = gross * self.margin_rate
        free = self.base(equity - margin)
        return AccountValues(
            net_liquidation=self.base(equity),
            equity_with_loan=self.base(equity),
            initial_margin=self.base(margin),
            maintenance_margin=self.base(margin),
            available_funds=free,
            excess_liquidity=free,
            look_ahead_available_funds=free,
            look_ahead_excess_liquidity=free,
            gross_position_value=self.base(gross),
        )

    def positions(self) -> tuple[Position, ...]:
        return tuple(self._position(con_id, held) for con_id, held in sorted(self.holdings.items()) if held)

    def _position(self, con_id: ConId, quantity: Decimal) -> Position:
        contract = self.contracts[con_id]
        return Position(
            con_id=con_id,
            symbol=contract.symbol,
            sec_type=contract.sec_type,
            currency=contract.currency,
            multiplier=contract.multiplier,
            quantity=quantity,
            average_cost=self.prices[con_id],
            market_price=self.prices[con_id],
        )

    # -------------------------------------------------------------------------------------------- orders

    def receive(self, ticket: OrderTicket, client_id: int, order_id: OrderId, reaction: Reaction) -> None:
        """An order arrives."""
        self.received.append(ticket.ref)
        if reaction is Reaction.SILENT_DROP:
            return
        if reaction is Reaction.REJECT:
            self._tell(ErrorReport(ticket.ref, 201, "Order rejected - reason: scripted"))
            self._tell(StatusReport(ticket.ref, PermId(0), "Inactive", Decimal(0), ticket.quantity))
            return
        order = FakeOrder(ticket, client_id, order_id, PermId(9000 + len(self.orders)), "Submitted")
        order.visible = reaction is not Reaction.LATE_ACK
        self.orders.append(order)
        if order.visible:
            self._tell(order.status_report())
        self._react(order, reaction)

    def _react(self, order: FakeOrder, reaction: Reaction) -> None:
        if reaction is Reaction.FILL_HALF:
            self._execute(order, order.ticket.quantity // 2, None)
        elif reaction in (Reaction.FILL, Reaction.LOST_AFTER_SEND) and self._marketable(order.ticket):
            self._execute(order, order.remaining, None)

    def _marketable(self, ticket: OrderTicket) -> bool:
        price = self.prices.get(ticket.contract.con_id)
        if price is None:
            return False
        if ticket.limit_price is None:
            return True
        return price <= ticket.limit_price if ticket.side is Side.BUY else price >= ticket.limit_price

    def cancel(self, ref: OrderRef) -> None:
        """A cancel arrives."""
        order = next((order for order in self.orders if order.ticket.ref == ref), None)
        if order is None:
            self._tell(ErrorReport(ref, 10147, "OrderId that needs to be cancelled is not found"))
        elif order.status not in WORKING:
            self._tell(
                ErrorReport(ref, 10148, f"OrderId {order.order_id} that needs to be cancelled is {order.status}")
            )
        elif self.fills_during_cancel:
            self._execute(order, order.remaining, None)
        else:
            order.status = "Cancelled"
            self._tell(order.status_report())
            self._tell(ErrorReport(ref, 202, "Order Canceled - reason:"))

    def cancel_foreign(self, wanted: WorkingOrder) -> None:
        """A cancel by another client arrives. Of an order that is not there it changes nothing."""
        if self.keeps_foreign_orders:
            return
        self.foreign_orders[:] = [each for each in self.foreign_orders if each.perm_id != wanted.perm_id]
        for order in self.orders:
            if order.perm_id == wanted.perm_id and order.status in WORKING:
                self.end(order.ticket.ref, "Cancelled")

    def _execute(self, order: FakeOrder, shares: Decimal, price: Decimal | None) -> None:
        if not shares:
            return
        contract, side = order.ticket.contract, order.ticket.side
        at = self.prices[contract.con_id] if price is None else price
        exec_id = ExecId(f"fake.{order.perm_id}.{len(order.fills) + 1:02d}.01")
        fill = Fill(exec_id, shares, at, self.clock.now())
        execution = ExecutionReport(order.ticket.ref, order.perm_id, contract.con_id, side, fill)
        order.fills.append(execution)
        order.status = "Submitted" if order.remaining else "Filled"
        self.holdings[contract.con_id] = self.holdings.get(contract.con_id, Decimal(0)) + side.sign * shares
        worth = shares * contract.multiplier * at
        paid = side.sign * worth + self.commission
        self.cash[contract.currency] = self.cash.get(contract.currency, Decimal(0)) - paid
        if side is Side.SELL:
            self.unsettled[contract.currency] = self.unsettled.get(contract.currency, Decimal(0)) + worth
        for report in (execution, order.status_report()):
            self._tell(report)
        if self.tells_commissions:
            self._tell(self._commission_of(execution))
        self._account_changed()

    def _commission_of(self, execution: ExecutionReport) -> CommissionReport:
        money = Money(self.commission, self.contracts[execution.con_id].currency)
        return CommissionReport(execution.fill.exec_id, money)

    def evidence(self, session_since: datetime | None) -> tuple[Report, ...]:
        """Open orders, completed orders, executions, and the word that this was all."""
        seen = [order for order in self.orders if order.visible]
        reports: list[Report] = []
        for order in seen:
            if order.status in WORKING:
                reports.append(order.status_report())
            else:
                reports.append(CompletedReport(order.ticket.ref, order.perm_id, order.status, order.filled))
            for execution in order.fills:
                reports += [execution, self._commission_of(execution)]
        traces = frozenset(order.ticket.ref for order in seen)
        return (*reports, EvidenceReport(traces, self.clock.now(), session_since))

    def _account_changed(self) -> None:
        for session in self.sessions:
            session.hear_of_account()

    def _alarm(self, alarm: Alarm) -> None:
        for session in self.sessions:
            session.hear_alarm(alarm)

    def _tell(self, report: Report) -> None:
        for session in self.sessions:
            for _ in range(2 if self.repeats_reports else 1):
                session.hear(report)


def stock(
    con_id: int,
    symbol: str,
    *,
    currency: str = "USD",
    lot_size: Decimal = Decimal(1),
    increments: Iterable[tuple[str, str]] = (("0", "0.01"),),
) -> Contract:
    """A stock that takes market and limit orders."""
    return Contract(
        con_id=ConId(con_id),
        symbol=symbol,
        sec_type="STK",
        currency=Currency(currency),
        exchange="SMART",
        primary_exchange="NASDAQ",
        local_symbol=symbol,
        trading_class=symbol,
        long_name=f"{symbol} INC",
        multiplier=Decimal(1),
        lot_size=lot_size,
        price_increments=tuple(PriceIncrement(Decimal(edge), Decimal(step)) for edge, step in increments),
        order_types=frozenset({"MKT", "LMT"}),
    )
