"""How many messages a connection takes, and which."""

from collections import Counter
from decimal import Decimal

import pytest

from reconciler.domain.account import Quote
from reconciler.domain.contract import Contract
from reconciler.domain.ids import InstrumentName
from reconciler.domain.unknown import Unknown
from reconciler.ports import AccountReading
from tests.contract.broker_worlds import GatewayWorld, spec
from tests.unit.adapters.ib.kinds import (
    ALL_OPEN_ORDERS,
    ASK_EXECUTIONS,
    ASK_POSITIONS,
    ASK_RULE,
    CANCEL_POSITIONS,
    CONTRACT_DETAILS,
    DETAILS,
    QUOTE,
    START_API,
    SUBSCRIBE_ACCOUNT,
)
from tests.unit.adapters.ib.wire import (
    DERIVATIVES,
    a_future,
    a_pair,
    connected,
    contract_of,
    msft,
    play_virtually,
    sent,
    with_field,
)

pytestmark = pytest.mark.broker


SENT_BY_THE_CONNECT = Counter({START_API: 1})


def test_a_contract_is_asked_for_once_in_a_connection_and_again_after_a_reconnect() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        specs = [spec("MSFT"), spec("SAP")]

        async def read() -> None:
            found = await broker.read_contracts(specs)
            await broker.read_price_increments([each for each in found.values() if isinstance(each, Contract)])

        await read()
        await read()
        assert (world.tap.count(CONTRACT_DETAILS), world.tap.count(ASK_RULE)) == (2, 2)
        world.breaks()
        await broker.connection_lost()
        await broker.connect()
        await read()
        await read()
        assert (world.tap.count(CONTRACT_DETAILS), world.tap.count(ASK_RULE)) == (4, 4)
        await broker.close()

    play_virtually(case)


def test_what_a_contract_is_now_is_what_the_present_connection_was_told() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        assert (await msft(broker)).long_name == "MICROSOFT CORP"
        world.tap.edit = with_field(DETAILS, 19, "ANOTHER NAME")
        assert (await msft(broker)).long_name == "MICROSOFT CORP"
        await broker.close()
        await broker.connect()
        assert (await msft(broker)).long_name == "ANOTHER NAME"
        await broker.close()

    play_virtually(case)


def test_a_contract_that_was_not_found_is_asked_for_again() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        for _ in range(2):
            assert isinstance((await broker.read_contracts([spec("NOPE")]))[InstrumentName("NOPE")], Unknown)
        assert world.tap.count(CONTRACT_DETAILS) == 2
        await broker.close()

    play_virtually(case)


def test_increments_of_a_contract_that_is_known_from_elsewhere_cost_two_messages() -> None:
    async def case(world: GatewayWorld) -> None:
        first, second = await connected(world), await world.connected(client_id=2)
        sap = await contract_of(first, spec("SAP"))
        before = sent(world)
        priced = (await second.read_price_increments([sap]))[sap.con_id]
        assert priced.increment_at(Decimal(150)) == Decimal("0.05")
        assert await second.read_price_increments([priced]) == {sap.con_id: priced}
        assert sent(world) - before == Counter({CONTRACT_DETAILS: 1, ASK_RULE: 1})
        await first.close()
        await second.close()

    play_virtually(case)


def test_one_whole_read_of_an_account_sends_exactly_this() -> None:
    """Messages are what a gateway counts. Whoever needs one more changes this table, and says why."""

    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        assert sent(world) == SENT_BY_THE_CONNECT
        specs = [spec("MSFT"), spec("GLD"), spec("SAP"), a_pair(), a_future(expiry="202612")]
        for connection, of_contracts in ((1, 5), (2, 0)):
            world.tap.sent.clear()
            assert isinstance(await broker.read_account(), AccountReading)
            assert isinstance(await broker.read_positions(), tuple)
            assert isinstance(await broker.read_working_orders(), tuple)
            assert isinstance(await broker.read_trades(), tuple)
            found = (await broker.read_contracts(specs)).values()
            quotes = await broker.read_quotes([each for each in found if isinstance(each, Contract)])
            assert len([each for each in quotes.values() if isinstance(each, Quote)]) == 5
            expected = {
                SUBSCRIBE_ACCOUNT: 2,  # and its end
                ASK_POSITIONS: 1,
                CANCEL_POSITIONS: 1,
                ALL_OPEN_ORDERS: 1,
                ASK_EXECUTIONS: 1,
                CONTRACT_DETAILS: of_contracts,
                QUOTE: 5,
            }
            assert sent(world) == +Counter(expected), f"reading {connection}"
        await broker.close()

    play_virtually(case, DERIVATIVES)
