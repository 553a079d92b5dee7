"""A halt from outside: set and lifted without a broker, heard by every command, with the gateway's books as judge."""

import socket

import pytest

from tests.acceptance.here import edited, one_line, planned, run_here
from tests.acceptance.stage import ACCOUNT_ID, Stage, assert_small_is_traded_once
from tests.acceptance.terminal import terminal

REASON = ("--reason", "prices look wrong")
TOLD = "halted by ann since 2"
THRESHOLD = "emergencyLeverage: 2.5"


@pytest.fixture(scope="module")
def quiet(quiet: Stage) -> Stage:
    """Of Ann's; the cases leave nothing halted."""
    quiet.environment["GITHUB_ACTOR"] = "ann"
    return quiet


def test_it_needs_neither_a_gateway_nor_manifests_in_order(quiet: Stage) -> None:
    with socket.socket() as closed, edited(quiet, "portfolio.yaml", "weight: 25.7%", "wieght: 25.7%"):
        closed.bind(("127.0.0.1", 0))  # bound and not listening: it refuses
        quiet.environment["FOLIOCTL_GATEWAY"] = f"127.0.0.1:{closed.getsockname()[1]}"
        document = run_here(quiet, "halt", *REASON, "--json").expect(0).document
        unchecked = run_here(quiet, "halt", "--account", "main", *REASON).expect(0)
    quiet.environment["FOLIOCTL_GATEWAY"] = quiet.gateway.address

    (halt,) = document["halts"]
    assert (document["kind"], document["exit_code"]) == ("Halt", 0)
    assert (halt["account"], halt["by"], halt["reason"]) == (None, "ann", "prices look wrong")
    assert "was not checked" in one_line(unchecked)
    assert run_here(quiet, "resume", "--json").expect(3).document["halts"][0]["account"] == "main"
    run_here(quiet, "resume", "--account", "main").expect(0)


@pytest.mark.parametrize("words", [[], ["--reason", " "]])
def test_it_wants_a_reason(quiet: Stage, words: list[str]) -> None:
    assert "--reason" in run_here(quiet, "halt", *words).expect(64).stderr


def test_an_account_that_nobody_knows_is_not_halted(quiet: Stage) -> None:
    told = one_line(run_here(quiet, "halt", "--account", "mian", *REASON).expect(1))
    assert "there is no account 'mian'; there is main" in told
    assert "Nothing was lifted" in one_line(run_here(quiet, "resume").expect(0))


def test_what_is_flattened_is_named_where_there_are_several_and_is_no_default(quiet: Stage) -> None:
    """It halts all of them, and whoever typed that may have meant all: one is not chosen silently."""
    account = (quiet.manifests / "account.yaml").read_text()
    other = account.replace("name: main", "name: other").replace("IB_ACCOUNT_ID", "OTHER_ID") + "  default: true\n"
    (quiet.manifests / "other.yaml").write_text(other)

    told = one_line(run_here(quiet, "halt", "--flatten", "--auto-approve", *REASON).expect(1))
    (quiet.manifests / "other.yaml").unlink()

    assert "all accounts are halted, and nothing is closed" in told
    assert "choose one with --account (main, other)" in told
    assert "Lifted" in one_line(run_here(quiet, "resume").expect(0))


def test_in_ci_it_wants_a_durable_state(quiet: Stage) -> None:
    told = one_line(quiet.run("halt", *REASON, CI="true", FOLIOCTL_STATE=None).expect(1))
    assert "halt in CI needs a durable state directory" in told


@pytest.mark.broker
def test_every_command_tells_of_it_and_apply_refuses(ann: Stage) -> None:
    run_here(ann, "plan", "-o", "before.plan").expect(0)
    run_here(ann, "halt", *REASON).expect(0)

    for words in (["apply", "--auto-approve"], ["apply", "before.plan"]):
        refused = run_here(ann, *words, "--json").expect(3)
        assert refused.document["error"]["code"] == "Blocked"
        assert TOLD in refused.document["error"]["message"]
        assert "prices look wrong; to go on, `folioctl resume`" in refused.document["error"]["message"]
        assert TOLD in one_line(run_here(ann, *words).expect(3))
    status = run_here(ann, "status", "--json").expect(0)
    (account,) = status.document["accounts"]
    assert (account["health"], account["halts"][0]["reason"]) == ("Suspended", "prices look wrong")
    assert TOLD in status.stderr
    assert TOLD in one_line(run_here(ann, "status").expect(0))
    assert any(TOLD in note for note in planned(ann)["accounts"][0]["notes"])
    assert TOLD in one_line(run_here(ann, "plan"))
    assert ann.gateway.orders == []

    run_here(ann, "resume").expect(0)
    ann.run("apply", "before.plan").expect(0)
    assert_small_is_traded_once(ann.gateway)


