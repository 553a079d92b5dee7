"""The Plan: what would be traded and why, as a value with a fingerprint. It grants no permission: `Authorized` does."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from reconciler.diagnostics import Location
from reconciler.domain.account import QuoteType, WorkingOrder
from reconciler.domain.desired import Environment, Revision
from reconciler.domain.distance import Distance, unknown_distance
from reconciler.domain.ids import AccountName, ConId, Fingerprint, InstrumentName, PlanId
from reconciler.domain.money import Currency, Money
from reconciler.domain.orders import OrderIntent
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
    ABOVE_BAND = "AboveBand"
    """The drift, in either direction, is larger than what is tolerated."""
    NOT_HELD = "NotHeld"
    WEIGHT_ZERO = "WeightZero"
    BLOCKED = "Blocked"


@dataclass(frozen=True)
class Line:
    """One declared line: what is held, what is wanted, what is ordered (all in shares or contracts), and why.

    `order` is signed: positive buys. `blocked` says why the line may not trade; a blocked line keeps its holding.
    Weights are exposure / net liquidation. Prices are in `currency`, notional and commission as their Money says.
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
    blocked: str | None = None
    notes: tuple[str, ...] = ()
    cause: str | None = None
    """Where the drift came from (market, cash flow, a trade by hand, …); None where no history tells."""


@dataclass(frozen=True)
class Holding:
    """A holding that no line declares: counted towards leverage, not traded. `exposure` is in base currency."""

    con_id: ConId
    symbol: str
    quantity: Decimal
    exposure: Money | Unknown


class Level(StrEnum):
    """How much a violation weighs: told, to be overridden by name, or final."""

    ADVISORY = "advisory"
    OVERRIDE = "override"
    HARD = "hard"


@dataclass(frozen=True)
class Violation:
    """A limit that the plan would cross, or that cannot be checked because something is Unknown.

    `instrument` is None where the whole account is concerned. `existed_before` is true for what was already so before
    the plan: it blocks only what would make it worse, and `blocks` says whether this plan does.
    """

    limit: str
    level: Level
    message: str
    value: str
    bound: str
    location: Location | None
    instrument: InstrumentName | None = None
    existed_before: bool = False
    blocks: bool = True
    remedy: str = ""


@dataclass(frozen=True)
class Batch:
    """Orders that are sent together; the next batch waits until all are over and the account was read again."""

    number: int
    reduces_risk: bool
    orders: tuple[OrderIntent, ...]


@dataclass(frozen=True)
class Standing:
    """Leverage, margin and the distance to liquidation at one moment, read or predicted.

    Leverage is gross exposure / net liquidation.
    """

    leverage: Decimal | Unknown
    initial_margin: Money | Unknown
    maintenance_margin: Money | Unknown
    available_funds: Money | Unknown
    excess_liquidity: Money | Unknown
    distance: Distance


def unknown_standing(why: Unknown) -> Standing:
    """The standing of an account that could not be read."""
    return Standing(why, why, why, why, why, unknown_distance(why))


@dataclass(frozen=True)
class Plan:
    """One account's plan.

    `fingerprint` covers intent and bounds: targets, limits, policy, held and working quantities, orders. `id` adds the
    moment of making, and is what an apply consumes. `manifests`, `account_digest`, `environment` and `holdings_digest`
    must match exactly at apply; prices may move within the policy's collar until `expires`.
    `blocked` holds what blocks the whole account; it does not list blocked lines, which say so themselves.
    """

    id: PlanId
    fingerprint: Fingerprint
    account: AccountName
    account_digest: str
    environment: Environment
    base_currency: Currency
    revision: Revision
    created: datetime
    expires: datetime
    leverage_target: Decimal
    net_liquidation: Money | Unknown
    price_collar: Decimal
    holdings_digest: str
    lines: tuple[Line, ...]
    undeclared: tuple[Holding, ...]
    foreign_orders: tuple[WorkingOrder, ...]
    batches: tuple[Batch, ...]
    violations: tuple[Violation, ...]
    before: Standing
    after: Standing
    blocked: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    @property
    def orders(self) -> tuple[OrderIntent, ...]:
        """All orders, batch by batch."""
        return tuple(order for batch in self.batches for order in batch.orders)

    @property
    def changes(self) -> tuple[Line, ...]:
        """The lines that trade."""
        return tuple(line for line in self.lines if line.action is not Action.NO_OP)

    @property
    def blocked_lines(self) -> tuple[Line, ...]:
        """The lines that would have to trade, or cannot be judged, and may not."""
        return tuple(line for line in self.lines if line.blocked is not None)

    @property
    def blocking_violations(self) -> tuple[Violation, ...]:
        """The violations for which nothing that adds risk may be sent."""
        return tuple(each for each in self.violations if each.blocks and each.level is not Level.ADVISORY)

    @property
    def forbidden_violations(self) -> tuple[Violation, ...]:
        """Those that the plan itself would bring about. The others were there before, and reducing risk ends them."""
        return tuple(each for each in self.blocking_violations if not each.existed_before)

    @property
    def is_blocked(self) -> bool:
        """Whether anything stands in the way of a line or of all."""
        return bool(self.blocked or self.blocked_lines or self.blocking_violations)
