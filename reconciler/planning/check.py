"""Check: every risk limit against one set of orders. The same function judges a plan and, at apply, each batch.

A plan is judged as a whole, and after each of its batches. What was overridden stays on record: the violation names who
said so, why, and until when. In an emergency the limits that trip in a crash are not asked; those that keep from
selling too much are.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime

from reconciler.domain.limits import Level, Limit, Override
from reconciler.domain.violation import Violation
from reconciler.planning.checks.concentration import (
    check_asset_class_weight,
    check_currency_weight,
    check_held_weights,
    check_position_weight,
    check_sector_weight,
)
from reconciler.planning.checks.costs import check_cost
from reconciler.planning.checks.currencies import check_currency_loan, check_fx_deviation
from reconciler.planning.checks.leverage import (
    check_emergency_leverage,
    check_emergency_threshold,
    check_leverage,
    check_leverage_step,
)
from reconciler.planning.checks.margin import (
    check_available_funds,
    check_emergency_cushion,
    check_excess_liquidity,
    check_margin_cushion,
    check_margin_utilisation,
    check_min_cushion,
)
from reconciler.planning.checks.orders import (
    check_allowed,
    check_long_only,
    check_order_count,
    check_order_notional,
    check_positions_closed,
    check_volume_share,
)
from reconciler.planning.checks.past import check_day_trades, check_net_liquidation_jump
from reconciler.planning.checks.prices import check_price_deviation
from reconciler.planning.checks.subject import Subject
from reconciler.planning.checks.turnover import check_daily_turnover, check_turnover
from reconciler.planning.checks.undeclared import check_undeclared

Check = Callable[[Subject], tuple[Violation, ...]]

OF_MARGIN: tuple[Check, ...] = (
    check_margin_cushion,
    check_margin_utilisation,
    check_min_cushion,
    check_available_funds,
    check_excess_liquidity,
)
"""What is about margin alone: fewer orders, or funds that come free, may cure it."""

MARGIN_LIMITS = frozenset(
    {
        Limit.MARGIN_CUSHION,
        Limit.MAX_MARGIN_UTILISATION,
        Limit.MIN_CUSHION,
        Limit.AVAILABLE_FUNDS,
        Limit.EXCESS_LIQUIDITY,
    }
)
"""The limits that those look at."""

AT_EVERY_BOUNDARY: tuple[Check, ...] = (
    check_leverage,
    *OF_MARGIN,
    check_position_weight,
    check_sector_weight,
    check_asset_class_weight,
    check_currency_weight,
    check_currency_loan,
)
"""What must hold at the end of every batch."""

OF_A_RUN: tuple[Check, ...] = (
    check_leverage_step,
    check_emergency_leverage,
    check_emergency_cushion,
    check_fx_deviation,
    check_undeclared,
    check_long_only,
    check_turnover,
    check_daily_turnover,
    check_order_count,
    check_order_notional,
    check_volume_share,
    check_positions_closed,
    check_price_deviation,
    check_net_liquidation_jump,
    check_day_trades,
    check_cost,
    check_allowed,
)
"""What is about a run's orders together."""

EXEMPT_IN_EMERGENCY = frozenset(
    {
        Limit.MAX_TURNOVER,
        Limit.MAX_DAILY_TURNOVER,
        Limit.MAX_ORDERS,
        Limit.MAX_ORDER_NOTIONAL,
        Limit.MAX_VOLUME_SHARE,
        Limit.MAX_NET_LIQUIDATION_JUMP,
        Limit.MAX_LEVERAGE_STEP,
    }
)
"""What trips in a crash, when reducing risk matters most."""


def check(
    subject: Subject, *, overrides: Iterable[Override], now: datetime, exempt: frozenset[Limit] = frozenset()
) -> tuple[Violation, ...]:
    """All violations of a plan, or of a batch at apply, in the order of the lists above.

    Where nothing is sent, nothing is violated but by the limits themselves.
    """
    checks = (check_emergency_threshold, *(AT_EVERY_BOUNDARY + OF_A_RUN if subject.orders else ()))
    found = (violation for each in checks for violation in each(subject) if violation.limit not in exempt)
    return _overridden(found, overrides, now)


def check_boundary(subject: Subject, *, overrides: Iterable[Override], now: datetime) -> tuple[Violation, ...]:
    """The violations at the end of one batch of a plan."""
    found = (violation for each in AT_EVERY_BOUNDARY for violation in each(subject))
    return _overridden(found, overrides, now)


def check_standing(subject: Subject, *, overrides: Iterable[Override], now: datetime) -> tuple[Violation, ...]:
    """The violations of an account as it is, by a subject without orders: nothing is held up by them."""
    found = (violation for each in (*AT_EVERY_BOUNDARY, check_held_weights) for violation in each(subject))
    return _overridden(found, overrides, now)


def check_margin(subject: Subject, *, overrides: Iterable[Override], now: datetime) -> tuple[Violation, ...]:
    """The violations of margin alone."""
    return _overridden((violation for each in OF_MARGIN for violation in each(subject)), overrides, now)


def _overridden(violations: Iterable[Violation], overrides: Iterable[Override], now: datetime) -> tuple[Violation, ...]:
    """The violations, each with the override that lets the plan past it, where its level allows one."""
    valid = {each.limit: each for each in overrides if each.expires is None or now < each.expires}
    return tuple(
        replace(each, override=valid.get(each.limit)) if each.level is Level.OVERRIDE else each for each in violations
    )
