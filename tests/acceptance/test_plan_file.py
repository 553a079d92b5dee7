"""A saved plan: shown, applied once, and refused where it was changed, no longer fits, or was begun before."""

import asyncio
import re
import socket
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconciler.simgateway.wire import framing
from tests.acceptance.here import one_line
from tests.acceptance.stage import SMALL, Gateway, Stage, assert_small_is_traded_once, stage
from tests.simgateway.lab import order

pytestmark = pytest.mark.broker

VERSION = b"v178..178"


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """For the cases that send nothing: a stage with a saved plan."""
    with stage(tmp_path_factory.mktemp("standing"), SMALL) as made:
        made.run("plan", "-o", str(made.directory / "plan.json")).expect(0)
        yield made
        assert made.gateway.orders == []


def saved(on: Stage) -> Path:
    return on.directory / "plan.json"


def test_it_is_shown_applied_and_never_applied_again(small: Stage) -> None:
    file = saved(small)
    planned = small.run("plan", "-o", str(file), "--json").expect(0)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() == planned.stdout
    shown = small.run("show", str(file)).expect(0)
    assert planned.document["id"] in shown.stdout
    assert all(symbol in shown.stdout for symbol in ("NVDA", "TSLA", "GLD", "AVGO", "ORCL"))
    assert small.run("show", str(file), "--json").expect(0).document == planned.document
    run = small.run("apply", str(file), "--json").expect(0).document
    assert (run["plan"], run["fingerprint"]) == (planned.document["id"], planned.document["fingerprint"])
    assert_small_is_traded_once(small.gateway)

    told = small.run("runs", "recover", run["id"]).expect(0).stdout
    assert "Applied" in told
    assert f"folioctl runs show {run['id']}" in told
    assert small.run("runs", "recover", run["id"], "--json").expect(0).document == run
    again = small.run("apply", str(file)).expect(4)
    assert f"run {run['id']}, which ended as Applied" in one_line(again)
    assert "--resume" not in one_line(again), "there is nothing left to send"
    document = small.run("apply", str(file), "--json").expect(4).document
    assert (document["kind"], document["error"]["code"]) == ("Failure", "PlanAlreadyBegun")
    assert_small_is_traded_once(small.gateway)


def test_a_changed_byte_is_refused(standing: Stage) -> None:
    text = saved(standing).read_text()
    changed = standing.directory / "changed.json"
    quantity = re.search(r'"order": "(-?[1-9]\d*)"', text)
    assert quantity
    changed.write_text(text[: quantity.start(1)] + "9" + text[quantity.start(1) :])
    for words in (("show", str(changed)), ("apply", str(changed), "--auto-approve")):
        ended = standing.run(*words).expect(1)
        assert "changed" in one_line(ended)
        assert ended.stdout == ""


@pytest.mark.parametrize("content", ["{}", '{"format_version": "2.0", "kind": "Plan"}', "[" * 5000])
def test_what_is_no_plan_is_refused(standing: Stage, content: str) -> None:
    file = standing.directory / "other.json"
    file.write_text(content)
    ended = standing.run("show", str(file), "--json").expect(1)
    assert (ended.document["kind"], ended.document["error"]["code"]) == ("Failure", "PlanUnreadable")


def test_a_file_that_is_not_there_is_named(standing: Stage) -> None:
    assert "absent.json" in one_line(standing.run("apply", "absent.json").expect(1))


def test_changed_manifests_make_it_stale(standing: Stage) -> None:
    standing.edit("account.yaml", "leverage: 1.4", "leverage: 1.3")
    try:
        ended = standing.run("apply", str(saved(standing))).expect(4)
        assert "manifests changed" in one_line(ended)
        assert "Next: folioctl plan" in one_line(ended)
        assert "Next: folioctl apply" not in one_line(ended), "it would be refused again"
    finally:
        standing.edit("account.yaml", "leverage: 1.3", "leverage: 1.4")


def test_a_price_outside_the_collar_makes_it_stale(standing: Stage) -> None:
    standing.gateway.ask("price", symbol="GLD", last="400.00")
    try:
        ended = standing.run("apply", str(saved(standing)), "--json").expect(4)
        assert "GLD" in ended.document["error"]["message"]
    finally:
        standing.gateway.ask("price", symbol="GLD", last="378.20")


def test_an_expired_one_is_stale(small: Stage) -> None:
    small.edit("execution-policy.yaml", "planTtl: 30m", "planTtl: 1s")
    small.run("plan", "-o", str(saved(small))).expect(0)
    asyncio.run(asyncio.sleep(1))  # the command's clock is the machine's, and a second is the least that a plan lives
    ended = small.run("apply", str(saved(small))).expect(4)
    assert "expired" in one_line(ended)
    assert small.gateway.orders == []


def test_a_position_that_another_client_changed_makes_it_stale(small: Stage) -> None:
    small.run("plan", "-o", str(saved(small))).expect(0)
    sell_as_another_client(small.gateway, symbol="GLD", con_id=51529211, shares=1)
    ended = small.run("apply", str(saved(small))).expect(4)
    assert "changed since the plan was made" in one_line(ended)
    assert small.gateway.orders == []


def sell_as_another_client(gateway: Gateway, *, symbol: str, con_id: int, shares: int) -> None:
    """A market order of client 9, placed over the API's own protocol, and filled."""
    held = gateway.positions[symbol]
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=10) as api:
        api.sendall(b"API\0" + len(VERSION).to_bytes(4, "big") + VERSION)
        api.sendall(framing.frame(["71", "2", "9", ""]))
        api.sendall(framing.frame(["3", "1000", *map(str, order(con_id, "SELL", shares))]))
        gateway.until(lambda served: served.positions[symbol] == held - shares)
