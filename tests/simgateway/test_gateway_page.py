"""The page about the gateway names all that a scenario can say, and its examples load."""

import re
from pathlib import Path

import pytest

from reconciler.simgateway.control import VERBS
from reconciler.simgateway.scenario import Scenario
from reconciler.simgateway.scenario.instruments import InstrumentSpec
from reconciler.simgateway.scenario.paths import KINDS
from reconciler.simgateway.scenario.script import BeforeSpec, CountSpec
from reconciler.simgateway.staging import load, stage
from reconciler.simgateway.verbs import refreshed
from tests.simgateway.lab import TEXT

PAGE = (Path(__file__).parents[2] / "docs" / "gateway.md").read_text("utf-8")
PLAIN = {"symbol", "currency", "stock_type", "trading_class", "local_symbol", "industry", "category", "subcategory"}
"""Fields of contracts that are called as the API calls them."""


@pytest.mark.parametrize("key", [*Scenario.model_fields, *sorted(set(InstrumentSpec.model_fields) - PLAIN)])
def test_every_key_of_a_scenario_is_named(key: str) -> None:
    table = PAGE[PAGE.index("| Key | What it is |") : PAGE.index("### The script")]
    assert re.search(rf"`([a-z*.]*\.)?{key}`", table), f"add {key} to the table of keys in docs/gateway.md"


@pytest.mark.parametrize("word", [*CountSpec.model_fields, *BeforeSpec.model_fields, *KINDS])
def test_every_trigger_and_path_is_named(word: str) -> None:
    assert re.search(rf"\b{word}\b", PAGE[PAGE.index("### The script") : PAGE.index("## The control channel")])


def test_the_verbs_are_those_of_the_control_channel() -> None:
    assert refreshed(PAGE, VERBS) == PAGE
    assert [f"| `{verb}` |" in PAGE for verb in VERBS] == [True] * len(VERBS)


def test_the_script_on_the_page_loads() -> None:
    block = PAGE[PAGE.index("### The script") :].partition("```yaml\n")[2].partition("```")[0]
    scenario, found = load(TEXT + block, "page.yaml")
    assert found == []
    assert scenario is not None
    assert len(scenario.script) == 6


def test_the_option_on_the_page_loads() -> None:
    block = PAGE[PAGE.index("### Options") :].partition("```yaml\n")[2].partition("```")[0]
    scenario, found = load(f"accounts: {{DU1: {{positions: {{MSFT.C520: {{quantity: -1}}}}}}}}\n{block}", "page.yaml")
    assert found == []
    assert scenario is not None
    (option,) = (each for each in stage(scenario).market.instruments if each.option)
    assert f"`{option.local_symbol}`" in PAGE


def test_the_paths_on_the_page_load(tmp_path: Path) -> None:
    block = PAGE[PAGE.index("### Prices that move") :].partition("```yaml\n")[2].partition("```")[0]
    (tmp_path / "closes.csv").write_text("date,MSFT\n2024-01-02,370\n2024-01-03,371\n")
    for line in block.splitlines():
        text = TEXT.replace("close: 498.00}", f"close: 498.00, {line}}}")
        assert load(text, str(tmp_path / "page.yaml"))[1] == []