@pytest.mark.broker
def test_the_switch_of_the_environment_halts_what_runs_in_it(ann: Stage) -> None:
    ann.environment["FOLIOCTL_HALT"] = "quarter end"
    told = one_line(run_here(ann, "apply", "--auto-approve").expect(3))
    assert "halted by FOLIOCTL_HALT in the environment: quarter end; to go on, unset FOLIOCTL_HALT" in told
    assert "quarter end" in one_line(run_here(ann, "resume").expect(3))
    assert ann.gateway.orders == []

    ann.environment["FOLIOCTL_HALT"] = "false"
    ann.run("apply", "--auto-approve").expect(0)
    assert_small_is_traded_once(ann.gateway)


@pytest.mark.broker
def test_flatten_closes_all_that_is_declared_and_the_halt_stays(ann: Stage) -> None:
    before = ann.gateway.positions
    declared = {"NVDA", "TSLA", "GLD", "AVGO", "ORCL"}
    assert before.keys() & declared

    assert "emergencyAuthorisedBy" in one_line(ann.run("halt", "--flatten", "--auto-approve", *REASON).expect(3))
    assert ann.gateway.orders == []
    ann.edit("risk-limits.yaml", THRESHOLD, f"{THRESHOLD}\n  emergencyAuthorisedBy: the risk committee")
    document = ann.run("halt", "--flatten", "--auto-approve", *REASON, "--json").expect(0).document

    assert (document["kind"], document["outcome"]) == ("Run", "Applied")
    assert document["accounts"][0]["options"]["flatten"] == "prices look wrong (ann)"
    assert {order["action"] for order in ann.gateway.orders} == {"SELL"}
    assert not any(ann.gateway.positions.get(symbol) for symbol in declared)
    assert TOLD in one_line(run_here(ann, "apply", "--auto-approve").expect(3))


def test_two_accounts_of_one_number_are_cancelled_and_flattened_all_the_same(
    ann: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every plan is refused meanwhile, and who halts is not held up by a slip in a manifest."""
    monkeypatch.setitem(ann.environment, "OTHER_ID", ACCOUNT_ID)
    ann.edit("risk-limits.yaml", THRESHOLD, f"{THRESHOLD}\n  emergencyAuthorisedBy: the risk committee")
    account = (ann.manifests / "account.yaml").read_text()
    other = account.replace("name: main", "name: other").replace("IB_ACCOUNT_ID", "OTHER_ID")
    (ann.manifests / "other.yaml").write_text(other)
    assert "one number at the broker" in one_line(run_here(ann, "plan", "--account", "other").expect(1))

    cancelled = run_here(ann, "halt", "--cancel", *REASON, "--json").expect(0).document
    assert [(each["account"], each["unconfirmed"]) for each in cancelled["cancellations"]] == [
        ("main", []),
        ("other", []),
    ]
    one = run_here(ann, "halt", "--cancel", "--account", "other", *REASON, "--json").expect(0).document
    assert [each["account"] for each in one["cancellations"]] == ["other"]
    ann.run("halt", "--flatten", "--account", "other", "--auto-approve", *REASON).expect(0)
    assert {order["action"] for order in ann.gateway.orders} == {"SELL"}
    assert not any(ann.gateway.positions.get(symbol) for symbol in ("NVDA", "TSLA", "GLD", "AVGO", "ORCL"))


@pytest.mark.broker
def test_flatten_asks_the_person_at_the_terminal(ann: Stage) -> None:
    with terminal(ann, "halt", "--flatten", *REASON) as person:
        person.until("Only 'yes' is accepted")
        assert "EMERGENCY: the account is halted and flattened: prices look wrong (ann)" in " ".join(
            person.seen.split()
        )
        person.type("no\n")
        assert person.end() == 1
    assert ann.gateway.orders == []
    assert TOLD in one_line(run_here(ann, "plan"))


@pytest.mark.broker
def test_a_dry_run_halts_and_touches_no_order(ann: Stage) -> None:
    ann.gateway.ask("fill", never=True)
    applying = ann.start("apply", "--auto-approve")
    ann.gateway.until(lambda gateway: len(gateway.resting) == 2)
    told = one_line(ann.run("halt", "--cancel", *REASON, DRY_RUN="true").expect(0))
    assert "Nothing was cancelled: this is a dry run" in told
    assert len(ann.gateway.resting) == 2
    ann.gateway.ask("fill")
    applying.end().expect(6)
    assert ann.gateway.traded() == {"NVDA": -12, "TSLA": -4}


@pytest.mark.broker
def test_a_dry_run_of_flatten_leaves_the_orders_of_a_dead_run_where_they_are(ann: Stage) -> None:
    """To flatten cancels what works before anything else."""
    ann.edit("risk-limits.yaml", THRESHOLD, f"{THRESHOLD}\n  emergencyAuthorisedBy: the risk committee")
    ann.gateway.ask("fill", never=True)
    applying = ann.start("apply", "--auto-approve")
    ann.gateway.until(lambda gateway: len(gateway.resting) == 2)
    applying.kill()

    ann.run("halt", "--flatten", "--auto-approve", *REASON, DRY_RUN="true")
    assert len(ann.gateway.resting) == 2
