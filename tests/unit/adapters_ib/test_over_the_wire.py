"""What the IB adapter makes of a gateway that misbehaves: over TCP, with whichever library is installed."""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from decimal import Decimal

import pytest

from reconciler.adapters.ib.broker import IbBroker
from reconciler.domain.account import Quote, QuoteType, TradingHalt
from reconciler.domain.contract import Contract
from reconciler.domain.errors import BrokerRefused, BrokerUnavailable
from reconciler.domain.ids import ExecId, InstrumentName, OrderId, OrderRef
from reconciler.domain.money import Currency
from reconciler.domain.orders import ErrorReport, EvidenceReport, ExecutionReport, Report, StatusReport, WhatIf
from reconciler.domain.unknown import Unknown
from reconciler.ports import AccountReading, Broker, QuoteExtra
from tests.contract.broker_proxy import Edit, Fields, as_it_is
from tests.contract.broker_worlds import FOREIGN_STOP, PATIENT, GatewayWorld, spec, ticket, unwritten
from tests.unit.adapters_ib.wire import (
    DERIVATIVES,
    a_future,
    a_pair,
    an_option,
    changing,
    connected,
    contract_of,
    msft,
    play,
    play_virtually,
    with_field,
)

pytestmark = pytest.mark.broker

Reading = Callable[[IbBroker], Awaitable[object]]
REF = OrderRef("folioctl:0123456789ab:001:1")
BRIEF = 0.2
"""Seconds: enough for what comes, little to wait for what never does."""

UNSET = "1.7976931348623157E308"

OPEN_ORDER, ERROR, VALUE, DOWNLOAD_END, DETAILS, EXECUTION, COMMISSION = "5", "4", "6", "54", "10", "11", "59"
POSITION, MARKET_RULE, COMPLETED_END, EXECUTIONS_END, NEXT_ID = "61", "93", "102", "55", "9"
CONTRACT_DETAILS, ASK_RULE = "9", "91"
START_API, SUBSCRIBE_ACCOUNT = "71", "6"
QUOTE, CANCEL_QUOTE, DATA_TYPE, MODEL, SNAPSHOT_END = "1", "2", "59", "21", "57"
GENERIC_TICK = "45"
ASK_POSITIONS, CANCEL_POSITIONS, ALL_OPEN_ORDERS, ASK_EXECUTIONS = "61", "64", "16", "7"


def without(kind: str) -> Edit:
    """The gateway's messages of this kind get lost."""
    return lambda fields: [] if fields[0] == kind else [fields]


async def heard_until(broker: Broker, act: Awaitable[object], holds: Callable[[list[Report]], bool]) -> list[Report]:
    reports: list[Report] = []
    done = asyncio.Event()

    def hear(report: Report) -> None:
        reports.append(report)
        if holds(reports):
            done.set()

    leave = broker.subscribe(hear)
    await act
    async with asyncio.timeout(5):
        await done.wait()
    leave()
    return reports


def has_filled(reports: list[Report]) -> bool:
    return any(isinstance(report, StatusReport) and report.status == "Filled" for report in reports)


# ------------------------------------------------------------------------------------------------------- one too many


async def increments(broker: IbBroker) -> object:
    return await broker.read_price_increments([await msft(broker)])


async def plain_quotes(broker: IbBroker) -> object:
    return await broker.read_quotes([await msft(broker)])


async def streamed_quotes(broker: IbBroker) -> object:
    return await broker.read_quotes([await msft(broker)], extras=(QuoteExtra.AVERAGE_VOLUME,))


async def margin(broker: IbBroker) -> object:
    return await broker.what_if(ticket(await msft(broker), REF))


READINGS: list[Reading] = [
    *(IbBroker.read_positions, IbBroker.read_account, IbBroker.read_working_orders, IbBroker.read_trades),
    *(IbBroker.read_order_evidence, msft, increments, plain_quotes, streamed_quotes, margin),
]
TOO_FAST = r"refused a message: 100 Max rate of messages"


