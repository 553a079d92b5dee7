"""Executions or commissions that are not told: they hold a batch up for a moment, are read once, and end nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest

from reconciler.domain.money import Money
from reconciler.domain.run import Outcome
from reconciler.simgateway.serving.virtual import run_virtually
from tests.builders import USD, some_timeouts
from tests.fakes.broker import Reaction, Read
from tests.fakes.clock import LoopClock
from tests.fakes.house import House, a_venue, an_account

WAIT = timedelta(seconds=10)
BATCHES = 2


def a_house() -> House:
    """It sells NVDA, and buys MSFT and AAPL for that in a second batch. No commission is told with its fill."""
    venue = a_venue({"NVDA": 200}, cash=80_000, clock=LoopClock(), tells_commissions=False)
    house = House(venue, an_account({"MSFT": "0.6", "AAPL": "0.4", "NVDA": "0"}))
    return house.with_policy(timeouts=some_timeouts(acknowledgement=WAIT, fill=timedelta(minutes=2)))


def test_a_commission_that_is_not_told_is_read_after_the_time_of_an_acknowledgement() -> None:
    house = a_house()

    result = run_virtually(house.plan_and_apply())

    assert result.outcome is Outcome.APPLIED
    assert {line.commission for line in result.lines} == {Money(Decimal(1), USD)}
    assert BATCHES * WAIT <= result.ended - result.started < BATCHES * WAIT + timedelta(seconds=1)


def test_one_that_cannot_be_read_either_is_not_waited_for_again() -> None:
    house = a_house()
    house.venue.unknown[Read.EVIDENCE] = "the END did not come"

    result = run_virtually(house.plan_and_apply())

    assert result.outcome is Outcome.APPLIED
    assert result.ended - result.started < BATCHES * WAIT + timedelta(minutes=1)


@pytest.mark.parametrize("symbol", ["NVDA", "MSFT"])
def test_what_works_still_has_the_whole_time_of_a_fill(symbol: str) -> None:
    house = a_house()
    house.venue.reactions[symbol] = Reaction.REST

    result = run_virtually(house.plan_and_apply())

    assert result.outcome is Outcome.PARTIALLY_APPLIED
    assert result.ended - result.started >= timedelta(minutes=2)
