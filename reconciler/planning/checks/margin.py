"""Margin: what the broker admits, what keeps it from liquidating, and the cushions on top.

Available funds = equity with loan − initial margin; excess liquidity = equity with loan − maintenance margin. Both are
figures for the whole batch, never for a single order.
"""

from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from reconciler.domain.limits import Limit
from reconciler.domain.money import Money
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Violation
from reconciler.planning.checks.subject import Subject

_PER_MILLE = Decimal("0.001")


def check_margin_cushion(subject: Subject) -> tuple[Violation, ...]:
    """After the orders, initial margin × (1 + `marginCushion`) stays within equity with loan."""
    cushion, equity = subject.limits.margin_cushion, subject.equity_with_loan
    before, after = subject.before.initial_margin, subject.after.initial_margin
    if isinstance(after, Unknown):
        message = f"the margin after the orders is not known: {after.why}"
        return (subject.violation(Limit.MARGIN_CUSHION, "margin_cushion", message, "unknown", str(equity)),)
    factor = 1 + cushion
    needed = after * factor
    if needed.amount <= equity.amount:
        return ()
    return (
        subject.violation(
            Limit.MARGIN_CUSHION,
            "margin_cushion",
            f"initial margin with a cushion of {cushion:.0%} would be {needed}, above the equity with loan of {equity}",
            str(needed),
            str(equity),
            existed_before=not isinstance(before, Unknown) and (before * factor).amount > equity.amount,
            holds=subject.holds(worse=_is_more(before, after)),
            remedy=f"release {needed - equity} of it: lower the account's leverage, or hold less of what is margined "
            "highly",
        ),
    )


def check_margin_utilisation(subject: Subject) -> tuple[Violation, ...]:
    """After the orders, maintenance margin / net liquidation stays within `maxMarginUtilisation`."""
    most, before, after = (
        subject.limits.max_margin_utilisation,
        subject.before.maintenance_margin,
        subject.after.maintenance_margin,
    )
    limit, field = Limit.MAX_MARGIN_UTILISATION, "max_margin_utilisation"
    if isinstance(after, Unknown):
        message = f"the margin after the orders is not known: {after.why}"
        return (subject.violation(limit, field, message, "unknown", f"{most:.2f}"),)
    bound = subject.net_liquidation * most
    if after.amount <= bound.amount:
        return ()
    used = subject.share(after)
    return (
        subject.violation(
            limit,
            field,
            f"maintenance margin would be {used:.1%} of net liquidation",
            f"{used:.4f}",
            f"{most:.2f}",
            existed_before=not isinstance(before, Unknown) and before.amount > bound.amount,
            holds=subject.holds(worse=_is_more(before, after)),
            remedy=f"release {after - bound} of it, or raise maxMarginUtilisation to "
            f"{used.quantize(_PER_MILLE, ROUND_CEILING)}",
        ),
    )


def check_min_cushion(subject: Subject) -> tuple[Violation, ...]:
    """After the orders, the broker's cushion (excess liquidity / net liquidation) is at least `minCushion`."""
    least, before, after = (
        subject.limits.min_cushion,
        subject.before.excess_liquidity,
        subject.after.excess_liquidity,
    )
    if isinstance(after, Unknown):
        message = f"excess liquidity after the orders is not known: {after.why}"
        return (subject.violation(Limit.MIN_CUSHION, "min_cushion", message, "unknown", f"{least:.2f}"),)
    cushion = subject.share(after)
    if cushion >= least:
        return ()
    return (
        subject.violation(
            Limit.MIN_CUSHION,
            "min_cushion",
            f"the broker's cushion would be {cushion:.1%}",
            f"{cushion:.4f}",
            f"{least:.2f}",
            existed_before=not isinstance(before, Unknown) and subject.share(before) < least,
            holds=subject.holds(worse=isinstance(before, Unknown) or after.amount < before.amount),
            remedy=f"release {subject.net_liquidation * least - after} of maintenance margin, or lower minCushion to "
            f"{max(cushion, Decimal(0)).quantize(_PER_MILLE, ROUND_FLOOR)}",
        ),
    )


def check_emergency_cushion(subject: Subject) -> tuple[Violation, ...]:
    """Below `emergencyCushion` now, nothing that adds risk may run."""
    emergency, before = subject.limits.emergency.cushion, subject.before.excess_liquidity
    if isinstance(before, Unknown) or subject.net_liquidation.amount <= 0 or subject.share(before) >= emergency:
        return ()
    return (
        subject.violation(
            Limit.EMERGENCY_CUSHION,
            "emergency_cushion",
            f"the broker's cushion is {subject.share(before):.1%} now, below the emergency threshold",
            f"{subject.share(before):.4f}",
            f"{emergency:.2f}",
            existed_before=True,
            remedy="apply what this plan reduces; it plans nothing else until that is done",
        ),
    )


def check_available_funds(subject: Subject) -> tuple[Violation, ...]:
    """After the orders, available funds are not negative: below that the broker rejects what adds risk."""
    before, after = subject.before.available_funds, subject.after.available_funds
    return _not_negative(Limit.AVAILABLE_FUNDS, "available funds", before, after, subject)


def check_excess_liquidity(subject: Subject) -> tuple[Violation, ...]:
    """After the orders, excess liquidity is not negative: below that the broker liquidates."""
    before, after = subject.before.excess_liquidity, subject.after.excess_liquidity
    return _not_negative(Limit.EXCESS_LIQUIDITY, "excess liquidity", before, after, subject)


def _not_negative(
    limit: Limit, words: str, before: Money | Unknown, left: Money | Unknown, subject: Subject
) -> tuple[Violation, ...]:
    if isinstance(left, Unknown):
        return (subject.violation(limit, None, f"{words} after the orders are not known: {left.why}", "unknown", "0"),)
    if left.amount >= Decimal(0):
        return ()
    return (
        subject.violation(
            limit,
            None,
            f"{words} would be {left}",
            str(left),
            "0",
            existed_before=not isinstance(before, Unknown) and before.amount < Decimal(0),
            remedy=f"release {-left} of margin: lower the account's leverage, or apply what reduces risk first",
        ),
    )


def _is_more(before: Money | Unknown, after: Money) -> bool:
    return isinstance(before, Unknown) or after.amount > before.amount
