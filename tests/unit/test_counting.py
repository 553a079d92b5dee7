"""How many there are of something, as people write it."""

import pytest

from reconciler.domain.counting import counted, counted_each


@pytest.mark.parametrize(("number", "words"), [(0, "0 orders"), (1, "1 order"), (2, "2 orders")])
def test_one_is_singular(number: int, words: str) -> None:
    assert counted(number, "order") == words


def test_the_noun_is_said_once_and_each_has_its_own_number() -> None:
    assert counted_each({"main": 1}, "target") == "1 target for main"
    assert counted_each({"main": 1, "side": 12}, "target") == "1 target for main, 12 for side"
