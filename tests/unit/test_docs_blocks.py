"""What the documents show as YAML, JSON or settings is what folioctl takes. Commands run in `tests/acceptance`."""

import importlib.resources
import io
import json
import re
import subprocess
from decimal import Decimal
from pathlib import Path
from typing import Any

import dotenv
import jsonschema
import pytest
from pydantic import BaseModel

from reconciler import yamlsource
from reconciler.manifests.contract_lock import ContractLock
from reconciler.manifests.kinds import KINDS
from reconciler.manifests.schema import schemas
from reconciler.settings import Settings
from reconciler.simgateway import staging
from reconciler.simgateway.scenario.schema import schema as scenario_schema
from tests import docblocks
from tests.docblocks import PAGES, REPOSITORY, Block, blocks

MODELS: dict[str, type[BaseModel]] = {**KINDS, "ContractLock": ContractLock}
SAY = "say what it is a part of in a comment above it: <!-- yaml: Portfolio.spec -->"
CLOSES = "date,MSFT\n2024-01-02,370.87\n2024-01-03,370.60\n"


def values(text: str) -> list[Any]:
    documents, found = yamlsource.load(text, "block")
    assert [str(each) for each in found] == []
    return [document.data for document in documents]


def as_json(value: Any) -> str:
    return json.dumps(value, default=lambda each: float(each) if isinstance(each, Decimal) else str(each))


def is_yaml(block: Block, files: Path) -> None:
    """A whole file, or what the comment above it says."""
    if block.place:
        each_line = block.place.endswith(", each line")
        places = [place.strip() for place in block.place.removesuffix(", each line").split(",")]
        for text in block.text.splitlines() if each_line else [block.text]:
            fragment(text, places, files)
        return
    documents = values(block.text)
    if not documents:
        leads_to_a_schema(block.text)
    for data in documents:
        assert isinstance(data, dict), SAY
        whole(data, files)


def whole(data: dict[str, Any], files: Path) -> None:
    """A whole file: a manifest by its kind, a workflow, or a scenario."""
    if "kind" in data:
        manifest(data)
    elif "jobs" in data:
        workflows = importlib.resources.files("check_jsonschema") / "builtin_schemas/vendor/github-workflows.json"
        jsonschema.validate(json.loads(as_json(data)), json.loads(workflows.read_text(encoding="utf-8")))
    else:
        assert "accounts" in data, SAY
        scenario(data, files)


def manifest(data: dict[str, Any]) -> None:
    kind = data["kind"]
    text = as_json(data)
    (document,), _ = yamlsource.load(text, kind)
    _, faults = yamlsource.parse(document, MODELS[kind], "MAN")
    assert [str(each) for each in faults] == []
    jsonschema.validate(json.loads(text), schemas()[f"{kind}.json"])


def scenario(data: dict[str, Any], files: Path) -> None:
    """A scenario, in a folder that holds the table of closes that it may name."""
    (files / "closes.csv").write_text(CLOSES)
    loaded, found = staging.load(as_json(data), str(files / "scenario.yaml"))
    assert [str(each) for each in found] == []
    assert loaded is not None
    jsonschema.validate(json.loads(as_json(data)), scenario_schema())


def leads_to_a_schema(text: str) -> None:
    """Only comments: then it is the line that tells an editor the schema."""
    line = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)\n", text)
    assert line is not None, SAY
    assert (REPOSITORY / "desired-state" / line[1]).resolve().is_file()


def fragment(text: str, places: list[str], files: Path) -> None:
    """Keys of one place, or each of them of one of several: put in there, the whole is in order."""
    (keys,) = values(text)
    assert isinstance(keys, dict)
    wholes = {place: _whole(place) for place in places}
    for key, value in keys.items():
        fits = [place for place in places if len(places) == 1 or key in _known(place)]
        assert len(fits) == 1, f"{key} is a key of {fits or 'none'} of {places}"
        _put(wholes[fits[0]], fits[0], key, value)
    for made in wholes.values():
        whole(made, files)


