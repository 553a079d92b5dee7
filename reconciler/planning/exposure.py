"""Exposure and leverage by our own arithmetic: what is held, at its price, in base currency.

Leverage = gross exposure / net liquidation. The broker's gross position value omits futures and is used for one thing
only: to say what those holdings are worth together that have no price of their own. What the manifest says is as good
as cash (`countsTowardLeverage: false`) is no exposure.
"""

from collections.abc import Mapping
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.limits import Limit, RiskLimits
from reconciler.domain.money import Money
from reconciler.domain.standing import Standing, unknown_standing
from reconciler.domain.unknown import Unknown
from reconciler.planning.liquidation import distance, footing
from reconciler.planning.resolve import ResolvedLine, TargetPortfolio


def undeclared_exposure(portfolio: TargetPortfolio, zero: Money) -> Money | Unknown:
    """The gross exposure of what no manifest names."""
    total = zero
    for holding in portfolio.undeclared:
        if isinstance(holding.exposure, Unknown):
            return Unknown(f"the value of {holding.symbol}, which no manifest names, is not known")
        total += abs(holding.exposure)
    return total


def unpriced_exposure(portfolio: TargetPortfolio, snapshot: AccountSnapshot) -> Money | Unknown:
    """What the declared holdings without a price are worth together: the broker's gross value less all that has one."""
    zero = Money(Decimal(0), snapshot.base_currency)
    unpriced = [line for line in portfolio.lines if line.current != 0 and isinstance(line.exposure, Unknown)]
    if not unpriced:
        return zero
    names = ", ".join(line.name for line in unpriced)
    undeclared = undeclared_exposure(portfolio, zero)
    if isinstance(snapshot.values, Unknown) or isinstance(snapshot.values.gross_position_value, Unknown):
        return Unknown(f"the holding of {names} has no price and the broker gives no gross value")
    if isinstance(undeclared, Unknown):
        return undeclared
    rest = snapshot.values.gross_position_value - undeclared
    for line in portfolio.lines:
        if not isinstance(line.exposure, Unknown):
            rest -= abs(line.exposure)
    return rest if rest.amount > 0 else Unknown(f"the holding of {names} has no price")


def gross_exposure(
    portfolio: TargetPortfolio, snapshot: AccountSnapshot, final: Mapping[int, Decimal] | None = None
) -> Money | Unknown:
    """Everything that is held, declared or not, without its signs. Positions that were not read are not zero.

    With `final` the lines of these numbers are at their final quantities.
    """
    if isinstance(snapshot.positions, Unknown):
        return snapshot.positions
    zero = Money(Decimal(0), snapshot.base_currency)
    undeclared, unpriced = undeclared_exposure(portfolio, zero), unpriced_exposure(portfolio, snapshot)
    if isinstance(undeclared, Unknown):
        return undeclared
    if isinstance(unpriced, Unknown):
        return unpriced
    amounts = (_counted(line, (final or {}).get(line.number, line.current)) for line in portfolio.lines)
    return Money(sum(amounts, (undeclared + unpriced).amount), zero.currency)


def _counted(line: ResolvedLine, quantity: Decimal) -> Decimal:
    """What a line adds to the gross exposure; lines without a price are counted by the broker's own value."""
    if isinstance(line.unit, Unknown) or not line.target.counts_toward_leverage:
        return Decimal(0)
    return abs(line.unit.amount * quantity)


def leverage_of(gross: Money | Unknown, net_liquidation: Money | Unknown) -> Decimal | Unknown:
    """Gross exposure / net liquidation."""
    if isinstance(gross, Unknown):
        return gross
    if isinstance(net_liquidation, Unknown):
        return net_liquidation
    if net_liquidation.amount <= 0:
        return Unknown(f"net liquidation is {net_liquidation}")
    return gross.amount / net_liquidation.amount


def standing_of(portfolio: TargetPortfolio, snapshot: AccountSnapshot) -> Standing:
    """Leverage and margin as they are now."""
    values = snapshot.values
    if isinstance(values, Unknown):
        return unknown_standing(values)
    return Standing(
        leverage=leverage_of(gross_exposure(portfolio, snapshot), values.net_liquidation),
        initial_margin=values.initial_margin,
        maintenance_margin=values.maintenance_margin,
        available_funds=values.available_funds,
        excess_liquidity=values.excess_liquidity,
        distance=distance(footing(values, portfolio, snapshot), values.maintenance_margin),
    )


def why_out_of_bounds(standing: Standing, limits: RiskLimits) -> tuple[str, ...]:
    """What of a standing is beyond what nobody would have, whoever brought it there."""
    return tuple(out_of_bounds(standing, limits).values())


def out_of_bounds(standing: Standing, limits: RiskLimits) -> dict[Limit, str]:
    """The same, by the limits that are crossed."""
    reasons = {}
    if not isinstance(standing.leverage, Unknown) and standing.leverage > limits.max_leverage:
        reasons[Limit.MAX_LEVERAGE] = f"leverage is {standing.leverage:.2f}, maxLeverage is {limits.max_leverage:.2f}"
    for limit, words, left in (
        (Limit.AVAILABLE_FUNDS, "available funds are", standing.available_funds),
        (Limit.EXCESS_LIQUIDITY, "excess liquidity is", standing.excess_liquidity),
    ):
        if not isinstance(left, Unknown) and left.amount < 0:
            reasons[limit] = f"{words} {left}"
    return reasons
