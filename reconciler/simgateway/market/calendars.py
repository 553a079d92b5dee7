"""Hours of well-known markets, with the holidays of the United States worked out by their rules.

Sources: the hours that contract details of live gateways told for TSLA, EUR.USD and ES; the exchanges' published
calendars for the holidays. Days of mourning and the like, which follow no rule, are not in them.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import cache

from reconciler.simgateway.market.hours import HOUR, Sessions, Span, always_open, weekly

_YEARS = range(1998, 2100)
_MONDAY, _THURSDAY, _SATURDAY, _SUNDAY = 0, 3, 5, 6


def easter(year: int) -> date:
    """Easter Sunday in the Gregorian calendar, by the anonymous algorithm that Meeus gives."""
    century, rest = divmod(year, 100)
    leaps, century_rest = divmod(century, 4)
    golden = year % 19
    correction = (century - (century + 8) // 25 + 1) // 3
    epact = (19 * golden + century - leaps - correction + 15) % 30
    weekday = (32 + 2 * century_rest + 2 * (rest // 4) - epact - rest % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return date(year, month, day + 1)


def _nth(year: int, month: int, weekday: int, number: int) -> date:
    first = date(year, month, 1)
    return first + timedelta((weekday - first.weekday()) % 7 + 7 * (number - 1))


def _observed(day: date) -> date:
    """The weekday on which a holiday is kept: Friday for Saturday, Monday for Sunday."""
    return day + timedelta({_SATURDAY: -1, _SUNDAY: 1}.get(day.weekday(), 0))


def thanksgiving(year: int) -> date:
    """The fourth Thursday of November."""
    return _nth(year, 11, _THURSDAY, 4)


def us_holidays(year: int) -> Iterator[date]:
    """The days on which the stock exchanges of the United States are closed."""
    new_year = date(year, 1, 1)
    # A New Year's Day on a Saturday is not kept on the last trading day of the old year.
    if new_year.weekday() != _SATURDAY:
        yield _observed(new_year)
    yield _nth(year, 1, _MONDAY, 3)
    yield _nth(year, 2, _MONDAY, 3)
    yield easter(year) - timedelta(2)
    yield _nth(year, 6, _MONDAY, 1) - timedelta(7)
    if year >= 2022:
        yield _observed(date(year, 6, 19))
    yield _observed(date(year, 7, 4))
    yield _nth(year, 9, _MONDAY, 1)
    yield thanksgiving(year)
    yield _observed(date(year, 12, 25))


def us_early_closes(year: int) -> Iterator[date]:
    """The days on which they close at 13:00: before Independence Day and Christmas, and after Thanksgiving."""
    yield thanksgiving(year) + timedelta(1)
    closed = set(us_holidays(year))
    for eve in (date(year, 7, 3), date(year, 12, 24)):
        if eve.weekday() < _SATURDAY and eve not in closed:
            yield eve


def _throughout(days: Callable[[int], Iterator[date]]) -> list[date]:
    return [day for year in _YEARS for day in days(year)]


@cache
def us_stocks() -> Sessions:
    """04:00 to 20:00 in New York, liquid from 09:30 to 16:00."""
    return weekly(
        "US/Eastern",
        (Span(4 * HOUR, 20 * HOUR),),
        (Span(9 * HOUR + 30, 16 * HOUR),),
        holidays=_throughout(us_holidays),
        early_closes=dict.fromkeys(_throughout(us_early_closes), 13 * HOUR),
    )


@cache
def forex() -> Sessions:
    """From Sunday 17:15 to Friday 17:00 in New York with a quarter of an hour between two days."""
    hours = (Span(17 * HOUR + 15 - 24 * HOUR, 17 * HOUR),)
    return weekly("US/Eastern", hours, hours, holidays=_throughout(_new_year_and_christmas))


@cache
def us_futures() -> Sessions:
    """From Sunday 17:00 to Friday 16:00 in Chicago with an hour between two days; liquid from 08:30 to 16:00.

    On the holidays of the stock exchanges, but for the greatest, they trade until 12:00; after Thanksgiving and on
    Christmas Eve until 12:15.
    """
    greatest = {*_throughout(_new_year_and_christmas), *_throughout(lambda year: iter([easter(year) - timedelta(2)]))}
    early = dict.fromkeys(_throughout(us_early_closes), 12 * HOUR + 15)
    early |= {day: 12 * HOUR for day in _throughout(us_holidays) if day not in greatest}
    return weekly(
        "US/Central",
        (Span(17 * HOUR - 24 * HOUR, 16 * HOUR),),
        (Span(8 * HOUR + 30, 16 * HOUR),),
        holidays=greatest,
        early_closes=early,
    )


def _new_year_and_christmas(year: int) -> Iterator[date]:
    new_year = date(year, 1, 1)
    if new_year.weekday() != _SATURDAY:
        yield _observed(new_year)
    yield _observed(date(year, 12, 25))


NAMED: dict[str, Callable[[], Sessions]] = {
    "always": always_open,
    "us-stocks": us_stocks,
    "forex": forex,
    "us-futures": us_futures,
}
"""Hours that a scenario can ask for by name."""
