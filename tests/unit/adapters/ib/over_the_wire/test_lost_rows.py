"""Rows that do not come, or cannot be read: what they belong to is Unknown."""

import pytest

from reconciler.domain.unknown import Unknown
from tests.contract.broker_proxy import Fields
from tests.contract.broker_worlds import GatewayWorld
from tests.unit.adapters.ib.kinds import COMPLETED_END, EXECUTIONS_END, OPEN_ORDER, POSITION, UNSET
from tests.unit.adapters.ib.wire import BRIEF, changing, play, with_field

pytestmark = pytest.mark.broker


def test_a_silence_is_explained_by_what_the_gateway_said_meanwhile() -> None:
    async def case(world: GatewayWorld) -> None:
        refusal = ["4", "2", "-1", "321", "The API interface is currently in Read-Only mode.", ""]
        world.tap.edit = changing("53", lambda _end: [refusal])
        broker = await world.connected(seconds=BRIEF)
        answer = await broker.read_working_orders()
        assert isinstance(answer, Unknown)
        assert "321 The API interface is currently in Read-Only mode" in answer.why
        await broker.close()

    play(case)


@pytest.mark.parametrize("text", ["", UNSET, "not a number"])
def test_a_holding_without_a_quantity_makes_the_positions_unknown(text: str) -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.edit = with_field(POSITION, 14, text)
        broker = await world.connected()
        answer = await broker.read_positions()
        assert isinstance(answer, Unknown)
        assert "kind 61" in answer.why
        await broker.close()

    play(case)


def test_a_row_that_is_cut_short_makes_the_positions_unknown() -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.edit = changing(POSITION, lambda fields: [fields[:-1]])
        broker = await world.connected()
        assert isinstance(await broker.read_positions(), Unknown)
        await broker.close()

    play(case)


def test_an_order_that_is_not_readable_makes_the_working_orders_unknown() -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.edit = with_field(OPEN_ORDER, 14, "")
        broker = await world.connected()
        assert isinstance(await broker.read_working_orders(), Unknown)
        assert isinstance(await broker.read_order_evidence(), Unknown)
        await broker.close()

    play(case)


def test_holdings_of_other_accounts_and_currencies_are_left_out() -> None:
    async def case(world: GatewayWorld) -> None:
        def more(fields: Fields) -> list[Fields]:
            theirs = [*fields[:2], "DU2000002", *fields[3:]]
            currency = [*fields[:3], "12087792", "EUR", "CASH", *fields[6:]]
            closed = [*fields[:3], "99", *fields[4:14], "0", fields[15]]
            return [fields, theirs, currency, closed]

        world.tap.edit = changing(POSITION, more)
        broker = await world.connected()
        positions = await broker.read_positions()
        assert not isinstance(positions, Unknown)
        assert sorted(row.symbol for row in positions) == ["GLD", "MSFT"]
        await broker.close()

    play(case)


@pytest.mark.parametrize(
    ("end", "named"), [("53", "open orders"), (COMPLETED_END, "completed orders"), (EXECUTIONS_END, "executions")]
)
def test_evidence_is_all_or_nothing(end: str, named: str) -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.muted.add(end)
        broker = await world.connected(seconds=BRIEF)
        answer = await broker.read_order_evidence()
        assert isinstance(answer, Unknown)
        assert named in answer.why
        await broker.close()

    play(case)
