"""How prices move by themselves."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import Field

from reconciler.simgateway.scenario.prices import PriceSpec
from reconciler.simgateway.scenario.vocabulary import Finding, Moment, Path, Seconds, Strict

KINDS = ("scripted", "walk", "closes")


class PointSpec(PriceSpec):
    """Where the quote moves, and when: `after` so many seconds, or `at` a time as in the script."""

    after: Seconds | None = None
    """Seconds after the start."""
    at: Moment | None = None
    """A time of day, or a date and time."""


class WalkSpec(Strict):
    """A random walk of the last price, decided by the seed; bid and ask go along. It stands while the market is closed.

    `volatility` and `drift` are a year's, as shares of the price; a year has 252 days of six and a half hours.
    """

    volatility: Annotated[Decimal, Field(gt=0, le=10)]
    """A year's volatility, as a share of the price."""
    drift: Annotated[Decimal, Field(ge=-10, le=10)] = Decimal(0)
    """A year's drift, as a share of the price."""
    step_seconds: Annotated[Decimal, Field(ge=Decimal("0.1"), le=86_400)] = Decimal(1)
    """How often it moves."""


class ClosesSpec(Strict):
    """A replay of daily closes: a row of the table for each day of the gateway's clock, from `start` on.

    The first row is the price at the start. The next ones come at the close of the liquid hours, or at midnight in a
    market that never closes. The table is CSV with a line of names; its first column holds dates, empty cells are
    left out. Its path is relative to the scenario's.
    """

    file: str = Field(min_length=1)
    """The table, relative to the scenario."""
    column: str
    """The column of the instrument."""
    start: date
    """The day whose close is the price at the start."""


class PathSpec(Strict):
    """How an instrument's price moves: one of these. Without a path it stays."""

    scripted: list[PointSpec] | None = None
    """Prices at their times."""
    walk: WalkSpec | None = None
    """A random walk."""
    closes: ClosesSpec | None = None
    """A replay of daily closes."""


def findings(path: PathSpec, here: Path, *, priced: bool) -> Iterator[Finding]:
    """What is wrong with a path of an instrument that has a last price, or has none."""
    if sum(getattr(path, kind) is not None for kind in KINDS) != 1:
        yield "109", here, f"name one of {', '.join(KINDS)}"
    if path.walk and not priced:
        yield "109", (*here, "walk"), "a walk needs a last price to begin at"
    for index, point in enumerate(path.scripted or ()):
        if (point.after is None) == (point.at is None):
            yield "109", (*here, "scripted", index), "name one of after and at"
