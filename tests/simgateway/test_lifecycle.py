"""An order's life over the sessions of a market: the close, the night, the open.

The market keeps New York's hours. The tests begin at 10:00 there, on Wednesday 2026-03-04; it closes at 16:00.
"""

from decimal import Decimal

from reconciler.simgateway.session import Session
from tests.simgateway.lab import GLD, MSFT, SLOW, Bench, Wire, say, turns
from tests.simgateway.life import (
    HOUR,
    HOURS,
    TO_CLOSE,
    TO_EVENING,
    TO_NIGHT,
    TO_OPEN,
    at,
    kept,
    move,
    on_a_bench,
    place,
    story,
    texts,
)


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
