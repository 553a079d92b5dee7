"""Orders: how large one may be, how many there may be, and in what; and that no long-only line goes short."""

from collections.abc import Iterator
from decimal import ROUND_CEILING, Decimal

from reconciler.domain.counting import counted
from reconciler.domain.limits import Limit
from reconciler.domain.violation import Holds, Violation
from reconciler.planning.checks.subject import Subject

_PER_MILLE = Decimal("0.001")


def check_order_notional(subject: Subject) -> tuple[Violation, ...]:
    """No order's notional is above `maxOrderNotional`. What reduces risk is told, not held up.

    A conversion takes no exposure, and is as large as the orders that need it, which are asked one by one.
    """
    most = subject.limits.max_order_notional
    return tuple(
        subject.violation(
            Limit.MAX_ORDER_NOTIONAL,
            "max_order_notional",
            f"the order for {order.instrument} is {order.notional}",
            f"{abs(order.notional.amount):.2f}",
            f"{most:.2f}",
            instrument=order.instrument,
            holds=Holds.NOTHING if order.reduces_risk else Holds.WHAT_ADDS_RISK,
            remedy=f"move {order.instrument} in several steps, or raise maxOrderNotional to "
            f"{abs(order.notional.amount).to_integral_value(ROUND_CEILING)} {order.notional.currency}",
        )
        for order in subject.trades
        if abs(order.notional.amount) > most
    )


def check_order_count(subject: Subject) -> tuple[Violation, ...]:
    """A run has no more than `maxOrders` orders."""
    most, count = subject.limits.max_orders, len(subject.orders)
    if most is None or count <= most:
        return ()
    return (
        subject.violation(
            Limit.MAX_ORDERS,
            "max_orders",
            f"there {'is' if count == 1 else 'are'} {counted(count, 'order')}",
            str(count),
            str(most),
            remedy=f"leave {count - most} of them out with --exclude, or raise maxOrders to {count}",
        ),
    )


def check_volume_share(subject: Subject) -> tuple[Violation, ...]:
    """No order is for more than `maxVolumeShare` of its contract's average daily volume; Unknown where not served."""
    most = subject.limits.max_volume_share
    if most is None:
        return ()
    return tuple(_volume(subject, most))


def _volume(subject: Subject, most: Decimal) -> Iterator[Violation]:
    stakes = subject.by_name
    for order in subject.trades:
        volume = stakes[order.instrument].average_volume
        holds = Holds.NOTHING if order.reduces_risk else Holds.WHAT_ADDS_RISK
        field, bound = "max_volume_share", f"{most:.4f}"
        if volume is None or volume <= 0:
            message = f"the average volume of {order.instrument} is not served"
            yield subject.violation(
                Limit.MAX_VOLUME_SHARE,
                field,
                message,
                "unknown",
                bound,
                instrument=order.instrument,
                holds=holds,
            )
        elif order.quantity / volume > most:
            share = order.quantity / volume
            yield subject.violation(
                Limit.MAX_VOLUME_SHARE,
                field,
                f"the order for {order.instrument} is {share:.1%} of its average daily volume",
                f"{share:.4f}",
                bound,
                instrument=order.instrument,
                holds=holds,
                remedy=f"order {(volume * most).to_integral_value()} or less a day, or raise maxVolumeShare to "
                f"{share.quantize(_PER_MILLE, ROUND_CEILING)}",
            )


def check_positions_closed(subject: Subject) -> tuple[Violation, ...]:
    """A run closes no more than `maxPositionsClosed` positions. It holds up closing itself: all may be a mistake."""
    most = subject.limits.max_positions_closed
    if most is None:
        return ()
    closed = [stake.name for stake in subject.stakes if stake.held != 0 and stake.final == 0]
    if len(closed) <= most:
        return ()
    return (
        subject.violation(
            Limit.MAX_POSITIONS_CLOSED,
            "max_positions_closed",
            f"{len(closed)} positions would be closed: {', '.join(closed)}",
            str(len(closed)),
            str(most),
            holds=Holds.EVERYTHING,
            remedy=f"leave {len(closed) - most} of them out with --exclude, or raise maxPositionsClosed to "
            f"{len(closed)}",
        ),
    )


def check_allowed(subject: Subject) -> tuple[Violation, ...]:
    """Orders are in symbols of the list `allow`, if there is one, and in none of the list `deny`, sells included."""
    allow, deny = subject.limits.allow, subject.limits.deny
    symbols = {stake.name: stake.symbol for stake in subject.stakes}
    found = []
    for name in sorted({order.instrument for order in subject.trades}):
        symbol = symbols[name]
        if symbol in deny:
            found.append(_listed(subject, Limit.DENY, name, symbol, "is on the list of what may not be traded"))
        elif allow and symbol not in allow:
            found.append(_listed(subject, Limit.ALLOW, name, symbol, "is not on the list of what may be traded"))
    return tuple(found)


def _listed(subject: Subject, limit: Limit, name: str, symbol: str, words: str) -> Violation:
    change = f"take {symbol} off deny" if limit is Limit.DENY else f"put {symbol} on allow"
    return subject.violation(
        limit,
        limit.value,
        f"{name} would be traded, and {symbol} {words}",
        symbol,
        limit.value,
        instrument=name,
        holds=Holds.EVERYTHING,
        remedy=f"leave it out with --exclude {name}, or {change}",
    )


def check_long_only(subject: Subject) -> tuple[Violation, ...]:
    """No line of a long-only portfolio ends below zero, or further below than it is."""
    if not subject.account.portfolio.long_only:
        return ()
    return tuple(
        subject.violation(
            Limit.LONG_ONLY,
            None,
            f"{stake.name} would be {stake.final:f}, and the portfolio is long only",
            f"{stake.final:f}",
            "0",
            instrument=stake.name,
            existed_before=stake.held < 0,
            holds=Holds.EVERYTHING,
            remedy="this is a defect of folioctl: report it, and apply nothing",
        )
        for stake in subject.stakes
        if stake.final < 0 and stake.final < stake.held
    )
