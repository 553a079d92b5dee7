"""What every Broker tells of an account that is watched, as it is and as it changes; and the broker's alarms.

The one in memory, and the IB adapter over a socket, with whichever library is installed.
"""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Generic, TypeVar

import pytest

from reconciler.domain.account import Side
from reconciler.domain.errors import BrokerUnavailable, InvariantBroken
from reconciler.domain.ids import ConId
from reconciler.domain.unknown import Unknown
from reconciler.ports import AccountNews, AccountReading, Alarm, Liquidation, MarginAlert
from tests.contract.broker.acts import GLD, MSFT, REF, Play, contract, place, reading_of
from tests.contract.broker_worlds import World, ticket

News = TypeVar("News")

QUIET = 10
"""Seconds in which nothing more is to come."""


class Heard(Generic[News]):
    """What a listener is told."""

    def __init__(self) -> None:
        self.news: list[News] = []
        self._came = asyncio.Event()

    def hear(self, news: News) -> None:
        self.news.append(news)
        self._came.set()

    async def until(self, holds: Callable[[News], bool]) -> News:
        async with asyncio.timeout(5):
            while not any(holds(each) for each in self.news):
                self._came.clear()
                await self._came.wait()
        return next(each for each in self.news if holds(each))


def holds(con_id: ConId, quantity: int) -> Callable[[AccountNews], bool]:
    """Whether the news are that so much of it is held."""

    def told(news: AccountNews) -> bool:
        if not isinstance(news, AccountReading) or isinstance(news.portfolio, Unknown):
            return False
        return {row.con_id: row.quantity for row in news.portfolio}.get(con_id, Decimal(0)) == quantity

    return told


def test_the_account_is_told_as_it_is_and_after_a_fill(play: Play) -> None:
    async def case(world: World) -> None:
        broker, feed = await world.connected(), Heard[AccountNews]()
        async with broker.watch_account(feed.hear):
            first = await feed.until(holds(MSFT, 60))
            read = await reading_of(broker)
            assert isinstance(first, AccountReading)
            assert (first.values, first.cash) == (read.values, read.cash)
            await place(broker, ticket(await contract(broker), REF, 10))
            after = await feed.until(holds(MSFT, 70))
        assert isinstance(after, AccountReading)
        assert not isinstance(after.values, Unknown)
        assert not isinstance(first.values, Unknown)
        assert after.values.initial_margin.amount > first.values.initial_margin.amount
        await broker.close()

    play(case)


def test_the_account_is_told_after_a_price_moved(play: Play) -> None:
    async def case(world: World) -> None:
        broker, feed = await world.connected(), Heard[AccountNews]()

        def is_lower(news: AccountNews) -> bool:
            return (
                isinstance(news, AccountReading)
                and not isinstance(news.portfolio, Unknown)
                and any(row.con_id == GLD and row.market_price == 200 for row in news.portfolio)
            )

        async with broker.watch_account(feed.hear):
            await feed.until(holds(MSFT, 60))
            world.moves("GLD", 200)
            lower = await feed.until(is_lower)
        assert isinstance(lower, AccountReading)
        assert not isinstance(lower.values, Unknown)
        assert lower.values.net_liquidation.amount == 60_000 + 60 * 500 + 20 * 200
        await broker.close()

    play(case)


def test_a_margin_alert_is_told(play: Play) -> None:
    async def case(world: World) -> None:
        broker, heard = await world.connected(), Heard[Alarm]()
        broker.subscribe_alarms(heard.hear)
        world.warns_of_margin()
        alert = await heard.until(lambda _: True)
        assert isinstance(alert, MarginAlert)
        assert "margin" in alert.text
        await broker.close()

    play(case)


def test_a_liquidation_is_told(play: Play) -> None:
    async def case(world: World) -> None:
        broker, heard = await world.connected(), Heard[Alarm]()
        broker.subscribe_alarms(heard.hear)
        world.liquidates("GLD")
        assert await heard.until(lambda _: True) == Liquidation(GLD, Side.SELL, Decimal(20))
        await broker.close()

    play(case)


