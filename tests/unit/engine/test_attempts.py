"""Orders that are filled in part: what counts as done, what is attempted again, and what never is."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.account import QuoteType
from reconciler.domain.contract import PriceIncrement
from reconciler.domain.events import OrderChanged
from reconciler.domain.orders import OrderState
from reconciler.domain.policy import LastAttempt, OnBlocked, OrderStyle, PartialFills
from reconciler.domain.run import Outcome, RunResult
from reconciler.simgateway.serving.virtual import run_virtually
from tests.builders import a_halt, some_timeouts
from tests.fakes.broker import Reaction, Read
from tests.fakes.clock import LoopClock
from tests.fakes.house import CON_IDS, House, a_venue, an_account


def a_house(reaction: Reaction, *, attempts: int = 3, last: LastAttempt = LastAttempt.REPRICE, **policy: Any) -> House:
    """It buys 120 MSFT, which the venue treats so, and then nothing else."""
    venue = a_venue(clock=LoopClock(), reactions={"MSFT": reaction})
    contract = venue.contracts[CON_IDS["MSFT"]]
    steps = (PriceIncrement(Decimal(0), Decimal("0.01")),)
    venue.contracts[CON_IDS["MSFT"]] = replace(contract, order_types=frozenset({"MKT", "LMT"}), price_increments=steps)
    house = House(venue, an_account({"MSFT": "0.5"}))
    partial = PartialFills(min_ratio=Decimal("0.8"), attempts=attempts, last_attempt=last)
    return house.with_policy(partial_fills=partial, timeouts=some_timeouts(fill=timedelta(seconds=5)), **policy)


def run(house: House) -> RunResult:
    return run_virtually(house.plan_and_apply())


def sizes(house: House) -> list[Decimal]:
    return [order.ticket.quantity for order in house.venue.orders]


def test_what_is_left_is_ordered_anew_under_another_name_until_enough_is_filled() -> None:
    """Each order fills by half: 60, then 30, then 15 of 120, which is more than four fifths."""
    house = a_house(Reaction.FILL_HALF)

    result = run(house)

    assert result.outcome is Outcome.APPLIED
    assert sizes(house) == [Decimal(120), Decimal(60), Decimal(30)]
    assert [ref.rpartition(":")[2] for ref in house.venue.received] == ["1", "2", "3"]
    assert [line.filled for line in result.lines] == [Decimal(60), Decimal(30), Decimal(15)]
    assert "MSFT Cancelled 105 of 120: enough, by minRatio" in result.messages


def test_no_more_orders_go_than_the_policy_says() -> None:
    house = a_house(Reaction.FILL_HALF, attempts=2)

    result = run(house)

    assert result.outcome is Outcome.PARTIALLY_APPLIED
    assert sizes(house) == [Decimal(120), Decimal(60)]
    assert "batch 1 was not filled as planned: MSFT Cancelled 90 of 120" in result.messages


def test_one_attempt_leaves_the_rest_to_the_next_plan() -> None:
    house = a_house(Reaction.FILL_HALF, attempts=1)

    assert run(house).outcome is Outcome.PARTIALLY_APPLIED
    assert sizes(house) == [Decimal(120)]


@pytest.mark.parametrize(
    ("last", "kinds"), [(LastAttempt.REPRICE, ["LMT", "LMT", "LMT"]), (LastAttempt.MARKET, ["LMT", "LMT", "MKT"])]
)
def test_the_last_attempt_goes_as_the_policy_says(last: LastAttempt, kinds: list[str]) -> None:
    house = a_house(Reaction.FILL_HALF, last=last, order_style=OrderStyle.LIMIT)

    run(house)

    assert [order.ticket.order_type for order in house.venue.orders] == kinds


def test_each_attempt_has_a_price_of_its_own() -> None:
    house = a_house(Reaction.REST, attempts=2, order_style=OrderStyle.LIMIT)

    async def rising() -> RunResult:
        session = await house.session()
        # While the first order rests at its limit, for five seconds.
        asyncio.get_running_loop().call_later(3, house.venue.prices.update, {CON_IDS["MSFT"]: Decimal(501)})
        return await house.plan_and_apply(session)

    run_virtually(rising())

    first, second = (order.ticket.limit_price for order in house.venue.orders)
    assert first is not None
    assert second is not None
    assert second > first


def test_what_was_refused_is_not_attempted_again() -> None:
    house = a_house(Reaction.REJECT)

    assert run(house).outcome is Outcome.PARTIALLY_APPLIED
    assert len(house.venue.received) == 1


def test_an_order_that_is_not_accounted_for_has_no_successor() -> None:
    house = a_house(Reaction.SILENT_DROP)
    house.venue.unknown[Read.EVIDENCE] = "openOrderEnd never came"

    result = run(house)

    assert len(house.venue.received) == 1
    assert result.outcome is Outcome.UNRESOLVED
    assert result.lines[0].state is OrderState.UNKNOWN


def test_one_that_is_proved_never_to_have_arrived_is_attempted_again_under_another_name() -> None:
    house = a_house(Reaction.SILENT_DROP)

    def heals(event: object) -> None:
        if isinstance(event, OrderChanged):
            house.venue.reactions.clear()

    house.sink.hears = heals

    result = run(house)

    assert result.outcome is Outcome.APPLIED
    assert [line.state for line in result.lines] == [OrderState.INTENDED, OrderState.FILLED]
    assert [ref.rpartition(":")[2] for ref in house.venue.received] == ["1", "2"]
    assert house.venue.holdings[CON_IDS["MSFT"]] == 120


def test_what_is_left_of_one_is_left_out_where_its_price_is_old_by_then() -> None:
    house = a_house(Reaction.FILL_HALF, on_blocked=OnBlocked.CONTINUE)

    def turns_old(event: object) -> None:
        if isinstance(event, OrderChanged) and event.state is OrderState.CANCELLED:
            house.venue.quote_types["MSFT"] = QuoteType.DELAYED

    house.sink.hears = turns_old

    result = run(house)

    assert result.outcome is Outcome.PARTIALLY_APPLIED
    assert len(house.venue.received) == 1


def test_one_that_fills_while_it_is_cancelled_has_none_either() -> None:
    house = a_house(Reaction.REST)
    house.venue.fills_during_cancel = True

    result = run(house)

    assert result.outcome is Outcome.APPLIED
    assert sizes(house) == [Decimal(120)]


def test_the_canary_is_the_smallest_order_and_goes_before_the_others() -> None:
    house = House(a_venue(clock=LoopClock()), an_account({"MSFT": "0.6", "AAPL": "0.3"})).with_policy(canary=True)

    result = run(house)

    assert result.outcome is Outcome.APPLIED
    assert [order.ticket.contract.symbol for order in house.venue.orders] == ["AAPL", "MSFT"]


@pytest.mark.parametrize("reaction", [Reaction.REST, Reaction.REJECT, Reaction.FILL_HALF])
def test_behind_a_canary_that_is_not_filled_nothing_is_sent(reaction: Reaction) -> None:
    venue = a_venue(clock=LoopClock(), reactions={"AAPL": reaction})
    house = House(venue, an_account({"MSFT": "0.6", "AAPL": "0.3"})).with_policy(canary=True)

    assert run(house).outcome is Outcome.PARTIALLY_APPLIED
    assert len(venue.received) == 1


def test_what_is_left_of_a_halted_account_is_not_attempted_anew() -> None:
    house = a_house(Reaction.FILL_HALF)

    def hear(event: object) -> None:
        if "Cancelled" in str(event) and not house.journal.halts():
            house.journal.record_halt(a_halt(None))

    house.sink.hears = hear
    result = run(house)

    assert sizes(house) == [Decimal(120)]
    assert result.outcome is Outcome.PARTIALLY_APPLIED
    assert "halted by alice" in " ".join(result.messages)
