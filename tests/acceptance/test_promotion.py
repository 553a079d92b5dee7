"""A portfolio of core and satellite, promoted from a paper to a live account by a template: planned, and explained."""

import re
import shutil
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.acceptance.here import one_line, run_here
from tests.acceptance.stage import SMALL, Stage, lines_of, stage

pytestmark = pytest.mark.broker

WEIGHTS = {"MSFT": "0.3", "GLD": "0.18", "ORCL": "0.12", "NVDA": "0.2", "AVGO": "0.1", "TSLA": "0.1"}


@pytest.fixture(scope="module")
def promoted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """The small account under these manifests. Shared by the cases here, which send nothing."""
    with stage(tmp_path_factory.mktemp("promoted"), SMALL) as made:
        shutil.rmtree(made.manifests)
        shutil.copytree(Path(__file__).with_name("promotion"), made.manifests)
        yield made
        assert made.gateway.orders == []


def test_the_paper_account_is_planned_towards_the_composed_weights(promoted: Stage) -> None:
    plan = run_here(promoted, "plan", "--account", "rehearsal", "--json").expect(0).document

    (account,) = plan["accounts"]
    lines = lines_of(plan)
    declared = {symbol: Decimal(line["weight"]["declared"]) for symbol, line in lines.items()}
    assert declared == {symbol: Decimal(weight) for symbol, weight in WEIGHTS.items()}
    assert (account["leverage_target"], account["leverage_location"]["line"]) == ("1.4", 10)
    assert account["leverage_location"]["file"] == "desired-state/house.yaml"
    assert [each["line"] for each in account["buffer_locations"]] == [12]
    ((sleeve, cap, weight),) = lines["NVDA"]["origin"]["ways"]
    assert [Decimal(each["value"]) for each in (sleeve, cap)] == [Decimal("0.4"), Decimal(50) / Decimal(60)]
    assert (weight["value"], weight["location"]["file"]) == ("0.6", "desired-state/satellite.yaml")
    place = lines["GLD"]["location"]
    assert (place["file"], place["line"], place["column"]) == ("desired-state/core.csv", 3, 1)


def test_a_line_is_explained_with_every_place_that_made_it(promoted: Stage) -> None:
    told = one_line(run_here(promoted, "plan", "--account", "rehearsal", "--explain", "GLD").expect(0))

    assert "declared at desired-state/house.yaml:10" in told
    assert re.search(r"less the cash buffer −[0-9.,]+ USD declared at desired-state/house.yaml:12", told)
    assert "60% (desired-state/growth.yaml:7) × 30% (desired-state/core.csv:3)" in told


def test_both_accounts_are_shown_with_where_each_value_is_from(promoted: Stage) -> None:
    document = run_here(promoted, "validate", "--resolved", "--json").expect(0).document

    paper, live = document["resolved"]
    assert [(each["name"], each["environment"]) for each in (paper, live)] == [
        ("rehearsal", "paper"),
        ("savings", "live"),
    ]
    assert paper["lines"] == live["lines"]

    def value(account: dict[str, list[dict[str, object]]], part: str, key: str) -> tuple[object, str | None]:
        (found,) = (each for each in account[part] if each["key"] == key)
        location = found["location"]
        return found["value"], f"{location['file']}:{location['line']}" if isinstance(location, dict) else None

    assert value(paper, "values", "leverage") == ("1.4", "desired-state/house.yaml:10")
    assert value(live, "values", "leverage") == ("1", "desired-state/accounts.yaml:20")
    assert value(paper, "limits", "maxLeverage") == ("1.5", "desired-state/limits.yaml:16")
    assert value(live, "limits", "maxLeverage") == ("1.1", "desired-state/accounts.yaml:21")
    assert value(live, "limits", "maxOrderNotional") == ("25000", "desired-state/limits.yaml:8")
    assert value(live, "limits", "maxTurnover") == ("2", None)

    text = run_here(promoted, "validate", "--resolved").expect(0).stdout
    rows = [" ".join(line.split()) for line in text.splitlines()]
    assert "suspend true desired-state/house.yaml:13" in rows
    assert "The manifests are in order: 6 targets for rehearsal, 6 for savings." in rows


def test_a_limit_that_the_live_account_would_loosen_stops_everything(promoted: Stage) -> None:
    promoted.edit("accounts.yaml", "maxLeverage: 1.1", "maxLeverage: 1.55")

    told = one_line(run_here(promoted, "plan", "--account", "rehearsal").expect(1))

    promoted.edit("accounts.yaml", "maxLeverage: 1.55", "maxLeverage: 1.1")
    assert "maxLeverage 1.55 is looser than that of RiskLimits 'family', 1.5 at desired-state/limits.yaml:16" in told


def test_strictly_a_warning_is_an_error(promoted: Stage) -> None:
    promoted.edit("limits.yaml", "maxLeverage: 1.5", "maxLeverage: 1.5\n  maxSectorWeight: 99%")

    assert "ACC010" in one_line(run_here(promoted, "validate").expect(0))
    strict = run_here(promoted, "validate", "--strict", "--json").expect(1).document

    promoted.edit("limits.yaml", "\n  maxSectorWeight: 99%", "")
    assert (strict["summary"]["errors"], strict["summary"]["warnings"]) == (1, 0)
