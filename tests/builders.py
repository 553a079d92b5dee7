"""Builders of domain values for tests: sensible defaults, and keywords for what a test is about.

Every builder takes `**changes`, handed to `dataclasses.replace`, so that a test names only the fields that matter to
it. The numbers fit together: a plan's orders, batches, fingerprint and id are derived from its lines.
"""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from reconciler.diagnostics import Location
from reconciler.domain.account import (
    AccountSnapshot,
    AccountValues,
    Position,
    Quote,
    QuoteType,
    Side,
    WorkingOrder,
)
from reconciler.domain.contract import Contract, PriceIncrement
from reconciler.domain.desired import (
    AccountSpec,
    DesiredState,
    Environment,
    GatewaySpec,
    Revision,
    SecretRef,
    SecretSource,
    UnmanagedPositions,
)
from reconciler.domain.ids import (
    AccountId,
    AccountName,
    ConId,
    Fingerprint,
    InstrumentName,
    OrderId,
    OrderRef,
    PermId,
    PlanId,
    RunId,
)
from reconciler.domain.limits import RiskLimits
from reconciler.domain.money import Currency, FxRate, Money
from reconciler.domain.orders import OrderIntent, OrderState, order_ref
from reconciler.domain.plan import (
    Action,
    Batch,
    Holding,
    Level,
    Line,
    Plan,
    Reason,
    Standing,
    Violation,
    unknown_standing,
)
from reconciler.domain.policy import ExecutionPolicy, OnBlocked, OrderStyle, Timeouts
from reconciler.domain.portfolio import InstrumentSpec, PortfolioSpec, Target
from reconciler.domain.run import LineResult, Outcome, RunResult
from reconciler.domain.unknown import Unknown
from reconciler.planning.fingerprint import account_digest, fingerprint_of, id_of
from reconciler.planning.liquidation import Exposure, Footing, distance

