"""What a portfolio comes to once everything that it includes is written out."""

from collections.abc import Mapping
from dataclasses import dataclass

from reconciler.manifests.entry import Entry
from reconciler.manifests.line import Line
from reconciler.manifests.portfolio import Moved, PortfolioSpec
from reconciler.manifests.portion import Portion
from reconciler.manifests.spot import Spot


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


Portfolios = Mapping[str, Composed]
"""Portfolios by their names: those that could be composed."""
