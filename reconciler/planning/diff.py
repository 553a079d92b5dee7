"""Diff: each sized line → what happens to it and why, and the orders that would do it.

Drift is target − (held + our own working orders). Orders of others are never netted: their sells reserve the shares,
and they block a line only where they and ours go the same way, so that both together could overshoot (promise 2). An
order never crosses zero (promise 8): it is split at it, and only what leads towards zero reduces risk.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from reconciler.domain.account import Quote, Side, WorkingOrder
from reconciler.domain.contract import Contract
from reconciler.domain.errors import InvariantBroken
from reconciler.domain.money import Money
from reconciler.domain.orders import OrderIntent, is_ours
from reconciler.domain.plan import Action, Line, Reason
from reconciler.domain.unknown import Unknown
from reconciler.planning.size import SizedLine, lot_of


@dataclass(frozen=True)
class Change:
    """A line and the orders that would bring it to its target: none, one, or two where zero is crossed."""

    line: Line
    orders: tuple[OrderIntent, ...]


def diff(sized: SizedLine, *, net_liquidation: Money, long_only: bool) -> Change:
    """What happens to one line. A blocked line keeps its holding and has no order."""
    order = _whole_lots(sized)
    blocked = sized.line.blocked or (_why_blocked(sized, order, long_only=long_only) if order else None)
    if blocked is not None:
        order = Decimal(0)
    line = _line(sized, order, blocked, net_liquidation)
    return Change(line, _orders(sized, order) if order else ())


def _whole_lots(sized: SizedLine) -> Decimal:
    # A holding may carry a fraction that no order through the API can move (error 10243); it stays.
    lot = lot_of(sized.line)
    return (sized.drift / lot).quantize(Decimal(1), rounding=ROUND_DOWN) * lot


def _why_blocked(sized: SizedLine, order: Decimal, *, long_only: bool) -> str | None:
    line = sized.line
    if line.untradable is not None:
        return line.untradable
    side = Side.BUY if order > 0 else Side.SELL
    same_way = [each for each in line.reserving if each.side is side]
    if same_way:
        theirs = sum((each.remaining for each in same_way), Decimal(0))
        return f"another working order would {side.value.lower()} {theirs:f} as well: both together could overshoot"
    selling = sum((each.remaining for each in line.reserving if each.side is Side.SELL), Decimal(0))
    own_selling = max(-line.own_working, Decimal(0))
    if long_only and order < 0 and -order + selling + own_selling > line.current:
        return f"working sells reserve {selling + own_selling:f} of {line.current:f} held"
    return None


def _line(sized: SizedLine, order: Decimal, blocked: str | None, net_liquidation: Money) -> Line:
    line = sized.line
    unit = line.unit
    final = line.current + line.own_working + order
    quote = line.quote if isinstance(line.quote, Quote) else None
    return Line(
        number=line.number,
        instrument=line.target.instrument.name,
        con_id=line.contract.con_id if isinstance(line.contract, Contract) else None,
        currency=line.target.instrument.currency,
        action=_action(sized, order),
        reason=_reason(sized, order, blocked),
        current=line.current,
        working=line.own_working,
        exact_target=sized.exact,
        target=final if blocked is None else sized.target,
        order=order,
        price=line.price,
        quote_type=quote.type if quote else None,
        notional=unit if isinstance(unit, Unknown) else unit * abs(order),
        weight_current=_weight(unit, line.current, net_liquidation),
        weight_target=_weight(unit, sized.exact, net_liquidation),
        blocked=blocked,
        notes=_notes(sized, order, blocked),
    )


def _weight(unit: Money | Unknown, quantity: Decimal | Unknown, net_liquidation: Money) -> Decimal | Unknown:
    if isinstance(unit, Unknown):
        return unit
    if isinstance(quantity, Unknown):
        return quantity
    return unit.amount * quantity / net_liquidation.amount


def _action(sized: SizedLine, order: Decimal) -> Action:
    have = sized.line.current + sized.line.own_working
    if order == 0:
        return Action.NO_OP
    if have + order == 0:
        return Action.CLOSE
    if have == 0:
        return Action.OPEN
    return Action.REDUCE if abs(have + order) < abs(have) and have * order < 0 else Action.INCREASE


def _reason(sized: SizedLine, order: Decimal, blocked: str | None) -> Reason:
    if blocked is not None:
        return Reason.BLOCKED
    if order == 0:
        return _reason_to_rest(sized)
    if sized.line.target.weight == 0:
        return Reason.WEIGHT_ZERO
    return Reason.NOT_HELD if sized.line.current == 0 else Reason.ABOVE_BAND


def _reason_to_rest(sized: SizedLine) -> Reason:
    if isinstance(sized.exact, Unknown):
        return Reason.BLOCKED
    distance = abs(sized.line.current + sized.line.own_working - sized.exact)
    if distance == 0:
        return Reason.AT_TARGET
    return Reason.WITHIN_ONE_LOT if distance <= lot_of(sized.line) else Reason.BELOW_MINIMUM_NOTIONAL


def _notes(sized: SizedLine, order: Decimal, blocked: str | None) -> tuple[str, ...]:
    notes = list(waiting_orders(sized.line.reserving))
    if blocked is None and order != sized.drift:
        notes.append(f"a fraction of {abs(sized.drift - order).normalize():f} cannot be ordered and stays")
    return tuple(notes)


def waiting_orders(orders: Iterable[WorkingOrder]) -> tuple[str, ...]:
    """Orders of ours that wait for something and are not counted. Those of others the plan lists by itself."""
    return tuple(
        f"an order of ours waits: {each.side} {each.remaining:f} {each.order_type} {each.time_in_force}"
        for each in orders
        if is_ours(each.order_ref)
    )


def _orders(sized: SizedLine, order: Decimal) -> tuple[OrderIntent, ...]:
    have = sized.line.current + sized.line.own_working
    towards_zero = min(abs(order), abs(have)) if have * order < 0 else Decimal(0)
    parts = ((towards_zero, True), (abs(order) - towards_zero, False))
    side = Side.BUY if order > 0 else Side.SELL
    return tuple(_order(sized, side, quantity, reduces_risk=reduces) for quantity, reduces in parts if quantity > 0)


def _order(sized: SizedLine, side: Side, quantity: Decimal, *, reduces_risk: bool) -> OrderIntent:
    line = sized.line
    if isinstance(line.contract, Unknown) or isinstance(line.price, Unknown) or isinstance(line.unit, Unknown):
        raise InvariantBroken(f"{line.name} would be ordered without a contract or a price")
    return OrderIntent(
        line=line.number,
        instrument=line.target.instrument.name,
        con_id=line.contract.con_id,
        side=side,
        quantity=quantity,
        reduces_risk=reduces_risk,
        reference_price=line.price,
        notional=line.unit * quantity,
    )
