"""Algos: how late and in which parts an order is worked, told in frames by a gateway that is not smooth."""

import asyncio
from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from reconciler.simgateway.market.instruments import FillBehaviour
from reconciler.simgateway.orders import algos
from reconciler.simgateway.orders.terms import Algo, Terms
from reconciler.simgateway.session import Session
from tests.simgateway.lab import ACCOUNT, GLD, TEXT, Bench, Wire, order, say, turns

AWKWARD = TEXT.replace("smooth: true", "smooth: false")
ALGO_PLACE = 80
"""Where the strategy stands among the fields of `lab.order`."""


def with_algo(fields: list[object], strategy: str, **parameters: str) -> list[object]:
    flat = [text for pair in parameters.items() for text in pair]
    return [*fields[:ALGO_PLACE], strategy, len(parameters), *flat, *fields[ALGO_PLACE + 1 :]]


def fills(wire: Wire) -> list[tuple[str, str]]:
    return [(frame[19], frame[20]) for frame in wire.frames if frame[0] == "11"]


def on_a_bench(text: str, script: Callable[[Bench, Session, Wire], Awaitable[None]]) -> None:
    async def run() -> None:
        bench = Bench(text)
        await script(bench, *bench.client())

    asyncio.run(run())


@pytest.mark.parametrize(("priority", "seconds"), [("Urgent", 0), ("Normal", 2), ("Patient", 5)])
def test_an_adaptive_order_waits_by_its_priority(priority: str, seconds: int) -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        say(session, 3, 1, *with_algo(order(GLD, "BUY", 10), "Adaptive", adaptivePriority=priority))
        await turns()
        if seconds:
            bench.clock.step(seconds - 0.1)
            assert fills(wire) == []
            bench.clock.step(0.1)
        assert fills(wire) == [("10", "350" if priority == "Patient" else "350.01")]

    on_a_bench(AWKWARD, script)


def test_an_adaptive_limit_order_waits_for_a_market_within_its_limit() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        bought = order(GLD, "BUY", 10, "LMT", limit="349.90")
        say(session, 3, 1, *with_algo(bought, "Adaptive", adaptivePriority="Normal"))
        await turns()
        bench.clock.step(60)
        assert fills(wire) == []
        bench.broker.move_prices({GLD: {"last": Decimal("349.80")}})
        bench.clock.step(2)
        assert fills(wire) == [("10", "349.81")]

    on_a_bench(AWKWARD, script)


@pytest.mark.parametrize("strategy", sorted(algos.IN_PARTS))
def test_the_others_trade_in_parts_over_a_minute(strategy: str) -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        say(session, 3, 1, *with_algo(order(GLD, "BUY", 25), strategy, startTime="", endTime=""))
        await turns()
        for number in range(1, 11):
            bench.clock.step(5.9)
            assert len(fills(wire)) == number - 1
            bench.clock.step(0.1)
            assert len(fills(wire)) == number
        assert sum(int(shares) for shares, _ in fills(wire)) == 25
        assert [frame[2] for frame in wire.frames if frame[0] == "3"][-1] == "Filled"

    on_a_bench(AWKWARD, script)


def test_a_smooth_broker_takes_no_time() -> None:
    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        say(session, 3, 1, *with_algo(order(GLD, "BUY", 10), "Adaptive", adaptivePriority="Patient"))
        say(session, 3, 2, *with_algo(order(GLD, "BUY", 10), "Vwap"))
        await turns()
        assert fills(wire) == [("10", "350"), ("10", "350.01")]

    on_a_bench(TEXT, script)


def test_an_algo_is_no_change_of_an_order() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        resting = order(GLD, "BUY", 10, "LMT", limit="300.00")
        say(session, 3, 1, *with_algo(resting, "Adaptive", adaptivePriority="Patient"))
        await turns()
        say(session, 3, 1, *resting)
        say(session, 3, 1, *with_algo(resting, "Twap"))
        assert wire.errors() == [(1, 440), (1, 440)]
        say(
            session,
            3,
            1,
            *with_algo(order(GLD, "BUY", 7, "LMT", limit="301.00"), "Adaptive", adaptivePriority="Urgent"),
        )
        kept = bench.broker.book.get(1, 1)
        assert kept is not None
        assert (kept.terms.shares, kept.terms.algo) == (Decimal(7), Algo("Adaptive", (("adaptivePriority", "Urgent"),)))

    on_a_bench(AWKWARD, script)


def test_the_pace_adds_to_that_of_the_instrument() -> None:
    slow = FillBehaviour(delay_seconds=Decimal(3), parts=20)
    plain = Terms(ACCOUNT, "BUY", Decimal(1), "MKT")
    assert algos.paced(plain, slow) == slow
    normal = Terms(ACCOUNT, "BUY", Decimal(1), "MKT", algo=Algo("Adaptive"))
    assert algos.paced(normal, slow) == FillBehaviour(Decimal(5), 20)
    parts = Terms(ACCOUNT, "BUY", Decimal(1), "MKT", algo=Algo("Twap"))
    assert algos.paced(parts, slow) == FillBehaviour(Decimal(9), 20)
    assert algos.paced(parts, FillBehaviour(never=True)) == FillBehaviour(Decimal(6), 10, never=True)
