"""Wish: what each line should be brought to, by the rules of rebalancing alone, or why it is left where it is.

A line within one lot of its exact target is in sync, as long as the limits hold. Beyond that its drift has to be worth
a trade: above the minimum notional, outside its bands, and not too soon after the last one. Opening and closing a line
ask no band. What pays for the buys is not asked here.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from reconciler.domain.desired import AccountSpec
from reconciler.domain.history import History
from reconciler.domain.ids import ConId
from reconciler.domain.line import LineKind, Reason
from reconciler.domain.options import RunOptions
from reconciler.domain.policy import Mode, TradeTo
from reconciler.domain.unknown import Unknown
from reconciler.planning.conflict import why_blocked
from reconciler.planning.resolve import ResolvedLine
from reconciler.planning.size import SizedLine, SizedPortfolio

_ZERO = Decimal(0)


@dataclass(frozen=True)
class Wish:
    """What a line is to be brought to, exactly, in shares or contracts; None where it rests, and why.

    `band` is the drift that it has to cross, as a fraction of net liquidation. `blocked` says what keeps it from being
    judged, or from being brought there.
    """

    sized: SizedLine
    reason: Reason
    goal: Decimal | None = None
    band: Decimal | None = None
    blocked: str | None = None

    @property
    def line(self) -> ResolvedLine:
        """The line."""
        return self.sized.line

    @property
    def change(self) -> Decimal:
        """What it would trade, signed and exactly; 0 where it rests."""
        return _ZERO if self.goal is None else self.goal - self.line.have

    @property
    def trades(self) -> bool:
        """Whether it is to be brought anywhere, and may be."""
        return self.goal is not None and self.blocked is None

    @property
    def sign(self) -> int:
        """The side of zero that it ends on: its goal's, or where it is closed its holding's. 1 is long, -1 is short."""
        return -1 if self.goal is not None and (self.goal or self.line.have) < 0 else 1

    @property
    def wanted(self) -> Decimal:
        """The goal without its sign; 0 where there is none."""
        return _ZERO if self.goal is None else abs(self.goal)

    @property
    def held(self) -> Decimal:
        """What is held already on the goal's side of zero, without its sign."""
        return abs(self.line.have) if self.goal is not None and self.line.have * self.goal > 0 else _ZERO

    @property
    def unit(self) -> Decimal:
        """The exposure of one share or contract, in base currency; 0 where that is not known."""
        return self.line.unit_amount

    @property
    def adds(self) -> bool:
        """Whether it would end further from zero than it is, or on the other side of it."""
        have, goal = self.line.have, self.goal
        return goal is not None and goal != 0 and (have * goal < 0 or abs(goal) > abs(have))

    def rests(self, reason: Reason) -> "Wish":
        """The same line, left where it is."""
        return replace(self, reason=reason, goal=None, blocked=None)


@dataclass(frozen=True)
class Rules:
    """What the wishes of one portfolio go by."""

    account: AccountSpec
    options: RunOptions
    net_liquidation: Decimal
    total_drift: Decimal
    """The sum of all drifts / net liquidation."""
    last_traded: Mapping[ConId, datetime] | Unknown
    """When we last traded a contract."""
    floored: Collection[int]
    """Lines, by number, that may not end above their exact target, for a limit would not hold."""
    now: datetime


def wishes(
    sized: SizedPortfolio,
    account: AccountSpec,
    history: History,
    options: RunOptions,
    *,
    floored: Collection[int] = (),
    now: datetime,
) -> tuple[Wish, ...]:
    """One wish for each line, in order."""
    net_liquidation = sized.sizing.net_liquidation.amount
    rules = Rules(
        account=account,
        options=options,
        net_liquidation=net_liquidation,
        total_drift=sum((_drift(each) for each in sized.lines), _ZERO) / net_liquidation,
        last_traded=_last_traded(history),
        floored=floored,
        now=now,
    )
    asked = (_floored(_wish(each, rules), rules) for each in sized.lines)
    found = tuple(_unless_blocked(_selected(each, options), account) for each in asked)
    return _in_mode(found, rules)


def _selected(wish: Wish, options: RunOptions) -> Wish:
    if wish.goal is None or options.selects(wish.line.name):
        return wish
    return wish.rests(Reason.NOT_SELECTED)


