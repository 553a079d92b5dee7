"""Forecast: the account as it would stand after some orders, by the broker's what-ifs and our own arithmetic.

Leverage is our own arithmetic over positions; margin is the account's figure now plus what the broker says each order
changes. What-ifs of single orders do not add up exactly, so what adds margin is counted with headroom, and a release
that the broker does not confirm is not counted at all.
"""

from collections.abc import Mapping
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot, AccountValues
from reconciler.domain.desired import AccountSpec
from reconciler.domain.errors import InvariantBroken
from reconciler.domain.money import Money
from reconciler.domain.orders import OrderIntent, WhatIf
from reconciler.domain.plan import Standing
from reconciler.domain.unknown import Unknown
from reconciler.planning.checks.subject import Subject
from reconciler.planning.exposure import gross_exposure, leverage_of, standing_of
from reconciler.planning.liquidation import distance, footing
from reconciler.planning.resolve import ResolvedLine, TargetPortfolio

WHAT_IF_TOLERANCE = Decimal("0.05")
"""Of the margin: how far a what-if's own figures from before may lie from the account's. Prices move in between."""

Estimates = Mapping[OrderIntent, WhatIf | Unknown]


def forecast(
    account: AccountSpec,
    snapshot: AccountSnapshot,
    portfolio: TargetPortfolio,
    estimates: Estimates,
    *,
    spent: Money,
) -> Subject:
    """Everything that the risk limits look at, for the orders that `estimates` are of.

    The account's values must be known: an account whose net liquidation is Unknown has no orders to judge.
    """
    if isinstance(snapshot.values, Unknown):
        raise InvariantBroken(f"orders are forecast for an account that could not be read: {snapshot.values.why}")
    orders = tuple(estimates)
    net_liquidation = snapshot.values.net_liquidation
    ordered = _ordered(orders)
    return Subject(
        limits=account.limits,
        net_liquidation=net_liquidation,
        equity_with_loan=snapshot.values.equity_with_loan,
        before=standing_of(portfolio, snapshot),
        after=_standing_after(snapshot.values, portfolio, snapshot, estimates, account.policy.margin_headroom),
        weights_before={
            line.target.instrument.name: _weight(line, line.current, net_liquidation) for line in portfolio.lines
        },
        weights_after={
            line.target.instrument.name: _weight(line, _final(line, ordered), net_liquidation)
            for line in portfolio.lines
        },
        orders=orders,
        spent=spent,
    )


def _standing_after(
    values: AccountValues,
    portfolio: TargetPortfolio,
    snapshot: AccountSnapshot,
    estimates: Estimates,
    headroom: Decimal,
) -> Standing:
    initial = _change(estimates, "initial_margin_change", values, headroom)
    maintenance = _change(estimates, "maintenance_margin_change", values, headroom)
    ordered = _ordered(estimates)
    gross = _gross_after(portfolio, snapshot, ordered)
    kept = maintenance if isinstance(maintenance, Unknown) else values.maintenance_margin + maintenance
    final = {line.number: _final(line, ordered) for line in portfolio.lines}
    return Standing(
        leverage=leverage_of(gross, values.net_liquidation),
        initial_margin=initial if isinstance(initial, Unknown) else values.initial_margin + initial,
        maintenance_margin=kept,
        available_funds=_less(values.available_funds, values.look_ahead_available_funds, initial),
        excess_liquidity=_less(values.excess_liquidity, values.look_ahead_excess_liquidity, maintenance),
        distance=distance(footing(values, portfolio, snapshot, final), kept),
    )


def _less(now: Money, look_ahead: Money | Unknown, change: Money | Unknown) -> Money | Unknown:
    # The smaller of this margin period's figure and the next one's: a batch must hold in both.
    if isinstance(change, Unknown):
        return change
    amounts = [now.amount] if isinstance(look_ahead, Unknown) else [now.amount, look_ahead.amount]
    return Money(min(amounts), now.currency) - change


def _change(estimates: Estimates, field: str, values: AccountValues, headroom: Decimal) -> Money | Unknown:
    total = Money(Decimal(0), values.net_liquidation.currency)
    for order, estimate in estimates.items():
        doubt = estimate.why if isinstance(estimate, Unknown) else _why_doubtful(estimate, values)
        if isinstance(estimate, Unknown) or doubt is not None:
            if order.reduces_risk:
                continue
            return Unknown(f"the what-if of {order.instrument} gave no margin: {doubt}")
        change: Money = getattr(estimate, field)
        total += change * (1 + headroom) if change.amount > 0 else change
    return total


def _why_doubtful(estimate: WhatIf, values: AccountValues) -> str | None:
    """Why a what-if does not belong to these account values, or None.

    Up to server version 178 it names a currency for its commission alone; that its margins are in base currency is an
    inference. Its own figures from before the order are the check: the account's, in the same currency, at this time.
    """
    for words, said, known in (
        ("initial", estimate.initial_margin_before, values.initial_margin),
        ("maintenance", estimate.maintenance_margin_before, values.maintenance_margin),
    ):
        if abs(said - known).amount > WHAT_IF_TOLERANCE * max(abs(known).amount, abs(said).amount):
            return f"it starts from {words} margin {said}, the account has {known}: another currency, or another moment"
    return None


def _ordered(orders: Estimates | tuple[OrderIntent, ...]) -> dict[int, Decimal]:
    """Signed quantity by line number."""
    total: dict[int, Decimal] = {}
    for order in orders:
        total[order.line] = total.get(order.line, Decimal(0)) + order.side.sign * order.quantity
    return total


def _final(line: ResolvedLine, ordered: Mapping[int, Decimal]) -> Decimal:
    return line.current + line.own_working + ordered.get(line.number, Decimal(0))


def _gross_after(
    portfolio: TargetPortfolio, snapshot: AccountSnapshot, ordered: Mapping[int, Decimal]
) -> Money | Unknown:
    gross = gross_exposure(portfolio, snapshot)
    if isinstance(gross, Unknown):
        return gross
    for line in portfolio.lines:
        if not isinstance(line.unit, Unknown):
            gross += line.unit * (abs(_final(line, ordered)) - abs(line.current))
    return gross


def _weight(line: ResolvedLine, quantity: Decimal, net_liquidation: Money) -> Decimal | Unknown:
    return line.unit if isinstance(line.unit, Unknown) else line.unit.amount * quantity / net_liquidation.amount
