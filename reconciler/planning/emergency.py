"""Emergency: whether an account is in one, and what is reduced then.

It is in one where leverage is at or above the emergency's, where the broker's cushion (excess liquidity / net
liquidation) is below its, or where somebody flattens it. The declared holdings are then reduced: until the leverage is
at its target and the cushion above the emergency's, those first that release the most margin for their cost
(`deleverage`), or all of them (`flatten`). Nothing is sold that is not held, or that other sells reserve. What a
holding releases is the maintenance margin that its manifest names or that the limits assume; the broker's what-ifs say
what it really is before anything is sent.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from decimal import ROUND_CEILING, Decimal

from reconciler.domain.account import AccountSnapshot, AccountValues, Quote, Side, WorkingOrder
from reconciler.domain.desired import AccountSpec
from reconciler.domain.limits import EmergencyAction
from reconciler.domain.line import Line, Reason
from reconciler.domain.money import Money
from reconciler.domain.options import NO_OPTIONS, RunOptions
from reconciler.domain.plan import EmergencyPlan
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown
from reconciler.planning.diff import Change, diff
from reconciler.planning.exposure import gross_exposure
from reconciler.planning.fund import FundedLine
from reconciler.planning.resolve import ResolvedLine, TargetPortfolio, is_netted
from reconciler.planning.size import SizedLine
from reconciler.planning.wish import Wish

_ZERO = Decimal(0)

UNQUOTED_COST = Decimal("0.05")
"""What selling is taken to cost where no bid and ask is known, as a fraction: such holdings go last."""


def emergency_of(
    account: AccountSpec, standing: Standing, values: AccountValues | Unknown, options: RunOptions = NO_OPTIONS
) -> EmergencyPlan | None:
    """The emergency that the account is in, or None. What is Unknown is no emergency: it blocks by itself.

    Whoever flattens the account makes it one, whatever its figures are.
    """
    emergency, reasons = account.limits.emergency, []
    if options.flatten is not None:
        why = f"the account is halted and flattened: {options.flatten}"
        return EmergencyPlan((why,), EmergencyAction.FLATTEN, emergency.authorised_by)
    if not isinstance(standing.leverage, Unknown) and standing.leverage >= emergency.leverage:
        reasons.append(f"leverage is {standing.leverage:.2f}, emergencyLeverage is {emergency.leverage:.2f}")
    cushion = cushion_of(standing, values)
    if not isinstance(cushion, Unknown) and cushion < emergency.cushion:
        reasons.append(f"the broker's cushion is {cushion:.1%}, emergencyCushion is {emergency.cushion:.1%}")
    return EmergencyPlan(tuple(reasons), emergency.action, emergency.authorised_by) if reasons else None


def cushion_of(standing: Standing, values: AccountValues | Unknown) -> Decimal | Unknown:
    """Excess liquidity / net liquidation, the broker's own measure."""
    if isinstance(values, Unknown):
        return values
    if isinstance(standing.excess_liquidity, Unknown):
        return standing.excess_liquidity
    net = values.net_liquidation.amount
    return standing.excess_liquidity.amount / net if net > 0 else Decimal(-1)


def reductions(
    emergency: EmergencyPlan,
    account: AccountSpec,
    snapshot: AccountSnapshot,
    portfolio: TargetPortfolio,
    options: RunOptions,
    *,
    now: datetime,
) -> tuple[Change, ...]:
    """Each line with what is sold of it, or bought back. An emergency that may only be told of trades nothing.

    `portfolio` is as it is once what adds exposure is cancelled (`cleared`). What the options leave out stays.
    """
    if isinstance(snapshot.values, Unknown):
        return ()
    lines = [line for line in portfolio.lines if options.selects(line.name)]
    match emergency.action:
        case EmergencyAction.ALERT:
            shrunk: dict[int, Decimal] = {}
        case EmergencyAction.FLATTEN:
            shrunk = {line.number: available(line) for line in lines}
        case EmergencyAction.DELEVERAGE:
            shrunk = _deleveraged(lines, account, snapshot, snapshot.values, portfolio)
    chosen = {line.number for line in lines}
    return tuple(
        _change(line, shrunk.get(line.number, _ZERO), account, snapshot.values.net_liquidation, now)
        if line.number in chosen
        else _left_out(line, account, snapshot.values.net_liquidation)
        for line in portfolio.lines
    )


def cleared(
    emergency: EmergencyPlan, portfolio: TargetPortfolio, snapshot: AccountSnapshot
) -> tuple[TargetPortfolio, tuple[WorkingOrder, ...]]:
    """The lines as they are once the orders are gone that are cancelled first, and these orders."""
    cancelled = adding_orders(snapshot) if emergency.trades else ()
    return replace(portfolio, lines=tuple(_without(line, cancelled) for line in portfolio.lines)), cancelled


def adding_orders(snapshot: AccountSnapshot) -> tuple[WorkingOrder, ...]:
    """The working orders, anybody's, that would take exposure on: they are cancelled first."""
    if isinstance(snapshot.positions, Unknown) or isinstance(snapshot.working_orders, Unknown):
        return ()
    held = {position.con_id: position.quantity for position in snapshot.positions}
    adding = (each for each in snapshot.working_orders if _adds(each, held.get(each.con_id, _ZERO)))
    return tuple(sorted(adding, key=lambda each: (each.con_id, each.perm_id, each.client_id, each.order_id)))


def _adds(order: WorkingOrder, held: Decimal) -> bool:
    return abs(held + order.side.sign * order.remaining) > abs(held)


