"""Hours: sessions by the weekday in a market's zone, their texts, and the calendars of well-known markets."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simgateway.market.calendars import (
    NAMED,
    easter,
    forex,
    us_early_closes,
    us_futures,
    us_holidays,
    us_stocks,
)
from reconciler.simgateway.market.hours import DAY, Period, Sessions, Span, always_open, weekly, zone_named

NEW_YORK = ZoneInfo("America/New_York")
REGULAR = (Span(570, 960),)
LONG = (Span(240, 1200),)


def new_york(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=NEW_YORK)


def parsed(text: str, zone: str) -> tuple[list[Period], list[date]]:
    """What contract details say, as a client reads it: the periods and the days that are closed."""
    periods, closed = [], []
    for part in text.split(";"):
        if part.endswith(":CLOSED"):
            closed.append(datetime.strptime(part, "%Y%m%d:CLOSED").date())  # noqa: DTZ007 - a day has no zone
            continue
        ends = [datetime.strptime(end, "%Y%m%d:%H%M").replace(tzinfo=zone_named(zone)) for end in part.split("-")]
        periods.append(Period(ends[0].astimezone(UTC), ends[1].astimezone(UTC)))
    return periods, closed


@pytest.mark.parametrize(
    ("moment", "liquid", "trading"),
    [
        ("2026-03-04 03:59", False, False),
        ("2026-03-04 04:00", False, True),
        ("2026-03-04 09:29", False, True),
        ("2026-03-04 09:30", True, True),
        ("2026-03-04 15:59", True, True),
        ("2026-03-04 16:00", False, True),
        ("2026-03-04 20:00", False, False),
        ("2026-03-07 12:00", False, False),
        ("2026-11-26 12:00", False, False),
        ("2026-11-27 12:59", True, True),
        ("2026-11-27 13:00", False, True),
        ("2026-11-27 16:59", False, True),
        ("2026-11-27 17:00", False, False),
    ],
)
def test_new_york_opens_and_closes_to_the_minute(moment: str, *, liquid: bool, trading: bool) -> None:
    asked = new_york(moment)
    assert us_stocks().is_open(asked, outside_rth=False) is liquid
    assert us_stocks().is_open(asked, outside_rth=True) is trading


def test_the_opening_and_the_close_that_come_next() -> None:
    friday = new_york("2026-03-06 16:00")
    assert us_stocks().next_open(friday, outside_rth=False) == new_york("2026-03-09 09:30")
    assert us_stocks().next_close(friday, outside_rth=False) == new_york("2026-03-09 16:00")
    assert us_stocks().next_close(friday, outside_rth=True) == new_york("2026-03-06 20:00")
    at_the_open = new_york("2026-03-09 09:30")
    assert us_stocks().next_open(at_the_open, outside_rth=False) == new_york("2026-03-10 09:30")
    assert us_stocks().next_close(at_the_open, outside_rth=False) == new_york("2026-03-09 16:00")


def test_a_session_keeps_its_hours_when_the_clocks_change() -> None:
    before, after = new_york("2026-03-06 09:00"), new_york("2026-03-07 09:00")
    friday = us_stocks().next_open(before, outside_rth=False)
    monday = us_stocks().next_open(after, outside_rth=False)
    assert friday == datetime(2026, 3, 6, 14, 30, tzinfo=UTC)
    assert monday == datetime(2026, 3, 9, 13, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-03-06 16:59", True),
        ("2026-03-06 17:00", False),
        ("2026-03-07 12:00", False),
        ("2026-03-08 17:14", False),
        ("2026-03-08 17:15", True),
        ("2026-03-09 17:05", False),
        ("2026-03-09 17:15", True),
        ("2026-12-25 12:00", False),
    ],
)
def test_currencies_trade_over_midnight_from_sunday_on(moment: str, *, is_open: bool) -> None:
    assert forex().is_open(new_york(moment), outside_rth=False) is is_open


def test_hours_are_told_as_live_gateways_told_them() -> None:
    """TSLA, EUR.USD and a future as recorded; the stock's record spans a New Year that is kept on Monday."""
    tesla = us_stocks().liquid_text(new_york("2022-12-29 10:00"))
    assert tesla == (
        "20221229:0930-20221229:1600;20221230:0930-20221230:1600;20221231:CLOSED;20230101:CLOSED;20230102:CLOSED;"
        "20230103:0930-20230103:1600"
    )
    assert us_stocks().trading_text(new_york("2022-12-29 10:00")).startswith("20221229:0400-20221229:2000;")
    assert forex().trading_text(new_york("2023-12-05 10:00")) == (
        "20231204:1715-20231205:1700;20231205:1715-20231206:1700;20231206:1715-20231207:1700;"
        "20231207:1715-20231208:1700;20231209:CLOSED;20231210:1715-20231211:1700"
    )
    assert us_futures().trading_text(new_york("2023-10-17 10:00")) == (
        "20231016:1700-20231017:1600;20231017:1700-20231018:1600;20231018:1700-20231019:1600;"
        "20231019:1700-20231020:1600;20231021:CLOSED;20231022:1700-20231023:1600"
    )


