"""When account values are worked out, and in which order they are told: awkward, and smooth."""

import asyncio
from decimal import Decimal

from reconciler.simgateway.market.instruments import MarginRates
from tests.simgateway.lab import ACCOUNT, GLD, MSFT, TEXT, Bench, Wire, order, say, turns

AWKWARD = TEXT.replace("smooth: true", "smooth: false")
NET_LIQUIDATION = "97000.00"
"""60,000 in cash, 60 × 500 and 20 × 350."""


def values(wire: Wire, key: str) -> list[str]:
    return [frame[3] for frame in wire.take() if frame[0] == "6" and frame[2] == key]


def test_values_stay_as_they_were_worked_out_until_three_minutes_are_over() -> None:
    async def run() -> None:
        bench = Bench(AWKWARD)
        session, wire = bench.client()
        say(session, 6, 2, 1, ACCOUNT)
        assert values(wire, "NetLiquidation") == [NET_LIQUIDATION]
        bench.broker.move_prices({MSFT: {"last": Decimal(450)}})
        say(session, 62, 1, 9, "All", "NetLiquidation")
        assert [frame[5] for frame in wire.take() if frame[0] == "63"] == [NET_LIQUIDATION]
        bench.clock.step(179)
        assert values(wire, "NetLiquidation") == []
        bench.clock.step(1)
        assert values(wire, "NetLiquidation") == ["94000.00"]

    asyncio.run(run())


def test_a_change_of_position_brings_new_values() -> None:
    async def run() -> None:
        bench = Bench(AWKWARD)
        session, wire = bench.client()
        say(session, 6, 2, 1, ACCOUNT)
        bench.broker.move_prices({MSFT: {"last": Decimal(450)}})
        wire.take()
        say(session, 3, 1, *order(GLD, "BUY", 1))
        await turns()
        # The ask is a cent above the mark, the commission one dollar.
        assert values(wire, "NetLiquidation") == ["93998.99"]

    asyncio.run(run())


def test_values_of_a_change_that_nobody_heard_are_those_of_its_moment() -> None:
    async def run() -> None:
        bench = Bench(AWKWARD)
        session, wire = bench.client()
        say(session, 3, 1, *order(GLD, "BUY", 1))
        await turns()
        bench.clock.step(60)
        bench.broker.move_prices({MSFT: {"last": Decimal(450)}})
        wire.take()
        say(session, 6, 2, 1, ACCOUNT)
        told = wire.take()
        assert [frame[3] for frame in told if frame[2:3] == ["NetLiquidation"]] == ["96998.99"]
        assert [frame[2] for frame in told if frame[0] == "8"] == ["15:00"]

    asyncio.run(run())


def test_requirements_of_a_change_that_nobody_heard_are_those_of_its_moment() -> None:
    async def run() -> None:
        bench = Bench(AWKWARD)
        session, wire = bench.client()
        say(session, 3, 1, *order(GLD, "BUY", 1))
        await turns()
        bench.broker.remargin(MSFT, MarginRates(Decimal(1), Decimal(1)))
        wire.take()
        say(session, 6, 2, 1, ACCOUNT)
        # Half of the 30,000 in MSFT, and a sixteenth of the 7,350 in GLD: the stress of the largest name.
        assert values(wire, "MaintMarginReq") == ["15459.38"]
        bench.clock.step(180)
        assert values(wire, "MaintMarginReq") != ["15459.38"]

    asyncio.run(run())


def first_and_second(text: str) -> tuple[list[str], list[str]]:
    """The message ids that answer a subscription to account updates, and the next one."""

    async def run() -> tuple[list[str], list[str]]:
        session, wire = Bench(text).client()
        told = []
        for _ in range(2):
            say(session, 6, 2, 1, ACCOUNT)
            await turns()
            told.append([frame[0] for frame in wire.take()])
            say(session, 6, 2, 0, ACCOUNT)
        return told[0], told[1]

    return asyncio.run(run())


def test_of_two_answers_the_second_has_its_end_before_the_values() -> None:
    first, second = first_and_second(AWKWARD)
    assert first[-1] == "54"
    assert second[0] == "54"
    assert sorted(first) == sorted(second)


def test_a_smooth_broker_tells_the_values_of_the_moment_and_their_end_last() -> None:
    first, second = first_and_second(TEXT)
    assert first[-1] == second[-1] == "54"

    bench = Bench()
    session, wire = bench.client()
    say(session, 6, 2, 1, ACCOUNT)
    assert values(wire, "NetLiquidation") == [NET_LIQUIDATION]
    asyncio.run(moved(bench))
    say(session, 6, 2, 1, ACCOUNT)
    assert values(wire, "NetLiquidation") == ["94000.00"]


async def moved(bench: Bench) -> None:
    bench.broker.move_prices({MSFT: {"last": Decimal(450)}})
