"""Leverage: its maximum, how far one run may move it, and the emergency at which nothing that adds risk may run."""

from decimal import ROUND_DOWN, Decimal

from reconciler.domain.limits import Limit
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Holds, Violation
from reconciler.planning.checks.subject import Subject


def check_leverage(subject: Subject) -> tuple[Violation, ...]:
    """After the orders, gross exposure / net liquidation stays within `maxLeverage`."""
    most, before, after = subject.limits.max_leverage, subject.before.leverage, subject.after.leverage
    bound = f"{most:.2f}"
    if isinstance(after, Unknown):
        message = f"leverage after the orders is not known: {after.why}"
        return (subject.violation(Limit.MAX_LEVERAGE, "max_leverage", message, "unknown", bound),)
    if after <= most:
        return ()
    worse = isinstance(before, Unknown) or after > before
    lowered = (subject.account.leverage * most / after).quantize(Decimal("0.01"), ROUND_DOWN)
    return (
        subject.violation(
            Limit.MAX_LEVERAGE,
            "max_leverage",
            f"leverage would be {after:.2f}, above the limit",
            f"{after:.4f}",
            bound,
            existed_before=not isinstance(before, Unknown) and before > most,
            holds=subject.holds(worse=worse),
            remedy=f"lower the account's leverage to {lowered}, or raise maxLeverage to {_up(after)}",
        ),
    )


def check_leverage_step(subject: Subject) -> tuple[Violation, ...]:
    """One run moves leverage by no more than `maxLeverageStep`; what is closed may take it down by more."""
    most, before, after = subject.limits.max_leverage_step, subject.before.leverage, subject.after.leverage
    if most is None:
        return ()
    if isinstance(before, Unknown) or isinstance(after, Unknown):
        why = before.why if isinstance(before, Unknown) else after.why if isinstance(after, Unknown) else ""
        message = f"by how much the run moves leverage is not known: {why}"
        found = subject.violation(Limit.MAX_LEVERAGE_STEP, "max_leverage_step", message, "unknown", f"{most:.2f}")
        return (found,)
    moved = abs(after - before)
    if moved <= most + _ROUNDING:
        return ()
    return (
        subject.violation(
            Limit.MAX_LEVERAGE_STEP,
            "max_leverage_step",
            f"the run would move leverage by {moved:.2f}",
            f"{moved:.4f}",
            f"{most:.2f}",
            remedy=f"close fewer positions in one run, or raise maxLeverageStep to {_up(moved)}",
        ),
    )


def check_emergency_leverage(subject: Subject) -> tuple[Violation, ...]:
    """At or above `emergencyLeverage` now, nothing that adds risk may run."""
    emergency, before = subject.limits.emergency.leverage, subject.before.leverage
    if isinstance(before, Unknown) or before < emergency:
        return ()
    return (
        subject.violation(
            Limit.EMERGENCY_LEVERAGE,
            "emergency_leverage",
            f"leverage is {before:.2f} now, at or above the emergency threshold",
            f"{before:.4f}",
            f"{emergency:.2f}",
            existed_before=True,
            remedy="apply what this plan reduces; it plans nothing else until that is done",
        ),
    )


def check_emergency_threshold(subject: Subject) -> tuple[Violation, ...]:
    """`emergencyLeverage` lies below the leverage at which the broker would liquidate the account."""
    emergency, at = subject.limits.emergency.leverage, subject.after.distance.leverage
    if at is None or isinstance(at, Unknown) or emergency < at:
        return ()
    below = at.quantize(Decimal("0.01"), ROUND_DOWN)
    before = subject.before.distance.leverage
    existed = before is not None and not isinstance(before, Unknown) and emergency >= before
    return (
        subject.violation(
            Limit.EMERGENCY_LEVERAGE,
            "emergency_leverage",
            f"the emergency would begin at leverage {emergency:.2f}, and the broker would liquidate the account at "
            f"{at:.2f} already",
            f"{emergency:.2f}",
            f"{at:.4f}",
            existed_before=existed,
            # Without any order it is the manifests' own mistake, and stands in the way all the same.
            holds=Holds.WHAT_ADDS_RISK if subject.adds_risk or not subject.orders else Holds.NOTHING,
            remedy=f"lower emergencyLeverage below {below}, or hold less of what is margined highly",
        ),
    )


_ROUNDING = Decimal("0.005")
"""What whole lots may add to a step: half a hundredth of net liquidation."""


def _up(value: Decimal) -> Decimal:
    """The next hundredth."""
    step = Decimal("0.01")
    rounded = value.quantize(step, ROUND_DOWN)
    return rounded if rounded == value else rounded + step
