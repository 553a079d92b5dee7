"""An order's life by the clock: the open, the close, auctions, dates, what is immediate.

The market keeps New York's hours. The tests begin at 10:00 there, on Wednesday 2026-03-04; it closes at 16:00.
"""

from decimal import Decimal

import pytest

from reconciler.simgateway.market.instruments import FillBehaviour
from reconciler.simgateway.session import Session
from tests.simgateway.lab import GLD, LOTS, MSFT, PARTS, SLOW, TEXT, Bench, Wire, say, turns
from tests.simgateway.life import kept, move, on_a_bench, place, story

HOURS = TEXT + "hours: us-stocks\n"
HOUR = 3600.0
TO_CLOSE = 6 * HOUR
TO_EVENING = 7 * HOUR
TO_NIGHT = 11 * HOUR
TO_OPEN = 23.5 * HOUR
"""Seconds from the start to 16:00, 17:00, 21:00 and to 9:30 of the next day."""


def at(bench: Bench, seconds: float) -> None:
    """Move the clock to so many seconds after the start."""
    bench.clock.step(seconds - bench.clock.seconds())


def texts(wire: Wire, code: int) -> list[str]:
    return [frame[4] for frame in wire.frames if frame[0] == "4" and frame[3] == str(code)]


def test_an_order_after_the_close_waits_for_the_open_and_is_told_so() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        at(bench, TO_EVENING)
        place(session, 1, MSFT, "BUY", 5)
        place(session, 2, GLD, "BUY", 10, "LMT", limit="300.00")
        assert texts(wire, 399) == [
            "Order Message:\nBUY 5 MSFT NASDAQ.NMS\nWarning: your order will not be placed at the exchange until "
            "2026-03-05 09:30:00 US/Eastern",
            "Order Message:\nBUY 10 GLD ARCA.NMS\nWarning: your order will not be placed at the exchange until "
            "2026-03-05 09:30:00 US/Eastern",
        ]
        assert story(wire) == ["1 PreSubmitted 0", "1 error 399", "2 PreSubmitted 0", "2 error 399"]
        at(bench, TO_OPEN - 1)
        move(bench, MSFT, last="490.00")
        await turns()
        assert story(wire) == []
        at(bench, TO_OPEN)
        await turns()
        assert story(wire) == ["1 fill 5@490.01", "1 Filled 5", "2 Submitted 0"]

    on_a_bench(script, HOURS)


def test_the_open_that_is_told_is_that_of_the_next_trading_day() -> None:
    """On Friday evening; the clocks change on Sunday."""

    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        at(bench, 48 * HOUR + TO_EVENING)
        place(session, 1, MSFT, "BUY", 5)
        assert texts(wire, 399)[0].endswith("until 2026-03-09 09:30:00 US/Eastern")
        at(bench, 96 * HOUR + TO_OPEN - HOUR)
        await turns()
        assert kept(bench, 1).filled == 5
        assert str(kept(bench, 1).executions[0].time) == "2026-03-09 13:30:00+00:00"

    on_a_bench(script, HOURS)


def test_a_cancel_after_the_close_is_confirmed_at_the_open() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        at(bench, TO_EVENING)
        place(session, 1, MSFT, "BUY", 5)
        story(wire)
        say(session, 4, 1, 1, "")
        await turns()
        assert story(wire) == ["1 PendingCancel 0"]
        at(bench, TO_OPEN)
        await turns()
        assert story(wire) == ["1 Cancelled 0", "1 error 202"]
        assert kept(bench, 1).completed_status == "Cancelled by Trader"

    on_a_bench(script, HOURS)


def test_a_day_order_ends_at_the_close() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="300.00")
        place(session, 2, GLD, "BUY", 10, "LMT", limit="300.00", tif="GTC")
        place(session, 3, GLD, "BUY", 10, "STP", stop="400.00", tif="DTC")
        await turns()
        story(wire)
        at(bench, TO_CLOSE - 1)
        assert story(wire) == []
        at(bench, TO_CLOSE)
        assert story(wire) == ["1 Cancelled 0", "1 error 202", "3 Cancelled 0", "3 error 202"]
        assert kept(bench, 1).completed_status == "Cancelled by System:\n"
        assert str(kept(bench, 1).completed_at) == "2026-03-04 21:00:00+00:00"
        at(bench, 4 * 24 * HOUR)
        assert kept(bench, 2).works

    on_a_bench(script, HOURS)


