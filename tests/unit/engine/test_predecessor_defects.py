"""What the predecessor did wrong while it applied, by its number in the list of defects: S3, S6, S7, S8 and S9.

Each docstring says what it did. S4 and S5 were about its use of the broker library, and stand over the real adapter in
`tests/simulation/test_predecessor_defects.py`; what a plan can show stands beside the tests of planning.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, TypeVar

import pytest

from reconciler.domain.errors import InvariantBroken
from reconciler.domain.events import BatchEnded, OrderChanged
from reconciler.domain.ids import OrderId, OrderRef
from reconciler.domain.money import Currency, Money
from reconciler.domain.orders import OrderState, OrderTicket, WhatIf
from reconciler.domain.policy import LastAttempt, OrderStyle, PartialFills
from reconciler.domain.run import Outcome, RunResult
from reconciler.domain.unknown import Unknown
from reconciler.engine.reconcile import Reconciliation
from reconciler.simgateway.serving.virtual import run_virtually
from tests.builders import an_emergency, some_limits, some_timeouts
from tests.fakes.broker import FakeBroker, FakeVenue, Reaction
from tests.fakes.clock import LoopClock
from tests.fakes.house import CON_IDS, House, a_venue, an_account

TIMEOUTS = some_timeouts(acknowledgement=timedelta(seconds=5), fill=timedelta(seconds=20))


def a_house(held: dict[str, int], weights: dict[str, str], *, leverage: str = "1", cash: int, **venue: Any) -> House:
    """MSFT costs 500, AAPL 200, NVDA 100. Time goes with the loop."""
    house = House(a_venue(held, cash=cash, clock=LoopClock(), **venue), an_account(weights, leverage=leverage))
    return house.with_policy(timeouts=TIMEOUTS)


def applied(house: House) -> Reconciliation:
    return run_virtually(house.apply_fresh())


def run(house: House) -> RunResult:
    done = applied(house)
    assert done.result is not None, done.refusal
    return done.result


BrokerKind = TypeVar("BrokerKind", bound=FakeBroker)


def run_over(house: House, kind: type[BrokerKind]) -> tuple[RunResult, BrokerKind]:
    """A run over a session of this kind, and that session."""

    async def command() -> tuple[Reconciliation, BrokerKind]:
        session = await house.session()
        house.venue.sessions.clear()
        broker = kind(house.venue)
        await broker.connect()
        return await house.apply_fresh(replace(session, broker=broker)), broker

    done, broker = run_virtually(command())
    assert done.result is not None, done.refusal
    return done.result, broker


def sent(house: House) -> list[tuple[str, str, Decimal]]:
    """Side, symbol and size of each order that arrived, in order."""
    tickets = [order.ticket for order in house.venue.orders]
    return [(each.side.value, each.contract.symbol, each.quantity) for each in tickets]


# ------------------------------------------------------------------------------------------- S3: margin


def test_s3_an_apply_builds_a_leverage_of_1_4_from_cash() -> None:
    """The predecessor wanted the whole worth of all buys, and a fifth more, as funds beforehand: with 100,000 it could
    buy for 80,000."""
    house = a_house({}, {"MSFT": "0.5", "AAPL": "0.5"}, leverage="1.4", cash=100_000)

    result = run(house)

    assert result.outcome is Outcome.APPLIED
    assert house.held == {"MSFT": Decimal(140), "AAPL": Decimal(350), "NVDA": Decimal(0)}
    assert house.venue.gross_position_value == 140_000


def test_s3_what_a_sale_brings_pays_for_what_is_bought_after_it() -> None:
    """The predecessor counted the buys against the funds from before the sales."""
    house = a_house({"NVDA": 1_000}, {"MSFT": "0.99", "NVDA": "0"}, cash=0, margin_rate=Decimal("0.8"))

    result = run(house)

    assert result.outcome is Outcome.APPLIED
    assert sent(house) == [("SELL", "NVDA", Decimal(1_000)), ("BUY", "MSFT", Decimal(198))]


class Asked(FakeBroker):
    """Notes the what-ifs: the symbol, and how many orders had arrived."""

    def __init__(self, venue: FakeVenue) -> None:
        super().__init__(venue)
        self.asked: set[tuple[str, int]] = set()

    async def what_if(self, ticket: OrderTicket) -> WhatIf | Unknown:
        self.asked.add((ticket.contract.symbol, len(self.venue.received)))
        return await super().what_if(ticket)


def test_s3_the_broker_is_asked_what_each_buy_does_to_margin_at_the_time_of_its_batch() -> None:
    """The predecessor never asked."""
    house = a_house({"NVDA": 500}, {"MSFT": "0.5", "AAPL": "0.4", "NVDA": "0"}, cash=50_000)

    _, broker = run_over(house, Asked)

    assert {symbol for symbol, arrived in broker.asked if arrived == 1} == {"MSFT", "AAPL"}


# ------------------------------------------------------------------------------------------- S6: what no target names


def test_s6_a_weight_of_zero_is_sold_what_no_manifest_names_is_left_and_sales_go_first() -> None:
    """The predecessor's batches forgot whatever was no target, so that it was never sold, and mixed sales with buys."""
    house = a_house({"NVDA": 300, "AAPL": 100}, {"MSFT": "0.5", "NVDA": "0"}, cash=50_000)

    done = applied(house)

    assert done.exit_code == 0
    assert [each[:2] for each in sent(house)] == [("SELL", "NVDA"), ("BUY", "MSFT")]
    assert (house.held["NVDA"], house.held["AAPL"]) == (Decimal(0), Decimal(100))
    assert [holding.symbol for holding in done.plan.undeclared] == ["AAPL"]


