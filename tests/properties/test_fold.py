"""Order truth under random broker reports: shuffled, doubled, and told in pieces. Numbered as in the design."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconciler.domain.account import Side
from reconciler.domain.ids import ConId, ExecId, InstrumentName, OrderRef, PermId
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
)
from reconciler.planning.fold import REJECTING_CODES, fills_are_complete, is_over, is_whole, state_of
from reconciler.planning.orderbook import OrderBook, enter, mark_sent, take
from tests.builders import NOW, money

REF = OrderRef("folioctl:0123456789ab:001a:1")
PERM = PermId(77)
QUANTITY = Decimal(10)


def book() -> OrderBook:
    record = OrderRecord(REF, 1, InstrumentName("MSFT"), Side.BUY, QUANTITY, NOW)
    return mark_sent(enter(OrderBook(), record), REF)


def execution(number: int, shares: int, revision: int = 1) -> ExecutionReport:
    fill = Fill(ExecId(f"0000e0d5.{number:08d}.01.{revision:02d}"), Decimal(shares), Decimal(100), NOW)
    return ExecutionReport(REF, PERM, ConId(1), Side.BUY, fill)


executions: st.SearchStrategy[ExecutionReport] = st.builds(
    execution, st.integers(1, 4), st.integers(1, 3), st.integers(1, 3)
)
reports: st.SearchStrategy[Report] = st.one_of(
    executions,
    st.builds(
        StatusReport,
        st.sampled_from([REF, None]),
        st.just(PERM),
        st.sampled_from(["PreSubmitted", "Submitted", "Filled", "Cancelled", "Inactive", "PendingCancel"]),
        st.integers(0, 10).map(Decimal),
        st.none(),
    ),
    st.builds(CommissionReport, executions.map(lambda each: each.fill.exec_id), st.integers(1, 3).map(money)),
    st.builds(ErrorReport, st.just(REF), st.sampled_from([201, 202, 399, 404, 10349, 2109, 481]), st.just("text")),
    st.builds(
        CompletedReport,
        st.just(REF),
        st.just(PERM),
        st.sampled_from(["Filled", "Cancelled", "Inactive"]),
        st.integers(0, 10).map(Decimal),
    ),
    st.builds(
        EvidenceReport,
        st.sampled_from([frozenset(), frozenset({REF})]),
        st.just(NOW + timedelta(minutes=1)),
        st.sampled_from([NOW - timedelta(minutes=1), NOW + timedelta(seconds=1)]),
    ),
)


def facts(after: OrderBook) -> tuple[object, ...]:
    record = after[REF]
    fills = tuple(sorted((key, fill.shares) for key, fill in record.fills.items()))
    return state_of(record), is_over(record), record.filled, fills, record.perm_id


def one_money_per_execution(drawn: Sequence[Report]) -> list[Report]:
    """The broker names one commission for one execution id."""
    return [CommissionReport(each.exec_id, money(1)) if isinstance(each, CommissionReport) else each for each in drawn]


def one_size_per_execution(drawn: Sequence[Report]) -> list[Report]:
    """The same execution id is the same execution, however often it is told."""
    known: dict[str, ExecutionReport] = {}
    return [known.setdefault(each.fill.exec_id, each) if isinstance(each, ExecutionReport) else each for each in drawn]


histories = st.lists(reports, max_size=12).map(one_size_per_execution).map(one_money_per_execution)


INTERLEAVINGS = (histories, st.integers(), st.lists(st.integers(0, 11), max_size=6))


@settings(max_examples=500)
@given(*INTERLEAVINGS)
def test_promise_4_shuffled_and_doubled_reports_end_in_the_same_state(
    history: list[Report], seed: int, doubled: list[int]
) -> None:
    ends_the_same(history, seed, doubled)


@pytest.mark.full
@pytest.mark.timeout(3600)
@settings(max_examples=10_000)
@given(*INTERLEAVINGS)
def test_promise_4_holds_over_many_interleavings(history: list[Report], seed: int, doubled: list[int]) -> None:
    ends_the_same(history, seed, doubled)


def ends_the_same(history: list[Report], seed: int, doubled: list[int]) -> None:
    again = history + [history[each] for each in doubled if each < len(history)]
    random.Random(seed).shuffle(again)  # noqa: S311 - no secret

    whole, piecewise = take(book(), history), book()
    for report in again:
        piecewise = take(piecewise, [report])

    assert facts(piecewise) == facts(whole)
    assert piecewise[REF].commissions == whole[REF].commissions


@given(st.lists(st.builds(ErrorReport, st.just(REF), st.integers(0, 11_000), st.just("text")), max_size=8))
def test_promise_4_no_error_code_alone_ends_an_order(errors: list[Report]) -> None:
    assert not is_over(take(book(), errors)[REF])


@given(st.sampled_from(sorted(REJECTING_CODES)))
def test_promise_4_a_rejecting_code_with_complete_reads_that_show_no_trace_does(code: int) -> None:
    nothing = EvidenceReport(frozenset(), NOW + timedelta(seconds=5), NOW - timedelta(hours=1))

    assert state_of(take(book(), [ErrorReport(REF, code, "no"), nothing])[REF]) is OrderState.REJECTED


@given(st.lists(executions, max_size=10).map(one_size_per_execution))
def test_promise_5_fills_count_once_and_a_correction_replaces(told: list[Report]) -> None:
    latest: dict[str, tuple[str, Decimal]] = {}
    for report in told:
        assert isinstance(report, ExecutionReport)
        key, _, revision = report.fill.exec_id.rpartition(".")
        if key not in latest or revision > latest[key][0]:
            latest[key] = (revision, report.fill.shares)

    assert take(book(), told)[REF].filled == sum((shares for _, shares in latest.values()), Decimal(0))


@given(st.timedeltas(timedelta(0), timedelta(days=3)))
def test_promise_3_absence_is_proved_only_by_a_later_session_of_the_same_day(later: timedelta) -> None:
    read_at = NOW + later
    same_session = EvidenceReport(frozenset(), read_at, NOW - timedelta(minutes=1))
    new_session = EvidenceReport(frozenset(), read_at, NOW + timedelta(microseconds=1))

    assert not is_over(take(book(), [same_session])[REF])
    another_client = EvidenceReport(frozenset(), read_at, None)
    assert not is_over(take(book(), [another_client])[REF])
    midnight_utc = NOW.replace(hour=0) + timedelta(days=1)  # NOW is 15:00 UTC, 10:00 in New York
    assert is_over(take(book(), [new_session])[REF]) is (read_at < midnight_utc)


def test_promise_3_midnight_in_new_york_ends_the_evidence_too() -> None:
    intended = NOW.replace(hour=1)
    record = OrderRecord(REF, 1, InstrumentName("MSFT"), Side.BUY, QUANTITY, intended)
    later = EvidenceReport(frozenset(), intended.replace(hour=6), intended.replace(hour=5))

    assert not is_over(take(enter(OrderBook(), replace(record, sent=True)), [later])[REF])


def test_an_order_that_the_broker_made_smaller_is_over_and_not_whole() -> None:
    half = StatusReport(REF, PERM, "Filled", Decimal(6), Decimal(0))
    commission = CommissionReport(execution(1, 6).fill.exec_id, money(1))

    record = take(book(), [ErrorReport(REF, 481, "Order size was reduced"), execution(1, 6), half, commission])[REF]

    assert (state_of(record), fills_are_complete(record), is_whole(record)) == (OrderState.FILLED, True, False)
