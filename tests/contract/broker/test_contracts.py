"""Contracts, what orders need of them, listings and symbols."""

from dataclasses import replace
from decimal import Decimal

import pytest

from reconciler.domain.contract import Contract, PriceIncrement
from reconciler.domain.ids import InstrumentName
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.domain.unknown import Unknown
from reconciler.ports import Broker
from tests.contract.broker.acts import MSFT, SAP, Play, contract
from tests.contract.broker_worlds import USD, World, spec
from tests.fakes.broker import Read


def test_a_contract_says_what_orders_need(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        found = await contract(broker)
        assert (found.con_id, found.symbol, found.currency, found.exchange) == (MSFT, "MSFT", USD, "SMART")
        assert found.lot_size == 1
        assert found.multiplier == 1
        assert {"MKT", "LMT"} <= found.order_types
        priced = (await broker.read_price_increments([found]))[found.con_id]
        assert priced.increment_at(Decimal(500)) == Decimal("0.01")
        assert isinstance(found.increment_at(Decimal(500)), Unknown), "it is asked for only where a limit needs it"
        await broker.close()

    play(case)


def test_price_increments_are_those_of_each_contract_and_of_the_price(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        msft, sap = await contract(broker), await contract(broker, "SAP")
        priced = await broker.read_price_increments([msft, sap])
        assert set(priced) == {MSFT, SAP}
        cent = PriceIncrement(Decimal(0), Decimal("0.01"))
        assert priced[MSFT] == replace(msft, price_increments=(cent,))
        assert priced[SAP] == replace(sap, price_increments=(cent, PriceIncrement(Decimal(100), Decimal("0.05"))))
        assert [priced[SAP].increment_at(Decimal(price)) for price in ("99.99", "100")] == [
            Decimal("0.01"),
            Decimal("0.05"),
        ]
        assert await broker.read_price_increments(list(priced.values())) == priced
        assert await broker.read_price_increments([]) == {}
        await broker.close()

    play(case)


def test_price_increments_are_told_of_contracts_that_another_session_resolved(play: Play) -> None:
    async def case(world: World) -> None:
        first = await world.connected()
        contracts = [await contract(first), await contract(first, "GLD")]
        await first.close()
        for session in (first, world.session(client_id=2)):
            await session.connect()
            priced = await session.read_price_increments(contracts)
            assert [priced[each.con_id].increment_at(Decimal(500)) for each in contracts] == [Decimal("0.01")] * 2
            await session.close()

    play(case)


def test_an_unknown_contract_is_unknown_and_hides_no_other(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        found = await broker.read_contracts([spec("MSFT"), spec("NOPE"), spec("GLD")])
        assert isinstance(found[InstrumentName("NOPE")], Unknown)
        assert isinstance(found[InstrumentName("MSFT")], Contract)
        assert isinstance(found[InstrumentName("GLD")], Contract)
        await broker.close()

    play(case)


async def listed(broker: Broker, wanted: InstrumentSpec) -> list[tuple[int, str, str, str]]:
    found = (await broker.read_listings([wanted]))[wanted.name]
    assert not isinstance(found, Unknown)
    return [(each.con_id, each.symbol, each.currency, each.primary_exchange) for each in found]


def test_listings_are_everything_that_the_broker_has_for_a_spec(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        both = [(2001, "ABB", "USD", "NYSE"), (2002, "ABB", "USD", "PINK")]
        assert await listed(broker, spec("ABB")) == both
        assert await listed(broker, spec("ABB", primary_exchange="PINK")) == both[1:]
        assert await listed(broker, spec("NOPE")) == []
        assert isinstance((await broker.read_contracts([spec("ABB")]))[InstrumentName("ABB")], Unknown)
        assert await broker.read_listings([]) == {}
        await broker.close()

    play(case)


def test_the_listing_of_a_contract_id_is_what_it_means_now(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        wrong = spec("FB", con_id=MSFT)
        assert await listed(broker, wrong) == [(MSFT, "MSFT", "USD", "NASDAQ")]
        assert isinstance((await broker.read_contracts([wrong]))[wrong.name], Unknown)
        assert await listed(broker, spec("MSFT", con_id=4711)) == []
        await broker.close()

    play(case)


def test_a_search_finds_symbols_by_their_beginning(play_virtually: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        for text, symbols in {"AB": ["ABB", "ABB"], "MSFT": ["MSFT"], "NOPE": []}.items():
            found = await broker.search_symbols(text)
            assert not isinstance(found, Unknown)
            assert [each.symbol for each in found] == symbols
        await broker.close()

    play_virtually(case)


@pytest.mark.parametrize("read", [Read.LISTINGS, Read.SYMBOLS])
def test_listings_that_do_not_come_are_unknown(play_virtually: Play, read: Read) -> None:
    async def case(world: World) -> None:
        broker = await world.connected(seconds=0.2)
        world.never_ends(read)
        if read is Read.SYMBOLS:
            assert isinstance(await broker.search_symbols("MSFT"), Unknown)
        else:
            assert isinstance((await broker.read_listings([spec("MSFT")]))[InstrumentName("MSFT")], Unknown)
        await broker.close()

    play_virtually(case)


def test_no_contracts_are_asked_for_and_none_are_found(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        assert await broker.read_contracts([]) == {}
        assert await broker.read_quotes([]) == {}
        await broker.close()

    play(case)
