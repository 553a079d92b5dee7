"""The trades of the day, ours and others'."""

from decimal import Decimal

import pytest

from reconciler.domain.account import Side
from reconciler.domain.history import Trade
from reconciler.domain.money import Money
from reconciler.domain.unknown import Unknown
from reconciler.ports import Broker
from tests.contract.broker.acts import MSFT, REF, SAP, Play, contract, trade
from tests.contract.broker_worlds import EUR, FOREIGN_CLIENT, USD, World, ticket


async def trades(broker: Broker) -> tuple[Trade, ...]:
    found = await broker.read_trades()
    assert not isinstance(found, Unknown)
    return found


def test_before_anything_was_traded_there_are_no_trades(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        assert await broker.read_trades() == ()
        await broker.close()

    play(case)


@pytest.mark.parametrize("side", list(Side))
def test_a_trade_of_ours_is_told_once_though_it_was_reported_as_it_happened(play: Play, side: Side) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        execution = await trade(broker, ticket(await contract(broker), REF, 10, side=side))
        (told,) = await trades(broker)
        fill = execution.fill
        assert (told.con_id, told.side, told.shares, told.price) == (MSFT, side, Decimal(10), fill.price)
        assert told.time == fill.time
        assert told.time.tzinfo is not None
        assert told.value == Money(10 * fill.price, USD)
        assert told.is_ours
        assert not told.is_liquidation
        assert await trades(broker) == (told,)
        await broker.close()

    play(case)


@pytest.mark.parametrize("ref", ["", "someone:1", "folioctl"])
def test_a_trade_of_somebody_else_is_told_and_is_not_ours(play: Play, ref: str) -> None:
    async def case(world: World) -> None:
        broker, other = await world.connected(), await world.connected(client_id=FOREIGN_CLIENT)
        msft = await contract(other)
        await trade(other, ticket(msft, ref, 7, side=Side.SELL))
        (theirs,) = await trades(broker)
        assert (theirs.con_id, theirs.side, theirs.shares, theirs.is_ours) == (MSFT, Side.SELL, Decimal(7), False)
        await trade(broker, ticket(msft, REF, 2))
        assert {(each.shares, each.is_ours) for each in await trades(broker)} == {
            (Decimal(7), False),
            (Decimal(2), True),
        }
        await broker.close()
        await other.close()

    play(case)


def test_a_trade_is_worth_shares_times_price_in_the_currency_of_its_contract(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        await trade(broker, ticket(await contract(broker, "SAP"), REF, 20))
        (told,) = await trades(broker)
        assert (told.con_id, told.value) == (SAP, Money(20 * told.price, EUR))
        assert 150 <= told.price < 151
        await broker.close()

    play(case)


def test_a_trade_of_an_earlier_session_is_told(play: Play) -> None:
    async def case(world: World) -> None:
        first = await world.connected()
        await trade(first, ticket(await contract(first), REF, 10))
        told = await trades(first)
        await first.close()
        second = await world.connected(client_id=2)
        assert await trades(second) == told
        await second.close()

    play(case)
