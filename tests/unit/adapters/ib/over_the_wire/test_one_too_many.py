"""Messages that the gateway refuses because there were too many within a second."""

import asyncio

import pytest

from reconciler.adapters.ib.broker import IbBroker
from reconciler.domain.errors import BrokerUnavailable
from reconciler.domain.unknown import Unknown
from reconciler.ports import QuoteExtra
from tests.contract.broker_worlds import GatewayWorld, ticket
from tests.unit.adapters.ib.said import REF
from tests.unit.adapters.ib.wire import Reading, arrived, connected, msft, play_virtually

pytestmark = pytest.mark.broker


async def increments(broker: IbBroker) -> object:
    return await broker.read_price_increments([await msft(broker)])


async def plain_quotes(broker: IbBroker) -> object:
    return await broker.read_quotes([await msft(broker)])


async def streamed_quotes(broker: IbBroker) -> object:
    return await broker.read_quotes([await msft(broker)], extras=(QuoteExtra.AVERAGE_VOLUME,))


async def margin(broker: IbBroker) -> object:
    return await broker.what_if(ticket(await msft(broker), REF))


READINGS: list[Reading] = [
    *(IbBroker.read_positions, IbBroker.read_account, IbBroker.read_working_orders, IbBroker.read_trades),
    *(IbBroker.read_order_evidence, msft, increments, plain_quotes, streamed_quotes, margin),
]
TOO_FAST = r"refused a message: 100 Max rate of messages"


@pytest.mark.parametrize("read", READINGS)
def test_a_reading_that_is_refused_as_one_too_many_ends_at_once_and_may_be_asked_again(read: Reading) -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        if read is not msft:
            await msft(broker)  # a contract that is known is not asked for again
        loop = asyncio.get_running_loop()
        began = loop.time()
        world.running.broker.quirks.arm("pacing@1")
        with pytest.raises(BrokerUnavailable, match=TOO_FAST):
            await read(broker)
        assert loop.time() - began < 1
        await broker.connect()
        answer = await read(broker)
        assert not isinstance(answer, Unknown)
        assert loop.time() - began < 1
        await arrived(broker)
        subscriptions = world.running.broker.clients[1].subscriptions
        assert (subscriptions.account, subscriptions.positions) == ("", False), "nothing of it goes on"
        await broker.read_quotes([])
        await arrived(broker)
        assert subscriptions.quotes == {}
        await broker.close()

    play_virtually(case)
