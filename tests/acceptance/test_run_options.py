"""Options for one run: a plan records them, every view tells them, and its apply keeps to them."""

import json
from pathlib import Path

import pytest

from tests.acceptance.here import edited, one_line, ordered, planned, run_here
from tests.acceptance.stage import Json, Stage, lines_of

pytestmark = pytest.mark.broker

CSV = "symbol,weight,sector\nGLD,0.3,metals\nNVDA,0.2,chips\nMSFT,0.28,\nTSLA,15%,cars\n"
YAML = """\
portfolio:
  NVDA: {weight: 20%, sector: chips}
  TSLA: {weight: 0.15, sector: cars}
  GLD: {weight: 0.3, sector: metals}
  MSFT: {weight: 28%}
"""
GIVEN: list[Json] = [
    {"symbol": "GLD", "weight": "0.3", "sector": "metals"},
    {"symbol": "MSFT", "weight": "0.28", "sector": None},
    {"symbol": "NVDA", "weight": "0.2", "sector": "chips"},
    {"symbol": "TSLA", "weight": "0.15", "sector": "cars"},
]
NOTHING_ASKED: Json = {
    "leverage": None,
    "margin_cushion": None,
    "max_parallel": None,
    "max_runtime_seconds": None,
    "order_style": None,
    "is_forced": False,
    "targets": [],
    "excluded": [],
    "portfolio": None,
    "overrides": [],
    "flatten": None,
}
LOW_TURNOVER = ("risk-limits.yaml", "maxTurnover: 200%", "maxTurnover: 20%")
"""What the small account's plan turns over is 51 % of its net liquidation."""


@pytest.fixture(scope="module")
def quiet(quiet: Stage) -> Stage:
    """With target weights in two files."""
    (quiet.directory / "given.csv").write_text(CSV)
    (quiet.directory / "given.yaml").write_text(YAML)
    return quiet


def options_of(document: Json) -> Json:
    """What the only account of a plan was asked for, in full."""
    (account,) = document["accounts"]
    return NOTHING_ASKED | (account["options"] or {})


# --------------------------------------------------------------------------------------------------- recorded and told


def test_without_any_the_plan_says_that_none_was_given(quiet: Stage) -> None:
    document = planned(quiet)

    assert document["accounts"][0]["options"] is None
    assert document["summary"]["partial"] is False
    assert "For this run" not in one_line(run_here(quiet, "plan").expect(0))


ALL: dict[str, Json] = {
    "--leverage 1.3": {"leverage": "1.3"},
    "--margin-cushion 0.3": {"margin_cushion": "0.3"},
    "--max-parallel 2": {"max_parallel": 2},
    "--max-runtime 600": {"max_runtime_seconds": 600},
    "--force": {"is_forced": True},
    "--target NVDA": {"targets": ["NVDA"]},
    "--exclude GLD": {"excluded": ["GLD"]},
    "--smart-orders": {"order_style": "smart"},
}


def test_all_of_them_are_in_the_saved_plan_and_in_its_view(quiet: Stage) -> None:
    words = " ".join(ALL).split()
    file = quiet.directory / "all.json"

    shown = run_here(quiet, "plan", *words, "-o", str(file)).expect(0)
    saved = json.loads(file.read_text())

    assert options_of(saved) == NOTHING_ASKED | {key: value for each in ALL.values() for key, value in each.items()}
    assert saved["summary"]["partial"] is True
    assert saved["summary"]["leverage"]["target"] == "1.3"
    assert ordered(saved) == {"NVDA": "-14"}
    markdown = run_here(quiet, "show", str(file), "--markdown").expect(0)
    for view in (shown, run_here(quiet, "show", str(file)).expect(0), markdown):
        told = one_line(view)
        assert all(option in told.partition("For this run:")[2] for option in ALL), told
        assert "This plan is partial" in told


