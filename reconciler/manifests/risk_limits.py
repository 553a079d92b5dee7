"""The RiskLimits manifest: bounds that no plan may cross."""

from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from reconciler.domain.limits import EmergencyAction, Limit
from reconciler.manifests.base import Manifest, Section, example
from reconciler.manifests.scalars import (
    Duration,
    Fraction,
    Moment,
    Multiple,
    Name,
    PositiveAmount,
    PositiveFraction,
    Sentence,
    Symbol,
    whole,
)

_Count = Annotated[int, whole(at_least=0, at_most=100_000)]
_MOST = 10_000


class Levels(Section):
    """How much a limit weighs, where that is not as it is by itself."""

    advisory: list[Limit] = Field(
        default_factory=list, max_length=_MOST, description="Limits that are told and hold up nothing."
    )
    override: list[Limit] = Field(
        default_factory=list, max_length=_MOST, description="Limits that a named and reasoned override can pass."
    )
    hard: list[Limit] = Field(default_factory=list, max_length=_MOST, description="Limits that nothing passes.")


class Override(Section):
    """One limit that plans are let past for a time, by whom, and why. Plans record it."""

    limit: Limit = Field(description="Which limit. Its level must be override.")
    reason: Sentence = Field(
        description="Why, for whoever reads the plan.", examples=["The new sector is built up over two weeks."]
    )
    by: Sentence = Field(description="Who says so.", examples=["Ada"])
    expires: Moment = Field(
        description="Until when: a day, to its end in UTC, or a moment.", examples=["2026-12-31", "2026-12-31T15:00Z"]
    )


