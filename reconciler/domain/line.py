"""A Line: what is held of one instrument, what is wanted, what is ordered, and why."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reconciler.diagnostics import Location
from reconciler.domain.account import QuoteType
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.money import Currency, Money
from reconciler.domain.origin import NOWHERE, Origin
from reconciler.domain.unknown import Unknown


class Action(StrEnum):
    """What happens to a line's holding."""

    NO_OP = "NoOp"
    OPEN = "Open"
    INCREASE = "Increase"
    REDUCE = "Reduce"
    CLOSE = "Close"


class Reason(StrEnum):
    """Why a line trades or does not."""

    AT_TARGET = "AtTarget"
    WITHIN_ONE_LOT = "WithinOneLot"
    BELOW_MINIMUM_NOTIONAL = "BelowMinimumNotional"
    WITHIN_BAND = "WithinBand"
    COOLING_DOWN = "CoolingDown"
    BUY_ONLY = "BuyOnly"
    """It would be sold, and this plan only buys."""
    SELL_ONLY = "SellOnly"
    NOT_NEEDED = "NotNeeded"
    """The cash that came or is missing is dealt with by other lines."""
    NOT_SELECTED = "NotSelected"
    """Left out by `--target` or `--exclude`."""
    FUNDS_SHORT = "FundsShort"
    """It would be bought, and nothing pays for it without going above the leverage target, or without settled cash."""
    BLOCKED = "Blocked"

    ABOVE_BAND = "AboveBand"
    """The drift, in either direction, is larger than what is tolerated."""
    ABOVE_TOTAL_BAND = "AboveTotalBand"
    """All drifts together are."""
    ABOVE_HARD_BAND = "AboveHardBand"
    """It is so large that the cool-down does not count."""
    ABOVE_LIMIT = "AboveLimit"
    """It is within a lot of its target, and a limit does not hold as long as that stays."""
    CASH_FLOW = "CashFlow"
    """It takes up free cash, or raises what is missing."""
    NOT_HELD = "NotHeld"
    WEIGHT_ZERO = "WeightZero"
    UNDECLARED = "Undeclared"
    """No manifest names it, and the account's manifest says to close such holdings."""
    FORCED = "Forced"
    EMERGENCY = "Emergency"
    FUNDING = "Funding"
    """A conversion that buys need, or that pays back a loan."""


RESTING = frozenset(
    {
        Reason.AT_TARGET,
        Reason.WITHIN_ONE_LOT,
        Reason.BELOW_MINIMUM_NOTIONAL,
        Reason.WITHIN_BAND,
        Reason.COOLING_DOWN,
        Reason.BUY_ONLY,
        Reason.SELL_ONLY,
        Reason.NOT_NEEDED,
        Reason.NOT_SELECTED,
        Reason.FUNDS_SHORT,
        Reason.BLOCKED,
    }
)
"""Why a line does not trade."""


class Cause(StrEnum):
    """Where a line's drift came from."""

    MARKET = "market"
    CASH_FLOW = "cash-flow"
    MANUAL_TRADE = "manual-trade"
    POLICY_CHANGE = "policy-change"
    ROUNDING = "rounding"
    CORPORATE_ACTION = "corporate-action"
    BROKER_LIQUIDATION = "broker-liquidation"


class LineKind(StrEnum):
    """What a line is of."""

    TARGET = "target"
    CLOSING = "closing"
    """A holding that no manifest names, which the account's manifest says to close."""
    CURRENCY = "currency"
    """A conversion of one currency into another."""


@dataclass(frozen=True)
class Line:
    """One line: what is held, what is wanted, what is ordered (all in shares or contracts), and why.

    `order` is signed: positive buys. `blocked` says why the line may not trade; a blocked line keeps its holding.
    Weights are exposure / net liquidation; `weight` is the share of the managed base that the manifest declares. Prices
    are in `currency`; notional, commission and half spread as their Money says. Of a conversion the quantities are in
    the currency that is traded, and `current` is its balance.
    """

    number: int
    instrument: InstrumentName
    con_id: ConId | None
    currency: Currency
    action: Action
    reason: Reason
    current: Decimal | Unknown
    working: Decimal
    exact_target: Decimal | Unknown
    target: Decimal | Unknown
    order: Decimal
    price: Decimal | Unknown
    quote_type: QuoteType | None
    notional: Money | Unknown
    weight_current: Decimal | Unknown
    weight_target: Decimal | Unknown
    commission: Money | Unknown | None = None
    half_spread: Money | Unknown | None = None
    """What the order loses against the middle of the market, in base currency."""
    blocked: str | None = None
    notes: tuple[str, ...] = ()
    cause: Cause | None = None
    """Where the drift came from; None where no history tells."""
    kind: LineKind = LineKind.TARGET
    weight: Decimal | None = None
    multiplier: Decimal = Decimal(1)
    lot: Decimal = Decimal(1)
    moved: Decimal = Decimal(0)
    """The part of `current` that is still held under the contract that this one replaced."""
    band: Decimal | None = None
    """The drift that the line must cross to trade, as a fraction of net liquidation; None where it need cross none."""
    declared_at: Location | None = None
    """Where its target stands; of a holding that is closed, the account that says so. None for a conversion."""
    origin: Origin = NOWHERE
    """What made `weight`."""


@dataclass(frozen=True)
class Holding:
    """A holding that no line declares: counted towards leverage, not traded. `exposure` is in base currency.

    `formerly` is the line that the last applied revision declared it by, and that is gone from the manifests.
    """

    con_id: ConId
    symbol: str
    quantity: Decimal
    exposure: Money | Unknown
    formerly: InstrumentName | None = None
