"""The past: how far net liquidation may be from where the last run left it, and how many day trades must be left."""

from decimal import ROUND_CEILING, Decimal

from reconciler.domain.account import Side
from reconciler.domain.history import Trade
from reconciler.domain.limits import Limit
from reconciler.domain.money import Money
from reconciler.domain.orders import OrderIntent
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Holds, Violation
from reconciler.planning.checks.subject import Subject

_PER_MILLE = Decimal("0.001")


def check_net_liquidation_jump(subject: Subject) -> tuple[Violation, ...]:
    """Net liquidation lies within `maxNetLiquidationJump` of where the last run left it, where there was one.

    Every size hangs on it, so that it holds up everything.
    """
    most, applied = subject.limits.max_net_liquidation_jump, subject.history.applied
    if most is None or applied is None:
        return ()
    field, before = "max_net_liquidation_jump", applied.net_liquidation
    if isinstance(before, Unknown) or before.amount <= 0 or before.currency != subject.net_liquidation.currency:
        why = before.why if isinstance(before, Unknown) else f"it was {before}"
        message = f"where the last run left net liquidation is not known: {why}"
        return (
            subject.violation(
                Limit.MAX_NET_LIQUIDATION_JUMP, field, message, "unknown", f"{most:.2f}", holds=Holds.EVERYTHING
            ),
        )
    return _jump(subject, most, before)


def _jump(subject: Subject, most: Decimal, before: Money) -> tuple[Violation, ...]:
    moved = subject.net_liquidation.amount / before.amount - 1
    if abs(moved) <= most:
        return ()
    return (
        subject.violation(
            Limit.MAX_NET_LIQUIDATION_JUMP,
            "max_net_liquidation_jump",
            f"net liquidation moved by {moved:+.1%} since the last run",
            f"{abs(moved):.4f}",
            f"{most:.2f}",
            holds=Holds.EVERYTHING,
            remedy="if it is right (a deposit, a withdrawal), override maxNetLiquidationJump for this run, or raise it "
            f"to {abs(moved).quantize(_PER_MILLE, ROUND_CEILING)}",
        ),
    )


def check_day_trades(subject: Subject) -> tuple[Violation, ...]:
    """After a run, `keepDayTrades` day trades are left, where the broker counts them.

    An order makes one that goes against a trade of the same day in the same contract, or against another order.
    """
    keep, left = subject.limits.keep_day_trades, subject.snapshot.day_trades_left
    if keep is None or left is None:
        return ()
    field, trades = "keep_day_trades", subject.history.trades
    made = _day_trades(subject.trades, _today(subject)) if not isinstance(trades, Unknown) else trades
    if isinstance(made, Unknown) or isinstance(left, Unknown):
        why = made.why if isinstance(made, Unknown) else left.why if isinstance(left, Unknown) else ""
        message = f"how many day trades would be left is not known: {why}"
        return (subject.violation(Limit.KEEP_DAY_TRADES, field, message, "unknown", str(keep)),)
    if not made or left - made >= keep:
        return ()
    return (
        subject.violation(
            Limit.KEEP_DAY_TRADES,
            field,
            f"the orders make {made} day trades, and {left} are left",
            str(left - made),
            str(keep),
            remedy=f"wait for the next day, or lower keepDayTrades to {max(left - made, 0)}",
        ),
    )


def _today(subject: Subject) -> list[Trade]:
    history = subject.history
    trades = () if isinstance(history.trades, Unknown) else history.trades
    return [each for each in trades if each.time >= history.midnight]


def _day_trades(orders: tuple[OrderIntent, ...], today: list[Trade]) -> int:
    traded: dict[int, set[Side]] = {}
    for trade in today:
        traded.setdefault(trade.con_id, set()).add(trade.side)
    against = {Side.BUY: Side.SELL, Side.SELL: Side.BUY}
    return sum(against[order.side] in traded.get(order.con_id, set()) for order in orders)
