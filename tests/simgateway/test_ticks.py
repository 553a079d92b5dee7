"""Ticks: what of a quote is told, by data type and by generic tick, and what a library makes of it."""

import asyncio
import math
from decimal import Decimal

import pytest

from reconciler.simgateway import ticks
from reconciler.simgateway.clock import SteppedClock
from reconciler.simgateway.market.instruments import Entitlement, Quote
from reconciler.simgateway.serving.server import serve
from reconciler.simgateway.session import Session
from reconciler.simgateway.staging import load
from tests.simgateway import library
from tests.simgateway.lab import GLD, MSFT, STARTED, TEXT, Bench, Wire, running, say, scenario, turns, until

QUOTE = Quote(Decimal(9), Decimal(11), Decimal(10), Decimal(8))
DARK = Quote(None, None, Decimal(10), Decimal(8))
FULL = TEXT.replace(
    "close: 498.00}",
    "close: 498.00, volume: 100, average_volume: 2000, shortable_shares: 900, "
    "ranges: {13: {low: 400, high: 550}, 52: {low: 300, high: 560}}}",
)


@pytest.mark.parametrize(
    ("entitlement", "wanted", "is_open", "told"),
    [
        (Entitlement.LIVE, 1, True, (1, QUOTE)),
        (Entitlement.LIVE, 2, True, (1, QUOTE)),
        (Entitlement.LIVE, 3, True, (1, QUOTE)),
        (Entitlement.LIVE, 1, False, (1, DARK)),
        (Entitlement.LIVE, 2, False, (2, QUOTE)),
        (Entitlement.LIVE, 3, False, (1, DARK)),
        (Entitlement.LIVE, 4, False, (2, QUOTE)),
        (Entitlement.DELAYED, 3, True, (3, QUOTE)),
        (Entitlement.DELAYED, 4, True, (3, QUOTE)),
        (Entitlement.DELAYED, 3, False, (3, DARK)),
        (Entitlement.DELAYED, 4, False, (4, QUOTE)),
    ],
)
def test_what_is_told_by_data_type(
    entitlement: Entitlement, wanted: int, told: tuple[int, Quote], *, is_open: bool
) -> None:
    assert ticks.told(QUOTE, entitlement, wanted, is_open=is_open) == told


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("", set()),
        ("233", {233}),
        ("165, 236", {165, 236}),
        ("100,mdoff,165", {165}),
        ("0165", set()),
        ("1" * 999, set()),
    ],
)
def test_generic_ticks_that_are_asked_for(text: str, numbers: set[int]) -> None:
    assert ticks.asked(text) == numbers


def subscribe(session: Session, wire: Wire, generic: str = "", *, snapshot: int = 0) -> list[list[str]]:
    """Ask for the quote of MSFT as request 7; what comes back."""
    wire.take()
    say(session, 1, 11, 7, MSFT, "", "", "", 0, "", "", "SMART", "", "", "", "", 0, generic, snapshot, 0, "")
    return wire.take()


def by_type(frames: list[list[str]]) -> dict[str, str]:
    """The values of ticks by their type."""
    return {frame[3]: frame[4] for frame in frames if frame[0] in ("1", "2", "45", "46")}


def test_generic_ticks_come_only_when_asked_for_each_by_its_own_type() -> None:
    session, wire = (bench := Bench(FULL)).client()
    assert not set(by_type(subscribe(session, wire))) & {"15", "21", "37", "46", "48"}
    told = subscribe(session, wire, "165,221,233,236")
    types = by_type(told)
    assert types["8"] == "100"
    expected = {"15": "400", "16": "550", "19": "300", "20": "560", "21": "2000", "37": "500", "46": "2", "89": "900"}
    assert {key: types[key] for key in expected} == expected
    assert "17" not in types
    stamp = int(STARTED.timestamp() * 1000)
    assert types["48"] == f"500;100;{stamp};100;500;true"
    wire.take()
    bench.broker.move_prices({MSFT: {"last": Decimal(510)}})
    moved = by_type(wire.take())
    assert (moved["37"], moved["48"].split(";")[0], "21" in moved, "46" in moved) == ("510", "510", False, False)
    say(session, 2, 2, 7)
    bench.broker.move_prices({MSFT: {"last": Decimal(511)}})
    assert wire.take() == []


def test_what_the_scenario_does_not_give_is_not_told() -> None:
    session, wire = Bench().client()
    plain = subscribe(session, wire)
    assert subscribe(session, wire, "165") == plain
    session, wire = Bench(TEXT.replace("close: 498.00}", "close: 498.00, average_volume: 0}")).client()
    assert by_type(subscribe(session, wire, "165"))["21"] == "0"


@pytest.mark.parametrize(("shares", "ease"), [(0, "1"), (1, "2"), (999, "2"), (1000, "3")])
def test_how_easily_shares_are_borrowed(shares: int, ease: str) -> None:
    session, wire = Bench(FULL.replace("shortable_shares: 900", f"shortable_shares: {shares}")).client()
    told = by_type(subscribe(session, wire, "236"))
    assert (told["46"], told["89"]) == (ease, str(shares))


