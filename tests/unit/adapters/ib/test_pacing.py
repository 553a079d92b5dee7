import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.adapters.ib.pacing import Pacer
from reconciler.simgateway.serving.virtual import run_virtually


async def turns(pacer: Pacer, count: int) -> list[float]:
    loop = asyncio.get_running_loop()
    taken = []
    for _ in range(count):
        await pacer.turn()
        taken.append(loop.time())
    return taken


@given(rate=st.integers(1, 120), count=st.integers(1, 300))
def test_no_window_of_a_second_holds_more_than_the_rate(rate: int, count: int) -> None:
    taken = run_virtually(turns(Pacer(rate), count))
    for earlier, later in zip(taken, taken[rate:], strict=False):
        assert later - earlier >= 1 - 1e-9


@pytest.mark.parametrize(("rate", "count", "seconds"), [(1, 3, 2), (45, 45, 0.8), (50, 100, 1.8), (3, 4, 1)])
def test_the_rate_is_used(rate: int, count: int, seconds: float) -> None:
    taken = run_virtually(turns(Pacer(rate), count))
    assert taken[-1] - taken[0] == pytest.approx(seconds)


def test_turns_are_given_in_the_order_of_asking() -> None:
    async def queue() -> list[int]:
        pacer, served = Pacer(2), list[int]()

        async def ask(number: int) -> None:
            await pacer.turn()
            served.append(number)

        await asyncio.gather(*(ask(number) for number in range(9)))
        return served

    assert run_virtually(queue()) == list(range(9))


def test_a_waiter_that_gives_up_takes_no_turn() -> None:
    async def scene() -> list[float]:
        pacer = Pacer(1)
        await pacer.turn()
        gives_up = asyncio.ensure_future(pacer.turn())
        await asyncio.sleep(0.5)
        gives_up.cancel()
        return await turns(pacer, 2)

    taken = run_virtually(scene())
    assert [round(at, 6) for at in taken] == [1, 2]
    assert all(later - earlier >= 1 - 1e-9 for earlier, later in pairwise(taken))
