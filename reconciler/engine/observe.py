"""Observe: read the account into one AccountSnapshot, complete or Unknown part by part.

Quotes cost a message each: they are asked for what cannot be valued without one, and, by whoever trades, for what is
traded. Contracts that the lock file knows are not asked for.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from reconciler.domain.account import NOT_COUNTED, NOT_SETTLED, AccountSnapshot, Position, WorkingOrder
from reconciler.domain.contract import Contract
from reconciler.domain.events import Observing
from reconciler.domain.ids import InstrumentName
from reconciler.domain.unknown import Unknown
from reconciler.engine.session import Session
from reconciler.planning.agreement import why_not_fresh
from reconciler.planning.rates import with_market_rates
from reconciler.planning.specs import missing, unpriced
from reconciler.ports import AccountReading, QuoteExtra

REREAD_SECONDS = 0.5
"""Between two readings of an account whose parts disagree: the broker needs a moment after a fill."""


async def observe(session: Session) -> AccountSnapshot:
    """Everything a plan needs but the quotes of what it trades.

    Raises BrokerUnavailable when the connection is gone and stays gone.
    """
    broker, account = session.broker, session.account
    session.sink.emit(Observing("account and positions"))
    reading, positions = await _agreeing(session)
    session.sink.emit(Observing("working orders"))
    working = await session.read(broker.read_working_orders)
    snapshot = _snapshot(session, reading, positions, working)
    session.sink.emit(Observing("contracts and prices"))
    resolved = await _with_contracts(session, snapshot)
    priced = await with_quotes(session, resolved, unpriced(account, resolved))
    return with_market_rates(account, priced, now=session.clock.now())


async def with_quotes(session: Session, snapshot: AccountSnapshot, contracts: Sequence[Contract]) -> AccountSnapshot:
    """The snapshot with quotes of these contracts, those that it has already left as they are."""
    wanted = [each for each in contracts if each.con_id not in snapshot.quotes]
    if not wanted:
        return snapshot
    has_bound = session.account.limits.max_volume_share is not None
    extras = (QuoteExtra.AVERAGE_VOLUME,) if has_bound else ()
    quotes = await session.read(lambda: session.broker.read_quotes(wanted, extras))
    return replace(snapshot, quotes={**snapshot.quotes, **quotes})


def _snapshot(
    session: Session,
    reading: AccountReading | Unknown,
    positions: tuple[Position, ...] | Unknown,
    working: tuple[WorkingOrder, ...] | Unknown,
) -> AccountSnapshot:
    """What was read of the account, without contracts and quotes."""
    return AccountSnapshot(
        base_currency=session.account.base_currency,
        taken_at=session.clock.now(),
        values=reading if isinstance(reading, Unknown) else reading.values,
        positions=positions,
        working_orders=working,
        cash=reading if isinstance(reading, Unknown) else reading.cash,
        rates={} if isinstance(reading, Unknown) else reading.rates,
        contracts={},
        quotes={},
        settled=NOT_SETTLED if isinstance(reading, Unknown) else reading.settled,
        day_trades_left=NOT_COUNTED if isinstance(reading, Unknown) else reading.day_trades_left,
    )


async def _with_contracts(session: Session, snapshot: AccountSnapshot) -> AccountSnapshot:
    specs = missing(session.account, snapshot)
    read = await session.read(lambda: session.broker.read_contracts(specs)) if specs else {}
    contracts: dict[InstrumentName, Contract | Unknown] = {**session.account.pinned, **read}
    return replace(snapshot, contracts=contracts)


async def _agreeing(session: Session) -> tuple[AccountReading | Unknown, tuple[Position, ...] | Unknown]:
    """Account and positions, read until they tell one story or the settle timeout ends."""
    why = "they were never read"
    reading: AccountReading | Unknown = Unknown(why)
    try:
        async with asyncio.timeout(session.account.policy.timeouts.settle.total_seconds()):
            while True:
                positions = await session.read(session.broker.read_positions)
                reading = await session.read(session.broker.read_account)
                disagreement = _disagreement(reading, positions)
                if disagreement is None:
                    return reading, _marked(positions, reading)
                why = disagreement
                await asyncio.sleep(REREAD_SECONDS)
    except TimeoutError:
        return reading, Unknown(why)


def _disagreement(reading: AccountReading | Unknown, positions: tuple[Position, ...] | Unknown) -> str | None:
    # What is Unknown blocks by itself; reading it again at once would only hide how long the gateway takes.
    if isinstance(positions, Unknown) or isinstance(reading, Unknown):
        return None
    if isinstance(reading.values, Unknown) or isinstance(reading.portfolio, Unknown):
        return None
    return why_not_fresh(positions, reading.portfolio, reading.values, reading.rates)


def _marked(
    positions: tuple[Position, ...] | Unknown, reading: AccountReading | Unknown
) -> tuple[Position, ...] | Unknown:
    """The positions with the portfolio's marks."""
    if isinstance(positions, Unknown) or isinstance(reading, Unknown) or isinstance(reading.portfolio, Unknown):
        return positions
    marks = {row.con_id: row.market_price for row in reading.portfolio}
    return tuple(replace(each, market_price=marks.get(each.con_id)) for each in positions)
