from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reconciler.adapters.ib.hours import sessions
from reconciler.domain.contract import TradingSession

NEW_YORK = "US/Eastern"


def told(text: str, zone: str = NEW_YORK) -> list[str]:
    """Each session as `opens/closes`, in UTC, without the year."""
    for each in sessions(text, zone):
        assert each.opens.utcoffset() == each.closes.utcoffset() == UTC.utcoffset(None)
    return [f"{each.opens:%m-%d %H:%M}/{each.closes:%m-%d %H:%M}" for each in sessions(text, zone)]


def test_a_session_is_in_the_exchange_s_zone() -> None:
    assert sessions("20261126:0930-20261126:1600", NEW_YORK) == (
        TradingSession(datetime(2026, 11, 26, 14, 30, tzinfo=UTC), datetime(2026, 11, 26, 21, 0, tzinfo=UTC)),
    )
    assert told("20261126:0930-20261126:1600", "Japan") == ["11-26 00:30/11-26 07:00"]


def test_a_closed_day_has_no_session() -> None:
    assert told("20261126:CLOSED") == []
    assert told("20261126:CLOSED;20261127:0930-20261127:1300;20261128:CLOSED") == ["11-27 14:30/11-27 18:00"]


def test_a_day_may_have_several_sessions() -> None:
    both = ["11-26 12:00/11-26 16:30", "11-26 17:30/11-26 23:30"]
    assert told("20261126:0700-20261126:1130;20261126:1230-20261126:1830") == both
    assert told("20261126:0700-20261126:1130,20261126:1230-20261126:1830") == both
    assert told("20261126:0700-1130,1230-1830") == both


def test_older_gateways_leave_out_the_day_of_the_close() -> None:
    assert told("20261126:0930-1600;20261127:0930-1300;20261128:CLOSED") == [
        "11-26 14:30/11-26 21:00",
        "11-27 14:30/11-27 18:00",
    ]


def test_a_session_over_midnight_ends_on_the_day_that_it_names() -> None:
    assert told("20261126:1700-20261127:1600", "US/Central") == ["11-26 23:00/11-27 22:00"]


def test_a_session_over_midnight_of_older_gateways_opens_on_the_evening_before() -> None:
    """Recorded from one of them: Friday's currency session is dated by its close, and Monday's opens on Sunday."""
    assert told("20170623:1715-1700;20170626:1715-1700") == ["06-22 21:15/06-23 21:00", "06-25 21:15/06-26 21:00"]
    assert told("20160321:1700-1515,1530-1600", "CST") == ["03-20 22:00/03-21 20:15", "03-21 20:30/03-21 21:00"]


def test_hours_stay_on_the_wall_clock_when_the_clocks_change() -> None:
    # New York goes to summer time on 8 March and back on 1 November 2026.
    assert told("20260306:0930-20260306:1600;20260309:0930-20260309:1600") == [
        "03-06 14:30/03-06 21:00",
        "03-09 13:30/03-09 20:00",
    ]
    assert told("20260307:1800-20260308:1700") == ["03-07 23:00/03-08 21:00"]
    assert told("20260308:1800-1700") == ["03-07 23:00/03-08 21:00"]
    assert told("20261101:1800-1700") == ["10-31 22:00/11-01 22:00"]


@pytest.mark.parametrize(
    ("zone", "opens"),
    [
        ("EST", "13:30"),
        ("EDT", "13:30"),
        ("EST (Eastern Standard Time)", "13:30"),
        ("America/New_York", "13:30"),
        ("CST", "14:30"),
        ("MET (Middle Europe Time)", "07:30"),
        ("JST", "00:30"),
        ("GB-Eire", "08:30"),
    ],
)
def test_zones_come_by_their_names_and_by_abbreviations_that_follow_summer_time(zone: str, opens: str) -> None:
    assert told("20260701:0930-20260701:1600", zone)[0].startswith(f"07-01 {opens}/")


@pytest.mark.parametrize("zone", ["", " ", "XYZ", "Nowhere/Land", "America", "/etc/passwd", "../x", "GMT+1", "0"])
def test_hours_in_an_unknown_zone_are_no_hours(zone: str) -> None:
    assert sessions("20261126:0930-20261126:1600", zone) == ()


@pytest.mark.parametrize(
    "text",
    [
        "",
        ";",
        "CLOSED",
        "0930-1600",
        "20261126",
        "20261126:",
        "20261126:0930",
        "20261126:0930-",
        "20261126:0930-20261126",
        "20261126:0930-2026112:1600",
        "20261126:0930-20261126:16000",
        "20261126:930-20261126:1600",
        "20261126:0930-20261126:1660",
        "20261126:0930-20261126:2500",
        "20261131:0930-20261131:1600",
        "00000000:0930-1600",
        "20261126:0930-20261126:1600 or so",
        "20261126 0930-20261126 1600",
    ],
)
def test_what_is_not_understood_is_no_session(text: str) -> None:
    assert told(text) == []


def test_a_session_that_ends_before_it_begins_is_none() -> None:
    assert told("20261126:1600-20261126:0930") == []
    assert told("20261127:0930-20261126:1600") == []
    assert told("20261126:0930-20261126:0930;20261126:0930-0930") == []


def test_what_is_not_understood_hides_no_other_session() -> None:
    assert told("20261126:09:30-16:00;20261127:0930-20261127:1300") == ["11-27 14:30/11-27 18:00"]
    assert told("20261127:0700-1130,whenever,1230-1300") == ["11-27 12:00/11-27 16:30", "11-27 17:30/11-27 18:00"]


days = st.dates(date(2026, 1, 1), date(2027, 12, 31)).map(lambda day: f"{day:%Y%m%d}:")
minutes = st.times().map(lambda moment: f"{moment:%H%M}")
spans = st.builds("{}{}-{}{}".format, days | st.just(""), minutes, days | st.just(""), minutes)
texts = st.lists(spans | st.text(alphabet="0123456789:,-CLOSED ", max_size=20)).map(";".join)


@given(texts, st.sampled_from([NEW_YORK, "Japan", "EST", "UTC", "GB-Eire"]))
@example("20260308:0230-20260308:0300", NEW_YORK)  # at half past two the clocks showed half past three
def test_no_text_makes_a_session_that_is_none(text: str, zone: str) -> None:
    assert all(each.opens < each.closes for each in sessions(text, zone))


def test_a_market_is_open_from_its_opening_to_its_close() -> None:
    (session,) = sessions("20261126:0930-20261126:1600", NEW_YORK)
    assert session.covers(datetime(2026, 11, 26, 14, 30, tzinfo=UTC))
    assert not session.covers(datetime(2026, 11, 26, 21, 0, tzinfo=UTC))
