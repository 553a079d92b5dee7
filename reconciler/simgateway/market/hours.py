"""When a market is open: trading and liquid hours by the weekday, in the market's own zone. Values only.

A session belongs to the trading day on which it closes, as the broker tells it: Monday's session of a currency pair
opens on Sunday. Trading hours are all hours in which orders can fill; liquid hours are the regular ones within them.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

HOUR = 60
DAY = 24 * HOUR
"""Minutes."""

_HORIZON = 366
"""Days within which a market opens or closes again, or else never does."""

_DAYS_TOLD = 6
_MODERN = {
    "GB": "Europe/London",
    "GB-Eire": "Europe/London",
    "Hongkong": "Asia/Hong_Kong",
    "Japan": "Asia/Tokyo",
    "MET": "Europe/Berlin",
    "US/Central": "America/Chicago",
    "US/Eastern": "America/New_York",
    "US/Pacific": "America/Los_Angeles",
}
"""Zones by the names that the broker still uses; not every machine's table of zones has them."""


def zone_named(name: str) -> ZoneInfo:
    """The zone of a name, also of one of the broker's old names. Raises ZoneInfoNotFoundError or ValueError."""
    return ZoneInfo(_MODERN.get(name, name))


class Span(NamedTuple):
    """Opening and closing in minutes after midnight of the trading day; below zero on the day before."""

    opens: int
    closes: int


class Period(NamedTuple):
    """From when to when a market is open; the closing moment is no longer open."""

    opens: datetime
    closes: datetime


@dataclass(frozen=True)
class Week:
    """Spans that repeat on the trading days of a week (Monday is 0), but for holidays and early closes.

    `early` is the minute after midnight by which an early close ends the day.
    """

    zone: ZoneInfo
    spans: tuple[Span, ...]
    days: frozenset[int]
    holidays: frozenset[date]
    early: Mapping[date, int]

    @cached_property
    def unbroken(self) -> bool:
        """Whether it never closes."""
        return self.spans == (Span(0, DAY),) and len(self.days) == 7 and not self.holidays and not self.early

    def periods_of(self, day: date) -> tuple[Period, ...]:
        """The periods of a trading day, in order."""
        if day.weekday() not in self.days or day in self.holidays:
            return ()
        last = self.early.get(day, DAY)
        kept = (Span(opens, min(closes, last)) for opens, closes in self.spans)
        return tuple(self._at(day, span) for span in kept if span.opens < span.closes)

    def periods_after(self, moment: datetime) -> Iterator[Period]:
        """The periods that end after a moment, in order; those without a gap between them are one."""
        current: Period | None = None
        today = moment.astimezone(self.zone).date()
        for period in (each for days in range(_HORIZON) for each in self.periods_of(today + timedelta(days))):
            if period.closes <= moment:
                continue
            if current and period.opens <= current.closes:
                current = Period(current.opens, max(current.closes, period.closes))
                continue
            if current:
                yield current
            current = period
        # What is open up to the horizon has no close that could be told.
        if current and current.closes.astimezone(self.zone).date() < today + timedelta(_HORIZON - 1):
            yield current

    def text(self, moment: datetime) -> str:
        """The hours as contract details tell them: six trading days from today on, `20260304:0930-20260304:1600;…`.

        Recorded from live gateways: a day without a session is CLOSED, and a Sunday that opens Monday's is no day.
        """
        day = moment.astimezone(self.zone).date()
        told: list[str] = []
        while len(told) < _DAYS_TOLD:
            following = day + timedelta(1)
            if periods := self.periods_of(day):
                told.append(";".join(self._text(period) for period in periods))
            elif not any(period.opens.astimezone(self.zone).date() == day for period in self.periods_of(following)):
                told.append(f"{day:%Y%m%d}:CLOSED")
            day = following
        return ";".join(told)

    def _at(self, day: date, span: Span) -> Period:
        # Minutes are added on the wall clock, so that a session keeps its hours over a change of the clocks.
        midnight = datetime.combine(day, time(), self.zone)
        opens, closes = (midnight + timedelta(minutes=minutes) for minutes in span)
        return Period(opens.astimezone(UTC), closes.astimezone(UTC))

    def _text(self, period: Period) -> str:
        opens, closes = (moment.astimezone(self.zone) for moment in period)
        return f"{opens:%Y%m%d:%H%M}-{closes:%Y%m%d:%H%M}"


@dataclass(frozen=True)
class Sessions:
    """When a market is open. `outside_rth` asks for the trading hours, else it is about the liquid ones."""

    zone_name: str
    trading: Week
    liquid: Week

    def is_open(self, moment: datetime, *, outside_rth: bool) -> bool:
        """Whether orders can fill at a moment."""
        week = self._week(outside_rth=outside_rth)
        if week.unbroken:
            return True
        today = moment.astimezone(week.zone).date()
        near = (*week.periods_of(today), *week.periods_of(today + timedelta(1)))
        return any(opens <= moment < closes for opens, closes in near)

    def next_open(self, moment: datetime, *, outside_rth: bool) -> datetime | None:
        """The first opening after a moment; None for a market that never closes, or never opens again."""
        week = self._week(outside_rth=outside_rth)
        if week.unbroken:
            return None
        return next((period.opens for period in week.periods_after(moment) if period.opens > moment), None)

    def next_close(self, moment: datetime, *, outside_rth: bool) -> datetime | None:
        """The first close after a moment: of the session that is open, else of the next; None as for `next_open`."""
        week = self._week(outside_rth=outside_rth)
        if week.unbroken:
            return None
        return next((period.closes for period in week.periods_after(moment)), None)

    def trading_text(self, moment: datetime) -> str:
        """The trading hours of six days, as contract details tell them."""
        return self.trading.text(moment)

    def liquid_text(self, moment: datetime) -> str:
        """The liquid hours of six days, as contract details tell them."""
        return self.liquid.text(moment)

    def _week(self, *, outside_rth: bool) -> Week:
        return self.trading if outside_rth else self.liquid


WEEKDAYS = frozenset(range(5))


def weekly(
    zone_name: str,
    trading: tuple[Span, ...],
    liquid: tuple[Span, ...],
    *,
    days: Iterable[int] = WEEKDAYS,
    holidays: Iterable[date] = (),
    early_closes: Mapping[date, int] | None = None,
) -> Sessions:
    """Sessions by the weekday. An early close, in minutes, is that of the liquid hours.

    Trading hours then end as much after it as they do on any day: in New York at 17:00 for a close at 13:00.
    """
    zone, kept, closed = zone_named(zone_name), frozenset(days), frozenset(holidays)
    early = dict(early_closes or {})
    evening = trading[-1].closes - liquid[-1].closes
    later = {day: minutes + evening for day, minutes in early.items()}
    return Sessions(zone_name, Week(zone, trading, kept, closed, later), Week(zone, liquid, kept, closed, early))


def always_open(zone_name: str = "US/Eastern") -> Sessions:
    """A market that never closes."""
    around = (Span(0, DAY),)
    return weekly(zone_name, around, around, days=range(7))