@pytest.mark.parametrize(
    ("words", "recorded"),
    [
        (["--sequential", "--market-orders"], {"max_parallel": 1, "order_style": "market"}),
        (["--batch-execution", "--max-parallel", "3"], {"max_parallel": 3}),
        (
            ["--target", "GLD", "--target", "NVDA", "--target", "GLD", "--exclude", "MSFT"],
            {"targets": ["GLD", "NVDA"], "excluded": ["MSFT"]},
        ),
    ],
)
def test_each_is_recorded_as_what_it_means(quiet: Stage, words: list[str], recorded: Json) -> None:
    assert options_of(planned(quiet, *words)) == NOTHING_ASKED | recorded


def test_only_what_is_chosen_trades(quiet: Stage) -> None:
    only, without = planned(quiet, "--target", "GLD", "--target", "MSFT"), planned(quiet, "--exclude", "GLD")

    assert set(ordered(only)) == {"GLD"}
    assert set(ordered(without)) == {"NVDA", "TSLA", "AVGO", "ORCL"}
    assert lines_of(without)["GLD"]["reason"] == lines_of(only)["NVDA"]["reason"] == "NotSelected"


def test_force_trades_what_the_bands_leave_alone(quiet: Stage) -> None:
    wide = "  onBlocked: stop\n  rebalancing: {absoluteBand: 40%}"
    with edited(quiet, "execution-policy.yaml", "  onBlocked: stop", wide):
        resting, forced = planned(quiet), planned(quiet, "--force")

    assert set(ordered(resting)) == {"ORCL"}  # opening a line asks no band
    assert set(ordered(forced)) == {"NVDA", "TSLA", "GLD", "AVGO", "ORCL"}
    assert options_of(forced)["is_forced"] is True


def test_a_portfolio_of_either_form_stands_in_for_the_accounts_own(quiet: Stage) -> None:
    from_csv, from_yaml = (planned(quiet, "--portfolio", f"../given.{form}") for form in ("csv", "yaml"))

    assert options_of(from_csv)["portfolio"] == GIVEN
    assert from_csv["fingerprint"] == from_yaml["fingerprint"] != planned(quiet)["fingerprint"]
    targets = {name: line["weight"]["declared"] for name, line in lines_of(from_csv).items()}
    assert targets == {each["symbol"]: each["weight"] for each in GIVEN}
    told = one_line(run_here(quiet, "plan", "--portfolio", "../given.csv").expect(0))
    assert "For this run: --portfolio with 4 lines" in told
    assert "7.0 % of it cash" in told


# --------------------------------------------------------------------------------------------------- kept by apply


def test_apply_keeps_to_the_options_of_the_plan(small: Stage) -> None:
    """The policy says limits and the account 1.4: the plan says the market and 1.3, for one line."""
    small.edit("execution-policy.yaml", "orderStyle: market", "orderStyle: limit")
    file = str(small.directory / "plan.json")
    words = ["--market-orders", "--leverage", "1.3", "--target", "NVDA", "--portfolio", "../given.csv"]
    (small.directory / "given.csv").write_text(CSV)
    plan = run_here(small, "plan", *words, "-o", file, "--json").expect(0).document
    (small.directory / "given.csv").unlink()  # the plan is self-contained

    rehearsed = small.run("apply", file, "--dry-run", "--json").expect(0)
    assert rehearsed.document["id"] == plan["id"]
    assert options_of(rehearsed.document) == options_of(plan)
    assert small.gateway.orders == []

    run = small.run("apply", file, "--json").expect(0).document
    assert run["plan"] == plan["id"]
    assert options_of(run) == options_of(plan)
    (order,) = small.gateway.orders
    assert (order["symbol"], order["action"], order["order_type"]) == ("NVDA", "SELL", "MKT")
    assert order["filled"] == ordered(plan)["NVDA"].removeprefix("-")


def test_a_plan_that_is_out_of_time_cancels_what_works(small: Stage) -> None:
    small.gateway.ask("fill", never=True)
    file = str(small.directory / "plan.json")
    run_here(small, "plan", "--max-runtime", "1", "--max-parallel", "1", "-o", file).expect(0)

    ended = small.run("apply", file, "--json")

    assert (ended.code, ended.document["outcome"]) == (6, "PartiallyApplied")
    assert {order["status"] for order in small.gateway.orders} == {"Cancelled"}
    assert len(small.gateway.orders) == 1  # one at a time


