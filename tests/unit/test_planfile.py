"""The saved plan: its shape, and what is said about a file that is not what it should be."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from reconciler import planfile
from reconciler.diagnostics import Location, warning
from reconciler.domain.errors import PlanUnreadable
from reconciler.domain.ids import InstrumentName
from reconciler.domain.limits import EmergencyAction, Limit, Override
from reconciler.domain.options import GivenTarget, RunOptions
from reconciler.domain.origin import Factor, FactorKind, Origin
from reconciler.domain.plan import EmergencyPlan
from reconciler.domain.policy import OrderStyle
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Holds
from reconciler.planfile.making import content_digest
from reconciler.planning.fingerprint import fingerprint_of
from tests.builders import (
    NOW,
    a_balance,
    a_cost,
    a_holding,
    a_line,
    a_plan,
    a_rate,
    a_standing,
    a_violation,
    a_working_order,
    money,
)

TOOL = "folioctl 0.1.0"


def written(**changes: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(planfile.write(a_plan(**changes), tool=TOOL))
    return document


def test_it_has_the_published_shape() -> None:
    document = written()

    assert document["format_version"] == "1.0"
    assert document["kind"] == "Plan"
    assert document["tool"] == TOOL
    assert document["created"] == "2026-03-02T15:00:00Z"
    assert document["expires"] == "2026-03-02T15:15:00Z"
    assert document["summary"]["leverage"] == {"before": "1.12", "after": "1.4", "target": "1.4"}
    assert document["summary"]["turnover"] == "0.092"
    account = document["accounts"][0]
    assert account["net_liquidation"] == {"amount": "100000.00", "currency": "USD"}
    assert account["batches"][0]["lines"] == ["MSFT"]
    line = account["lines"][0]
    assert line["quantity"] == {
        "current": "20",
        "moved": "0",
        "working": "0",
        "exact": "43",
        "target": "43",
        "order": "23",
        "lot": "1",
    }
    assert (line["action"], line["reason"], line["blocked"]) == ("Increase", "AboveBand", None)


def test_it_is_canonical() -> None:
    text = planfile.write(a_plan(), tool=TOOL)

    assert text.endswith("}\n")
    assert text == json.dumps(json.loads(text), sort_keys=True, indent=2, ensure_ascii=False) + "\n"
    assert text == planfile.write(a_plan(), tool=TOOL)


def test_it_validates_against_its_schema() -> None:
    schema = planfile.PlanDocument.model_json_schema(mode="serialization")
    jsonschema.Draft202012Validator.check_schema(schema)

    jsonschema.validate(written(lines=[a_line(), a_line("NVDA", 0, 9, price=Unknown("no quote"))][:1]), schema)


def test_diagnostics_travel_in_the_envelope() -> None:
    text = planfile.write(a_plan(), tool=TOOL, diagnostics=[warning("W1", "odd", Location("a.yaml", 3, 4))])

    assert json.loads(text)["diagnostics"] == [
        {
            "severity": "warning",
            "code": "W1",
            "summary": "odd",
            "detail": "",
            "suggestion": "",
            "location": {"file": "a.yaml", "line": 3, "column": 4, "end_line": 0, "end_column": 0},
            "why": "",
            "ignored": "",
        }
    ]


PLACE = Location("growth.yaml", 7, 13)
ORIGIN = Origin(((Factor(FactorKind.SLEEVE, Decimal("0.6"), PLACE), Factor(FactorKind.WEIGHT, Decimal(1), PLACE)),), 3)


def test_a_full_plan_comes_back_as_it_was() -> None:
    plan = a_plan(
        [
            a_line(declared_at=PLACE, origin=ORIGIN),
            a_line("NVDA", 12, 0, price=180),
            a_line("TSLA", 3, Unknown("no price"), price=Unknown("no quote")),
        ],
        undeclared=(a_holding(), a_holding("OLD", 3, Unknown("no mark"))),
        foreign_orders=(a_working_order(ref="folioctl:x:001:1"),),
        violations=(
            a_violation(),
            a_violation(Limit.MAX_TURNOVER, location=None, existed_before=True, batch=1, holds=Holds.NOTHING),
        ),
        after=a_standing(Unknown("the what-if was not answered")),
        net_liquidation=Unknown("account values never came"),
        blocked=("net liquidation is unknown",),
        notes=("BASE rows were passed over",),
        sizing=None,
        currencies=(a_balance(), a_balance(-500, 0, "CAD", rate=a_rate("CAD", "USD", "0.75"), market=Decimal("0.751"))),
        cost=a_cost(financing=Unknown("no financingRate")),
        cancellations=(a_working_order("NVDA"),),
        leverage_declared_at=PLACE,
        buffer_declared_at=(PLACE,),
        emergency=EmergencyPlan(("leverage is 3.10",), EmergencyAction.FLATTEN, "the board"),
        options=RunOptions(
            leverage=Decimal("1.2"),
            margin_cushion=Decimal("0.3"),
            max_parallel=3,
            max_runtime=timedelta(seconds=900),
            order_style=OrderStyle.SMART,
            is_forced=True,
            targets=(InstrumentName("MSFT"),),
            excluded=(InstrumentName("TSLA"),),
            portfolio=(GivenTarget("MSFT", Decimal("0.13"), "Technology"),),
            overrides=(Override(Limit.MAX_TURNOVER, "first build", "alice", NOW),),
            flatten="prices look wrong (alice)",
        ),
    )

    assert planfile.read(planfile.write(plan, tool=TOOL)) == plan


def test_a_plan_of_before_there_were_places_is_still_read() -> None:
    document = json.loads(planfile.write(a_plan(), tool=TOOL))
    (account,) = document["accounts"]
    del account["leverage_location"], account["buffer_locations"]
    for line in account["lines"]:
        del line["location"], line["origin"]
    document["digest"] = content_digest(document)

    assert planfile.read(json.dumps(document)) == a_plan()


def test_a_plan_of_before_there_was_a_flatten_is_still_read() -> None:
    plan = a_plan(options=RunOptions(is_forced=True))
    document = json.loads(planfile.write(plan, tool=TOOL))
    del document["accounts"][0]["options"]["flatten"]
    document["digest"] = content_digest(document)

    assert planfile.read(json.dumps(document)) == plan


def test_that_it_flattens_is_in_the_fingerprint() -> None:
    plain, flattening = (a_plan(options=RunOptions(flatten=why)) for why in (None, "prices look wrong"))

    assert fingerprint_of(plain) != fingerprint_of(flattening)


def test_the_layout_of_the_text_does_not_matter() -> None:
    plan = a_plan()

    assert planfile.read(json.dumps(json.loads(planfile.write(plan, tool=TOOL)))) == plan


def test_a_minor_version_may_add_keys() -> None:
    document = written() | {"format_version": "1.7", "weather": "fine"}
    document["digest"] = content_digest(document)

    assert planfile.read(json.dumps(document)) == a_plan()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 5000, "not JSON"),
        ("[]", "no folioctl document"),
        ('{"kind": "Plan"}', "no folioctl document"),
        ('{"format_version": "2.0", "kind": "Plan", "tool": "folioctl 3.1.0"}', "written by folioctl 3.1.0"),
        ('{"format_version": "10.0", "kind": "Plan"}', "reads format 1.x"),
        ('{"format_version": "1.0", "kind": "Drift"}', "a Drift document, not a plan"),
        ('{"format_version": "1.0", "kind": "Plan"}', "incomplete or malformed: tool: Field required"),
        (f'{{"format_version": "1.0", "kind": "Plan", "weather": {"9" * 5000}}}', "not JSON"),
        ('{"format_version": "1.0", "kind": "Plan", "weather": "\\ud800"}', "not JSON"),
    ],
)
def test_what_is_no_plan_is_refused_with_the_reason_and_the_way_out(text: str, expected: str) -> None:
    with pytest.raises(PlanUnreadable, match=expected) as refusal:
        planfile.read(text)

    assert "folioctl plan -o FILE" in str(refusal.value)


def _larger_order(document: dict[str, Any]) -> None:
    document["accounts"][0]["batches"][0]["orders"][0]["quantity"] = "2300"


def _live(document: dict[str, Any]) -> None:
    document["accounts"][0]["environment"] = "live"


def _longer_life(document: dict[str, Any]) -> None:
    document["expires"] = "2036-03-02T15:15:00Z"


def _no_violation(document: dict[str, Any]) -> None:
    document["accounts"][0]["violations"] = []


CHANGES = [_larger_order, _live, _longer_life, _no_violation]


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_file_is_refused(change: Callable[[dict[str, Any]], None]) -> None:
    document = written(violations=(a_violation(),))
    change(document)

    with pytest.raises(PlanUnreadable, match="changed after it was written"):
        planfile.read(json.dumps(document))


@pytest.mark.parametrize("change", CHANGES[:3])
def test_a_new_digest_does_not_hide_a_change_of_intent_or_life(change: Callable[[dict[str, Any]], None]) -> None:
    document = written(violations=(a_violation(),))
    change(document)
    document["digest"] = content_digest(document)

    with pytest.raises(PlanUnreadable, match=r"(fingerprint|id) does not fit"):
        planfile.read(json.dumps(document))


@pytest.mark.parametrize("count", [0, 2])
def test_a_plan_is_for_one_account(count: int) -> None:
    document = written()
    document["accounts"] *= count
    document["digest"] = content_digest(document)

    with pytest.raises(PlanUnreadable, match=f"for {count} accounts"):
        planfile.read(json.dumps(document))


@pytest.mark.parametrize("value", [43, 43.0, "4e3", "NaN", "", " 43", "43\n", None, True, {"unknown": 1}])
def test_a_quantity_that_is_no_decimal_string_is_named(value: object) -> None:
    document = written()
    document["accounts"][0]["lines"][0]["quantity"]["target"] = value

    with pytest.raises(PlanUnreadable, match=r"accounts\.0\.lines\.0\.quantity\.target"):
        planfile.read(json.dumps(document))


def test_no_account_number_is_in_the_text() -> None:
    assert "DU1000001" not in planfile.write(a_plan(), tool=TOOL)


def test_turnover_in_two_currencies_is_unknown_and_never_a_sum() -> None:
    line = a_line(notional=money(9200, "CAD"))

    assert written(lines=[line])["summary"]["turnover"] == {"unknown": "CAD cannot be compared with USD without a rate"}


def test_summary_counts_what_is_blocked_and_unknown() -> None:
    lines = [a_line(), a_line("NVDA", 3, Unknown("no price"), price=Unknown("no quote"), blocked="no quote")]

    summary = written(lines=lines)["summary"]

    assert (summary["in_sync"], summary["changes"], summary["blocked"], summary["unknown"]) == (False, 1, 1, 1)


def test_a_plan_that_changes_nothing_is_in_sync() -> None:
    assert written(lines=[a_line(current=43)])["summary"]["in_sync"] is True


def test_an_extreme_ratio_is_rounded_not_refused() -> None:
    summary = written(net_liquidation=money(Decimal("1E-20")))["summary"]

    assert summary["turnover"] == "920000000000000000000000"
