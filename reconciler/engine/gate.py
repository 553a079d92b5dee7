"""The gate before a batch: staleness, limits and margin, on values that were read for this batch alone (promises 6, 7).

Every order of the batch gets its ticket here, at a price of now. What only reduces risk passes without a margin check;
what guards against selling too much, or at wrong figures, is asked of every batch.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.errors import AccountHalted
from reconciler.domain.events import MarginChecked
from reconciler.domain.ids import ConId
from reconciler.domain.money import Money
from reconciler.domain.orders import OrderIntent, OrderTicket, WhatIf
from reconciler.domain.plan import Batch, Plan
from reconciler.domain.policy import OnBlocked
from reconciler.domain.run import Outcome
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Holds, Violation
from reconciler.engine.authorize import Authorized, why_shut
from reconciler.engine.brake import holding
from reconciler.engine.observe import observe, with_quotes
from reconciler.engine.propose import estimate
from reconciler.engine.session import Session
from reconciler.engine.tickets import Tickets, tickets_for
from reconciler.planning.attempts import attempts_at
from reconciler.planning.balances import balances, exchanged, moved_by
from reconciler.planning.batch import without_room
from reconciler.planning.check import EXEMPT_IN_EMERGENCY, check
from reconciler.planning.exchange import unpaid
from reconciler.planning.forecast import Outlook, forecast
from reconciler.planning.holdings import held_after, turned_over
from reconciler.planning.orderbook import OrderBook
from reconciler.planning.resolve import TargetPortfolio, resolve
from reconciler.planning.size import sizing_of
from reconciler.planning.stale import why_misdirected, why_moved, why_off_price


@dataclass(frozen=True)
class Shut:
    """The batch may not start: how the run ends if nothing was sent, and why."""

    outcome: Outcome
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Open:
    """The batch may start with these tickets. `left_out` names the orders that may not, where others proceed."""

    tickets: Mapping[OrderIntent, OrderTicket]
    left_out: Mapping[OrderIntent, str]


async def check_gate(
    session: Session,
    authorized: Authorized,
    batch: Batch,
    *,
    book: OrderBook,
    dropped: Collection[OrderIntent],
) -> Open | Shut:
    """Whether the batch may start now, or what is left of it: `book` has what this run has sent.

    `dropped` are orders of earlier batches that were left out: what they were to pay for is left out as well.
    """
    if session.stop.is_asked:
        return Shut(session.stop.outcome, (session.stop.reason,))
    if halts := holding(session):
        return Shut(Outcome.BLOCKED, (str(AccountHalted(halts)),))
    plan, snapshot = authorized.plan, await _observed(session, batch)
    portfolio = resolve(session.account, snapshot, now=session.clock.now())
    stale = _why_stale(session, plan, batch, snapshot, portfolio, held_after(plan, book))
    if stale:
        return Shut(Outcome.STALE, stale)
    shut = why_shut(session, plan, {order.con_id for order in batch.orders}, snapshot)
    if shut:
        return Shut(Outcome.CLOSED, shut)
    blocked = _why_blocked(session, plan, snapshot, portfolio)
    if blocked:
        return Shut(Outcome.BLOCKED, blocked)
    numbers = {order: len(attempts_at(order, plan.id, book)) + 1 for order in batch.orders}
    opened = _paid(await tickets_for(session, plan, numbers, snapshot, portfolio), plan, dropped)
    if opened.left_out and session.account.policy.on_blocked is OnBlocked.STOP and plan.emergency is None:
        return Shut(Outcome.BLOCKED, tuple(opened.left_out.values()))
    outlook = Outlook(session.account, snapshot, portfolio, authorized.history)
    admitted = replace(batch, orders=tuple(opened.tickets))
    forbidden = await _why_forbidden(session, plan, admitted, outlook, turned_over(plan, book))
    return Shut(Outcome.BLOCKED, forbidden) if forbidden else Open(opened.tickets, opened.left_out)


def _paid(opened: Tickets, plan: Plan, dropped: Collection[OrderIntent]) -> Tickets:
    why = without_room(opened.tickets, dropped) | unpaid(opened.tickets, dropped, plan.lines, plan.base_currency)
    sent = {order: ticket for order, ticket in opened.tickets.items() if order not in why}
    return Tickets(sent, {**opened.left_out, **why})


async def _observed(session: Session, batch: Batch) -> AccountSnapshot:
    """The account, with quotes of what the batch trades."""
    snapshot = await observe(session)
    wanted = {order.con_id for order in batch.orders}
    contracts = [each for con_id, each in sorted(snapshot.contracts_by_id.items()) if con_id in wanted]
    return await with_quotes(session, snapshot, contracts)


def _why_stale(
    session: Session,
    plan: Plan,
    batch: Batch,
    snapshot: AccountSnapshot,
    portfolio: TargetPortfolio,
    expected: Mapping[ConId, Decimal],
) -> tuple[str, ...]:
    return (
        *why_misdirected(
            plan,
            session.account,
            manifests=session.revision.manifests,
            account_id=session.account_id,
            now=session.clock.now(),
        ),
        *why_moved(snapshot, expected),
        *why_off_price(batch.orders, portfolio, snapshot, plan.price_collar),
    )


def _why_blocked(
    session: Session, plan: Plan, snapshot: AccountSnapshot, portfolio: TargetPortfolio
) -> tuple[str, ...]:
    """What blocks the whole account. An emergency is not sized, so that what could not be sized does not hold it up."""
    if portfolio.blocked or plan.emergency is not None:
        return portfolio.blocked
    sizing = sizing_of(session.account, snapshot, portfolio)
    return (sizing.why,) if isinstance(sizing, Unknown) else ()


async def _why_forbidden(session: Session, plan: Plan, batch: Batch, outlook: Outlook, spent: Money) -> tuple[str, ...]:
    """The limits that hold up these orders. Nobody is asked for the margin of orders that only reduce risk."""
    reduces = all(order.reduces_risk for order in batch.orders)
    unasked = Unknown("the margin of what only reduces risk is not asked for")
    estimates: Mapping[OrderIntent, WhatIf | Unknown] = dict.fromkeys(batch.orders, unasked)
    if not reduces:
        estimates = await estimate(session, batch.orders, outlook.snapshot)
    lines = [line for line in plan.lines if any(each.converts and each.line == line.number for each in batch.orders)]
    moved = exchanged(moved_by(outlook.portfolio, batch.orders), lines)
    # An emergency is not sized.
    unsized = plan.emergency is not None
    sizing = None if unsized else sizing_of(session.account, outlook.snapshot, outlook.portfolio)
    subject = replace(
        forecast(outlook, estimates, spent=spent),
        balances=balances(outlook.portfolio, outlook.snapshot, moved),
        sizing=None if isinstance(sizing, Unknown) else sizing,
    )
    if not reduces:
        session.sink.emit(MarginChecked(batch.number, subject.after))
    found = check(
        subject,
        overrides=(*session.account.limits.overrides, *plan.options.overrides),
        now=session.clock.now(),
        exempt=EXEMPT_IN_EMERGENCY if plan.emergency else frozenset(),
    )
    return tuple(f"{each.limit}: {each.message}" for each in found if _holds_up(each, reduces=reduces))


def _holds_up(violation: Violation, *, reduces: bool) -> bool:
    return violation.blocks and (violation.holds is Holds.EVERYTHING or not reduces)
