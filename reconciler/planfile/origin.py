"""Where a weight came from, as documents show it."""

from reconciler.domain.origin import Factor, FactorKind, Origin
from reconciler.planfile.envelope import LocationPart
from reconciler.planfile.fields import Number, Part, part


class FactorPart(Part):
    """One number that a weight was multiplied by, and where it is written."""

    kind: FactorKind
    value: Number
    location: LocationPart


class OriginPart(Part):
    """A weight as a sum of products. `count` is how many there are, of which `ways` are the first."""

    ways: tuple[tuple[FactorPart, ...], ...]
    count: int


NO_ORIGIN = OriginPart(ways=(), count=0)
"""Of a weight that no manifest states."""


def origin_part(origin: Origin) -> OriginPart:
    """An origin as documents show it."""
    ways = (tuple(_factor(factor) for factor in way) for way in origin.ways)
    return OriginPart(ways=tuple(ways), count=origin.count)


def _factor(factor: Factor) -> FactorPart:
    return FactorPart(kind=factor.kind, value=factor.value, location=part(LocationPart, factor.place))
