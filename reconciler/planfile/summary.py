"""What a plan amounts to: counts, turnover, margin as fractions. Derived from a Plan, rounded for reading."""

from decimal import Context, Decimal

from reconciler.domain.money import Money
from reconciler.domain.plan import Plan
from reconciler.domain.standing import Standing
from reconciler.domain.status import SyncStatus
from reconciler.domain.unknown import Unknown
from reconciler.planfile.document import LeveragePart, MarginPart, MarginsPart, PlanSummaryPart
from reconciler.planning.assess import is_unknown, sync_status

_FOUR_PLACES = Decimal("0.0001")
_WIDE = Context(prec=100)  # the default of 28 digits cannot round every number that it can hold


def rounded(value: Decimal | Unknown) -> Decimal | Unknown:
    """To four places, without zeros at the end: a ratio for a reader, never for a decision."""
    if isinstance(value, Unknown):
        return value
    short = value.quantize(_FOUR_PLACES, context=_WIDE).normalize(_WIDE)
    return short if short else Decimal(0)  # −0.0000 is 0 to a reader


def fraction(part: Money | Unknown, whole: Money | Unknown) -> Decimal | Unknown:
    """`part` / `whole`; Unknown where one is, where they are in two currencies, or where the whole is not positive."""
    if isinstance(part, Unknown):
        return part
    if isinstance(whole, Unknown):
        return whole
    if part.currency != whole.currency:
        return Unknown(f"{part.currency} cannot be compared with {whole.currency} without a rate")
    if whole.amount <= 0:
        return Unknown("net liquidation is not positive")
    return part.amount / whole.amount


def turnover(plan: Plan) -> Decimal | Unknown:
    """Sum of the orders' absolute notionals / net liquidation; conversions of currency are none of it."""
    total = Decimal(0)
    for order in (each for each in plan.orders if not each.converts):
        share = fraction(abs(order.notional), plan.net_liquidation)
        if isinstance(share, Unknown):
            return share
        total += share
    return total


def margin(standing: Standing, net_liquidation: Money | Unknown) -> MarginPart:
    """The margin that is left, as fractions of net liquidation."""
    return MarginPart(
        available_funds=rounded(fraction(standing.available_funds, net_liquidation)),
        excess_liquidity=rounded(fraction(standing.excess_liquidity, net_liquidation)),
    )


def plan_summary(plan: Plan) -> PlanSummaryPart:
    """The document's `summary`."""
    return PlanSummaryPart(
        in_sync=sync_status(plan) is SyncStatus.SYNCED,
        partial=plan.options.is_partial,
        emergency=plan.emergency is not None,
        changes=len(plan.changes),
        blocked=len(plan.blocked_lines),
        unknown=sum(is_unknown(line) for line in plan.lines),
        undeclared=len(plan.undeclared),
        turnover=rounded(turnover(plan)),
        cost=rounded(fraction(plan.cost.once, plan.net_liquidation)),
        leverage=LeveragePart(
            before=rounded(plan.before.leverage), after=rounded(plan.after.leverage), target=plan.leverage_target
        ),
        margin=MarginsPart(
            before=margin(plan.before, plan.net_liquidation), after=margin(plan.after, plan.net_liquidation)
        ),
    )