def _unless_blocked(wish: Wish, account: AccountSpec) -> Wish:
    """A line that may not trade takes nothing of what pays for others."""
    if wish.goal is None or abs(wish.change) < wish.line.lot:
        return wish
    return replace(wish, blocked=why_blocked(wish.line, wish.change, account))


def _wish(sized: SizedLine, rules: Rules) -> Wish:
    line, exact = sized.line, sized.exact
    if isinstance(exact, Unknown):
        return Wish(sized, Reason.BLOCKED, blocked=exact.why)
    if exact == 0 and line.target.weight == 0:
        return _closing(sized)
    near = _near(sized, exact, rules)
    if near is not None:
        return near
    if rules.options.is_forced:
        return Wish(sized, Reason.NOT_HELD if line.have == 0 else Reason.FORCED, exact)
    if _drift(sized) < rules.account.policy.minimum_notional:
        return Wish(sized, Reason.BELOW_MINIMUM_NOTIONAL)
    if line.have * exact <= 0:  # on the wrong side of zero, nothing of the target is held either
        return Wish(sized, Reason.ABOVE_BAND if line.have else Reason.NOT_HELD, exact)
    return _banded(sized, exact, rules)


def _closing(sized: SizedLine) -> Wish:
    if sized.line.have == 0:
        return Wish(sized, Reason.AT_TARGET)
    closes = Reason.UNDECLARED if sized.line.kind is LineKind.CLOSING else Reason.WEIGHT_ZERO
    return Wish(sized, closes, _ZERO)


def _near(sized: SizedLine, exact: Decimal, rules: Rules) -> Wish | None:
    """The wish of a line within one lot of its target, where it is one."""
    line = sized.line
    if abs(line.have - exact) > line.lot or line.have * exact < 0:
        return None
    if abs(line.have) > abs(exact) and _is_floored(line, exact, rules):
        return Wish(sized, Reason.ABOVE_LIMIT, exact)
    return Wish(sized, Reason.AT_TARGET if line.have == exact else Reason.WITHIN_ONE_LOT)


def _is_floored(line: ResolvedLine, exact: Decimal, rules: Rules) -> bool:
    """Whether the lot above the target would be too much: for all together, or for its own limit, which it keeps."""
    most = rules.account.limits.max_position_weight * rules.net_liquidation
    is_at_its_limit = abs(exact * line.unit_amount) <= most < (abs(exact) + line.lot) * line.unit_amount
    return line.number in rules.floored or is_at_its_limit


