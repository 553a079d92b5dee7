"""The account of a gateway that is not ready, sends what is not set, or is asked twice at once."""

import asyncio
from decimal import Decimal

import pytest

from reconciler.adapters.ib.broker import IbBroker
from reconciler.domain.money import Currency
from reconciler.domain.unknown import Unknown
from reconciler.ports import AccountReading
from tests.contract.broker_proxy import Fields
from tests.contract.broker_worlds import GatewayWorld
from tests.unit.adapters.ib.kinds import DOWNLOAD_END, UNSET, VALUE
from tests.unit.adapters.ib.wire import BRIEF, Reading, arrived, changing, play

pytestmark = pytest.mark.broker


def test_an_account_that_is_not_ready_is_waited_out_and_read_afresh() -> None:
    async def case(world: GatewayWorld) -> None:
        updates = 0

        def not_ready_at_first(fields: Fields) -> list[Fields]:
            nonlocal updates
            ready = ["6", "2", "AccountReady", "true", "", "DU1000001"]
            if fields[0] == DOWNLOAD_END:
                updates += 1
                return [fields, ready] if updates == 1 else [fields]
            if fields[0] == VALUE and updates == 0 and fields[2] == "NetLiquidation":
                return [[*ready[:3], "false", *ready[4:]], [*fields[:3], "1", *fields[4:]]]
            return [fields]

        world.tap.edit = not_ready_at_first
        broker = await world.connected()
        reading = await broker.read_account()
        assert isinstance(reading, AccountReading)
        assert not isinstance(reading.values, Unknown)
        assert reading.values.net_liquidation.amount == 97000
        await broker.close()

    play(case)


def test_an_account_that_stays_not_ready_is_unknown() -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.edit = changing(DOWNLOAD_END, lambda end: [["6", "2", "AccountReady", "false", "", "DU1000001"], end])
        broker = await world.connected(seconds=BRIEF)
        reading = await broker.read_account()
        assert isinstance(reading, Unknown)
        assert "AccountReady=false" in reading.why
        await broker.close()

    play(case)


def test_another_base_currency_than_the_manifest_s_is_unknown() -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.edit = changing(VALUE, lambda row: [[*row[:4], "CAD" if row[4] == "USD" else row[4], *row[5:]]])
        broker = await world.connected()
        reading = await broker.read_account()
        assert isinstance(reading, Unknown)
        assert "base currency is CAD" in reading.why
        await broker.close()

    play(case)


def test_an_unset_margin_is_unknown_by_its_name() -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.edit = changing(
            VALUE, lambda row: [[*row[:3], UNSET, *row[4:]] if row[2] == "InitMarginReq" else row]
        )
        broker = await world.connected(seconds=BRIEF)
        reading = await broker.read_account()
        assert isinstance(reading, AccountReading)
        assert reading.values == Unknown("the broker sent no InitMarginReq")
        await broker.close()

    play(case)


def test_negative_cash_in_another_currency_keeps_its_rate() -> None:
    async def case(world: GatewayWorld) -> None:
        loan = [
            ["6", "2", "CashBalance", "-500.25", "EUR", "DU1000001"],
            ["6", "2", "ExchangeRate", "1.10", "EUR", "DU1000001"],
        ]
        world.tap.edit = changing(DOWNLOAD_END, lambda end: [*loan, end])
        broker = await world.connected()
        reading = await broker.read_account()
        assert isinstance(reading, AccountReading)
        euro = Currency("EUR")
        assert not isinstance(reading.cash, Unknown)
        assert reading.cash[euro].amount == Decimal("-500.25")
        assert reading.rates[euro].rate == Decimal("1.10")
        assert set(reading.rates) == {euro}
        await broker.close()

    play(case)


@pytest.mark.parametrize(
    ("request_id", "end", "first", "second"),
    [
        ("61", "62", IbBroker.read_positions, IbBroker.read_positions),
        ("6", "54", IbBroker.read_account, IbBroker.read_account),
        ("16", "53", IbBroker.read_working_orders, IbBroker.read_working_orders),
        ("16", "53", IbBroker.read_working_orders, IbBroker.read_order_evidence),
        ("99", "102", IbBroker.read_order_evidence, IbBroker.read_order_evidence),
    ],
)
def test_requests_without_an_id_of_their_own_wait_for_each_other(
    request_id: str, end: str, first: Reading, second: Reading
) -> None:
    async def case(world: GatewayWorld) -> None:
        asked_at_the_end: list[int] = []

        def note(fields: Fields) -> list[Fields]:
            asked_at_the_end.append(world.tap.count(request_id))
            return [fields]

        world.tap.edit = changing(end, note)
        broker = world.session()
        assert isinstance(broker, IbBroker)
        await broker.connect()
        await asyncio.gather(first(broker), second(broker))
        assert asked_at_the_end[0] == 1
        await broker.close()

    play(case)


def test_subscriptions_end_with_the_read() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        await broker.read_account()
        await broker.read_positions()
        await broker.read_order_evidence()
        subscriptions = world.running.broker.clients[1].subscriptions
        assert (subscriptions.account, subscriptions.positions) == ("", False)
        await broker.close()

    play(case)


def test_a_watch_costs_two_messages_and_a_read_meanwhile_two_more() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        subscriptions = world.running.broker.clients[1].subscriptions
        async with broker.watch_account(lambda _news: None):
            await asyncio.gather(broker.read_account(), broker.read_account())
            assert subscriptions.account
            assert world.tap.count("6") == 5
        await arrived(broker)
        assert (world.tap.count("6"), subscriptions.account) == (6, "")
        await broker.close()

    play(case)


def test_two_reads_at_once_do_not_cross() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        answers = await asyncio.gather(
            broker.read_positions(),
            broker.read_positions(),
            broker.read_account(),
            broker.read_account(),
            broker.read_working_orders(),
            broker.read_order_evidence(),
            broker.read_working_orders(),
        )
        assert not any(isinstance(answer, Unknown) for answer in answers)
        assert answers[0] == answers[1]
        assert answers[4] == answers[6]
        await broker.close()

    play(case)
