"""Conclude: the end of a run from its order book. One function makes the result on every way out (promise 13)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from reconciler.domain.ids import RunId
from reconciler.domain.orders import OrderIntent, OrderRecord, OrderState, order_ref
from reconciler.domain.plan import Plan
from reconciler.domain.run import LineResult, Outcome, RunResult
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown
from reconciler.planning.fold import final_state, is_over, is_whole, rejection
from reconciler.planning.holdings import ATTEMPT
from reconciler.planning.orderbook import OrderBook


@dataclass(frozen=True)
class Ending:
    """How a run ended. `ended_by` is how it stopped, where nothing worse is known; `left_out` were never sent."""

    run: RunId
    ended_by: Outcome
    started: datetime
    ended: datetime
    after: Standing | Unknown
    messages: tuple[str, ...] = ()
    left_out: Mapping[OrderIntent, str] = field(default_factory=dict)


def conclude(plan: Plan, book: OrderBook, ending: Ending) -> RunResult:
    """What was done, what was not, what is unknown."""
    return RunResult(
        id=ending.run,
        plan=plan.id,
        fingerprint=plan.fingerprint,
        account=plan.account,
        started=ending.started,
        ended=ending.ended,
        outcome=_outcome(book, ending.ended_by),
        lines=tuple(_line(plan, order, book, ending.left_out) for order in plan.orders),
        before=plan.before,
        after=ending.after,
        messages=ending.messages,
    )


def _outcome(book: OrderBook, ended_by: Outcome) -> Outcome:
    records = book.records.values()
    if not all(is_over(record) for record in records):
        return Outcome.UNRESOLVED
    sent = [record for record in records if final_state(record) is not OrderState.INTENDED]
    if not sent:
        return Outcome.FAILED if ended_by is Outcome.PARTIALLY_APPLIED else ended_by
    if ended_by is Outcome.INTERRUPTED:
        return ended_by
    complete = all(is_whole(record) for record in records)
    return Outcome.APPLIED if complete and ended_by is Outcome.APPLIED else Outcome.PARTIALLY_APPLIED


def _line(plan: Plan, order: OrderIntent, book: OrderBook, left_out: Mapping[OrderIntent, str]) -> LineResult:
    record = book.records.get(order_ref(plan.id, order, attempt=ATTEMPT))
    return LineResult(
        line=order.line,
        instrument=order.instrument,
        side=order.side,
        quantity=order.quantity,
        order_ref=record.ref if record else None,
        state=final_state(record) if record else OrderState.INTENDED,
        filled=record.filled if record else order.quantity * 0,
        average_price=record.average_price if record else None,
        commission=record.commission if record else None,
        detail=_detail(record) if record else left_out.get(order, ""),
    )


def _detail(record: OrderRecord) -> str:
    if record.final_count > record.filled:
        return f"the broker counts {record.final_count:f} filled; it did not show the executions behind them"
    if final_state(record) is OrderState.FILLED and not is_whole(record):
        return f"the broker made the order smaller: {record.filled:f} of {record.quantity:f}"
    refused = rejection(record)
    if refused is not None and record.filled < record.quantity:
        return f"error {refused.code}: {refused.text}"
    if final_state(record) is OrderState.UNKNOWN:
        return "sent, and never heard of: look for it at the broker; it is not sent again"
    if final_state(record) is OrderState.INTENDED:
        if is_over(record):
            return "it never reached the broker"
        return "it may have been sent: look for it at the broker; it is not sent again"
    return ""