def _floored(wish: Wish, rules: Rules) -> Wish:
    """The wish at the last quantity before its goal that whole lots lead to, where the next one would be too much."""
    if wish.goal is None or wish.goal != wish.sized.exact or not _is_floored(wish.line, wish.goal, rules):
        return wish
    odd, lot = wish.line.odd(wish.sign), wish.line.lot
    return replace(wish, goal=(odd + max((wish.wanted - odd) // lot, _ZERO) * lot) * wish.sign)


def _banded(sized: SizedLine, exact: Decimal, rules: Rules) -> Wish:
    """The wish of a line that is held, by its bands and its cool-down."""
    rebalancing = rules.account.policy.rebalancing
    width = _band(sized, exact, rules)
    drift = _drift(sized) / rules.net_liquidation
    is_outside = width is not None and drift > width
    total = rebalancing.total_band
    is_outside_in_total = total is not None and rules.total_drift > total
    has_bands = width is not None or total is not None
    if rebalancing.mode is not Mode.CASH_FLOW and has_bands and not (is_outside or is_outside_in_total):
        return Wish(sized, Reason.WITHIN_BAND, band=width)
    reason = Reason.ABOVE_BAND if is_outside or not has_bands else Reason.ABOVE_TOTAL_BAND
    # Once all drifts together are too much, each line goes to its target: at its edge it would still count.
    to_edge = rebalancing.trade_to is TradeTo.EDGE and is_outside and not is_outside_in_total
    goal = _edge(sized, exact, width * rules.net_liquidation) if to_edge and width is not None else exact
    return _cooled(Wish(sized, reason, goal, width), drift, rules)


def _band(sized: SizedLine, exact: Decimal, rules: Rules) -> Decimal | None:
    """The narrower of the line's bands, as a fraction of net liquidation."""
    rebalancing = rules.account.policy.rebalancing
    weight = abs(exact * sized.line.unit_amount) / rules.net_liquidation
    relative = None if rebalancing.relative_band is None else rebalancing.relative_band * weight
    return min((each for each in (rebalancing.absolute_band, relative) if each is not None), default=None)


def _edge(sized: SizedLine, exact: Decimal, width: Decimal) -> Decimal:
    """The nearest quantity that is within the band."""
    distance = width / sized.line.unit_amount
    return exact + distance if sized.line.have > exact else exact - distance


def _cooled(wish: Wish, drift: Decimal, rules: Rules) -> Wish:
    rebalancing = rules.account.policy.rebalancing
    if not rebalancing.cool_down:
        return wish
    if rebalancing.hard_band is not None and drift > rebalancing.hard_band:
        return replace(wish, reason=Reason.ABOVE_HARD_BAND)
    if isinstance(rules.last_traded, Unknown):
        why = f"when it was last traded is not known, and the policy has a cool-down: {rules.last_traded.why}"
        return replace(wish.rests(Reason.BLOCKED), blocked=why)
    con_id = wish.line.con_id
    last = None if con_id is None else rules.last_traded.get(con_id)
    is_too_soon = last is not None and rules.now - last < rebalancing.cool_down
    return wish.rests(Reason.COOLING_DOWN) if is_too_soon else wish


def _last_traded(history: History) -> dict[ConId, datetime] | Unknown:
    if isinstance(history.trades, Unknown):
        return history.trades
    found: dict[ConId, datetime] = {}
    for trade in history.trades:
        if trade.is_ours:
            found[trade.con_id] = max(found.get(trade.con_id, trade.time), trade.time)
    return found


# --------------------------------------------------------------------------------------------------- modes


def _in_mode(found: tuple[Wish, ...], rules: Rules) -> tuple[Wish, ...]:
    match rules.account.policy.rebalancing.mode:
        case Mode.FULL:
            return found
        case Mode.BUY_ONLY:
            return tuple(each.rests(Reason.BUY_ONLY) if each.change < 0 else each for each in found)
        case Mode.SELL_ONLY:
            return tuple(each.rests(Reason.SELL_ONLY) if each.change > 0 else each for each in found)
        case Mode.CASH_FLOW:
            return _of_the_flow(found, rules)


def _of_the_flow(found: tuple[Wish, ...], rules: Rules) -> tuple[Wish, ...]:
    """The fewest lines that take up the free cash, or raise what is missing: those furthest from their targets."""
    known = [each for each in found if not isinstance(each.sized.exact, Unknown)]
    free = sum(((_exact(each) - each.line.have) * each.line.unit_amount for each in known), _ZERO)
    sign = 1 if free > 0 else -1
    able = (each for each in found if each.change * sign > 0 and each.blocked is None)
    waiting = sorted(able, key=_furthest_first)
    left = abs(free) if abs(free) >= rules.account.policy.minimum_notional else _ZERO
    chosen: dict[int, Wish] = {}
    for wish in waiting:
        # Whole lots that fit: what is left over never makes a trade the other way.
        takes = min(abs(wish.change), left / wish.unit) // wish.line.lot * wish.line.lot
        if takes > 0:
            chosen[wish.line.number] = replace(wish, reason=Reason.CASH_FLOW, goal=wish.line.have + sign * takes)
            left -= takes * wish.unit
    rest = (each if each.goal is None else each.rests(Reason.NOT_NEEDED) for each in found)
    return tuple(chosen.get(each.line.number, each) for each in rest)


def _furthest_first(wish: Wish) -> tuple[Decimal, str]:
    return -abs(wish.change) * wish.line.unit_amount, wish.line.name


# --------------------------------------------------------------------------------------------------- arithmetic


def _drift(sized: SizedLine) -> Decimal:
    """How far a line is from its target, in base currency; 0 where that is not known."""
    if isinstance(sized.exact, Unknown):
        return _ZERO
    return abs(sized.exact - sized.line.have) * sized.line.unit_amount


def _exact(wish: Wish) -> Decimal:
    return _ZERO if isinstance(wish.sized.exact, Unknown) else wish.sized.exact
