"""Standing: leverage, margin and the distance to liquidation of an account at one moment."""

from dataclasses import dataclass
from decimal import Decimal

from reconciler.domain.distance import Distance, unknown_distance
from reconciler.domain.money import Money
from reconciler.domain.unknown import Unknown


@dataclass(frozen=True)
class Standing:
    """Read or predicted. Leverage is gross exposure / net liquidation."""

    leverage: Decimal | Unknown
    initial_margin: Money | Unknown
    maintenance_margin: Money | Unknown
    available_funds: Money | Unknown
    excess_liquidity: Money | Unknown
    distance: Distance


def unknown_standing(why: Unknown) -> Standing:
    """The standing of an account that could not be read."""
    return Standing(why, why, why, why, why, unknown_distance(why))
