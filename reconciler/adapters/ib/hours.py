"""Trading hours as the broker writes them: `20261126:0930-20261126:1600;20261127:CLOSED`, in the exchange's own zone.

Older gateways write several sessions of a day as `20261126:0700-1830,1830-2330`. What is not understood is left out:
hours that nobody knows are no hours at all, and no session is made up.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from reconciler.domain.contract import TradingSession

_SPAN = re.compile(r"(?:([0-9]{8}):)?([0-9]{4})-(?:([0-9]{8}):)?([0-9]{4})")
_ABBREVIATIONS = {"EST": "US/Eastern", "EDT": "US/Eastern", "CST": "US/Central", "MET": "MET", "JST": "Japan"}


def sessions(text: str, zone: str) -> tuple[TradingSession, ...]:
    """The sessions of the days that the broker tells of, in UTC; none where the zone is not known."""
    where = _zone(zone)
    return () if where is None else tuple(_sessions(text, where))


def _zone(name: str) -> ZoneInfo | None:
    # Some gateways name the zone in words behind its abbreviation: `EST (Eastern Standard Time)`.
    word = name.split(" ", maxsplit=1)[0]
    try:
        return ZoneInfo(_ABBREVIATIONS.get(word, word))
    except (ZoneInfoNotFoundError, ValueError):
        return None


def _sessions(text: str, zone: ZoneInfo) -> Iterator[TradingSession]:
    for day_text in text.split(";"):
        day = day_text[:8]
        for span in _SPAN.finditer(day_text):
            first, opens, last, closes = span.groups()
            start, end = _moment(first or day, opens, zone), _moment(last or first or day, closes, zone)
            if start is None or end is None:
                continue
            # A session without a day of its own that ends before it begins ends on the next one.
            yield TradingSession(start, end if end > start else end + timedelta(days=1))


def _moment(day: str, time: str, zone: ZoneInfo) -> datetime | None:
    try:
        return datetime.strptime(f"{day}{time}", "%Y%m%d%H%M").replace(tzinfo=zone).astimezone(UTC)
    except ValueError:
        return None
