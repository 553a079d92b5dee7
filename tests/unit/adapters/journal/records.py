"""Records for journals: builders of plain ones, and strategies of every one that could be."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from reconciler.domain.account import Side
from reconciler.domain.desired import Environment, Revision
from reconciler.domain.halt import Halt
from reconciler.domain.ids import AccountName, ConId, ExecId, InstrumentName, OrderId, OrderRef, PermId, PlanId, RunId
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
from reconciler.ports import IntentRecord, RunRecord

NOW = datetime(2026, 3, 2, 15, 0, 0, 123456, tzinfo=UTC)
MAIN = AccountName("main")
SIDE = AccountName("side")
REF = OrderRef("folioctl:0123456789ab:007r:1")


def a_run(run: str = "run-1", plan: str = "plan-1", **changes: Any) -> RunRecord:
    record = RunRecord(
        id=RunId(run),
        plan=PlanId(plan),
        account=MAIN,
        environment=Environment.PAPER,
        revision=Revision(commit="4f0c9a7d", dirty=False, manifests="sha256:0"),
        plan_document='{"kind": "Plan", "note": "Zürich ≤ 1.4 ×"}',
        started=NOW,
        ended=None,
        outcome=None,
    )
    return replace(record, **changes)


def an_order_intent(**changes: Any) -> OrderIntent:
    intent = OrderIntent(
        line=7,
        instrument=InstrumentName("MSFT"),
        con_id=ConId(272093),
        side=Side.SELL,
        quantity=Decimal("23"),
        reduces_risk=True,
        reference_price=Decimal("401.50"),
        notional=Money(Decimal("9234.50"), Currency("USD")),
    )
    return replace(intent, **changes)


def an_intent(run: str = "run-1", line: int = 7, order_id: int = 1, **changes: Any) -> IntentRecord:
    record = IntentRecord(
        run=RunId(run),
        ref=OrderRef(f"folioctl:0123456789ab:{line:03d}r:1"),
        attempt=1,
        intent=an_order_intent(line=line),
        order_id=OrderId(order_id),
        intended=NOW,
        sent=None,
    )
    return replace(record, **changes)


def a_halt(account: AccountName | None = MAIN, **changes: Any) -> Halt:
    return replace(Halt(account, by="alice", reason="prices look wrong", since=NOW), **changes)


ONE_OF_EACH: tuple[Report, ...] = (
    StatusReport(REF, PermId(1), "Submitted", Decimal("0"), Decimal("23.00"), "locate"),
    StatusReport(None, PermId(1), "PreSubmitted", None, None),
    ExecutionReport(
        REF, PermId(1), ConId(272093), Side.SELL, Fill(ExecId("0001f4e8.01"), Decimal(20), Decimal("401.5"), NOW)
    ),
    CommissionReport(ExecId("0001f4e8.01"), Money(Decimal("1.0000"), Currency("USD"))),
    CompletedReport(REF, PermId(1), "Cancelled", Decimal("20"), "by the trader"),
    ErrorReport(REF, 2109, "outside of regular trading hours"),
    EvidenceReport(frozenset({REF, OrderRef("folioctl:x:001r:1")}), NOW, NOW),
)

# --------------------------------------------------------------------------------------------------------- strategies
# What is not named here is inferred from the types, so that a new field is covered on the day that it comes.

decimals = st.decimals(allow_nan=False)
"""Exact and of any length: none of them survives a detour through a float."""
moments = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
moneys = st.builds(Money, amount=decimals)
fills = st.builds(Fill, shares=decimals, price=decimals, time=moments)
maybe_decimals = st.none() | decimals

reports: st.SearchStrategy[Report] = st.one_of(
    st.builds(StatusReport, filled=maybe_decimals, remaining=maybe_decimals, why_held=st.text()),
    st.builds(ExecutionReport, fill=fills),
    st.builds(CommissionReport, commission=moneys),
    st.builds(CompletedReport, filled=decimals, detail=st.text()),
    st.builds(ErrorReport),
    st.builds(EvidenceReport, read_at=moments, session_since=st.none() | moments),
)
order_intents = st.builds(OrderIntent, quantity=decimals, reference_price=decimals, notional=moneys)
