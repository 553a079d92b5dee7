"""Quotes: what is asked for, how long it is waited for, and what is cancelled."""

import asyncio
from collections import Counter
from decimal import Decimal

import pytest

from reconciler.domain.account import Quote, QuoteType, TradingHalt
from reconciler.domain.unknown import Unknown
from reconciler.ports import QuoteExtra
from tests.contract.broker_proxy import as_it_is
from tests.contract.broker_worlds import PATIENT, GatewayWorld
from tests.unit.adapters.ib.kinds import (
    ALL_OPEN_ORDERS,
    CANCEL_QUOTE,
    DATA_TYPE,
    GENERIC_TICK,
    MODEL,
    QUOTE,
    SNAPSHOT_END,
)
from tests.unit.adapters.ib.wire import (
    BRIEF,
    DERIVATIVES,
    an_option,
    arrived,
    connected,
    contract_of,
    msft,
    play,
    play_virtually,
    sent,
    some_contracts,
    with_field,
    without,
)

pytestmark = pytest.mark.broker


def test_a_quote_that_does_not_come_is_cancelled() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        contract = await msft(broker)
        await broker.close()
        world.hides_price("MSFT")
        world.tap.muted.add("57")
        broker = await world.connected(seconds=BRIEF)
        quotes = await broker.read_quotes([contract])
        assert isinstance(quotes[contract.con_id], Unknown)
        await broker.read_positions()  # a round trip, so that the cancels have arrived
        assert (world.tap.count("1"), world.tap.count("2")) == (2, 2)
        await broker.close()

    play(case)


def test_live_quotes_cost_one_message_each_and_nothing_else() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        contracts = await some_contracts(broker, "MSFT", "GLD", "AAPL")
        before = sent(world)
        for _ in range(2):
            quotes = await broker.read_quotes(contracts)
            assert all(isinstance(each, Quote) and each.type is QuoteType.LIVE for each in quotes.values())
        await arrived(broker)
        assert sent(world) - before == Counter({QUOTE: 6, ALL_OPEN_ORDERS: 1})
        await broker.close()

    play_virtually(case)


def test_a_switch_to_delayed_data_is_sent_once_and_asks_again_for_what_has_no_live_price() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        contracts = await some_contracts(broker, "MSFT", "LATE")
        before = len(world.tap.sent)
        quotes = await broker.read_quotes(contracts)
        late = quotes[contracts[1].con_id]
        assert isinstance(late, Quote)
        assert late.type is QuoteType.DELAYED
        asked = [(fields[0], fields[4] if fields[0] == QUOTE else fields[2]) for fields in world.tap.sent[before:]]
        assert asked == [(QUOTE, "MSFT"), (QUOTE, "LATE"), (DATA_TYPE, "3"), (QUOTE, "LATE")]
        before = len(world.tap.sent)
        await broker.read_quotes(contracts[:1])
        await broker.read_quotes(contracts[:1])
        asked = [(fields[0], fields[2]) for fields in world.tap.sent[before:] if fields[0] == DATA_TYPE]
        assert asked == [(DATA_TYPE, "1")], "back to live once, before the first that is live again"
        await broker.close()

    play_virtually(case)


def test_a_connection_begins_with_live_data_whatever_the_last_one_was_at() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        contracts = await some_contracts(broker, "LATE", "MSFT")
        await broker.read_quotes(contracts)
        world.breaks()
        await broker.connection_lost()
        await broker.connect()
        before = len(world.tap.sent)
        quotes = await broker.read_quotes(contracts)
        assert {each.type for each in quotes.values() if isinstance(each, Quote)} == {QuoteType.LIVE, QuoteType.DELAYED}
        kinds = [(fields[0], fields[2]) for fields in world.tap.sent[before:] if fields[0] == DATA_TYPE]
        assert kinds == [(DATA_TYPE, "3")]
        await broker.close()

    play_virtually(case)


def test_quotes_are_there_as_soon_as_their_ticks_are() -> None:
    """No END is awaited, which may come eleven seconds later, and no time passes."""

    async def case(world: GatewayWorld) -> None:
        world.running.broker.quirks.arm("slow-snapshot")
        broker = await connected(world)
        contracts = await some_contracts(broker, "MSFT", "GLD", "LATE")
        loop = asyncio.get_running_loop()
        began = loop.time()
        quotes = await broker.read_quotes(contracts)
        assert not any(isinstance(each, Unknown) for each in quotes.values())
        assert loop.time() == began
        await broker.close()

    play_virtually(case)


def test_a_halt_that_is_told_behind_the_prices_is_heard() -> None:
    """Prices alone are the end of no burst."""

    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        contracts = await some_contracts(broker, "MSFT", "GLD")
        world.tap.edit = without(GENERIC_TICK)

        def halts() -> None:
            world.tap.edit = as_it_is
            world.halts("MSFT")

        asyncio.get_running_loop().call_later(0.1, halts)
        quotes = await broker.read_quotes(contracts, extras=(QuoteExtra.AVERAGE_VOLUME,))
        halted = {each.halt for each in quotes.values() if isinstance(each, Quote)}
        assert halted == {TradingHalt.GENERAL, None}
        await broker.close()

    play_virtually(case)


