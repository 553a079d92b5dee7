"""What every Broker does: the one in memory, and the IB adapter over a socket, with whichever library is installed."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from reconciler.simgateway.serving.virtual import run_virtually
from tests.contract.broker.acts import Case, Play
from tests.contract.broker_worlds import World, fake_world, gateway_world

WORLDS = [pytest.param(fake_world, id="fake"), pytest.param(gateway_world, id="ib", marks=pytest.mark.broker)]


async def played(world: Callable[[], AbstractAsyncContextManager[World]], case: Case) -> None:
    async with world() as account:
        await case(account)


@pytest.fixture(params=WORLDS)
def play(request: pytest.FixtureRequest) -> Play:
    return lambda case: asyncio.run(played(request.param, case))


@pytest.fixture(params=WORLDS)
def play_virtually(request: pytest.FixtureRequest) -> Play:
    """On virtual time, its sockets in memory: for what is waited for, and never comes."""
    return lambda case: run_virtually(played(request.param, case))
