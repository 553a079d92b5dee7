"""What the workflows promise: apply is never cancelled, nothing is permitted that is not needed, nothing leaks."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from reconciler import settings
from tests import commandlines
from tests.acceptance.stage import ACCOUNT_ID, Stage, stage

DIRECTORY = Path(__file__).parents[2] / ".github" / "workflows"
WORKFLOWS: dict[str, Any] = {path.stem: YAML(typ="safe").load(path) for path in sorted(DIRECTORY.glob("*.yml"))}
TRADING = ("plan", "apply", "drift")
"""The workflows that touch an account, each in a job of the same name."""


def jobs() -> Iterator[tuple[str, str, Any]]:
    for workflow, content in WORKFLOWS.items():
        for name, job in content["jobs"].items():
            yield workflow, name, job


def steps() -> Iterator[tuple[str, Any]]:
    for workflow, job, content in jobs():
        for step in content["steps"]:
            yield f"{workflow}.{job}", step


def scripts(*workflows: str) -> list[str]:
    return [step["run"] for place, step in steps() if "run" in step and place.split(".")[0] in (workflows or WORKFLOWS)]


def triggers(workflow: str) -> Any:
    return WORKFLOWS[workflow]["on"]


def test_there_are_these_four() -> None:
    assert set(WORKFLOWS) == {"check", "plan", "apply", "drift"}


def test_each_runs_when_it_should() -> None:
    assert triggers("check") == {"push": {"branches": ["main"]}, "pull_request": None}
    assert triggers("plan") == {"pull_request": {"paths": ["desired-state/**"]}}
    assert triggers("apply") == {"push": {"branches": ["main"], "paths": ["desired-state/**"]}}
    assert set(triggers("drift")) == {"schedule", "workflow_dispatch"}


def test_check_runs_what_a_person_runs() -> None:
    assert scripts("check") == ["make test", "make demo"]


def test_nothing_is_permitted_but_reading_the_repository() -> None:
    for workflow in WORKFLOWS.values():
        assert workflow["permissions"] == {}
    for _workflow, _name, job in jobs():
        assert job["permissions"] in ({}, {"contents": "read"})


def test_every_job_ends_some_day() -> None:
    for _workflow, _name, job in jobs():
        assert job["timeout-minutes"] <= 120


def test_an_apply_is_never_cancelled_and_never_replaced_in_the_queue() -> None:
    job = WORKFLOWS["apply"]["jobs"]["apply"]

    assert job["concurrency"] == {
        "group": "apply-${{ matrix.account }}",
        "cancel-in-progress": False,
        "queue": "max",
    }
    assert "concurrency" not in WORKFLOWS["apply"]
    assert job["strategy"]["fail-fast"] is False


def test_an_apply_waits_for_its_environment() -> None:
    assert WORKFLOWS["apply"]["jobs"]["apply"]["environment"] == "${{ matrix.account }}"


@pytest.mark.parametrize("name", TRADING)
def test_an_account_is_touched_on_an_own_runner_with_a_durable_state(name: str) -> None:
    job = WORKFLOWS[name]["jobs"][name]

    assert job["runs-on"] == ["self-hosted", "${{ vars.FOLIOCTL_RUNNER }}"]
    assert "vars.FOLIOCTL_RUNNER != ''" in job["if"]
    assert job["env"]["FOLIOCTL_STATE"] == "${{ vars.FOLIOCTL_STATE }}"
    assert job["env"]["FOLIOCTL_HALT"] == "${{ vars.FOLIOCTL_HALT }}"


def test_an_apply_without_a_runner_says_what_is_missing_and_fails() -> None:
    job = WORKFLOWS["apply"]["jobs"]["refuse"]

    assert job["if"] == "vars.FOLIOCTL_RUNNER == ''"
    [step] = job["steps"]
    assert "self-hosted runner" in step["run"]
    assert step["run"].rstrip().endswith("exit 1")


def test_a_pull_request_is_validated_where_no_gateway_is() -> None:
    job = WORKFLOWS["plan"]["jobs"]["validate"]

    assert job["runs-on"].startswith("ubuntu-")
    assert "if" not in job
    assert commandlines.folioctl_lines(job["steps"][-1]["run"]) == [["validate", "--annotations", "--no-color"]]


def test_code_of_a_fork_does_not_run_beside_a_gateway() -> None:
    condition = WORKFLOWS["plan"]["jobs"]["plan"]["if"]
    assert "github.event.pull_request.head.repo.full_name == github.repository" in condition


@pytest.mark.parametrize("name", ["plan", "drift"])
def test_what_only_looks_cannot_send(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRY_RUN", WORKFLOWS[name]["jobs"][name]["env"]["DRY_RUN"])
    found, _ = settings.load()
    assert found is not None
    assert found.dry_run
    assert all(words[0] != "apply" for script in scripts(name) for words in commandlines.folioctl_lines(script))


def test_drift_opens_a_warning_and_does_not_fail_the_job() -> None:
    [script] = [each for each in scripts("drift") if "folioctl drift" in each]
    [words] = commandlines.folioctl_lines(script)

    assert {"--annotations", "--markdown", "--detailed-exitcode"} <= set(words)
    assert 'if [ "$code" -ne 2 ]; then\n  exit "$code"' in script


def test_no_expression_stands_in_a_script() -> None:
    assert [script for script in scripts() if "${{" in script] == []


def test_no_secret_is_asked_for_and_nothing_is_uploaded() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in DIRECTORY.glob("*.yml"))
    assert "secrets." not in text
    assert "upload-artifact" not in text


def test_what_an_apply_says_stays_on_the_runner() -> None:
    [script] = [each for each in scripts("apply") if "folioctl apply" in each]
    assert script.startswith("umask 077\n")
    assert '> "$report.json" 2> "$report.log"' in script


def test_every_action_is_pinned_by_its_commit_and_leaves_no_token_behind() -> None:
    used = [step for _place, step in steps() if "uses" in step]
    assert used
    for step in used:
        assert re.fullmatch(r"actions/checkout@[0-9a-f]{40}", step["uses"])
        assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("script", scripts())
def test_every_command_line_is_one_that_folioctl_takes(script: str) -> None:
    for words in commandlines.folioctl_lines(script):
        commandlines.parse(words)


def test_the_accounts_of_the_example_are_the_default() -> None:
    for name in TRADING:
        accounts = WORKFLOWS[name]["jobs"][name]["strategy"]["matrix"]["account"]
        default = re.search(r"\|\| '(.*)'\)", accounts)
        assert default is not None
        assert json.loads(default[1]) == ["main"]


# ------------------------------------------------------------------------- the scripts, run as the runner runs them


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Stage]:
    """The demo's account behind a gateway, and a checkout in which `make setup` ran."""
    with stage(tmp_path / "runner") as made:
        binaries = made.directory / "repository" / ".venv" / "bin"
        binaries.mkdir(parents=True)
        (binaries / "folioctl").symlink_to(Path(sys.executable).with_name("folioctl"))
        made.environment |= {
            "ACCOUNT": "main",
            "CI": "true",
            "GITHUB_RUN_ID": "7",
            "GITHUB_RUN_ATTEMPT": "1",
            "GITHUB_STEP_SUMMARY": str(made.directory / "summary.md"),
        }
        yield made


