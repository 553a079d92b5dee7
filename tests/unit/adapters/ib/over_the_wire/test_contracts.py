"""Contracts and their price increments."""

import pytest

from reconciler.domain.contract import Contract
from reconciler.domain.ids import InstrumentName
from reconciler.domain.unknown import Unknown
from tests.contract.broker_worlds import GatewayWorld, spec
from tests.unit.adapters.ib.kinds import ASK_RULE, CONTRACT_DETAILS, DETAILS, MARKET_RULE
from tests.unit.adapters.ib.wire import BRIEF, msft, play, with_field

pytestmark = pytest.mark.broker


def test_a_market_rule_that_does_not_come_makes_the_increments_unknown() -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.muted.add(MARKET_RULE)
        broker = await world.connected(seconds=BRIEF)
        contract = await msft(broker)
        increments = (await broker.read_price_increments([contract]))[contract.con_id].price_increments
        assert isinstance(increments, Unknown)
        assert "market rule 26" in increments.why
        world.tap.muted.clear()
        assert not isinstance(
            (await broker.read_price_increments([contract]))[contract.con_id].price_increments, Unknown
        )
        await broker.close()

    play(case)


def test_contracts_and_market_rules_are_asked_for_once_and_rules_only_when_they_are_needed() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        found = await broker.read_contracts([spec("MSFT"), spec("GLD")])
        await broker.read_contracts([spec("MSFT")])
        assert (world.tap.count(CONTRACT_DETAILS), world.tap.count(ASK_RULE)) == (2, 0)
        contracts = [each for each in found.values() if isinstance(each, Contract)]
        await broker.read_price_increments(contracts)
        await broker.read_price_increments(contracts)
        assert world.tap.count(ASK_RULE) == 1
        await broker.close()

    play(case)


def test_prices_in_hundredths_are_not_taken_for_whole() -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.edit = with_field(DETAILS, 17, "100")
        broker = await world.connected()
        found = (await broker.read_contracts([spec("MSFT")]))[InstrumentName("MSFT")]
        assert isinstance(found, Unknown)
        assert "1/100" in found.why
        await broker.close()

    play(case)


def test_a_contract_is_found_by_its_pinned_id() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        pinned = spec("MSFT", con_id=272093)
        wrong = spec("AAPL", con_id=51529211)
        found = await broker.read_contracts([pinned, wrong])
        assert isinstance(found[pinned.name], Contract)
        assert isinstance(found[wrong.name], Unknown)
        await broker.close()

    play(case)
