"""Day trades: how they are counted, and who is refused another one."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simgateway.books.day_trades import DayTrades
from reconciler.simgateway.session import Session
from reconciler.simgateway.staging import load
from tests.simgateway.lab import ACCOUNT, GLD, MSFT, NEVER, PARTS, TEXT, Bench, Wire, order, say, turns
from tests.simgateway.life import move, on_a_bench, ordered
from tests.simgateway.options_lab import CALL, OPTIONS
from tests.simgateway.test_logins import OTHER, TWO

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)

# ------------------------------------------------------------------------------------------------------ how they count


def after(*fills: tuple[int, int], held: int = 0, remaining: int = 9) -> int:
    """What remains after fills on one day, each an order's number and shares, in a contract of which some were held."""
    trades = DayTrades(remaining)
    for number, shares in fills:
        trades.enter(MONDAY, number, MSFT, Decimal(held), Decimal(shares))
        held += shares
    assert trades.remaining is not None
    return trades.remaining


@pytest.mark.parametrize(
    ("fills", "held", "made"),
    [
        ([(1, 10)], 0, 0),
        ([(1, 10), (2, 10)], 0, 0),
        ([(1, 10), (2, -10)], 0, 1),
        ([(1, 10), (2, -1)], 0, 1),
        # Each closing order once, whatever its fills; each order for itself.
        ([(1, 10), (2, -4), (2, -3), (2, -3)], 0, 1),
        ([(1, 10), (2, -4), (3, -6)], 0, 2),
        ([(1, 4), (1, 6), (2, -10)], 0, 1),
        # What was held before is no day trade; what the day added is closed first.
        ([(1, -10)], 10, 0),
        ([(1, -10), (2, 10)], 10, 0),
        ([(1, 5), (2, -5)], 10, 1),
        ([(1, 5), (2, -5), (3, -10)], 10, 1),
        ([(1, 5), (2, -12), (3, -3)], 10, 1),
        # A reversal closes, and opens the other way.
        ([(1, 10), (2, -15)], 0, 1),
        ([(1, 10), (2, -15), (3, 5)], 0, 2),
        ([(1, -15), (2, 5)], 10, 1),
        ([(1, -15), (2, 6)], 10, 1),
        # Short first.
        ([(1, -10), (2, 4), (3, 6)], 0, 2),
    ],
)
def test_an_order_that_closes_what_the_day_opened_is_a_day_trade(
    fills: list[tuple[int, int]], held: int, made: int
) -> None:
    assert after(*fills, held=held) == 9 - made


def test_the_number_ends_at_zero_and_another_day_begins_anew() -> None:
    assert after((1, 10), (2, -4), (3, -4), (4, -2), remaining=2) == 0
    trades = DayTrades(3)
    trades.enter(MONDAY, 1, MSFT, Decimal(0), Decimal(10))
    trades.enter(TUESDAY, 2, MSFT, Decimal(10), Decimal(-10))
    assert trades.remaining == 3
    trades.enter(TUESDAY, 3, MSFT, Decimal(0), Decimal(10))
    trades.enter(TUESDAY, 4, GLD, Decimal(0), Decimal(-10))
    assert trades.remaining == 3
    assert not trades.exhausted_by(TUESDAY, MSFT, -1)


def test_an_order_that_fills_on_two_days_can_be_a_day_trade_on_each() -> None:
    trades = DayTrades(3)
    for day in (MONDAY, TUESDAY):
        trades.enter(day, 1, MSFT, Decimal(0), Decimal(10))
        trades.enter(day, 2, MSFT, Decimal(10), Decimal(-10))
    assert trades.remaining == 1


def test_whoever_is_not_limited_counts_to_nothing() -> None:
    trades = DayTrades()
    trades.enter(MONDAY, 1, MSFT, Decimal(0), Decimal(10))
    trades.enter(MONDAY, 2, MSFT, Decimal(10), Decimal(-10))
    assert trades.remaining is None
    assert not trades.exhausted_by(MONDAY, MSFT, -1)


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(-9, 9).filter(bool)), max_size=12), st.integers(-9, 9))
def test_an_order_is_exhausting_exactly_when_its_first_fill_would_count(
    fills: list[tuple[int, int]], start: int
) -> None:
    """What is refused at zero is what would have been counted before."""
    trades, held, closers = DayTrades(1000), start, set[int]()
    for number, shares in fills:
        limited = DayTrades(0)
        limited._day, limited._opened = trades._day, dict(trades._opened)
        would = limited.exhausted_by(MONDAY, MSFT, 1 if shares > 0 else -1)
        before = trades.remaining
        trades.enter(MONDAY, number, MSFT, Decimal(held), Decimal(shares))
        held += shares
        assert (trades.remaining != before) == (would and number not in closers)
        closers |= {number} if would else set()
        opened = trades._opened[MSFT]
        assert abs(opened) <= abs(held)
        assert opened * held >= 0