@pytest.mark.parametrize("read", READINGS)
def test_a_reading_that_is_refused_as_one_too_many_ends_at_once_and_may_be_asked_again(read: Reading) -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await connected(world)
        if read is not msft:
            await msft(broker)  # a contract that is known is not asked for again
        loop = asyncio.get_running_loop()
        began = loop.time()
        world.running.broker.quirks.arm("pacing@1")
        with pytest.raises(BrokerUnavailable, match=TOO_FAST):
            await read(broker)
        assert loop.time() - began < 1
        await broker.connect()
        answer = await read(broker)
        assert not isinstance(answer, Unknown)
        assert loop.time() - began < 1
        await arrived(broker)
        subscriptions = world.running.broker.clients[1].subscriptions
        assert (subscriptions.account, subscriptions.positions) == ("", False), "nothing of it goes on"
        await broker.read_quotes([])
        await arrived(broker)
        assert subscriptions.quotes == {}
        await broker.close()

    play_virtually(case)


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


# ------------------------------------------------------------------------------------------------------------- connect


def test_a_gateway_that_accepts_and_says_nothing_is_unavailable() -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.swallowed.add(START_API)
        with pytest.raises(BrokerUnavailable, match=rf"127\.0\.0\.1:{world.tap.port} did not answer within 0\.03 s"):
            await world.session(connect_seconds=0.03).connect()

    play(case)


def test_a_gateway_that_hangs_up_during_the_login_is_not_waited_for() -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.cut_before.add(START_API)
        with pytest.raises(BrokerUnavailable, match="closed the connection during the login"):
            await world.connected()

    play(case)


def test_a_client_id_in_use_is_told_at_once() -> None:
    async def case(world: GatewayWorld) -> None:
        first = await world.connected(client_id=5)
        with pytest.raises(BrokerRefused, match="client id 5 is in use"):
            await world.connected(client_id=5)
        await first.close()

    play(case)


def test_the_last_word_of_a_failed_connect_does_not_end_the_next() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = world.session(connect_seconds=0.1)
        world.tap.swallowed.add(START_API)
        with pytest.raises(BrokerUnavailable):
            await broker.connect()
        world.tap.swallowed.clear()
        await broker.connect()
        lost = asyncio.ensure_future(broker.connection_lost())
        await broker.read_positions()
        assert not lost.done()
        lost.cancel()
        await broker.close()

    play(case)


def test_a_failed_connect_can_be_tried_again() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = world.session()
        world.tap.cut_before.add(START_API)
        with pytest.raises(BrokerUnavailable):
            await broker.connect()
        world.tap.cut_before.clear()
        await broker.connect()
        assert not isinstance(await broker.read_positions(), Unknown)
        await broker.close()

    play(case)


def test_a_lost_connection_can_be_opened_again() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        lost = broker.connection_lost()
        world.breaks()
        assert f"127.0.0.1:{world.tap.port} closed the connection" in await lost
        await broker.connect()
        again = asyncio.ensure_future(broker.connection_lost())
        assert not isinstance(await broker.read_positions(), Unknown)
        assert not again.done()
        again.cancel()
        await broker.close()

    play(case)


def test_a_read_that_the_connection_is_lost_under_is_unavailable() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        world.tap.cut_before.add("16")
        async with asyncio.timeout(PATIENT / 2):
            with pytest.raises(BrokerUnavailable):
                await broker.read_working_orders()
        await broker.close()

    play(case)


def test_the_gateway_s_id_may_roll_back_and_ours_do_not() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        used = broker.next_order_id(above=OrderId(100))
        world.breaks()
        await broker.connection_lost()
        await broker.connect()
        assert broker.next_order_id(above=OrderId(0)) > used
        await broker.close()

    play(case)


def test_ids_are_above_what_the_gateway_names() -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.edit = with_field(NEXT_ID, 2, "7000")
        broker = await world.connected()
        assert broker.next_order_id(above=OrderId(3)) == 7000
        await broker.close()

    play(case)


