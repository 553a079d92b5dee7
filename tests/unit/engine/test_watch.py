"""An account that is watched while a batch adds risk: what crosses a limit, and what the broker raises alarm about."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.exits import ExitCode, of_run
from reconciler.domain.limits import Level, Limit
from reconciler.domain.orders import OrderState
from reconciler.domain.run import Outcome, RunResult
from reconciler.domain.unknown import Unknown
from reconciler.engine.gate import Open
from reconciler.engine.history import read_history
from reconciler.engine.propose import propose
from reconciler.engine.settle import read_account
from reconciler.engine.watch import Watch
from reconciler.planning.forecast import Outlook
from reconciler.planning.resolve import resolve
from reconciler.ports import AccountReading
from reconciler.simgateway.serving.virtual import run_virtually
from tests.builders import some_limits, some_timeouts
from tests.fakes.broker import FakeBroker, Reaction
from tests.fakes.house import CON_IDS, House, a_venue, an_account

NVDA = CON_IDS["NVDA"]
WEIGHTS = {"NVDA": "0.9", "MSFT": "0.05", "AAPL": "0.05"}


def a_levered_house(**limits: Any) -> House:
    """120,000 of NVDA on 100,000 of equity; a little more of it is bought at once, MSFT and AAPL rest."""
    bounds = some_limits(**{"max_leverage": Decimal("1.4"), "max_position_weight": Decimal(2), **limits})
    account = an_account(WEIGHTS, leverage="1.35", limits=bounds)
    resting = dict.fromkeys(("MSFT", "AAPL"), Reaction.REST)
    house = House(a_venue({"NVDA": 1200}, cash=-20_000, reactions=resting), account)
    return house.with_policy(timeouts=some_timeouts(fill=timedelta(seconds=60)))


async def applied(house: House, act: Callable[[], object], *, after: float = 5) -> tuple[RunResult, ExitCode, float]:
    """A run in which something happens some seconds after its batch was opened; and how long it took."""
    loop = asyncio.get_running_loop()

    def hear(event: object) -> None:
        if type(event).__name__ == "BatchStarted":
            loop.call_later(after, act)

    house.sink.hears = hear
    plan, started = await propose(await house.session()), loop.time()
    result = await house.plan_and_apply()
    return result, of_run(result, plan), loop.time() - started


def state_of(result: RunResult, symbol: str) -> OrderState:
    (line,) = (each for each in result.lines if each.instrument == symbol)
    return line.state


def is_watched(house: House) -> bool:
    return any(isinstance(each, FakeBroker) and each.is_watched for each in house.venue.sessions)


def test_a_price_that_takes_leverage_beyond_its_limit_stops_what_adds_risk_at_once() -> None:
    """At 50 the account holds 60,750 on about 40,000."""
    house = a_levered_house()
    result, code, seconds = run_virtually(applied(house, lambda: house.venue.move_price(NVDA, Decimal(50))))

    assert (result.outcome, code) == (Outcome.PARTIALLY_APPLIED, ExitCode.PARTIAL)
    assert state_of(result, "NVDA") is OrderState.FILLED
    assert {state_of(result, symbol) for symbol in ("MSFT", "AAPL")} == {OrderState.CANCELLED}
    assert "leverage is 1.5" in result.messages[0]
    assert "maxLeverage is 1.40: what adds risk was stopped" in result.messages[0]
    assert seconds < 10, "it is not waited for until the orders' time is up"
    assert not is_watched(house)


def test_a_price_that_crosses_nothing_stops_nothing() -> None:
    house = a_levered_house()

    def fall() -> None:
        house.venue.move_price(NVDA, Decimal(90))
        for order in list(house.venue.orders):
            if order.remaining:
                house.venue.fill(order.ticket.ref)

    result, _, _ = run_virtually(applied(house, fall))
    assert result.outcome is Outcome.APPLIED


def test_the_brokers_cushion_is_watched_too() -> None:
    house = a_levered_house(max_leverage=Decimal(9), min_cushion=Decimal("0.6"))
    result, _, seconds = run_virtually(applied(house, lambda: house.venue.move_price(NVDA, Decimal(40))))
    assert result.outcome is Outcome.PARTIALLY_APPLIED
    assert "the broker's cushion is " in result.messages[0]
    assert "minCushion is 60.0%" in result.messages[0]
    assert seconds < 10


def test_nothing_more_is_sent_after_a_crossing() -> None:
    house = a_levered_house().with_policy(max_parallel_orders=1)
    result, _, _ = run_virtually(applied(house, lambda: house.venue.move_price(NVDA, Decimal(50))))
    assert len(house.venue.received) == 1
    assert sorted(line.state for line in result.lines) == [OrderState.CANCELLED, *[OrderState.INTENDED] * 2]


def test_a_margin_alert_stops_what_adds_risk_and_says_what_to_do() -> None:
    house = a_levered_house()
    result, code, seconds = run_virtually(applied(house, house.venue.warn_of_margin))
    assert (result.outcome, code) == (Outcome.PARTIALLY_APPLIED, ExitCode.PARTIAL)
    assert state_of(result, "MSFT") is OrderState.CANCELLED
    assert "the broker warns that margin is low" in result.messages[0]
    assert "folioctl status" in result.messages[0]
    assert seconds < 10


def test_a_liquidation_stops_what_adds_risk_and_names_what_is_gone() -> None:
    house = a_levered_house()
    result, code, seconds = run_virtually(applied(house, lambda: house.venue.liquidate(NVDA)))
    assert (result.outcome, code) == (Outcome.PARTIALLY_APPLIED, ExitCode.PARTIAL)
    assert state_of(result, "AAPL") is OrderState.CANCELLED
    assert "the broker liquidated (SELL 1215 NVDA)" in result.messages[0]
    assert seconds < 10


def test_an_alarm_with_the_last_fill_still_shows() -> None:
    house = a_levered_house()
    house.venue.reactions.clear()
    result, code, _ = run_virtually(applied(house, house.venue.warn_of_margin, after=0))
    assert {line.state for line in result.lines} == {OrderState.FILLED}
    assert (result.outcome, code) == (Outcome.PARTIALLY_APPLIED, ExitCode.PARTIAL)
    assert "the broker warns" in result.messages[0]


def test_an_order_of_ours_on_the_liquidated_side_is_withdrawn_at_once() -> None:
    """Both together would sell what is held, and once more."""
    house = House(a_venue({"NVDA": 1200}, cash=-20_000), an_account({"NVDA": "0.5"}, leverage="1"))
    house.venue.reactions = {"NVDA": Reaction.REST}
    house = house.with_policy(timeouts=some_timeouts(settle=timedelta(seconds=5)))
    result, code, seconds = run_virtually(applied(house, lambda: house.venue.liquidate(NVDA)))
    assert (result.outcome, code) == (Outcome.PARTIALLY_APPLIED, ExitCode.PARTIAL)
    assert state_of(result, "NVDA") is OrderState.CANCELLED
    assert house.venue.holdings.get(NVDA, Decimal(0)) == 0
    assert seconds < 60, "it is not waited for until the order's time is up"


def test_an_alarm_while_risk_is_reduced_keeps_what_adds_risk_from_being_sent() -> None:
    account = an_account({"MSFT": "0.6", "AAPL": "0.4", "NVDA": "0"})
    house = House(a_venue({"NVDA": 200}, cash=80_000, reactions={"NVDA": Reaction.REST}), account)

    def warn() -> None:
        house.venue.warn_of_margin()
        asyncio.get_running_loop().call_later(1, lambda: house.venue.fill(house.venue.received[0]))

    result, code, _ = run_virtually(applied(house, warn))
    assert (result.outcome, code) == (Outcome.PARTIALLY_APPLIED, ExitCode.PARTIAL)
    assert state_of(result, "NVDA") is OrderState.FILLED
    assert len(house.venue.received) == 1
    assert "batch 2 was not started: the broker warns that margin is low" in result.messages[0]


def test_a_batch_that_reduces_risk_is_not_stopped() -> None:
    house = House(a_venue({"NVDA": 1200}, cash=-20_000), an_account({"NVDA": "0.5"}, leverage="1"))
    house.venue.reactions = {"NVDA": Reaction.REST}
    watched: list[bool] = []

    def alarm() -> None:
        watched.append(is_watched(house))
        house.venue.warn_of_margin()
        house.venue.fill(house.venue.orders[0].ticket.ref)

    result, code, _ = run_virtually(applied(house, alarm))
    assert (result.outcome, code, watched) == (Outcome.APPLIED, ExitCode.OK, [False])


def test_the_watch_goes_on_after_an_outage() -> None:
    house = a_levered_house()

    def lose() -> None:
        house.venue.break_connections()
        asyncio.get_running_loop().call_later(10, house.venue.move_price, NVDA, Decimal(50))

    result, _, seconds = run_virtually(applied(house, lose))
    assert result.outcome is Outcome.PARTIALLY_APPLIED
    assert "maxLeverage is 1.40: what adds risk was stopped" in result.messages[0]
    assert seconds < 20
    assert not is_watched(house)


# ------------------------------------------------------------------------------------------------------ what is news


def whole(reading: AccountReading) -> AccountReading:
    return reading


async def stops(
    house: House,
    price: Decimal,
    *,
    at_the_gate: Decimal,
    told: Callable[[AccountReading], AccountReading] = whole,
) -> bool:
    """Whether a watch that was opened at one price of NVDA stops the run at another."""
    house.venue.move_price(NVDA, at_the_gate)
    session = await house.session()
    snapshot, _ = await read_account(session)
    portfolio = resolve(session.account, snapshot, now=session.clock.now())
    outlook = Outlook(session.account, snapshot, portfolio, await read_history(session))
    watch = Watch(session, await propose(session), Open({}, {}, outlook, None))
    house.venue.move_price(NVDA, price)
    reading = await session.broker.read_account()
    assert isinstance(reading, AccountReading)
    watch.hear(told(reading))
    return session.stop.is_asked


LOW = Decimal(50)


def test_what_was_crossed_at_the_gate_is_no_news() -> None:
    assert run_virtually(stops(a_levered_house(), LOW, at_the_gate=Decimal(100)))
    assert not run_virtually(stops(a_levered_house(), LOW - 1, at_the_gate=LOW))


MISSING = Unknown("it did not come")


@pytest.mark.parametrize(
    "told", [lambda reading: replace(reading, values=MISSING), lambda reading: replace(reading, portfolio=MISSING)]
)
def test_what_is_unknown_crosses_nothing(told: Callable[[AccountReading], AccountReading]) -> None:
    assert not run_virtually(stops(a_levered_house(), LOW, at_the_gate=Decimal(100), told=told))


def test_a_limit_that_only_advises_stops_nothing() -> None:
    house = a_levered_house(levels={Limit.MAX_LEVERAGE: Level.ADVISORY})
    assert not run_virtually(stops(house, LOW, at_the_gate=Decimal(100)))


def test_a_feed_that_is_refused_is_told_once() -> None:
    house = a_levered_house()

    async def blind() -> list[str]:
        session = await house.session()
        snapshot, _ = await read_account(session)
        portfolio = resolve(session.account, snapshot, now=session.clock.now())
        outlook = Outlook(session.account, snapshot, portfolio, await read_history(session))
        watch = Watch(session, await propose(session), Open({}, {}, outlook, None))
        for _ in range(2):
            watch.hear(Unknown("the gateway said: 2101 in use"))
        assert not session.stop.is_asked
        return [str(event) for event in house.sink.events if "2101" in str(event)]

    assert len(run_virtually(blind())) == 1
