"""The published schema of scenarios: it takes what the loader takes, and refuses the shapes that the loader refuses."""

import copy
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from reconciler import yamlsource
from reconciler.simgateway.scenario import Scenario
from tests.simgateway.options_lab import OPTIONS

REPOSITORY = Path(__file__).parents[2]
FILES = [
    *sorted((REPOSITORY / "reconciler" / "simgateway" / "scenarios").glob("*.yaml")),
    *sorted(each for each in (REPOSITORY / "tests").rglob("scenarios/*.yaml") if "accounts:" in each.read_text()),
]
EVERYTHING = f"""{OPTIONS}
  - {{manual: true, account: DU1000001, instrument: GLD, action: BUY, quantity: 1, order_type: LMT, price: 9.5}}
script:
  - {{at: "10:00", every: {{seconds: 60}}, price: {{MSFT: {{last: 510.5}}}}, fill: {{symbol: GLD, never: true}}}}
  - {{after: {{fills: 3}}, execute: {{symbol: GLD, share: 0.4}}, say: {{code: 2110, text: broken}}}}
  - {{before: {{ack: 3}}, close: {{}}, quirk: {{arm: "reject:201@1"}}}}
  - {{every: {{orders: 2}}, margin: {{symbol: GLD, initial: 0.5, maintenance: 0.4}}}}
market_data: delayed
hours: {{trading: 0930-1600, holidays: [2026-12-25]}}
"""


@cache
def validator() -> jsonschema.Draft202012Validator:
    schema = json.loads((REPOSITORY / "schemas" / "scenario" / "v1" / "Scenario.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def read(text: str) -> Any:
    (document,), found = yamlsource.load(text, "scenario.yaml")
    assert found == []
    return document.data


@cache
def everything() -> Any:
    return read(EVERYTHING)


def mistakes(data: Any) -> set[str]:
    """The kinds of mistakes that the models find in a document; `value_error` is what only they know."""
    try:
        Scenario.model_validate(data)
    except ValidationError as fault:
        return {each["type"] for each in fault.errors()}
    return set()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_scenario_of_this_repository_is_valid(file: Path) -> None:
    data = read(file.read_text())
    assert mistakes(data) == set()
    assert list(validator().iter_errors(data)) == []


def test_the_laboratory_is_valid() -> None:
    assert len(FILES) >= 3
    assert mistakes(everything()) == set()
    assert list(validator().iter_errors(everything())) == []


def test_it_reads_as_draft_07_too() -> None:
    schema = json.loads(json.dumps(validator().schema)) | {"$schema": "http://json-schema.org/draft-07/schema#"}
    jsonschema.Draft7Validator.check_schema(schema)
    assert list(jsonschema.Draft7Validator(schema).iter_errors(everything())) == []
    assert list(jsonschema.Draft7Validator(schema).iter_errors({"accounts": {"DU1": {"cahs": {}}}}))


def test_every_field_is_described() -> None:
    schema = json.loads(json.dumps(validator().schema))
    parts = {"Scenario": schema, **schema["$defs"]}
    fields = [
        (part, name, field) for part, found in parts.items() for name, field in found.get("properties", {}).items()
    ]
    assert len(fields) > 150
    assert [(part, name) for part, name, field in fields if not field.get("description")] == []


def places(data: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Every place in a document but its root."""
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield (*path, key)
        yield from places(value, (*path, key))


NEVER_VALID_NUMBERS = (-(10**30), "ten")
"""Numbers in quotes are left out: the loader takes them, and the schema cannot say how far they may go."""
VALUES = st.sampled_from([*NEVER_VALID_NUMBERS, -1, 0, 1, 7, {}, [], {"x": 1}, ["x"], "", "live", "MSFT"])

Mutation = Callable[[Any, str | int, Any], None]


def _replace(holder: Any, key: str | int, value: Any) -> None:
    holder[key] = value


def _remove(holder: Any, key: str | int, _value: Any) -> None:
    del holder[key]


def _rename(holder: Any, key: str | int, _value: Any) -> None:
    if isinstance(holder, dict):
        holder[f"{key}x"] = holder.pop(key)


@given(st.data(), st.sampled_from([_replace, _remove, _rename]), VALUES)
def test_schema_and_loader_agree_on_documents_that_were_changed(
    data: st.DataObject, mutate: Mutation, value: Any
) -> None:
    document = copy.deepcopy(everything())
    path = data.draw(st.sampled_from([*places(document)]))
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    if isinstance(holder[path[-1]], bool) and value in (0, 1):
        # The loader takes 0 and 1 for false and true; the schema wants the words.
        return
    mutate(holder, path[-1], value)
    found, valid = mistakes(document), validator().is_valid(document)
    if not found:
        assert valid, (path, value)
    elif found != {"value_error"}:
        assert not valid, (path, value, found)
