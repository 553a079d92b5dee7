"""After an apply the account is kept as a document, and the report holds it against the run's own executions."""

import json
from decimal import Decimal

import jsonschema
import pytest

from tests.acceptance.here import one_line
from tests.acceptance.stage import REPOSITORY, Json, Stage

pytestmark = pytest.mark.broker


def snapshots(on: Stage, directory: str = "state/portfolio_snapshots") -> list[Json]:
    """Those that are there, each valid by its schema."""
    schema = json.loads((REPOSITORY / "schemas/v1/documents/Snapshot.json").read_text())
    found = [json.loads(path.read_text()) for path in sorted((on.directory / directory).glob("snapshot-*.json"))]
    for each in found:
        jsonschema.Draft202012Validator(schema).validate(each)
    return found


def test_the_account_after_a_run_is_what_its_executions_make_of_it(small: Stage) -> None:
    run = small.run("apply", "--auto-approve", "--json").expect(0).document
    (snapshot,) = snapshots(small)

    held = {each["symbol"]: Decimal(each["quantity"]) for each in snapshot["positions"]}
    assert held == {symbol: quantity for symbol, quantity in small.gateway.positions.items() if quantity}
    assert (snapshot["run"], snapshot["orders_executed"]) == (run["id"], 5)
    assert snapshot["leverage"]["target"] == "1.4"
    assert Decimal("1.3") < Decimal(snapshot["leverage"]["current"]) < Decimal("1.41")
    assert 0 < Decimal(snapshot["margin_utilization"]) < 1
    assert "batch-execution" in snapshot["execution_features"]

    post = run["accounts"][0]["post_trade"]
    assert all(each["expected"] == each["found"] for each in post["holdings"])
    (usd,) = post["cash"]
    assert usd["expected"] == usd["found"]
    assert {each["instrument"] for each in post["slippage"]} == {"NVDA", "TSLA", "GLD", "AVGO", "ORCL"}
    assert all(Decimal(each["fraction"]) <= Decimal("0.001") for each in post["slippage"])


def test_the_terminal_says_what_the_fills_cost_and_the_place_may_be_another(small: Stage) -> None:
    elsewhere = str(small.directory / "kept")

    told = one_line(small.run("apply", "--auto-approve", FOLIOCTL_SNAPSHOTS=elsewhere).expect(0))

    assert "slippage against the plan's prices" in told
    assert len(snapshots(small, "kept")) == 1
    assert snapshots(small) == []


def test_a_snapshot_that_cannot_be_kept_is_told_and_costs_no_report(small: Stage) -> None:
    (small.directory / "a-file").write_text("in the way")
    nowhere = str(small.directory / "a-file" / "kept")

    ended = small.run("apply", "--auto-approve", "--json", FOLIOCTL_SNAPSHOTS=nowhere).expect(0)

    assert ended.document["outcome"] == "Applied"
    assert "the snapshot was not kept" in " ".join(ended.stderr.split())
    assert len(small.reports) == 1
    assert "not closed" not in small.run("runs", "list").expect(0).stdout
