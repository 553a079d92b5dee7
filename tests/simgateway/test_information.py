"""Requests about what this gateway does not have: a library's wait for them ends, and with the broker's own code."""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from reconciler.simgateway.serving.server import Running
from reconciler.simgateway.session import HANDLERS
from reconciler.simgateway.wire.requests import REQUESTS
from tests.simgateway import library
from tests.simgateway.lab import GLD, MSFT, Bench, running, say
from tests.simgateway.quirky import heard, noted, sync


def known() -> Any:
    return library.load().Contract(conId=GLD, exchange="SMART")


def unknown() -> Any:
    return library.load().Contract(conId=4711, exchange="SMART")


REFUSED: list[tuple[int, Callable[[Any], Awaitable[Any]]]] = [
    (162, lambda ib: ib.reqHistoricalDataAsync(known(), "", "1 D", "1 hour", "TRADES", True)),
    (162, lambda ib: ib.reqHeadTimeStampAsync(known(), "TRADES", True, 1)),
    (10187, lambda ib: ib.reqHistoricalTicksAsync(known(), "", "20260101-00:00:00", 10, "TRADES", True)),
    (10188, lambda ib: ib.reqHistogramDataAsync(known(), True, "1 week")),
    (430, lambda ib: ib.reqFundamentalDataAsync(known(), "ReportSnapshot")),
    (162, lambda ib: ib.reqScannerDataAsync(library.load().ScannerSubscription(instrument="STK"))),
    (10276, lambda ib: ib.reqHistoricalNewsAsync(GLD, "BZ", "", "", 10)),
    (10172, lambda ib: ib.reqNewsArticleAsync("BZ", "BZ$1")),
    (200, lambda ib: ib.calculateImpliedVolatilityAsync(known(), 1.0, 2.0)),
    (200, lambda ib: ib.calculateOptionPriceAsync(known(), 0.2, 2.0)),
    (200, lambda ib: ib.reqHistoricalDataAsync(unknown(), "", "1 D", "1 hour", "TRADES", True)),
    (200, lambda ib: ib.reqSecDefOptParamsAsync("XX", "", "STK", 4711)),
]
"""The code, and what a library waits for."""

ANSWERED: list[tuple[Callable[[Any], bool], Callable[[Any], Awaitable[Any]]]] = [
    (lambda found: found == [], lambda ib: ib.reqSecDefOptParamsAsync("GLD", "", "STK", GLD)),
    (lambda found: found == [], lambda ib: ib.reqMktDepthExchangesAsync()),
    (lambda found: found == [], lambda ib: ib.reqNewsProvidersAsync()),
    (lambda found: found == [], lambda ib: ib.reqUserInfoAsync()),
    (lambda found: found.startswith("<?xml"), lambda ib: ib.reqScannerParametersAsync()),
    (lambda found: [(each.exchange, each.exchangeLetter) for each in found][:2] == [("AMEX", "A"), ("ARCA", "A")],
     lambda ib: ib.reqSmartComponentsAsync("9c0001")),
]  # fmt: skip

FIRE_AND_FORGET: list[tuple[list[tuple[int, int]], Callable[[Any], None]]] = [
    ([(901, 10092)], lambda client: client.reqMktDepth(901, known(), 5, False, [])),
    ([(901, 310)], lambda client: client.cancelMktDepth(901, False)),
    ([(901, 420)], lambda client: client.reqRealTimeBars(901, known(), 5, "TRADES", True, [])),
    ([(901, 10189)], lambda client: client.reqTickByTickData(901, known(), "Last", 0, False)),
    ([(901, 200)], lambda client: client.exerciseOptions(901, known(), 1, 1, "DU1000001", 0)),
    ([(901, 365)], lambda client: client.cancelScannerSubscription(901)),
    ([(901, 366)], lambda client: client.cancelHistoricalData(901)),
    ([(901, 300)], lambda client: client.cancelRealTimeBars(901)),
    ([(901, 300)], lambda client: client.cancelFundamentalData(901)),
    ([(901, 300)], lambda client: client.cancelCalculateImpliedVolatility(901)),
    ([(901, 300)], lambda client: client.cancelCalculateOptionPrice(901)),
    ([(901, 300)], lambda client: client.cancelHistogramData(901)),
    ([(901, 300)], lambda client: client.cancelHeadTimeStamp(901)),
    ([(901, 300)], lambda client: client.cancelTickByTickData(901)),
    ([(901, 321)], lambda client: client.subscribeToGroupEvents(901, 1)),
    ([(901, 321)], lambda client: client.updateDisplayGroup(901, "8314@SMART")),
    ([], lambda client: client.unsubscribeFromGroupEvents(901)),
    ([], lambda client: client.queryDisplayGroups(901)),
    ([(901, 10276)], lambda client: client.reqWshMetaData(901)),
    ([(901, 300)], lambda client: client.cancelWshMetaData(901)),
    ([(901, 300)], lambda client: client.cancelWshEventData(901)),
    ([(901, 10276)], lambda client: client.reqWshEventData(901, library.load().WshEventData())),
    ([], lambda client: client.reqNewsBulletins(True)),
    ([], lambda client: client.cancelNewsBulletins()),
    ([], lambda client: client.reqFamilyCodes()),
    ([], lambda client: client.reqSoftDollarTiers(901)),
    # ib_async takes 321 for a warning, so that a wait for this would not end.
    ([(901, 321)], lambda client: client.reqSmartComponents(901, "9c9999")),
    ([(-1, 321)], lambda client: client.requestFA(1)),
    ([(901, 321)], lambda client: client.replaceFA(901, 1, "<ListOfGroups/>")),
]
"""What comes back by request id, and the request as a library's client sends it."""