def test_a_day_order_after_the_close_belongs_to_the_next_session() -> None:
    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        at(bench, TO_CLOSE)
        place(session, 1, GLD, "BUY", 10, "LMT", limit="300.00")
        at(bench, 24 * HOUR + TO_CLOSE - 1)
        assert kept(bench, 1).works
        at(bench, 24 * HOUR + TO_CLOSE)
        assert not kept(bench, 1).works

    on_a_bench(script, HOURS)


def test_nothing_fills_and_nothing_triggers_while_the_market_is_closed() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="300.00", tif="GTC")
        place(session, 2, GLD, "SELL", 10, "STP", stop="340.00", tif="GTC")
        await turns()
        at(bench, TO_EVENING)
        story(wire)
        move(bench, GLD, last="290.00")
        await turns()
        move(bench, GLD, last="345.00")
        at(bench, TO_OPEN + 1)
        await turns()
        assert story(wire) == []
        move(bench, GLD, last="290.00")
        await turns()
        assert sorted(each for each in story(wire) if "fill" in each) == ["1 fill 10@290.01", "2 fill 10@289.99"]

    on_a_bench(script, HOURS)


def test_what_rests_over_night_sees_the_price_at_which_the_market_opens() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="300.00", tif="GTC")
        at(bench, TO_EVENING)
        move(bench, GLD, last="290.00")
        story(wire)
        at(bench, TO_OPEN)
        await turns()
        assert story(wire) == ["1 fill 10@290.01", "1 Filled 10"]

    on_a_bench(script, HOURS)


def test_a_fill_that_the_close_overtakes_does_not_happen() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        at(bench, TO_CLOSE - 3)
        place(session, 1, SLOW, "BUY", 10, tif="GTC")
        await turns()
        assert story(wire) == ["1 PreSubmitted 0", "1 Submitted 0"]
        at(bench, TO_CLOSE + 60)
        assert story(wire) == []
        at(bench, TO_OPEN + 60)
        assert story(wire) == ["1 fill 10@10.01", "1 Filled 10"]

    on_a_bench(script, HOURS)


def test_a_limit_order_can_be_worked_outside_regular_hours() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        at(bench, TO_EVENING)
        place(session, 1, GLD, "BUY", 10, "LMT", limit="351.00", outside_rth=1)
        place(session, 2, GLD, "BUY", 10, "LMT", limit="300.00", outside_rth=1)
        await turns()
        assert wire.errors() == []
        assert story(wire) == [
            "1 PreSubmitted 0",
            "1 fill 10@350.01",
            "1 Filled 10",
            "2 PreSubmitted 0",
            "2 Submitted 0",
        ]
        at(bench, TO_CLOSE + 4 * HOUR - 1)
        assert kept(bench, 2).works
        at(bench, TO_CLOSE + 4 * HOUR)
        assert not kept(bench, 2).works

    on_a_bench(script, HOURS)


def test_outside_all_hours_the_open_of_the_early_session_is_told() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        at(bench, TO_NIGHT)
        place(session, 1, GLD, "BUY", 10, "LMT", limit="351.00", outside_rth=1)
        assert texts(wire, 399)[0].endswith("until 2026-03-05 04:00:00 US/Eastern")
        at(bench, 18 * HOUR)
        await turns()
        assert kept(bench, 1).filled == 10

    on_a_bench(script, HOURS)


def test_a_type_that_trades_in_regular_hours_alone_is_told_that_it_asks_too_much() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        at(bench, TO_EVENING)
        place(session, 1, GLD, "BUY", 10, outside_rth=1)
        assert texts(wire, 2109) == [
            "Order Event Warning: Attribute 'Outside Regular Trading Hours' is ignored based on the order type and "
            "destination. PlaceOrder is now being processed."
        ]
        assert texts(wire, 399)[0].endswith("until 2026-03-05 09:30:00 US/Eastern")

    on_a_bench(script, HOURS)


@pytest.mark.parametrize(
    "till",
    ["20260306-15:00:00", "20260306 15:00:00", "20260306 15:00:00 UTC", "20260306 10:00:00 US/Eastern"],
)
def test_an_order_ends_at_its_date(till: str) -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="300.00", tif="GTD", good_till=till)
        at(bench, 48 * HOUR - 1)
        assert story(wire) == ["1 PreSubmitted 0", "1 Submitted 0"]
        at(bench, 48 * HOUR)
        assert story(wire) == ["1 Cancelled 0", "1 error 202"]

    on_a_bench(script, HOURS)


