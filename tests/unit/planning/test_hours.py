"""Which markets are closed, and when the last of them opens."""

from dataclasses import replace
from datetime import timedelta

from reconciler.domain.contract import Contract, TradingSession
from reconciler.planning.hours import closed_now, opening_of, why_closed
from tests.builders import NOW, a_contract


def with_hours(symbol: str, *hours: tuple[int, int]) -> Contract:
    """Open from so many hours from now until so many."""
    sessions = tuple(
        TradingSession(NOW + timedelta(hours=opens), NOW + timedelta(hours=closes)) for opens, closes in hours
    )
    return replace(a_contract(symbol), liquid_hours=sessions)


OPEN, CLOSED = with_hours("MSFT", (-1, 5), (23, 29)), with_hours("GLD", (-7, 0), (17, 24))
LATER, OVER, UNKNOWN = with_hours("NVDA", (3, 9), (27, 33)), with_hours("TSLA", (-9, -3)), with_hours("AAPL")
EVERY = {each.con_id: each for each in (OPEN, CLOSED, LATER, OVER, UNKNOWN)}


def test_closed_is_what_is_known_to_be_closed_and_was_asked_for() -> None:
    assert closed_now(EVERY.keys(), EVERY, now=NOW) == (CLOSED, LATER, OVER)
    assert closed_now([LATER.con_id, OPEN.con_id, None], EVERY, now=NOW) == (LATER,)


def test_all_are_open_once_the_last_one_opens() -> None:
    assert opening_of([LATER, CLOSED], now=NOW) == NOW + timedelta(hours=17)


def test_without_a_later_session_nobody_knows_when_all_are_open() -> None:
    assert opening_of([LATER, OVER], now=NOW) is None
    assert opening_of([], now=NOW) is None


def test_the_words_name_each_opening_once() -> None:
    assert why_closed([CLOSED, LATER, with_hours("RY", (3, 9)), OVER], now=NOW) == (
        "closed until 2026-03-02 18:00 UTC: NVDA, RY",
        "closed until 2026-03-03 08:00 UTC: GLD",
        "closed, and the broker told of no later session: TSLA",
    )