def test_a_snapshot_takes_no_generic_ticks() -> None:
    session, wire = Bench(FULL).client()
    (refused,) = subscribe(session, wire, "165", snapshot=1)
    assert refused[:4] == ["4", "2", "7", "321"]
    assert "generic ticks" in refused[4]


def test_the_end_of_a_snapshot_can_take_eleven_seconds() -> None:
    bench = Bench(FULL)
    bench.broker.quirks.arm("slow-snapshot")
    session, wire = bench.client()
    assert "57" not in [frame[0] for frame in subscribe(session, wire, snapshot=1)]
    bench.clock.step(10.9)
    assert wire.take() == []
    bench.clock.step(0.1)
    assert [frame[0] for frame in wire.take()] == ["57"]


def test_a_subscription_learns_when_the_kind_of_data_changes() -> None:
    closing = FULL.replace("close: 498.00", "hours: us-stocks, close: 498.00")
    bench = Bench(closing)
    session, wire = bench.client()
    say(session, 59, 1, 2)
    assert ["58", "1", "7", "1"] in subscribe(session, wire)
    bench.broker.move_prices({MSFT: {"last": Decimal(501)}})
    assert "58" not in [frame[0] for frame in wire.take()]
    bench.clock.step(12 * 3600)
    wire.take()
    bench.broker.move_prices({MSFT: {"last": Decimal(502)}})
    assert wire.take()[0] == ["58", "1", "7", "2"]


def test_a_range_has_its_low_below_its_high() -> None:
    _, found = load(FULL.replace("low: 400", "low: 600"), "bad.yaml")
    assert [(each.code, each.summary) for each in found] == [("SCN104", "the low is above the high")]


@pytest.mark.broker
def test_a_library_reads_generic_ticks() -> None:
    async def run() -> None:
        module = library.load()
        async with running(FULL) as served, library.connected(served) as ib:
            ticker = ib.reqMktData(module.Contract(conId=MSFT, exchange="SMART"), "165,221,233,236")
            await until(lambda: ticker.shortableShares == 900)
            assert (ticker.low13week, ticker.high13week, ticker.low52week, ticker.high52week) == (400, 550, 300, 560)
            assert (ticker.avVolume, ticker.markPrice, ticker.volume) == (2000, 500, 100)
            assert (ticker.rtVolume, ticker.vwap) == (100, 500)

    asyncio.run(run())


@pytest.mark.broker
def test_a_library_is_told_the_average_volume_where_there_is_one() -> None:
    async def run() -> None:
        module = library.load()
        async with running(FULL) as served, library.connected(served) as ib:
            known, unknown = (
                ib.reqMktData(module.Contract(conId=each, exchange="SMART"), "165", snapshot=False)
                for each in (MSFT, GLD)
            )
            await until(lambda: known.avVolume == 2000 and unknown.last == 350)
            await ib.reqCurrentTimeAsync()
            assert math.isnan(unknown.avVolume)
            assert (unknown.bid, unknown.ask) == (349.99, 350.01)
            assert dict(served.broker.log.leftovers) == {}

    asyncio.run(run())


@pytest.mark.broker
def test_a_library_sees_no_bid_in_a_closed_market_but_the_frozen_one() -> None:
    async def run() -> None:
        module = library.load()
        text = FULL.replace("close: 498.00", "hours: us-stocks, close: 498.00")
        clock = SteppedClock(STARTED.replace(hour=3))
        async with serve(scenario(text), clock=clock) as served, library.connected(served) as ib:
            contract = module.Contract(conId=MSFT, exchange="SMART")
            live = ib.reqMktData(contract)
            await until(lambda: live.last == 500)
            await turns()
            assert (live.bid, live.ask, live.close, live.marketDataType) == (-1, -1, 498, 1)
            assert math.isnan(live.marketPrice()) or live.marketPrice() in (498, 500)
            ib.cancelMktData(contract)
            ib.reqMarketDataType(2)
            frozen = ib.reqMktData(contract)
            await until(lambda: frozen.marketDataType == 2 and frozen.bid > 0)
            assert (frozen.bid, frozen.ask, frozen.last) == (499.99, 500.01, 500)

    asyncio.run(run())


@pytest.mark.broker
def test_a_library_waits_eleven_seconds_for_the_end_of_a_snapshot() -> None:
    async def run() -> None:
        module = library.load()
        clock = SteppedClock(STARTED)
        async with serve(scenario(FULL), clock=clock) as served, library.connected(served) as ib:
            served.broker.quirks.arm("slow-snapshot")
            contract = module.Contract(conId=MSFT, exchange="SMART")
            reading = asyncio.ensure_future(ib.reqTickersAsync(contract))
            await until(lambda: any(ticker.last == 500 for ticker in ib.tickers()))
            clock.step(10.9)
            await turns()
            assert not reading.done()
            clock.step(0.1)
            (ticker,) = await reading
            assert (ticker.bid, ticker.close) == (499.99, 498)

    asyncio.run(run())
