"""Orders of others: which may be cancelled, and that no other is."""

from dataclasses import replace

import pytest

from reconciler.domain.account import WorkingOrder
from reconciler.domain.errors import BrokerRefused, BrokerUnavailable
from reconciler.domain.ids import OrderId
from reconciler.domain.orders import StatusReport
from reconciler.ports import Broker
from tests.contract.broker.acts import REF, Inbox, Play, contract, place, statuses, working_orders
from tests.contract.broker_worlds import FOREIGN_CLIENT, FOREIGN_STOP, World, ticket, unwritten
from tests.fakes.broker import Reaction


async def is_gone(broker: Broker, order: WorkingOrder) -> bool:
    """Whether the order is among the working ones no more, in one of the next readings."""
    for _ in range(20):
        if order.perm_id not in {each.perm_id for each in await working_orders(broker)}:
            return True
    return False


def test_an_order_of_somebody_else_is_cancelled_where_the_broker_lets_others_do_that(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        world.lets_others_cancel()
        assert FOREIGN_STOP in await working_orders(broker)
        await broker.cancel_foreign(FOREIGN_STOP)
        assert await is_gone(broker, FOREIGN_STOP)
        await broker.cancel_foreign(FOREIGN_STOP)  # it is gone already, and nobody minds
        assert await working_orders(broker) == ()
        await broker.close()

    play(case)


def test_an_order_of_another_program_is_cancelled_and_that_program_hears_of_it(play: Play) -> None:
    async def case(world: World) -> None:
        broker, other = await world.connected(), await world.connected(client_id=FOREIGN_CLIENT)
        world.lets_others_cancel()
        world.reacts("GLD", Reaction.REST)
        inbox = Inbox(other)
        await place(other, ticket(await contract(other, "GLD"), "someone:1", limit="300"))
        await inbox.until(bool)
        (theirs,) = (each for each in await working_orders(broker) if each.order_ref == "someone:1")
        assert theirs.client_id == FOREIGN_CLIENT
        await broker.cancel_foreign(theirs)
        assert await is_gone(broker, theirs)
        await inbox.until(
            lambda seen: any(isinstance(each, StatusReport) and each.status == "Cancelled" for each in seen)
        )
        assert await working_orders(broker) == (FOREIGN_STOP,)
        await broker.close()
        await other.close()

    play(case)


def test_an_order_of_somebody_else_stays_where_the_broker_does_not_let_others_cancel(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        await broker.cancel_foreign(FOREIGN_STOP)
        assert not await is_gone(broker, FOREIGN_STOP)
        await broker.close()

    play(case)


@pytest.mark.parametrize("order_id", [0, -4, 2147483647])
def test_an_order_without_an_id_to_cancel_it_by_is_refused(play: Play, order_id: int) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        world.lets_others_cancel()
        by_hand = replace(FOREIGN_STOP, client_id=0, order_id=OrderId(order_id))
        with pytest.raises(BrokerRefused, match="MSFT"):
            await broker.cancel_foreign(by_hand)
        assert not await is_gone(broker, FOREIGN_STOP)
        await broker.close()

    play(case)


def test_an_order_of_ours_is_not_cancelled_for_one_of_another_client_with_the_same_id(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        world.lets_others_cancel()
        world.reacts("GLD", Reaction.REST)
        inbox = Inbox(broker)
        await broker.place(ticket(await contract(broker, "GLD"), REF, limit="300"), FOREIGN_STOP.order_id, unwritten)
        await inbox.until(lambda seen: bool(statuses(seen)))
        with pytest.raises(BrokerRefused, match="same id"):
            await broker.cancel_foreign(FOREIGN_STOP)
        (ours,) = (each for each in await working_orders(broker) if each.order_ref == REF)
        assert not await is_gone(broker, ours)
        await broker.cancel_foreign(replace(ours, order_ref=None))
        assert await is_gone(broker, ours), "an order of our own client id is the one that its id names"
        await broker.close()

    play(case)


def test_an_order_of_somebody_else_is_not_cancelled_without_a_connection(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        lost = broker.connection_lost()
        world.breaks()
        await lost
        with pytest.raises(BrokerUnavailable):
            await broker.cancel_foreign(FOREIGN_STOP)
        await broker.close()

    play(case)
