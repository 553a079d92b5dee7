"""The shape of a Plan document, field by field. Its JSON Schema is generated from here."""

from typing import Literal

from reconciler.domain.account import QuoteType, Side
from reconciler.domain.desired import Environment
from reconciler.domain.ids import AccountName, ConId, Fingerprint, InstrumentName, OrderId, OrderRef, PermId, PlanId
from reconciler.domain.limits import EmergencyAction, Level, Limit
from reconciler.domain.line import Action, Cause, LineKind, Reason
from reconciler.domain.money import Currency
from reconciler.domain.policy import OrderStyle
from reconciler.domain.violation import Holds
from reconciler.planfile.envelope import Envelope, LocationPart, RevisionPart
from reconciler.planfile.fields import MoneyField, MoneyOrUnknown, Number, NumberOrUnknown, Part, Time
from reconciler.planfile.origin import NO_ORIGIN, OriginPart


class QuantityPart(Part):
    """In shares or contracts. `exact` is the target before rounding to lots; `order` is positive for a buy.

    `moved` is the part of `current` that is held under a contract which this one replaced.
    """

    current: NumberOrUnknown
    moved: Number
    working: Number
    exact: NumberOrUnknown
    target: NumberOrUnknown
    order: Number
    lot: Number


class WeightPart(Part):
    """Exposure as a fraction of net liquidation; `declared` is the manifest's share of the managed base, or null."""

    declared: Number | None
    current: NumberOrUnknown
    target: NumberOrUnknown


class LinePart(Part):
    """One line: a declared one, a holding that is closed, or a conversion of currency.

    `price` is in `currency`; `blocked` says why the line may not trade, or is null; `band` is the drift that it must
    cross to trade, as a fraction of net liquidation. `location` is where its target stands, `origin` what made the
    declared weight.
    """

    number: int
    kind: LineKind
    instrument: InstrumentName
    con_id: ConId | None
    currency: Currency
    action: Action
    reason: Reason
    quantity: QuantityPart
    weight: WeightPart
    price: NumberOrUnknown
    multiplier: Number
    quote_type: QuoteType | None
    notional: MoneyOrUnknown
    commission: MoneyOrUnknown | None
    half_spread: MoneyOrUnknown | None
    band: Number | None
    cause: Cause | None
    blocked: str | None
    notes: tuple[str, ...]
    location: LocationPart | None = None
    origin: OriginPart = NO_ORIGIN


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
    converts: bool


class BatchPart(Part):
    """Orders that are sent together. `lines` names their instruments."""

    number: int
    reduces_risk: bool
    lines: tuple[InstrumentName, ...]
    orders: tuple[OrderPart, ...]


class HoldingPart(Part):
    """A holding that no manifest declares: counted towards leverage, never traded.

    `formerly` is the line of the last applied revision that declared it, or null.
    """

    con_id: ConId
    symbol: str
    quantity: Number
    exposure: MoneyOrUnknown
    formerly: InstrumentName | None


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


class OverridePart(Part):
    """A limit that the plan is let past: why, by whom, and until when; null for this plan alone."""

    limit: Limit
    reason: str
    by: str
    expires: Time | None


class ViolationPart(Part):
    """A limit that the plan would cross, or that cannot be checked.

    `batch` is the number of the batch after which it would be crossed; null where the plan as a whole does. `holds`
    says what it holds up, and `blocks` whether anything is.
    """

    limit: Limit
    level: Level
    message: str
    value: str
    bound: str
    location: LocationPart | None
    instrument: InstrumentName | None
    batch: int | None
    existed_before: bool
    holds: Holds
    blocks: bool
    remedy: str
    override: OverridePart | None


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


class SizingPart(Part):
    """base = ((net liquidation − apart − buffer) × leverage − undeclared) × step; `funded` is the fraction of their
    targets that buys are brought to.
    """

    net_liquidation: MoneyField
    buffer: MoneyField
    apart: MoneyField
    leverage: Number
    undeclared: MoneyField
    step: Number
    base: MoneyField
    funded: Number


class RatePart(Part):
    """`rate` units of `target` for one unit of `source`, where it is from, and when it was true."""

    source: Currency
    target: Currency
    rate: Number
    origin: str
    as_of: Time


class UnknownPart(Part):
    """Not known, and why. Never zero."""

    unknown: str


class CurrencyPart(Part):
    """What is held in one currency, negative where it is owed, now and after the orders.

    `rate` is the broker's into base currency, `market` what the pair is quoted at; null for the base currency.
    """

    currency: Currency
    rate: RatePart | UnknownPart
    market: NumberOrUnknown | None
    before: MoneyOrUnknown
    after: MoneyOrUnknown


class CostPart(Part):
    """Estimates in base currency. `once` is what the run costs, `financing` what the loan after it costs in a year."""

    commission: MoneyOrUnknown
    half_spread: MoneyOrUnknown
    conversion: MoneyOrUnknown
    once: MoneyOrUnknown
    loan: MoneyOrUnknown
    financing: MoneyOrUnknown


class EmergencyPart(Part):
    """That the account is in an emergency: why, what the plan does, and who authorised that beforehand, or null."""

    reasons: tuple[str, ...]
    action: EmergencyAction
    authorised_by: str | None


class GivenTargetPart(Part):
    """A line of a portfolio that was given on the command line."""

    symbol: str
    weight: Number
    sector: str | None


class OptionsPart(Part):
    """What the command line asked for beyond the manifests; null, or empty, where they hold.

    `flatten` is why everything declared is closed, by `halt --flatten`.
    """

    leverage: Number | None
    margin_cushion: Number | None
    max_parallel: int | None
    max_runtime_seconds: int | None
    order_style: OrderStyle | None
    is_forced: bool
    targets: tuple[InstrumentName, ...]
    excluded: tuple[InstrumentName, ...]
    portfolio: tuple[GivenTargetPart, ...] | None
    overrides: tuple[OverridePart, ...]
    flatten: str | None = None


class PlanAccountPart(Part):
    """One account's part of a plan. `blocked` lists what stops the whole account.

    `cancellations` are working orders that go before the first order; `options` is null where the manifests alone hold;
    `leverage_location` is where the leverage target is declared, or null where it is the default or the options';
    `buffer_locations` are where the parts of the cash buffer are.
    """

    name: AccountName
    account_digest: str
    environment: Environment
    base_currency: Currency
    net_liquidation: MoneyOrUnknown
    leverage_target: Number
    price_collar: Number
    holdings_digest: str
    standing: StandingsPart
    sizing: SizingPart | None
    currencies: tuple[CurrencyPart, ...]
    cost: CostPart
    emergency: EmergencyPart | None
    options: OptionsPart | None
    blocked: tuple[str, ...]
    notes: tuple[str, ...]
    lines: tuple[LinePart, ...]
    undeclared: tuple[HoldingPart, ...]
    foreign_orders: tuple[WorkingOrderPart, ...]
    cancellations: tuple[WorkingOrderPart, ...]
    violations: tuple[ViolationPart, ...]
    batches: tuple[BatchPart, ...]
    leverage_location: LocationPart | None = None
    buffer_locations: tuple[LocationPart, ...] = ()


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
    """Counts of lines, and fractions of net liquidation rounded to four places. Nothing here is needed to apply.

    `partial` is true where some lines were left out on purpose (`--target`, `--exclude`).
    """

    in_sync: bool
    partial: bool
    emergency: bool
    changes: int
    blocked: int
    unknown: int
    undeclared: int
    turnover: NumberOrUnknown
    cost: NumberOrUnknown
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