# ------------------------------------------------------------------------------------------------------- who is refused


HOLDINGS = TEXT[TEXT.index("    positions:") : TEXT.index("market_rules:")]
POOR = TEXT.replace(HOLDINGS, "").replace("USD: 60000.00", "USD: 1000.00")
"""The account of the laboratory with 1,000 in cash and no holdings."""
OF_EUROS = """
accounts:
  DU1000001: {base_currency: EUR, cash: {EUR: 1000.00}, day_trades_remaining: 3}
instruments:
  TWIN.EUR: {con_id: 1010, name: TWIN IN EUROPE, primary_exchange: IBIS, currency: EUR}
"""


def limited(remaining: int, text: str = POOR) -> str:
    """A scenario whose account may make so many day trades."""
    return text.replace("  DU1000001:\n", f"  DU1000001:\n    day_trades_remaining: {remaining}\n")


def remaining(bench: Bench, account: str = ACCOUNT) -> int | None:
    return bench.broker.ledgers[account].day_trades.remaining


def test_at_zero_what_would_close_the_days_position_is_refused_and_nothing_else() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, GLD, "BUY", 2)
        await ordered(session, 2, GLD, "SELL", 1)
        assert (wire.errors(), remaining(bench)) == ([], 0)
        wire.take()
        await ordered(session, 3, GLD, "SELL", 1)
        assert wire.errors() == [(3, 201)]
        state, _, error = wire.take()
        assert "Inactive" in state
        assert error[4].startswith("Order rejected - reason:Potential Pattern Day Trade.")
        # A buy adds, and another contract has not been opened today.
        await ordered(session, 4, GLD, "BUY", 1, "LMT", limit="340.00")
        await ordered(session, 5, PARTS, "BUY", 3)
        assert wire.errors() == []
        await ordered(session, 6, PARTS, "SELL", 1, "LMT", limit="50.00")
        assert wire.errors() == [(6, 201)]
        # An hour before midnight in New York it is tomorrow elsewhere; an hour past it was opened yesterday.
        bench.clock.step(13 * 3600)
        await ordered(session, 7, GLD, "SELL", 1)
        assert wire.errors() == [(6, 201), (7, 201)]
        bench.clock.step(2 * 3600)
        await ordered(session, 8, GLD, "SELL", 1)
        assert len(wire.errors()) == 2
        assert bench.broker.ledgers[ACCOUNT].position(GLD).quantity == 0
        assert remaining(bench) == 0

    on_a_bench(script, limited(1))


def test_a_what_if_has_the_text_as_its_warning() -> None:
    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, GLD, "BUY", 1)
        wire.take()
        await ordered(session, 2, GLD, "SELL", 1, what_if=1)
        await ordered(session, 3, GLD, "BUY", 1, what_if=1)
        answers = [any("Pattern Day Trade" in field for field in frame) for frame in wire.frames if frame[0] == "5"]
        assert answers == [False, True, False, False]
        assert wire.errors() == []

    on_a_bench(script, limited(0))


@pytest.mark.parametrize(
    ("cash", "refused"),
    # A share of gold is bought a cent above the mark, for a commission of one.
    [("25001.01", []), ("25001.00", [(2, 201)])],
)
def test_whoever_has_enough_may(cash: str, refused: list[tuple[int, int]]) -> None:
    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, GLD, "BUY", 1)
        await ordered(session, 2, GLD, "SELL", 1)
        assert wire.errors() == refused

    on_a_bench(script, limited(0).replace("USD: 1000.00", f"USD: {cash}"))


@pytest.mark.parametrize(("rate", "refused"), [("0.80", []), ("0.90", [(2, 201)])])
def test_enough_is_measured_in_dollars(rate: str, refused: list[tuple[int, int]]) -> None:
    """An account in euros has 21,000: 26,250 dollars at 0.80, and 23,333 at 0.90."""

    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, GLD, "BUY", 1)
        await ordered(session, 2, GLD, "SELL", 1)
        assert wire.errors() == refused

    text = limited(0).replace("cash: {USD: 1000.00}", "base_currency: EUR\n    cash: {EUR: 21000.00}")
    on_a_bench(script, text.replace("exchange_rates: {EUR: 1.10}", f"exchange_rates: {{USD: {rate}}}"))


