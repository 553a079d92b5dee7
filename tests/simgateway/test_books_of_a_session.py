"""Whatever a session does, the books hold: trades of every kind, days that end, dividends, splits, moving prices.

The machine trades over the wire. Beside it the test keeps its own account of what was paid, in plain sums.
"""

import asyncio
from collections import defaultdict
from decimal import Decimal
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from reconciler.simgateway.books.corporate import Dividend, Ratio
from reconciler.simgateway.books.ledger import Book, Ledger, Position, Posting
from reconciler.simgateway.books.settlement import broker_day
from reconciler.simgateway.margin import figures
from reconciler.simgateway.market.market import Market
from reconciler.simgateway.statements import balances
from tests.simgateway.lab import ACCOUNT, Bench, order, say, turns

TEXT = """
smooth: true
accounts:
  DU1000001:
    cash: {USD: 400000.00, EUR: -20000.00}
    exchange_rates: {GBP: 1.30}
    positions: {MSFT: {quantity: 60, average_cost: 400.00}, SAP: {quantity: -30}}
    accruals: {EUR: -3.21}
interest: {loan: {USD: 0.06, EUR: 0.05, GBP: 0.07}, credit: {USD: 0.03}}
pacing: {messages_per_second: 0}
instruments:
  MSFT: {con_id: 1, name: MICROSOFT, primary_exchange: NASDAQ, last: 500.00, spread: 0.02}
  SAP: {con_id: 2, name: SAP, currency: EUR, primary_exchange: IBIS, last: 200.00, spread: 0.04}
  EUR.USD:
    con_id: 3
    symbol: EUR
    security_type: CASH
    name: EUR.USD
    primary_exchange: IDEALPRO
    valid_exchanges: [IDEALPRO]
    last: 1.1000
    spread: 0.0002
    market_rule: 239
    order_types: [LMT, MKT]
  EUR.GBP:
    con_id: 4
    symbol: EUR
    currency: GBP
    security_type: CASH
    name: EUR.GBP
    primary_exchange: IDEALPRO
    valid_exchanges: [IDEALPRO]
    last: 0.8500
    spread: 0.0002
    market_rule: 239
    order_types: [LMT, MKT]
  MES:
    con_id: 5
    security_type: FUT
    name: MICRO E-MINI
    primary_exchange: CME
    valid_exchanges: [CME]
    multiplier: 5
    expiry: 2026-12-18
    last: 5000.00
    spread: 0.50
    order_types: [LMT, MKT]
  MSFT.C:
    con_id: 7
    security_type: OPT
    name: A CALL ON MICROSOFT
    underlying: MSFT
    expiry: 2026-12-18
    strike: 520
    right: C
    last: 28.50
    spread: 0.20
  BTC:
    con_id: 6
    security_type: CRYPTO
    name: BITCOIN
    primary_exchange: PAXOS
    valid_exchanges: [PAXOS]
    last: 60000.00
    spread: 1.00
    lots: {minimum: 0.00000001, increment: 0.00000001, suggested: 1}
    order_types: [LMT, MKT]
market_rules:
  239:
    - {low_edge: 0, increment: 0.00005}
"""

SIZES = {
    "MSFT": st.integers(1, 90),
    "SAP": st.integers(1, 90),
    "EUR.USD": st.integers(1, 40).map(lambda thousands: thousands * 1000),
    "EUR.GBP": st.integers(1, 40).map(lambda thousands: thousands * 1000),
    "MES": st.integers(1, 5),
    "MSFT.C": st.integers(1, 9),
    "BTC": st.decimals("0.001", "0.5", places=8),
}
RATIOS = (Ratio(Decimal(2), Decimal(1)), Ratio(Decimal(3), Decimal(2)), Ratio(Decimal(1), Decimal(7)))


