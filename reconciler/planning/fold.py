"""Fold: broker reports → one order's facts → its state. The only state machine for orders, at apply and at recovery.

The facts form a set that only grows, and the state is a function of that set. So it does not matter in which order
reports come, or how often. Numbered as the promises, and repeated by the property tests:

 3. an order that was intended is over without a report only when complete reads of a later session under the client id
    that sent it prove its absence;
 4. no error code ends an order: a rejecting code does so only together with an Inactive status or with complete reads
    that show no trace; a cancel or a fill is one only where an orderStatus, an open or a completed order says so;
 5. fills count once, by the execution's id; a correction replaces what it corrects.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from reconciler.domain.orders import (
    CommissionReport,
    CompletedReport,
    ErrorReport,
    EvidenceReport,
    ExecutionReport,
    Fill,
    OrderRecord,
    OrderState,
    Report,
    StatusReport,
    correction_key,
)

REJECTING_CODES = frozenset(
    {100, 103, 106, 107, 109, 110, 111, 133, 200, 201, 203, 321, 355, 382, 383, 387, 388, 426, 434, 435, 436, 460, 463}
    | {10005, 10015, 10243, 10250, 10289, 10293}
)
"""Codes with which the broker refuses an order (TWS API message codes). 10349, 399, 404, 481 and 2109 do not."""

_CANCELLED = frozenset({"Cancelled", "ApiCancelled"})
_WORKING = frozenset({"PreSubmitted", "Submitted", "PendingCancel", "PendingSubmit", "ApiPending", "Inactive"})


def fold(record: OrderRecord, report: Report) -> OrderRecord:
    """The record with one more report; a report of another order leaves it as it is."""
    match report:
        case CommissionReport():
            return _with_commission(record, report)
        case EvidenceReport():
            return _with_evidence(record, report)
        case ErrorReport():
            return replace(record, errors=record.errors | {report}) if report.ref == record.ref else record
        case ExecutionReport():
            return _with_execution(record, report) if concerns(record, report) else record
        case StatusReport() | CompletedReport():
            return _with_status(record, report) if concerns(record, report) else record


def concerns(record: OrderRecord, report: Report) -> bool:
    """Whether the report is about this order, as far as the facts so far can tell. Evidence is about every order."""
    match report:
        case EvidenceReport():
            return True
        case CommissionReport():
            fill = record.fills.get(correction_key(report.exec_id))
            return fill is not None and fill.exec_id == report.exec_id
        case ErrorReport():
            return report.ref == record.ref
        case StatusReport() | ExecutionReport() | CompletedReport():
            if report.ref is not None:
                return report.ref == record.ref
            return report.perm_id != 0 and report.perm_id == record.perm_id


def state_of(record: OrderRecord) -> OrderState:
    """The state that the facts prove."""
    if record.filled >= record.quantity or "Filled" in record.statuses | record.completed:
        return OrderState.FILLED
    if (record.statuses | record.completed) & _CANCELLED:
        return OrderState.CANCELLED
    if _is_rejected(record):
        return OrderState.REJECTED
    if record.completed:
        return OrderState.EXPIRED
    if record.filled > 0 or record.reported_filled > 0:
        return OrderState.PARTIALLY_FILLED
    if record.statuses & _WORKING:
        return OrderState.WORKING
    if record.absent:
        return OrderState.INTENDED  # whatever the send returned: it never reached the broker
    return OrderState.SUBMITTED if record.sent else OrderState.INTENDED


def is_over(record: OrderRecord) -> bool:
    """Whether nothing more can come of it: terminal by a report, or proved never to have reached the broker."""
    return state_of(record).is_terminal or (record.absent and state_of(record) is OrderState.INTENDED)


def final_state(record: OrderRecord) -> OrderState:
    """The state to report once nobody listens any more: what left and was never heard of is Unknown."""
    state = state_of(record)
    return OrderState.UNKNOWN if state is OrderState.SUBMITTED else state


def rejection(record: OrderRecord) -> ErrorReport | None:
    """The broker's word that it refuses the order, where it said so. By itself it ends nothing."""
    refusals = [error for error in record.errors if error.code in REJECTING_CODES]
    return min(refusals, key=lambda each: (each.code, each.text)) if refusals else None


def fills_are_complete(record: OrderRecord) -> bool:
    """Whether executions and their commissions account for every share that the broker's own counts report."""
    is_filled = "Filled" in record.statuses | record.completed
    expected = record.final_count or record.quantity if is_filled else record.reported_filled
    return record.filled >= expected and set(record.fills) == set(record.commissions)


def is_whole(record: OrderRecord) -> bool:
    """Whether every share that was ordered is filled. The broker may call an order Filled that it made smaller."""
    return state_of(record) is OrderState.FILLED and record.filled >= record.quantity


def _is_rejected(record: OrderRecord) -> bool:
    if record.filled > 0 or record.reported_filled > 0 or rejection(record) is None:
        return False
    return record.missing or "Inactive" in record.statuses | record.completed


def _with_status(record: OrderRecord, report: StatusReport | CompletedReport) -> OrderRecord:
    seen = replace(record, perm_id=record.perm_id or report.perm_id)
    if report.filled is not None:
        final = report.filled if isinstance(report, CompletedReport) or report.status == "Filled" else Decimal(0)
        seen = replace(
            seen,
            reported_filled=max(seen.reported_filled, report.filled),
            final_count=max(seen.final_count, final),
        )
    if isinstance(report, CompletedReport):
        return replace(seen, completed=seen.completed | {report.status})
    return replace(seen, statuses=seen.statuses | {report.status})


def _with_execution(record: OrderRecord, report: ExecutionReport) -> OrderRecord:
    fill, key = report.fill, correction_key(report.fill.exec_id)
    seen = replace(record, perm_id=record.perm_id or report.perm_id)
    known = record.fills.get(key)
    if known is not None and _revision(known) >= _revision(fill):
        return seen
    commissions = {each: amount for each, amount in record.commissions.items() if each != key}
    return replace(seen, fills={**record.fills, key: fill}, commissions=commissions)


def _with_commission(record: OrderRecord, report: CommissionReport) -> OrderRecord:
    if not concerns(record, report):
        return record
    return replace(record, commissions={**record.commissions, correction_key(report.exec_id): report.commission})


def _with_evidence(record: OrderRecord, report: EvidenceReport) -> OrderRecord:
    if record.ref in report.traces or report.read_at < record.intended:
        return record
    today = _is_same_broker_day(record.intended, report.read_at)
    absent = today and report.session_since is not None and report.session_since > record.intended
    return replace(record, missing=record.missing or today, absent=record.absent or absent)


def _is_same_broker_day(first: datetime, second: datetime) -> bool:
    """Completed orders and executions reach back to the start of the broker's day: an older absence proves nothing.

    The day turns at midnight of the account's region. Which that is nobody tells, so none of these midnights, UTC and
    New York in winter and summer, may lie between the two.
    """
    return all((first - shift).date() == (second - shift).date() for shift in _MIDNIGHTS)


_MIDNIGHTS = (timedelta(0), timedelta(hours=4), timedelta(hours=5))


def _revision(fill: Fill) -> tuple[int, str]:
    digits = fill.exec_id.rpartition(".")[2]
    return (len(digits), digits)
