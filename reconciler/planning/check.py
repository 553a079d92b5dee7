"""Check: every risk limit against one set of orders. The same function judges a plan and, at apply, each batch."""

from collections.abc import Callable

from reconciler.domain.plan import Violation
from reconciler.planning.checks.concentration import check_position_weight
from reconciler.planning.checks.leverage import check_emergency_leverage, check_leverage
from reconciler.planning.checks.margin import (
    check_available_funds,
    check_excess_liquidity,
    check_margin_cushion,
    check_margin_utilisation,
)
from reconciler.planning.checks.orders import check_order_notional, check_turnover
from reconciler.planning.checks.subject import Subject

CHECKS: tuple[Callable[[Subject], tuple[Violation, ...]], ...] = (
    check_leverage,
    check_emergency_leverage,
    check_margin_cushion,
    check_margin_utilisation,
    check_available_funds,
    check_excess_liquidity,
    check_position_weight,
    check_turnover,
    check_order_notional,
)


def check(subject: Subject) -> tuple[Violation, ...]:
    """All violations at once, in the order of the list above. Nothing to send violates nothing."""
    if not subject.orders:
        return ()
    return tuple(violation for each in CHECKS for violation in each(subject))