def test_an_order_in_parts_takes_one_and_what_was_held_before_takes_none() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, MSFT, "SELL", 10)
        await ordered(session, 2, PARTS, "BUY", 9)
        assert remaining(bench) == 3
        await ordered(session, 3, PARTS, "SELL", 9)
        assert len([frame for frame in wire.frames if frame[0] == "11" and frame[2] == "3"]) == 3
        assert remaining(bench) == 2
        await ordered(session, 4, MSFT, "BUY", 10)
        assert remaining(bench) == 2
        await ordered(session, 5, MSFT, "SELL", 10)
        assert remaining(bench) == 1

    on_a_bench(script, limited(3, TEXT))


def test_options_count_and_futures_do_not() -> None:
    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        await ordered(session, 1, CALL, "BUY", 1)
        await ordered(session, 2, CALL, "SELL", 1)
        assert remaining(bench) == 2
        for number, action in enumerate(("BUY", "SELL"), 3):
            fields = order(9, action, 1)
            fields[7] = "CME"
            say(session, 3, number, *fields)
            await turns()
        assert bench.broker.ledgers[ACCOUNT].postings[-1].reference.endswith("commission")
        assert remaining(bench) == 2

    future = "  F: {con_id: 9, name: F, security_type: FUT, expiry: 2026-12-18, last: 50, spread: 0.02}\norders:\n"
    on_a_bench(script, limited(3, OPTIONS.replace("orders:\n", future)))


def test_what_works_when_the_last_one_is_used_may_still_fill_and_zero_stays() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, GLD, "BUY", 2)
        await ordered(session, 2, GLD, "SELL", 1, "LMT", limit="360.00")
        await ordered(session, 3, GLD, "SELL", 1)
        assert remaining(bench) == 0
        move(bench, GLD, last="361")
        await turns()
        assert wire.errors() == []
        assert (remaining(bench), bench.broker.ledgers[ACCOUNT].position(GLD).quantity) == (0, Decimal(0))

    on_a_bench(script, limited(1))


def test_more_of_an_order_is_refused_like_a_new_one() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        await ordered(session, 1, NEVER, "SELL", 1, "LMT", limit="50.00")
        bench.broker.venue.strike(bench.broker.book.working()[1], Decimal(1), Decimal(10))
        await ordered(session, 2, GLD, "SELL", 1, "LMT", limit="360.00")
        await ordered(session, 3, GLD, "BUY", 1)
        assert wire.errors() == []
        # It was taken when nothing had been opened; more of it would close what was.
        await ordered(session, 2, GLD, "SELL", 2, "LMT", limit="360.00")
        assert wire.errors() == [(2, 201)]
        await ordered(session, 2, GLD, "SELL", 1, "LMT", limit="361.00")
        assert len(wire.errors()) == 1

    on_a_bench(script, limited(0))


def test_each_account_has_its_own() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        for number, action in enumerate(("BUY", "SELL"), 1):
            for account in (ACCOUNT, OTHER):
                fields = order(GLD, action, 1)
                fields[fields.index(ACCOUNT)] = account
                say(session, 3, number * 10 + (account == OTHER), *fields)
                await turns()
        assert wire.errors() == []
        assert (remaining(bench), remaining(bench, OTHER)) == (2, None)

    on_a_bench(script, limited(3, TWO))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (limited(-1), "5:27: error: accounts.DU1000001.day_trades_remaining must be at least 0, not '-1' [SCN005]"),
        (
            limited(3).replace("remaining: 3", "remaining: 2.5"),
            "5:27: error: accounts.DU1000001.day_trades_remaining must be a whole number, not '2.5' [SCN003]",
        ),
        (OF_EUROS, "3:14: error: the account has no exchange rate for USD [SCN103]"),
    ],
)
def test_mistakes_are_told(text: str, told: str) -> None:
    loaded, found = load(text, "bad.yaml")
    assert loaded is None
    assert [str(each) for each in found] == [f"bad.yaml:{told}"]
    assert load(OF_EUROS.replace(", day_trades_remaining: 3", ""), "good.yaml")[1] == []
