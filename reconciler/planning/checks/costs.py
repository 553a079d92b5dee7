"""Cost: what a run may cost, by the estimates."""

from decimal import ROUND_CEILING, Decimal

from reconciler.domain.limits import Limit
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Violation
from reconciler.planning.checks.subject import Subject


def check_cost(subject: Subject) -> tuple[Violation, ...]:
    """Commissions, half spreads and conversions / net liquidation stay within `maxCost`."""
    most, cost = subject.limits.max_cost, subject.cost
    if most is None or cost is None:
        return ()
    once = cost.once
    if isinstance(once, Unknown):
        message = f"what the run would cost is not known: {once.why}"
        return (subject.violation(Limit.MAX_COST, "max_cost", message, "unknown", f"{most:.4f}"),)
    share = subject.share(once)
    if share <= most:
        return ()
    return (
        subject.violation(
            Limit.MAX_COST,
            "max_cost",
            f"the run would cost {once}, {share:.2%} of net liquidation",
            f"{share:.6f}",
            f"{most:.4f}",
            remedy="use wider bands or a larger minimumNotional, or raise maxCost to "
            f"{share.quantize(Decimal('0.0001'), ROUND_CEILING)}",
        ),
    )
