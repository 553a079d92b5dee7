"""A run batch by batch: what is cancelled first, how many orders work at once, what waits for what, and the limits."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler import planfile
from reconciler.domain.account import QuoteType, Side, WorkingOrder
from reconciler.domain.contract import CURRENCY_PAIR
from reconciler.domain.desired import CurrencyFunding, ForeignOrders
from reconciler.domain.ids import ConId, OrderId
from reconciler.domain.money import Currency
from reconciler.domain.orders import OrderTicket
from reconciler.domain.policy import OnBlocked
from reconciler.domain.run import Outcome, RunResult
from reconciler.engine.propose import propose
from reconciler.engine.reconcile import apply_saved
from reconciler.simgateway.serving.virtual import run_virtually
from tests.builders import a_portfolio, a_working_order, an_account_spec, an_emergency, some_limits, some_timeouts
from tests.fakes.broker import FakeOrder, FakeVenue, Reaction, stock
from tests.fakes.clock import SteppedClock
from tests.fakes.house import CON_IDS, House, a_venue, an_account, by_a_person

USD, CAD = Currency("USD"), Currency("CAD")
THREE = {"MSFT": "0.4", "AAPL": "0.3", "NVDA": "0.3"}


def run(house: House) -> RunResult:
    return run_virtually(house.plan_and_apply())


def on(house: House, name: str, act: Callable[[], object]) -> None:
    """Do something at each event of this name."""

    def watch(event: object) -> None:
        if type(event).__name__ == name:
            act()

    house.sink.hears = watch


# ----------------------------------------------------------------------------------------------- cancellations first

THEIRS = a_working_order("MSFT", Side.BUY, 5, con_id=CON_IDS["MSFT"], order_id=OrderId(71))
ELSEWHERE = a_working_order("TSLA", Side.BUY, 5, perm_id=THEIRS.perm_id + 1, order_id=OrderId(72))


def a_house_of_others(*orders: WorkingOrder, **changes: Any) -> House:
    account = an_account(foreign_orders=ForeignOrders.CANCEL)
    house = House(a_venue(foreign_orders=list(orders), **changes), account)
    return house.with_policy(timeouts=some_timeouts(acknowledgement=timedelta(seconds=10)))


def test_what_is_cancelled_first_is_gone_before_the_first_batch() -> None:
    house, left = a_house_of_others(THEIRS, ELSEWHERE), list[list[WorkingOrder]]()
    on(house, "BatchStarted", lambda: left.append(list(house.venue.foreign_orders)))

    assert run(house).outcome is Outcome.APPLIED

    assert left == [[ELSEWHERE]], "an order on what no line declares is nobody's business here"


def test_nothing_is_sent_while_what_is_cancelled_first_still_works() -> None:
    house = a_house_of_others(THEIRS, keeps_foreign_orders=True)

    result = run(house)

    assert (result.outcome, house.venue.received) == (Outcome.BLOCKED, [])
    assert result.messages[0] == "not cancelled: BUY 5 MSFT MKT (client 7) still works"
    assert not house.journal.unfinished_runs(house.account.name)


def test_what_fills_before_its_cancel_makes_the_plan_stale() -> None:
    house = a_house_of_others(THEIRS)

    def fill() -> None:
        house.venue.holdings[CON_IDS["MSFT"]] = Decimal(5)

    on(house, "Notice", fill)
    result = run(house)

    assert (result.outcome, house.venue.received) == (Outcome.STALE, [])
    assert "MSFT: 5 held, 0 expected" in " ".join(result.messages)


# ------------------------------------------------------------------------------------------------------ at once


@dataclass
class SlowVenue(FakeVenue):
    """Every order works for two seconds before it fills."""

    peak: int = 0

    def receive(self, ticket: OrderTicket, client_id: int, order_id: OrderId, reaction: Reaction) -> None:
        super().receive(ticket, client_id, order_id, Reaction.REST)
        self.peak = max(self.peak, sum(order.status == "Submitted" for order in self.orders))
        if reaction is not Reaction.REST:
            asyncio.get_running_loop().call_later(2, self.fill, ticket.ref)


def a_slow_house(most: int, **reactions: Reaction) -> tuple[House, SlowVenue]:
    plain = a_venue()
    venue = SlowVenue(plain.clock, plain.contracts, plain.prices, plain.cash, reactions=reactions)
    return House(venue, an_account(THREE)).with_policy(max_parallel_orders=most), venue


@pytest.mark.parametrize(("most", "peak"), [(1, 1), (2, 2), (3, 3), (5, 3), (0, 3)])
def test_no_more_orders_work_at_once_than_the_policy_says(most: int, peak: int) -> None:
    house, venue = a_slow_house(most)

    assert run(house).outcome is Outcome.APPLIED

    assert (venue.peak, len(venue.received)) == (peak, 3)


def test_behind_an_order_that_does_not_end_no_other_is_sent() -> None:
    house, venue = a_slow_house(1, MSFT=Reaction.REST)

    result = run(house)

    assert result.outcome is Outcome.PARTIALLY_APPLIED
    assert [(order.ticket.contract.symbol, order.status) for order in venue.orders] == [("MSFT", "Cancelled")]


def test_a_stop_while_it_waits_for_room_sends_nothing_more() -> None:
    house, venue = a_slow_house(1)

    async def stopped() -> RunResult:
        session = await house.session()
        asyncio.get_running_loop().call_later(1, session.stop.ask, "SIGINT")
        return await house.plan_and_apply(session)

    result = run_virtually(stopped())

    assert result.outcome is Outcome.INTERRUPTED
    assert len(venue.received) == 1


# -------------------------------------------------------------------------------------------------- currency first

PAIR = ConId(200)


@dataclass
class ExchangingVenue(FakeVenue):
    """An order in a pair moves two balances and is no holding. `paid_from` is what was there when each order came."""

    paid_from: list[tuple[str, Side, Mapping[Currency, Decimal]]] = field(default_factory=list)
    haircut: Decimal = Decimal(0)
    """Of what is exchanged: the part that the broker asks margin for."""

    def exposure(self, con_id: ConId, quantity: Decimal) -> Decimal:
        return super().exposure(con_id, quantity) * (self.haircut if con_id == PAIR else 1)

    def receive(self, ticket: OrderTicket, client_id: int, order_id: OrderId, reaction: Reaction) -> None:
        self.paid_from.append((ticket.contract.symbol, ticket.side, dict(self.cash)))
        super().receive(ticket, client_id, order_id, reaction)

    def _execute(self, order: FakeOrder, shares: Decimal, price: Decimal | None) -> None:
        super()._execute(order, shares, price)
        if order.ticket.contract.sec_type == CURRENCY_PAIR:
            first = Currency(order.ticket.contract.symbol)
            self.cash[first] = self.cash.get(first, Decimal(0)) + self.holdings.pop(PAIR, Decimal(0))


def a_canadian_house(
    weights: dict[str, str], held: dict[str, int] | None = None, *, cash: int = 250_000, **venue: Any
) -> tuple[House, ExchangingVenue]:
    """It owns Canadian dollars, and its shares are in American ones, at 1.25."""
    plain = a_venue(held)
    pair = replace(
        stock(PAIR, "USD", currency="CAD", lot_size=Decimal("0.01")), sec_type=CURRENCY_PAIR, exchange="IDEALPRO"
    )
    made = ExchangingVenue(
        SteppedClock(step=timedelta(milliseconds=1)),
        {**plain.contracts, PAIR: pair},
        {**plain.prices, PAIR: Decimal("1.25")},
        {CAD: Decimal(cash), USD: Decimal(0)},
        holdings=plain.holdings,
        base_currency=CAD,
        rates={USD: Decimal("1.25")},
        **venue,
    )
    limits = some_limits(max_order_notional=Decimal(10**6))
    spec = an_account_spec(portfolio=a_portfolio(weights), base_currency=CAD, limits=limits)
    return House(made, spec), made


def test_the_dollars_are_there_before_the_buy_that_needs_them_is_sent() -> None:
    house, venue = a_canadian_house({"MSFT": "0.5"})

    assert run(house).outcome is Outcome.APPLIED

    assert [(symbol, side) for symbol, side, _ in venue.paid_from] == [("USD", Side.BUY), ("MSFT", Side.BUY)]
    assert venue.paid_from[1][2][USD] == 100_000
    assert venue.holdings == {CON_IDS["MSFT"]: Decimal(200)}


def test_a_margin_that_the_broker_asks_for_foreign_cash_does_not_hold_the_exchange_up() -> None:
    """Nothing is held yet, so that there is a margin and no exposure: no leverage liquidates the account."""
    house, venue = a_canadian_house({"MSFT": "0.5"}, haircut=Decimal("0.1"))

    assert run(house).outcome is Outcome.APPLIED
    assert venue.holdings == {CON_IDS["MSFT"]: Decimal(200)}


def test_sales_come_before_the_exchange_and_the_exchange_before_the_buys() -> None:
    house, venue = a_canadian_house({"MSFT": "0.6", "NVDA": "0"}, {"NVDA": 400}, cash=50_000)

    assert run(house).outcome is Outcome.APPLIED

    assert [(symbol, side) for symbol, side, _ in venue.paid_from] == [
        ("NVDA", Side.SELL),
        ("USD", Side.BUY),
        ("MSFT", Side.BUY),
    ]


@pytest.mark.parametrize("reaction", [Reaction.REST, Reaction.REJECT, Reaction.FILL_HALF])
@pytest.mark.parametrize("on_blocked", OnBlocked)
def test_without_the_whole_exchange_nothing_is_bought(reaction: Reaction, on_blocked: OnBlocked) -> None:
    house, venue = a_canadian_house({"MSFT": "0.5"}, reactions={"USD": reaction})

    result = run(house.with_policy(on_blocked=on_blocked))

    assert result.outcome is Outcome.PARTIALLY_APPLIED
    assert [symbol for symbol, _, _ in venue.paid_from] == ["USD"]


@pytest.mark.parametrize("since", ["the plan", "the run's start"])
def test_where_the_exchange_may_not_be_priced_nothing_is_bought_on_credit(since: str) -> None:
    """Other lines may proceed, but the policy says that what pays is exchanged and not lent."""
    house, venue = a_canadian_house({"MSFT": "0.5"})
    house = house.with_policy(on_blocked=OnBlocked.CONTINUE)
    assert house.account.currency_funding is CurrencyFunding.CONVERT

    def delay() -> None:
        venue.quote_types["USD"] = QuoteType.DELAYED

    if since == "the plan":
        delay()
    on(house, "RunStarted", delay)

    run_virtually(house.apply_fresh())

    assert [symbol for symbol, _, _ in venue.paid_from] == []
    assert venue.cash[USD] >= 0


# ------------------------------------------------------------------------------------------------------------ limits


def a_house_in_two_batches(**limits: Any) -> House:
    """It sells NVDA for 30,000 and buys MSFT and AAPL to leverage 1.2."""
    account = an_account({"MSFT": "0.5", "AAPL": "0.5", "NVDA": "0"}, limits=some_limits(**limits))
    return House(a_venue({"NVDA": 300}, cash=70_000), account)


@pytest.mark.parametrize("since", ["the plan", "the run's start"])
def test_promise_6_where_a_sell_is_left_out_what_it_was_to_make_room_for_waits(since: str) -> None:
    """Other lines may proceed, but not on the room that a line was to make which does not."""
    house = a_house_in_two_batches().with_policy(on_blocked=OnBlocked.CONTINUE)

    def delay() -> None:
        house.venue.quote_types["NVDA"] = QuoteType.DELAYED

    on(house, "RunStarted", delay)

    async def command() -> RunResult | None:
        session = await house.session()
        plan = await propose(session)
        if since == "the plan":
            delay()
        return (await apply_saved(session, plan, planfile.write(plan, tool="test"), approve=by_a_person)).result

    result = run_virtually(command())

    assert house.venue.received == []
    assert result is not None
    assert "MSFT: NVDA, which was to make room for it, was left out" in [line.detail for line in result.lines]


def withdraw(house: House, amount: int) -> None:
    house.venue.cash[USD] -= amount


def test_limits_are_held_against_the_account_as_each_batch_finds_it() -> None:
    """A fifth of the account is withdrawn between the batches: what was to be leverage 1.2 would be 1.5."""
    house = a_house_in_two_batches(max_leverage=Decimal("1.3"))
    on(house, "BatchEnded", lambda: withdraw(house, 20_000))

    result = run(house)

    assert result.outcome is Outcome.PARTIALLY_APPLIED
    assert len(house.venue.received) == 1
    assert "batch 2 was not started: maxLeverage: leverage would be 1.50, above the limit" in result.messages


def test_what_stays_within_the_limits_goes_on() -> None:
    house = a_house_in_two_batches(max_leverage=Decimal("1.3"))
    on(house, "BatchEnded", lambda: withdraw(house, 2_000))

    assert run(house).outcome is Outcome.APPLIED


def test_nothing_is_bought_once_leverage_is_an_emergencys() -> None:
    """80,000 of AAPL stay; half of the account is withdrawn between the batches."""
    house = a_house_that_keeps_apples(emergency=an_emergency(leverage=Decimal("1.5")))
    on(house, "BatchEnded", lambda: withdraw(house, 50_000))

    result = run(house)

    assert len(house.venue.received) == 1
    assert "batch 2 was not started: emergencyLeverage" in " ".join(result.messages)


def test_nothing_is_bought_once_the_cushion_is_below_the_emergencys() -> None:
    """From between the batches on the broker asks 95 % of AAPL as margin: the cushion is 24 %, and 25 % bound it."""
    house = a_house_that_keeps_apples(emergency=an_emergency(cushion=Decimal("0.25")))

    def raise_margin() -> None:
        house.venue.margin_rate = Decimal("0.95")

    on(house, "BatchEnded", raise_margin)
    run(house)

    assert [order.ticket.contract.symbol for order in house.venue.orders] == ["NVDA"]


def a_house_that_keeps_apples(**limits: Any) -> House:
    """It holds AAPL for 80,000, which is its target, sells NVDA for 20,000 and buys MSFT for 6,000."""
    wide = {"max_leverage": Decimal(5), "max_position_weight": Decimal(5)}
    account = an_account(
        {"AAPL": "0.8", "MSFT": "0.06", "NVDA": "0"}, leverage="1", limits=some_limits(**wide, **limits)
    )
    return House(a_venue({"AAPL": 400, "NVDA": 200}, cash=0), account)


def test_what_was_sent_before_counts_towards_the_turnover_of_the_run() -> None:
    """30,000 are sold before 120,000 are bought: 1.5 of net liquidation, and a little more once some was withdrawn."""
    house = a_house_in_two_batches(max_turnover=Decimal("1.5"), max_leverage=Decimal(5))
    on(house, "BatchEnded", lambda: withdraw(house, 2_000))

    result = run(house)

    assert len(house.venue.received) == 1
    assert "batch 2 was not started: maxTurnover" in " ".join(result.messages)


def test_what_reduces_risk_is_not_held_up_by_a_limit_that_is_crossed_already() -> None:
    """Leverage 1.6, above its limit; NVDA is sold, and nothing is bought."""
    house = House(
        a_venue({"NVDA": 1_600}, cash=-60_000),
        an_account({"NVDA": "1"}, limits=some_limits(max_leverage=Decimal("1.5"))),
    )

    assert run(house).outcome is Outcome.APPLIED
    assert house.venue.holdings[CON_IDS["NVDA"]] == 1_200


def test_an_account_that_ends_outside_its_limits_is_told_of_it() -> None:
    house = a_house_in_two_batches(max_leverage=Decimal("1.3"))
    ended: list[int] = []

    def withdraw_at_last() -> None:
        ended.append(1)
        if len(ended) == 2:
            withdraw(house, 20_000)

    on(house, "BatchEnded", withdraw_at_last)
    result = run(house)

    assert result.outcome is Outcome.APPLIED
    assert "after the run, leverage is 1.50, maxLeverage is 1.30" in result.messages
