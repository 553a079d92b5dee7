"""Size: what each line should be worth, before anything is rounded, paid for or left alone.

Target = ((net liquidation − cash buffer) × leverage − undeclared holdings) × weight, at the line's price and rate, on
the broker's own net liquidation. Where undeclared holdings stand apart, their value is left out of net liquidation
instead. Where maxLeverageStep does not let one run go the whole way to the leverage target, the base is as much smaller
or larger as the step allows.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot, AccountValues
from reconciler.domain.contract import FUTURE
from reconciler.domain.desired import AccountSpec, UndeclaredHoldings
from reconciler.domain.money import Money
from reconciler.domain.sizing import Sizing
from reconciler.domain.unknown import Unknown
from reconciler.planning.exposure import gross_exposure, leverage_of, undeclared_exposure
from reconciler.planning.pricing import value_of
from reconciler.planning.resolve import ResolvedLine, TargetPortfolio

_ZERO = Decimal(0)


@dataclass(frozen=True)
class SizedLine:
    """A line with the exact quantity that its weight asks for, in shares or contracts."""

    line: ResolvedLine
    exact: Decimal | Unknown


@dataclass(frozen=True)
class SizedPortfolio:
    """All lines, sized on one base."""

    sizing: Sizing
    lines: tuple[SizedLine, ...]


def size(account: AccountSpec, snapshot: AccountSnapshot, portfolio: TargetPortfolio) -> SizedPortfolio | Unknown:
    """Every line's exact target. Unknown where the base is, which blocks the account."""
    sizing = sizing_of(account, snapshot, portfolio)
    if isinstance(sizing, Unknown):
        return sizing
    return SizedPortfolio(sizing, tuple(SizedLine(line, _exact(line, sizing.base)) for line in portfolio.lines))


def sizing_of(account: AccountSpec, snapshot: AccountSnapshot, portfolio: TargetPortfolio) -> Sizing | Unknown:
    """What weight 1 is worth; Unknown where net liquidation or an undeclared holding is."""
    if isinstance(snapshot.values, Unknown):
        return snapshot.values
    whole = _whole(account, snapshot, snapshot.values, portfolio)
    if isinstance(whole, Unknown):
        return whole
    step = _step(account, snapshot, portfolio, whole)
    return step if isinstance(step, Unknown) else replace(whole, step=step, base=whole.base * step)


def _whole(
    account: AccountSpec, snapshot: AccountSnapshot, values: AccountValues, portfolio: TargetPortfolio
) -> Sizing | Unknown:
    """The sizing that goes the whole way to the leverage target."""
    net_liquidation, zero = values.net_liquidation, Money(_ZERO, snapshot.base_currency)
    if net_liquidation.amount <= 0:
        return Unknown(f"net liquidation is {net_liquidation}")
    exposure = undeclared_exposure(portfolio, zero)
    if isinstance(exposure, Unknown):
        return exposure
    stands_apart = account.undeclared_holdings is UndeclaredHoldings.APART
    apart = _worth_apart(snapshot, portfolio, zero) if stands_apart else zero
    if isinstance(apart, Unknown):
        return apart
    undeclared = zero if stands_apart else exposure
    buffer = net_liquidation * account.cash_buffer_fraction + Money(account.cash_buffer_amount, snapshot.base_currency)
    base = (net_liquidation - apart - buffer) * account.leverage - undeclared
    if base.amount <= 0:
        return Unknown(
            f"the cash buffer and the holdings that no manifest names ({exposure}) leave nothing of "
            f"{net_liquidation} at leverage {account.leverage}"
        )
    return Sizing(net_liquidation, buffer, apart, account.leverage, undeclared, step=Decimal(1), base=base)


def _worth_apart(snapshot: AccountSnapshot, portfolio: TargetPortfolio, zero: Money) -> Money | Unknown:
    """What the undeclared holdings add to net liquidation. A future adds its profit alone, which is cash by then."""
    aside = {holding.con_id for holding in portfolio.undeclared}
    total = zero
    for position in snapshot.known_positions:
        if position.con_id in aside and position.sec_type != FUTURE:
            value = value_of(position, snapshot)
            if isinstance(value, Unknown):
                return Unknown(f"the value of {position.symbol}, which no manifest names, is not known")
            total += value
    return total


def _step(
    account: AccountSpec, snapshot: AccountSnapshot, portfolio: TargetPortfolio, whole: Sizing
) -> Decimal | Unknown:
    """By which the base shrinks or grows, so that this run moves leverage by no more than maxLeverageStep."""
    most = account.limits.max_leverage_step
    if most is None:
        return Decimal(1)
    now = leverage_of(gross_exposure(portfolio, snapshot), whole.net_liquidation)
    if isinstance(now, Unknown):
        return Unknown(f"the leverage is not known, so that maxLeverageStep cannot be kept: {now.why}")
    held_aside = undeclared_exposure(portfolio, Money(_ZERO, snapshot.base_currency))
    counted = (abs(line.target.weight) for line in portfolio.lines if line.target.counts_toward_leverage)
    managed = whole.base.amount * sum(counted, _ZERO)
    if isinstance(held_aside, Unknown) or managed == 0:
        return Decimal(1)
    net = whole.net_liquidation.amount
    goal = (managed + held_aside.amount) / net
    reached = min(max(goal, now - most), now + most)
    return max(reached * net - held_aside.amount, _ZERO) / managed if reached != goal else Decimal(1)


def _exact(line: ResolvedLine, base: Money) -> Decimal | Unknown:
    if line.target.weight == 0 and line.blocked is None:
        return _ZERO
    if line.blocked is not None or isinstance(line.unit, Unknown):
        return Unknown(line.blocked or "no price")
    return base.amount * line.target.weight / line.unit.amount
