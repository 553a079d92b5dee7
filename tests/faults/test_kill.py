"""`kill -9` in the middle of an apply: whatever is killed when, no order is doubled and the next apply ends in sync."""

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.acceptance.here import one_line
from tests.acceptance.stage import Stage, assert_small_is_traded_once
from tests.faults.wire import Cut, before_order, before_what_if_after_order, wire
from tests.nursery import Order, nursery

pytestmark = pytest.mark.broker

CUTS = [
    pytest.param(before_order(1), 0, id="the first order is lost on its way", marks=pytest.mark.full),
    pytest.param(before_order(2), 1, id="after the first order"),
    pytest.param(before_what_if_after_order(2), 2, id="between the batches"),
    pytest.param(before_order(3), 2, id="the first order of batch 2 is lost", marks=pytest.mark.full),
    pytest.param(before_order(4), 3, id="in the middle of batch 2"),
]
"""Where the wire is cut, and how many orders have reached the gateway by then."""


def once_begun(journal: Path) -> Cut:
    """Before the first message after the plan was consumed."""

    def cut(_: list[str]) -> bool:
        if not journal.exists():
            return False
        with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as connection:
            tables = connection.execute("select count(*) from sqlite_master where name = 'runs'").fetchone()
            begun = tables != (0,) and connection.execute("select count(*) from runs").fetchone() != (0,)
            return bool(begun)

    return cut


def killed(on: Stage, cut: Cut, *words: str) -> None:
    """Run a command and kill it at the cut."""
    with wire(on.gateway.port, cut) as cut_wire:
        applying = on.start(*words, FOLIOCTL_GATEWAY=cut_wire.address)
        while not cut_wire.was_cut.wait(timeout=0.2):
            assert applying.process.poll() is None, applying.end()
        applying.kill()


def unfinished_run(on: Stage) -> str:
    """The run that `runs list` shows as not closed."""
    listed = on.run("runs", "list").expect(0).stdout
    (row,) = [line for line in listed.splitlines() if "not closed" in line]
    return row.split()[0]


@pytest.mark.parametrize(("cut", "arrived"), CUTS)
def test_the_next_apply_doubles_nothing_and_ends_in_sync(small: Stage, cut: Cut, arrived: int) -> None:
    killed(small, cut, "apply", "--auto-approve")
    assert len(small.gateway.orders) == arrived
    applied = small.run("apply", "--auto-approve", "--json").expect(0).document
    assert applied["outcome"] == "Applied"
    assert_small_is_traded_once(small.gateway)
    assert len(small.reports) == 2


def test_before_any_order_a_begun_plan_is_consumed(small: Stage) -> None:
    small.run("plan", "-o", "plan.json").expect(0)
    killed(small, once_begun(small.state / "journal.sqlite3"), "apply", "plan.json")
    run = unfinished_run(small)
    refused = small.run("apply", "plan.json", "--json").expect(4).document
    assert refused["error"]["code"] == "PlanAlreadyBegun"
    assert f"runs recover {run} --resume" in refused["error"]["message"]
    assert "--auto-approve" in one_line(small.run("runs", "recover", run, "--resume").expect(1))
    assert small.gateway.orders == []
    resumed = small.run("runs", "recover", run, "--resume", "--auto-approve", "--json").expect(0).document
    assert (resumed["id"], resumed["outcome"]) == (run, "Applied")
    assert_small_is_traded_once(small.gateway)


def test_resume_sends_only_what_was_never_sent(small: Stage) -> None:
    killed(small, before_what_if_after_order(2), "apply", "--auto-approve")
    run = unfinished_run(small)
    resumed = small.run("runs", "recover", run, "--resume", "--auto-approve", "--json").expect(0).document
    assert (resumed["id"], resumed["outcome"], resumed["summary"]["filled"]) == (run, "Applied", 5)
    assert_small_is_traded_once(small.gateway)


def test_resume_never_sends_an_order_again_that_was_lost(small: Stage) -> None:
    killed(small, before_order(2), "apply", "--auto-approve")
    run = unfinished_run(small)
    resumed = small.run("runs", "recover", run, "--resume", "--auto-approve", "--json")
    assert "TSLA" not in [order["symbol"] for order in small.gateway.orders]
    assert resumed.code not in (0, 1)
    small.run("apply", "--auto-approve").expect(0)
    assert_small_is_traded_once(small.gateway)
    assert "not closed" not in small.run("runs", "list").expect(0).stdout


def test_an_order_that_rests_when_the_process_dies_is_not_sent_again(small: Stage) -> None:
    small.gateway.ask("fill", symbol="NVDA", never=True)
    applying = small.start("apply", "--auto-approve")
    small.gateway.until(lambda gateway: len(gateway.orders) == 2 and gateway.resting == ["NVDA"])
    applying.kill()
    small.run("apply", "--auto-approve")
    assert [order["symbol"] for order in small.gateway.orders].count("NVDA") == 1
    small.gateway.ask("fill", symbol="NVDA")
    small.run("apply", "--auto-approve").expect(0)
    assert_small_is_traded_once(small.gateway)
    small.run("plan", "--detailed-exitcode").expect(0)


def test_what_filled_while_nobody_listened_is_counted(small: Stage) -> None:
    small.gateway.ask("fill", never=True)
    applying = small.start("apply", "--auto-approve")
    small.gateway.until(lambda gateway: len(gateway.resting) == 2)
    applying.kill()
    small.gateway.ask("fill")
    small.gateway.until(lambda gateway: gateway.resting == [])
    small.run("apply", "--auto-approve").expect(0)
    assert_small_is_traded_once(small.gateway)


def test_half_of_an_import_is_never_planned_by(small: Stage) -> None:
    """The Portfolio is written and the Account is not: new weights under the old leverage would trade."""
    before = {path: path.read_text() for path in small.manifests.iterdir()}
    words = ("import", "account", "--yes")
    order = Order(
        words=words,
        directory=small.directory / "repository",
        environment=small.environ(),
        output=small.directory / "stdout",
        errors=small.directory / "stderr",
        prepare="tests.faults.mortal:prepare_writing",
        given={"fatal": 2},
    )
    assert nursery().run(order) == -signal.SIGKILL
    assert [path.name for path, text in before.items() if path.read_text() != text] == ["portfolio.yaml"]

    for command in ("validate", "plan", "apply"):
        told = small.run(command).expect(1)
        assert "MAN024" in told.stdout + told.stderr
    assert small.gateway.orders == []

    (left,) = small.manifests.glob(".account.yaml.*.new")
    left.unlink()
    small.run(*words).expect(0)
    plan = small.run("plan", "--detailed-exitcode", "--json").expect(0)
    assert plan.document["summary"]["in_sync"] is True
