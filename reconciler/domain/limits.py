"""RiskLimits: the bounds that no plan may cross, how much each of them weighs, and who may be let past one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from reconciler.diagnostics import Location


class Level(StrEnum):
    """How much a violation weighs: told, to be overridden by name, or final."""

    ADVISORY = "advisory"
    OVERRIDE = "override"
    HARD = "hard"


class Limit(StrEnum):
    """Every limit, by its name in the manifest; some are the broker's own, or a Portfolio's."""

    MAX_LEVERAGE = "maxLeverage"
    MAX_LEVERAGE_STEP = "maxLeverageStep"
    EMERGENCY_LEVERAGE = "emergencyLeverage"
    EMERGENCY_CUSHION = "emergencyCushion"
    MARGIN_CUSHION = "marginCushion"
    MAX_MARGIN_UTILISATION = "maxMarginUtilisation"
    MIN_CUSHION = "minCushion"
    AVAILABLE_FUNDS = "availableFunds"
    EXCESS_LIQUIDITY = "excessLiquidity"
    MAX_POSITION_WEIGHT = "maxPositionWeight"
    MAX_SECTOR_WEIGHT = "maxSectorWeight"
    MAX_CURRENCY_WEIGHT = "maxCurrencyWeight"
    MAX_ASSET_CLASS_WEIGHT = "maxAssetClassWeight"
    MAX_CURRENCY_LOAN = "maxCurrencyLoan"
    MAX_UNDECLARED = "maxUndeclared"
    LONG_ONLY = "longOnly"
    MAX_TURNOVER = "maxTurnover"
    MAX_DAILY_TURNOVER = "maxDailyTurnover"
    MAX_ORDERS = "maxOrders"
    MAX_ORDER_NOTIONAL = "maxOrderNotional"
    MAX_VOLUME_SHARE = "maxVolumeShare"
    MAX_POSITIONS_CLOSED = "maxPositionsClosed"
    MAX_NET_LIQUIDATION_JUMP = "maxNetLiquidationJump"
    MAX_FX_DEVIATION = "maxFxDeviation"
    MAX_PRICE_DEVIATION = "maxPriceDeviation"
    MAX_COST = "maxCost"
    KEEP_DAY_TRADES = "keepDayTrades"
    ALLOW = "allow"
    DENY = "deny"

    @property
    def level(self) -> Level:
        """How much it weighs unless the manifest says otherwise: what catches a slip may be overridden by name."""
        return Level.OVERRIDE if self in _OVERRIDABLE else Level.HARD

    @property
    def is_fixed(self) -> bool:
        """Whether no manifest can change how much it weighs: without it the broker, or the account, comes to harm."""
        return self in _FIXED


_OVERRIDABLE = frozenset(
    {
        Limit.MAX_LEVERAGE_STEP,
        Limit.MAX_UNDECLARED,
        Limit.MAX_TURNOVER,
        Limit.MAX_DAILY_TURNOVER,
        Limit.MAX_ORDERS,
        Limit.MAX_ORDER_NOTIONAL,
        Limit.MAX_VOLUME_SHARE,
        Limit.MAX_POSITIONS_CLOSED,
        Limit.MAX_NET_LIQUIDATION_JUMP,
        Limit.MAX_FX_DEVIATION,
        Limit.MAX_PRICE_DEVIATION,
        Limit.MAX_COST,
        Limit.KEEP_DAY_TRADES,
    }
)
_FIXED = frozenset(
    {
        Limit.EMERGENCY_LEVERAGE,
        Limit.EMERGENCY_CUSHION,
        Limit.AVAILABLE_FUNDS,
        Limit.EXCESS_LIQUIDITY,
        Limit.LONG_ONLY,
    }
)


class EmergencyAction(StrEnum):
    """What is done when an account is in an emergency."""

    DELEVERAGE = "deleverage"
    """Reduce the declared holdings, those first that release the most margin for their cost, down to the target."""
    FLATTEN = "flatten"
    """Close every declared holding."""
    ALERT = "alert"
    """Trade nothing, and say so."""


@dataclass(frozen=True)
class Emergency:
    """When an account is in an emergency, and what is then done.

    `authorised_by` is who said beforehand that it may be done with nobody there to approve it; None: nobody has.
    """

    leverage: Decimal
    """Gross exposure / net liquidation, above which it is one."""
    cushion: Decimal
    """Excess liquidity / net liquidation, below which it is one."""
    action: EmergencyAction
    authorised_by: str | None
    limit_offset: Decimal
    """Outside trading hours, how far beyond the last price a limit stands, as a fraction."""


@dataclass(frozen=True)
class Override:
    """A limit that a plan is let past: which one, why, who says so, and until when (None: for this run alone)."""

    limit: Limit
    reason: str
    by: str
    expires: datetime | None


@dataclass(frozen=True)
class RiskLimits:
    """Bounds that no plan may cross. Fractions are of net liquidation unless a field says otherwise. None: no bound.

    `locations` maps a field's name to its place in the manifest, so that a violation can name it; a limit that has
    its default is found at the manifest's own place under the key "".
    """

    name: str
    max_leverage: Decimal
    """Gross exposure / net liquidation."""
    max_leverage_step: Decimal | None
    """How far one run may move the leverage, up or down."""
    emergency: Emergency
    maintenance_margin: Decimal
    """What is assumed of a line that names no rate: maintenance margin / exposure. It decides nothing but warnings."""
    margin_cushion: Decimal
    """Initial margin × (1 + this) must stay within equity with loan."""
    max_margin_utilisation: Decimal
    """Maintenance margin / net liquidation."""
    min_cushion: Decimal
    """Excess liquidity / net liquidation, the broker's own cushion."""
    max_position_weight: Decimal
    """One position's exposure / net liquidation."""
    max_sector_weight: Decimal | None
    """The exposure of all lines of a sector / net liquidation."""
    max_currency_weight: Decimal | None
    """The exposure in one currency other than the base currency / net liquidation."""
    max_asset_class_weight: Decimal | None
    """The exposure of all lines of an asset class / net liquidation."""
    max_currency_loan: Decimal | None
    """What is owed in one currency / net liquidation."""
    max_undeclared: Decimal
    """The exposure of holdings that no manifest names / what the account's leverage makes of its net liquidation."""
    max_turnover: Decimal
    """Sum of absolute order notionals / net liquidation, for one run."""
    max_daily_turnover: Decimal | None
    """The same for all runs since the broker's midnight."""
    max_orders: int | None
    """How many orders one run may have."""
    max_order_notional: Decimal
    """One order's notional, in the account's base currency."""
    max_volume_share: Decimal | None
    """One order's shares / the average daily volume of its contract."""
    max_positions_closed: int | None
    """How many positions one run may close."""
    max_net_liquidation_jump: Decimal | None
    """How far net liquidation may be from where the last run left it, as a fraction."""
    max_fx_deviation: Decimal
    """How far the broker's exchange rate may be from the market's, as a fraction."""
    max_price_deviation: Decimal
    """How far a quote may be from the portfolio's mark, as a fraction."""
    max_cost: Decimal | None
    """The estimated cost of a run / net liquidation."""
    keep_day_trades: int | None
    """How many day trades must be left after a run."""
    allow: frozenset[str]
    """The only symbols that may be traded; empty: all."""
    deny: frozenset[str]
    """Symbols that may not be traded."""
    max_quote_age: timedelta
    """How old a quote may be when it sizes or prices an order."""
    levels: Mapping[Limit, Level] = field(default_factory=dict)
    """How much a limit weighs, where it is not the limit's own level."""
    overrides: tuple[Override, ...] = ()
    locations: Mapping[str, Location] = field(default_factory=dict)

    def level(self, limit: Limit) -> Level:
        """How much a limit weighs here."""
        return self.levels.get(limit, limit.level)

    def place(self, limit: str) -> Location | None:
        """Where the limit, named as its field, is declared; the manifest's own place where it has its default."""
        return self.locations.get(limit) or self.locations.get("")