def test_our_own_sell_is_no_liquidation(play: Play) -> None:
    async def case(world: World) -> None:
        broker, feed, heard = await world.connected(), Heard[AccountNews](), Heard[Alarm]()
        broker.subscribe_alarms(heard.hear)
        async with broker.watch_account(feed.hear):
            await place(broker, ticket(await contract(broker, "GLD"), REF, 20, side=Side.SELL))
            await feed.until(holds(GLD, 0))
        assert heard.news == []
        await broker.close()

    play(case)


def test_a_subscription_to_alarms_ends(play: Play) -> None:
    async def case(world: World) -> None:
        broker, ended, heard = await world.connected(), Heard[Alarm](), Heard[Alarm]()
        broker.subscribe_alarms(ended.hear)()
        broker.subscribe_alarms(heard.hear)
        world.warns_of_margin()
        await heard.until(lambda _: True)
        assert ended.news == []
        await broker.close()

    play(case)


def test_nothing_is_told_after_the_watch(play_virtually: Play) -> None:
    async def case(world: World) -> None:
        broker, feed = await world.connected(), Heard[AccountNews]()
        async with broker.watch_account(feed.hear):
            await feed.until(holds(MSFT, 60))
        told = len(feed.news)
        await place(broker, ticket(await contract(broker), REF, 10))
        await asyncio.sleep(QUIET)
        assert len(feed.news) == told
        await broker.close()

    play_virtually(case)


def test_the_account_is_read_while_it_is_watched_and_watched_still_afterwards(play: Play) -> None:
    async def case(world: World) -> None:
        broker, feed = await world.connected(), Heard[AccountNews]()
        async with broker.watch_account(feed.hear):
            assert [holds(MSFT, 60)(await reading_of(broker)) for _ in range(2)] == [True, True]
            await place(broker, ticket(await contract(broker), REF, 10))
            await feed.until(holds(MSFT, 70))
            assert holds(MSFT, 70)(await reading_of(broker))
        assert holds(MSFT, 70)(await reading_of(broker))
        await broker.close()

    play(case)


def test_one_watch_at_a_time(play: Play) -> None:
    async def case(world: World) -> None:
        broker, feed = await world.connected(), Heard[AccountNews]()
        async with broker.watch_account(feed.hear):
            with pytest.raises(InvariantBroken):
                async with broker.watch_account(feed.hear):
                    pass
        async with broker.watch_account(feed.hear):
            await feed.until(holds(MSFT, 60))
        await broker.close()

    play(case)


def test_a_watch_needs_a_connection_and_outlives_its_loss(play: Play) -> None:
    async def case(world: World) -> None:
        broker, feed = await world.connected(), Heard[AccountNews]()
        lost = broker.connection_lost()
        async with broker.watch_account(feed.hear):
            world.breaks()
            await lost
        with pytest.raises(BrokerUnavailable):
            async with broker.watch_account(feed.hear):
                pass
        await broker.close()

    play(case)


def test_what_is_watched_is_watched_on_after_a_reconnect(play: Play) -> None:
    async def case(world: World) -> None:
        broker, feed = await world.connected(), Heard[AccountNews]()
        lost = broker.connection_lost()
        async with broker.watch_account(feed.hear):
            await feed.until(holds(MSFT, 60))
            world.breaks()
            await lost
            await broker.connect()
            await place(broker, ticket(await contract(broker), REF, 10))
            await feed.until(holds(MSFT, 70))
        await broker.close()

    play(case)


def test_what_is_watched_is_watched_on_once_the_broker_is_back(play: Play) -> None:
    async def case(world: World) -> None:
        broker, feed = await world.connected(), Heard[AccountNews]()
        async with broker.watch_account(feed.hear):
            await feed.until(holds(MSFT, 60))
            lost = broker.connection_lost()
            world.loses_broker()
            await lost
            world.regains_broker()
            feed.news.clear()
            await broker.connect()
            await feed.until(holds(MSFT, 60))
        await broker.close()

    play(case)
