"""The Portion: a share of a portfolio, exact, with the factors that made it.

Shares are fractions, not decimals: what a cap leaves is divided among lines, and a sum must not depend on the order of
its parts. They become decimals once, at the end.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from functools import cached_property, lru_cache
from math import lcm
from typing import NamedTuple

from reconciler.domain.origin import Factor, FactorKind, Origin
from reconciler.manifests.spot import Spot

MOST_WAYS = 16
"""How many of the ways that lead to one line are told; two included twice at each of thirty levels are a billion."""

_DIGITS = Context(prec=28)
_fraction = lru_cache(maxsize=1 << 16)(Fraction)
"""Most weights are written more than once."""


@dataclass(frozen=True)
class Step:
    """One factor of a portion. All lines of a sleeve share that of its weight, and look its place up once."""

    kind: FactorKind
    share: Fraction
    spot: Spot

    @cached_property
    def factor(self) -> Factor:
        """As a decimal, with its place."""
        return Factor(self.kind, decimal(self.share), self.spot.place)


class Portion(NamedTuple):
    """`share` is a sum of so many `products`, of which `ways` are the first."""

    share: Fraction
    ways: tuple[tuple[Step, ...], ...]
    products: int

    @classmethod
    def stated(cls, weight: Decimal, spot: Spot) -> "Portion":
        """What one manifest says by itself."""
        share = _fraction(weight)
        return cls(share, ((Step(FactorKind.WEIGHT, share, spot),),), 1)

    def within(self, step: Step) -> "Portion":
        """This portion of something that is itself a share."""
        return Portion(self.share * step.share, tuple((step, *way) for way in self.ways), self.products)

    def plus(self, other: "Portion") -> "Portion":
        """Both together."""
        ways = (*self.ways, *other.ways)[:MOST_WAYS]
        return Portion(self.share + other.share, ways, self.products + other.products)

    @property
    def weight(self) -> Decimal:
        """As a decimal, of 28 digits where it has no end."""
        return decimal(self.share)

    @property
    def origin(self) -> Origin:
        """What made it, with the places looked up."""
        return Origin(tuple(tuple(step.factor for step in way) for way in self.ways), self.products)


NOTHING = Portion(Fraction(0), (), 0)
"""No share at all."""


def total(shares: Iterable[Fraction]) -> Fraction:
    """Their sum: by one common denominator, since most of them have few."""
    listed = list(shares)
    common = lcm(*{each.denominator for each in listed})
    return Fraction(sum(each.numerator * (common // each.denominator) for each in listed), common)


def decimal(share: Fraction) -> Decimal:
    """A fraction as a decimal, of 28 digits where it has no end."""
    return _DIGITS.divide(Decimal(share.numerator), Decimal(share.denominator))