def test_every_request_has_a_handler() -> None:
    assert {kind for kind, _ in REQUESTS.values()} - {"start_api"} == set(HANDLERS)


async def asked(script: Callable[[Running, Any], Awaitable[None]]) -> None:
    """A script with a connected client, after which nothing was left over of what it sent, and nothing misread."""
    async with running() as served, library.connected(served) as ib:
        seen = heard(ib)
        await script(served, ib)
        assert dict(served.broker.log.leftovers) == {}
        assert 320 not in [code for _, code in seen]


@pytest.mark.broker
@pytest.mark.parametrize(("code", "ask"), REFUSED)
def test_a_wait_ends_with_the_brokers_code(code: int, ask: Callable[[Any], Awaitable[Any]]) -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen = heard(ib)
        found = await asyncio.wait_for(ask(ib), 3)
        assert not found or (code, list(found)) == (162, [])
        assert [told for _, told in seen] == [code]
        assert seen[0][0] > 0

    asyncio.run(asked(script))


@pytest.mark.broker
@pytest.mark.parametrize(("expected", "ask"), ANSWERED)
def test_a_wait_ends_with_an_answer(expected: Callable[[Any], bool], ask: Callable[[Any], Awaitable[Any]]) -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen = heard(ib)
        found = await asyncio.wait_for(ask(ib), 3)
        assert expected(found), found
        assert seen == []

    asyncio.run(asked(script))


@pytest.mark.broker
@pytest.mark.parametrize(("errors", "send"), FIRE_AND_FORGET)
def test_a_request_without_a_wait_gets_its_code_too(errors: list[tuple[int, int]], send: Callable[[Any], None]) -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen = heard(ib)
        send(ib.client)
        await sync(ib)
        assert seen == errors

    asyncio.run(asked(script))


@pytest.mark.broker
def test_the_empty_lists_reach_the_library() -> None:
    async def script(_served: Running, ib: Any) -> None:
        calls = noted(ib, "familyCodes", "softDollarTiers")
        ib.client.reqFamilyCodes()
        ib.client.reqSoftDollarTiers(901)
        await sync(ib)
        assert calls == [("familyCodes", ([],)), ("softDollarTiers", (901, []))]

    asyncio.run(asked(script))


@pytest.mark.broker
@pytest.mark.parametrize("version", [175, library.NEWEST])
def test_symbols_are_found_by_their_beginning_or_their_name(version: int) -> None:
    async def run() -> None:
        async with running() as served, library.connected(served, 1, version) as ib:
            (found,) = await ib.reqMatchingSymbolsAsync("msf")
            assert (found.contract.conId, found.contract.primaryExchange) == (MSFT, "NASDAQ")
            names = [each.contract.symbol for each in await ib.reqMatchingSymbolsAsync("TWIN")]
            assert names == ["TWIN", "TWIN"]
            assert [each.contract.symbol for each in await ib.reqMatchingSymbolsAsync("gold shares")] == ["GLD"]
            assert await ib.reqMatchingSymbolsAsync("") == []

    asyncio.run(run())


@pytest.mark.broker
def test_every_request_of_the_librarys_client_is_in_the_table() -> None:
    """But for the four by which a client proves who made it, which carry no request id."""
    source = inspect.getsource(library.load().client.Client)
    sent = {int(number) for number in _numbers(source)}
    assert sent - set(REQUESTS) == {65, 66, 72, 73}


def _numbers(source: str) -> list[str]:
    """The message ids that stand first in what a client sends."""
    flat = "".join(source.split())
    heads = flat.split("self.send(")[1:] + flat.split("fields=[")[1:]
    return [head.split(",")[0].split(")")[0] for head in heads if head[:1].isdecimal()]


def test_a_question_without_a_pattern_or_with_too_much_is_bounded() -> None:
    bench = Bench()
    session, wire = bench.client()
    say(session, 81, 5, "X" * 5000)
    say(session, 20, 6, "no contract")
    say(session, 52, 2, 7, *[""] * 7, "R", 0, "")
    assert wire.errors() == [(6, 320), (7, 200)]
    assert wire.frames[0] == ["79", "5", "0"]
