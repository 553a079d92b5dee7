"""What every Clock does: it tells a moment in UTC, and is not behind what it said before."""

from datetime import UTC, timedelta

import pytest

from reconciler.adapters.clock import SystemClock
from reconciler.ports import Clock
from tests.fakes.clock import START, SteppedClock


@pytest.fixture(params=[SystemClock(), SteppedClock(), SteppedClock(step=timedelta(seconds=1))])
def clock(request: pytest.FixtureRequest) -> Clock:
    told: Clock = request.param
    return told


def test_now_is_a_moment_in_utc(clock: Clock) -> None:
    assert clock.now().tzinfo is UTC


def test_now_is_not_before_the_last_now(clock: Clock) -> None:
    assert clock.now() <= clock.now()


def test_a_stepped_clock_moves_when_it_is_told_to() -> None:
    clock = SteppedClock(step=timedelta(seconds=1))
    assert clock.now() == START
    clock.advance(timedelta(minutes=1))
    assert clock.now() == START + timedelta(seconds=61)