def test_ids_are_above_those_of_other_clients_orders() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        await broker.read_working_orders()
        assert broker.next_order_id(above=OrderId(0)) == FOREIGN_STOP.order_id + 1
        await broker.close()

    play(case)


def test_messages_are_paced() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = world.session(messages_per_second=50)  # groups of ten, a fifth of a second apart
        loop = asyncio.get_running_loop()
        began = loop.time()
        await broker.connect()
        await broker.read_contracts([spec(f"NO{number}") for number in range(10)])
        assert loop.time() - began > 0.19
        await broker.close()

    play(case)


def test_the_library_s_own_throttle_is_off() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        loop = asyncio.get_running_loop()
        began = loop.time()
        await broker.read_contracts([spec(f"NO{number}") for number in range(60)])
        assert loop.time() - began < 1
        await broker.close()

    play(case)


# ------------------------------------------------------------------------------------------------------------- account


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


# -------------------------------------------------------------------------------------------------------------- quotes


SENT_BY_THE_CONNECT = Counter({START_API: 1})


def sent(world: GatewayWorld) -> Counter[str]:
    """How many messages of each kind the client sent, after it said which versions it speaks."""
    return Counter(fields[0] for fields in world.tap.sent if not fields[0].startswith("v"))


async def arrived(broker: Broker) -> None:
    """A round trip, so that what was sent before it has arrived."""
    await broker.read_working_orders()


async def some_contracts(broker: Broker, *symbols: str) -> list[Contract]:
    return [await contract_of(broker, spec(symbol)) for symbol in symbols]


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


# -------------------------------------------------------------------------------------------------- how much is sent


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


# ------------------------------------------------------------------------------------------------- rows that get lost


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


# ------------------------------------------------------------------------------------------------- contracts, what-if


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


# -------------------------------------------------------------------------------------------------------------- orders


def test_an_order_goes_out_exactly_as_it_is_written() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        order_id = broker.next_order_id(above=OrderId(41))
        await broker.place(ticket(await msft(broker), REF, 7, limit="499.10"), order_id, unwritten)
        await broker.read_order_evidence()
        (order,) = (order for order in world.running.broker.book if order.client_id == 1)
        terms = order.terms
        assert (order.order_id, terms.account, terms.order_ref) == (42, "DU1000001", REF)
        assert (terms.action, terms.quantity, terms.order_type, terms.tif) == ("BUY", Decimal(7), "LMT", "DAY")
        assert terms.limit_price == Decimal("499.10")
        (sent,) = (fields for fields in world.tap.sent if fields[0] == "3")
        assert sent[16:22] == ["BUY", "7", "LMT", "499.10", "", "DAY"]
        assert not world.running.broker.log.leftovers
        await broker.close()

    play(case)


def test_a_preset_s_notice_is_a_report_and_ends_nothing() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        contract = await msft(broker)
        order_id = broker.next_order_id(above=OrderId(0))
        notice = ["4", "2", str(order_id), "10349", "Order TIF was set to DAY based on order preset.", ""]
        world.tap.edit = changing(OPEN_ORDER, lambda fields: [notice, fields])
        reports = await heard_until(broker, broker.place(ticket(contract, REF), order_id, unwritten), has_filled)
        assert ErrorReport(REF, 10349, "Order TIF was set to DAY based on order preset") in reports
        assert any(isinstance(report, ExecutionReport) for report in reports)
        await broker.close()

    play(case)


def test_an_error_is_no_trace_of_an_order() -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        world.tap.swallowed.add("3")
        order_id = broker.next_order_id(above=OrderId(0))
        await broker.place(ticket(await msft(broker), REF), order_id, unwritten)
        world.tap.edit = changing("53", lambda end: [["4", "2", str(order_id), "201", "rejected", ""], end])
        evidence = await broker.read_order_evidence()
        assert not isinstance(evidence, Unknown)
        assert ErrorReport(REF, 201, "rejected") in evidence
        assert isinstance(evidence[-1], EvidenceReport)
        assert evidence[-1].traces == frozenset()
        await broker.close()

    play(case)


