"""Lives of many seeds: no promise is broken in any of them."""

from pathlib import Path

import pytest

from tests.simulation.__main__ import DAYS, failure
from tests.simulation.life import Course, live

pytestmark = pytest.mark.broker

SAMPLED = (1, 2, 3)
ALL = 500
AT_ONCE = 10


def lives_unbroken(seed: int, days: int, directory: Path, *, faults: bool = True) -> None:
    lived = live(Course(seed, days, faults=faults), directory)
    assert lived.breaches == [], failure(lived)


@pytest.mark.parametrize("seed", SAMPLED)
def test_no_promise_is_broken(seed: int, tmp_path: Path) -> None:
    lives_unbroken(seed, 3, tmp_path)


def test_no_promise_is_broken_in_fair_weather(tmp_path: Path) -> None:
    lives_unbroken(4, 3, tmp_path, faults=False)


@pytest.mark.full
@pytest.mark.timeout(900)
@pytest.mark.parametrize("first", range(1, ALL + 1, AT_ONCE))
def test_no_promise_is_broken_in_five_hundred_weeks(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + AT_ONCE):
        directory = tmp_path / str(seed)
        directory.mkdir()
        lives_unbroken(seed, DAYS, directory)