def run_job(runner: Stage, name: str) -> tuple[int, str]:
    """The exit code of a job's scripts, up to the first that fails, and the log that everybody can read."""
    log = ""
    for step in WORKFLOWS[name]["jobs"][name]["steps"]:
        if "run" not in step or step["run"] == "make setup":
            continue
        ended = subprocess.run(
            ["bash", "-e", "-c", step["run"]],
            cwd=runner.directory / "repository",
            env=runner.environ(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        log += ended.stdout
        if ended.returncode != 0:
            return ended.returncode, log
    return 0, log


def summary(runner: Stage) -> str:
    return (runner.directory / "summary.md").read_text(encoding="utf-8")


def test_drift_is_green_and_warns_then_apply_brings_it_in_sync_and_says_so(runner: Stage) -> None:
    code, log = run_job(runner, "drift")
    assert code == 0
    assert "::warning title=main%3A OutOfSync::" in log
    assert "**OutOfSync**" in summary(runner)

    code, log = run_job(runner, "apply")
    assert code == 0
    assert "**Synced**" in summary(runner)
    report = runner.state / "ci" / "apply-main-7-1.json"
    assert json.loads(report.read_text(encoding="utf-8"))["kind"] == "Run"
    assert report.stat().st_mode & 0o077 == 0
    for text in (log, summary(runner)):
        assert ACCOUNT_ID not in text
        assert re.search(r"\d,\d{3}\.\d{2}", text) is None, "an amount of money"


def test_a_blocked_plan_is_red_and_the_summary_says_why(runner: Stage) -> None:
    runner.gateway.quirk("no-price:GLD")

    assert run_job(runner, "plan")[0] == 3
    assert "GLD" in summary(runner)


def test_an_apply_without_a_durable_state_is_red(runner: Stage) -> None:
    runner.environment["FOLIOCTL_STATE"] = ""

    code, log = run_job(runner, "apply")

    assert code == 1
    assert "::error title=apply needs a durable state directory::" in log
    assert runner.gateway.orders == []
