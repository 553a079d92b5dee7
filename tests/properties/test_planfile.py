"""For every plan: what was written is what is read, to the last digit, and no change goes unnoticed."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import planfile
from reconciler.domain.errors import PlanUnreadable
from reconciler.domain.plan import Plan
from tests.examples import examples
from tests.properties.plan_strategies import plans


@examples(40)
@given(plans)
def test_reading_what_was_written_gives_the_same_plan_and_the_same_bytes(plan: Plan) -> None:
    text = planfile.write(plan, tool="folioctl 0.1.0")

    again = planfile.read(text)

    assert again == plan
    assert planfile.write(again, tool="folioctl 0.1.0") == text


@examples(40)
@given(plans, st.data())
def test_no_changed_value_is_read(plan: Plan, data: st.DataObject) -> None:
    document = json.loads(planfile.write(plan, tool="folioctl 0.1.0"))
    holder, key = data.draw(st.sampled_from(list(_leaves(document))))
    holder[key] = f"{holder[key]}1" if isinstance(holder[key], str) else "changed"

    with pytest.raises(PlanUnreadable):
        planfile.read(json.dumps(document))


def _leaves(node: Any) -> list[tuple[Any, Any]]:
    items = node.items() if isinstance(node, dict) else enumerate(node)
    found: list[tuple[Any, Any]] = []
    for key, value in items:
        found += _leaves(value) if isinstance(value, dict | list) else [(node, key)]
    return found


@given(st.text(max_size=40) | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(json.dumps))
def test_any_text_is_refused_in_words(text: str) -> None:
    with pytest.raises(PlanUnreadable):
        planfile.read(text)
