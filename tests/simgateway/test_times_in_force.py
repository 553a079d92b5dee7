"""When an order begins and ends by its own terms: dates, what is immediate, auctions.

The market keeps New York's hours. The tests begin at 10:00 there, on Wednesday 2026-03-04; it closes at 16:00.
"""

import pytest

from reconciler.simgateway.market.instruments import FillBehaviour
from reconciler.simgateway.session import Session
from tests.simgateway.lab import GLD, LOTS, MSFT, PARTS, Bench, Wire, say, turns
from tests.simgateway.life import (
    HOUR,
    HOURS,
    TO_CLOSE,
    TO_EVENING,
    TO_OPEN,
    at,
    kept,
    move,
    on_a_bench,
    place,
    story,
    texts,
)


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
