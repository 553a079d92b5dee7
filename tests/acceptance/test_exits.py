"""Exit codes and messages of what goes wrong before an order could be sent."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.here import one_line, run_here
from tests.acceptance.stage import ACCOUNT_ID, Stage, assert_small_is_traded_once


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["plan", "--nonsense"], "--nonsense"),
        (["nonsense"], "nonsense"),
        (["show"], "FILE"),
        (["runs", "show"], "ID"),
        (["drift", "--annotations=2"], "--annotations"),
        (["gateway", "--port", "99999"], "--port"),
        (["schema", "Portfolioo"], "Portfolio"),
    ],
)
def test_a_usage_error_is_64(quiet: Stage, words: list[str], named: str) -> None:
    ended = quiet.run(*words).expect(64)
    assert named in ended.stderr
    assert ended.stdout == ""


@pytest.mark.parametrize("words", [["plan", "--json", "--markdown"], ["status", "--json", "--nonsense"]])
def test_a_usage_error_with_json_is_one_document(quiet: Stage, words: list[str]) -> None:
    document = quiet.run(*words).expect(64).document
    assert (document["kind"], document["error"]["code"], document["error"]["exit_code"]) == (
        "Failure",
        "UsageError",
        64,
    )
    assert words[-1] in document["error"]["message"]


def test_help_is_no_error(quiet: Stage) -> None:
    assert "Exit codes" in quiet.run("--help").expect(0).stdout
    assert "--detailed-exitcode" in quiet.run("plan", "-h").expect(0).stdout


class TestBadManifests:
    @pytest.fixture
    def broken(self, quiet: Stage) -> Iterator[Stage]:
        """Two mistakes in two files."""
        changes = (("portfolio.yaml", "weight: 25.7%", "wieght: 25.7%"), ("account.yaml", "growth", "grwoth"))
        for file, good, bad in changes:
            quiet.edit(file, good, bad)
        yield quiet
        for file, good, bad in changes:
            quiet.edit(file, bad, good)

    @pytest.mark.parametrize("words", [["validate"], ["plan"], ["apply", "--auto-approve"]])
    def test_every_mistake_is_told_with_its_place(self, broken: Stage, words: list[str]) -> None:
        told = one_line(broken.run(*words).expect(1))
        assert re.search(r"portfolio\.yaml:7:\d+", told)
        assert re.search(r"account\.yaml:\d+:\d+", told)
        assert "weight" in told
        assert "growth" in told

    @pytest.mark.parametrize("words", [["validate"], ["apply", "--auto-approve"], ["status"]])
    def test_json_has_them_in_its_one_document(self, broken: Stage, words: list[str]) -> None:
        document = broken.run(*words, "--json").expect(1).document
        places = [each["location"] for each in document["diagnostics"]]
        assert {Path(each["file"]).name for each in places} == {"portfolio.yaml", "account.yaml"}
        assert all(each["line"] and each["column"] for each in places)


def test_without_manifests_it_says_where_it_looked(quiet: Stage) -> None:
    assert "nowhere" in one_line(quiet.run("plan", "--desired-state", "nowhere").expect(1))


def test_live_manifests_do_not_touch_a_paper_account(quiet: Stage) -> None:
    quiet.edit("account.yaml", "environment: paper", "environment: live")
    try:
        told = one_line(quiet.run("apply", "--auto-approve").expect(1))
        assert "live" in told
        assert "paper" in told
    finally:
        quiet.edit("account.yaml", "environment: live", "environment: paper")


@pytest.mark.broker
class TestTheAccountsId:
    def test_one_that_the_gateway_does_not_serve(self, quiet: Stage) -> None:
        ended = quiet.run("plan", IB_ACCOUNT_ID="DU7654321").expect(1)
        assert "DU7654321" not in one_line(ended)
        assert "serve" in one_line(ended)

    def test_one_that_is_not_set_names_the_variable(self, quiet: Stage) -> None:
        assert "IB_ACCOUNT_ID" in one_line(quiet.run("plan", IB_ACCOUNT_ID=None).expect(1))
        document = quiet.run("apply", "--auto-approve", "--json", IB_ACCOUNT_ID=None).expect(1).document
        assert "IB_ACCOUNT_ID" in document["error"]["message"]

    def test_it_may_stand_in_an_env_file(self, quiet: Stage) -> None:
        (quiet.directory / "other.env").write_text(f"IB_ACCOUNT_ID={ACCOUNT_ID}\n")
        quiet.run("plan", "--env-file", "../other.env", IB_ACCOUNT_ID=None).expect(0)


@pytest.mark.broker
def test_a_gateway_that_does_not_run_says_what_to_check(quiet: Stage) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # bound and not listening: nobody else takes the port, and it refuses
        address = f"127.0.0.1:{closed.getsockname()[1]}"
        ended = quiet.run("plan", "--json", FOLIOCTL_GATEWAY=address).expect(1)
    message = ended.document["error"]["message"]
    assert ended.document["error"]["code"] == "BrokerUnavailable"
    assert address in message
    assert "API" in message


def test_the_status_of_an_account_whose_gateway_is_not_there_is_told(quiet: Stage) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
        run_here(quiet, "halt", "--reason", "a look").expect(0)
        document = quiet.run("status", "--json", FOLIOCTL_GATEWAY=address).expect(1).document
        told = one_line(quiet.run("status", FOLIOCTL_GATEWAY=address).expect(1))
        run_here(quiet, "resume").expect(0)
    (account,) = document["accounts"]
    assert (document["kind"], document["summary"]["connected"], account["connected"]) == ("Status", 0, False)
    assert (account["sync"], account["health"], account["working_orders"]) == ("Unknown", "Suspended", None)
    assert address in {each["type"]: each["message"] for each in account["conditions"]}["Observed"]
    assert account["halts"][0]["reason"] == "a look"
    assert "not connected" in told
    assert address in told


@pytest.mark.full
@pytest.mark.broker
def test_a_gateway_that_says_nothing_is_given_up_on(quiet: Stage) -> None:
    quiet.policy("\n  timeouts: {connect: 1s}\n")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        assert address in one_line(quiet.run("status", FOLIOCTL_GATEWAY=address).expect(1))


def test_a_bad_setting_is_named(quiet: Stage) -> None:
    assert "FOLIOCTL_GATEWAY" in one_line(quiet.run("plan", FOLIOCTL_GATEWAY="127.0.0.1:70000").expect(1))


def test_apply_in_ci_wants_a_durable_state(quiet: Stage) -> None:
    told = one_line(quiet.run("apply", "--auto-approve", CI="true", FOLIOCTL_STATE=None).expect(1))
    assert "FOLIOCTL_STATE" in told
    assert "self-hosted" in told


@pytest.mark.broker
def test_apply_in_ci_with_a_durable_state_runs(small: Stage) -> None:
    small.run("apply", "--auto-approve", CI="true").expect(0)
    assert_small_is_traded_once(small.gateway)


@pytest.mark.broker
def test_dry_run_sends_nothing_whatever_the_command_says(quiet: Stage) -> None:
    ended = quiet.run("apply", "--auto-approve", DRY_RUN="true")
    assert "DRY_RUN" in one_line(ended)
    quiet.run("plan", "-o", "plan.json").expect(0)
    assert "DRY_RUN" in one_line(quiet.run("apply", "plan.json", DRY_RUN="1"))
    assert quiet.gateway.orders == []
    (quiet.manifests.parent / "plan.json").unlink()


@pytest.mark.broker
def test_off_a_terminal_apply_asks_nobody_and_says_so(quiet: Stage) -> None:
    ended = quiet.run("apply").expect(1)
    assert "--auto-approve" in one_line(ended)
    assert "nothing was sent" in one_line(ended).lower()
