"""History: today's trades by the broker, our own older ones by the journal, and where the last run left the account."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from reconciler import planfile
from reconciler.domain.errors import PlanUnreadable
from reconciler.domain.events import Notice
from reconciler.domain.history import Applied, History, Placed, Trade
from reconciler.domain.line import LineKind
from reconciler.domain.money import Money
from reconciler.domain.orders import Fill, OrderIntent, Report
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown
from reconciler.engine.recover import book_of
from reconciler.engine.session import Session
from reconciler.planning.holdings import held_after
from reconciler.ports import RunRecord

BROKERS_DAY = ZoneInfo("America/New_York")
"""Where the broker's day turns, as far as anybody tells: executions reach back to its midnight."""


async def read_history(session: Session) -> History:
    """What is known of the account's past. Raises BrokerUnavailable when the connection is gone and stays gone."""
    now = session.clock.now()
    midnight = _midnight(now)
    today = await session.read(session.broker.read_trades)
    cool_down = session.account.policy.rebalancing.cool_down
    older = tuple(_older(session, now - cool_down, midnight)) if cool_down else ()
    return History(
        trades=today if isinstance(today, Unknown) else (*older, *today),
        midnight=midnight,
        applied=_applied(session),
    )


def _midnight(now: datetime) -> datetime:
    return now.astimezone(BROKERS_DAY).replace(hour=0, minute=0, second=0, microsecond=0)


def _older(session: Session, since: datetime, until: datetime) -> Iterator[Trade]:
    """Our own trades of before the broker's midnight, as the journal has them; conversions of currency left out."""
    # A run that was begun earlier may have traded later: no run takes longer than a day.
    for run in session.journal.runs_since(session.account.name, since - timedelta(days=1)):
        intents = session.journal.intents(run.id)
        records = book_of(intents, session.journal.reports(run.id)).records
        for intent in (each for each in intents if not each.intent.converts):
            fills = records[intent.ref].fills.values()
            yield from (_trade(intent.intent, fill) for fill in fills if since <= fill.time < until)


def _trade(intent: OrderIntent, fill: Fill) -> Trade:
    """Its value is in base currency: the order's own, for so many of its shares at that price."""
    share = fill.shares * fill.price / (intent.quantity * intent.reference_price)
    return Trade(
        con_id=intent.con_id,
        side=intent.side,
        shares=fill.shares,
        price=fill.price,
        time=fill.time,
        value=Money(intent.notional.amount * share, intent.notional.currency),
        is_ours=True,
        is_liquidation=False,
    )


def _applied(session: Session) -> Applied | None:
    run = session.journal.last_run(session.account.name)
    if run is None:
        return None
    try:
        plan = planfile.read(run.plan_document)
    except PlanUnreadable as error:
        session.sink.emit(Notice(f"what run {run.id} left is not known, so that no cause of a drift is told: {error}"))
        return None
    return _left_by(session, run, plan)


def _left_by(session: Session, run: RunRecord, plan: Plan) -> Applied:
    reports: tuple[Report, ...] = session.journal.reports(run.id)
    held = held_after(plan, book_of(session.journal.intents(run.id), reports))
    lines = {
        line.instrument: Placed(
            con_id=line.con_id,
            weight=line.weight or Decimal(0),
            target=line.target,
            held=held[line.con_id] + line.moved,
            price=line.price,
        )
        for line in plan.lines
        if line.kind is LineKind.TARGET and line.con_id in held
    }
    return Applied(run.ended or run.started, plan.revision, plan.leverage_target, plan.net_liquidation, lines)