# --------------------------------------------------------------------------------------------------- overrides


def overridden(document: Json) -> Json:
    """Who lets the plan past maxTurnover, or None; the limit must be exceeded."""
    (violation,) = document["accounts"][0]["violations"]
    assert violation["limit"] == "maxTurnover"
    assert violation["blocks"] == (violation["override"] is None)
    found: Json = violation["override"]
    return found


def test_an_override_lets_the_plan_past_its_limit_and_is_recorded(quiet: Stage) -> None:
    reason = "first build, agreed on Monday"
    with edited(quiet, *LOW_TURNOVER):
        blocked = planned(quiet, code=3)
        refused = run_here(quiet, "apply", "--auto-approve").expect(3)
        quiet.environment["GITHUB_ACTOR"] = "alice"
        try:
            file = str(quiet.directory / "overridden.json")
            shown = run_here(quiet, "plan", "--override", f"maxTurnover={reason}", "-o", file).expect(0)
        finally:
            del quiet.environment["GITHUB_ACTOR"]
        saved = json.loads(Path(file).read_text())
        run_here(quiet, "apply", file, "--dry-run").expect(0)

    assert overridden(blocked) is None
    assert "maxTurnover" in one_line(refused)
    recorded = {"limit": "maxTurnover", "reason": reason, "by": "alice", "expires": None}
    assert overridden(saved) == recorded
    assert options_of(saved)["overrides"] == [recorded]
    for view in (shown, run_here(quiet, "show", file).expect(0)):
        assert f"--override maxTurnover ({reason}; alice)" in one_line(view)
        assert f"overridden by alice: {reason}" in one_line(view)


DECLARED = """
  overrides:
    - {{limit: maxTurnover, reason: quarterly exchange, by: the committee, expires: {until}}}
"""


def test_an_override_of_the_manifests_holds_until_it_expires(quiet: Stage) -> None:
    file, old, new = LOW_TURNOVER
    with edited(quiet, file, old, new + DECLARED.format(until="2020-01-01")):
        expired = planned(quiet, code=3)
    with edited(quiet, file, old, new + DECLARED.format(until="2120-01-01")):
        valid = planned(quiet)

    assert overridden(expired) is None
    assert ordered(expired) == ordered(valid)
    found = overridden(valid)
    assert (found["reason"], found["by"]) == ("quarterly exchange", "the committee")
    assert found["expires"].startswith("2120-01-0")


# --------------------------------------------------------------------------------------------------- what to do next


def test_a_partial_plan_does_not_say_that_the_account_is_in_sync(quiet: Stage) -> None:
    """MSFT rests at its target, and five other lines are off theirs."""
    document = planned(quiet, "--target", "MSFT")

    assert document["summary"]["in_sync"] is False
    assert "the account is as declared" not in one_line(run_here(quiet, "plan", "--target", "MSFT").expect(0))


def test_the_next_step_of_a_plan_that_is_not_saved_names_its_options(quiet: Stage) -> None:
    """`folioctl apply` alone would plan without them."""
    told = one_line(run_here(quiet, "plan", "--target", "GLD").expect(0))

    assert "folioctl apply --target GLD" in told.partition("Next:")[2]


def test_the_next_step_of_a_rehearsal_is_the_same_plan(quiet: Stage) -> None:
    file = str(quiet.directory / "next.json")
    run_here(quiet, "plan", "--target", "GLD", "-o", file).expect(0)

    assert f"folioctl apply {file}" in one_line(run_here(quiet, "apply", file, "--dry-run").expect(0))


def test_side_by_side_is_told_as_it_is_written(quiet: Stage) -> None:
    told = one_line(run_here(quiet, "plan", "--batch-execution").expect(0))

    assert "For this run: --batch-execution" in told
