"""When an order may be worked, and when it ends by itself: from its terms, the market's hours, and its arrival.

Assumptions where the broker's documents leave room: an order that is good for the day, an immediate one too, ends at
the close of the session in which it is first worked; one for an auction alone waits for ever in a market that has
none, because it never closes; a time without a zone is in the gateway's, UTC, and a day without a time means its end.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfoNotFoundError

from reconciler.simgateway.market.hours import Sessions, zone_named
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.orders.pricing import KINDS
from reconciler.simgateway.orders.terms import LIMIT, Terms

EXTENDED_TYPES = frozenset({LIMIT, "STP LMT", "LIT", "TRAIL LIMIT"})
"""The order types that trade outside regular trading hours when asked to: those with a limit that rests."""

_TILL_CLOSE = frozenset({"DAY", "DTC", "IOC", "FOK"})


@dataclass(frozen=True)
class Schedule:
    """When an order may be worked: from `begins` on while the market is open, or in one auction alone.

    `expires` is when it ends by itself. None stands for no such moment, for an auction too: there is none to come.
    """

    begins: datetime | None = None
    auction_only: bool = False
    auction: datetime | None = None
    expires: datetime | None = None
    outside_rth: bool = False


UNBOUND = Schedule()


def moment(text: str) -> datetime | None:
    """A time as clients write it: `yyyymmdd hh:mm:ss [zone]`, or `yyyymmdd-hh:mm:ss` in UTC; a day alone is its end.

    None for a text that is none of these.
    """
    words = text.split()
    try:
        match words:
            case [day] if len(day) == 8:
                return datetime.combine(_day(day) + timedelta(1), time(), UTC)
            case [stamp]:
                return datetime.strptime(stamp, "%Y%m%d-%H:%M:%S").replace(tzinfo=UTC)
            case [day, clock, *zone] if len(zone) <= 1:
                naive = datetime.strptime(f"{day} {clock}", "%Y%m%d %H:%M:%S")  # noqa: DTZ007 - the zone follows
                return naive.replace(tzinfo=zone_named(zone[0] if zone else "UTC")).astimezone(UTC)
    except (ValueError, OverflowError, OSError, ZoneInfoNotFoundError):
        return None
    return None


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y%m%d").replace(tzinfo=UTC).date()


def extended(terms: Terms) -> bool:
    """Whether an order is worked outside regular trading hours too."""
    return terms.outside_rth and terms.order_type in EXTENDED_TYPES


def scheduled(terms: Terms, instrument: Instrument, now: datetime) -> Schedule:
    """When an order that is transmitted now may be worked. Its times were examined before."""
    sessions, outside = instrument.sessions, extended(terms)
    begins = moment(terms.good_after_time) if terms.good_after_time else None
    start = max(now, begins) if begins else now
    auction = _auction(terms, sessions, start)
    expires = None
    if terms.tif == "GTD":
        expires = moment(terms.good_till_date)
    elif terms.tif in _TILL_CLOSE:
        expires = sessions.next_close(start, outside_rth=outside)
    elif terms.tif == "OPG":
        expires = auction
    return Schedule(begins, _auction_only(terms), auction, expires, outside)


def _auction_only(terms: Terms) -> bool:
    return terms.tif == "OPG" or KINDS[terms.order_type].closing


def _auction(terms: Terms, sessions: Sessions, start: datetime) -> datetime | None:
    if terms.tif == "OPG":
        return sessions.next_open(start, outside_rth=False)
    if KINDS[terms.order_type].closing:
        return sessions.next_close(start, outside_rth=False)
    return None


def next_event(schedule: Schedule, instrument: Instrument, now: datetime) -> datetime | None:
    """When next something may happen to an order without the market moving; None where nothing will."""
    opens = instrument.sessions.next_open(now, outside_rth=schedule.outside_rth)
    coming = [each for each in (schedule.begins, schedule.auction, opens) if each is not None and each > now]
    # An end that is past already is due now.
    return min([*coming, *([schedule.expires] if schedule.expires else [])], default=None)
