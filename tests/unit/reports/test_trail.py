"""The trail as JSON lines and as CSV: the same facts, canonical, one line each."""

import csv
import io
import json
from dataclasses import replace
from decimal import Decimal

import jsonschema

from reconciler.domain.account import Side
from reconciler.domain.desired import Environment
from reconciler.domain.ids import ConId, ExecId, InstrumentName, OrderId, OrderRef, PermId, PlanId, RunId
from reconciler.domain.money import Currency
from reconciler.domain.orders import OrderState
from reconciler.domain.run import Outcome
from reconciler.domain.trail import TrailEntry, TrailExecution, TrailOrder
from reconciler.reports.documents import csv_lines, document_schemas, json_lines
from tests.builders import MAIN, NOW, a_revision, money

RUN = TrailEntry(
    run=RunId("0123456789ab"),
    plan=PlanId("0123456789ab"),
    account=MAIN,
    environment=Environment.PAPER,
    revision=a_revision(),
    started=NOW,
    ended=None,
    outcome=None,
)
ORDER = TrailOrder(
    batch=1,
    line=7,
    instrument=InstrumentName('BRK B, "class B"'),
    con_id=ConId(72063691),
    currency=Currency("USD"),
    side=Side.SELL,
    quantity=Decimal("23"),
    ref=OrderRef("folioctl:0123456789ab:007r:1"),
    attempt=1,
    order_id=OrderId(5),
    perm_id=PermId(1_500_000_001),
    intended=NOW,
    sent=NOW,
    state=OrderState.FILLED,
)
EXECUTION = TrailExecution(ExecId("0001f4e8.01"), NOW, Decimal("23"), Decimal("401.5000"), money("1.05"))
ENTRIES = (
    RUN,
    replace(RUN, order=ORDER, ended=NOW, outcome=Outcome.APPLIED),
    replace(RUN, order=ORDER, execution=EXECUTION),
    replace(RUN, order=ORDER, execution=replace(EXECUTION, commission=None)),
)


def test_each_line_is_a_document_of_the_schema() -> None:
    schema = document_schemas()["v1/documents/Trail.json"]
    lines = list(json_lines(ENTRIES))

    assert all(line.endswith("}\n") and line.count("\n") == 1 for line in lines)
    for line in lines:
        jsonschema.Draft202012Validator(schema).validate(json.loads(line))
    assert lines == list(json_lines(ENTRIES))


def test_what_there_is_not_is_null() -> None:
    run, order, execution, unpaid = (json.loads(line) for line in json_lines(ENTRIES))

    assert (run["run"], run["order_ref"], run["exec_id"]) == ("0123456789ab", None, None)
    assert (order["order_ref"], order["order_state"], order["exec_id"]) == (ORDER.ref, "Filled", None)
    assert (execution["shares"], execution["price"]) == ("23", "401.5000")
    assert execution["commission"] == {"amount": "1.05", "currency": "USD"}
    assert unpaid["commission"] is None


def test_csv_has_the_same_facts_in_columns() -> None:
    text = "".join(csv_lines(ENTRIES))
    rows = list(csv.DictReader(io.StringIO(text)))

    assert text.count("\n") == len(ENTRIES) + 1
    assert "\r" not in text
    for row, line in zip(rows, json_lines(ENTRIES), strict=True):
        told = json.loads(line)
        paid = told.pop("commission") or {"amount": "", "currency": ""}
        assert (row["commission"], row["commission_currency"]) == (paid["amount"], paid["currency"])
        assert row["dirty"] in ("true", "false")
        names = told.keys() - {"format_version", "kind", "dirty"}
        assert {name: row[name] for name in names} == {
            name: "" if told[name] is None else str(told[name]) for name in names
        }
        assert row.keys() == names | {"dirty", "commission", "commission_currency"}


def test_an_empty_trail_is_a_head_line_or_nothing() -> None:
    assert list(json_lines(())) == []
    assert len(list(csv_lines(()))) == 1
