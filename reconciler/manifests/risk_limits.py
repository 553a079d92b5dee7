"""The RiskLimits manifest: bounds that no plan may cross."""

from datetime import timedelta
from decimal import Decimal
from typing import Literal

from pydantic import Field

from reconciler.manifests.base import Manifest, Section
from reconciler.manifests.scalars import Duration, Fraction, Multiple, PositiveAmount


class RiskLimitsSpec(Section):
    """Fractions are of net liquidation unless a field says otherwise. What only reduces risk is never blocked."""

    max_leverage: Multiple = Field(
        default=Decimal("1.5"), description="Gross exposure divided by net liquidation, at most."
    )
    emergency_leverage: Multiple = Field(
        default=Decimal("3.0"),
        description="The leverage at which nothing that adds risk may run any more. It lies above maxLeverage.",
    )
    margin_cushion: Fraction = Field(
        default=Decimal("0.2"),
        description="Initial margin times (1 + this) must stay within equity with loan value.",
    )
    max_margin_utilisation: Fraction = Field(
        default=Decimal("0.6"), description="Maintenance margin divided by net liquidation, at most."
    )
    max_position_weight: Multiple = Field(
        default=Decimal("0.8"), description="One position's exposure divided by net liquidation, at most."
    )
    max_turnover: Multiple = Field(
        default=Decimal("2"),
        description=(
            "The sum of what one run buys and sells, divided by net liquidation, at most. The default of 200% lets a "
            "first build from cash reach any leverage up to 2, and stops an exchange of a whole leveraged portfolio, "
            "which sells and buys everything and is more often a mistake than a plan."
        ),
    )
    max_order_notional: PositiveAmount = Field(
        default=Decimal(100_000), description="The value of one order, in the account's base currency, at most."
    )
    max_quote_age: Duration = Field(
        default=timedelta(seconds=60), description="How old a quote may be when it sizes or prices an order."
    )


class RiskLimits(Manifest):
    """Bounds that no plan may cross."""

    kind: Literal["RiskLimits"] = Field(description="Which kind of manifest this is.")
    spec: RiskLimitsSpec = Field(default_factory=RiskLimitsSpec, description="The bounds. Each has a default.")
