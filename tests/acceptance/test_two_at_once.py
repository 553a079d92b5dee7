"""An account is applied by one process at a time; who reads is never locked out."""

import json
import socket

import pytest

from tests.acceptance.stage import Stage, assert_small_is_traded_once

pytestmark = pytest.mark.broker


def test_the_second_apply_is_told_who_holds_the_account(small: Stage) -> None:
    small.gateway.ask("fill", never=True)
    first = small.start("apply", "--auto-approve")
    small.gateway.until(lambda gateway: len(gateway.resting) == 2)

    second = small.run("apply", "--auto-approve", "--json").expect(5)
    message = second.document["error"]["message"]
    assert second.document["error"]["code"] == "AccountLocked"
    assert f"process {first.process.pid} on {socket.gethostname()}" in message
    assert "since 2" in message
    lock = json.loads((small.state / "locks" / "main.lock").read_text())
    assert lock["since"][:10] in message

    status = small.run("status", "--json").expect(0)
    assert status.document["kind"] == "Status"
    assert "an apply is under way" in status.stderr
    small.run("plan", "--json").expect(0)
    small.run("drift", "--json").expect(0)
    assert len(small.gateway.orders) == 2

    small.gateway.ask("fill")
    first.end().expect(0)
    assert_small_is_traded_once(small.gateway)


def test_two_that_start_together(small: Stage) -> None:
    both = [small.start("apply", "--auto-approve") for _ in range(2)]
    codes = sorted(each.end().code for each in both)
    assert codes in ([0, 5], [0, 0])
    assert_small_is_traded_once(small.gateway)


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_of_two_that_start_together_exactly_one_runs_a_hundred_times(small: Stage) -> None:
    """Each time the manifest wants another share of GLD: one process trades it, the other finds the account held."""
    small.run("apply", "--auto-approve").expect(0)
    weights = ["20%", "15%"]
    for number in range(100):
        orders = len(small.gateway.orders)
        small.edit("portfolio.yaml", f"GLD, weight: {weights[0]}", f"GLD, weight: {weights[1]}")
        small.edit("portfolio.yaml", "cash: 0%" if number % 2 == 0 else "cash: 5%", f"cash: {5 - number % 2 * 5}%")
        weights.reverse()

        both = [small.start("apply", "--auto-approve") for _ in range(2)]
        codes = sorted(each.end().code for each in both)

        assert codes in ([0, 5], [0, 0]), number
        assert [order["symbol"] for order in small.gateway.orders[orders:]].count("GLD") == 1, number
        assert len(small.reports) == number + 2
