"""Scale: to which fraction of their goals lines are brought, where there is not enough for all of them."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from reconciler.domain.desired import AccountSpec
from reconciler.domain.line import Reason
from reconciler.planning.wish import Wish

_ZERO, _ONE = Decimal(0), Decimal(1)


def filled(lines: Sequence[tuple[Decimal, Decimal]], room: Decimal) -> Decimal:
    """The f between 0 and 1 at which the sum of max(goal × f, held) is `room`, for lines of (goal, held)."""
    if sum((goal for goal, _ in lines), _ZERO) <= room:
        return _ONE
    held = sum((each for _, each in lines), _ZERO)
    below = fraction = _ZERO
    for goal, own in sorted(lines, key=lambda each: each[1] / each[0]):
        if below and (room - held) / below <= own / goal:
            break
        below, held = below + goal, held - own
        fraction = (room - held) / below
    return max(fraction, _ZERO)


def scaled(wish: Wish, fraction: Decimal, account: AccountSpec) -> Wish:
    """The wish at a fraction of its goal, never below what is held; at rest where that is not worth a trade."""
    if fraction == _ONE or not wish.trades or not wish.adds:
        return wish
    size = max(wish.wanted * fraction, wish.held)
    gap = size - wish.held
    if gap > wish.line.lot and gap * wish.unit >= account.policy.minimum_notional:
        return replace(wish, goal=size * wish.sign)
    # To come back from the wrong side of zero needs no funds.
    is_crossing = wish.line.have * wish.sign < 0
    return replace(wish, goal=_ZERO) if is_crossing else wish.rests(Reason.FUNDS_SHORT)