def _whole(place: str) -> dict[str, Any]:
    """Something in order, in which a fragment can take its place."""
    kind = place.partition(".")[0]
    if kind == "Scenario":
        found = next(each for each in docblocks.of_language("yaml") if "accounts:\n" in each.text)
        (data,) = values(found.text)
    else:
        data = schemas()[f"{kind}.json"]["examples"][0]
    made: dict[str, Any] = json.loads(as_json(data))
    return made


def _known(place: str) -> set[str]:
    kind = place.partition(".")[0]
    spec = MODELS[kind].model_fields["spec"].annotation
    fields: dict[str, Any] = getattr(spec, "model_fields", {})
    return {str(field.alias) for field in fields.values()}


def _put(whole: dict[str, Any], place: str, key: str, value: Any) -> None:
    target = whole
    for part in place.split(".")[1:]:
        target = target[part]
    if isinstance(value, dict) and isinstance(target.get(key), dict):
        target[key] |= value
    else:
        target[key] = value


def is_json(block: Block, _files: Path) -> None:
    json.loads(block.text)


def is_settings(block: Block, _files: Path) -> None:
    known = {str(field.validation_alias) for field in Settings.model_fields.values()}
    found = dotenv.dotenv_values(stream=io.StringIO(block.text))
    assert found
    assert None not in found.values()
    assert {name for name in found if name.startswith("FOLIOCTL_")} <= known


def is_shell(block: Block, _files: Path) -> None:
    """Its syntax; the commands of folioctl run in `tests/acceptance/test_docs_commands.py`."""
    ended = subprocess.run(["bash", "-n"], input=block.text, text=True, capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def is_makefile(block: Block, files: Path) -> None:
    (files / "Makefile").write_text(block.text)
    target = block.text.partition(":")[0]
    ended = subprocess.run(["make", "-n", target], cwd=files, text=True, capture_output=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


def is_python(block: Block, _files: Path) -> None:
    """Its syntax; the programs run in `test_docs.py`."""
    compile(block.text, str(block), "exec")


def is_words(block: Block, _files: Path) -> None:
    assert block.text.strip()


LANGUAGES = {
    "": is_words,
    "env": is_settings,
    "json": is_json,
    "make": is_makefile,
    "python": is_python,
    "sh": is_shell,
    "text": is_words,
    "yaml": is_yaml,
}
BLOCKS = [block for page in PAGES for block in blocks(page)]


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_block_is_what_it_says_it_is(block: Block, tmp_path: Path) -> None:
    assert block.language in LANGUAGES, f"one of {', '.join(LANGUAGES)}, so that it can be checked"
    assert not block.place or block.language == "yaml", SAY
    LANGUAGES[block.language](block, tmp_path)


def test_every_block_is_found() -> None:
    fences = sum(len(re.findall(r"^ *```", page.read_text(encoding="utf-8"), re.MULTILINE)) for page in PAGES)
    assert fences == 2 * len(BLOCKS)


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("", "leverage: 1.2\n"),
        ("", "# no line for editors\n"),
        ("", "apiVersion: folioctl/v1\nkind: Gateway\nmetadata: {name: a}\nspec: {prot: 1}\n"),
        ("Account.spec", "leverage: 12\n"),
        ("Account.spec, RiskLimits.spec", "cash: 5%\n"),
        ("Scenario", "script: [{after: {fills: 3}, pirce: {}}]\n"),
        ("Scenario.instruments.MSFT, each line", "last: 1\nlsat: 2\n"),
    ],
)
def test_what_is_wrong_in_a_block_is_seen(place: str, text: str, tmp_path: Path) -> None:
    with pytest.raises((AssertionError, jsonschema.ValidationError)):
        is_yaml(Block(REPOSITORY / "README.md", 1, "yaml", place, text), tmp_path)


def test_every_target_of_make_that_is_named_is_there() -> None:
    targets = set(re.findall(r"^([\w-]+):", (REPOSITORY / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    lines = [line for block in docblocks.of_language("sh") for line in block.text.splitlines()]
    named = {line.split()[1] for line in lines if line.startswith("make ")}
    assert named
    assert named <= targets
