"""Connections that are made, fail, break and are made again; and the order ids of each."""

import asyncio

import pytest

from reconciler.domain.errors import BrokerRefused, BrokerUnavailable
from reconciler.domain.ids import OrderId
from reconciler.domain.unknown import Unknown
from tests.contract.broker_worlds import FOREIGN_STOP, PATIENT, GatewayWorld, spec
from tests.unit.adapters.ib.kinds import NEXT_ID, START_API
from tests.unit.adapters.ib.wire import play, with_field

pytestmark = pytest.mark.broker


def test_a_gateway_that_accepts_and_says_nothing_is_unavailable() -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.swallowed.add(START_API)
        with pytest.raises(BrokerUnavailable, match=rf"127\.0\.0\.1:{world.tap.port} did not answer within 0\.03 s"):
            await world.session(connect_seconds=0.03).connect()

    play(case)


def test_a_gateway_that_hangs_up_during_the_login_is_not_waited_for() -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.cut_before.add(START_API)
        with pytest.raises(BrokerUnavailable, match="closed the connection during the login"):
            await world.connected()

    play(case)


def test_a_client_id_in_use_is_told_at_once() -> None:
    async def case(world: GatewayWorld) -> None:
        first = await world.connected(client_id=5)
        with pytest.raises(BrokerRefused, match="client id 5 is in use"):
            await world.connected(client_id=5)
        await first.close()

    play(case)


def test_the_last_word_of_a_failed_connect_does_not_end_the_next() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = world.session(connect_seconds=0.1)
        world.tap.swallowed.add(START_API)
        with pytest.raises(BrokerUnavailable):
            await broker.connect()
        world.tap.swallowed.clear()
        await broker.connect()
        lost = asyncio.ensure_future(broker.connection_lost())
        await broker.read_positions()
        assert not lost.done()
        lost.cancel()
        await broker.close()

    play(case)


def test_a_failed_connect_can_be_tried_again() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = world.session()
        world.tap.cut_before.add(START_API)
        with pytest.raises(BrokerUnavailable):
            await broker.connect()
        world.tap.cut_before.clear()
        await broker.connect()
        assert not isinstance(await broker.read_positions(), Unknown)
        await broker.close()

    play(case)


def test_a_lost_connection_can_be_opened_again() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        lost = broker.connection_lost()
        world.breaks()
        assert f"127.0.0.1:{world.tap.port} closed the connection" in await lost
        await broker.connect()
        again = asyncio.ensure_future(broker.connection_lost())
        assert not isinstance(await broker.read_positions(), Unknown)
        assert not again.done()
        again.cancel()
        await broker.close()

    play(case)


def test_a_read_that_the_connection_is_lost_under_is_unavailable() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        world.tap.cut_before.add("16")
        async with asyncio.timeout(PATIENT / 2):
            with pytest.raises(BrokerUnavailable):
                await broker.read_working_orders()
        await broker.close()

    play(case)


def test_the_gateway_s_id_may_roll_back_and_ours_do_not() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        used = broker.next_order_id(above=OrderId(100))
        world.breaks()
        await broker.connection_lost()
        await broker.connect()
        assert broker.next_order_id(above=OrderId(0)) > used
        await broker.close()

    play(case)


def test_ids_are_above_what_the_gateway_names() -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.edit = with_field(NEXT_ID, 2, "7000")
        broker = await world.connected()
        assert broker.next_order_id(above=OrderId(3)) == 7000
        await broker.close()

    play(case)


def test_ids_are_above_those_of_other_clients_orders() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        await broker.read_working_orders()
        assert broker.next_order_id(above=OrderId(0)) == FOREIGN_STOP.order_id + 1
        await broker.close()

    play(case)


def test_messages_are_paced() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = world.session(messages_per_second=50)  # groups of ten, a fifth of a second apart
        loop = asyncio.get_running_loop()
        began = loop.time()
        await broker.connect()
        await broker.read_contracts([spec(f"NO{number}") for number in range(10)])
        assert loop.time() - began > 0.19
        await broker.close()

    play(case)


def test_the_library_s_own_throttle_is_off() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        loop = asyncio.get_running_loop()
        began = loop.time()
        await broker.read_contracts([spec(f"NO{number}") for number in range(60)])
        assert loop.time() - began < 1
        await broker.close()

    play(case)
