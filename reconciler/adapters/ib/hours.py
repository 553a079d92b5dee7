"""Trading hours as the broker writes them: `20261126:0930-20261126:1600;20261127:CLOSED`, in the exchange's own zone.

Older gateways write the sessions of a day without the day of their close, `20261126:0700-1830,1830-2330`; a session
belongs to the day on which it closes, so that `20261126:1700-1600` opens on the evening before. What is not understood
is left out: hours that nobody knows are no hours at all, and no session is made up.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reconciler.domain.contract import TradingSession

_SPAN = re.compile(r"(?:([0-9]{8}):)?([0-9]{4})-(?:([0-9]{8}):)?([0-9]{4})")
_ABBREVIATIONS = {"EST": "US/Eastern", "EDT": "US/Eastern", "CST": "US/Central", "MET": "MET", "JST": "Japan"}
_ONE_DAY = timedelta(days=1)


def sessions(text: str, zone: str) -> tuple[TradingSession, ...]:
    """The sessions of the days that the broker tells of, in UTC; none where the zone is not known."""
    where = _zone(zone)
    return () if where is None else tuple(_sessions(text, where))


def _zone(name: str) -> ZoneInfo | None:
    # Some gateways name the zone in words behind its abbreviation: `EST (Eastern Standard Time)`.
    word = name.split(" ", maxsplit=1)[0]
    try:
        return ZoneInfo(_ABBREVIATIONS.get(word, word))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _sessions(text: str, zone: ZoneInfo) -> Iterator[TradingSession]:
    for day_text in text.split(";"):
        day = day_text[:8]
        for span in filter(None, map(_SPAN.fullmatch, day_text.split(","))):
            first, opens, last, closes = span.groups()
            start, end = _wall_clock(first or day, opens), _wall_clock(last or first or day, closes)
            if start is None or end is None:
                continue
            if last is None and end < start:
                start -= _ONE_DAY
            session = TradingSession(_in_utc(start, zone), _in_utc(end, zone))
            if session.opens < session.closes:
                yield session


def _wall_clock(day: str, time: str) -> datetime | None:
    try:
        return datetime.strptime(f"{day}{time}", "%Y%m%d%H%M")  # noqa: DTZ007 - the caller knows the zone
    except ValueError:
        return None


def _in_utc(wall_clock: datetime, zone: ZoneInfo) -> datetime:
    return wall_clock.replace(tzinfo=zone).astimezone(UTC)
