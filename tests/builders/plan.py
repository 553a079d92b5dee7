"""Lines, plans, and what stands in them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from reconciler.diagnostics import Location
from reconciler.domain.account import (
    QuoteType,
    Side,
)
from reconciler.domain.cost import Cost
from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.desired import (
    Environment,
)
from reconciler.domain.ids import (
    Fingerprint,
    InstrumentName,
    PlanId,
)
from reconciler.domain.limits import Level, Limit
from reconciler.domain.line import Action, Holding, Line, Reason
from reconciler.domain.money import Currency, FxRate, Money
from reconciler.domain.orders import OrderIntent
from reconciler.domain.plan import Batch, Plan
from reconciler.domain.sizing import Sizing
from reconciler.domain.standing import Standing, unknown_standing
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Violation
from reconciler.planning.fingerprint import account_digest, fingerprint_of, id_of
from reconciler.planning.liquidation import Exposure, Footing, distance
from tests.builders.desired import a_revision
from tests.builders.market import ACCOUNT_ID, DIGEST, MAIN, NOW, USD, Number, con_id_of, money


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


def a_violation(limit: Limit = Limit.MAX_LEVERAGE, **changes: Any) -> Violation:
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


def a_sizing(net_liquidation: Number = 100_000, leverage: Number = "1.4", **changes: Any) -> Sizing:
    """No buffer, and nothing that no manifest names."""
    net, factor = money(net_liquidation), Decimal(leverage)
    sizing = Sizing(net, money(0), money(0), factor, money(0), step=Decimal(1), base=net * factor)
    return replace(sizing, **changes)


def a_balance(
    now: Number = 2_000, then: Number | None = None, currency: str = "USD", **changes: Any
) -> CurrencyBalance:
    """Cash in the base currency, which no order moves unless `then` says so."""
    rate = FxRate(USD, USD, Decimal(1), "identity", NOW)
    before, after = money(now, currency), money(now if then is None else then, currency)
    return replace(CurrencyBalance(Currency(currency), rate, None, before, after), **changes)


def a_cost(**changes: Any) -> Cost:
    """A dollar of commission, and no loan."""
    return replace(Cost(money("1.00"), money("0.23"), money(0), money(0), money(0)), **changes)


def a_plan(lines: Iterable[Line] | None = None, **changes: Any) -> Plan:
    """One line that buys 23 MSFT, unless lines are named; lines are numbered here, and orders follow from them.

    The fingerprint and the id are computed last, over the changes too.
    """
    chosen = (a_line(),) if lines is None else tuple(lines)
    numbered = tuple(replace(line, number=number) for number, line in enumerate(chosen, 1))
    commissions = [line.commission for line in numbered if isinstance(line.commission, Money)]
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
        sizing=a_sizing(),
        currencies=(a_balance(),),
        cost=a_cost(commission=sum(commissions, money(0))),
    )
    return sealed(replace(plan, **changes))


def sealed(plan: Plan) -> Plan:
    """The plan with the fingerprint and the id that its contents have."""
    marked = replace(plan, fingerprint=fingerprint_of(plan))
    return replace(marked, id=id_of(marked))
