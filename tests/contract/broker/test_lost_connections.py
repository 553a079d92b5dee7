"""Connections that break, of ours to the gateway and of the gateway to the broker."""

import asyncio
from contextlib import suppress

import pytest

from reconciler.domain.errors import BrokerUnavailable, SendUncertain
from reconciler.domain.ids import OrderId
from tests.contract.broker.acts import IMPATIENT, REF, Play, contract, evidence_of, place
from tests.contract.broker_worlds import World, ticket
from tests.fakes.broker import Reaction


def test_a_broken_connection_is_told(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        lost = broker.connection_lost()
        world.breaks()
        async with asyncio.timeout(5):
            assert await lost
        with pytest.raises(BrokerUnavailable):
            await broker.read_positions()
        await broker.close()

    play(case)


def test_a_closed_connection_was_not_lost(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        lost = asyncio.ensure_future(broker.connection_lost())
        await broker.close()
        done, _ = await asyncio.wait({lost}, timeout=IMPATIENT)
        assert not done
        lost.cancel()

    play(case)


def test_the_place_where_a_waiter_gives_up_does_not_silence_the_next(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        gives_up = asyncio.ensure_future(broker.connection_lost())
        gives_up.cancel()
        await asyncio.wait({gives_up})
        lost = broker.connection_lost()
        world.breaks()
        async with asyncio.timeout(5):
            assert await lost
        await broker.close()

    play(case)


def test_a_gateway_that_loses_the_broker_is_told_as_a_loss_and_answers_nothing(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected(seconds=1)
        order = ticket(await contract(broker), REF)
        lost = broker.connection_lost()
        world.loses_broker()
        async with asyncio.timeout(5):
            assert await lost
        with pytest.raises(BrokerUnavailable):
            await broker.read_positions()
        with pytest.raises(BrokerUnavailable):
            await place(broker, order)
        with pytest.raises(BrokerUnavailable):
            await broker.connect()
        assert world.received() == []
        await broker.close()

    play(case)


def test_once_the_broker_is_back_the_connection_is_as_good_as_before(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        before = await broker.read_positions()
        lost = broker.connection_lost()
        world.loses_broker()
        await lost
        world.regains_broker()
        await broker.connect()
        assert await broker.read_positions() == before
        lost = broker.connection_lost()
        world.breaks()
        async with asyncio.timeout(5):
            assert await lost
        await broker.close()

    play(case)


def test_without_a_connection_nothing_is_intended_and_nothing_sent(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        msft = await contract(broker)
        lost = broker.connection_lost()
        world.breaks()
        await lost
        intended: list[str] = []
        with pytest.raises(BrokerUnavailable):
            await broker.place(ticket(msft, REF), OrderId(600), lambda: intended.append(REF))
        assert world.received() == intended == []
        await broker.close()

    play(case)


@pytest.mark.parametrize(
    ("reaction", "arrives"), [(Reaction.LOST_BEFORE_SEND, False), (Reaction.LOST_AFTER_SEND, True)]
)
def test_what_became_of_a_send_that_broke_is_found_by_reading(play: Play, reaction: Reaction, arrives: bool) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        msft = await contract(broker)
        lost = broker.connection_lost()
        world.reacts("MSFT", reaction)
        with suppress(SendUncertain):
            await place(broker, ticket(msft, REF))
        async with asyncio.timeout(5):
            await lost
        await broker.close()
        again = await world.connected()
        reports = await again.read_order_evidence()
        assert (REF in evidence_of(reports).traces) is arrives
        assert world.received() == ([REF] if arrives else [])
        await again.close()

    play(case)
