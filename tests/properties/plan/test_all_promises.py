"""All promises at once: in worlds that once broke one, and in very many others."""

import pytest
from hypothesis import given, settings

from tests.properties.found import FOUND
from tests.properties.plan.promises import PROMISES
from tests.strategies import World, any_worlds


@pytest.mark.parametrize("name", FOUND)
def test_all_promises_in_worlds_that_once_broke_one(name: str) -> None:
    for holds in PROMISES:
        holds(FOUND[name])


@pytest.mark.full
@pytest.mark.timeout(3600)
@settings(max_examples=30_000)
@given(any_worlds())
def test_all_promises_over_many_worlds(world: World) -> None:
    for holds in PROMISES:
        holds(world)
