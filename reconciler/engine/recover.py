"""Recover: fold the runs that were begun and never closed with what the broker reports, and close what is over.

It reads and sends nothing. The fold is the one that apply uses; only its reports come from the journal and from fresh,
complete readings of the broker. What they do not settle stays open, and says what to look for. A run whose orders are
all accounted for, but which has lines that were never sent, stays open too: it can be resumed until its plan expires,
or until a new apply abandons it.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from reconciler import planfile
from reconciler.domain.counting import counted
from reconciler.domain.events import Notice
from reconciler.domain.orders import OrderRecord, OrderState, Report
from reconciler.domain.plan import Plan
from reconciler.domain.run import Outcome, RunResult
from reconciler.domain.unknown import Unknown
from reconciler.engine.conclude import Ending, conclude
from reconciler.engine.desk import record_of
from reconciler.engine.session import Session
from reconciler.engine.settle import read_account
from reconciler.planning.attempts import attempts_at, filled_of
from reconciler.planning.fold import concerns, is_over, state_of
from reconciler.planning.orderbook import OrderBook, enter, mark_sent, take
from reconciler.ports import IntentRecord, RunRecord

BROKEN_OFF = "the run was broken off; this is what the broker shows of it"

_ALIVE = frozenset({OrderState.WORKING, OrderState.PARTIALLY_FILLED})


@dataclass(frozen=True)
class BrokenOff:
    """A run that ended without being closed, as the broker shows it now."""

    run: RunRecord
    plan: Plan
    book: OrderBook

    @property
    def is_over(self) -> bool:
        """Whether every order that was ever intended is accounted for."""
        return all(is_over(record) for record in self.book.records.values())

    @property
    def never_sent(self) -> bool:
        """Whether the plan has orders that were never even intended."""
        return not all(attempts_at(order, self.plan.id, self.book) for order in self.plan.orders)


@dataclass(frozen=True)
class Recovery:
    """Runs that were closed now, that can be resumed, or that are not settled because of the orders named after them.

    `working` orders are alive at the broker; what became of the `unresolved` ones is not known.
    """

    closed: tuple[RunResult, ...] = ()
    resumable: tuple[BrokenOff, ...] = ()
    unsettled: tuple[BrokenOff, ...] = ()
    working: tuple[OrderRecord, ...] = ()
    unresolved: tuple[OrderRecord, ...] = ()
    unread: str | None = None


async def recover(session: Session) -> Recovery:
    """Close what is provably over. Called under the account's lock: an open run of a live process is not ours."""
    open_runs = session.journal.unfinished_runs(session.account.name)
    if not open_runs:
        return Recovery()
    evidence = await session.read(session.broker.read_order_evidence)
    if isinstance(evidence, Unknown):
        return Recovery(unread=f"unfinished runs could not be recovered: {evidence.why}")
    found = [_fold(session, run, evidence) for run in open_runs]
    now = session.clock.now()
    resumable = tuple(each for each in found if each.is_over and each.never_sent and now <= each.plan.expires)
    over = [each for each in found if each.is_over and each not in resumable]
    unsettled = tuple(each for each in found if not each.is_over)
    still_open = [record for each in unsettled for record in each.book.open]
    return Recovery(
        closed=await close(session, over, why=BROKEN_OFF),
        resumable=resumable,
        unsettled=unsettled,
        working=tuple(each for each in still_open if state_of(each) in _ALIVE),
        unresolved=tuple(each for each in still_open if state_of(each) not in _ALIVE),
    )


async def close(session: Session, runs: Iterable[BrokenOff], *, why: str) -> tuple[RunResult, ...]:
    """End these runs with what the broker shows of them. Their plans can never be begun or resumed again."""
    return tuple([await _close(session, each, why) for each in runs])


def book_of(intents: Iterable[IntentRecord], reports: Iterable[Report]) -> OrderBook:
    """A run's orders as its intents and these reports make them."""
    book = OrderBook()
    for intent in intents:
        book = enter(book, record_of(intent.ref, intent.intent, intent.intended))
        if intent.sent is not None:
            book = mark_sent(book, intent.ref)
    return take(book, reports)


def _fold(session: Session, run: RunRecord, evidence: tuple[Report, ...]) -> BrokenOff:
    """The run's orders from its intents, its journaled reports and the fresh reading."""
    book = book_of(session.journal.intents(run.id), (*session.journal.reports(run.id), *evidence))
    own = [each for each in evidence if any(concerns(record, each) for record in book.records.values())]
    session.journal.record_reports(run.id, own, session.clock.now())
    return BrokenOff(run, planfile.read(run.plan_document), book)


async def _close(session: Session, broken_off: BrokenOff, why: str) -> RunResult:
    run, plan, book = broken_off.run, broken_off.plan, broken_off.book
    filled = [order for order in plan.orders if filled_of(order, plan.id, book) >= order.quantity]
    complete = len(filled) == len(plan.orders)
    after, standing = await read_account(session)
    ended_by = Outcome.APPLIED if complete else Outcome.FAILED
    ending = Ending(run.id, ended_by, run.started, session.clock.now(), after, standing, (why,))
    result = conclude(plan, book, ending)
    session.journal.end_run(run.id, result.outcome, result.ended, session.recorder.record(result, plan))
    orders = counted(len(plan.orders), "order")
    session.sink.emit(Notice(f"run {run.id} had been broken off: {len(filled)} of {orders} filled; it is closed now"))
    return result
