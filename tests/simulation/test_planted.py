"""Bugs that are planted on purpose are found: each by its pinned seed, and by a search that knows nothing of it."""

from itertools import count
from pathlib import Path

import pytest

from tests.simulation.__main__ import DAYS
from tests.simulation.life import Course, Lived, live
from tests.simulation.planted import PLANTED

pytestmark = pytest.mark.broker

FOUND = {
    "retries-a-send": (181, "no attempt is sent twice"),
    "reads-zero": (34, "no buy beyond the leverage"),
    "trusts-a-notice": (13, "a report agrees with the ledger"),
}
"""By bug: the seed that catches it within a day, and the promise that it breaks."""

LATEST = 300
"""The seed before which a search has found each of them."""


def lived_with(bug: str, seed: int, days: int, directory: Path) -> Lived:
    directory.mkdir()
    return live(Course(seed, days, plant=PLANTED[bug]), directory)


@pytest.mark.parametrize("bug", PLANTED)
def test_its_seed_catches_it(bug: str, tmp_path: Path) -> None:
    seed, promise = FOUND[bug]
    with_it = lived_with(bug, seed, 1, tmp_path / "with")
    assert promise in {breach.promise for breach in with_it.breaches}
    without = live(Course(seed, 1), tmp_path)
    assert without.breaches == []


@pytest.mark.full
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("bug", PLANTED)
def test_a_search_finds_it(bug: str, tmp_path: Path) -> None:
    found = next(seed for seed in count(1) if lived_with(bug, seed, DAYS, tmp_path / str(seed)).breaches)
    assert found < LATEST
