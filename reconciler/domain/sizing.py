"""Sizing: what weight 1 of a portfolio is worth, and how that came about."""

from dataclasses import dataclass
from decimal import Decimal

from reconciler.domain.money import Money


@dataclass(frozen=True)
class Sizing:
    """base = ((net liquidation − apart − buffer) × leverage − undeclared) × step, all in base currency.

    `net_liquidation` is the broker's own. `undeclared` is the gross exposure of holdings that no manifest names where
    they use up the leverage; `apart` is what they are worth where they stand apart. `step` is below or above 1 where
    maxLeverageStep lets this run go a part of the way only. `funded` is the part of what the buys would cost that they
    are scaled to, so that leverage does not go beyond its target.
    """

    net_liquidation: Money
    buffer: Money
    apart: Money
    leverage: Decimal
    undeclared: Money
    step: Decimal
    base: Money
    funded: Decimal = Decimal(1)
