"""How far an account is from liquidation."""

from dataclasses import dataclass
from decimal import Decimal

from reconciler.domain.money import Currency
from reconciler.domain.unknown import Unknown


@dataclass(frozen=True)
class Distance:
    """What it takes, each by itself, to bring excess liquidity to zero. Fractions; None where nothing of the kind does.

    `price_move` is that of all prices together, −0.4 for a fall by 40 %. `margin_rise` is that of all maintenance
    rates. `currency_move` is that of one currency against the base currency, the one that needs the least. `leverage`
    is where the price move takes leverage. All are zero once excess liquidity is gone.
    """

    price_move: Decimal | Unknown | None
    margin_rise: Decimal | Unknown | None
    currency_move: Decimal | Unknown | None
    currency: Currency | None
    leverage: Decimal | Unknown | None


def unknown_distance(why: Unknown) -> Distance:
    """The distance of an account that could not be read."""
    return Distance(why, why, why, None, why)