def _without(line: ResolvedLine, cancelled: Sequence[WorkingOrder]) -> ResolvedLine:
    """The line as it is once these orders are gone. Of our own, those that reduce it go on and count as done."""
    gone = (each for each in cancelled if each.con_id == line.con_id and is_netted(each))
    left = line.own_working - sum((each.side.sign * each.remaining for each in gone), _ZERO)
    return replace(line, reserving=tuple(each for each in line.reserving if each not in cancelled), own_working=left)


def available(line: ResolvedLine) -> Decimal:
    """What may still be sold of a line, or bought back: what is held, less what any other order takes already."""
    side = Side.SELL if line.held > 0 else Side.BUY
    taken = sum((each.remaining for each in line.reserving if each.side is side), _ZERO) + abs(line.own_working)
    # What is still held under a replaced contract may lie on the other side of zero: together, too, none is crossed.
    together = abs(line.have) if line.have * line.held > 0 else _ZERO
    return max(min(abs(line.held) - taken, together), _ZERO)


def _left_out(line: ResolvedLine, account: AccountSpec, net_liquidation: Money) -> Change:
    rests = Wish(SizedLine(line, line.have), Reason.NOT_SELECTED, blocked=line.blocked)
    return diff(FundedLine(rests, line.have), account, net_liquidation)


def _change(line: ResolvedLine, shrunk: Decimal, account: AccountSpec, net_liquidation: Money, now: datetime) -> Change:
    """What happens to one line: nothing, or a step towards zero."""
    goal = line.have - (shrunk if line.held > 0 else -shrunk)
    if shrunk == 0:
        reason = Reason.BLOCKED if line.blocked else Reason.NOT_NEEDED
        return diff(
            FundedLine(Wish(SizedLine(line, goal), reason, blocked=line.blocked), goal), account, net_liquidation
        )
    off_hours = is_off_hours(line, now)
    # Other orders are counted already in what is available; a price of a closed market is what its limit is made of.
    freed = replace(line, reserving=(), untradable=None if off_hours else line.untradable)
    wish = Wish(SizedLine(freed, goal), Reason.EMERGENCY, goal, blocked=line.blocked)
    change = diff(FundedLine(wish, goal), account, net_liquidation)
    return _limited(change, account) if off_hours and change.orders else change


def is_off_hours(line: ResolvedLine, now: datetime) -> bool:
    """Whether the line's market is known to be closed."""
    return not isinstance(line.contract, Unknown) and line.contract.is_open(now) is False


def _limited(change: Change, account: AccountSpec) -> Change:
    offset = account.limits.emergency.limit_offset
    note = f"the market is closed: a limit {offset:.1%} beyond the last price, good outside trading hours"
    return replace(change, line=_with_note(change.line, note))


def _with_note(line: Line, note: str) -> Line:
    return replace(line, notes=(*line.notes, note))


# --------------------------------------------------------------------------------------------------- deleverage


def _deleveraged(
    lines: Sequence[ResolvedLine],
    account: AccountSpec,
    snapshot: AccountSnapshot,
    values: AccountValues,
    portfolio: TargetPortfolio,
) -> dict[int, Decimal]:
    """By how much each line is reduced, so that leverage and cushion are where they should be."""
    net = values.net_liquidation.amount
    # What our own orders sell already is as good as sold.
    gross = gross_exposure(portfolio, snapshot, {line.number: line.have for line in portfolio.lines})
    exposure = _ZERO if isinstance(gross, Unknown) else gross.amount - _wanted(account, net)
    margin = account.limits.emergency.cushion * net - values.excess_liquidity.amount
    working = ((abs(line.current) - abs(line.have)) * line.unit_amount * _rate(line, account) for line in lines)
    margin -= sum(working, _ZERO)
    shrunk: dict[int, Decimal] = {}
    for line in sorted((each for each in lines if _can_shrink(each)), key=lambda each: _rank(each, account)):
        unit, rate = line.unit_amount, _rate(line, account)
        counted = unit if line.target.counts_toward_leverage else _ZERO
        needed = max(exposure / counted if counted else _ZERO, margin / (unit * rate) if rate else _ZERO)
        lots = (needed / line.lot).to_integral_value(ROUND_CEILING)
        sold = min(lots * line.lot, available(line))
        if sold > 0:
            shrunk[line.number] = sold
            exposure -= sold * counted
            margin -= sold * unit * rate
    return shrunk


def _wanted(account: AccountSpec, net: Decimal) -> Decimal:
    """The gross exposure that the leverage target makes of net liquidation."""
    buffer = net * account.cash_buffer_fraction + account.cash_buffer_amount
    return max(net - buffer, _ZERO) * account.leverage


def _can_shrink(line: ResolvedLine) -> bool:
    return available(line) > 0 and line.blocked is None and line.unit_amount > 0


def _rank(line: ResolvedLine, account: AccountSpec) -> tuple[Decimal, str]:
    """The most margin released for the cost of it comes first."""
    quote = line.quote
    half = quote.half_spread if isinstance(quote, Quote) else None
    price = _ZERO if isinstance(line.price, Unknown) else line.price
    cost = UNQUOTED_COST if half is None or not price else max(half / price, Decimal("0.00001"))
    return -_rate(line, account) / cost, line.name


def _rate(line: ResolvedLine, account: AccountSpec) -> Decimal:
    own = line.target.maintenance_margin
    return account.limits.maintenance_margin if own is None else own
