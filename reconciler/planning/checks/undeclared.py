"""Undeclared holdings: how far they may shrink the targets. Beyond that the sells would be somebody's surprise."""

from decimal import ROUND_CEILING, Decimal

from reconciler.domain.limits import Limit
from reconciler.domain.violation import Holds, Violation
from reconciler.planning.checks.subject import Subject


def check_undeclared(subject: Subject) -> tuple[Violation, ...]:
    """What no manifest names takes no more than `maxUndeclared` of what the leverage makes of net liquidation.

    It holds up everything: beyond it the declared lines would be sold to make room.
    """
    sizing, most = subject.sizing, subject.limits.max_undeclared
    if sizing is None:
        return ()
    whole = (sizing.net_liquidation - sizing.apart - sizing.buffer) * sizing.leverage
    share = sizing.undeclared.amount / whole.amount if whole.amount > 0 else Decimal(0)
    if share <= most:
        return ()
    return (
        subject.violation(
            Limit.MAX_UNDECLARED,
            "max_undeclared",
            f"holdings that no manifest names take {share:.1%} of what the targets would have",
            f"{share:.4f}",
            f"{most:.2f}",
            holds=Holds.EVERYTHING,
            remedy="declare them, let them stand apart (undeclaredHoldings: apart), or raise maxUndeclared to "
            f"{share.quantize(Decimal('0.001'), ROUND_CEILING)}",
        ),
    )
