"""When margin changes by the clock. Rule: New York's clock decides, Monday to Friday; holidays are not known here.

Two things have hours of their own. The margin period: rates of the day from 09:30 to 16:00, overnight rates otherwise.
And the window of Regulation T, 15:50 to 17:20, in which the broker enforces the end-of-day requirement.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/New_York")
DAY_BEGINS, DAY_ENDS = time(9, 30), time(16, 0)
WINDOW_BEGINS, WINDOW_ENDS = time(15, 50), time(17, 20)
"""Regulation T is enforced from ten minutes before the close on, as the broker documents it."""


class MarginPeriod(StrEnum):
    """Which rates of an instrument are in force."""

    DAY = "day"
    OVERNIGHT = "overnight"

    @property
    def other(self) -> "MarginPeriod":
        """The period that follows."""
        return MarginPeriod.OVERNIGHT if self is MarginPeriod.DAY else MarginPeriod.DAY


@dataclass(frozen=True)
class MarginTime:
    """How the clock bears on margin. `next_change` is when the other rates come into force."""

    period: MarginPeriod = MarginPeriod.DAY
    regulation_t: bool = False
    next_change: datetime | None = None


def margin_time(moment: datetime) -> MarginTime:
    """How the clock bears on margin at a moment that has a zone."""
    local = moment.astimezone(ZONE)
    today = local.timetz().replace(tzinfo=None)
    period = MarginPeriod.DAY if _weekday(local) and DAY_BEGINS <= today < DAY_ENDS else MarginPeriod.OVERNIGHT
    change = DAY_ENDS if period is MarginPeriod.DAY else DAY_BEGINS
    return MarginTime(
        period=period,
        regulation_t=_weekday(local) and WINDOW_BEGINS <= today < WINDOW_ENDS,
        next_change=_next(local, change),
    )


def next_boundary(moment: datetime) -> datetime:
    """The next moment, in UTC, at which `margin_time` says something else."""
    local = moment.astimezone(ZONE)
    return min(_next(local, each) for each in (DAY_BEGINS, DAY_ENDS, WINDOW_BEGINS, WINDOW_ENDS))


def _weekday(local: datetime) -> bool:
    return local.weekday() < 5


def _next(local: datetime, wall: time) -> datetime:
    """The next weekday moment after `local` at which New York's clock shows `wall`."""
    day = local.date()
    while True:
        found = datetime.combine(day, wall, ZONE)
        if found > local and _weekday(found):
            return found.astimezone(UTC)
        day += timedelta(days=1)
