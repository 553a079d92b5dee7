"""A day of continuous running leaves nothing behind: memory is flat, no task, socket or lock is left of any command."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from reconciler.domain.orders import Report
from reconciler.domain.unknown import Unknown
from reconciler.ports import AccountReading, Broker
from tests.simulation.endurance import Course, Day, Way, live, resident, scheduled, traced
from tests.simulation.planted import Bug

pytestmark = pytest.mark.broker

SAMPLE = Course(turns=6, every=timedelta(minutes=40))
"""Sixteen hours, over the close, the night's restart and the reset of the broker's day."""
WHOLE = Course(turns=24, every=timedelta(minutes=15))
FLAT = 96 * 1024
"""Bytes between the usual memory of the two halves: two thousand for each command between them.

A plan or an account is ten times that. What does grow is the gateway's, made by a library on its behalf.
"""

WAYS = pytest.mark.parametrize("way", [scheduled, resident])


def assert_nothing_is_left(day: Day) -> None:
    assert day.left == []
    assert day.grown == set()


@WAYS
def test_hours_of_commands_leave_nothing_behind(way: Way, tmp_path: Path) -> None:
    day = live(way, SAMPLE, tmp_path)

    assert_nothing_is_left(day)
    assert day.orders >= 3


@pytest.mark.full
@pytest.mark.timeout(600)
@WAYS
def test_a_day_of_commands_leaves_nothing_behind_and_its_memory_is_flat(way: Way, tmp_path: Path) -> None:
    with traced():
        day = live(way, WHOLE, tmp_path)

    assert_nothing_is_left(day)
    assert abs(day.bytes) < FLAT
    assert day.orders >= 10


class Hoards(Bug):
    """Who subscribed to reports hears them for ever, and every reading of the account is kept."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker)
        self._kept: list[object] = []

    def subscribe(self, listener: Callable[[Report], None]) -> Callable[[], None]:
        self._broker.subscribe(listener)
        return lambda: None

    async def read_account(self) -> AccountReading | Unknown:
        self._kept.append(reading := await self._broker.read_account())
        return reading


class LeavesOpen(Bug):
    """Each reading of the account makes a socket, until the session closes, and begins a task that never ends."""

    def __init__(self, broker: Broker) -> None:
        super().__init__(broker)
        self._sockets = ExitStack()

    async def read_account(self) -> AccountReading | Unknown:
        self._sockets.enter_context(socket.socket())
        self._task = asyncio.ensure_future(asyncio.Event().wait())
        return await self._broker.read_account()

    async def close(self) -> None:
        self._sockets.close()
        await self._broker.close()


def planted(course: Course, bug: type[Bug]) -> Course:
    return replace(course, plant=bug)


def test_what_a_long_lived_session_keeps_is_found(tmp_path: Path) -> None:
    grown = live(resident, planted(replace(SAMPLE, every=WHOLE.every), Hoards), tmp_path).grown

    assert {"reconciler.engine.desk Desk", "reconciler.ports AccountReading"} <= grown


def test_what_a_command_leaves_open_is_found(tmp_path: Path) -> None:
    left = " ".join(live(resident, planted(replace(SAMPLE, turns=2), LeavesOpen), tmp_path).left)

    assert "tasks" in left
    assert "open files" in left