def test_who_is_never_told_of_halts_waits_a_quarter_of_a_second_for_that() -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.muted |= {GENERIC_TICK, SNAPSHOT_END}
        broker = await connected(world)
        contracts = await some_contracts(broker, "MSFT", "GLD")
        world.halts("MSFT")
        loop = asyncio.get_running_loop()
        began = loop.time()
        quotes = await broker.read_quotes(contracts)
        assert {each.halt for each in quotes.values() if isinstance(each, Quote)} == {None}
        assert loop.time() - began == pytest.approx(0.25)
        await broker.close()

    play_virtually(case)


def test_what_is_not_there_is_waited_for_no_longer_than_the_bound() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        contracts = await some_contracts(broker, "MSFT", "GLD")
        world.hides_price("MSFT")
        world.tap.muted.add(SNAPSHOT_END)
        loop = asyncio.get_running_loop()
        began = loop.time()
        quotes = await broker.read_quotes(contracts)
        assert [isinstance(quotes[each.con_id], Unknown) for each in contracts] == [True, False]
        assert loop.time() - began == 2 * PATIENT, "live and delayed, one after the other"
        await broker.close()

    play_virtually(case)


def test_streams_for_extras_are_cancelled_by_the_next_read() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        contracts = await some_contracts(broker, "MSFT", "GLD", "LATE")
        before = len(world.tap.sent)
        await broker.read_quotes(contracts, extras=(QuoteExtra.AVERAGE_VOLUME,))
        asked = [fields for fields in world.tap.sent[before:] if fields[0] == QUOTE]
        assert {(fields[16], fields[17]) for fields in asked} == {("165", "0")}, "a stream, not a snapshot"
        subscriptions = world.running.broker.clients[1].subscriptions
        assert len(subscriptions.quotes) == 3
        before = len(world.tap.sent)
        await broker.read_quotes([])
        await arrived(broker)
        assert subscriptions.quotes == {}
        cancelled = [fields[2] for fields in world.tap.sent[before:] if fields[0] == CANCEL_QUOTE]
        answered = [fields[2] for fields in asked]
        assert len(answered) == 4, "what has no live data is asked for once more"
        assert len(cancelled) == 3, "the refused one is over, and nothing of it is left to cancel"
        assert set(cancelled) < set(answered)
        before = len(world.tap.sent)
        await broker.read_quotes(contracts[:1])
        await arrived(broker)
        assert [fields[0] for fields in world.tap.sent[before:]].count(CANCEL_QUOTE) == 0, "they are cancelled once"
        await broker.close()

    play_virtually(case)


def test_streams_of_a_lost_connection_are_not_cancelled_on_the_next_one() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        contracts = await some_contracts(broker, "MSFT")
        await broker.read_quotes(contracts, extras=(QuoteExtra.AVERAGE_VOLUME,))
        world.breaks()
        await broker.connection_lost()
        await broker.connect()
        await broker.read_quotes(contracts)
        await arrived(broker)
        assert world.tap.count(CANCEL_QUOTE) == 0
        await broker.close()

    play_virtually(case)


def test_extras_need_no_more_messages_than_plain_quotes() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        contracts = await some_contracts(broker, "MSFT", "GLD")
        before = sent(world)
        quotes = await broker.read_quotes(contracts, extras=(QuoteExtra.AVERAGE_VOLUME,))
        assert {each.average_volume for each in quotes.values() if isinstance(each, Quote)} == {22_000_000, None}
        assert sent(world) - before == Counter({QUOTE: 2})
        await broker.close()

    play_virtually(case)


def test_the_model_of_an_option_comes_with_its_quote() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        call, put = await contract_of(broker, an_option(3001)), await contract_of(broker, an_option(3002))
        quotes = await broker.read_quotes([call, put])
        with_model, without = quotes[call.con_id], quotes[put.con_id]
        assert isinstance(with_model, Quote)
        assert isinstance(without, Quote)
        assert (with_model.last, with_model.delta, with_model.underlying) == (
            Decimal("28.5"),
            Decimal("0.42"),
            Decimal(500),
        )
        assert (without.last, without.delta, without.underlying) == (Decimal(6), None, None)
        await broker.close()

    play_virtually(case, DERIVATIVES)


@pytest.mark.parametrize(("place", "sent", "delta", "underlying"), [(5, "-2", None, None), (11, "-1", "0.42", None)])
def test_a_model_that_is_not_computed_is_none(place: int, sent: str, delta: str | None, underlying: str | None) -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        call = await contract_of(broker, an_option(3001))
        world.tap.edit = with_field(MODEL, place, sent)
        quote = (await broker.read_quotes([call]))[call.con_id]
        assert isinstance(quote, Quote)
        assert (quote.delta, quote.underlying) == (None if delta is None else Decimal(delta), underlying)
        await broker.close()

    play_virtually(case, DERIVATIVES)
