"""The broker is away in the middle of a run: it is waited for, what was missed is read, and the run goes on."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from reconciler.domain.events import BatchEnded, BatchStarted, Event, MarginChecked, Notice, OrderChanged
from reconciler.domain.orders import OrderState
from reconciler.domain.run import Outcome, RunResult
from reconciler.engine.line import MOST_OUTAGES, STOPPED_PATIENCE
from reconciler.simgateway.serving.virtual import run_virtually
from tests.builders import some_timeouts
from tests.fakes.broker import FakeVenue, Reaction
from tests.fakes.clock import LoopClock
from tests.fakes.house import House, a_venue, an_account

OUTAGE = timedelta(minutes=5)
Loss = Callable[[FakeVenue], None]


def the_socket(venue: FakeVenue) -> None:
    """The gateway is gone, and refuses who comes."""
    venue.break_connections("the gateway closed the connection")
    venue.away = "the gateway closed the connection"


def the_broker(venue: FakeVenue) -> None:
    """The gateway stays, and has lost the broker (1100)."""
    venue.lose_broker("the gateway has lost its line to the broker (1100)")


both_hops = pytest.mark.parametrize("loses", [the_socket, the_broker])


def a_house(reactions: dict[str, Reaction] | None = None, **policy: Any) -> House:
    """It sells NVDA, and buys MSFT and AAPL for that in a second batch."""
    venue = a_venue({"NVDA": 200}, cash=80_000, clock=LoopClock(), reactions=reactions or {})
    house = House(venue, an_account({"MSFT": "0.6", "AAPL": "0.4", "NVDA": "0"}))
    return house.with_policy(**{"timeouts": some_timeouts(outage=OUTAGE), **policy})


def away(house: House, loses: Loss, seconds: float, *, meanwhile: Callable[[], None] = lambda: None) -> None:
    """The broker is away from now on, for so long; in the middle of it something happens."""
    loop = asyncio.get_running_loop()
    loses(house.venue)
    loop.call_later(seconds / 2, meanwhile)
    loop.call_later(seconds, house.venue.regain_broker)


def once(house: House, when: Callable[[Event], bool], then: Callable[[], None]) -> None:
    """The first time that something is told."""

    def hears(event: Event) -> None:
        if when(event):
            house.sink.hears = lambda _: None
            then()

    house.sink.hears = hears


def works(symbol: str) -> Callable[[Event], bool]:
    return lambda event: (
        isinstance(event, OrderChanged) and event.instrument == symbol and event.state is OrderState.WORKING
    )


def timed(house: House) -> tuple[RunResult, float]:
    """The result of an apply, and how many seconds it took."""

    async def main() -> tuple[RunResult, float]:
        loop = asyncio.get_running_loop()
        began = loop.time()
        return await house.plan_and_apply(), loop.time() - began

    return run_virtually(main())


def assert_all_is_done_once(house: House, result: RunResult) -> None:
    assert result.outcome is Outcome.APPLIED, result
    assert {line.state for line in result.lines} == {OrderState.FILLED}
    assert len(house.venue.received) == len(set(house.venue.received)) == 3
    assert house.held["NVDA"] == 0
    assert not house.journal.unfinished_runs(house.account.name)


@both_hops
def test_what_fills_meanwhile_is_read_and_the_run_goes_on(loses: Loss) -> None:
    house = a_house({"NVDA": Reaction.REST})
    venue = house.venue
    once(house, works("NVDA"), lambda: away(house, loses, 90, meanwhile=lambda: venue.fill(venue.received[0])))

    result, _ = timed(house)

    assert_all_is_done_once(house, result)
    assert any("without the broker for 9" in message for message in result.messages), result.messages


@both_hops
@pytest.mark.parametrize("moment", [BatchStarted, MarginChecked, BatchEnded])
def test_it_is_waited_for_between_the_steps_too(loses: Loss, moment: type[Event]) -> None:
    house = a_house()
    once(house, lambda event: isinstance(event, moment), lambda: away(house, loses, 40))

    result, _ = timed(house)

    assert_all_is_done_once(house, result)


@both_hops
def test_what_was_not_sent_before_it_passes_the_gate_again(loses: Loss) -> None:
    house = a_house({"MSFT": Reaction.REST, "AAPL": Reaction.REST})
    venue = house.venue

    def lose() -> None:
        away(house, loses, 40, meanwhile=lambda: venue.fill(venue.received[1]))
        venue.reactions.clear()

    once(house, lambda event: isinstance(event, OrderChanged) and len(venue.received) == 2, lose)

    result, _ = timed(house)

    assert_all_is_done_once(house, result)
    gates = [event for event in house.sink.events if isinstance(event, MarginChecked)]
    assert len(gates) == 2, "the second order of the batch went without a margin check of its own"


@both_hops
def test_the_time_of_an_outage_is_not_an_orders(loses: Loss) -> None:
    house = a_house({"NVDA": Reaction.REST}, timeouts=some_timeouts(fill=timedelta(seconds=60), outage=OUTAGE))
    venue = house.venue

    def lose() -> None:
        away(house, loses, 200)
        asyncio.get_running_loop().call_later(230, lambda: venue.fill(venue.received[0]))

    once(house, works("NVDA"), lose)

    result, _ = timed(house)

    assert_all_is_done_once(house, result)


@both_hops
def test_one_that_lasts_too_long_ends_the_run_and_names_what_is_left(loses: Loss) -> None:
    house = a_house({"NVDA": Reaction.REST})
    once(house, works("NVDA"), lambda: away(house, loses, 100_000))

    result, seconds = timed(house)

    assert result.outcome is Outcome.UNRESOLVED
    assert OUTAGE.total_seconds() - 30 <= seconds <= OUTAGE.total_seconds() + 60
    (left,) = [message for message in result.messages if "look for these orders" in message]
    assert "NVDA" in left
    assert len(house.venue.received) == 1
    assert house.journal.unfinished_runs(house.account.name)


def test_one_in_the_reading_leaves_nothing_open() -> None:
    house = a_house()
    once(house, lambda event: isinstance(event, MarginChecked), lambda: away(house, the_broker, 100_000))

    result, _ = timed(house)

    assert result.outcome is Outcome.PARTIALLY_APPLIED
    assert len(house.venue.received) == 1
    assert not house.journal.unfinished_runs(house.account.name)


def test_a_connection_that_breaks_over_and_over_is_given_up() -> None:
    house = a_house({"NVDA": Reaction.REST})

    def breaks(event: Event) -> None:
        if works("NVDA")(event) or (isinstance(event, Notice) and "goes on" in event.text):
            house.venue.break_connections("the gateway closed the connection")

    house.sink.hears = breaks

    result, _ = timed(house)

    assert result.outcome is Outcome.UNRESOLVED
    (told,) = [message for message in result.messages if message.startswith("without the broker")]
    assert f"{MOST_OUTAGES} times: the gateway closed the connection" in told
    assert len(house.venue.received) == 1


@both_hops
def test_what_works_is_cancelled_once_the_gateway_is_back(loses: Loss) -> None:
    house = a_house({"NVDA": Reaction.REST}, timeouts=some_timeouts(fill=timedelta(seconds=20), outage=OUTAGE))
    once(house, lambda event: isinstance(event, Notice) and "cancelling" in event.text, lambda: away(house, loses, 60))

    result, _ = timed(house)

    assert result.outcome is Outcome.PARTIALLY_APPLIED
    assert [order.status for order in house.venue.orders] == ["Cancelled"]
    assert not house.journal.unfinished_runs(house.account.name)


def test_a_cancel_that_the_outage_swallowed_is_asked_for_again() -> None:
    house = a_house({"NVDA": Reaction.REST}, timeouts=some_timeouts(fill=timedelta(seconds=20), outage=OUTAGE))
    venue = house.venue
    cancel, asked = venue.cancel, []

    def swallowed(ref: Any) -> None:
        asked.append(ref)
        if len(asked) == 1:
            away(house, the_socket, 60)
        else:
            cancel(ref)

    venue.cancel = swallowed  # type: ignore[method-assign]

    result, _ = timed(house)

    assert len(asked) == 2
    assert [order.status for order in venue.orders] == ["Cancelled"]
    (retried,) = [each for each in result.retries if each.policy == "cancel"]
    assert retried.times == 1


@pytest.mark.parametrize("later", [0, 100])
def test_who_is_told_to_stop_waits_less(later: int) -> None:
    house = a_house({"NVDA": Reaction.REST})

    async def main() -> tuple[RunResult, float]:
        session = await house.session()

        def lose() -> None:
            away(house, the_socket, 100_000)
            asyncio.get_running_loop().call_later(later, session.stop.ask, "SIGTERM")

        once(house, works("NVDA"), lose)
        began = asyncio.get_running_loop().time()
        return await house.plan_and_apply(session), asyncio.get_running_loop().time() - began

    result, seconds = run_virtually(main())

    assert result.outcome is Outcome.UNRESOLVED
    assert seconds <= later + STOPPED_PATIENCE.total_seconds() + 5
