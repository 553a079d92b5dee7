"""Paths: how an instrument's price moves by itself. Pure: chance comes from a seed, time is an argument.

A path is what a scenario says; `begin` puts it under way. Arithmetic is Decimal and whole numbers throughout, so the
same seed gives the same prices on every machine.
"""

import random
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Protocol

from reconciler.simgateway.market.hours import Sessions
from reconciler.simgateway.market.instruments import Instrument, Quote
from reconciler.simgateway.script import PriceMove

SECONDS_OF_A_YEAR = 252 * 23_400
"""252 days of six and a half hours: what a year's volatility is spread over."""


class Course(Protocol):
    """A path under way."""

    def next_after(self, moment: datetime) -> datetime | None:
        """When the price moves next after a moment; None for never again."""

    def move(self, quote: Quote) -> PriceMove:
        """Where it moves from this quote. To be asked once for each time that `next_after` told."""


class Path(Protocol):
    """How a price moves."""

    def begin(self, seed: int, instrument: Instrument) -> Course:
        """Put it under way. The seed is the gateway's; each instrument draws its own chance from it."""


@dataclass(frozen=True)
class Walk:
    """A random walk in even steps while the market is open, geometric, with normal steps.

    `volatility` and `drift` are a year's, as shares of the price.
    """

    volatility: Decimal
    drift: Decimal
    step_seconds: Decimal

    def begin(self, seed: int, instrument: Instrument) -> "WalkCourse":
        """Put it under way."""
        return WalkCourse(self, instrument, random.Random(f"{seed}:{instrument.con_id}"))  # noqa: S311 - no secret


class WalkCourse:
    """A walk under way. It goes on from wherever something else has put the price."""

    def __init__(self, walk: Walk, instrument: Instrument, chance: random.Random) -> None:
        share = walk.step_seconds / SECONDS_OF_A_YEAR
        self._drift = (walk.drift - walk.volatility**2 / 2) * share
        self._deviation = walk.volatility * share.sqrt()
        self._step = timedelta(microseconds=int(walk.step_seconds * 1_000_000))
        self._instrument = instrument
        self._chance = chance
        self._shown: Decimal | None = None
        self._exact = Decimal(0)

    def next_after(self, moment: datetime) -> datetime | None:
        """A step later, or at the next opening where the market is closed then."""
        then, sessions = moment + self._step, self._instrument.sessions
        return then if sessions.is_open(then, outside_rth=True) else sessions.next_open(moment, outside_rth=True)

    def move(self, quote: Quote) -> PriceMove:
        """A step on, to the nearest tick and never below the lowest; nowhere where there is no price."""
        if quote.last is None:
            return {}
        before = self._exact if quote.last == self._shown else quote.last
        self._exact = before * (self._drift + self._deviation * normal(self._chance)).exp()
        tick = self._instrument.market_rule.increment(self._exact)
        ticks = (self._exact / tick).to_integral_value(ROUND_HALF_EVEN)
        self._shown = max(ticks, Decimal(1)) * tick
        return {"last": self._shown}


def normal(chance: random.Random) -> Decimal:
    """A nearly normal number with mean 0 and variance 1: the sum of twelve even ones between -1/2 and 1/2."""
    drawn = sum(chance.getrandbits(32) for _ in range(12))
    return (Decimal(drawn) - 6 * (2**32 - 1)) / 2**32


@dataclass(frozen=True)
class Closes:
    """A replay of daily closes: the first is the price at the start, each day brings the next."""

    prices: tuple[Decimal, ...]

    def begin(self, seed: int, instrument: Instrument) -> "ClosesCourse":
        """Put it under way."""
        return ClosesCourse(self.prices, instrument.sessions)


class ClosesCourse:
    """A replay under way."""

    def __init__(self, prices: tuple[Decimal, ...], sessions: Sessions) -> None:
        self._prices = prices
        self._sessions = sessions
        self._day = 0

    def next_after(self, moment: datetime) -> datetime | None:
        """The next day's last close, or midnight where the market never closes."""
        if self._day + 1 >= len(self._prices):
            return None
        zone = self._sessions.liquid.zone
        if self._sessions.liquid.unbroken:
            return datetime.combine(moment.astimezone(zone).date() + timedelta(days=1), time(), zone)
        close = self._sessions.next_close(moment, outside_rth=False)
        while close:
            later = self._sessions.next_close(close, outside_rth=False)
            if not later or later.astimezone(zone).date() != close.astimezone(zone).date():
                break
            close = later
        return close

    def move(self, quote: Quote) -> PriceMove:
        """The next row; the close is that of the day before."""
        self._day += 1
        return {"last": self._prices[self._day], "close": self._prices[self._day - 1]}
