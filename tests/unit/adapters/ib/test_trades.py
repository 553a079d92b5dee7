"""What the broker's executions are as trades: over the wire, with whichever library is installed."""

import asyncio
from collections.abc import Awaitable
from decimal import Decimal

import pytest

from reconciler.adapters.ib.broker import IbBroker
from reconciler.domain.account import Side
from reconciler.domain.history import Trade
from reconciler.domain.ids import ConId, OrderId
from reconciler.domain.money import Money
from reconciler.domain.orders import CommissionReport, OrderTicket
from reconciler.domain.unknown import Unknown
from tests.contract.broker_proxy import Fields
from tests.contract.broker_worlds import GatewayWorld, spec, ticket, unwritten
from tests.unit.adapters.ib.kinds import EXECUTION, EXECUTIONS_END
from tests.unit.adapters.ib.said import REF, USD
from tests.unit.adapters.ib.wire import (
    DERIVATIVES,
    a_future,
    a_pair,
    changing,
    connected,
    contract_of,
    heard_until,
    msft,
    play_virtually,
    with_field,
)

pytestmark = pytest.mark.broker

REQUEST_ID, EXEC_ID, ACCOUNT, SHARES, PRICE = 1, 14, 16, 19, 20
"""Places of the fields of an execution."""

MSFT, GLD = ConId(272093), ConId(51529211)


async def fill(broker: IbBroker, order: OrderTicket) -> None:
    """Place an order that fills at once, and see it filled and paid for."""
    send = broker.place(order, broker.next_order_id(above=OrderId(0)), unwritten)
    await heard_until(broker, send, lambda reports: any(isinstance(each, CommissionReport) for each in reports))


async def told(trades: Awaitable[tuple[Trade, ...] | Unknown]) -> tuple[Trade, ...]:
    found = await trades
    assert not isinstance(found, Unknown), found
    return found


def changed(row: Fields, **places: str) -> Fields:
    names = {"request_id": REQUEST_ID, "exec_id": EXEC_ID, "account": ACCOUNT, "shares": SHARES, "price": PRICE}
    edited = list(row)
    for name, text in places.items():
        edited[names[name]] = text
    return edited


def corrected(row: Fields) -> Fields:
    return changed(row, exec_id=row[EXEC_ID][:-2] + "02", shares="8", price="499.5")


@pytest.mark.parametrize("comes_first", [False, True])
def test_a_correction_stands_in_place_of_what_it_corrects(comes_first: bool) -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        await fill(broker, ticket(await msft(broker), REF, 10))
        order = slice(None, None, -1) if comes_first else slice(None)
        world.tap.edit = changing(EXECUTION, lambda row: [row, corrected(row)][order])
        (trade,) = await told(broker.read_trades())
        assert (trade.shares, trade.price, trade.value) == (Decimal(8), Decimal("499.5"), Money(Decimal(3996), USD))
        await broker.close()

    play_virtually(case)


def test_two_executions_of_one_order_are_two_trades() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        await fill(broker, ticket(await msft(broker), REF, 10))
        world.tap.edit = changing(EXECUTION, lambda row: [row, changed(row, exec_id=f"another.{row[EXEC_ID]}")])
        assert [each.shares for each in await told(broker.read_trades())] == [10, 10]
        await broker.close()

    play_virtually(case)


def test_an_execution_that_comes_live_while_they_are_read_counts_once() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        await fill(broker, ticket(await msft(broker), REF, 10))

        def live_too(row: Fields) -> list[Fields]:
            return [changed(row, request_id="-1", shares="3"), row, changed(row, request_id="-1", shares="3")]

        world.tap.edit = changing(EXECUTION, live_too)
        assert [each.shares for each in await told(broker.read_trades())] == [10]
        await broker.close()

    play_virtually(case)


def test_the_answer_to_another_request_is_not_taken_for_this_one() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        await fill(broker, ticket(await msft(broker), REF, 10))
        stranger = ["55", "1", "77"]
        world.tap.edit = changing(
            EXECUTION, lambda row: [changed(row, request_id="77", exec_id="theirs.01.01"), stranger, row]
        )
        assert [each.shares for each in await told(broker.read_trades())] == [10]
        await broker.close()

    play_virtually(case)


