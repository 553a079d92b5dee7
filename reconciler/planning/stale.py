"""Stale: why a plan no longer fits. Intent must match exactly; prices may have moved within the collar (promise 7)."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot, Quote
from reconciler.domain.desired import AccountSpec
from reconciler.domain.ids import AccountId, ConId
from reconciler.domain.orders import OrderIntent
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown
from reconciler.planning import fingerprint
from reconciler.planning.draft import Draft
from reconciler.planning.holdings import misheld
from reconciler.planning.plan import holdings_digest
from reconciler.planning.resolve import TargetPortfolio


def why_stale(plan: Plan, current: Draft, *, manifests: str, account_id: AccountId, now: datetime) -> tuple[str, ...]:
    """Every reason, none where the plan still fits. What cannot be read now is no staleness: it blocks."""
    reasons = list(why_misdirected(plan, current.account, manifests=manifests, account_id=account_id, now=now))
    digest = holdings_digest(current.portfolio, current.snapshot)
    if digest and digest != plan.holdings_digest:
        reasons.append("holdings or working orders of the declared instruments changed since the plan was made")
    reasons += why_off_price(plan.orders, current.portfolio, current.snapshot, plan.price_collar)
    return tuple(reasons)


def why_misdirected(
    plan: Plan, account: AccountSpec, *, manifests: str, account_id: AccountId, now: datetime
) -> tuple[str, ...]:
    """The reasons that no reading of the account is needed for."""
    reasons = []
    if plan.account != account.name:
        reasons.append(f"the plan is for account '{plan.account}', not '{account.name}'")
    if plan.environment is not account.environment:
        reasons.append(f"the plan is for {plan.environment}, the account is {account.environment}")
    if plan.account_digest != fingerprint.account_digest(account_id):
        reasons.append("the plan is for another account number")
    if plan.revision.manifests != manifests:
        reasons.append("the manifests changed since the plan was made")
    if now > plan.expires:
        reasons.append(f"the plan expired at {plan.expires:%Y-%m-%d %H:%M:%S} UTC")
    if now < plan.created:
        reasons.append("the plan was made in the future: a clock is wrong")
    return tuple(reasons)


def why_off_price(
    orders: tuple[OrderIntent, ...], portfolio: TargetPortfolio, snapshot: AccountSnapshot, collar: Decimal
) -> tuple[str, ...]:
    """The orders whose price left the collar around the plan's price. One without a price now blocks elsewhere."""
    prices = {line.number: line.price for line in portfolio.lines}
    reasons = []
    for order in orders:
        price = _pair_price(order, snapshot) if order.converts else prices.get(order.line)
        if price is None or isinstance(price, Unknown):
            continue
        moved = price / order.reference_price - 1
        if abs(moved) > collar:
            reasons.append(f"{order.instrument} moved {moved:+.2%} since the plan was made, the collar is {collar:.1%}")
    return tuple(reasons)


def _pair_price(order: OrderIntent, snapshot: AccountSnapshot) -> Decimal | None:
    quote = snapshot.quotes.get(order.con_id)
    return quote.fair if isinstance(quote, Quote) else None


def why_moved(snapshot: AccountSnapshot, expected: Mapping[ConId, Decimal]) -> tuple[str, ...]:
    """Between batches: the holdings that are not what the run's own fills make of the plan's."""
    if isinstance(snapshot.positions, Unknown):
        return ()
    symbols = {con_id: each.symbol for con_id, each in snapshot.contracts_by_id.items()}
    return misheld(snapshot.positions, expected, symbols)
