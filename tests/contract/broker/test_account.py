"""What is read of an account: its values, its holdings, its working orders; whole, or Unknown."""

from collections.abc import Awaitable, Callable
from decimal import Decimal

import pytest

from reconciler.domain.account import OtherBaseCurrency, Side
from reconciler.domain.desired import AccountType
from reconciler.domain.money import Money
from reconciler.domain.unknown import Unknown
from reconciler.ports import AccountReading
from tests.contract.broker.acts import (
    GLD,
    IMPATIENT,
    MSFT,
    REF,
    Inbox,
    Play,
    contract,
    executions,
    place,
    reading_of,
    trade,
)
from tests.contract.broker_worlds import EUR, FOREIGN_STOP, USD, World, ticket
from tests.fakes.broker import Read


def test_the_account_is_read_whole(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        reading = await broker.read_account()
        assert isinstance(reading, AccountReading)
        assert reading.base_currency == USD
        assert not isinstance(reading.values, Unknown)
        assert reading.values.net_liquidation == Money(Decimal(97000), USD)
        assert reading.values.equity_with_loan == Money(Decimal(97000), USD)
        assert reading.values.gross_position_value == Money(Decimal(37000), USD)
        assert reading.cash == {USD: Money(Decimal(60000), USD)}
        assert not isinstance(reading.portfolio, Unknown)
        assert {row.con_id: row.market_price for row in reading.portfolio} == {MSFT: Decimal(500), GLD: Decimal(350)}
        await broker.close()

    play(case)


def test_a_second_reading_shows_what_happened_since(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        await broker.read_account()
        inbox = Inbox(broker)
        await place(broker, ticket(await contract(broker), REF, 10))
        await inbox.until(lambda reports: bool(executions(reports)))
        reading = await broker.read_account()
        assert isinstance(reading, AccountReading)
        assert not isinstance(reading.portfolio, Unknown)
        assert {row.con_id: row.quantity for row in reading.portfolio}[MSFT] == 70
        positions = await broker.read_positions()
        assert not isinstance(positions, Unknown)
        assert {row.con_id: row.quantity for row in positions}[MSFT] == 70
        await broker.close()

    play(case)


def test_what_is_bought_is_paid_with_settled_cash_and_what_is_sold_settles_later(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        assert (await reading_of(broker)).settled == {USD: Money(Decimal(60000), USD)}
        sold = (await trade(broker, ticket(await contract(broker), REF, 10, side=Side.SELL))).fill
        await trade(broker, ticket(await contract(broker, "GLD"), "folioctl:0123456789ab:002:1", 1))
        reading = await reading_of(broker)
        assert not isinstance(reading.cash, Unknown)
        assert not isinstance(reading.settled, Unknown)
        assert (reading.cash[USD] - reading.settled[USD]).amount == sold.shares * sold.price
        assert reading.settled[USD].amount < 60000
        await broker.close()

    play(case)


def test_day_trades_are_counted_where_the_broker_counts_them(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        assert (await reading_of(broker)).day_trades_left is None
        for left in (3, 0):
            world.leaves_day_trades(left)
            assert (await reading_of(broker)).day_trades_left == left
        await broker.close()

    play(case)


def test_positions_are_read_whole_and_without_marks(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        positions = await broker.read_positions()
        assert not isinstance(positions, Unknown)
        assert {row.con_id: row.quantity for row in positions} == {MSFT: Decimal(60), GLD: Decimal(20)}
        assert {row.market_price for row in positions} == {None}
        await broker.close()

    play(case)


def test_working_orders_of_others_are_read(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        assert await broker.read_working_orders() == (FOREIGN_STOP,)
        await broker.close()

    play(case)


@pytest.mark.parametrize("read", [Read.ACCOUNT, Read.POSITIONS, Read.WORKING_ORDERS, Read.EVIDENCE, Read.TRADES])
def test_a_read_without_its_end_is_unknown(play: Play, read: Read) -> None:
    async def case(world: World) -> None:
        broker = await world.connected(seconds=IMPATIENT)
        reads: dict[Read, Callable[[], Awaitable[object]]] = {
            Read.ACCOUNT: broker.read_account,
            Read.POSITIONS: broker.read_positions,
            Read.WORKING_ORDERS: broker.read_working_orders,
            Read.EVIDENCE: broker.read_order_evidence,
            Read.TRADES: broker.read_trades,
        }
        world.never_ends(read)
        answer = await reads[read]()
        assert isinstance(answer, Unknown)
        assert "END" in answer.why
        await broker.close()

    play(case)


def test_the_account_s_type_is_told_by_what_it_may_buy(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        assert (await reading_of(broker)).type is AccountType.MARGIN
        await broker.close()

    play(case)


def test_another_base_currency_than_the_manifest_s_leaves_nothing_known_but_that(play: Play) -> None:
    async def case(world: World) -> None:
        broker = world.session(base_currency=EUR)
        await broker.connect()
        told = await broker.read_account()
        assert isinstance(told, OtherBaseCurrency)
        assert (told.found, told.declared) == (USD, EUR)
        await broker.close()

    play(case)