def test_two_reads_at_once_get_each_their_own() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        await fill(broker, ticket(await msft(broker), REF, 10))
        trades, evidence, again = await asyncio.gather(
            broker.read_trades(), broker.read_order_evidence(), broker.read_trades()
        )
        assert isinstance(trades, tuple)
        assert len(trades) == 1
        assert trades == again
        assert not isinstance(evidence, Unknown)
        await broker.close()

    play_virtually(case)


def test_trades_of_other_accounts_are_left_out() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        await fill(broker, ticket(await msft(broker), REF, 10))
        others = {"account": "DU2000002", "exec_id": "theirs.01.01", "shares": "3"}
        world.tap.edit = changing(EXECUTION, lambda row: [changed(row, **others), row])
        assert [each.shares for each in await told(broker.read_trades())] == [10]
        world.tap.edit = with_field(EXECUTION, ACCOUNT, "")
        assert len(await told(broker.read_trades())) == 1, "a row without an account is of the one that was asked for"
        await broker.close()

    play_virtually(case)


def test_conversions_of_currency_are_left_out() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        await fill(broker, ticket(await contract_of(broker, a_pair()), REF, 20_000))
        assert await told(broker.read_trades()) == ()
        await fill(broker, ticket(await msft(broker), "folioctl:0123456789ab:002:1", 10))
        assert [each.con_id for each in await told(broker.read_trades())] == [MSFT]
        await broker.close()

    play_virtually(case, DERIVATIVES)


def test_a_trade_of_a_future_is_worth_its_multiplier_more() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        await fill(broker, ticket(await contract_of(broker, a_future(expiry="202612")), REF, 2, side=Side.SELL))
        (trade,) = await told(broker.read_trades())
        assert (trade.con_id, trade.side) == (4001, Side.SELL)
        assert (trade.shares, trade.price) == (Decimal(2), Decimal(6000))
        assert trade.value == Money(Decimal(60_000), USD)
        await broker.close()

    play_virtually(case, DERIVATIVES)


def test_a_liquidation_is_the_broker_s_and_nobody_s_order() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        await fill(broker, ticket(await msft(broker), REF, 10))
        world.running.broker.quirks.arm("liquidation:GLD")
        trades = {each.con_id: each for each in await told(broker.read_trades())}
        assert (trades[GLD].side, trades[GLD].shares) == (Side.SELL, Decimal(20))
        assert (trades[GLD].is_liquidation, trades[GLD].is_ours) == (True, False)
        assert (trades[MSFT].is_liquidation, trades[MSFT].is_ours) == (False, True)
        await broker.close()

    play_virtually(case)


def test_trades_come_in_the_order_of_time() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        for number, symbol in enumerate(("GLD", "MSFT", "AAPL"), 1):
            await fill(broker, ticket(await contract_of(broker, spec(symbol)), f"folioctl:0123456789ab:{number:03d}:1"))
            world.passes(1)
        rows: list[Fields] = []

        def backwards(fields: Fields) -> list[Fields]:
            if fields[0] == EXECUTION:
                rows.insert(0, fields)
                return []
            return [*rows, fields] if fields[0] == EXECUTIONS_END else [fields]

        world.tap.edit = backwards
        trades = await told(broker.read_trades())
        assert [each.con_id for each in trades] == [GLD, MSFT, 265598]
        assert trades[0].time < trades[1].time < trades[2].time
        await broker.close()

    play_virtually(case)


@pytest.mark.parametrize("place", [SHARES, PRICE])
def test_an_execution_that_is_not_readable_makes_them_unknown(place: int) -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        await fill(broker, ticket(await msft(broker), REF, 10))
        world.tap.edit = with_field(EXECUTION, place, "")
        answer = await broker.read_trades()
        assert isinstance(answer, Unknown)
        assert "kind 11" in answer.why
        await broker.close()

    play_virtually(case)
