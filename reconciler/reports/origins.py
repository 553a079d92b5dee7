"""Where a value came from, in words: `growth.yaml:7`, `60% (growth.yaml:7) × 70% (core.yaml:7)`, or `default`."""

from decimal import Decimal

from reconciler.diagnostics import Location
from reconciler.domain.origin import Factor, FactorKind, Origin

DEFAULT = "default"
"""What stands in place of a place where nobody states a value."""

MOST_SHOWN = 4
"""Ways that a person reads; a document has more of them."""


def place_words(place: Location | None) -> str:
    """File and line."""
    if place is None:
        return DEFAULT
    return f"{place.file}:{place.line}" if place.line else place.file


def origin_words(origin: Origin) -> str:
    """What made a weight, with the place of each factor; nothing where no manifest states it."""
    shown = [_way(way) for way in origin.ways[:MOST_SHOWN]]
    left = origin.count - len(shown)
    return " + ".join([*shown, *([f"{left:,} more ways"] if left > 0 else [])])


def _way(way: tuple[Factor, ...]) -> str:
    if len(way) == 1:
        return place_words(way[0].place)
    return " × ".join(f"{_factor(each)} ({place_words(each.place)})" for each in way)


def _factor(factor: Factor) -> str:
    text = f"{percent_exactly(factor.value)}%"
    return f"{text} by the cap" if factor.kind is FactorKind.CAP else text


def percent_exactly(value: Decimal) -> str:
    """A fraction as a percentage, with the digits that it has, six behind the point at most."""
    text = f"{value * 100:.6f}"
    return text.rstrip("0").rstrip(".")
