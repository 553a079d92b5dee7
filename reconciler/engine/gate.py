"""The gate before a batch: staleness, limits and margin, on values that were read for this batch alone (promises 6, 7).

Every order of the batch gets its ticket here, at a price of now. What only reduces risk passes without a margin check.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.events import MarginChecked
from reconciler.domain.ids import ConId
from reconciler.domain.money import Money
from reconciler.domain.orders import OrderIntent, OrderTicket, order_ref
from reconciler.domain.plan import Batch, Level, Plan
from reconciler.domain.policy import OnBlocked
from reconciler.domain.run import Outcome
from reconciler.domain.unknown import Unknown
from reconciler.engine.observe import observe
from reconciler.engine.propose import estimate, ticket_for
from reconciler.engine.session import Session
from reconciler.planning.check import check
from reconciler.planning.forecast import forecast
from reconciler.planning.guard import why_short
from reconciler.planning.holdings import ATTEMPT
from reconciler.planning.plan import Draft, draft
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
    session: Session, plan: Plan, batch: Batch, *, expected: Mapping[ConId, Decimal], spent: Money
) -> Open | Shut:
    """Whether the batch may start now. `expected` are the holdings that this run's own fills make of the plan's."""
    if session.stop.is_asked:
        return Shut(session.stop.outcome, (session.stop.reason,))
    snapshot = await observe(session)
    current = draft(session.account, snapshot, now=session.clock.now())
    stale = _why_stale(session, plan, batch, current, expected)
    if stale:
        return Shut(Outcome.STALE, stale)
    if current.blocked:
        return Shut(Outcome.BLOCKED, current.blocked)
    opened = _with_tickets(session, plan, batch, current)
    if opened.left_out and session.account.policy.on_blocked is OnBlocked.STOP:
        return Shut(Outcome.BLOCKED, tuple(opened.left_out.values()))
    forbidden = await _why_forbidden(session, batch, snapshot, current, tuple(opened.tickets), spent)
    return Shut(Outcome.BLOCKED, forbidden) if forbidden else opened


def _why_stale(
    session: Session, plan: Plan, batch: Batch, current: Draft, expected: Mapping[ConId, Decimal]
) -> tuple[str, ...]:
    return (
        *why_misdirected(
            plan,
            session.account,
            manifests=session.revision.manifests,
            account_id=session.account_id,
            now=session.clock.now(),
        ),
        *why_moved(current.snapshot, expected),
        *why_off_price(batch.orders, current.portfolio, plan.price_collar),
    )


def _with_tickets(session: Session, plan: Plan, batch: Batch, current: Draft) -> Open:
    lines = {line.number: line for line in current.portfolio.lines}
    tickets: dict[OrderIntent, OrderTicket] = {}
    left_out: dict[OrderIntent, str] = {}
    for order in batch.orders:
        line = lines[order.line]
        ref = order_ref(plan.id, order, attempt=ATTEMPT)
        ticket = ticket_for(session, order, current.snapshot, ref)
        why = line.blocked or line.untradable
        if session.account.portfolio.long_only:
            why = why or why_short(order, line)
        if why is not None:
            left_out[order] = f"{order.instrument}: {why}"
        elif isinstance(ticket, Unknown):
            left_out[order] = f"{order.instrument}: {ticket.why}"
        else:
            tickets[order] = ticket
    return Open(tickets, left_out)


async def _why_forbidden(
    session: Session,
    batch: Batch,
    snapshot: AccountSnapshot,
    current: Draft,
    orders: tuple[OrderIntent, ...],
    spent: Money,
) -> tuple[str, ...]:
    if all(order.reduces_risk for order in orders):
        return ()
    estimates = await estimate(session, orders, snapshot)
    subject = forecast(session.account, snapshot, current.portfolio, estimates, spent=spent)
    session.sink.emit(MarginChecked(batch.number, subject.after))
    violations = (each for each in check(subject) if each.blocks and each.level is not Level.ADVISORY)
    return tuple(f"{each.limit}: {each.message}" for each in violations)
