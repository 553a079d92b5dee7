"""Reports and intents as JSON text, and moments as ISO text: exactly what was said, readable by every later version.

Decimals are strings, digit for digit; moments are aware and in UTC. The `kind` of a report and the names of its fields
are the journal's own: renaming a class in the domain must not make an old journal unreadable.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, assert_never

from reconciler.adapters.journal import rules
from reconciler.domain.account import Side
from reconciler.domain.errors import Refused
from reconciler.domain.ids import ConId, ExecId, InstrumentName, OrderRef, PermId
from reconciler.domain.money import Currency, Money
from reconciler.domain.orders import (
    CommissionReport,
    CompletedReport,
    ErrorReport,
    EvidenceReport,
    ExecutionReport,
    Fill,
    OrderIntent,
    Report,
    StatusReport,
)

Fields = Mapping[str, Any]
"""A JSON object as the standard library reads it."""


def dump_moment(moment: datetime) -> str:
    """ISO 8601 in UTC. Raises InvariantBroken for a naive moment: it names no point in time."""
    rules.require_aware(moment)
    return moment.astimezone(UTC).isoformat()


def load_moment(text: str) -> datetime:
    """The moment that `dump_moment` wrote."""
    return datetime.fromisoformat(text)


def dump_report(report: Report) -> str:
    """One report, whatever its kind."""
    return json.dumps(_report_fields(report))


def load_report(text: str) -> Report:
    """The report that `dump_report` wrote. Raises Refused where the text is none."""
    try:
        fields = json.loads(text)
        return _REPORT_READERS[fields["kind"]](fields)
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise Refused("the journal holds a report that cannot be read; restore it from a backup") from error


def dump_intent(intent: OrderIntent) -> str:
    """What an order was meant to do."""
    return json.dumps(
        {
            "line": intent.line,
            "instrument": intent.instrument,
            "con_id": intent.con_id,
            "side": intent.side.value,
            "quantity": str(intent.quantity),
            "reduces_risk": intent.reduces_risk,
            "converts": intent.converts,
            "reference_price": str(intent.reference_price),
            "notional": _money_fields(intent.notional),
        }
    )


def load_intent(text: str) -> OrderIntent:
    """The intent that `dump_intent` wrote. Raises Refused where the text is none."""
    try:
        fields = json.loads(text)
        return OrderIntent(
            line=fields["line"],
            instrument=InstrumentName(fields["instrument"]),
            con_id=ConId(fields["con_id"]),
            side=Side(fields["side"]),
            quantity=Decimal(fields["quantity"]),
            reduces_risk=fields["reduces_risk"],
            reference_price=Decimal(fields["reference_price"]),
            notional=_read_money(fields["notional"]),
            converts=fields.get("converts", False),  # an older journal knows no conversions
        )
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise Refused("the journal holds an intent that cannot be read; restore it from a backup") from error


def _report_fields(report: Report) -> Fields:
    match report:
        case StatusReport():
            return {
                "kind": "status",
                "ref": report.ref,
                "perm_id": report.perm_id,
                "status": report.status,
                "filled": _optional_text(report.filled),
                "remaining": _optional_text(report.remaining),
                "why_held": report.why_held,
            }
        case ExecutionReport():
            return {
                "kind": "execution",
                "ref": report.ref,
                "perm_id": report.perm_id,
                "con_id": report.con_id,
                "side": report.side.value,
                "exec_id": report.fill.exec_id,
                "shares": str(report.fill.shares),
                "price": str(report.fill.price),
                "time": dump_moment(report.fill.time),
            }
        case CommissionReport():
            return {"kind": "commission", "exec_id": report.exec_id, "commission": _money_fields(report.commission)}
        case CompletedReport():
            return {
                "kind": "completed",
                "ref": report.ref,
                "perm_id": report.perm_id,
                "status": report.status,
                "filled": str(report.filled),
                "detail": report.detail,
            }
        case ErrorReport():
            return {"kind": "error", "ref": report.ref, "code": report.code, "text": report.text}
        case EvidenceReport():
            return {
                "kind": "evidence",
                "traces": sorted(report.traces),
                "read_at": dump_moment(report.read_at),
                "session_since": None if report.session_since is None else dump_moment(report.session_since),
            }
    assert_never(report)


def _read_status(fields: Fields) -> Report:
    return StatusReport(
        ref=_read_ref(fields),
        perm_id=PermId(fields["perm_id"]),
        status=fields["status"],
        filled=_read_optional(fields["filled"]),
        remaining=_read_optional(fields["remaining"]),
        why_held=fields["why_held"],
    )


def _read_execution(fields: Fields) -> Report:
    return ExecutionReport(
        ref=_read_ref(fields),
        perm_id=PermId(fields["perm_id"]),
        con_id=ConId(fields["con_id"]),
        side=Side(fields["side"]),
        fill=Fill(
            exec_id=ExecId(fields["exec_id"]),
            shares=Decimal(fields["shares"]),
            price=Decimal(fields["price"]),
            time=load_moment(fields["time"]),
        ),
    )


def _read_commission(fields: Fields) -> Report:
    return CommissionReport(exec_id=ExecId(fields["exec_id"]), commission=_read_money(fields["commission"]))


def _read_completed(fields: Fields) -> Report:
    return CompletedReport(
        ref=_read_ref(fields),
        perm_id=PermId(fields["perm_id"]),
        status=fields["status"],
        filled=Decimal(fields["filled"]),
        detail=fields["detail"],
    )


def _read_error(fields: Fields) -> Report:
    return ErrorReport(ref=_read_ref(fields), code=fields["code"], text=fields["text"])


def _read_evidence(fields: Fields) -> Report:
    since = fields["session_since"]
    return EvidenceReport(
        traces=frozenset(OrderRef(ref) for ref in fields["traces"]),
        read_at=load_moment(fields["read_at"]),
        session_since=None if since is None else load_moment(since),
    )


_REPORT_READERS: Mapping[str, Callable[[Fields], Report]] = {
    "status": _read_status,
    "execution": _read_execution,
    "commission": _read_commission,
    "completed": _read_completed,
    "error": _read_error,
    "evidence": _read_evidence,
}


def _read_ref(fields: Fields) -> OrderRef | None:
    return None if fields["ref"] is None else OrderRef(fields["ref"])


def _optional_text(number: Decimal | None) -> str | None:
    return None if number is None else str(number)


def _read_optional(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def _money_fields(money: Money) -> Fields:
    return {"amount": str(money.amount), "currency": money.currency}


def _read_money(fields: Fields) -> Money:
    return Money(Decimal(fields["amount"]), Currency(fields["currency"]))
