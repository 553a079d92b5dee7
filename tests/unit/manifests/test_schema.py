import json
from collections.abc import Iterator
from copy import deepcopy
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator
from pydantic import BaseModel

from reconciler import yamlsource
from reconciler.manifests import schema
from reconciler.manifests.contract_lock import ContractLock
from reconciler.manifests.kinds import KINDS
from tests.unit.manifests.repository import GOOD, PORTFOLIO, changed
from tests.unit.manifests.test_diagnostics import CASES

ROOT = Path(__file__).parents[3]
SCHEMAS = schema.schemas()
MANIFEST = SCHEMAS["manifest.json"]

# What no schema of one document can say: text that is no YAML, what holds among documents or among the values of one,
# and the few rules of a value that the models know and JSON Schema has no word for.
BEYOND = {
    "a duplicate key",
    "a duplicate name",
    "a dangling reference",
    "an account id",
    "an account id in a name",
    "no account",
    "an unused manifest",
    "an empty sleeve",
    "a weight missing",
    "a weight too much",
    "a sleeve's weight missing",
    "no targets",
    "an instrument twice",
    "a contract twice",
    "a name twice",
    "a sleeve's name twice",
    "emergency below the limit",
    "a short line",
    "a future without its month",
    "a month without a future",
    "a contract that moved nowhere",
    "a contract that moved twice",
    "a contract that moved and is a line",
    "two sectors that one was meant by",
    "an emergency cushion above the least",
    "a limit in two levels",
    "a limit that is always hard",
    "an override of a hard limit",
    "a day that there is not",
    "gross exposure above the limit",
    "a cash account that borrows",
    "a cash account that borrows a currency",
    "an emergency after the liquidation",
    "leverage above the limit",
    "a position above its limit",
    "the other environment's port",
    "an account twice",
    "a gateway for both",
    "two defaults",
    "a day and more",
}
# JSON has no such text, and no NaN.
NO_JSON = {
    "a key without its colon",
    "bad YAML",
    "a tab",
    "a tag",
    "a key that is a list",
    "a merge of text",
    "a NaN weight",
}