class LimitTerms(Section):
    """The limits, each of which may be stated or not."""

    max_leverage: Multiple = Field(
        default=Decimal("1.5"), description="Gross exposure divided by net liquidation, at most.", examples=[1.5]
    )
    max_leverage_step: Multiple | None = Field(
        default=None,
        description="How far one run may move the leverage, up or down. A longer way is gone in several runs.",
        examples=[0.2],
    )
    emergency_leverage: Multiple = Field(
        default=Decimal("3.0"),
        description=(
            "The leverage from which on the account is in an emergency. It lies above maxLeverage, and below the "
            "leverage "
            "at which the broker would liquidate the account."
        ),
        examples=[2.5],
    )
    emergency_cushion: Fraction = Field(
        default=Decimal("0.1"),
        description="The broker's cushion (excess liquidity / net liquidation) below which it is in an emergency, too.",
        examples=["10%"],
    )
    emergency_action: EmergencyAction = Field(
        default=EmergencyAction.DELEVERAGE,
        description=(
            "What a plan does in an emergency: reduce the declared holdings to the target leverage, those first that "
            "release the most margin for their cost (deleverage), close all of them (flatten), or nothing (alert)."
        ),
    )
    emergency_authorised_by: Sentence | None = Field(
        default=None,
        description="Who says beforehand that it may be done with nobody there to approve it. Without, a person must.",
        examples=["Ada"],
    )
    emergency_limit_offset: Fraction = Field(
        default=Decimal("0.02"),
        description="Outside trading hours an emergency's orders are limits this far beyond the last price.",
        examples=["2%"],
    )
    maintenance_margin: PositiveFraction = Field(
        default=Decimal("0.25"),
        description=(
            "The maintenance margin that is assumed of a target that names none, as a share of its value. It is what "
            "`validate` works out the leverage with at which the broker would liquidate."
        ),
        examples=["25%"],
    )
    margin_cushion: Fraction = Field(
        default=Decimal("0.2"),
        description="Initial margin times (1 + this) must stay within equity with loan value.",
        examples=["20%"],
    )
    max_margin_utilisation: Fraction = Field(
        default=Decimal("0.6"), description="Maintenance margin divided by net liquidation, at most.", examples=["60%"]
    )
    min_cushion: Fraction = Field(
        default=Decimal("0.15"),
        description="The broker's cushion, excess liquidity divided by net liquidation, at least.",
        examples=["15%"],
    )
    max_position_weight: Multiple = Field(
        default=Decimal("0.8"),
        description="One position's exposure divided by net liquidation, at most.",
        examples=["80%"],
    )
    max_sector_weight: Multiple | None = Field(
        default=None, description="The exposure of all lines of one `sector`, at most.", examples=["40%"]
    )
    max_asset_class_weight: Multiple | None = Field(
        default=None, description="The exposure of all lines of one `assetClass`, at most.", examples=["90%"]
    )
    max_currency_weight: Multiple | None = Field(
        default=None,
        description="The exposure in one currency other than the base currency, at most.",
        examples=["30%"],
    )
    max_currency_loan: Multiple | None = Field(
        default=None, description="What is owed in one currency, at most.", examples=["20%"]
    )
    max_undeclared: Fraction = Field(
        default=Decimal("0.5"),
        description=(
            "The exposure of holdings that the portfolio does not name, at most, as a share of (net liquidation less "
            "the "
            "cash buffer) times the leverage: that much they shrink the targets by."
        ),
        examples=["50%"],
    )
    max_turnover: Multiple = Field(
        default=Decimal("2"),
        description=(
            "The sum of what one run buys and sells, divided by net liquidation, at most. The default of 200% lets a "
            "first build from cash reach any leverage up to 2, and stops an exchange of a whole leveraged portfolio, "
            "which sells and buys everything and is more often a mistake than a plan."
        ),
        examples=["200%"],
    )
    max_daily_turnover: Multiple | None = Field(
        default=None,
        description="The same of all runs and trades since the broker's midnight, at most.",
        examples=["100%"],
    )
    max_orders: _Count | None = Field(default=None, description="How many orders one run may have.", examples=[50])
    max_order_notional: PositiveAmount = Field(
        default=Decimal(100_000),
        description="The value of one order, in the account's base currency, at most.",
        examples=[100000],
    )
    max_volume_share: PositiveFraction | None = Field(
        default=None,
        description="One order's shares divided by the contract's average daily volume, at most.",
        examples=["5%"],
    )
    max_positions_closed: _Count | None = Field(
        default=None, description="How many positions one run may close. It holds up closing itself.", examples=[3]
    )
    max_net_liquidation_jump: Multiple | None = Field(
        default=None,
        description="How far net liquidation may be from where the last run left it. It holds up every order.",
        examples=["20%"],
    )
    max_fx_deviation: PositiveFraction = Field(
        default=Decimal("0.02"),
        description="How far the broker's exchange rate may be from the market's. It holds up every order.",
        examples=["2%"],
    )
    max_price_deviation: PositiveFraction = Field(
        default=Decimal("0.2"),
        description="How far a quote may be from the price that the broker values the holding at.",
        examples=["20%"],
    )
    max_cost: Fraction | None = Field(
        default=None,
        description="The estimated cost of a run: commissions, half spreads and conversions, at most.",
        examples=["0.5%"],
    )
    keep_day_trades: _Count | None = Field(
        default=None, description="How many day trades must be left, where the broker counts them.", examples=[1]
    )
    allow: list[Symbol] = Field(
        default_factory=list,
        max_length=_MOST,
        description="The only symbols that may be traded; all, if there is none.",
        examples=[["MSFT", "GLD"]],
    )
    deny: list[Symbol] = Field(
        default_factory=list, max_length=_MOST, description="Symbols that may not be traded.", examples=[["TSLA"]]
    )
    max_quote_age: Duration = Field(
        default=timedelta(seconds=60),
        description="How old a quote may be when it sizes or prices an order.",
        examples=["60s"],
    )
    levels: Levels = Field(
        default_factory=Levels, description="How much single limits weigh, where that is not as it is by itself."
    )
    overrides: list[Override] = Field(
        default_factory=list, max_length=_MOST, description="Limits that plans are let past for a time."
    )


class RiskLimitsSpec(LimitTerms):
    """Fractions are of net liquidation unless a field says otherwise. What only reduces risk is never blocked by a
    limit of leverage, margin or concentration.
    """

    parent: Name | None = Field(
        default=None,
        description="The name of the RiskLimits that give every limit which is not stated here. None may be looser.",
        examples=["house"],
    )


class RiskLimits(Manifest):
    """Bounds that no plan may cross."""

    model_config = ConfigDict(
        json_schema_extra=example("RiskLimits", "cautious", {"maxLeverage": 1.5, "emergencyLeverage": 2.5})
    )

    kind: Literal["RiskLimits"] = Field(description="Which kind of manifest this is.")
    spec: RiskLimitsSpec = Field(default_factory=RiskLimitsSpec, description="The bounds. Each has a default.")
