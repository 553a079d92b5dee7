"""How a plan may be looked at: whole, in short, a line explained, as a file beside the view; and rehearsed."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from reconciler import planfile
from reconciler.bootstrap import TOOL
from tests.acceptance.here import one_line, run_here
from tests.acceptance.stage import REPOSITORY, Json, Stage

pytestmark = pytest.mark.broker

TRADED = ("NVDA", "TSLA", "GLD", "AVGO", "ORCL")
OF_THE_MOMENT = {"created", "expires", "id", "digest", "as_of"}
"""What of a plan document is about when it was made."""


@pytest.fixture(scope="module")
def quiet(quiet: Stage) -> Iterator[Stage]:
    """With a plan, saved."""
    run_here(quiet, "plan", "-o", str(saved(quiet))).expect(0)
    yield quiet
    assert quiet.reports == []


def saved(on: Stage) -> Path:
    return on.directory / "plan.json"


def timeless(part: Any) -> Any:
    """A document without what is about its moment."""
    if isinstance(part, dict):
        return {key: timeless(value) for key, value in part.items() if key not in OF_THE_MOMENT}
    return [timeless(each) for each in part] if isinstance(part, list) else part


# --------------------------------------------------------------------------------------------------- --json-out


def test_json_out_is_the_document_beside_the_view(quiet: Stage) -> None:
    file = quiet.directory / "beside.json"

    shown = run_here(quiet, "plan", "--json-out", str(file), "--detailed-exitcode").expect(2)

    text = file.read_text()
    document: Json = json.loads(text)
    schema = json.loads((REPOSITORY / "schemas/v1/documents/Plan.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert document["id"] in shown.stdout
    assert all(symbol in shown.stdout for symbol in TRADED)
    assert planfile.write(planfile.read(text), tool=TOOL) == text
    assert run_here(quiet, "apply", str(file), "--dry-run", "--json").expect(0).stdout == text


def test_two_plans_of_one_state_differ_in_their_moment_alone(quiet: Stage) -> None:
    first, second = quiet.directory / "first.json", quiet.directory / "second.json"
    both = run_here(quiet, "plan", "-o", str(first), "--json-out", str(second), "--json").expect(0)
    assert first.read_text() == second.read_text() == both.stdout
    again = run_here(quiet, "plan", "--json").expect(0)

    assert again.document["id"] != both.document["id"]
    assert again.document["fingerprint"] == both.document["fingerprint"]
    assert list(timeless(again.document)) == list(timeless(both.document))
    assert json.dumps(timeless(again.document)) == json.dumps(timeless(both.document))


@pytest.mark.parametrize("option", ["-o", "--json-out"])
def test_a_file_that_cannot_be_written_is_named(quiet: Stage, option: str) -> None:
    told = one_line(run_here(quiet, "plan", option, "absent/plan.json").expect(1))

    assert "the plan cannot be written to absent/plan.json: No such file or directory" in told


# --------------------------------------------------------------------------------------------------- how much of it


def test_concise_is_the_changes_and_the_sums(quiet: Stage) -> None:
    whole = run_here(quiet, "show", str(saved(quiet))).expect(0).stdout
    concise = run_here(quiet, "show", str(saved(quiet)), "--concise").expect(0).stdout
    verbose = run_here(quiet, "show", str(saved(quiet)), "--verbose").expect(0).stdout

    for view in (concise, whole, verbose):
        assert all(symbol in view for symbol in TRADED)
        assert "Turnover 51.3 %; leverage 1.27 → 1.39 (target 1.40)." in " ".join(view.split())
        assert f"Next: folioctl apply {saved(quiet)}" in " ".join(view.split())
    assert "Excess liquidity (USD)" not in concise
    assert "Excess liquidity (USD)" in whole
    assert "1 line unchanged" in whole
    assert "MSFT" not in concise.partition("Sent in")[0]
    assert "MSFT" not in whole.partition("Sent in")[0]
    assert "MSFT 14 35.0 % 35.1 %" in " ".join(verbose.split())
    assert "unchanged" not in verbose.partition("Sent in")[0]
    assert run_here(quiet, "plan", "--concise").expect(0).stdout.splitlines()[3:] == [
        line.removesuffix(f" {saved(quiet)}") for line in concise.splitlines()[3:]
    ]


def test_a_line_is_explained_step_by_step(quiet: Stage) -> None:
    """(19,986.50 × 1.4 − 712.00) × 20 % / 378.20 = 14.42, of which whole shares are 14: 6 more than the 8 held."""
    explained = run_here(quiet, "show", str(saved(quiet)), "--explain", "GLD").expect(0)
    told = one_line(explained)

    steps = (
        "Net liquidation 19,986.50 USD",
        "times the leverage 27,981.10 USD 19,986.50 USD × 1.4",
        "less undeclared holdings −712.00 USD",
        "What weight 100 % is worth 27,269.10 USD",
        "times the weight 5,453.82 USD 27,269.10 USD × 20.0 %",
        "One is worth 378.20 USD",
        "Exact target 14.4205",
        "Held 8",
        "Target 14",
        "Order +6",
    )
    places = [told.find(step) for step in steps]
    assert -1 not in places, dict(zip(steps, places, strict=True))
    assert places == sorted(places)
    fresh = run_here(quiet, "plan", "--explain", "GLD").expect(0)
    assert fresh.stdout.splitlines()[2:] == explained.stdout.splitlines()[2:]


def test_a_line_that_rests_is_explained_too(quiet: Stage) -> None:
    told = one_line(run_here(quiet, "show", str(saved(quiet)), "--explain", "MSFT").expect(0))

    assert "Order none" in told
    assert "Within one lot" in told


@pytest.mark.parametrize("words", [["plan"], ["show", "../plan.json"]])
def test_a_line_that_is_not_there_is_told_with_the_likely_one(quiet: Stage, words: list[str]) -> None:
    ended = run_here(quiet, *words, "--explain", "GDL").expect(1)

    assert "the plan has no line 'GDL'. Did you mean 'GLD'?" in one_line(ended)
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--verbose", "--concise"], "--verbose and --concise are two views: choose one"),
        (["--explain", "GLD", "--json"], "--explain is for the terminal"),
        (["--explain", "GLD", "--markdown"], "--explain is for the terminal"),
    ],
)
@pytest.mark.parametrize("command", [["plan"], ["show", "../plan.json"]])
def test_two_views_at_once_are_a_usage_error(quiet: Stage, command: list[str], words: list[str], told: str) -> None:
    assert told in one_line(run_here(quiet, *command, *words).expect(64))


# --------------------------------------------------------------------------------------------------- a rehearsal


def test_a_dry_run_does_everything_but_send(quiet: Stage) -> None:
    """Approved or not, afresh or from a file: the plan, the checks, and nothing at the broker."""
    brief = run_here(quiet, "apply", "--dry-run").expect(0)
    verbose = run_here(quiet, "apply", "--dry-run", "--auto-approve", "--verbose").expect(0)
    of_a_file = run_here(quiet, "apply", str(saved(quiet)), "--dry-run").expect(0)

    for ended in (brief, verbose, of_a_file):
        assert all(symbol in ended.stdout for symbol in TRADED)
        assert "Nothing was sent: this is a dry run (--dry-run)" in one_line(ended)
    assert "MSFT  " not in brief.stdout.partition("Sent in")[0]
    assert "MSFT  " in verbose.stdout.partition("Sent in")[0]
    with_limit = ("risk-limits.yaml", "maxTurnover: 200%", "maxTurnover: 20%")
    quiet.edit(*with_limit)
    try:
        assert "maxTurnover" in one_line(run_here(quiet, "apply", "--dry-run").expect(3))
        assert "manifests changed" in one_line(run_here(quiet, "apply", str(saved(quiet)), "--dry-run").expect(4))
    finally:
        quiet.edit("risk-limits.yaml", with_limit[2], with_limit[1])
    run_here(quiet, "show", str(saved(quiet))).expect(0)
