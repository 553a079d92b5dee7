"""Unlock: it explains who holds an account, clears away what a dead process left, and takes nothing from a live one."""

import json
import signal

import pytest

from tests.acceptance.here import one_line, run_here
from tests.acceptance.stage import Stage

pytestmark = pytest.mark.broker


def test_a_live_holder_is_named_and_keeps_it_and_a_dead_one_is_cleared_away(small: Stage) -> None:
    assert "no run and no account 'main'" in one_line(run_here(small, "unlock", "main").expect(1))
    small.gateway.ask("fill", never=True)
    applying = small.start("apply", "--auto-approve")
    small.gateway.until(lambda gateway: len(gateway.resting) == 2)
    lock = small.state / "locks" / "main.lock"
    row = json.loads(lock.read_text())

    (run,) = [line.split()[0] for line in run_here(small, "runs", "list").stdout.splitlines() if "not closed" in line]
    for name in ("main", run):
        held = one_line(run_here(small, "unlock", name).expect(5))
        assert f"`folioctl apply` (process {applying.process.pid} on {row['machine']}) since 2" in held
        assert f"kill -TERM {applying.process.pid}" in held
    assert json.loads(lock.read_text()) == row
    assert len(small.gateway.resting) == 2

    applying.kill()
    cleared = one_line(run_here(small, "unlock", "main").expect(0))
    assert "account 'main' is free" in cleared
    assert f"folioctl runs resolve {run} --reason" in cleared
    assert lock.read_text() == ""
    assert "nothing to clear away" in one_line(run_here(small, "unlock", run).expect(0))


def test_what_it_advises_ends_the_holder_in_order(small: Stage) -> None:
    small.gateway.ask("fill", never=True)
    applying = small.start("apply", "--auto-approve")
    small.gateway.until(lambda gateway: len(gateway.resting) == 2)
    run_here(small, "unlock", "main").expect(5)
    applying.process.send_signal(signal.SIGTERM)
    applying.end().expect(130)
    assert "nothing to clear away" in one_line(run_here(small, "unlock", "main").expect(0))
    assert small.gateway.resting == []
