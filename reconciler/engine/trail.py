"""Trail: what the journal alone knows of its runs, execution by execution. The fold is that of apply and recovery."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from reconciler import planfile
from reconciler.domain.errors import PlanUnreadable
from reconciler.domain.ids import AccountName
from reconciler.domain.money import Currency
from reconciler.domain.orders import OrderIntent, OrderRecord
from reconciler.domain.trail import TrailEntry, TrailExecution, TrailOrder
from reconciler.engine.recover import book_of
from reconciler.planning.fold import final_state
from reconciler.ports import IntentRecord, Journal, RunRecord

_Leg = tuple[int, bool, bool]
"""What names an order of a plan, whichever attempt at it: its line, and which of the line's orders it is."""


def trail(journal: Journal, account: AccountName | None = None, since: datetime | None = None) -> Iterator[TrailEntry]:
    """The runs that were begun at `since` or later, the oldest first, each order in the order of its intent."""
    for run in reversed(journal.runs(account)):
        if since is None or run.started >= since:
            yield from _of_run(journal, run)


def _of_run(journal: Journal, run: RunRecord) -> Iterator[TrailEntry]:
    entry = TrailEntry(
        run=run.id,
        plan=run.plan,
        account=run.account,
        environment=run.environment,
        revision=run.revision,
        started=run.started,
        ended=run.ended,
        outcome=run.outcome,
    )
    intents = journal.intents(run.id)
    if not intents:
        yield entry
    records, planned = book_of(intents, journal.reports(run.id)).records, _planned(run)
    for intent in intents:
        record = records[intent.ref]
        ordered = replace(entry, order=_order(intent, record, planned))
        executions = _executions(record)
        yield from (replace(ordered, execution=each) for each in executions or (None,))


@dataclass(frozen=True)
class _Planned:
    """What only the plan knows of a run's orders."""

    batches: Mapping[_Leg, int] = field(default_factory=dict)
    currencies: Mapping[int, Currency] = field(default_factory=dict)


def _planned(run: RunRecord) -> _Planned:
    """Nothing where the plan was written by a version whose plans this one does not read."""
    try:
        plan = planfile.read(run.plan_document)
    except PlanUnreadable:
        return _Planned()
    return _Planned(
        {_leg(order): batch.number for batch in plan.batches for order in batch.orders},
        {line.number: line.currency for line in plan.lines},
    )


def _leg(order: OrderIntent) -> _Leg:
    return order.line, order.reduces_risk, order.converts


def _order(intent: IntentRecord, record: OrderRecord, planned: _Planned) -> TrailOrder:
    order = intent.intent
    return TrailOrder(
        batch=planned.batches.get(_leg(order)),
        line=order.line,
        instrument=order.instrument,
        con_id=order.con_id,
        currency=planned.currencies.get(order.line),
        side=order.side,
        quantity=order.quantity,
        ref=intent.ref,
        attempt=intent.attempt,
        order_id=intent.order_id,
        perm_id=record.perm_id,
        intended=intent.intended,
        sent=intent.sent,
        state=final_state(record),
    )


def _executions(record: OrderRecord) -> tuple[TrailExecution, ...]:
    found = (
        TrailExecution(fill.exec_id, fill.time, fill.shares, fill.price, record.commissions.get(key))
        for key, fill in record.fills.items()
    )
    return tuple(sorted(found, key=lambda each: (each.time, each.id)))