def test_s6_no_buy_leaves_while_a_sale_still_works() -> None:
    house = a_house({"NVDA": 300}, {"MSFT": "0.5", "NVDA": "0"}, cash=70_000, reactions={"NVDA": Reaction.REST})

    run(house)

    assert [each[:2] for each in sent(house)] == [("SELL", "NVDA")]


# ------------------------------------------------------------------------------------------- S7: attempts, loss, time


def attempting(house: House) -> House:
    return house.with_policy(
        partial_fills=PartialFills(min_ratio=Decimal("0.8"), attempts=3, last_attempt=LastAttempt.REPRICE)
    )


def test_s7_an_order_that_fills_while_it_is_cancelled_is_not_placed_again() -> None:
    """The predecessor cancelled what had not filled in time and placed it anew without waiting for a word: both
    filled."""
    house = a_house({}, {"MSFT": "0.5"}, cash=100_000, reactions={"MSFT": Reaction.REST}, fills_during_cancel=True)

    result = run(attempting(house))

    assert sent(house) == [("BUY", "MSFT", Decimal(100))]
    assert house.held["MSFT"] == 100
    assert [(line.state, line.filled) for line in result.lines] == [(OrderState.FILLED, Decimal(100))]


def test_s7_the_next_attempt_is_for_what_is_left_and_starts_once_the_last_is_confirmed_dead() -> None:
    house = a_house({}, {"MSFT": "0.5"}, cash=100_000, reactions={"MSFT": Reaction.FILL_HALF})
    alive: list[int] = []

    def hear(event: object) -> None:
        if isinstance(event, OrderChanged) and event.state is OrderState.SUBMITTED:
            alive.append(sum(order.status == "Submitted" for order in house.venue.orders[:-1]))

    house.sink.hears = hear
    run(attempting(house))

    assert [size for _, _, size in sent(house)] == [Decimal(100), Decimal(50), Decimal(25)]
    assert alive == [0, 0, 0]
    assert len(set(house.venue.received)) == 3


