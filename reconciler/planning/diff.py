"""Diff: each funded line → what happens to it and why, and the orders that would do it.

Drift is target − (held + our own working orders). An order never crosses zero (promise 8): it is split at it, and only
what leads towards zero reduces risk.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from reconciler.domain.account import Quote, Side, WorkingOrder
from reconciler.domain.desired import AccountSpec
from reconciler.domain.errors import InvariantBroken
from reconciler.domain.line import RESTING, Action, Line, Reason
from reconciler.domain.money import Money
from reconciler.domain.orders import OrderIntent, is_ours
from reconciler.domain.unknown import Unknown
from reconciler.planning.conflict import why_blocked
from reconciler.planning.fund import FundedLine
from reconciler.planning.resolve import ResolvedLine


@dataclass(frozen=True)
class Change:
    """A line and the orders that would bring it to its target: none, one, or two where zero is crossed."""

    line: Line
    orders: tuple[OrderIntent, ...]


def diff(funded: FundedLine, account: AccountSpec, net_liquidation: Money) -> Change:
    """What happens to one line. A blocked line keeps its holding and has no order."""
    order = _whole_lots(funded)
    blocked = funded.wish.blocked or (why_blocked(funded.line, order, account) if order else None)
    if blocked is not None:
        order = Decimal(0)
    line = _line(funded, order, blocked, net_liquidation)
    return Change(line, _orders(funded.line, order) if order else ())


def _whole_lots(funded: FundedLine) -> Decimal:
    # A holding may carry a fraction that no order through the API can move (error 10243); it stays.
    lot = funded.line.lot
    return (funded.drift / lot).quantize(Decimal(1), rounding=ROUND_DOWN) * lot


def _line(funded: FundedLine, order: Decimal, blocked: str | None, net_liquidation: Money) -> Line:
    line, wish = funded.line, funded.wish
    unit = line.unit
    final = line.have + order
    quote = line.quote if isinstance(line.quote, Quote) else None
    return Line(
        number=line.number,
        instrument=line.name,
        con_id=line.con_id,
        currency=line.target.instrument.currency,
        action=action_of(line.have, order),
        reason=_reason(funded, order, blocked),
        current=line.current,
        working=line.own_working,
        exact_target=wish.sized.exact,
        target=final if blocked is None else funded.target,
        order=order,
        price=line.price,
        quote_type=quote.type if quote else None,
        notional=unit if isinstance(unit, Unknown) else unit * abs(order),
        weight_current=_weight(unit, line.current, net_liquidation),
        weight_target=_weight(unit, wish.sized.exact, net_liquidation),
        half_spread=_half_spread(line, order) if order else None,
        blocked=blocked,
        notes=_notes(funded, order, blocked),
        kind=line.kind,
        weight=line.target.weight,
        multiplier=line.multiplier,
        lot=line.lot,
        moved=line.moved,
        band=wish.band,
        declared_at=line.target.declared_at,
        origin=line.target.origin,
    )


def _weight(unit: Money | Unknown, quantity: Decimal | Unknown, net_liquidation: Money) -> Decimal | Unknown:
    if isinstance(unit, Unknown):
        return unit
    if isinstance(quantity, Unknown):
        return quantity
    if net_liquidation.amount == 0:
        return Unknown(f"net liquidation is {net_liquidation}")
    return unit.amount * quantity / net_liquidation.amount


def _half_spread(line: ResolvedLine, order: Decimal) -> Money | Unknown:
    quote = line.quote
    half = quote.half_spread if isinstance(quote, Quote) else None
    if half is None:
        return Unknown(f"{line.name} has no bid and ask")
    if isinstance(line.rate, Unknown):
        return line.rate
    return line.rate.convert(Money(half * line.multiplier * abs(order), line.rate.source))


def action_of(have: Decimal, order: Decimal) -> Action:
    """What an order does to a holding."""
    if order == 0:
        return Action.NO_OP
    if have + order == 0:
        return Action.CLOSE
    if have == 0:
        return Action.OPEN
    return Action.REDUCE if abs(have + order) < abs(have) and have * order < 0 else Action.INCREASE


def _reason(funded: FundedLine, order: Decimal, blocked: str | None) -> Reason:
    if blocked is not None:
        return Reason.BLOCKED
    if order == 0 and funded.wish.reason not in RESTING:
        return _reason_to_rest(funded)
    return funded.wish.reason


def _reason_to_rest(funded: FundedLine) -> Reason:
    """Why a line that was to trade does not, after rounding."""
    exact = funded.wish.sized.exact
    if isinstance(exact, Unknown):
        return Reason.BLOCKED
    distance = abs(funded.line.have - exact)
    if distance == 0:
        return Reason.AT_TARGET
    return Reason.WITHIN_ONE_LOT if distance <= funded.line.lot else Reason.FUNDS_SHORT


def _notes(funded: FundedLine, order: Decimal, blocked: str | None) -> tuple[str, ...]:
    notes = list(waiting_orders(funded.line.reserving))
    left = funded.line.have + order
    if blocked is None and funded.wish.goal == 0 and left:
        notes.append(f"{abs(left).normalize():f} cannot be ordered, for they are less than a lot, and stay")
    if funded.line.moved:
        notes.append(f"{funded.line.moved.normalize():f} of what is held are still under the contract that it replaced")
    return tuple(notes)


def waiting_orders(orders: Iterable[WorkingOrder]) -> tuple[str, ...]:
    """Orders of ours that wait for something and are not counted. Those of others the plan lists by itself."""
    return tuple(
        f"an order of ours waits: {each.side} {each.remaining:f} {each.order_type} {each.time_in_force}"
        for each in orders
        if is_ours(each.order_ref)
    )


def _orders(line: ResolvedLine, order: Decimal) -> tuple[OrderIntent, ...]:
    towards_zero = min(abs(order), abs(line.have)) if line.have * order < 0 else Decimal(0)
    parts = ((towards_zero, True), (abs(order) - towards_zero, False))
    side = Side.BUY if order > 0 else Side.SELL
    return tuple(order_of(line, side, quantity, reduces_risk=reduces) for quantity, reduces in parts if quantity > 0)


def order_of(line: ResolvedLine, side: Side, quantity: Decimal, *, reduces_risk: bool) -> OrderIntent:
    """One order of a line at its sizing price."""
    if line.con_id is None or isinstance(line.price, Unknown) or isinstance(line.unit, Unknown):
        raise InvariantBroken(f"{line.name} would be ordered without a contract or a price")
    return OrderIntent(
        line=line.number,
        instrument=line.name,
        con_id=line.con_id,
        side=side,
        quantity=quantity,
        reduces_risk=reduces_risk,
        reference_price=line.price,
        notional=line.unit * quantity,
    )
