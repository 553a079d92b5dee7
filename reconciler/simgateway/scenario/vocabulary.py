"""The words and bounds that every part of a scenario shares.

Amounts are in the currency they stand under, prices per share, rates and spreads plain numbers, times in seconds.
"""

from decimal import Decimal
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MOST = Decimal(10) ** 9
"""Larger prices, rates and sizes would leave the digits in which amounts are exact."""

Positive = Annotated[Decimal, Field(gt=0, le=MOST, decimal_places=8)]
Amount = Annotated[Decimal, Field(ge=-(MOST**2), le=MOST**2, decimal_places=8)]
Seconds = Annotated[Decimal, Field(ge=0, le=86_400)]
Rate = Annotated[Decimal, Field(gt=0, le=1)]
Currency = Annotated[str, Field(pattern="^[A-Z]{3}$")]


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"is no time zone: {name!r}") from None
    return name


Zone = Annotated[str, AfterValidator(_zone)]
"""A time zone by its name in the tz database, such as US/Eastern."""

Path = tuple[str | int, ...]
Finding = tuple[str, Path, str]
"""A code's number, where in the document, and what is wrong there."""


class Strict(BaseModel):
    """A part of a scenario: no unknown keys, no change after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True)