def test_s7_where_enough_is_filled_the_rest_does_not_work_on() -> None:
    """The predecessor took four fifths for done, and left the rest of the order at the market."""
    house = a_house({}, {"MSFT": "0.5"}, cash=100_000, reactions={"MSFT": Reaction.FILL_HALF}).with_policy(
        partial_fills=PartialFills(min_ratio=Decimal("0.5"), attempts=1, last_attempt=LastAttempt.REPRICE)
    )

    result = run(house)

    assert result.outcome is Outcome.APPLIED
    assert [order.status for order in house.venue.orders] == ["Cancelled"]
    assert house.held["MSFT"] == 50


class Noting(FakeBroker):
    """Notes each cancel that is asked for without a connection."""

    def __init__(self, venue: FakeVenue) -> None:
        super().__init__(venue)
        self.into_nothing: list[OrderRef] = []

    async def cancel(self, ref: OrderRef) -> None:
        if self not in self.venue.sessions:
            self.into_nothing.append(ref)
        await super().cancel(ref)


def test_s7_no_cancel_goes_into_a_connection_that_is_lost() -> None:
    """The predecessor sent its cancels into the socket that had just died."""
    house = a_house({}, {"MSFT": "0.5", "AAPL": "0.4"}, cash=100_000, reactions=dict.fromkeys(CON_IDS, Reaction.REST))

    def lose_it(event: object) -> None:
        if isinstance(event, OrderChanged) and event.state is OrderState.WORKING and len(house.venue.orders) == 2:
            house.sink.hears = lambda _event: None
            asyncio.get_running_loop().call_soon(house.venue.break_connections)

    house.sink.hears = lose_it
    result, broker = run_over(house, Noting)

    assert broker.into_nothing == []
    assert [order.status for order in house.venue.orders] == ["Cancelled", "Cancelled"]
    assert {line.state for line in result.lines} == {OrderState.CANCELLED}


def test_s7_the_watchdog_leaves_no_order_behind_and_the_process_alive() -> None:
    """The predecessor's ended the process at once, whatever worked at the broker."""
    house = a_house({}, {"MSFT": "0.5"}, cash=100_000, reactions={"MSFT": Reaction.REST}).with_policy(
        timeouts=replace(TIMEOUTS, run=timedelta(seconds=7), fill=timedelta(hours=1))
    )

    result = run(house)

    assert [order.status for order in house.venue.orders] == ["Cancelled"]
    assert house.recorder.results == [result]
    assert result.ended - result.started < timedelta(seconds=20)


# ------------------------------------------------------------------------------------------- S8: names, books, reports


def test_s8_each_order_carries_its_own_reference_and_is_in_the_journal_before_it_leaves() -> None:
    """The predecessor's orders had no reference, and it kept no book of them."""
    house = a_house({"NVDA": 300}, {"MSFT": "0.5", "AAPL": "0.4", "NVDA": "0"}, cash=70_000)

    class Checked(FakeBroker):
        async def place(self, ticket: OrderTicket, order_id: OrderId, intend: Callable[[], None]) -> None:
            def intended() -> None:
                intend()
                (begun,) = house.journal.unfinished_runs(house.account.name)
                assert ticket.ref in {intent.ref for intent in house.journal.intents(begun.id)}

            await super().place(ticket, order_id, intended)

    run_over(house, Checked)

    assert len(set(house.venue.received)) == len(house.venue.received) == 3
    assert all(ref.startswith("folioctl:") for ref in house.venue.received)


def test_s8_the_commission_in_the_result_is_the_brokers() -> None:
    """The predecessor's was always zero."""
    house = a_house({}, {"MSFT": "0.5", "AAPL": "0.4"}, cash=100_000, commission=Decimal("2.35"))

    assert {line.commission for line in run(house).lines} == {Money(Decimal("2.35"), Currency("USD"))}


def test_s8_a_batch_that_would_cross_the_leverage_limit_is_not_sent() -> None:
    """The predecessor looked at leverage after the batch. Here equity falls between two batches."""
    house = a_house({"NVDA": 300}, {"MSFT": "0.5", "AAPL": "0.5", "NVDA": "0"}, leverage="1.4", cash=70_000)

    def fall(event: object) -> None:
        if isinstance(event, BatchEnded):
            house.venue.cash[Currency("USD")] -= 25_000

    house.sink.hears = fall
    result = run(house)

    assert [each[0] for each in sent(house)] == ["SELL"]
    assert any("everage" in message for message in result.messages), result.messages


