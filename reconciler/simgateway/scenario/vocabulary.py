"""The words and bounds that every part of a scenario shares.

Amounts are in the currency they stand under, prices per share, rates and spreads plain numbers, times in seconds.
"""

from datetime import datetime, time
from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from reconciler.simgateway.market.hours import zone_named

MOST = Decimal(10) ** 9
"""Larger prices, rates and sizes would leave the digits in which amounts are exact."""

Positive = Annotated[Decimal, Field(gt=0, le=MOST, decimal_places=8)]
Amount = Annotated[Decimal, Field(ge=-(MOST**2), le=MOST**2, decimal_places=8)]
Seconds = Annotated[Decimal, Field(ge=0, le=86_400)]
Rate = Annotated[Decimal, Field(gt=0, le=1)]
Share = Annotated[Decimal, Field(ge=0, le=1, decimal_places=8)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


def moment(text: str) -> time | datetime:
    """A time of day, or a date and time, as ISO 8601 writes it. Raises ValueError."""
    return datetime.fromisoformat(text) if "-" in text[:8] else time.fromisoformat(text)


def _moment(text: str) -> str:
    try:
        found = moment(text)
    except ValueError:
        raise ValueError("must be a time such as '10:00:05' or '2026-03-04T10:00:05'") from None
    if isinstance(found, time) and found.tzinfo:
        raise ValueError("must be a time of day without an offset, or a date and time")
    return text


def _zone(name: str) -> str:
    try:
        zone_named(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"must be a time zone such as US/Eastern, not {name!r}") from None
    return name


Moment = Annotated[str, AfterValidator(_moment)]
"""A time of day in the scenario's zone, or a date and time."""

Zone = Annotated[str, AfterValidator(_zone)]
"""A time zone by its name in the tz database, or by one of the broker's old names."""

Path = tuple[str | int, ...]
Finding = tuple[str, Path, str]
"""A code's number, where in the document, and what is wrong there."""


class Strict(BaseModel):
    """A part of a scenario: no unknown keys, no change after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)
