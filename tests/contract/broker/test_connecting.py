"""Which sessions begin, which are refused, and what the gateway says of itself."""

import asyncio
from datetime import timedelta

import pytest

from reconciler.domain.desired import Environment
from reconciler.domain.errors import BrokerRefused, BrokerUnavailable
from reconciler.domain.ids import AccountId
from reconciler.domain.unknown import Unknown
from tests.contract.broker.acts import Play
from tests.contract.broker_worlds import World
from tests.fakes.clock import START


def test_a_gateway_that_is_not_there_may_be_tried_again(play: Play) -> None:
    async def case(world: World) -> None:
        with pytest.raises(BrokerUnavailable):
            await world.nowhere().connect()

    play(case)


def test_an_account_that_is_not_served_is_refused(play: Play) -> None:
    async def case(world: World) -> None:
        with pytest.raises(BrokerRefused) as refusal:
            await world.session(account_id=AccountId("DU7654321")).connect()
        assert "DU7654321" not in str(refusal.value)

    play(case)


def test_a_paper_account_is_refused_where_the_manifest_says_live(play: Play) -> None:
    async def case(world: World) -> None:
        with pytest.raises(BrokerRefused):
            await world.session(environment=Environment.LIVE).connect()

    play(case)


def test_a_client_id_in_use_is_refused(play: Play) -> None:
    async def case(world: World) -> None:
        first = await world.connected(client_id=5)
        with pytest.raises(BrokerRefused, match="5"):
            await world.session(client_id=5).connect()
        await first.close()

    play(case)


def test_closing_twice_and_before_connecting_is_safe(play: Play) -> None:
    async def case(world: World) -> None:
        broker = world.session()
        await broker.close()
        await broker.connect()
        await broker.close()
        await broker.close()

    play(case)


def test_a_closed_session_can_be_opened_again(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        await broker.close()
        await broker.connect()
        assert not isinstance(await broker.read_positions(), Unknown)
        await broker.close()

    play(case)


def test_two_client_ids_read_side_by_side(play: Play) -> None:
    async def case(world: World) -> None:
        one, other = await world.connected(client_id=1), await world.connected(client_id=2)
        assert await one.read_positions() == await other.read_positions()
        await one.close()
        await other.close()

    play(case)


def test_the_gateway_tells_its_version_its_time_and_how_many_accounts_it_serves(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        told = await broker.read_gateway()
        assert told.server_version >= 157
        assert told.accounts == 1
        assert not isinstance(told.time, Unknown)
        assert abs(told.time - START) < timedelta(minutes=1)
        await broker.close()
        with pytest.raises(BrokerUnavailable):
            await broker.read_gateway()

    play(case)


def test_many_who_connect_at_once_share_one_connection(play: Play) -> None:
    async def case(world: World) -> None:
        broker = world.session()
        await asyncio.gather(*[broker.connect() for _ in range(5)])
        assert not isinstance(await broker.read_positions(), Unknown)
        await broker.close()
        again = await world.connected()
        await again.close()

    play(case)