def test_a_date_without_a_time_means_its_end() -> None:
    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="300.00", tif="GTD", good_till="20260305")
        at(bench, 33 * HOUR - 1)
        assert kept(bench, 1).works
        at(bench, 33 * HOUR)
        assert not kept(bench, 1).works

    on_a_bench(script, HOURS)


def test_a_date_that_comes_before_the_open_is_refused() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="300.00", tif="GTD", good_till="20260304-15:00:00")
        at(bench, TO_EVENING)
        place(session, 2, GLD, "BUY", 10, "LMT", limit="300.00", tif="GTD", good_till="20260305-14:30:00")
        place(session, 3, GLD, "BUY", 10, "LMT", limit="300.00", tif="GTD", good_till="20260305-14:30:01")
        assert wire.errors() == [(1, 201), (2, 201), (3, 399)]
        assert texts(wire, 201)[0] == "Order rejected - reason:Order will be expired before market opens."

    on_a_bench(script, HOURS)


ODD_TIMES = (
    "soon",
    "20260306 15:00",
    "20260306 15:00:00 Nowhere/Else",
    "20260306 15:00:00 US/Eastern EST",
    "20260306 15:00:00 ../../etc/passwd",
    "20260306 15:00:00 America",
    "20261306 15:00:00",
    "99991231",
    "00010101 00:00:00 Japan",
    "99991231 23:59:59 US/Eastern",
    "20260306 15:00:00 " + "x" * 5000,
    "2026030" + "\N{ARABIC-INDIC DIGIT SIX}",
)


@pytest.mark.parametrize("text", ODD_TIMES)
@pytest.mark.parametrize("field", ["good_till", "good_after"])
def test_a_time_that_is_none_is_refused(field: str, text: str) -> None:
    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="300.00", tif="GTD", **{"good_till": "20270101", field: text})
        assert wire.errors() == [(1, 391)]

    on_a_bench(script, HOURS)


def test_an_order_is_held_until_its_time_and_no_word_of_the_open() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, good_after="20260304 12:00:00 US/Eastern")
        at(bench, 2 * HOUR - 1)
        assert story(wire) == ["1 PreSubmitted 0"]
        at(bench, 2 * HOUR)
        assert story(wire) == ["1 fill 10@350.01", "1 Filled 10"]
        at(bench, TO_EVENING)
        place(session, 2, GLD, "BUY", 10, good_after="20260304 21:00:00 US/Eastern")
        at(bench, TO_OPEN)
        assert story(wire) == ["2 PreSubmitted 0", "2 fill 10@350.01", "2 Filled 10"]

    on_a_bench(script, HOURS)


def test_a_day_order_that_begins_tomorrow_ends_at_tomorrows_close() -> None:
    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="300.00", good_after="20260305 12:00:00 US/Eastern")
        at(bench, 24 * HOUR + TO_CLOSE - 1)
        assert kept(bench, 1).status == "Submitted"
        at(bench, 24 * HOUR + TO_CLOSE)
        assert kept(bench, 1).status == "Cancelled"

    on_a_bench(script, HOURS)


def test_an_immediate_order_after_the_close_is_immediate_at_the_open() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        at(bench, TO_EVENING)
        place(session, 1, GLD, "BUY", 10, "LMT", limit="300.00", tif="IOC")
        await turns()
        assert story(wire) == ["1 PreSubmitted 0", "1 error 399"]
        at(bench, TO_OPEN)
        await turns()
        assert story(wire) == ["1 Submitted 0", "1 PendingCancel 0", "1 Cancelled 0"]

    on_a_bench(script, HOURS)


@pytest.mark.parametrize(("parts", "told"), [(1, ["1 fill 9@10.01", "1 Filled 9"]), (3, ["1 Inactive 0"])])
def test_fill_or_kill_fills_whole_or_not_at_all(parts: int, told: list[str]) -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        bench.broker.refill(PARTS, FillBehaviour(parts=parts))
        place(session, 1, PARTS, "BUY", 9, tif="FOK")
        await turns()
        assert story(wire)[-len(told) :] == told

    on_a_bench(script)


def test_fill_or_kill_away_from_the_market_is_killed() -> None:
    async def script(_bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 9, "LMT", limit="349.00", tif="FOK")
        await turns()
        assert story(wire) == ["1 PreSubmitted 0", "1 Inactive 0"]

    on_a_bench(script)


