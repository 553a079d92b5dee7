"""Stages with the small account behind them, and a desk for commands that ask no broker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.here import Desk, a_desk
from tests.acceptance.stage import SMALL, Stage, stage


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Stage]:
    """A stage for each test."""
    with stage(tmp_path, SMALL) as made:
        yield made


@pytest.fixture
def ann(small: Stage) -> Stage:
    """The same, where it is Ann who gives commands."""
    small.environment["GITHUB_ACTOR"] = "ann"
    return small


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One stage for all cases of a file that send nothing."""
    with stage(tmp_path_factory.mktemp("quiet"), SMALL) as made:
        yield made
        assert made.gateway.orders == []


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """One desk for all cases of a file."""
    return a_desk(tmp_path_factory.mktemp("desk") / "desk")