def jsonable(value: Any) -> Any:
    """A document's data as JSON readers hold it."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {key: jsonable(each) for key, each in value.items()}
    return [jsonable(each) for each in value] if isinstance(value, list) else value


def instances(files: dict[str, str]) -> Iterator[Any]:
    for name, text in files.items():
        documents, _ = yamlsource.load(text, name)
        yield from (jsonable(document.data) for document in documents)


def accepts(against: dict[str, Any], instance: Any) -> bool:
    """Whether a schema takes a document. Readers of either generation must agree."""
    verdicts = {bool(reader(against).is_valid(instance)) for reader in (Draft7Validator, Draft202012Validator)}
    (verdict,) = verdicts
    return verdict


@pytest.mark.parametrize("path", SCHEMAS)
def test_the_committed_schema_is_the_generated_one(path: str) -> None:
    assert (ROOT / "schemas" / "v1" / path).read_text(encoding="utf-8") == schema.text(SCHEMAS[path])


def test_there_is_one_schema_for_each_kind_one_for_any_and_one_for_the_lock_file() -> None:
    kinds = {f"{kind}.json" for kind in KINDS} | {"manifest.json", "ContractLock.json"}
    assert set(SCHEMAS) == kinds


# Words that bind in 2020-12 and mean nothing, or something else, in draft-07.
NOT_IN_DRAFT_07 = {
    *("$anchor", "$defs", "$dynamicAnchor", "$dynamicRef", "$recursiveAnchor", "$recursiveRef", "$vocabulary"),
    *("dependentRequired", "dependentSchemas", "maxContains", "minContains", "prefixItems"),
    *("unevaluatedItems", "unevaluatedProperties"),
}
# Draft-07 passes over what stands beside a `$ref`: it may say something, and bind nothing.
BESIDE_A_REFERENCE = {"$ref", "default", "description", "examples"}


def sections(node: Any) -> Iterator[dict[str, Any]]:
    """Every mapping of a schema."""
    if isinstance(node, dict):
        yield node
        for each in node.values():
            yield from sections(each)
    elif isinstance(node, list):
        for each in node:
            yield from sections(each)


@pytest.mark.parametrize("path", SCHEMAS)
def test_it_is_a_schema_of_draft_07_that_later_readers_understand_too(path: str) -> None:
    assert SCHEMAS[path]["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert SCHEMAS[path]["$id"] == f"https://folioctl.dev/schemas/v1/{path}"
    Draft7Validator.check_schema(SCHEMAS[path])
    Draft202012Validator.check_schema({key: each for key, each in SCHEMAS[path].items() if key != "$schema"})
    for section in sections(SCHEMAS[path]):
        assert not section.keys() & NOT_IN_DRAFT_07
        assert "$ref" not in section or section.keys() <= BESIDE_A_REFERENCE


@pytest.mark.parametrize("path", SCHEMAS)
def test_every_kind_and_every_scalar_has_an_example_and_each_is_valid(path: str) -> None:
    definitions = SCHEMAS[path]["definitions"]
    whole = [SCHEMAS[path]] if "examples" in SCHEMAS[path] else [definitions[kind] for kind in KINDS]
    for kind in whole:
        assert kind["examples"]
        for example in kind["examples"]:
            assert Draft7Validator({**SCHEMAS[path], **kind}).is_valid(example)
    for name, section in definitions.items():
        for key, field in section.get("properties", {}).items():
            is_open = not field.keys() & {"$ref", "enum", "const"} and field["type"] not in ("boolean", "array")
            assert not is_open or field.get("examples"), f"{name}.{key} has no example"
            for example in field.get("examples", ()):
                assert Draft7Validator(field).is_valid(example), f"{name}.{key}: {example}"


@pytest.mark.parametrize("kind", [*KINDS, "ContractLock"])
def test_the_models_take_their_examples(kind: str) -> None:
    model = KINDS.get(kind, ContractLock)
    for example in SCHEMAS[f"{kind}.json"]["examples"]:
        (document,), found = yamlsource.load(json.dumps(example), "example")
        assert found == []
        parsed, faults = yamlsource.parse(document, model, "MAN")
        assert (parsed is not None, faults) == (True, [])


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_wrong_with_a_manifest_is_said_of_its_kind_alone(kind: str) -> None:
    instance = deepcopy(SCHEMAS[f"{kind}.json"]["examples"][0])
    instance["spec"]["noSuchKey"] = 1
    (fault,) = Draft7Validator(MANIFEST).iter_errors(instance)
    assert list(fault.path) == ["spec"]
    assert "noSuchKey" in fault.message
    (fault,) = Draft7Validator(MANIFEST).iter_errors({**instance, "kind": "Odd"})
    assert list(fault.path) == ["kind"]
    (fault,) = Draft7Validator(MANIFEST).iter_errors({"apiVersion": "folioctl/v1"})
    assert "'kind' is a required property" in fault.message


@pytest.mark.parametrize("path", sorted((ROOT / "desired-state").glob("*.yaml")), ids=lambda path: path.name)
def test_every_example_fits_its_schema_and_names_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    (instance,) = instances({path.name: text})
    kind = instance["kind"]
    assert text.startswith(f"# yaml-language-server: $schema=../schemas/v1/{kind}.json\n")
    for against in (SCHEMAS[f"{kind}.json"], MANIFEST):
        assert list(Draft7Validator(against).iter_errors(instance)) == []
        assert accepts(against, instance)


def test_the_schema_of_one_kind_refuses_another() -> None:
    (gateway,) = instances({"gateway.yaml": GOOD["gateway.yaml"]})
    assert accepts(SCHEMAS["Gateway.json"], gateway)
    assert not accepts(SCHEMAS["RiskLimits.json"], gateway)


@pytest.mark.parametrize("case", sorted(set(CASES) - BEYOND - NO_JSON))
def test_what_the_models_refuse_the_schema_refuses(case: str) -> None:
    files, _ = CASES[case]
    assert not all(accepts(MANIFEST, instance) for instance in instances(files))


@pytest.mark.parametrize("case", sorted(BEYOND))
def test_what_only_the_rules_know_fits_the_schema(case: str) -> None:
    files, _ = CASES[case]
    assert all(accepts(MANIFEST, instance) for instance in instances(files))


@pytest.mark.parametrize(
    "weight",
    [
        "0",
        "1",
        "0.5",
        "100%",
        "99.99%",
        "13 %",
        "0%",
        "101%",
        "-1%",
        "1.5",
        "10",
        "10.1",
        "-10",
        "1000%",
        "-1000%",
        "1001%",
        "x%",
        "'%'",
        '"0.5"',
        "true",
        "[1]",
    ],
)
def test_models_and_schema_agree_on_weights(weight: str) -> None:
    text = PORTFOLIO.replace("0.35", weight)
    (document,), _ = yamlsource.load(text, "portfolio.yaml")
    parsed, _ = yamlsource.parse(document, KINDS["Portfolio"], "MAN")
    assert (parsed is not None) == accepts(MANIFEST, jsonable(document.data))


@pytest.mark.parametrize("age", ["30s", "15m", "24h", "0s", "1d", "30", "-1s", "1.5h", "s", "''", "1 h"])
def test_models_and_schema_agree_on_durations(age: str) -> None:
    (document,), _ = yamlsource.load(changed("risk-limits.yaml", "90s", age)["risk-limits.yaml"], "risk-limits.yaml")
    parsed, _ = yamlsource.parse(document, KINDS["RiskLimits"], "MAN")
    assert (parsed is not None) == accepts(MANIFEST, jsonable(document.data))


def test_defaults_are_what_a_person_would_write() -> None:
    properties = SCHEMAS["ExecutionPolicy.json"]["definitions"]["ExecutionPolicySpec"]["properties"]
    assert properties["planTtl"]["default"] == "30m"
    assert properties["priceCollar"]["default"] == 0.03
    assert properties["onBlocked"]["default"] == "stop"
    assert "null" not in json.dumps(SCHEMAS)


@pytest.mark.parametrize("kind", [*KINDS, "ContractLock", "manifest"])
def test_every_field_is_described(kind: str) -> None:
    definitions = SCHEMAS[f"{kind}.json"]["definitions"]
    described = [
        field.get("description") for section in definitions.values() for field in section.get("properties", {}).values()
    ]
    assert described
    assert all(text and text.endswith(".") for text in described)


def test_every_default_of_a_spec_is_valid_where_it_is_written() -> None:
    for kind, model in KINDS.items():
        spec = model.model_fields["spec"].annotation
        assert isinstance(spec, type)
        assert issubclass(spec, BaseModel)
        definitions = SCHEMAS[f"{kind}.json"]["definitions"]
        for key, field in definitions[spec.__name__]["properties"].items():
            if "default" in field:
                against = {"definitions": definitions, **field}
                assert accepts(against, field["default"]), key
