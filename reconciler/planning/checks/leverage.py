"""Maximum leverage, and the emergency leverage at which nothing that adds risk may run."""

from reconciler.domain.plan import Level, Violation
from reconciler.domain.unknown import Unknown
from reconciler.planning.checks.subject import Subject


def check_leverage(subject: Subject) -> tuple[Violation, ...]:
    """After the orders, gross exposure / net liquidation stays within `maxLeverage`."""
    limits, before, after = subject.limits, subject.before.leverage, subject.after.leverage
    where = limits.place("max_leverage")
    bound = f"{limits.max_leverage:.2f}"
    if isinstance(after, Unknown):
        message = f"leverage after the orders is not known: {after.why}"
        return (Violation("maxLeverage", Level.HARD, message, "unknown", bound, where, blocks=subject.adds_risk),)
    if after <= limits.max_leverage:
        return ()
    existed = not isinstance(before, Unknown) and before > limits.max_leverage
    worse = isinstance(before, Unknown) or after > before
    return (
        Violation(
            "maxLeverage",
            Level.HARD,
            f"leverage would be {after:.2f}, above the limit",
            f"{after:.4f}",
            bound,
            where,
            existed_before=existed,
            blocks=subject.adds_risk and worse,
            remedy=f"lower the account's leverage to {limits.max_leverage} or less, or raise maxLeverage",
        ),
    )


def check_emergency_leverage(subject: Subject) -> tuple[Violation, ...]:
    """At or above `emergencyLeverage` now, nothing that adds risk may run."""
    limits, before = subject.limits, subject.before.leverage
    if isinstance(before, Unknown) or before < limits.emergency_leverage:
        return ()
    return (
        Violation(
            "emergencyLeverage",
            Level.HARD,
            f"leverage is {before:.2f} now, at or above the emergency threshold",
            f"{before:.4f}",
            f"{limits.emergency_leverage:.2f}",
            limits.place("emergency_leverage"),
            existed_before=True,
            blocks=subject.adds_risk,
            remedy="reduce positions first: set a lower leverage, or weights of 0, and apply that",
        ),
    )
