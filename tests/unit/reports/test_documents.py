"""What the documents count, and that the published schemas are those of the models."""

import json
from pathlib import Path

import pytest

from reconciler.domain.ids import OrderRef
from reconciler.domain.orders import OrderState
from reconciler.domain.run import Outcome
from reconciler.domain.status import SyncStatus
from reconciler.domain.unknown import Unknown
from reconciler.manifests.schema import text
from reconciler.planning.assess import sync_status
from reconciler.reports import documents
from reconciler.reports.measures import Fate, fate
from tests.builders import ACCOUNT_ID, a_line, a_line_result, a_plan, a_run_result, a_violation, an_order, money

TOOL = "folioctl 0.1.0"
SCHEMAS = documents.document_schemas()
COMMITTED = Path(__file__).parents[3] / "schemas"


@pytest.mark.parametrize("path", SCHEMAS)
def test_the_committed_schema_is_the_generated_one(path: str) -> None:
    assert (COMMITTED / path).read_text(encoding="utf-8") == text(SCHEMAS[path])


def test_a_blocked_account_is_neither_synced_nor_drifted() -> None:
    assert sync_status(a_plan(blocked=("positions were not read",))) is SyncStatus.UNKNOWN


def test_a_blocked_line_that_is_off_target_is_drift() -> None:
    assert sync_status(a_plan([a_line(blocked="its price is delayed")])) is SyncStatus.OUT_OF_SYNC


def test_a_line_without_a_price_is_unknown_unless_another_drifted() -> None:
    unpriced = a_line("NVDA", 3, Unknown("no price"), price=Unknown("no price"), blocked="no price")

    assert sync_status(a_plan([unpriced])) is SyncStatus.UNKNOWN
    assert sync_status(a_plan([unpriced, a_line()])) is SyncStatus.OUT_OF_SYNC


def test_what_works_for_a_line_counts_towards_its_target() -> None:
    assert sync_status(a_plan([a_line(working=23)])) is SyncStatus.SYNCED


@pytest.mark.parametrize(
    ("state", "filled", "expected"),
    [
        (OrderState.FILLED, 23, Fate.FILLED),
        (OrderState.CANCELLED, 0, Fate.NOT_FILLED),
        (OrderState.REJECTED, 0, Fate.NOT_FILLED),
        (OrderState.EXPIRED, 5, Fate.PARTIALLY_FILLED),
        (OrderState.SUBMITTED, 0, Fate.WORKING),
        (OrderState.WORKING, 0, Fate.WORKING),
        (OrderState.PARTIALLY_FILLED, 5, Fate.WORKING),
        (OrderState.UNKNOWN, 5, Fate.UNKNOWN),
        (OrderState.INTENDED, 0, Fate.NEVER_SENT),
    ],
)
def test_each_order_has_one_fate(state: OrderState, filled: int, expected: Fate) -> None:
    plan = a_plan()

    assert fate(a_line_result(an_order(plan.lines[0]), state, plan=plan.id, filled=filled)) is expected


def test_an_order_without_a_reference_was_never_sent() -> None:
    plan = a_plan()

    assert fate(a_line_result(an_order(plan.lines[0]), plan=plan.id, order_ref=None)) is Fate.NEVER_SENT


def test_a_run_shows_every_line_and_each_order_of_a_line() -> None:
    plan = a_plan([a_line(), a_line("GLD", 5, 5)])
    first = a_line_result(plan.orders[0], plan=plan.id)
    second = a_line_result(plan.orders[0], OrderState.UNKNOWN, plan=plan.id, order_ref=OrderRef("folioctl:x:001a:1"))
    result = a_run_result(plan, Outcome.UNRESOLVED, lines=(first, second))

    document = documents.run_document(result, plan, tool=TOOL, exit_code=6)

    shown = [f"{line.instrument} {line.order_state} {line.filled}" for line in document.accounts[0].lines]
    assert shown == ["MSFT Filled 23", "MSFT Unknown 0", "GLD None 0"]
    assert (document.summary.orders, document.summary.sent) == (2, 2)
    assert (document.summary.filled, document.summary.unknown) == (1, 1)


def test_commissions_in_two_currencies_are_two_sums() -> None:
    plan = a_plan([a_line(), a_line("SHOP", 0, 5)])
    paid = [money("1.00"), money("0.50", "CAD")]
    lines = tuple(
        a_line_result(order, plan=plan.id, commission=each) for order, each in zip(plan.orders, paid, strict=True)
    )

    document = documents.run_document(a_run_result(plan, lines=lines), plan, tool=TOOL, exit_code=0)

    assert document.summary.commission == (money("0.50", "CAD"), money("1.00"))


def test_no_document_names_the_account_number_or_what_could_be_turned_back_into_it() -> None:
    plan = a_plan(violations=(a_violation(),))
    shared = [
        documents.drift_document(plan, tool=TOOL),
        documents.run_document(a_run_result(plan), plan, tool=TOOL, exit_code=0),
    ]

    texts = [documents.text_of(each) for each in shared]
    assert not any(ACCOUNT_ID in each or plan.account_digest in each for each in texts)


def test_the_same_values_give_the_same_bytes() -> None:
    plan = a_plan()
    first, second = (documents.text_of(documents.drift_document(plan, tool=TOOL)) for _ in range(2))

    assert first == second
    assert first == json.dumps(json.loads(first), sort_keys=True, indent=2, ensure_ascii=False) + "\n"
