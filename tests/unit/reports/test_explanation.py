"""The explanation of a line: what manifests say comes with its place."""

from dataclasses import replace
from typing import Any

from reconciler.diagnostics import Location
from reconciler.domain.limits import Limit
from reconciler.reports.explanation import explanation
from tests.builders import a_plan, a_sizing, a_violation, money


def steps_of(**changes: Any) -> dict[str, str]:
    plan = a_plan(**changes)
    return {each.what: each.how for each in explanation(plan, plan.lines[0])}


def test_the_parts_of_the_cash_buffer_have_their_places() -> None:
    places = (Location("house.yaml", 7, 3), Location("house.yaml", 8, 3), Location("house.yaml", 8, 9))
    held_back = a_sizing(buffer=money(100))

    steps = steps_of(sizing=held_back, buffer_declared_at=places)
    assert steps["less the cash buffer"] == "declared at house.yaml:7 and house.yaml:8"
    assert steps_of(sizing=held_back)["less the cash buffer"] == ""


def test_a_limit_that_blocks_says_where_it_stands() -> None:
    limit = a_violation(Limit.MAX_ORDER_NOTIONAL, instrument="MSFT", message="too much", remedy="buy less")

    assert steps_of(violations=(limit,))["maxOrderNotional"] == "too much; buy less; see desired-state/limits.yaml:6"
    nowhere = replace(limit, location=None)
    assert steps_of(violations=(nowhere,))["maxOrderNotional"] == "too much; buy less"