Number = Decimal | int | str

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""The moment at which everything built here is true."""

USD = Currency("USD")
MAIN = AccountName("main")
ACCOUNT_ID = AccountId("DU1000001")
DIGEST = "sha256:" + "0" * 64

_CON_IDS = {"MSFT": 272093, "AAPL": 265598, "NVDA": 4815747, "TSLA": 76792991, "GLD": 51529211}

# ------------------------------------------------------------------------------------------------ money and contracts


def money(amount: Number, currency: str = "USD") -> Money:
    return Money(Decimal(amount), Currency(currency))


def con_id_of(symbol: str) -> ConId:
    """The same id for the same symbol, always."""
    return ConId(_CON_IDS.get(symbol) or 100_000_000 + zlib.crc32(symbol.encode()) % 100_000_000)


def a_contract(symbol: str = "MSFT", *, currency: str = "USD", lot_size: Number = 1, **changes: Any) -> Contract:
    contract = Contract(
        con_id=con_id_of(symbol),
        symbol=symbol,
        sec_type="STK",
        currency=Currency(currency),
        exchange="SMART",
        primary_exchange="NASDAQ",
        local_symbol=symbol,
        trading_class="NMS",
        long_name=f"{symbol} CORP",
        multiplier=Decimal(1),
        lot_size=Decimal(lot_size),
        price_increments=(PriceIncrement(Decimal(0), Decimal("0.01")),),
        order_types=frozenset({"MKT", "LMT", "STP", "TRAIL", "WHATIF"}),
    )
    return replace(contract, **changes)


def a_quote(
    symbol: str = "MSFT", price: Number = 400, *, currency: str = "USD", spread: Number = "0.02", **changes: Any
) -> Quote:
    middle, half = Decimal(price), Decimal(spread) / 2
    quote = Quote(
        con_id=con_id_of(symbol),
        currency=Currency(currency),
        bid=middle - half,
        ask=middle + half,
        last=middle,
        close=middle,
        type=QuoteType.LIVE,
        as_of=NOW,
    )
    return replace(quote, **changes)


def a_rate(source: str = "USD", target: str = "CAD", rate: Number = "1.40", **changes: Any) -> FxRate:
    return replace(FxRate(Currency(source), Currency(target), Decimal(rate), "account", NOW), **changes)


# ------------------------------------------------------------------------------------------------------- the account


def a_position(
    symbol: str = "MSFT", quantity: Number = 20, price: Number | None = 400, *, currency: str = "USD", **changes: Any
) -> Position:
    position = Position(
        con_id=con_id_of(symbol),
        symbol=symbol,
        sec_type="STK",
        currency=Currency(currency),
        multiplier=Decimal(1),
        quantity=Decimal(quantity),
        average_cost=Decimal(350),
        market_price=None if price is None else Decimal(price),
    )
    return replace(position, **changes)


def a_working_order(
    symbol: str = "MSFT", side: Side = Side.BUY, remaining: Number = 5, *, ref: str | None = None, **changes: Any
) -> WorkingOrder:
    """A foreign market order unless `ref` is one of ours."""
    order = WorkingOrder(
        con_id=con_id_of(symbol),
        symbol=symbol,
        side=side,
        remaining=Decimal(remaining),
        order_type="MKT",
        time_in_force="DAY",
        order_ref=None if ref is None else OrderRef(ref),
        order_id=OrderId(71),
        client_id=7,
        perm_id=PermId(1_500_000_071),
        status="Submitted",
        is_attached=False,
    )
    return replace(order, **changes)


def account_values(net_liquidation: Number = 100_000, *, currency: str = "USD", **changes: Any) -> AccountValues:
    """A margin account: half of its net liquidation is initial margin, 40 % is maintenance margin."""
    value = money(net_liquidation, currency)
    initial, maintenance = value * Decimal("0.5"), value * Decimal("0.4")
    values = AccountValues(
        net_liquidation=value,
        equity_with_loan=value,
        initial_margin=initial,
        maintenance_margin=maintenance,
        available_funds=value - initial,
        excess_liquidity=value - maintenance,
        look_ahead_available_funds=value - initial,
        look_ahead_excess_liquidity=value - maintenance,
        gross_position_value=value,
    )
    return replace(values, **changes)


def a_snapshot(
    positions: Iterable[Position] | Unknown | None = None,
    *,
    contracts: Iterable[Contract] | None = None,
    quotes: Iterable[Quote] | None = None,
    base_currency: str = "USD",
    net_liquidation: Number = 100_000,
    **changes: Any,
) -> AccountSnapshot:
    """Complete, without working orders; 20 MSFT at 400 unless positions are named."""
    held = (a_position(),) if positions is None else positions if isinstance(positions, Unknown) else tuple(positions)
    known = (a_contract(),) if contracts is None else tuple(contracts)
    priced = tuple(a_quote(each.symbol) for each in known) if quotes is None else tuple(quotes)
    base = Currency(base_currency)
    snapshot = AccountSnapshot(
        base_currency=base,
        taken_at=NOW,
        values=account_values(net_liquidation, currency=base_currency),
        positions=held,
        working_orders=(),
        cash={base: money(0, base_currency)},
        rates={},
        contracts={InstrumentName(each.symbol): each for each in known},
        quotes={each.con_id: each for each in priced},
    )
    return replace(snapshot, **changes)


# --------------------------------------------------------------------------------------------------- the desired side


def a_location(line: int = 1, file: str = "desired-state/portfolio.yaml") -> Location:
    return Location(file, line, 7)


def an_instrument(symbol: str = "MSFT", *, currency: str = "USD", **changes: Any) -> InstrumentSpec:
    return replace(InstrumentSpec(InstrumentName(symbol), symbol, "STK", "SMART", Currency(currency)), **changes)


def a_target(symbol: str = "MSFT", weight: Number = "0.5", *, line: int = 1, **changes: Any) -> Target:
    return replace(Target(an_instrument(symbol), Decimal(weight), None, a_location(line)), **changes)


def a_portfolio(
    weights: Mapping[str, Number] | None = None, *, cash_weight: Number | None = None, **changes: Any
) -> PortfolioSpec:
    """Half MSFT and half AAPL unless `weights` says otherwise; cash takes what the weights leave."""
    chosen = {"MSFT": "0.5", "AAPL": "0.5"} if weights is None else weights
    targets = tuple(a_target(symbol, weight, line=10 + n) for n, (symbol, weight) in enumerate(chosen.items()))
    rest = 1 - sum((target.weight for target in targets), Decimal(0))
    portfolio = PortfolioSpec(
        name="core",
        targets=targets,
        cash_weight=rest if cash_weight is None else Decimal(cash_weight),
        long_only=True,
        allow_empty=False,
        declared_at=a_location(1),
    )
    return replace(portfolio, **changes)


def some_limits(**changes: Any) -> RiskLimits:
    """Wide enough that a plain plan crosses none of them."""
    limits = RiskLimits(
        name="standard",
        max_leverage=Decimal("1.5"),
        emergency_leverage=Decimal(2),
        margin_cushion=Decimal("0.1"),
        max_margin_utilisation=Decimal(1),
        max_position_weight=Decimal(1),
        max_turnover=Decimal(2),
        max_order_notional=Decimal(100_000),
        max_quote_age=timedelta(minutes=1),
        locations={
            "": a_location(1, "desired-state/limits.yaml"),
            "max_leverage": a_location(6, "desired-state/limits.yaml"),
        },
    )
    return replace(limits, **changes)


def some_timeouts(**changes: Any) -> Timeouts:
    timeouts = Timeouts(
        connect=timedelta(seconds=10),
        request=timedelta(seconds=10),
        acknowledgement=timedelta(seconds=10),
        fill=timedelta(minutes=2),
        settle=timedelta(minutes=3),
        run=timedelta(minutes=30),
    )
    return replace(timeouts, **changes)


def a_policy(**changes: Any) -> ExecutionPolicy:
    policy = ExecutionPolicy(
        name="calm",
        on_blocked=OnBlocked.STOP,
        order_style=OrderStyle.MARKET,
        limit_offset=Decimal("0.002"),
        minimum_notional=Decimal(100),
        price_collar=Decimal("0.02"),
        accept_delayed_quotes=False,
        plan_ttl=timedelta(minutes=15),
        margin_headroom=Decimal("0.05"),
        timeouts=some_timeouts(),
    )
    return replace(policy, **changes)


def a_gateway(**changes: Any) -> GatewaySpec:
    return replace(GatewaySpec("local", "127.0.0.1", 4002, 11, 40), **changes)


def an_account_spec(*, portfolio: PortfolioSpec | None = None, leverage: Number = 1, **changes: Any) -> AccountSpec:
    spec = AccountSpec(
        name=MAIN,
        environment=Environment.PAPER,
        account_id=SecretRef(SecretSource.ENV, "IB_ACCOUNT_ID"),
        base_currency=USD,
        leverage=Decimal(leverage),
        cash_buffer_fraction=Decimal(0),
        cash_buffer_amount=Decimal(0),
        unmanaged_positions=UnmanagedPositions.REPORT,
        suspend=False,
        gateway=a_gateway(),
        portfolio=a_portfolio() if portfolio is None else portfolio,
        limits=some_limits(),
        policy=a_policy(),
        declared_at=a_location(1, "desired-state/account.yaml"),
    )
    return replace(spec, **changes)


def a_desired_state(*accounts: AccountSpec) -> DesiredState:
    return DesiredState(accounts or (an_account_spec(),), DIGEST)


def a_revision(**changes: Any) -> Revision:
    return replace(Revision("4f0c9a7d2b1e4f0c9a7d2b1e4f0c9a7d2b1e4f0c", dirty=False, manifests=DIGEST), **changes)


# ----------------------------------------------------------------------------------------------------------- the plan


def a_line(
    symbol: str = "MSFT",
    current: Number | Unknown = 20,
    target: Number | Unknown = 43,
    *,
    price: Number | Unknown = 400,
    working: Number = 0,
    net_liquidation: Number = 100_000,
    blocked: str | None = None,
    **changes: Any,
) -> Line:
    """A line whose action, reason, order, notional and weights follow from its quantities and its price."""
    held, wanted, each = _decimal(current), _decimal(target), _decimal(price)
    have = held if isinstance(held, Unknown) else held + Decimal(working)
    action = Action.NO_OP if blocked is not None else _action(have, wanted)
    order = Decimal(0)
    if action is not Action.NO_OP and isinstance(have, Decimal) and isinstance(wanted, Decimal):
        order = wanted - have
    notional = Unknown("no price") if isinstance(each, Unknown) else Money(abs(order) * each, USD)
    line = Line(
        number=1,
        instrument=InstrumentName(symbol),
        con_id=con_id_of(symbol),
        currency=USD,
        action=action,
        reason=_REASONS[action] if blocked is None else Reason.BLOCKED,
        current=held,
        working=Decimal(working),
        exact_target=wanted,
        target=wanted,
        order=order,
        price=each,
        quote_type=None if isinstance(each, Unknown) else QuoteType.LIVE,
        notional=notional,
        weight_current=_weight(held, each, net_liquidation),
        weight_target=_weight(wanted, each, net_liquidation),
        commission=None if action is Action.NO_OP else money("1.00"),
        blocked=blocked,
    )
    return replace(line, **changes)


_REASONS = {
    Action.NO_OP: Reason.AT_TARGET,
    Action.OPEN: Reason.NOT_HELD,
    Action.INCREASE: Reason.ABOVE_BAND,
    Action.REDUCE: Reason.ABOVE_BAND,
    Action.CLOSE: Reason.WEIGHT_ZERO,
}


def _action(have: Decimal | Unknown, wanted: Decimal | Unknown) -> Action:
    if isinstance(have, Unknown) or isinstance(wanted, Unknown) or have == wanted:
        return Action.NO_OP
    if have == 0:
        return Action.OPEN
    if wanted == 0:
        return Action.CLOSE
    return Action.INCREASE if wanted > have else Action.REDUCE


def _decimal(value: Number | Unknown) -> Decimal | Unknown:
    return value if isinstance(value, Unknown) else Decimal(value)


def _weight(quantity: Decimal | Unknown, price: Decimal | Unknown, net: Number) -> Decimal | Unknown:
    if isinstance(quantity, Unknown) or isinstance(price, Unknown):
        return Unknown("no price")
    return quantity * price / Decimal(net)


def an_order(line: Line) -> OrderIntent:
    """The order of a line that trades at a known price."""
    assert line.con_id is not None
    assert isinstance(line.price, Decimal)
    assert isinstance(line.notional, Money)
    return OrderIntent(
        line=line.number,
        instrument=line.instrument,
        con_id=line.con_id,
        side=Side.BUY if line.order > 0 else Side.SELL,
        quantity=abs(line.order),
        reduces_risk=line.order < 0,
        reference_price=line.price,
        notional=line.notional,
    )


def batches_of(lines: Iterable[Line]) -> tuple[Batch, ...]:
    """What reduces risk first, then what adds it."""
    orders = [an_order(line) for line in lines if line.action is not Action.NO_OP]
    parts = [tuple(each for each in orders if each.reduces_risk is reduces) for reduces in (True, False)]
    return tuple(Batch(number, part[0].reduces_risk, part) for number, part in enumerate(filter(None, parts), 1))


def a_footing(equity: Money, leverage: Decimal) -> Footing:
    """An account that holds long stock in its own currency alone."""
    return Footing(equity, equity, (Exposure(equity.currency, (equity * leverage).amount, is_value=True),), {})


def a_standing(leverage: Number | Unknown = "1.12", *, net_liquidation: Number = 100_000, **changes: Any) -> Standing:
    """Half of the gross exposure is initial margin, 40 % of it is maintenance margin."""
    ratio = _decimal(leverage)
    equity = money(net_liquidation)
    if isinstance(ratio, Unknown):
        standing = unknown_standing(ratio)
    else:
        initial, maintenance = equity * (ratio / 2), equity * (ratio * Decimal("0.4"))
        standing = Standing(
            ratio,
            initial,
            maintenance,
            equity - initial,
            equity - maintenance,
            distance(a_footing(equity, ratio), maintenance),
        )
    return replace(standing, **changes)


def a_holding(symbol: str = "IBKR", quantity: Number = 10, exposure: Number | Unknown = 1500) -> Holding:
    value = exposure if isinstance(exposure, Unknown) else money(exposure)
    return Holding(con_id_of(symbol), symbol, Decimal(quantity), value)


def a_violation(limit: str = "max_leverage", **changes: Any) -> Violation:
    violation = Violation(
        limit=limit,
        level=Level.HARD,
        message="leverage after the plan is above the limit",
        value="1.62",
        bound="1.50",
        location=Location("desired-state/limits.yaml", 6, 16),
        remedy="lower the account's leverage or raise maxLeverage in a reviewed change",
    )
    return replace(violation, **changes)


def a_plan(lines: Iterable[Line] | None = None, **changes: Any) -> Plan:
    """One line that buys 23 MSFT, unless lines are named; lines are numbered here, and orders follow from them.

    The fingerprint and the id are computed last, over the changes too.
    """
    chosen = (a_line(),) if lines is None else tuple(lines)
    numbered = tuple(replace(line, number=number) for number, line in enumerate(chosen, 1))
    plan = Plan(
        id=PlanId(""),
        fingerprint=Fingerprint(""),
        account=MAIN,
        account_digest=account_digest(ACCOUNT_ID),
        environment=Environment.PAPER,
        base_currency=USD,
        revision=a_revision(),
        created=NOW,
        expires=NOW + timedelta(minutes=15),
        leverage_target=Decimal("1.4"),
        net_liquidation=money("100000.00"),
        price_collar=Decimal("0.02"),
        holdings_digest=DIGEST,
        lines=numbered,
        undeclared=(),
        foreign_orders=(),
        batches=batches_of(numbered),
        violations=(),
        before=a_standing("1.12"),
        after=a_standing("1.40"),
    )
    return sealed(replace(plan, **changes))


def sealed(plan: Plan) -> Plan:
    """The plan with the fingerprint and the id that its contents have."""
    marked = replace(plan, fingerprint=fingerprint_of(plan))
    return replace(marked, id=id_of(marked))


# ------------------------------------------------------------------------------------------------------------ the run


def a_line_result(
    order: OrderIntent,
    state: OrderState = OrderState.FILLED,
    *,
    plan: PlanId,
    filled: Number | None = None,
    **changes: Any,
) -> LineResult:
    """How one order ended: filled whole at its reference price, unless told otherwise."""
    whole = order.quantity if state is OrderState.FILLED else Decimal(0)
    shares = whole if filled is None else Decimal(filled)
    result = LineResult(
        line=order.line,
        instrument=order.instrument,
        side=order.side,
        quantity=order.quantity,
        order_ref=order_ref(plan, order, attempt=1),
        state=state,
        filled=shares,
        average_price=order.reference_price if shares else None,
        commission=money("1.00") if shares else None,
    )
    return replace(result, **changes)


def a_run_result(plan: Plan | None = None, outcome: Outcome = Outcome.APPLIED, **changes: Any) -> RunResult:
    """Every order of the plan filled, unless `lines` says otherwise."""
    applied = a_plan() if plan is None else plan
    result = RunResult(
        id=RunId("run-20260302-150030-0123"),
        plan=applied.id,
        fingerprint=applied.fingerprint,
        account=applied.account,
        started=NOW + timedelta(seconds=30),
        ended=NOW + timedelta(seconds=75),
        outcome=outcome,
        lines=tuple(a_line_result(order, plan=applied.id) for order in applied.orders),
        before=applied.before,
        after=applied.after,
    )
    return replace(result, **changes)