def test_an_execution_that_is_sent_twice_or_corrected_is_handed_on_as_it_came() -> None:
    async def case(world: GatewayWorld) -> None:
        def corrected(fields: Fields) -> list[Fields]:
            return [fields, fields, [*fields[:14], fields[14][:-2] + "02", *fields[15:]]]

        world.tap.edit = changing(EXECUTION, corrected)
        broker = await world.connected()
        contract = await msft(broker)
        send = broker.place(ticket(contract, REF), broker.next_order_id(above=OrderId(0)), unwritten)
        reports = await heard_until(broker, send, has_filled)
        ids = [report.fill.exec_id for report in reports if isinstance(report, ExecutionReport)]
        first = ids[0]
        assert ids == [first, first, ExecId(first[:-2] + "02")]
        await broker.close()

    play(case)


@pytest.mark.parametrize("text", ["", UNSET])
def test_an_unset_commission_is_not_a_commission(text: str) -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.edit = with_field(COMMISSION, 3, text)
        broker = await world.connected(seconds=BRIEF)
        contract = await msft(broker)
        send = broker.place(ticket(contract, REF), broker.next_order_id(above=OrderId(0)), unwritten)
        await heard_until(broker, send, has_filled)
        evidence = await broker.read_order_evidence()
        assert not isinstance(evidence, Unknown)
        assert {type(report).__name__ for report in evidence} >= {"ExecutionReport", "EvidenceReport"}
        assert "CommissionReport" not in {type(report).__name__ for report in evidence}
        await broker.close()

    play(case)


def test_a_listener_that_fails_costs_no_message(caplog: pytest.LogCaptureFixture) -> None:
    async def case(world: GatewayWorld) -> None:
        broker = await world.connected()
        failures: list[object] = []
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failures.append(context["exception"]))

        def fail(_report: Report) -> None:
            raise RuntimeError("a listener's own mistake")

        broker.subscribe(fail)
        contract = await msft(broker)
        send = broker.place(ticket(contract, REF), broker.next_order_id(above=OrderId(0)), unwritten)
        assert has_filled(await heard_until(broker, send, has_filled))
        assert failures
        await broker.close()

    play(case)
    assert "readable" not in caplog.text


# ------------------------------------------------------------------------------------------------------------- secrecy


class Console(logging.Handler):
    """What a program that logs everything would show."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.shown: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.shown.append(record)


@pytest.fixture
def console() -> Iterator[Console]:
    # Not caplog: that listens at loggers which keep their lines to themselves, too.
    root, handler = logging.getLogger(), Console()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield handler
    root.removeHandler(handler)
    root.setLevel(level)


def test_logs_and_reports_do_not_name_the_account(console: Console, capfd: pytest.CaptureFixture[str]) -> None:
    async def case(world: GatewayWorld) -> None:
        world.tap.edit = changing(
            OPEN_ORDER, lambda fields: [["4", "2", fields[1], "399", "held for account DU1000001", ""], fields]
        )
        broker = await world.connected()
        contract = await msft(broker)
        send = broker.place(ticket(contract, REF), broker.next_order_id(above=OrderId(0)), unwritten)
        reports = await heard_until(broker, send, has_filled)
        assert ErrorReport(REF, 399, "held for account DU…01") in reports
        world.tap.edit = changing(POSITION, lambda fields: [fields[:-1]])
        assert isinstance(await broker.read_positions(), Unknown)
        await broker.close()

    play(case)
    shown = capfd.readouterr()
    lines = [record.getMessage() for record in console.shown]
    assert "DU1000001" not in "".join([*lines, shown.out, shown.err])
    names = {record.name for record in console.shown}
    assert "folioctl.ib" in names
    assert not any(name.startswith(("ib_insync", "ib_async")) for name in names)
