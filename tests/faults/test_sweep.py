"""SIGKILL at every kind of point of an apply: by the gateway's ledger nothing is doubled, nothing is lost.

`make test` kills at one point of each kind, `make test-all` at all of them that `swept` names.
"""

import asyncio
from pathlib import Path

import pytest

from tests.faults.sweep import DRIFT, Scene, a_scene, all_points, death_at, swept

pytestmark = pytest.mark.broker

PARTS = 8
"""Into which the whole sweep is split, for the workers."""
FEWEST = 150

SAMPLE = {
    "after begin_run 1": "the plan is consumed, nothing else",
    "after record_intent 3": "an order whose intent alone is on disk",
    "after sent order 3": "an order that left and is not known to have left",
    "before received execution 2": "a fill that nobody heard of",
    "before record_reports 1": "reports that were heard and not written down",
    "before record_intent 11": "between the batches",
    "after record_sent 15": "in the middle of the second batch",
    "before end_run 1": "all is done, and the run is not closed",
}


@pytest.mark.parametrize("point", [pytest.param(point, id=words) for point, words in SAMPLE.items()])
def test_killed_at_a_point_of_each_kind_it_is_taken_up_exactly(point: str, tmp_path: Path) -> None:
    async def scene() -> None:
        async with a_scene(tmp_path / "scene") as made:
            assert await death_at(point, made) == []

    asyncio.run(scene())


@pytest.mark.full
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(PARTS))
def test_killed_at_any_point_it_is_taken_up_exactly(part: int, tmp_path: Path) -> None:
    async def sweep() -> dict[str, list[str] | None]:
        points = swept(await all_points(tmp_path / "counted"))
        assert len(points) >= FEWEST
        found = {}
        for point in points[part::PARTS]:
            async with a_scene(tmp_path / point.replace(" ", "-")) as made:
                found[point] = await death_at(point, made)
        return found

    found = asyncio.run(sweep())
    assert {point: problems for point, problems in found.items() if problems} == {}
    # How many rows of figures the gateway tells is a matter of time, and the last of them may not come every time.
    missed = [point for point, problems in found.items() if problems is None]
    assert len(missed) <= 2, missed


SELLS = {symbol for symbol, shares in DRIFT.items() if shares < 0}


@pytest.mark.parametrize(
    "point",
    [
        "after sent order 10",
        pytest.param("after sent order 1", marks=pytest.mark.full),
        pytest.param("after record_intent 10", marks=pytest.mark.full),
        pytest.param("before record_sent 10", marks=pytest.mark.full),
        pytest.param("before received status 8", marks=pytest.mark.full),
        pytest.param("after received status 10", marks=pytest.mark.full),
    ],
)
def test_what_rested_when_it_died_is_counted_whether_it_filled_before_it_was_taken_up_or_after(
    point: str, tmp_path: Path
) -> None:
    async def filled_meanwhile() -> None:
        async with a_scene(tmp_path / "meanwhile") as made:
            await killed_with_orders_that_rest(made, point)
            made.ask("fill")
            assert (await made.take_up())[-1].code == 0
            assert made.wrong() == []

    async def still_resting() -> None:
        async with a_scene(tmp_path / "still") as made:
            await killed_with_orders_that_rest(made, point)
            rest = made.resting
            await made.take_up()
            assert made.resting == rest
            assert [order["symbol"] for order in made.orders if order["symbol"] in rest] == rest
            made.ask("fill")
            assert (await made.take_up())[-1].code == 0
            assert made.wrong() == []

    asyncio.run(filled_meanwhile())
    asyncio.run(still_resting())


async def killed_with_orders_that_rest(made: Scene, point: str) -> None:
    for symbol in SELLS:
        made.ask("fill", symbol=symbol, never=True)
    assert await made.die(point)
    assert made.resting