class Session(RuleBasedStateMachine):
    """One client, one account, and everything that can move its books."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.in_loop(self._start)
        self.order_id = 0
        self.con_ids = {"MSFT": 1, "SAP": 2, "EUR.USD": 3, "EUR.GBP": 4, "MES": 5, "BTC": 6, "MSFT.C": 7}
        self.paid: dict[str, Decimal] = defaultdict(Decimal, {"USD": Decimal(400_000), "EUR": Decimal(-20_000)})
        self.held: dict[str, Decimal] = defaultdict(Decimal, {"MSFT": Decimal(60), "SAP": Decimal(-30)})

    def in_loop(self, action: Any) -> None:
        """Do something that may ask the loop for its next turn, and turn it."""

        async def run() -> None:
            action()
            await turns(8)

        self.loop.run_until_complete(run())

    def _start(self) -> None:
        self.bench = Bench(TEXT)
        self.session, self.wire = self.bench.client()
        # Nobody listens to the account's values, and working them out every three minutes would take all the time.
        self.bench.broker.reporting.stop()

    def teardown(self) -> None:
        self.in_loop(self.bench.broker.stop)
        self.loop.close()

    @property
    def ledger(self) -> Ledger:
        return self.bench.broker.ledgers[ACCOUNT]

    @property
    def market(self) -> Market:
        return self.bench.broker.market

    def worth(self) -> Decimal:
        return figures(self.ledger, self.market).net_liquidation

    def value(self, name: str, shares: Decimal) -> Decimal:
        """What shares are worth in base currency: at the mark, or, in a pair, what its base currency is."""
        instrument, mark = (
            self.market.listing(self.con_ids[name]).instrument,
            self.market.quote(self.con_ids[name]).mark,
        )
        if instrument.is_currency_pair:
            return shares * self.ledger.rate(instrument.symbol)
        return shares * mark * instrument.multiplier * self.ledger.rate(instrument.currency)

    @rule(data=st.data(), name=st.sampled_from(sorted(SIZES)), action=st.sampled_from(["BUY", "SELL"]))
    def trade(self, data: st.DataObject, name: str, action: str) -> None:
        """An order fills at the touch: net liquidation pays the commission and the way from the mark, no more."""
        quote, instrument = self.market.quote(self.con_ids[name]), self.market.listing(self.con_ids[name]).instrument
        before, entered = self.worth(), len(self.ledger.postings)
        self.order_id += 1
        limit = quote.ask if action == "BUY" else quote.bid
        fields = order(self.con_ids[name], action, data.draw(SIZES[name]), "LMT", limit=limit)
        self.in_loop(lambda: say(self.session, 3, self.order_id, *fields))
        placed = self.bench.broker.book.get(1, self.order_id)
        assert placed is not None, self.wire.errors()
        for fill in placed.executions:
            signed = fill.shares * placed.terms.signed
            value = signed * fill.price * instrument.multiplier
            self.held[name] += signed
            self.paid[instrument.currency] -= value
            self.paid[fill.commission_currency] -= fill.commission
            paid = value * self.ledger.rate(instrument.currency)
            fee = fill.commission * self.ledger.rate(fill.commission_currency)
            assert abs(self.worth() - (before + self.value(name, signed) - paid - fee)) < Decimal("1e-9")
            if not instrument.is_currency_pair:
                assert_adds_up(self.ledger.postings[entered:], fill.realized or Decimal(0))

    @rule(name=st.sampled_from(sorted(SIZES)), percent=st.integers(90, 110))
    def price_moves(self, name: str, percent: int) -> None:
        con_id = self.con_ids[name]
        rule = self.market.listing(con_id).instrument.market_rule
        exact = self.market.quote(con_id).mark * percent / 100
        price = max((exact / rule.finest).to_integral_value() * rule.finest, rule.finest * 200)
        self.in_loop(lambda: self.bench.broker.move_prices({con_id: {"last": price}}))

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.in_loop(lambda: self.bench.clock.step(hours * 3600.0))

    @rule(name=st.sampled_from(["MSFT", "SAP"]), per_share=st.decimals("0.001", "3", places=3), days=st.integers(0, 3))
    def goes_ex_dividend(self, name: str, per_share: Decimal, days: int) -> None:
        currency = {"MSFT": "USD", "SAP": "EUR"}[name]
        before = self.worth()
        dividend = Dividend(self.con_ids[name], per_share, currency)
        self.in_loop(lambda: self.bench.broker.bookkeeping.dividend(dividend, days))
        expected = (self.held[name] * per_share).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        self.paid[currency] += expected
        assert abs(self.worth() - before - expected * self.ledger.rate(currency)) < Decimal("1e-9")

    @rule(name=st.sampled_from(["MSFT", "SAP"]), ratio=st.sampled_from(RATIOS), moves=st.booleans())
    def splits(self, name: str, ratio: Ratio, moves: bool) -> None:
        old, new = self.con_ids[name], max(self.con_ids.values()) + 1 if moves else self.con_ids[name]
        cost = self.ledger.position(old).cost
        entered = len(self.ledger.postings)
        self.in_loop(lambda: self.bench.broker.bookkeeping.split(old, ratio, new))
        self.con_ids[name] = new
        exact = self.held[name] * ratio.new / ratio.old
        whole = Decimal(int(exact))
        fraction = ((exact - whole) * self.market.quote(new).mark).quantize(Decimal("0.01"), "ROUND_HALF_UP")
        currency = self.market.listing(new).instrument.currency
        self.paid[currency] += fraction
        self.held[name] = whole
        if exact == whole:
            assert self.ledger.position(new).cost == cost
        realized = sum((each.realized for each in self.ledger.postings[entered:]), Decimal(0))
        assert_adds_up(self.ledger.postings[entered:], realized)

    @invariant()
    def every_book_is_the_sum_of_its_postings(self) -> None:
        books: dict[str, dict[Any, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        positions: dict[tuple[Book, int], Position] = defaultdict(Position)
        for posting in self.ledger.postings:
            books["cash"][posting.currency] += posting.cash
            books["interest"][posting.currency] += posting.interest
            books["dividends"][posting.currency] += posting.dividends
            held = positions[posting.book, posting.con_id]
            positions[posting.book, posting.con_id] = Position(
                held.quantity + posting.shares,
                held.cost + posting.cost,
                held.realized + posting.realized,
                held.settled_value + posting.settled_value,
            )
        for book, amounts in books.items():
            kept = getattr(self.ledger, book)
            assert {each: amount for each, amount in amounts.items() if amount} == {
                each: amount for each, amount in kept.items() if amount
            }
        for (book, con_id), position in positions.items():
            if con_id:
                kept = self.ledger.positions if book is Book.HOLDINGS else self.ledger.virtual
                assert kept[con_id] == position

    @invariant()
    def what_is_held_is_what_was_traded(self) -> None:
        for name, con_id in self.con_ids.items():
            assert self.ledger.position(con_id).quantity == self.held[name]
        assert set(self.ledger.held()) <= set(self.con_ids.values())

    @invariant()
    def net_liquidation_is_what_was_paid_and_what_is_held(self) -> None:
        """Variation, settlement and accruals move money between books, and never make any."""
        total = Decimal(0)
        for currency, amount in self.paid.items():
            total += amount * self.ledger.rate(currency)
        for posting in self.ledger.postings:
            earned = posting.interest if not posting.cash else Decimal(0)
            total += earned * self.ledger.rate(posting.currency)
        for name in self.con_ids:
            total += self.value(name, self.held[name])
        assert abs(self.worth() - total) < Decimal("1e-8")

    @invariant()
    def the_rows_by_currency_add_up_to_net_liquidation(self) -> None:
        by_currency = balances.balances(self.ledger, self.market)
        total = sum((each.net_liquidation * self.ledger.rate(name) for name, each in by_currency.items()), Decimal(0))
        assert abs(total - self.worth()) < Decimal("1e-9")

    @invariant()
    def settled_cash_is_all_but_the_proceeds_still_to_come(self) -> None:
        today = broker_day(self.bench.clock.now())
        for currency, amount in self.ledger.cash.items():
            waiting = [
                each.cash
                for each in self.ledger.postings
                if each.currency == currency and each.settles and each.settles > today
            ]
            assert self.ledger.settled(currency) == amount - sum(waiting)
            assert all(cash > 0 for cash in waiting)


def assert_adds_up(postings: list[Posting], realized: Decimal) -> None:
    """What an event adds to the account at cost is the profit it realized, and what it earned."""
    added = sum((each.cash + each.cost - each.settled_value for each in postings), Decimal(0))
    assert abs(added - realized) < Decimal("1e-9")
    assert abs(sum((each.realized for each in postings), Decimal(0)) - realized) < Decimal("1e-9")


Session.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestSession = Session.TestCase
