"""The garbage collector rests while manifests are read, and works again whatever came of it."""

import gc

import pytest

from cli.collection import uncollected


def test_it_rests_in_the_block_and_works_behind_it() -> None:
    with uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_works_again_behind_a_failure() -> None:
    with pytest.raises(ValueError, match="no"), uncollected():
        raise ValueError("no")
    assert gc.isenabled()


def test_what_was_made_in_the_block_is_not_looked_through() -> None:
    with uncollected():
        made = [[each] for each in range(10)]
    assert not any(each is made for each in gc.get_objects())
