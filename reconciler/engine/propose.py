"""Propose: observe, draft, ask the broker what each order would do to margin, and make the Plan. Sends no order."""

import asyncio
from collections.abc import Iterable, Mapping

from reconciler.domain.account import AccountSnapshot, Quote
from reconciler.domain.contract import Contract
from reconciler.domain.counting import counted
from reconciler.domain.events import Observing
from reconciler.domain.ids import OrderRef
from reconciler.domain.orders import REF_PREFIX, OrderIntent, WhatIf
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown
from reconciler.engine.brake import halts_of
from reconciler.engine.history import read_history
from reconciler.engine.observe import observe, with_quotes
from reconciler.engine.session import Session
from reconciler.planning.draft import Draft, draft
from reconciler.planning.plan import finish
from reconciler.planning.specs import unquoted
from reconciler.planning.ticket import question_of

WHAT_IF_REF = OrderRef(f"{REF_PREFIX}-what-if")


async def propose(session: Session) -> Plan:
    """Today's plan. A plan is always made; what is Unknown or forbidden stands in it and blocks."""
    return await cost(session, await sketch(session))


async def cost(session: Session, made: Draft) -> Plan:
    """The draft with the broker's what-ifs of its orders: the plan."""
    estimates = await estimate(session, made.orders, made.snapshot)
    return _finished(session, made, estimates)


async def compare(session: Session) -> Plan:
    """The same diff without asking what its orders would cost: what drift shows. It cannot be applied, only read."""
    return _finished(session, await sketch(session), None)


def _finished(session: Session, made: Draft, estimates: Mapping[OrderIntent, WhatIf | Unknown] | None) -> Plan:
    return finish(made, estimates, revision=session.revision, account_id=session.account_id, halts=halts_of(session))


async def sketch(session: Session) -> Draft:
    """The draft alone: what drift and the staleness checks need.

    What it would trade at the portfolio's marks is quoted, and the draft made again, until all that trades is quoted.
    """
    history = await read_history(session)
    snapshot = await observe(session)
    while True:
        now = session.clock.now()
        made = draft(session.account, snapshot, history=history, options=session.options, now=now)
        wanted = unquoted(made)
        if not wanted:
            return made
        snapshot = await with_quotes(session, snapshot, wanted)


async def estimate(
    session: Session, orders: Iterable[OrderIntent], snapshot: AccountSnapshot
) -> dict[OrderIntent, WhatIf | Unknown]:
    """The broker's what-if of each order, each evaluated against the account as it is now."""
    wanted = list(orders)
    if wanted:
        session.sink.emit(Observing(f"margin of {counted(len(wanted), 'order')}"))
    answers = await asyncio.gather(*(_what_if(session, order, snapshot) for order in wanted))
    return dict(zip(wanted, answers, strict=True))


def market_of(order: OrderIntent, snapshot: AccountSnapshot) -> tuple[Contract, Quote] | Unknown:
    """The contract and the quote of an order; Unknown where either is."""
    contract = snapshot.contracts_by_id.get(order.con_id)
    quote = snapshot.quotes.get(order.con_id, Unknown("its price was not read"))
    if contract is None:
        return Unknown("its contract was not read")
    return (contract, quote) if isinstance(quote, Quote) else quote


async def _what_if(session: Session, order: OrderIntent, snapshot: AccountSnapshot) -> WhatIf | Unknown:
    market = market_of(order, snapshot)
    if isinstance(market, Unknown):
        return market
    ticket = question_of(order, *market, policy=session.account.policy, ref=WHAT_IF_REF)
    if isinstance(ticket, Unknown):
        return ticket
    return await session.read(lambda: session.broker.what_if(ticket))
