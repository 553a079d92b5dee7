"""Size: what each line should hold, in whole lots.

Target = ((net liquidation − cash buffer) × leverage − undeclared holdings) × weight, at the line's price and rate, on
the broker's own net liquidation. Quantities are whole lots, as near to their targets together as what the exact
ones cost allows (`rounding`). What blocked lines hold together beyond their targets is taken from the buys, all in
proportion, so that leverage stays at its target.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_DOWN, Decimal

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.contract import Contract
from reconciler.domain.desired import AccountSpec
from reconciler.domain.money import Money
from reconciler.domain.unknown import Unknown
from reconciler.planning.exposure import undeclared_exposure, unpriced_exposure
from reconciler.planning.resolve import ResolvedLine, TargetPortfolio
from reconciler.planning.rounding import Exact, whole_lots


@dataclass(frozen=True)
class SizedLine:
    """A line with its exact and its rounded target in shares or contracts, and the drift that is left to trade.

    `drift` = rounded target − (held + our own working orders): what an order would be.
    """

    line: ResolvedLine
    exact: Decimal | Unknown
    target: Decimal | Unknown
    drift: Decimal


def managed_base(account: AccountSpec, snapshot: AccountSnapshot, portfolio: TargetPortfolio) -> Money | Unknown:
    """What weight 1 is worth, in base currency; Unknown where net liquidation or an undeclared holding is."""
    if isinstance(snapshot.values, Unknown):
        return snapshot.values
    net_liquidation = snapshot.values.net_liquidation
    if net_liquidation.amount <= 0:
        return Unknown(f"net liquidation is {net_liquidation}")
    undeclared = undeclared_exposure(portfolio, Money(Decimal(0), snapshot.base_currency))
    if isinstance(undeclared, Unknown):
        return undeclared
    buffer = net_liquidation * account.cash_buffer_fraction + Money(account.cash_buffer_amount, snapshot.base_currency)
    base = (net_liquidation - buffer) * account.leverage - undeclared
    if base.amount <= 0:
        return Unknown(
            f"the cash buffer and the holdings that no manifest names ({undeclared}) leave nothing of "
            f"{net_liquidation} at leverage {account.leverage}"
        )
    return base


def size(
    account: AccountSpec, snapshot: AccountSnapshot, portfolio: TargetPortfolio
) -> tuple[SizedLine, ...] | Unknown:
    """Every line's target. Unknown where the base is, which blocks the account."""
    base = managed_base(account, snapshot, portfolio)
    if isinstance(base, Unknown):
        return base
    lines = [_nearest(line, base, account) for line in portfolio.lines]
    excess = _held_beyond_target(lines, base, unpriced_exposure(portfolio, snapshot))
    return tuple(_within_budget(lines, excess))


def lot_of(line: ResolvedLine) -> Decimal:
    """The step of the line's quantity."""
    return line.contract.lot_size if isinstance(line.contract, Contract) else Decimal(1)


def _nearest(line: ResolvedLine, base: Money, account: AccountSpec) -> SizedLine:
    have = line.current + line.own_working
    if line.target.weight == 0 and line.blocked is None:
        return SizedLine(line, Decimal(0), Decimal(0), -have)
    if line.blocked is not None or isinstance(line.unit, Unknown):
        why = Unknown(line.blocked or "no price")
        return SizedLine(line, why, why, Decimal(0))
    exact = base.amount * line.target.weight / line.unit.amount
    lot = lot_of(line)
    if abs(have - exact) <= lot and have * exact >= 0:
        return SizedLine(line, exact, have, Decimal(0))
    if abs(have - exact) * line.unit.amount < account.policy.minimum_notional:
        return SizedLine(line, exact, have, Decimal(0))
    target = (exact / lot).quantize(Decimal(1), rounding=ROUND_HALF_DOWN) * lot
    return SizedLine(line, exact, target, target - have)


def _held_beyond_target(lines: list[SizedLine], base: Money, unpriced: Money | Unknown) -> Decimal:
    """Base currency that the lines which cannot trade hold together beyond their targets (promise 1).

    They fund nothing, so that much the buys have to leave out; what some of them hold too little gives room.
    """
    stuck = [each.line for each in lines if cannot_trade(each)]
    held = [abs(line.exposure.amount) for line in stuck if not isinstance(line.exposure, Unknown)]
    # Where even that is Unknown, so is leverage, and the limits block whatever adds risk.
    without_price = Decimal(0) if isinstance(unpriced, Unknown) else unpriced.amount
    wanted = sum((base.amount * line.target.weight for line in stuck), Decimal(0))
    return max(sum(held, without_price) - wanted, Decimal(0))


def cannot_trade(sized: SizedLine) -> bool:
    """Whether the line is blocked: its target is not known, or it would have to trade and has no price to trade at."""
    return sized.line.blocked is not None or (sized.drift != 0 and sized.line.untradable is not None)


def _within_budget(lines: list[SizedLine], excess: Decimal) -> list[SizedLine]:
    """The same lines, with buys in whole lots that fit what the exact targets cost, less `excess`.

    Sells keep the lots nearest to their targets: none is made larger to pay for the rounding of another line.
    """
    trading = [each for each in lines if each.drift != 0 and not cannot_trade(each)]
    buys = [each for each in trading if each.drift > 0 and _exact(each) > 0 and _have(each) >= 0]
    counted = {each.line.number for each in buys}
    others = sum((_rounding(each) for each in trading if each.line.number not in counted), Decimal(0))
    factor = _scale(buys, excess)
    lots = whole_lots([_wanted(each, factor) for each in buys], -others)
    rounded = {each.line.number: _of_lots(each, count) for each, count in zip(buys, lots, strict=True)}
    return [rounded.get(each.line.number, each) for each in lines]


def _scale(buys: list[SizedLine], excess: Decimal) -> Decimal:
    """By which all buys shrink, so that together they cost `excess` less."""
    total = sum(((_exact(each) - _have(each)) * _unit(each) for each in buys), Decimal(0))
    return max((total - excess) / total, Decimal(0)) if total > 0 else Decimal(1)


def _wanted(buy: SizedLine, factor: Decimal) -> Exact:
    """What a line should be worth whose buy is shrunk by the factor."""
    quantity = _have(buy) + (_exact(buy) - _have(buy)) * factor
    return Exact(quantity * _unit(buy), lot_of(buy.line) * _unit(buy), buy.line.name)


def _of_lots(buy: SizedLine, count: int) -> SizedLine:
    """The line at so many lots. Rounding makes no sell of a buy."""
    return _with_drift(buy, max(count * lot_of(buy.line) - _have(buy), Decimal(0)))


def _with_drift(sized: SizedLine, drift: Decimal) -> SizedLine:
    return SizedLine(sized.line, sized.exact, sized.line.current + sized.line.own_working + drift, drift)


def _have(sized: SizedLine) -> Decimal:
    return sized.line.current + sized.line.own_working


def _exact(sized: SizedLine) -> Decimal:
    return Decimal(0) if isinstance(sized.exact, Unknown) else sized.exact


def _unit(sized: SizedLine) -> Decimal:
    return Decimal(0) if isinstance(sized.line.unit, Unknown) else sized.line.unit.amount


def _rounding(sized: SizedLine) -> Decimal:
    """What rounding added to the exact target, in base currency; negative where it took away."""
    if isinstance(sized.target, Unknown) or isinstance(sized.exact, Unknown):
        return Decimal(0)
    return (sized.target - sized.exact) * _unit(sized)
