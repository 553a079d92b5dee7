"""An emergency: only a person, there or named beforehand in the manifest, lets its plan be applied."""

from decimal import Decimal

import pytest

from tests.acceptance.here import edited, one_line, ordered, planned, run_here
from tests.acceptance.stage import Stage
from tests.acceptance.terminal import terminal

pytestmark = pytest.mark.broker

THRESHOLD = "emergencyLeverage: 1.2"


def graver(on: Stage) -> Stage:
    """The small account, at 1.27, by manifests that want 1.0 and call 1.2 an emergency."""
    on.edit("account.yaml", "leverage: 1.4", "leverage: 1.0")
    on.edit("risk-limits.yaml", "maxLeverage: 1.5", "maxLeverage: 1.1")
    on.edit("risk-limits.yaml", "emergencyLeverage: 2.5", THRESHOLD)
    return on


@pytest.fixture
def grave(small: Stage) -> Stage:
    return graver(small)


@pytest.fixture(scope="module")
def quiet(quiet: Stage) -> Stage:
    return graver(quiet)


def assert_reduced(on: Stage) -> None:
    """Sells alone, and the account is at its target or below, by the gateway's own books."""
    assert {order["action"] for order in on.gateway.orders} == {"SELL"}
    assert Decimal("0.95") < on.gateway.leverage <= Decimal("1.0")
    assert all(shares >= 0 for shares in on.gateway.positions.values())


def test_nobody_but_a_person_applies_what_was_not_authorised(grave: Stage) -> None:
    shown = one_line(run_here(grave, "plan", "--concise").expect(0))
    assert "EMERGENCY: leverage is 1.27, emergencyLeverage is 1.20." in shown
    assert "nobody authorised it beforehand: a person must approve it" in shown

    refused = one_line(run_here(grave, "apply", "--auto-approve").expect(3))
    assert "nobody has authorised those beforehand" in refused
    assert "emergencyAuthorisedBy" in refused
    document = run_here(grave, "apply", "--auto-approve", "--json").expect(3).document
    assert (document["kind"], document["error"]["code"]) == ("Failure", "Blocked")
    assert "emergencyAuthorisedBy" in document["error"]["message"]
    run_here(grave, "apply", "--dry-run").expect(0)
    run_here(grave, "apply").expect(1)
    assert grave.gateway.orders == []

    with terminal(grave, "apply") as person:
        person.until("Only 'yes' is accepted")
        assert "EMERGENCY" in person.seen
        assert grave.gateway.orders == []
        person.type("yes\n")
        assert person.end() == 0
    assert_reduced(grave)


def test_what_the_manifest_authorised_runs_by_itself(grave: Stage) -> None:
    grave.edit("risk-limits.yaml", THRESHOLD, f"{THRESHOLD}\n  emergencyAuthorisedBy: the risk committee")
    document = planned(grave)
    assert document["summary"]["emergency"] is True
    assert document["accounts"][0]["emergency"]["authorised_by"] == "the risk committee"
    assert "authorised beforehand by the risk committee" in one_line(run_here(grave, "plan", "--concise").expect(0))
    with edited(grave, "risk-limits.yaml", THRESHOLD, f"{THRESHOLD}\n  emergencyAction: alert"):
        alert = planned(grave, code=3)
        assert ordered(alert) == {}
        run_here(grave, "apply", "--auto-approve").expect(3)
    assert grave.gateway.orders == []

    grave.run("apply", "--auto-approve", "--json").expect(0)
    assert_reduced(grave)
    assert planned(grave)["summary"]["emergency"] is False


def test_an_account_in_an_emergency_is_not_in_sync(quiet: Stage) -> None:
    """An alert trades nothing, and the account stays at 1.27 where its manifests want 1.0."""
    with edited(quiet, "risk-limits.yaml", THRESHOLD, f"{THRESHOLD}\n  emergencyAction: alert"):
        summary = planned(quiet, code=3)["summary"]

    assert (summary["emergency"], summary["in_sync"]) == (True, False)


def test_a_line_that_was_left_out_is_not_sold_in_an_emergency_either(quiet: Stage) -> None:
    """Or the options are refused: a plan that says that it left lines out must have left them out."""
    whole = ordered(planned(quiet))
    (first, *_) = whole

    for words in (("--exclude", first), ("--target", "GLD")):
        ended = run_here(quiet, "plan", "--json", *words)
        assert ended.code != 0 or first not in ordered(ended.document)


def test_without_a_terminal_it_does_not_advise_what_would_be_refused(quiet: Stage) -> None:
    told = one_line(run_here(quiet, "apply").expect(1))

    assert "use --auto-approve" not in told
