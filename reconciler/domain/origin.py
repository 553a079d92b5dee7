"""Origins: what made a weight, and where each part of it is written, for whoever asks why a line is so large."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reconciler.diagnostics import Location


class FactorKind(StrEnum):
    """What a factor of a weight is."""

    WEIGHT = "weight"
    """A target's own weight, or a portfolio's cash."""
    SLEEVE = "sleeve"
    """The weight of a sleeve that it is in."""
    CAP = "cap"
    """What a sleeve's cap made of it: below 1 it cut the line, above 1 the line took up what others lost."""


@dataclass(frozen=True)
class Factor:
    """One number that a weight was multiplied by, and where it is written."""

    kind: FactorKind
    value: Decimal
    place: Location


@dataclass(frozen=True)
class Origin:
    """A weight as a sum of products. `count` is how many products there are, of which `ways` are the first.

    One portfolio that is included by many ways, each of them by many, would have more of them than anybody reads.
    """

    ways: tuple[tuple[Factor, ...], ...] = ()
    count: int = 0


NOWHERE = Origin()
"""Of a weight that no manifest states."""