@pytest.mark.parametrize("reaction", list(Reaction))
def test_s8_a_report_is_written_whatever_becomes_of_the_orders(reaction: Reaction) -> None:
    """The predecessor wrote its snapshot after a success alone."""
    house = a_house({}, {"MSFT": "0.5", "AAPL": "0.4"}, cash=100_000, reactions={"AAPL": reaction})

    result = run(house)

    assert house.recorder.results == [result]
    assert {str(line.instrument) for line in result.lines} == {"MSFT", "AAPL"}


def test_s8_a_broken_invariant_is_an_error_and_not_swallowed_and_the_report_is_written_all_the_same() -> None:
    """The predecessor caught every error, those of its own data among them, and went on."""
    house = a_house({}, {"MSFT": "0.5"}, cash=100_000)

    def break_it(event: object) -> None:
        if isinstance(event, OrderChanged):
            raise InvariantBroken("a fill for more than was ordered")

    house.sink.hears = break_it
    with pytest.raises(InvariantBroken, match="more than was ordered"):
        run(house)

    assert [result.outcome for result in house.recorder.results] == [Outcome.UNRESOLVED]
    assert house.journal.unfinished_runs(house.account.name)


# ------------------------------------------------------------------------------------------- S9: the emergency


def in_an_emergency(**policy: Any) -> House:
    """2,500 NVDA at 100, of which 150,000 are borrowed: leverage 2.5, an emergency from 2 on; the target is 1.2."""
    house = House(a_venue({"NVDA": 2_500}, cash=-150_000, clock=LoopClock()), an_account({"NVDA": "1"}))
    limits = some_limits(emergency=an_emergency(limit_offset=Decimal("0.03")))
    return replace(house, account=replace(house.account, limits=limits)).with_policy(timeouts=TIMEOUTS, **policy)


def test_s9_an_emergency_goes_by_limits_where_the_policy_says_so_and_sells_what_it_must() -> None:
    """The predecessor sent market orders for everything that was held."""
    house = in_an_emergency(order_style=OrderStyle.LIMIT)

    run(house)

    (order,) = house.venue.orders
    assert (order.ticket.order_type, order.ticket.quantity) == ("LMT", Decimal(1_300))
    assert order.ticket.limit_price is not None


def test_s9_it_waits_for_the_fill_and_not_by_the_clock() -> None:
    """The predecessor slept 30 times for a second, whenever the fill came, and gave up after that."""
    for delay in (0.25, 90):
        house = in_an_emergency().with_policy(timeouts=replace(TIMEOUTS, fill=timedelta(minutes=2)))
        house.venue.reactions["NVDA"] = Reaction.REST
        filled_at: list[float] = []

        def fill(event: object, house: House = house, delay: float = delay, at: list[float] = filled_at) -> None:
            if isinstance(event, OrderChanged) and event.state is OrderState.WORKING and not at:
                loop = asyncio.get_running_loop()
                at.append(loop.time() + delay)
                loop.call_at(at[0], house.venue.fill, house.venue.received[0])

        house.sink.hears = fill
        result = run(house)

        assert result.outcome is Outcome.APPLIED
        assert timedelta(seconds=delay) <= result.ended - result.started <= timedelta(seconds=delay + 1)


@pytest.mark.parametrize("reaction", list(Reaction))
def test_s9_it_ends_in_a_result_whatever_becomes_of_its_orders(reaction: Reaction) -> None:
    """On one of its ways the predecessor's reduction used a variable that nothing had set."""
    house = in_an_emergency()
    house.venue.reactions["NVDA"] = reaction

    result = run(house)

    assert house.recorder.results == [result]
    filled = sum((line.filled for line in result.lines), Decimal(0))
    assert house.held["NVDA"] == 2_500 - filled or result.outcome is Outcome.UNRESOLVED
