"""Propose: observe, draft, ask the broker what each order would do to margin, and make the Plan. Sends no order."""

import asyncio
from collections.abc import Iterable

from reconciler.domain.account import AccountSnapshot, Quote
from reconciler.domain.contract import Contract
from reconciler.domain.events import Observing
from reconciler.domain.ids import OrderRef
from reconciler.domain.orders import REF_PREFIX, OrderIntent, OrderTicket, WhatIf
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown
from reconciler.engine.observe import observe
from reconciler.engine.session import Session
from reconciler.planning.plan import Draft, draft, finish
from reconciler.planning.ticket import ticket_of
from reconciler.ports import RetryPolicy

WHAT_IF_REF = OrderRef(f"{REF_PREFIX}-what-if")


async def propose(session: Session) -> Plan:
    """Today's plan. A plan is always made; what is Unknown or forbidden stands in it and blocks."""
    return await cost(session, await sketch(session))


async def cost(session: Session, made: Draft) -> Plan:
    """The draft with the broker's what-ifs of its orders: the plan."""
    orders = [order for batch in made.batches for order in batch.orders]
    estimates = await estimate(session, orders, made.snapshot)
    return finish(made, estimates, revision=session.revision, account_id=session.account_id)


async def compare(session: Session) -> Plan:
    """The same diff without asking what its orders would cost: what drift shows. It cannot be applied, only read."""
    return finish(await sketch(session), {}, revision=session.revision, account_id=session.account_id)


async def sketch(session: Session) -> Draft:
    """The draft alone: what drift and the staleness checks need."""
    snapshot = await observe(session)
    return draft(session.account, snapshot, now=session.clock.now())


async def estimate(
    session: Session, orders: Iterable[OrderIntent], snapshot: AccountSnapshot
) -> dict[OrderIntent, WhatIf | Unknown]:
    """The broker's what-if of each order, each evaluated against the account as it is now."""
    wanted = list(orders)
    if wanted:
        session.sink.emit(Observing(f"margin of {len(wanted)} orders"))
    answers = await asyncio.gather(*(_what_if(session, order, snapshot) for order in wanted))
    return dict(zip(wanted, answers, strict=True))


def ticket_for(session: Session, order: OrderIntent, snapshot: AccountSnapshot, ref: OrderRef) -> OrderTicket | Unknown:
    """The order at the snapshot's contract and quote; Unknown where either is."""
    contract = snapshot.contracts.get(order.instrument, Unknown("its contract was not read"))
    quote = snapshot.quotes.get(order.con_id, Unknown("its price was not read"))
    if not isinstance(contract, Contract):
        return contract
    if not isinstance(quote, Quote):
        return quote
    return ticket_of(order, contract, quote, policy=session.account.policy, ref=ref)


async def _what_if(session: Session, order: OrderIntent, snapshot: AccountSnapshot) -> WhatIf | Unknown:
    ticket = ticket_for(session, order, snapshot, WHAT_IF_REF)
    if isinstance(ticket, Unknown):
        return ticket
    return await session.retry.call(RetryPolicy.READ, lambda: session.broker.what_if(ticket))
