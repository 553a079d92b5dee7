"""Tickets: the orders of a batch as they are sent, at a price of now, or why one of them is not.

An order that needs a price of its own asks for the steps of its market first. In an emergency, while its market is
closed, an order is a limit beyond the last price that may fill outside trading hours.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot, Quote
from reconciler.domain.contract import Contract
from reconciler.domain.ids import ConId, OrderRef
from reconciler.domain.orders import OrderIntent, OrderTicket, order_ref
from reconciler.domain.plan import Plan
from reconciler.domain.policy import LastAttempt, OrderStyle
from reconciler.domain.unknown import Unknown
from reconciler.engine.session import Session
from reconciler.planning import quotes
from reconciler.planning.emergency import is_off_hours
from reconciler.planning.guard import why_short
from reconciler.planning.resolve import ResolvedLine, TargetPortfolio
from reconciler.planning.ticket import UNPRICED, limited, style_of, ticket_of


@dataclass(frozen=True)
class Tickets:
    """What is sent, and what is left out and why."""

    tickets: Mapping[OrderIntent, OrderTicket]
    left_out: Mapping[OrderIntent, str]


async def tickets_for(
    session: Session,
    plan: Plan,
    numbers: Mapping[OrderIntent, int],
    snapshot: AccountSnapshot,
    portfolio: TargetPortfolio,
) -> Tickets:
    """The ticket of each order, by the number of the attempt at it. Raises BrokerUnavailable without a connection."""
    lines = {line.number: line for line in portfolio.lines}
    refs = {order: order_ref(plan.id, order, attempt=number) for order, number in numbers.items()}
    session = _in_style(session, max(numbers.values(), default=1))
    contracts = await _with_increments(session, plan, refs, snapshot)
    tickets: dict[OrderIntent, OrderTicket] = {}
    left_out: dict[OrderIntent, str] = {}
    for order, ref in refs.items():
        ticket = _ticket(session, plan, order, ref, contracts, snapshot, lines.get(order.line))
        if isinstance(ticket, Unknown):
            left_out[order] = f"{order.instrument}: {ticket.why}"
        else:
            tickets[order] = ticket
    return Tickets(tickets, left_out)


def _in_style(session: Session, attempt: int) -> Session:
    """The session, whose policy goes to the market where this is the last of several attempts and it says so."""
    policy = session.account.policy
    partial = policy.partial_fills
    if not 1 < partial.attempts == attempt or partial.last_attempt is not LastAttempt.MARKET:
        return session
    policy = replace(policy, order_style=OrderStyle.MARKET)
    return replace(session, account=replace(session.account, policy=policy))


async def _with_increments(
    session: Session, plan: Plan, refs: Mapping[OrderIntent, OrderRef], snapshot: AccountSnapshot
) -> dict[ConId, Contract]:
    """The contracts of the orders, those with their steps that a limit is made for."""
    known = {order.con_id: snapshot.contracts_by_id.get(order.con_id) for order in refs}
    found = {con_id: contract for con_id, contract in known.items() if contract is not None}
    limits = {
        order.con_id: found[order.con_id]
        for order in refs
        if order.con_id in found and _needs_a_limit(session, plan, order, found[order.con_id])
    }
    if not limits:
        return dict(found)
    wanted = list(limits.values())
    read = await session.read(lambda: session.broker.read_price_increments(wanted))
    return {**found, **read}


def _needs_a_limit(session: Session, plan: Plan, order: OrderIntent, contract: Contract) -> bool:
    if plan.emergency is not None and contract.is_open(session.clock.now()) is False:
        return True
    return style_of(order, contract, session.account.policy) not in UNPRICED


def _ticket(
    session: Session,
    plan: Plan,
    order: OrderIntent,
    ref: OrderRef,
    contracts: Mapping[ConId, Contract],
    snapshot: AccountSnapshot,
    line: ResolvedLine | None,
) -> OrderTicket | Unknown:
    contract, quote = contracts.get(order.con_id), snapshot.quotes.get(order.con_id)
    if contract is None:
        return Unknown("its contract was not read")
    if order.converts:
        return _conversion(session, order, ref, contract, quote)
    if line is None or line.blocked is not None:
        return Unknown("its line is gone" if line is None or line.blocked is None else line.blocked)
    short = why_short(order, line) if session.account.portfolio.long_only else None
    if short is not None:
        return Unknown(short)
    if plan.emergency is not None and is_off_hours(line, session.clock.now()):
        return _off_hours(session, order, ref, contract, line)
    if line.untradable is not None:
        return Unknown(line.untradable)
    if not isinstance(quote, Quote):
        return quote or Unknown("its price was not read")
    return ticket_of(order, contract, quote, policy=session.account.policy, ref=ref)


def _conversion(
    session: Session, order: OrderIntent, ref: OrderRef, contract: Contract, quote: Quote | Unknown | None
) -> OrderTicket | Unknown:
    if not isinstance(quote, Quote):
        return quote or Unknown("its price was not read")
    why = quotes.why_untradable(quote, session.account, contract, now=session.clock.now())
    return Unknown(why) if why else ticket_of(order, contract, quote, policy=session.account.policy, ref=ref)


def _off_hours(
    session: Session, order: OrderIntent, ref: OrderRef, contract: Contract, line: ResolvedLine
) -> OrderTicket | Unknown:
    """A limit beyond the last price that anybody told, be it frozen or the portfolio's mark: the stated rule."""
    if isinstance(line.price, Unknown):
        return line.price
    offset: Decimal = session.account.limits.emergency.limit_offset
    ticket = limited(order, contract, line.price, offset, ref)
    return ticket if isinstance(ticket, Unknown) else replace(ticket, outside_hours=True)
