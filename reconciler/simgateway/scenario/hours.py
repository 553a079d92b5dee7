"""When markets are open."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfoNotFoundError

from pydantic import Field

from reconciler.simgateway.market.hours import zone_named
from reconciler.simgateway.scenario.vocabulary import Finding, Path, Strict

_MINUTE = "([01][0-9]|2[0-3])[0-5][0-9]"
_END = f"({_MINUTE}|2400)"
_SPAN = f"{_MINUTE}-{_END}"

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Spans = Annotated[str, Field(pattern=f"^{_SPAN}(,{_SPAN})*$")]
"""`0930-1600`, or several with commas between them. The first may open on the day before: `1715-1700`."""


class HoursSpec(Strict):
    """Hours of one market by the weekday of the close, in its own zone. Without liquid hours, all are liquid."""

    zone: str = "US/Eastern"
    """The zone of its times."""
    trading: Spans
    """When orders can fill at all."""
    liquid: Spans | None = None
    """When they fill without being told to work outside."""
    days: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri")
    """The weekdays of a session's close."""
    holidays: tuple[date, ...] = ()
    """Days without a session."""
    early_closes: dict[date, Annotated[str, Field(pattern=f"^{_END}$")]] = Field(default_factory=dict)
    """The close of liquid hours, by day."""


Hours = Literal["always", "us-stocks", "forex", "us-futures"] | HoursSpec
"""Hours by name, or written out."""


def minutes(text: str) -> int:
    """A time of day, `0930`, in minutes after midnight."""
    return int(text[:2]) * 60 + int(text[2:])


def spans(text: str) -> list[tuple[int, int]]:
    """The spans of a text, as minutes after midnight of the day on which they close."""
    out: list[tuple[int, int]] = []
    for span in text.split(","):
        opens, closes = (minutes(end) for end in span.split("-"))
        out.append((opens - 1440 if opens >= closes else opens, closes))
    return out


def findings(hours: Hours, path: Path) -> Iterator[Finding]:
    """What is wrong with hours that stand at a path."""
    if isinstance(hours, str):
        return
    try:
        zone_named(hours.zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield "106", (*path, "zone"), f"there is no time zone {hours.zone!r}"
    trading = spans(hours.trading)
    if not _in_order(trading):
        yield "106", (*path, "trading"), "the spans of a day follow each other, and end before the next day's begin"
    if hours.liquid is None:
        return
    liquid = spans(hours.liquid)
    if not _in_order(liquid):
        yield "106", (*path, "liquid"), "the spans of a day follow each other, and end before the next day's begin"
    elif not all(any(opens <= start and end <= closes for opens, closes in trading) for start, end in liquid):
        yield "106", (*path, "liquid"), "liquid hours lie within the trading hours"


def _in_order(day: list[tuple[int, int]]) -> bool:
    following = [*day[1:], (day[0][0] + 1440, day[0][1] + 1440)]
    return all(closes <= opens for (_, closes), (opens, _) in zip(day, following, strict=True))