def test_a_market_that_never_closes() -> None:
    now = datetime(2026, 3, 4, 15, tzinfo=UTC)
    sessions = always_open()
    for outside_rth in (False, True):
        assert sessions.is_open(now, outside_rth=outside_rth)
        assert sessions.next_open(now, outside_rth=outside_rth) is None
        assert sessions.next_close(now, outside_rth=outside_rth) is None
    told = sessions.trading_text(now)
    assert told.startswith("20260304:0000-20260305:0000;20260305:0000-20260306:0000;")
    assert told.count(";") == 5


def test_what_closes_on_one_holiday_alone_closes_then() -> None:
    day = date(2026, 3, 6)
    for off in ({"holidays": [day]}, {"early_closes": {day: 0}}):
        hours = weekly("US/Eastern", (Span(0, DAY),), (Span(0, DAY),), days=range(7), **off)
        assert hours.next_close(new_york("2026-03-04 12:00"), outside_rth=False) == new_york("2026-03-06 00:00")
        assert not hours.is_open(new_york("2026-03-06 12:00"), outside_rth=False)


def test_sessions_that_touch_each_other_for_ever_never_close() -> None:
    overnight = (Span(-60, DAY - 60),)
    hours = weekly("US/Eastern", overnight, overnight, days=range(7))
    assert hours.next_close(new_york("2026-03-04 12:00"), outside_rth=False) is None


def test_days_without_a_gap_between_them_are_one_session() -> None:
    around = weekly("US/Eastern", (Span(0, DAY),), (Span(0, DAY),))
    wednesday = new_york("2026-03-04 12:00")
    assert around.next_close(wednesday, outside_rth=False) == new_york("2026-03-07 00:00")
    assert around.next_open(wednesday, outside_rth=False) == new_york("2026-03-09 00:00")


def test_a_lunch_break() -> None:
    tokyo = weekly("Japan", (Span(540, 690), Span(750, 930)), (Span(540, 690), Span(750, 930)))
    noon = datetime(2026, 3, 4, 12, tzinfo=ZoneInfo("Asia/Tokyo"))
    assert not tokyo.is_open(noon, outside_rth=False)
    assert tokyo.next_open(noon, outside_rth=False) == noon.replace(minute=30)
    assert tokyo.trading_text(noon).startswith("20260304:0900-20260304:1130;20260304:1230-20260304:1530;20260305:")
    morning = weekly("Japan", LONG, REGULAR, early_closes={date(2026, 3, 4): 600})
    assert morning.next_close(noon.replace(hour=9), outside_rth=False) is not None


def test_a_market_that_never_opens_again() -> None:
    never = weekly("US/Eastern", LONG, REGULAR, days=())
    now = datetime(2026, 3, 4, 15, tzinfo=UTC)
    assert not never.is_open(now, outside_rth=True)
    assert never.next_open(now, outside_rth=True) is None
    assert never.next_close(now, outside_rth=True) is None
    assert never.liquid_text(now).count("CLOSED") == 6


def test_an_early_close_before_the_opening_leaves_no_session() -> None:
    day = date(2026, 3, 4)
    shut = weekly("US/Eastern", REGULAR, REGULAR, early_closes={day: 570})
    assert not shut.is_open(new_york("2026-03-04 12:00"), outside_rth=False)
    assert shut.liquid_text(new_york("2026-03-04 12:00")).startswith("20260304:CLOSED;20260305:0930")


def test_zones_have_the_names_of_the_broker() -> None:
    assert zone_named("US/Eastern") == NEW_YORK
    assert zone_named("Europe/Riga").key == "Europe/Riga"
    with pytest.raises(ZoneInfoNotFoundError):
        zone_named("US/Nowhere")


CLOSED_IN_2026 = ["01-01", "01-19", "02-16", "04-03", "05-25", "06-19", "07-03", "09-07", "11-26", "12-25"]
CLOSED_IN_2021 = ["01-01", "01-18", "02-15", "04-02", "05-31", "07-05", "09-06", "11-25", "12-24"]
CLOSED_IN_2022 = ["01-17", "02-21", "04-15", "05-30", "06-20", "07-04", "09-05", "11-24", "12-26"]
"""As the New York Stock Exchange published them."""


@pytest.mark.parametrize(
    ("year", "days"),
    [(2021, CLOSED_IN_2021), (2022, CLOSED_IN_2022), (2026, CLOSED_IN_2026)],
)
def test_holidays_of_the_stock_exchanges(year: int, days: list[str]) -> None:
    assert [f"{day:%m-%d}" for day in us_holidays(year)] == days


