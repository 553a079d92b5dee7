"""Margin: what the broker admits, what keeps it from liquidating, and the cushion on top.

Available funds = equity with loan − initial margin; excess liquidity = equity with loan − maintenance margin. Both are
figures for the whole batch, never for a single order.
"""

from decimal import Decimal

from reconciler.domain.money import Money
from reconciler.domain.plan import Level, Violation
from reconciler.domain.unknown import Unknown
from reconciler.planning.checks.subject import Subject


def check_margin_cushion(subject: Subject) -> tuple[Violation, ...]:
    """After the orders, initial margin × (1 + `marginCushion`) stays within equity with loan."""
    limits, before, after = subject.limits, subject.before.initial_margin, subject.after.initial_margin
    where = limits.place("margin_cushion")
    bound = str(subject.equity_with_loan)
    if isinstance(after, Unknown):
        message = f"the margin after the orders is not known: {after.why}"
        return (Violation("marginCushion", Level.HARD, message, "unknown", bound, where, blocks=subject.adds_risk),)
    factor = 1 + limits.margin_cushion
    needed = after * factor
    if needed.amount <= subject.equity_with_loan.amount:
        return ()
    existed = not isinstance(before, Unknown) and (before * factor).amount > subject.equity_with_loan.amount
    worse = isinstance(before, Unknown) or after.amount > before.amount
    return (
        Violation(
            "marginCushion",
            Level.HARD,
            f"initial margin with a cushion of {limits.margin_cushion:.0%} would be {needed}, "
            f"above the equity with loan of {subject.equity_with_loan}",
            str(needed),
            bound,
            where,
            existed_before=existed,
            blocks=subject.adds_risk and worse,
            remedy="lower the account's leverage, or hold less of what is margined at 100 %",
        ),
    )


def check_margin_utilisation(subject: Subject) -> tuple[Violation, ...]:
    """After the orders, maintenance margin / net liquidation stays within `maxMarginUtilisation`."""
    limits, before, after = subject.limits, subject.before.maintenance_margin, subject.after.maintenance_margin
    where, bound = limits.place("max_margin_utilisation"), f"{limits.max_margin_utilisation:.2f}"
    if isinstance(after, Unknown):
        message = f"the margin after the orders is not known: {after.why}"
        return (
            Violation("maxMarginUtilisation", Level.HARD, message, "unknown", bound, where, blocks=subject.adds_risk),
        )
    most = subject.net_liquidation * limits.max_margin_utilisation
    if after.amount <= most.amount:
        return ()
    used = after.amount / subject.net_liquidation.amount
    worse = isinstance(before, Unknown) or after.amount > before.amount
    return (
        Violation(
            "maxMarginUtilisation",
            Level.HARD,
            f"maintenance margin would be {used:.1%} of net liquidation",
            f"{used:.4f}",
            bound,
            where,
            existed_before=not isinstance(before, Unknown) and before.amount > most.amount,
            blocks=subject.adds_risk and worse,
            remedy="lower the account's leverage, or hold less of what is margined at 100 %",
        ),
    )


def check_available_funds(subject: Subject) -> tuple[Violation, ...]:
    """After the orders, available funds are not negative: below that the broker rejects what adds risk."""
    before, after = subject.before.available_funds, subject.after.available_funds
    return _not_negative("availableFunds", "available funds", before, after, subject)


def check_excess_liquidity(subject: Subject) -> tuple[Violation, ...]:
    """After the orders, excess liquidity is not negative: below that the broker liquidates."""
    before, after = subject.before.excess_liquidity, subject.after.excess_liquidity
    return _not_negative("excessLiquidity", "excess liquidity", before, after, subject)


def _not_negative(
    limit: str, words: str, before: Money | Unknown, left: Money | Unknown, subject: Subject
) -> tuple[Violation, ...]:
    if isinstance(left, Unknown):
        message = f"{words} after the orders are not known: {left.why}"
        return (Violation(limit, Level.HARD, message, "unknown", "0", None, blocks=subject.adds_risk),)
    if left.amount >= Decimal(0):
        return ()
    return (
        Violation(
            limit,
            Level.HARD,
            f"{words} would be {left}",
            str(left),
            "0",
            None,
            existed_before=not isinstance(before, Unknown) and before.amount < Decimal(0),
            blocks=subject.adds_risk,
            remedy="lower the account's leverage, or apply what reduces risk first",
        ),
    )
