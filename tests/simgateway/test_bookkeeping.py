"""What the broker enters by itself: interest, settlement, dividends, splits; and what clients are told of it."""

import asyncio
from collections.abc import Callable, Coroutine
from decimal import Decimal
from functools import wraps
from typing import Any

import pytest

from reconciler.simgateway.books.corporate import Dividend, Ratio
from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.margin import figures
from tests.simgateway.lab import ACCOUNT, GLD, MSFT, TEXT, Bench, Wire, order, say, turns

HOUR = 3600.0
UNTIL_MIDNIGHT = 14 * HOUR
"""The lab starts at 10:00 in New York."""
LOAN = TEXT.replace("cash: {USD: 60000.00}", "cash: {USD: -36000.00, EUR: 7200.00}") + (
    "interest: {loan: {USD: 0.06}, credit: {EUR: 0.02}}\n"
)


def in_loop(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run a test in an event loop: the clock needs one."""

    @wraps(test)
    def run() -> None:
        asyncio.run(test())

    return run


def ledger_of(bench: Bench) -> Ledger:
    return bench.broker.ledgers[ACCOUNT]


def days(bench: Bench, count: int) -> None:
    """Let days pass without the three-minute refresh of account values, which would take all the time."""
    bench.broker.reporting.stop()
    for _ in range(count):
        bench.clock.step(24 * HOUR)


def row(wire: Wire, key: str, currency: str) -> str:
    """The last value of a key that message 6 told."""
    return next(each[3] for each in reversed(wire.frames) if each[0] == "6" and each[2:5:2] == [key, currency])


@in_loop
async def test_interest_accrues_at_midnight_on_loans_and_credit() -> None:
    bench = Bench(LOAN)
    before = figures(ledger_of(bench), bench.broker.market)
    bench.clock.step(UNTIL_MIDNIGHT - 1)
    assert dict(ledger_of(bench).interest) == {}
    bench.clock.step(1)
    # 36,000 × 6 % / 360 and 7,200 × 2 % / 360.
    assert dict(ledger_of(bench).interest) == {"USD": Decimal("-6"), "EUR": Decimal("0.4")}
    after = figures(ledger_of(bench), bench.broker.market)
    assert after.net_liquidation - before.net_liquidation == Decimal("-6") + Decimal("0.44")
    assert after.equity_with_loan == before.equity_with_loan


@in_loop
async def test_account_updates_tell_the_interest_accrued_once_for_each_currency() -> None:
    bench = Bench(LOAN.replace("cash:", "accruals: {USD: -1.50, EUR: 2}\n    cash:"))
    session, wire = bench.client()
    say(session, 6, 2, 1, ACCOUNT)
    told = {each[4]: each[3] for each in wire.frames if each[0] == "6" and each[2] == "AccruedCash"}
    assert told == {"USD": "-1.50", "EUR": "2.00", "BASE": "0.70"}
    assert sum(each[2] == "AccruedCash" for each in wire.frames if each[0] == "6") == 3
    wire.take()
    say(session, 62, 1, 7, "All", "AccruedCash")
    assert [each[4:7] for each in wire.frames if each[0] == "63"] == [["AccruedCash", "0.70", "USD"]]


@in_loop
async def test_interest_is_paid_on_the_first_of_the_month_in_cents() -> None:
    bench = Bench(LOAN.replace("EUR: 7200.00", "EUR: 7210.00"))
    days(bench, 27)
    ledger = ledger_of(bench)
    assert ledger.interest["USD"] == -6 * 27
    total = ledger.cash["USD"] + ledger.interest["USD"]
    days(bench, 1)
    assert ledger.cash["USD"] == -36_000 - 6 * 28
    assert ledger.interest["USD"] == 0
    assert ledger.cash["USD"] + ledger.interest["USD"] == total - 6
    # 28 × 0.40055556 is 11.21555568: what is less than a cent stays accrued.
    assert ledger.cash["EUR"] == Decimal("7221.22")
    assert ledger.interest["EUR"] == Decimal("-0.00444432")
    references = {posting.reference for posting in ledger.postings if posting.interest}
    assert {"interest 2026-03-04", "interest 2026-03-31", "interest paid 2026-04-01"} <= references


@in_loop
async def test_what_is_sold_settles_with_the_next_business_day() -> None:
    bench = Bench()
    session, wire = bench.client()
    say(session, 6, 2, 1, ACCOUNT)
    say(session, 3, 1, *order(MSFT, "SELL", 10))
    await turns()
    assert row(wire, "TotalCashValue", "USD") == "64998.90"
    assert row(wire, "SettledCash", "USD") == "59999.00"
    bench.clock.step(UNTIL_MIDNIGHT)
    bench.clock.step(180)
    assert row(wire, "SettledCash", "USD") == "64998.90"


@in_loop
async def test_a_dividend_accrues_on_the_ex_date_and_is_paid_later() -> None:
    bench = Bench()
    session, wire = bench.client()
    say(session, 6, 2, 1, ACCOUNT)
    before = figures(ledger_of(bench), bench.broker.market)
    bench.broker.bookkeeping.dividend(Dividend(MSFT, Decimal("0.83"), "USD"), pays_in_days=2)
    await turns()
    assert row(wire, "AccruedDividend", "USD") == "49.80"
    assert row(wire, "TotalCashValue", "USD") == "60000.00"
    assert row(wire, "NetLiquidation", "USD") == "97049.80"
    assert row(wire, "EquityWithLoanValue", "USD") == "97000.00"
    assert figures(ledger_of(bench), bench.broker.market).available_funds == before.available_funds
    days(bench, 1)
    assert ledger_of(bench).cash["USD"] == 60_000
    days(bench, 1)
    await turns()
    assert row(wire, "AccruedDividend", "USD") == "0.00"
    assert row(wire, "TotalCashValue", "USD") == "60049.80"


@in_loop
async def test_a_short_pays_the_dividend_in_its_currency() -> None:
    bench = Bench(TEXT.replace("GLD: {quantity: 20", "GLD: {quantity: -20"))
    bench.broker.bookkeeping.dividend(Dividend(GLD, Decimal("0.50"), "EUR"))
    assert ledger_of(bench).cash["EUR"] == -10
    assert ledger_of(bench).dividends["EUR"] == 0


@in_loop
async def test_a_dividend_of_nothing_held_enters_nothing() -> None:
    bench = Bench()
    entered = len(ledger_of(bench).postings)
    bench.broker.bookkeeping.dividend(Dividend(1001, Decimal(1), "USD"))
    bench.broker.bookkeeping.dividend(Dividend(MSFT, Decimal("0.00001"), "USD"))
    assert len(ledger_of(bench).postings) == entered


@in_loop
async def test_a_split_keeps_cost_and_value_and_cancels_what_works() -> None:
    bench = Bench()
    session, wire = bench.client()
    say(session, 61, 1)
    say(session, 3, 1, *order(MSFT, "BUY", 1, "LMT", limit=400, tif="GTC"))
    await turns()
    wire.take()
    before = figures(ledger_of(bench), bench.broker.market)
    say(session, 1, 11, 9, MSFT, "", "", "", "0", "", "", "SMART", "", "", "", "", 0, "", 0, 0, "")
    wire.take()
    bench.broker.bookkeeping.split(MSFT, Ratio(Decimal(4), Decimal(1)))
    await turns()
    assert ["1", "6", "9", "4", "125"] in [each[:5] for each in wire.frames]
    assert ledger_of(bench).position(MSFT).quantity == 240
    assert ledger_of(bench).position(MSFT).average_cost == 100
    quote = bench.broker.market.quote(MSFT)
    # The spread of two cents becomes half a cent: bid and ask fall on the nearest cents.
    assert [quote.last, quote.close, quote.bid, quote.ask] == [125, Decimal("124.5"), 125, 125]
    assert figures(ledger_of(bench), bench.broker.market) == before
    assert [each[1:3] for each in wire.frames if each[0] == "3"] == [["1", "Cancelled"]]
    assert (1, 202) in wire.errors()
    assert not bench.broker.book.working()
    assert [each[-2] for each in wire.frames if each[0] == "61"] == ["240"]


@in_loop
async def test_a_split_into_a_new_contract_tells_the_old_one_as_flat_first() -> None:
    bench = Bench()
    session, wire = bench.client()
    say(session, 61, 1)
    say(session, 6, 2, 1, ACCOUNT)
    wire.take()
    bench.broker.bookkeeping.split(MSFT, Ratio(Decimal(1), Decimal(7)), new_con_id=999)
    await turns()
    # 60 shares are 8.571… new ones: eight, and four sevenths in cash at 3,500.
    assert [(each[3], each[-2]) for each in wire.frames if each[0] == "61"] == [(str(MSFT), "0"), ("999", "8")]
    told = {each[2]: each[13] for each in wire.frames if each[0] == "7"}
    assert told[str(MSFT)] == "0"
    assert told["999"] == "8"
    ledger = ledger_of(bench)
    assert ledger.cash["USD"] == 62_000
    assert ledger.position(999).average_cost == 2_800
    assert ledger.position(999).realized == Decimal("400")
    assert figures(ledger, bench.broker.market).net_liquidation == 97_000


@in_loop
async def test_after_a_split_into_a_new_contract_the_old_one_is_unknown() -> None:
    bench = Bench()
    session, wire = bench.client()
    bench.broker.bookkeeping.split(MSFT, Ratio(Decimal(2), Decimal(1)), new_con_id=999)
    await turns()
    wire.take()
    say(session, 9, 8, 5, MSFT, "", "", "", "0", "", "", "", "", "", "", "", 0, "", "", "")
    say(session, 9, 8, 6, 0, "MSFT", "STK", "", "0", "", "", "SMART", "", "USD", "", "", 0, "", "", "")
    assert (5, 200) in wire.errors()
    found = [each for each in wire.frames if each[0] == "10"]
    assert [(each[1], "999" in each) for each in found] == [("6", True)]


@in_loop
async def test_a_renamed_contract_is_found_under_its_new_symbol_and_keeps_its_watchers() -> None:
    bench = Bench()
    session, wire = bench.client()
    say(session, 1, 11, 9, MSFT, "", "", "", "0", "", "", "SMART", "", "", "", "", 0, "", 0, 0, "")
    bench.broker.bookkeeping.rename(MSFT, "MSFX")
    wire.take()
    bench.broker.move_prices({MSFT: {"last": Decimal(505)}})
    assert any(each[0] == "1" and each[2] == "9" for each in wire.frames)
    assert [each.symbol for each in bench.broker.market.named("MSFX")] == ["MSFX"]
    assert bench.broker.market.named("MSFT") == []
    assert ledger_of(bench).position(MSFT).quantity == 60


@pytest.mark.parametrize("ratio", [Ratio(Decimal(0), Decimal(1)), Ratio(Decimal(1), Decimal(-1))])
def test_a_split_needs_a_ratio_above_zero(ratio: Ratio) -> None:
    async def run() -> None:
        bench = Bench()
        with pytest.raises(ValueError, match="above zero"):
            bench.broker.bookkeeping.split(MSFT, ratio)
        with pytest.raises(ValueError, match="already"):
            bench.broker.bookkeeping.split(MSFT, Ratio(Decimal(2), Decimal(1)), new_con_id=GLD)
        with pytest.raises(KeyError):
            bench.broker.bookkeeping.split(4711, Ratio(Decimal(2), Decimal(1)))
        assert ledger_of(bench).position(MSFT).quantity == 60

    asyncio.run(run())


@in_loop
async def test_nothing_is_entered_after_the_gateway_stopped() -> None:
    bench = Bench(LOAN)
    bench.broker.stop()
    days(bench, 2)
    assert dict(ledger_of(bench).interest) == {}
