"""Recover: fold the runs that were begun and never closed with what the broker reports, and close what is over.

It reads and sends nothing. The fold is the one that apply uses; only its reports come from the journal and from fresh,
complete readings of the broker. What they do not settle stays open, and says what to look for.
"""

from dataclasses import dataclass

from reconciler import planfile
from reconciler.domain.events import Notice
from reconciler.domain.orders import OrderRecord, OrderState, Report
from reconciler.domain.run import Outcome, RunResult
from reconciler.domain.unknown import Unknown
from reconciler.engine.conclude import Ending, conclude
from reconciler.engine.desk import record_of
from reconciler.engine.session import Session
from reconciler.engine.settle import read_standing
from reconciler.planning.fold import concerns, final_state, is_over, state_of
from reconciler.planning.orderbook import OrderBook, enter, mark_sent, take
from reconciler.ports import RetryPolicy, RunRecord


@dataclass(frozen=True)
class Recovery:
    """Runs that were closed now, orders of ours that still work, and orders whose fate is not known."""

    closed: tuple[RunResult, ...] = ()
    working: tuple[OrderRecord, ...] = ()
    unresolved: tuple[OrderRecord, ...] = ()
    unread: str | None = None


async def recover(session: Session) -> Recovery:
    """Close what is provably over. Called under the account's lock: an open run of a live process is not ours."""
    open_runs = session.journal.unfinished_runs(session.account.name)
    if not open_runs:
        return Recovery()
    evidence = await session.retry.call(RetryPolicy.READ, session.broker.read_order_evidence)
    if isinstance(evidence, Unknown):
        return Recovery(unread=f"unfinished runs could not be recovered: {evidence.why}")
    closed: list[RunResult] = []
    still_open: list[OrderRecord] = []
    for run in open_runs:
        book = _fold(session, run, evidence)
        if all(is_over(record) for record in book.records.values()):
            closed.append(await _close(session, run, book))
        else:
            still_open.extend(book.open)
    return Recovery(
        closed=tuple(closed),
        working=tuple(each for each in still_open if state_of(each) in _ALIVE),
        unresolved=tuple(each for each in still_open if state_of(each) not in _ALIVE),
    )


_ALIVE = frozenset({OrderState.WORKING, OrderState.PARTIALLY_FILLED})


def _fold(session: Session, run: RunRecord, evidence: tuple[Report, ...]) -> OrderBook:
    """The run's orders from its intents, its journaled reports and the fresh reading."""
    book = OrderBook()
    for intent in session.journal.intents(run.id):
        book = enter(book, record_of(intent.ref, intent.intent, intent.intended))
        if intent.sent is not None:
            book = mark_sent(book, intent.ref)
    book = take(book, (*session.journal.reports(run.id), *evidence))
    own = [each for each in evidence if any(concerns(record, each) for record in book.records.values())]
    session.journal.record_reports(run.id, own, session.clock.now())
    return book


async def _close(session: Session, run: RunRecord, book: OrderBook) -> RunResult:
    plan = planfile.read(run.plan_document)
    filled = [record for record in book.records.values() if final_state(record) is OrderState.FILLED]
    complete = len(filled) == len(plan.orders)
    ending = Ending(
        run.id,
        Outcome.APPLIED if complete else Outcome.FAILED,
        run.started,
        session.clock.now(),
        await read_standing(session),
        ("the run was broken off; this is what the broker shows of it",),
    )
    result = conclude(plan, book, ending)
    session.journal.end_run(run.id, result.outcome, result.ended, session.recorder.record(result, plan))
    session.sink.emit(
        Notice(f"run {run.id} had been broken off: {len(filled)} of {len(plan.orders)} orders filled; it is closed now")
    )
    return result
