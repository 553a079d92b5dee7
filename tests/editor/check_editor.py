"""Manifests in an editor: the language server that editors use, held against the models. `make check-editor` runs it.

Each file is led to its schema by the line that `fmt` writes, with a relative path; on the disk it is not. The words
that the server shows must be those of the models.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from reconciler.manifests.contract_lock import ContractLock
from reconciler.manifests.formatting import formatted, schemas_above
from reconciler.manifests.kinds import KINDS
from reconciler.manifests.schema import schemas
from reconciler.yamlsource import roundtrip
from tests.editor.lsp import Json, Server

REPOSITORY = Path(__file__).parents[2]
MANIFESTS = REPOSITORY / "desired-state"
SERVER = Path(__file__).parent / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"
SETTINGS = {
    "yaml": {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}},
    "[yaml]": {},
    "editor": {},
    "files": {},
    "http": {},
}
SCHEMAS = schemas()
MODELS: dict[str, type[BaseModel]] = {**KINDS, "ContractLock": ContractLock}
TEXTS = {kind: roundtrip.write(SCHEMAS[f"{kind}.json"]["examples"]) for kind in MODELS}


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    running = Server(["node", str(SERVER), "--stdio"], REPOSITORY, SETTINGS)
    yield running
    running.close()


def with_line(text: str, schema: str | None = None) -> str:
    """A manifest as `fmt` writes it below `desired-state/`; with another schema, if one is named."""
    result, found = formatted(text, "file.yaml", schemas_above(MANIFESTS / "file.yaml"))
    assert found == []
    assert result is not None
    line, _, rest = result.partition("\n")
    assert line.startswith("# yaml-language-server: $schema=../schemas/v1/")
    return f"{line.rpartition('/')[0]}/{schema}\n{rest}" if schema else result


def head(kind: str, schema: str | None = None) -> str:
    """The first keys of a manifest, down to its empty spec."""
    text = with_line(TEXTS[kind], schema)
    return text[: text.index("\nspec:\n")] + "\nspec:\n"


def unescaped(markdown: str) -> str:
    return re.sub(r"\\([^\w\s])", r"\1", markdown)


def messages(found: list[Json]) -> list[str]:
    return [each["message"] for each in found]


def fields_of(model: type[BaseModel]) -> dict[str, Any]:
    return {str(field.alias): field for field in model.model_fields.values()}


def spec_of(kind: str) -> type[BaseModel]:
    spec = KINDS[kind].model_fields["spec"].annotation
    assert isinstance(spec, type)
    assert issubclass(spec, BaseModel)
    return spec


@pytest.mark.parametrize("kind", MODELS)
def test_a_manifest_in_order_has_no_diagnostics(server: Server, kind: str) -> None:
    assert server.open(MANIFESTS, with_line(TEXTS[kind])).diagnostics == []


@pytest.mark.parametrize("path", sorted(MANIFESTS.glob("*.yaml")), ids=lambda path: path.name)
def test_the_example_is_in_order_as_it_stands(server: Server, path: Path) -> None:
    assert server.open(MANIFESTS, path.read_text(encoding="utf-8")).diagnostics == []


@pytest.mark.parametrize("schema", [None, "manifest.json"])
@pytest.mark.parametrize("kind", KINDS)
class TestEachKind:
    def test_the_keys_of_its_spec_are_offered_with_their_descriptions(
        self, server: Server, kind: str, schema: str | None
    ) -> None:
        text = head(kind, schema) + "  \n"
        offered = server.open(MANIFESTS, text).completions("spec:\n  ")
        fields = fields_of(spec_of(kind))
        assert fields.keys() <= offered.keys()
        for key, field in fields.items():
            said = offered[key]["documentation"]
            assert unescaped(said if isinstance(said, str) else said["value"]) == field.description

    def test_hovering_shows_the_descriptions_of_the_models(self, server: Server, kind: str, schema: str | None) -> None:
        fields = fields_of(spec_of(kind))
        buffer = server.open(MANIFESTS, head(kind, schema) + "".join(f"  {key}: x\n" for key in fields))
        for key, field in fields.items():
            assert field.description in unescaped(buffer.hover(f"\n  {key}")), key
        for key, field in fields_of(KINDS[kind]).items():
            assert field.description in unescaped(buffer.hover(f"\n{key}")), key

    def test_a_broken_one_is_told_at_its_place_and_in_words_of_its_kind(
        self, server: Server, kind: str, schema: str | None
    ) -> None:
        text = head(kind, schema) + "  noSuchKey: 1\n"
        found = server.open(MANIFESTS, text).diagnostics
        line = text.splitlines().index("  noSuchKey: 1")
        told = [each["message"] for each in found if each["range"]["start"] == {"line": line, "character": 2}]
        assert told == ["Property noSuchKey is not allowed."]
        others = [message for message in messages(found) if message not in told]
        assert all(message.startswith("Missing property ") for message in others), others

    def test_its_kind_is_completed(self, server: Server, kind: str, schema: str | None) -> None:
        line = with_line(TEXTS[kind], schema).partition("\n")[0]
        offered = server.open(MANIFESTS, f"{line}\napiVersion: folioctl/v1\nkind: \n").completions("kind: ")
        assert set(offered) == (set(KINDS) if schema else {kind})


ENUMS = [
    ("Account", "environment", ["paper", "live"]),
    ("Account", "unmanagedPositions", ["ignore", "report", "block", "close"]),
    ("ExecutionPolicy", "onBlocked", ["stop", "continue"]),
    ("RiskLimits", "emergencyAction", ["deleverage", "flatten", "alert"]),
    ("Portfolio", "longOnly", ["true", "false"]),
]


@pytest.mark.parametrize(("kind", "key", "words"), ENUMS)
@pytest.mark.parametrize("schema", [None, "manifest.json"])
def test_the_words_of_an_enumeration_are_offered(
    server: Server, kind: str, key: str, words: list[str], schema: str | None
) -> None:
    offered = server.open(MANIFESTS, head(kind, schema) + f"  {key}: \n").completions(f"{key}: ")
    assert set(offered) == set(words)


BROKEN = [
    ("Portfolio", "  targets:\n    - {symbol: MSFT, weihgt: 1}\n", "weihgt", "Property weihgt is not allowed."),
    ("Portfolio", "  targets:\n    - {symbol: MSFT, weight: 1, secType: BOND}\n", "BOND", 'Valid values: "STK", "FUT"'),
    ("Portfolio", "  cash: 110%\n", "110%", "does not match"),
    ("Portfolio", "  cash: 1.1\n", "1.1", "above the maximum of 1"),
    ("Portfolio", "  longOnly: maybe\n", "maybe", 'Expected "boolean"'),
    ("Gateway", "  port: 0\n", "0\n", "below the minimum of 1"),
    ("RiskLimits", "  maxQuoteAge: 60\n", "60", 'Expected "string"'),
    ("ExecutionPolicy", "  orderStyle: fast\n", "fast", "Valid values"),
]


@pytest.mark.parametrize(("kind", "spec", "at", "said"), BROKEN)
@pytest.mark.parametrize("schema", [None, "manifest.json"])
def test_what_is_wrong_is_said_once_and_where_it_stands(
    server: Server, kind: str, spec: str, at: str, said: str, schema: str | None
) -> None:
    text = head(kind, schema) + spec
    place = text.index(at, text.index("\nspec:"))
    begin = {"line": text.count("\n", 0, place), "character": place - text.rfind("\n", 0, place) - 1}
    found = [each for each in server.open(MANIFESTS, text).diagnostics if "Missing" not in each["message"]]
    assert [each["range"]["start"] for each in found] == [begin]
    assert said in found[0]["message"]


def test_a_target_is_completed_and_explained(server: Server) -> None:
    text = head("Portfolio") + "  targets:\n    - symbol: MSFT\n      \n"
    buffer = server.open(MANIFESTS, text)
    offered = buffer.completions("MSFT\n      ")
    assert {"weight", "primaryExchange", "sleeve"} <= offered.keys()
    shown = unescaped(buffer.hover("symbol"))
    assert "The broker's symbol. Put it in quotes where YAML would read a number." in shown
    assert "BRK B" in shown


def test_a_lock_file_is_checked_and_explained(server: Server) -> None:
    text = with_line(TEXTS["ContractLock"].replace("272093", "none"))
    buffer = server.open(MANIFESTS, text)
    assert 'Incorrect type. Expected "integer".' in messages(buffer.diagnostics)
    assert "One entry for each contract." in buffer.hover("contracts")
