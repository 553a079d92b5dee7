"""What-ifs: what they leave behind, and what ends them."""

import pytest

from reconciler.domain.errors import BrokerUnavailable
from reconciler.domain.ids import OrderId
from reconciler.domain.orders import WhatIf
from reconciler.domain.unknown import Unknown
from tests.contract.broker_proxy import Edit
from tests.contract.broker_worlds import GatewayWorld, ticket
from tests.unit.adapters.ib.kinds import OPEN_ORDER
from tests.unit.adapters.ib.over_the_wire.test_one_too_many import TOO_FAST
from tests.unit.adapters.ib.said import REF
from tests.unit.adapters.ib.wire import changing, connected, msft, play, play_virtually

pytestmark = pytest.mark.broker


def test_only_its_own_refusal_ends_a_what_if() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        contract = await msft(broker)

        def refusing(order_id: int) -> Edit:
            refusal = ["4", "2", str(order_id), "100", "Max rate of messages per second has been exceeded", ""]
            return changing(OPEN_ORDER, lambda answer: [refusal, answer])

        world.tap.edit = refusing(broker.next_order_id(above=OrderId(0)) + 100)
        assert isinstance(await broker.what_if(ticket(contract, REF)), WhatIf)
        world.tap.edit = refusing(broker.next_order_id(above=OrderId(0)) + 1)
        with pytest.raises(BrokerUnavailable, match=TOO_FAST):
            await broker.what_if(ticket(contract, REF))
        await broker.close()

    play_virtually(case)


def test_a_what_if_takes_an_order_id_of_its_own_and_leaves_nothing_behind() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        contract = await msft(broker)
        before = broker.next_order_id(above=OrderId(0))
        assert isinstance(await broker.what_if(ticket(contract, REF)), WhatIf)
        assert broker.next_order_id(above=OrderId(0)) == before + 2
        working = await broker.read_working_orders()
        assert not isinstance(working, Unknown)
        assert len(working) == 1
        assert world.received() == []
        await broker.close()

    play(case)


def test_a_what_if_that_the_broker_refuses_is_unknown_in_its_words() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        answer = await broker.what_if(ticket(await msft(broker), REF, 1, limit="500.001"))
        assert isinstance(answer, Unknown)
        assert "110" in answer.why
        await broker.close()

    play(case)
