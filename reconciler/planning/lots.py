"""Lots: goals → what each line holds in the end, as near to all goals together as the budget and the turnover allow.

An order is whole lots, so that a holding which is none keeps its odd part. What reduces a line goes to the lot nearest
to its goal: none is made larger to pay for the rounding of another.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_DOWN, Decimal

from reconciler.domain.desired import AccountSpec, AccountType
from reconciler.domain.sizing import Sizing
from reconciler.planning.purse import is_paid, purses
from reconciler.planning.rounding import Exact, whole_lots
from reconciler.planning.wish import Wish

_ZERO, _ONE = Decimal(0), Decimal(1)


def final_quantities(wishes: Sequence[Wish], left: Decimal, sizing: Sizing, account: AccountSpec) -> dict[int, Decimal]:
    """What each line that trades holds in the end, by its number. `left` is what the goals leave of the budget.

    Below zero they are over it by as much, and by no more than the parts of lots that they have.
    """
    trading = [each for each in wishes if each.trades]
    adding, reducing = ([each for each in trading if each.adds is adds] for adds in (True, False))
    found = {each.line.number: nearest(each) for each in reducing}
    turnover = _turnover_room(trading, sizing, account)
    # A cash account's lines of one currency share a purse, and no sale pays for a buy of the same plan.
    is_cash = account.type is AccountType.CASH
    room = min(left, turnover, _ZERO) if is_cash else min(left, turnover)
    # Where the leverage is what binds, the next plan finds nothing to fund either, so that a line of small lots may
    # stay several of them below its target. What tomorrow's turnover or cash would fund stays within one.
    is_wide = not is_cash and turnover >= left
    for group in _shared(adding) if is_cash else [adding]:
        lots = whole_lots([_exact(each, account, is_wide=is_wide) for each in group], room)
        found |= {each.line.number: _of_lots(each, count) for each, count in zip(group, lots, strict=True)}
    return found


def _shared(adding: Sequence[Wish]) -> list[list[Wish]]:
    """The lines of a cash account that pay for each other's lots. A future takes no cash, and leaves none over."""
    paid = [each for each in adding if is_paid(each)]
    return [*purses(paid).values(), [each for each in adding if not is_paid(each)]]


def nearest(wish: Wish) -> Decimal:
    """The quantity nearest to its goal that an order of whole lots leads to."""
    odd, lot = wish.line.odd(wish.sign), wish.line.lot
    lots = ((wish.wanted - odd) / lot).quantize(_ONE, rounding=ROUND_HALF_DOWN)
    return (odd + max(lots, _ZERO) * lot) * wish.sign


def part_of_a_lot(wish: Wish) -> Decimal:
    """What a line's goal has beyond whole lots, in base currency: it may be left out."""
    return max(wish.wanted - wish.line.odd(wish.sign), _ZERO) % wish.line.lot * wish.unit


def _turnover_room(trading: Sequence[Wish], sizing: Sizing, account: AccountSpec) -> Decimal:
    """What rounding may add before the run turns over more than it may; without bound where it does anyhow."""
    traded = sum((abs(each.change) * each.unit for each in trading), _ZERO)
    room = account.limits.max_turnover * sizing.net_liquidation.amount - traded
    return room if room >= 0 else Decimal("Infinity")


def _exact(wish: Wish, account: AccountSpec, *, is_wide: bool) -> Exact:
    """What a line should be worth beyond its odd part, what a lot of it is, and what it is worth at least."""
    odd, lot = wish.line.odd(wish.sign), wish.line.lot
    least = wish.held - odd + max(account.policy.minimum_notional / wish.unit, lot)
    value = max(wish.wanted - odd, _ZERO)
    return Exact(
        value * wish.unit, lot * wish.unit, wish.line.name, least * wish.unit if is_wide and least < value else None
    )


def _of_lots(wish: Wish, count: int) -> Decimal:
    """So many lots beyond the odd part, on the goal's side of zero. Rounding takes nothing away that is held there."""
    quantity = max(wish.line.odd(wish.sign) + count * wish.line.lot, wish.held)
    # From an odd holding on the wrong side of zero, the first lot may lead beyond the goal: it then stays where it is.
    return (quantity if quantity <= wish.wanted or count else quantity - wish.line.lot) * wish.sign
