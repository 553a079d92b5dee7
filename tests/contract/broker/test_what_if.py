"""What an order would do to the margin, asked without sending it."""

import asyncio

from reconciler.domain.account import Side
from reconciler.domain.money import Money
from reconciler.domain.orders import RefusalCause, WhatIf, WhatIfRefused
from reconciler.domain.unknown import Unknown
from tests.contract.broker.acts import IMPATIENT, REF, Play, contract
from tests.contract.broker_worlds import USD, World, ticket
from tests.fakes.broker import Read


def test_a_what_if_names_the_change_of_margin_and_sends_nothing(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        answer = await broker.what_if(ticket(await contract(broker), REF, 10))
        assert isinstance(answer, WhatIf)
        assert answer.initial_margin_change.amount > 0
        assert answer.initial_margin_change.currency == USD
        assert answer.maintenance_margin_change.amount > 0
        assert isinstance(answer.commission, Money)
        less = await broker.what_if(ticket(await contract(broker), REF, 10, side=Side.SELL))
        assert isinstance(less, WhatIf)
        assert less.initial_margin_change.amount < 0
        assert world.received() == []
        await broker.close()

    play(case)


def test_what_ifs_may_be_asked_together(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        msft = await contract(broker)
        answers = await asyncio.gather(*(broker.what_if(ticket(msft, REF, shares)) for shares in (1, 2, 3)))
        changes = [answer.initial_margin_change.amount for answer in answers if isinstance(answer, WhatIf)]
        assert changes == sorted(changes)
        assert len(set(changes)) == 3
        await broker.close()

    play(case)


def test_a_what_if_that_the_broker_refuses_has_its_code_and_why(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        msft = await contract(broker)
        world.takes_no_orders()
        answer = await broker.what_if(ticket(msft, REF))
        assert isinstance(answer, WhatIfRefused)
        assert (answer.code, answer.cause) == (321, RefusalCause.READ_ONLY)
        await broker.close()

    play(case)


def test_a_what_if_without_an_answer_is_unknown(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected(client_id=2)
        msft = await contract(broker)
        await broker.close()
        broker = await world.connected(seconds=IMPATIENT)
        world.never_ends(Read.WHAT_IF)
        assert isinstance(await broker.what_if(ticket(msft, REF)), Unknown)
        await broker.close()

    play(case)
