"""A stage for each test, with the small account behind it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.stage import SMALL, Stage, stage


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path, SMALL) as made:
        yield made
