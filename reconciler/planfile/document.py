"""The shape of a Plan document, field by field. Its JSON Schema is generated from here."""

from typing import Literal

from reconciler.domain.account import QuoteType, Side
from reconciler.domain.desired import Environment
from reconciler.domain.ids import AccountName, ConId, Fingerprint, InstrumentName, OrderId, OrderRef, PermId, PlanId
from reconciler.domain.money import Currency
from reconciler.domain.plan import Action, Level, Reason
from reconciler.planfile.envelope import Envelope, LocationPart, RevisionPart
from reconciler.planfile.fields import MoneyField, MoneyOrUnknown, Number, NumberOrUnknown, Part, Time


class QuantityPart(Part):
    """In shares or contracts. `exact` is the target before rounding to lots; `order` is positive for a buy."""

    current: NumberOrUnknown
    working: Number
    exact: NumberOrUnknown
    target: NumberOrUnknown
    order: Number


class WeightPart(Part):
    """Exposure as a fraction of net liquidation."""

    current: NumberOrUnknown
    target: NumberOrUnknown


class LinePart(Part):
    """One declared line. `price` is in `currency`; `blocked` says why the line may not trade, or is null."""

    number: int
    instrument: InstrumentName
    con_id: ConId | None
    currency: Currency
    action: Action
    reason: Reason
    quantity: QuantityPart
    weight: WeightPart
    price: NumberOrUnknown
    quote_type: QuoteType | None
    notional: MoneyOrUnknown
    commission: MoneyOrUnknown | None
    cause: str | None
    blocked: str | None
    notes: tuple[str, ...]


class OrderPart(Part):
    """One order of a line: the side, a positive quantity, and the price around which its collar lies."""

    line: int
    instrument: InstrumentName
    con_id: ConId
    side: Side
    quantity: Number
    reduces_risk: bool
    reference_price: Number
    notional: MoneyField


class BatchPart(Part):
    """Orders that are sent together. `lines` names their instruments."""

    number: int
    reduces_risk: bool
    lines: tuple[InstrumentName, ...]
    orders: tuple[OrderPart, ...]


class HoldingPart(Part):
    """A holding that no manifest declares: counted towards leverage, never traded."""

    con_id: ConId
    symbol: str
    quantity: Number
    exposure: MoneyOrUnknown


class WorkingOrderPart(Part):
    """An order at the broker that is not ours, or not of this plan. `remaining` is in shares or contracts."""

    con_id: ConId
    symbol: str
    side: Side
    remaining: Number
    order_type: str
    time_in_force: str
    order_ref: OrderRef | None
    order_id: OrderId
    client_id: int
    perm_id: PermId
    status: str
    is_attached: bool


class ViolationPart(Part):
    """A limit that the plan would cross, or that cannot be checked."""

    limit: str
    level: Level
    message: str
    value: str
    bound: str
    location: LocationPart | None
    instrument: InstrumentName | None
    existed_before: bool
    blocks: bool
    remedy: str


class DistancePart(Part):
    """What it takes, each by itself, to bring excess liquidity to zero, as fractions; null where nothing does.

    `price_move` is that of all prices together, `margin_rise` that of all maintenance rates, `currency_move` that of
    `currency` against the base currency, and `leverage` is where the price move takes leverage.
    """

    price_move: NumberOrUnknown | None
    margin_rise: NumberOrUnknown | None
    currency_move: NumberOrUnknown | None
    currency: Currency | None
    leverage: NumberOrUnknown | None


class StandingPart(Part):
    """Leverage (gross exposure / net liquidation), margin, and the distance to liquidation at one moment."""

    leverage: NumberOrUnknown
    initial_margin: MoneyOrUnknown
    maintenance_margin: MoneyOrUnknown
    available_funds: MoneyOrUnknown
    excess_liquidity: MoneyOrUnknown
    distance: DistancePart


class StandingsPart(Part):
    """As read, and as the plan would leave it."""

    before: StandingPart
    after: StandingPart


class PlanAccountPart(Part):
    """One account's part of a plan. `blocked` lists what stops the whole account."""

    name: AccountName
    account_digest: str
    environment: Environment
    base_currency: Currency
    net_liquidation: MoneyOrUnknown
    leverage_target: Number
    price_collar: Number
    holdings_digest: str
    standing: StandingsPart
    blocked: tuple[str, ...]
    notes: tuple[str, ...]
    lines: tuple[LinePart, ...]
    undeclared: tuple[HoldingPart, ...]
    foreign_orders: tuple[WorkingOrderPart, ...]
    violations: tuple[ViolationPart, ...]
    batches: tuple[BatchPart, ...]


class LeveragePart(Part):
    """Gross exposure / net liquidation: as read, as the plan would leave it, and as the manifests want it."""

    before: NumberOrUnknown
    after: NumberOrUnknown
    target: Number


class MarginPart(Part):
    """Margin figures at one moment, as fractions of net liquidation."""

    available_funds: NumberOrUnknown
    excess_liquidity: NumberOrUnknown


class MarginsPart(Part):
    """As read, and as the plan would leave it."""

    before: MarginPart
    after: MarginPart


class PlanSummaryPart(Part):
    """Counts of lines, and fractions of net liquidation rounded to four places. Nothing here is needed to apply."""

    in_sync: bool
    changes: int
    blocked: int
    unknown: int
    undeclared: int
    turnover: NumberOrUnknown
    leverage: LeveragePart
    margin: MarginsPart


class PlanDocument(Envelope):
    """A saved plan, of one account in this version. `digest` covers every other field of the document."""

    kind: Literal["Plan"]
    id: PlanId
    fingerprint: Fingerprint
    digest: str
    expires: Time
    revision: RevisionPart
    summary: PlanSummaryPart
    accounts: tuple[PlanAccountPart, ...]