def test_an_opening_order_trades_in_the_opening_or_not_at_all() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, tif="OPG")
        place(session, 2, GLD, "BUY", 10, "LMT", limit="345.00", tif="OPG")
        place(session, 3, GLD, "BUY", 10, "LMT", limit="355.00", tif="OPG")
        bench.broker.refill(PARTS, FillBehaviour(never=True))
        place(session, 4, PARTS, "BUY", 9, tif="OPG")
        move(bench, GLD, last="340.00")
        await turns()
        move(bench, GLD, last="350.00")
        at(bench, TO_OPEN - 1)
        assert story(wire) == [f"{each} PreSubmitted 0" for each in (1, 2, 3, 4)]
        at(bench, TO_OPEN)
        await turns()
        assert story(wire) == [
            "1 fill 10@350.01",
            "1 Filled 10",
            "2 Cancelled 0",
            "2 error 202",
            "3 fill 10@350.01",
            "3 Filled 10",
            "4 Cancelled 0",
            "4 error 202",
        ]

    on_a_bench(script, HOURS)


def test_closing_orders_trade_at_the_close_or_not_at_all() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "MOC")
        place(session, 2, GLD, "BUY", 10, "LOC", limit="345.00")
        place(session, 3, GLD, "BUY", 10, "LOC", limit="355.00")
        move(bench, GLD, last="340.00")
        at(bench, TO_CLOSE - 1)
        move(bench, GLD, last="351.00")
        await turns()
        assert story(wire) == [f"{each} PreSubmitted 0" for each in (1, 2, 3)]
        at(bench, TO_CLOSE)
        assert story(wire) == [
            "1 fill 10@351",
            "1 Filled 10",
            "2 Cancelled 0",
            "2 error 202",
            "3 fill 10@351",
            "3 Filled 10",
        ]

    on_a_bench(script, HOURS)


@pytest.mark.parametrize(("con_id", "minutes"), [(LOTS, 10), (MSFT, 5), (GLD, 1)])
def test_a_closing_order_can_come_too_late(con_id: int, minutes: int) -> None:
    """NYSE, Nasdaq and Arca take them until 15:50, 15:55 and 15:59."""

    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        at(bench, TO_CLOSE - minutes * 60)
        place(session, 1, con_id, "BUY", 10, "MOC")
        at(bench, TO_CLOSE - minutes * 60 + 1)
        place(session, 2, con_id, "BUY", 10, "MOC")
        assert wire.errors() == [(2, 201)]
        at(bench, TO_CLOSE)
        place(session, 3, con_id, "BUY", 10, "MOC")
        at(bench, 24 * HOUR + TO_CLOSE - 1)
        assert [kept(bench, each).filled for each in (1, 3)] == [10, 0]
        at(bench, 24 * HOUR + TO_CLOSE)
        assert kept(bench, 3).filled == 10

    on_a_bench(script, HOURS)


@pytest.mark.parametrize("terms", [("MKT", "OPG"), ("MOC", "DAY")])
def test_in_a_market_that_never_closes_no_auction_comes(terms: tuple[str, str]) -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, terms[0], tif=terms[1])
        bench.clock.step(2 * 24 * HOUR)
        await turns()
        assert story(wire) == ["1 PreSubmitted 0"]
        say(session, 4, 1, 1, "")
        await turns()
        assert story(wire) == ["1 PendingCancel 0", "1 Cancelled 0", "1 error 202"]

    on_a_bench(script)


def test_a_change_can_give_an_order_another_end() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="300.00", tif="GTC")
        place(session, 2, GLD, "BUY", 10, "LMT", limit="300.00")
        place(session, 1, GLD, "BUY", 10, "LMT", limit="300.00")
        place(session, 2, GLD, "BUY", 10, "LMT", limit="300.00", tif="GTC")
        place(session, 2, GLD, "BUY", 10, "LMT", limit="300.00", tif="GTD", good_till="20260304-12:00:00")
        assert wire.errors() == [(2, 201)]
        at(bench, 48 * HOUR)
        assert [kept(bench, each).works for each in (1, 2)] == [False, True]

    on_a_bench(script, HOURS)


def test_a_change_after_the_close_waits_for_the_open() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="300.00", tif="GTC")
        at(bench, TO_EVENING)
        story(wire)
        place(session, 1, GLD, "BUY", 10, "LMT", limit="360.00", tif="GTC")
        await turns()
        assert story(wire) == ["1 Submitted 0"]
        at(bench, TO_OPEN)
        await turns()
        assert story(wire) == ["1 fill 10@350.01", "1 Filled 10"]

    on_a_bench(script, HOURS)


