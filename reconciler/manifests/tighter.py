"""Which value of a limit is the tighter one: the table by which RiskLimits are held against their parents.

    lower    what may happen at most: less of it is tighter
    higher   what must be left, or when an alarm begins: more of it is tighter
    subset   what is let through: a part of it is tighter; an empty `allow` lets everything through
    superset what is not let through: more of it is tighter
    ranked   words in the order of their strength

A limit that the parent does not bound (None) may be anything. What is a permission (`emergencyAuthorisedBy`,
`overrides`) only the parent gives: RiskLimits may do without it, or name another person where one is named.
"""

from collections.abc import Callable, Mapping
from typing import Any

from reconciler.domain.errors import InvariantBroken
from reconciler.domain.limits import EmergencyAction, Level, Limit
from reconciler.manifests.risk_limits import Levels

Test = Callable[[Any, Any], bool]
"""Whether the first value, ours, is looser than the second, the parent's."""

_ACTIONS = (EmergencyAction.ALERT, EmergencyAction.DELEVERAGE, EmergencyAction.FLATTEN)
_WEIGHTS = (Level.ADVISORY, Level.OVERRIDE, Level.HARD)


def _lower(own: Any, parent: Any) -> bool:
    return parent is not None and (own is None or bool(own > parent))


def _higher(own: Any, parent: Any) -> bool:
    return parent is not None and (own is None or bool(own < parent))


def _allowed(own: list[str], parent: list[str]) -> bool:
    return bool(parent) and (not own or not set(own) <= set(parent))


def _subset(own: list[Any], parent: list[Any]) -> bool:
    return any(each not in parent for each in own)


def _superset(own: list[str], parent: list[str]) -> bool:
    return not set(own) >= set(parent)


def _permission(own: str | None, parent: str | None) -> bool:
    return own is not None and parent is None


def _weaker_action(own: EmergencyAction, parent: EmergencyAction) -> bool:
    return _ACTIONS.index(own) < _ACTIONS.index(parent)


def _weaker_levels(own: Levels, parent: Levels) -> bool:
    ours, theirs = level_of(own), level_of(parent)
    return any(_WEIGHTS.index(ours(limit)) < _WEIGHTS.index(theirs(limit)) for limit in Limit)


def level_of(levels: Levels) -> Callable[[Limit], Level]:
    """How much each limit weighs under these levels."""
    named = {limit: level for level in Level for limit in getattr(levels, level)}
    return lambda limit: named.get(limit, limit.level)


LOOSER: Mapping[str, Test] = {
    "max_leverage": _lower,
    "max_leverage_step": _lower,
    "emergency_leverage": _lower,
    "emergency_cushion": _higher,
    "emergency_action": _weaker_action,
    "emergency_authorised_by": _permission,
    "emergency_limit_offset": _lower,
    "maintenance_margin": _higher,
    "margin_cushion": _higher,
    "max_margin_utilisation": _lower,
    "min_cushion": _higher,
    "max_position_weight": _lower,
    "max_sector_weight": _lower,
    "max_asset_class_weight": _lower,
    "max_currency_weight": _lower,
    "max_currency_loan": _lower,
    "max_undeclared": _lower,
    "max_turnover": _lower,
    "max_daily_turnover": _lower,
    "max_orders": _lower,
    "max_order_notional": _lower,
    "max_volume_share": _lower,
    "max_positions_closed": _lower,
    "max_net_liquidation_jump": _lower,
    "max_fx_deviation": _lower,
    "max_price_deviation": _lower,
    "max_cost": _lower,
    "keep_day_trades": _higher,
    "allow": _allowed,
    "deny": _superset,
    "max_quote_age": _lower,
    "levels": _weaker_levels,
    "overrides": _subset,
}
"""Every field of RiskLimits, and how a looser value of it is told."""


def is_looser(field: str, own: Any, parent: Any) -> bool:
    """Whether a limit is looser than its parent's. Raises InvariantBroken for a field without a rule."""
    if field not in LOOSER:
        raise InvariantBroken(f"no rule says which {field} is the tighter one")
    return LOOSER[field](own, parent)
