"""What a portfolio comes to once everything that it includes is written out."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from reconciler.manifests.entry import Entry
from reconciler.manifests.line import Line
from reconciler.manifests.portfolio import Moved, PortfolioSpec
from reconciler.manifests.portion import Portion, decimal, total
from reconciler.manifests.spot import Spot
from reconciler.manifests.sums import TOLERANCE


@dataclass(frozen=True)
class MovedContract:
    """A replaced contract, and where that is said."""

    moved: Moved
    spot: Spot


@dataclass(frozen=True)
class Composed:
    """A portfolio with its lines, those of its sleeves and those of the portfolios that it includes."""

    entry: Entry
    spec: PortfolioSpec
    lines: tuple[Line, ...]
    cash: Portion
    moved: tuple[MovedContract, ...]
    is_sound: bool
    """Whether nothing was left out because it was wrong."""

    @cached_property
    def whole(self) -> Decimal:
        """What its lines and its cash sum to."""
        return decimal(total([self.cash.share, *(each.portion.share for each in self.lines)]))

    @cached_property
    def can_be_meant(self) -> bool:
        """Whether its weights are any to judge limits by: they sum to one, and in a long-only one none is short.

        What follows from a slip in them is told with the slip.
        """
        is_short = self.spec.long_only and any(each.portion.share < 0 for each in self.lines)
        return abs(self.whole - 1) <= TOLERANCE and not is_short


Portfolios = Mapping[str, Composed]
"""Portfolios by their names: those that could be composed."""