def test_an_order_that_worked_at_the_start_ends_at_the_close_too() -> None:
    text = HOURS.replace("price: 420", "price: 420\n    tif: DAY")

    async def script(bench: Bench, _session: Session, _wire: Wire) -> None:
        at(bench, TO_CLOSE - 1)
        assert kept(bench, 4, 77).works
        at(bench, TO_CLOSE)
        assert not kept(bench, 4, 77).works

    on_a_bench(script, text)


def test_a_bracket_after_the_close_is_told_of_the_open_thrice_and_worked_then() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        at(bench, TO_EVENING)
        place(session, 1, GLD, "BUY", 10, transmit=0)
        place(session, 2, GLD, "SELL", 10, "LMT", limit="360.00", parent=1, transmit=0)
        place(session, 3, GLD, "SELL", 10, "STP", stop="340.00", parent=1)
        assert wire.errors() == [(1, 399), (2, 399), (3, 399)]
        at(bench, TO_OPEN)
        await turns()
        assert [str(kept(bench, each).status) for each in (1, 2, 3)] == ["Filled", "Submitted", "PreSubmitted"]
        at(bench, 24 * HOUR + TO_CLOSE)
        assert [kept(bench, each).works for each in (2, 3)] == [False, False]

    on_a_bench(script, HOURS)


def test_prices_in_the_evening_do_not_reach_orders_of_the_day() -> None:
    """One order of two trades outside regular hours."""

    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="300.00", tif="GTC", outside_rth=1)
        place(session, 2, GLD, "BUY", 10, "LMT", limit="300.00", tif="GTC")
        at(bench, TO_EVENING)
        move(bench, GLD, last="299.00")
        await turns()
        assert [kept(bench, each).filled for each in (1, 2)] == [Decimal(10), Decimal(0)]

    on_a_bench(script, HOURS)


HALTED = TEXT.replace("spread: 0.02, close: 498.00}", "spread: 0.02, close: 498.00, halted: true}")


def test_an_instrument_can_be_halted_from_the_start_and_resumed() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        say(session, 1, 11, 900, MSFT, *[""] * 11, "0", "", "0", "0", "")
        place(session, 1, MSFT, "BUY", 5)
        place(session, 2, GLD, "BUY", 10)
        await turns()
        assert [frame[2:5] for frame in wire.frames if frame[0] == "45"] == [["900", "49", "1"]]
        assert story(wire) == ["1 PreSubmitted 0", "2 PreSubmitted 0", "2 fill 10@350.01", "2 Filled 10"]
        bench.broker.quirks.clear("halted:MSFT")
        await turns()
        assert [frame[2:5] for frame in wire.frames if frame[0] == "45"] == [["900", "49", "0"]]
        assert story(wire) == ["1 fill 5@500.01", "1 Filled 5"]

    on_a_bench(script, HALTED)


def test_nothing_fills_in_a_halt_but_a_cancel_is_confirmed() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "LMT", limit="300.00")
        place(session, 2, GLD, "BUY", 10, "LMT", limit="300.00")
        place(session, 3, SLOW, "BUY", 10)
        await turns()
        bench.broker.quirks.arm("halted")
        story(wire)
        move(bench, GLD, last="290.00")
        bench.clock.step(60)
        assert story(wire) == []
        say(session, 4, 1, 2, "")
        await turns()
        assert story(wire) == ["2 PendingCancel 0", "2 Cancelled 0", "2 error 202"]
        bench.broker.quirks.clear("halted")
        await turns()
        assert story(wire) == ["1 fill 10@290.01", "1 Filled 10"]
        bench.clock.step(5)
        assert story(wire) == ["3 fill 10@10.01", "3 Filled 10"]

    on_a_bench(script)


def test_a_halt_lasts_until_its_last_reason_is_gone() -> None:
    async def script(bench: Bench, session: Session, _wire: Wire) -> None:
        bench.broker.quirks.arm("halted")
        bench.broker.quirks.arm("halted:GLD")
        place(session, 1, GLD, "BUY", 10)
        bench.broker.quirks.clear("halted")
        await turns()
        assert kept(bench, 1).status == "PreSubmitted"
        bench.broker.quirks.clear("halted:GLD")
        await turns()
        assert kept(bench, 1).status == "Filled"

    on_a_bench(script)


def test_an_order_for_the_close_of_a_halted_market_ends_unfilled() -> None:
    async def script(bench: Bench, session: Session, wire: Wire) -> None:
        place(session, 1, GLD, "BUY", 10, "MOC")
        bench.broker.quirks.arm("halted:GLD")
        at(bench, TO_CLOSE)
        assert story(wire) == ["1 PreSubmitted 0", "1 Cancelled 0", "1 error 202"]

    on_a_bench(script, HOURS)