def test_early_closes_of_the_stock_exchanges() -> None:
    assert [f"{day:%m-%d}" for day in us_early_closes(2024)] == ["11-29", "07-03", "12-24"]
    assert [f"{day:%m-%d}" for day in us_early_closes(2026)] == ["11-27", "12-24"]
    assert [f"{day:%m-%d}" for day in us_early_closes(2021)] == ["11-26"]


def test_easter() -> None:
    assert [f"{easter(year):%m-%d}" for year in (2000, 2008, 2011, 2024, 2026, 2038)] == [
        "04-23", "03-23", "04-24", "03-31", "04-05", "04-25",
    ]  # fmt: skip


def test_futures_trade_for_some_hours_on_most_holidays() -> None:
    chicago = ZoneInfo("America/Chicago")
    labour_day = datetime(2026, 9, 7, 11, 59, tzinfo=chicago)
    assert us_futures().is_open(labour_day, outside_rth=True)
    assert not us_futures().is_open(labour_day + timedelta(minutes=1), outside_rth=True)
    assert us_futures().is_open(labour_day.replace(hour=17, minute=0), outside_rth=True)
    assert not us_futures().is_open(datetime(2026, 4, 3, 10, tzinfo=chicago), outside_rth=True)
    assert us_futures().next_close(datetime(2026, 11, 27, 9, tzinfo=chicago), outside_rth=False) == datetime(
        2026, 11, 27, 12, 15, tzinfo=chicago
    )


@st.composite
def sessions(draw: st.DrawFn) -> Sessions:
    """Any hours: named ones, or a week of up to two spans, over midnight or not, with days off and early closes."""
    named = draw(st.sampled_from([*NAMED, ""]))
    if named:
        return NAMED[named]()
    first = draw(st.integers(-DAY, DAY // 2))
    # No later span may reach into the next day's first one.
    edges = sorted(draw(st.sets(st.integers(first, min(first + DAY, DAY)), min_size=4, max_size=4)))
    trading = (Span(*edges[:2]), Span(*edges[2:]))[: draw(st.integers(1, 2))]
    around = st.dates(date(2026, 2, 20), date(2026, 4, 10))
    return weekly(
        draw(st.sampled_from(["US/Eastern", "MET", "Japan", "GB-Eire"])),
        trading,
        (Span(trading[-1].opens, trading[-1].closes),),
        days=draw(st.sets(st.integers(0, 6))),
        holidays=draw(st.sets(around, max_size=3)),
        early_closes=draw(st.dictionaries(around, st.integers(1, DAY), max_size=3)),
    )


MOMENTS = st.datetimes(datetime(2026, 2, 25), datetime(2026, 4, 5), timezones=st.just(UTC))  # noqa: DTZ001


def _between(start: datetime, end: datetime) -> Iterator[datetime]:
    """Moments from start to before end, some thirty at most."""
    step = max((end - start) / 30, timedelta(seconds=1))
    while start < end:
        yield start
        start += step


@given(sessions(), MOMENTS, st.booleans())
def test_nothing_is_open_before_the_next_opening_nor_closed_before_the_next_close(
    hours: Sessions, moment: datetime, outside_rth: bool
) -> None:
    opening = hours.next_open(moment, outside_rth=outside_rth)
    close = hours.next_close(moment, outside_rth=outside_rth)
    if hours.is_open(moment, outside_rth=outside_rth):
        for each in _between(moment, close or moment + timedelta(days=30)):
            assert hours.is_open(each, outside_rth=outside_rth)
        assert opening is None or (close is not None and close < opening)
    else:
        assert (opening is None) == (close is None)
        for each in _between(moment, opening or moment + timedelta(days=60)):
            assert not hours.is_open(each, outside_rth=outside_rth)
    if opening:
        assert opening > moment
        assert hours.is_open(opening, outside_rth=outside_rth)
        assert not hours.is_open(opening - timedelta(microseconds=1), outside_rth=outside_rth)
    if close:
        assert close > moment
        assert not hours.is_open(close, outside_rth=outside_rth)
        assert hours.is_open(close - timedelta(microseconds=1), outside_rth=outside_rth)


@given(sessions(), MOMENTS, st.booleans())
def test_the_text_of_the_hours_tells_the_same_sessions(hours: Sessions, moment: datetime, outside_rth: bool) -> None:
    text = (hours.trading_text if outside_rth else hours.liquid_text)(moment)
    told, closed = parsed(text, hours.zone_name)
    assert len(closed) == text.count("CLOSED") <= 6
    for period in told:
        assert period.opens < period.closes
        for each in _between(*period):
            assert hours.is_open(each, outside_rth=outside_rth)
    if hours.is_open(moment, outside_rth=outside_rth):
        assert any(opens <= moment < closes for opens, closes in told)


@given(MOMENTS)
def test_trading_hours_contain_the_liquid_ones(moment: datetime) -> None:
    for name in NAMED:
        hours = NAMED[name]()
        assert hours.is_open(moment, outside_rth=True) or not hours.is_open(moment, outside_rth=False)
