"""Bounds: the limits of leverage and margin that hold at any moment, not only for what orders would make of an account.

A plan and each batch are checked against what they would lead to. This is for what is: while a batch is being sent, and
prices move.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot, AccountValues
from reconciler.domain.desired import AccountSpec
from reconciler.domain.limits import Level, Limit, Override, RiskLimits
from reconciler.domain.money import Money
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown
from reconciler.planning.exposure import out_of_bounds, standing_of
from reconciler.planning.resolve import resolve


def crossed(
    account: AccountSpec, snapshot: AccountSnapshot, *, overrides: Iterable[Override], now: datetime
) -> Mapping[Limit, str]:
    """The limits that the account crosses as it is, and by how much; holdings count at the portfolio's marks.

    What is Unknown crosses nothing here. Limits that only advise, or are overridden, are left out.
    """
    values = snapshot.values
    if isinstance(values, Unknown):
        return {}
    marked = replace(snapshot, quotes={})
    standing = standing_of(resolve(account, marked, now=now), marked)
    found = {**out_of_bounds(standing, account.limits), **_cushions(standing, values, account.limits)}
    ignored = {each.limit for each in overrides if each.expires is None or now < each.expires}
    return {limit: why for limit, why in found.items() if _weighs(limit, account.limits, ignored)}


def _weighs(limit: Limit, limits: RiskLimits, overridden: set[Limit]) -> bool:
    level = limits.level(limit)
    return level is Level.HARD or (level is Level.OVERRIDE and limit not in overridden)


def _cushions(standing: Standing, values: AccountValues, limits: RiskLimits) -> dict[Limit, str]:
    """The limits that are shares of net liquidation, or of equity."""
    found: dict[Limit, str] = {}
    emergency, leverage = limits.emergency, standing.leverage
    if not isinstance(leverage, Unknown) and leverage >= emergency.leverage:
        found[Limit.EMERGENCY_LEVERAGE] = f"leverage is {leverage:.2f}, emergencyLeverage is {emergency.leverage:.2f}"
    cushion = _share(values.excess_liquidity, values)
    for limit, least in ((Limit.EMERGENCY_CUSHION, emergency.cushion), (Limit.MIN_CUSHION, limits.min_cushion)):
        if cushion < least:
            found[limit] = f"the broker's cushion is {cushion:.1%}, {limit} is {least:.1%}"
    used, most = _share(values.maintenance_margin, values), limits.max_margin_utilisation
    if used > most:
        found[Limit.MAX_MARGIN_UTILISATION] = (
            f"maintenance margin is {used:.1%} of net liquidation, maxMarginUtilisation is {most:.1%}"
        )
    needed = values.initial_margin * (1 + limits.margin_cushion)
    if needed.amount > values.equity_with_loan.amount:
        found[Limit.MARGIN_CUSHION] = (
            f"initial margin with a cushion of {limits.margin_cushion:.0%} is {needed}, above the equity with loan of "
            f"{values.equity_with_loan}"
        )
    return found


def _share(money: Money, values: AccountValues) -> Decimal:
    """Of net liquidation; where nothing is left of that, beyond every bound in the direction of the amount."""
    return money.amount / max(values.net_liquidation.amount, Decimal("0.01"))
