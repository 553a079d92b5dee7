"""The day's profit and loss: as a value of the books, on the wire, and as the client libraries are told it."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.simgateway import margin
from reconciler.simgateway.books import profit
from reconciler.simgateway.books.corporate import Ratio
from reconciler.simgateway.books.ledger import Position
from reconciler.simgateway.market.market import moved
from reconciler.simgateway.serving.server import Running
from tests.simgateway.accounting import trade
from tests.simgateway.clients import move, with_client
from tests.simgateway.lab import ACCOUNT, GLD, MSFT, PARTS, Bench, order, say, turns, until
from tests.simgateway.quirky import bought, heard, meeting, sync
from tests.simgateway.test_logins import OTHER, TWO


def test_the_profit_of_a_holding_counts_from_the_close() -> None:
    bench = Bench()
    ledger, market = bench.broker.ledgers[ACCOUNT], bench.broker.market
    start = ledger.held()
    assert profit.of_holding(ledger, market, MSFT, start) == profit.Profit(
        Decimal(120), Decimal(6000), Decimal(0), Decimal(60), Decimal(30000)
    )
    trade(ledger, market.listing(MSFT).instrument, Decimal(-10), Decimal(499), Decimal(1))
    told = profit.of_holding(ledger, market, MSFT, start)
    assert (round(told.realized, 8), round(told.unrealized, 8)) == (Decimal(989), Decimal(5000))
    # Fifty shares rose by 2, ten were sold 1 above the close, and the commission is lost.
    assert round(told.daily, 8) == 50 * 2 + 10 - 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([GLD, MSFT]), st.integers(-40, 40).filter(bool), st.integers(300, 600)), max_size=12
    )
)
def test_the_daily_profit_is_what_net_liquidation_moved_by(trades: list[tuple[int, int, int]]) -> None:
    bench = Bench()
    ledger, market = bench.broker.ledgers[ACCOUNT], bench.broker.market
    start = ledger.held()
    opening = Decimal(60000) + 60 * Decimal(498) + 20 * Decimal(350)
    for number, (con_id, shares, price) in enumerate(trades):
        instrument = market.listing(con_id).instrument
        trade(ledger, instrument, Decimal(shares), Decimal(price), Decimal("1.05"), str(number))
        market.reprice(con_id, moved(market.quote(con_id), {"last": Decimal(price)}, instrument.market_rule))
    daily = profit.of_account(ledger, market, start).daily
    assert abs(daily - (margin.figures(ledger, market).net_liquidation - opening)) < Decimal("0.0001")


@pytest.mark.parametrize("new_con_id", [None, 999])
def test_a_split_is_no_profit(new_con_id: int | None) -> None:
    async def run() -> None:
        bench = Bench()
        session, wire = bench.client()
        say(session, 92, 1, ACCOUNT, "")
        bench.broker.bookkeeping.split(MSFT, Ratio(Decimal(4), Decimal(1)), new_con_id)
        wire.take()
        say(session, 92, 2, ACCOUNT, "")
        await turns()
        told = next(each for each in wire.frames if each[0] == "94")
        assert told[:3] == ["94", "2", "120.00"]

    asyncio.run(run())


def test_totals_are_in_base_currency() -> None:
    bench = Bench()
    ledger, market = bench.broker.ledgers[ACCOUNT], bench.broker.market
    start = ledger.held()
    trade(ledger, market.listing(1010).instrument, Decimal(10), Decimal(6))
    own = profit.of_holding(ledger, market, 1010, start)
    assert (own.daily, own.unrealized) == (Decimal(5), Decimal(5))
    before = Decimal(120)
    assert profit.of_account(ledger, market, start).daily == before + Decimal("5.50")
    trade(ledger, market.listing(1010).instrument, Decimal(-4), Decimal(8))
    assert profit.of_account(ledger, market, start).realized == Decimal("8.80")
    earlier = {1010: Position(Decimal(0), Decimal(0), Decimal(5))}
    assert profit.of_holding(ledger, market, 1010, earlier).realized == Decimal(3)


def test_an_account_is_not_told_for_another() -> None:
    async def run() -> None:
        bench = Bench(TWO)
        session, wire = bench.client()
        say(session, 92, 1, ACCOUNT, "")
        say(session, 92, 2, OTHER, "")
        wire.take()
        say(session, 3, 5, *order(PARTS, "BUY", 9))
        await turns()
        assert {frame[1] for frame in wire.frames if frame[0] == "94"} == {"1"}

    asyncio.run(run())


def test_what_is_wrong_with_a_request_comes_by_its_id() -> None:
    bench = Bench()
    session, wire = bench.client()
    say(session, 92, 1, "DU9", "")
    say(session, 94, 2, "DU9", "", GLD)
    say(session, 94, 3, ACCOUNT, "", 4711)
    say(session, 94, 4, ACCOUNT, "", 0)
    say(session, 93, 5)
    say(session, 95, 6)
    assert wire.errors() == [(1, 321), (2, 321), (3, 200), (4, 200), (5, 10185), (6, 10186)]


def test_subscriptions_are_bounded_and_end() -> None:
    bench = Bench()
    session, wire = bench.client()
    for number in range(51):
        say(session, 92, number, ACCOUNT, "")
    assert wire.errors() == [(50, 322)]
    for number in range(1, 50):
        say(session, 93, number)
    wire.take()
    bench.broker.move_prices({GLD: {"last": Decimal(351)}})
    assert [frame for frame in wire.take() if frame[0] == "94"] == [["94", "0", "140.00", "7020.00", "0.00"]]
    say(session, 93, 0)
    bench.broker.move_prices({GLD: {"last": Decimal(352)}})
    assert wire.take() == []


def test_what_does_not_touch_the_account_is_not_told() -> None:
    async def run() -> None:
        bench = Bench()
        session, wire = bench.client()
        say(session, 92, 1, ACCOUNT, "")
        wire.take()
        bench.broker.move_prices({PARTS: {"last": Decimal(11)}})
        assert wire.take() == []
        say(session, 3, 5, *order(PARTS, "BUY", 9))
        await turns()
        assert "94" in wire.ids()

    asyncio.run(run())


@pytest.mark.broker
def test_a_library_is_told_the_profit_of_the_account_and_of_a_holding() -> None:
    async def script(served: Running, ib: Any) -> None:
        whole = ib.reqPnL(ACCOUNT)
        single = ib.reqPnLSingle(ACCOUNT, "", MSFT)
        await until(lambda: bool(single.value == 30000))
        assert (whole.dailyPnL, whole.unrealizedPnL, whole.realizedPnL) == (120, 7000, 0)
        assert (single.position, single.dailyPnL, single.unrealizedPnL) == (60, 120, 6000)
        move(served, MSFT, last="510")
        await until(lambda: bool(single.dailyPnL == 720))
        assert whole.dailyPnL == 720
        trade = bought(ib, "GLD", 5)
        await until(lambda: trade.filled() == 5)
        await until(lambda: bool(whole.dailyPnL < 720))
        # The commission, and the half of the spread that the purchase crossed.
        assert whole.dailyPnL == pytest.approx(720 - 1 - 0.05)

    with_client(script)


@pytest.mark.broker
def test_a_library_ends_its_subscriptions_without_an_error() -> None:
    async def script(_served: Running, ib: Any) -> None:
        seen = heard(ib)
        ib.reqPnL(ACCOUNT)
        ib.reqPnLSingle(ACCOUNT, "", MSFT)
        await sync(ib)
        ib.cancelPnL(ACCOUNT)
        ib.cancelPnLSingle(ACCOUNT, "", MSFT)
        await sync(ib)
        assert seen == []

    meeting(script)
