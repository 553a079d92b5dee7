"""What every Broker does: the one in memory, and the IB adapter over a socket, with whichever library is installed."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import replace
from decimal import Decimal

import pytest

from reconciler.domain.account import Quote, QuoteType, Side, TradingHalt, WorkingOrder
from reconciler.domain.contract import Contract, PriceIncrement
from reconciler.domain.desired import Environment
from reconciler.domain.errors import AccountHalted, BrokerRefused, BrokerUnavailable, SendUncertain
from reconciler.domain.history import Trade
from reconciler.domain.ids import AccountId, ConId, InstrumentName, OrderId, OrderRef
from reconciler.domain.money import Money
from reconciler.domain.orders import (
    CommissionReport,
    CompletedReport,
    ErrorReport,
    EvidenceReport,
    ExecutionReport,
    OrderTicket,
    Report,
    StatusReport,
    WhatIf,
)
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.domain.unknown import Unknown
from reconciler.ports import AccountReading, Broker, QuoteExtra
from reconciler.simgateway.serving.virtual import run_virtually
from tests.contract.broker_worlds import (
    EUR,
    FOREIGN_CLIENT,
    FOREIGN_STOP,
    USD,
    World,
    fake_world,
    gateway_world,
    spec,
    ticket,
    unwritten,
)
from tests.fakes.broker import Reaction, Read

Case = Callable[[World], Awaitable[None]]
Play = Callable[[Case], None]

MSFT, GLD, LATE, SAP = ConId(272093), ConId(51529211), ConId(1004), ConId(14204)
REF = OrderRef("folioctl:0123456789ab:001:1")
IMPATIENT = 0.03
"""Seconds that are waited for what never comes."""


WORLDS = [pytest.param(fake_world, id="fake"), pytest.param(gateway_world, id="ib", marks=pytest.mark.broker)]


async def played(world: Callable[[], AbstractAsyncContextManager[World]], case: Case) -> None:
    async with world() as account:
        await case(account)


@pytest.fixture(params=WORLDS)
def play(request: pytest.FixtureRequest) -> Play:
    return lambda case: asyncio.run(played(request.param, case))


@pytest.fixture(params=WORLDS)
def play_virtually(request: pytest.FixtureRequest) -> Play:
    """On virtual time, its sockets in memory: for what is waited for, and never comes."""
    return lambda case: run_virtually(played(request.param, case))


class Inbox:
    """The reports that a session hands out."""

    def __init__(self, broker: Broker) -> None:
        self.reports: list[Report] = []
        self._news = asyncio.Event()
        self.leave = broker.subscribe(self._take)

    def _take(self, report: Report) -> None:
        self.reports.append(report)
        self._news.set()

    async def until(self, holds: Callable[[list[Report]], bool]) -> list[Report]:
        async with asyncio.timeout(5):
            while not holds(self.reports):
                self._news.clear()
                await self._news.wait()
        return self.reports


def statuses(reports: list[Report]) -> set[str]:
    return {report.status for report in reports if isinstance(report, StatusReport) and report.ref == REF}


def executions(reports: list[Report] | tuple[Report, ...]) -> list[ExecutionReport]:
    return [report for report in reports if isinstance(report, ExecutionReport) and report.ref == REF]


def codes(reports: list[Report]) -> set[int]:
    return {report.code for report in reports if isinstance(report, ErrorReport) and report.ref == REF}


def evidence_of(reports: tuple[Report, ...] | Unknown) -> EvidenceReport:
    assert not isinstance(reports, Unknown)
    assert isinstance(reports[-1], EvidenceReport)
    assert sum(isinstance(report, EvidenceReport) for report in reports) == 1
    return reports[-1]


async def contract(broker: Broker, symbol: str = "MSFT") -> Contract:
    found = (await broker.read_contracts([spec(symbol)]))[InstrumentName(symbol)]
    assert isinstance(found, Contract)
    return found


async def place(broker: Broker, order: OrderTicket) -> OrderId:
    order_id = broker.next_order_id(above=OrderId(0))
    await broker.place(order, order_id, unwritten)
    return order_id


async def trade(broker: Broker, order: OrderTicket) -> ExecutionReport:
    """Place an order that fills whole, and wait for that."""
    inbox = Inbox(broker)
    await place(broker, order)
    reports = await inbox.until(lambda seen: any(isinstance(each, CommissionReport) for each in seen))
    inbox.leave()
    (execution,) = (each for each in reports if isinstance(each, ExecutionReport))
    return execution


async def trades(broker: Broker) -> tuple[Trade, ...]:
    found = await broker.read_trades()
    assert not isinstance(found, Unknown)
    return found


async def reading_of(broker: Broker) -> AccountReading:
    reading = await broker.read_account()
    assert isinstance(reading, AccountReading)
    return reading


async def working_orders(broker: Broker) -> tuple[WorkingOrder, ...]:
    working = await broker.read_working_orders()
    assert not isinstance(working, Unknown)
    return working


async def is_gone(broker: Broker, order: WorkingOrder) -> bool:
    """Whether the order is among the working ones no more, in one of the next readings."""
    for _ in range(20):
        if order.perm_id not in {each.perm_id for each in await working_orders(broker)}:
            return True
    return False


# ------------------------------------------------------------------------------------------------------------- connect


def test_a_gateway_that_is_not_there_may_be_tried_again(play: Play) -> None:
    async def case(world: World) -> None:
        with pytest.raises(BrokerUnavailable):
            await world.nowhere().connect()

    play(case)


def test_an_account_that_is_not_served_is_refused(play: Play) -> None:
    async def case(world: World) -> None:
        with pytest.raises(BrokerRefused) as refusal:
            await world.session(account_id=AccountId("DU7654321")).connect()
        assert "DU7654321" not in str(refusal.value)

    play(case)


def test_a_paper_account_is_refused_where_the_manifest_says_live(play: Play) -> None:
    async def case(world: World) -> None:
        with pytest.raises(BrokerRefused):
            await world.session(environment=Environment.LIVE).connect()

    play(case)


def test_a_client_id_in_use_is_refused(play: Play) -> None:
    async def case(world: World) -> None:
        first = await world.connected(client_id=5)
        with pytest.raises(BrokerRefused, match="5"):
            await world.session(client_id=5).connect()
        await first.close()

    play(case)


def test_closing_twice_and_before_connecting_is_safe(play: Play) -> None:
    async def case(world: World) -> None:
        broker = world.session()
        await broker.close()
        await broker.connect()
        await broker.close()
        await broker.close()

    play(case)


def test_a_closed_session_can_be_opened_again(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        await broker.close()
        await broker.connect()
        assert not isinstance(await broker.read_positions(), Unknown)
        await broker.close()

    play(case)


def test_two_client_ids_read_side_by_side(play: Play) -> None:
    async def case(world: World) -> None:
        one, other = await world.connected(client_id=1), await world.connected(client_id=2)
        assert await one.read_positions() == await other.read_positions()
        await one.close()
        await other.close()

    play(case)


# --------------------------------------------------------------------------------------------------------------- reads


def test_the_account_is_read_whole(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        reading = await broker.read_account()
        assert isinstance(reading, AccountReading)
        assert reading.base_currency == USD
        assert not isinstance(reading.values, Unknown)
        assert reading.values.net_liquidation == Money(Decimal(97000), USD)
        assert reading.values.equity_with_loan == Money(Decimal(97000), USD)
        assert reading.values.gross_position_value == Money(Decimal(37000), USD)
        assert reading.cash == {USD: Money(Decimal(60000), USD)}
        assert not isinstance(reading.portfolio, Unknown)
        assert {row.con_id: row.market_price for row in reading.portfolio} == {MSFT: Decimal(500), GLD: Decimal(350)}
        await broker.close()

    play(case)


def test_a_second_reading_shows_what_happened_since(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        await broker.read_account()
        inbox = Inbox(broker)
        await place(broker, ticket(await contract(broker), REF, 10))
        await inbox.until(lambda reports: bool(executions(reports)))
        reading = await broker.read_account()
        assert isinstance(reading, AccountReading)
        assert not isinstance(reading.portfolio, Unknown)
        assert {row.con_id: row.quantity for row in reading.portfolio}[MSFT] == 70
        positions = await broker.read_positions()
        assert not isinstance(positions, Unknown)
        assert {row.con_id: row.quantity for row in positions}[MSFT] == 70
        await broker.close()

    play(case)


def test_what_is_bought_is_paid_with_settled_cash_and_what_is_sold_settles_later(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        assert (await reading_of(broker)).settled == {USD: Money(Decimal(60000), USD)}
        sold = (await trade(broker, ticket(await contract(broker), REF, 10, side=Side.SELL))).fill
        await trade(broker, ticket(await contract(broker, "GLD"), "folioctl:0123456789ab:002:1", 1))
        reading = await reading_of(broker)
        assert not isinstance(reading.cash, Unknown)
        assert not isinstance(reading.settled, Unknown)
        assert (reading.cash[USD] - reading.settled[USD]).amount == sold.shares * sold.price
        assert reading.settled[USD].amount < 60000
        await broker.close()

    play(case)


def test_day_trades_are_counted_where_the_broker_counts_them(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        assert (await reading_of(broker)).day_trades_left is None
        for left in (3, 0):
            world.leaves_day_trades(left)
            assert (await reading_of(broker)).day_trades_left == left
        await broker.close()

    play(case)


def test_positions_are_read_whole_and_without_marks(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        positions = await broker.read_positions()
        assert not isinstance(positions, Unknown)
        assert {row.con_id: row.quantity for row in positions} == {MSFT: Decimal(60), GLD: Decimal(20)}
        assert {row.market_price for row in positions} == {None}
        await broker.close()

    play(case)


def test_working_orders_of_others_are_read(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        assert await broker.read_working_orders() == (FOREIGN_STOP,)
        await broker.close()

    play(case)


@pytest.mark.parametrize("read", [Read.ACCOUNT, Read.POSITIONS, Read.WORKING_ORDERS, Read.EVIDENCE, Read.TRADES])
def test_a_read_without_its_end_is_unknown(play: Play, read: Read) -> None:
    async def case(world: World) -> None:
        broker = await world.connected(seconds=IMPATIENT)
        reads: dict[Read, Callable[[], Awaitable[object]]] = {
            Read.ACCOUNT: broker.read_account,
            Read.POSITIONS: broker.read_positions,
            Read.WORKING_ORDERS: broker.read_working_orders,
            Read.EVIDENCE: broker.read_order_evidence,
            Read.TRADES: broker.read_trades,
        }
        world.never_ends(read)
        answer = await reads[read]()
        assert isinstance(answer, Unknown)
        assert "END" in answer.why
        await broker.close()

    play(case)


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


def test_quotes_are_live_or_delayed_and_say_so(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        quotes = await broker.read_quotes([await contract(broker), await contract(broker, "LATE")])
        live, delayed = quotes[MSFT], quotes[LATE]
        assert not isinstance(live, Unknown)
        assert not isinstance(delayed, Unknown)
        assert (live.type, live.last, live.currency) == (QuoteType.LIVE, Decimal(500), USD)
        assert (delayed.type, delayed.last) == (QuoteType.DELAYED, Decimal(20))
        assert live.bid is not None
        assert live.ask is not None
        assert live.bid <= live.ask
        await broker.close()

    play(case)


def test_the_average_volume_is_told_where_it_is_asked_for_and_served(play_virtually: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        contracts = [await contract(broker, symbol) for symbol in ("MSFT", "GLD", "LATE")]
        quotes = await broker.read_quotes(contracts, extras=(QuoteExtra.AVERAGE_VOLUME,))
        served, not_served, delayed = (quotes[each.con_id] for each in contracts)
        assert isinstance(served, Quote)
        assert isinstance(not_served, Quote), "a price is a price without its volume"
        assert isinstance(delayed, Quote)
        assert (served.last, served.average_volume) == (Decimal(500), Decimal(22_000_000))
        assert (not_served.last, not_served.average_volume) == (Decimal(350), None)
        assert (delayed.type, delayed.last, delayed.average_volume) == (QuoteType.DELAYED, Decimal(20), None)
        plain = (await broker.read_quotes(contracts[:1]))[MSFT]
        assert isinstance(plain, Quote)
        assert (plain.last, plain.average_volume) == (Decimal(500), None)
        await broker.close()

    play_virtually(case)


def test_a_halt_of_trading_is_told_with_the_price(play_virtually: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        contracts = [await contract(broker, symbol) for symbol in ("MSFT", "GLD", "LATE")]
        world.halts("MSFT")
        world.halts("LATE")
        for extras in ((), (QuoteExtra.AVERAGE_VOLUME,)):
            quotes = await broker.read_quotes(contracts, extras=extras)
            halted, trading, delayed = (quotes[each.con_id] for each in contracts)
            assert isinstance(halted, Quote)
            assert isinstance(trading, Quote)
            assert isinstance(delayed, Quote)
            assert (halted.last, halted.halt) == (Decimal(500), TradingHalt.GENERAL)
            assert trading.halt is None
            assert (delayed.type, delayed.halt) == (QuoteType.DELAYED, TradingHalt.GENERAL)
        await broker.close()

    play_virtually(case)


def test_a_missing_price_is_unknown_and_hides_no_other(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        contracts = [await contract(broker), await contract(broker, "GLD")]
        world.hides_price("MSFT")
        quotes = await broker.read_quotes(contracts)
        missing = quotes[MSFT]
        assert isinstance(missing, Unknown)
        assert "MSFT" in missing.why
        assert not isinstance(quotes[GLD], Unknown)
        await broker.close()

    play(case)


# -------------------------------------------------------------------------------------------------------------- trades


def test_before_anything_was_traded_there_are_no_trades(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        assert await broker.read_trades() == ()
        await broker.close()

    play(case)


@pytest.mark.parametrize("side", list(Side))
def test_a_trade_of_ours_is_told_once_though_it_was_reported_as_it_happened(play: Play, side: Side) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        execution = await trade(broker, ticket(await contract(broker), REF, 10, side=side))
        (told,) = await trades(broker)
        fill = execution.fill
        assert (told.con_id, told.side, told.shares, told.price) == (MSFT, side, Decimal(10), fill.price)
        assert told.time == fill.time
        assert told.time.tzinfo is not None
        assert told.value == Money(10 * fill.price, USD)
        assert told.is_ours
        assert not told.is_liquidation
        assert await trades(broker) == (told,)
        await broker.close()

    play(case)


@pytest.mark.parametrize("ref", ["", "someone:1", "folioctl"])
def test_a_trade_of_somebody_else_is_told_and_is_not_ours(play: Play, ref: str) -> None:
    async def case(world: World) -> None:
        broker, other = await world.connected(), await world.connected(client_id=FOREIGN_CLIENT)
        msft = await contract(other)
        await trade(other, ticket(msft, ref, 7, side=Side.SELL))
        (theirs,) = await trades(broker)
        assert (theirs.con_id, theirs.side, theirs.shares, theirs.is_ours) == (MSFT, Side.SELL, Decimal(7), False)
        await trade(broker, ticket(msft, REF, 2))
        assert {(each.shares, each.is_ours) for each in await trades(broker)} == {
            (Decimal(7), False),
            (Decimal(2), True),
        }
        await broker.close()
        await other.close()

    play(case)


def test_a_trade_is_worth_shares_times_price_in_the_currency_of_its_contract(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        await trade(broker, ticket(await contract(broker, "SAP"), REF, 20))
        (told,) = await trades(broker)
        assert (told.con_id, told.value) == (SAP, Money(20 * told.price, EUR))
        assert 150 <= told.price < 151
        await broker.close()

    play(case)


def test_a_trade_of_an_earlier_session_is_told(play: Play) -> None:
    async def case(world: World) -> None:
        first = await world.connected()
        await trade(first, ticket(await contract(first), REF, 10))
        told = await trades(first)
        await first.close()
        second = await world.connected(client_id=2)
        assert await trades(second) == told
        await second.close()

    play(case)


# ------------------------------------------------------------------------------------------------------------- what-if


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


# -------------------------------------------------------------------------------------------------------------- orders


def test_an_order_fills_and_is_reported(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        inbox = Inbox(broker)
        await place(broker, ticket(await contract(broker), REF, 10))
        reports = await inbox.until(lambda seen: any(isinstance(each, CommissionReport) for each in seen))
        (execution,) = executions(reports)
        assert (execution.con_id, execution.side, execution.fill.shares) == (MSFT, Side.BUY, Decimal(10))
        assert execution.fill.time.tzinfo is not None
        assert execution.perm_id > 0
        assert "Filled" in statuses(reports)
        (commission,) = (each for each in reports if isinstance(each, CommissionReport))
        assert commission.exec_id == execution.fill.exec_id
        assert commission.commission.amount > 0
        assert world.received() == [REF]
        await broker.close()

    play(case)


def test_a_subscription_ends(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        left, stays = Inbox(broker), Inbox(broker)
        left.leave()
        await place(broker, ticket(await contract(broker), REF))
        await stays.until(lambda seen: "Filled" in statuses(seen))
        assert left.reports == []
        await broker.close()

    play(case)


def test_an_order_rests_is_seen_working_and_is_cancelled(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        world.reacts("MSFT", Reaction.REST)
        inbox = Inbox(broker)
        order_id = await place(broker, ticket(await contract(broker), REF, 10, limit="499.5"))
        await inbox.until(lambda seen: bool(statuses(seen) & {"PreSubmitted", "Submitted"}))
        working = await broker.read_working_orders()
        assert not isinstance(working, Unknown)
        (ours,) = (order for order in working if order.order_ref == REF)
        assert (ours.side, ours.remaining, ours.order_type, ours.time_in_force) == (Side.BUY, Decimal(10), "LMT", "DAY")
        assert (ours.order_id, ours.client_id) == (order_id, 1)
        await broker.cancel(REF)
        reports = await inbox.until(lambda seen: "Cancelled" in statuses(seen) and 202 in codes(seen))
        assert executions(reports) == []
        assert await broker.read_working_orders() == (FOREIGN_STOP,)
        await broker.close()

    play(case)


def test_a_cancel_of_an_order_that_this_session_does_not_know_is_refused(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        with pytest.raises(BrokerRefused):
            await broker.cancel(REF)
        await broker.close()

    play(case)


def test_an_order_of_somebody_else_is_cancelled_where_the_broker_lets_others_do_that(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        world.lets_others_cancel()
        assert FOREIGN_STOP in await working_orders(broker)
        await broker.cancel_foreign(FOREIGN_STOP)
        assert await is_gone(broker, FOREIGN_STOP)
        await broker.cancel_foreign(FOREIGN_STOP)  # it is gone already, and nobody minds
        assert await working_orders(broker) == ()
        await broker.close()

    play(case)


def test_an_order_of_another_program_is_cancelled_and_that_program_hears_of_it(play: Play) -> None:
    async def case(world: World) -> None:
        broker, other = await world.connected(), await world.connected(client_id=FOREIGN_CLIENT)
        world.lets_others_cancel()
        world.reacts("GLD", Reaction.REST)
        inbox = Inbox(other)
        await place(other, ticket(await contract(other, "GLD"), "someone:1", limit="300"))
        await inbox.until(bool)
        (theirs,) = (each for each in await working_orders(broker) if each.order_ref == "someone:1")
        assert theirs.client_id == FOREIGN_CLIENT
        await broker.cancel_foreign(theirs)
        assert await is_gone(broker, theirs)
        await inbox.until(
            lambda seen: any(isinstance(each, StatusReport) and each.status == "Cancelled" for each in seen)
        )
        assert await working_orders(broker) == (FOREIGN_STOP,)
        await broker.close()
        await other.close()

    play(case)


def test_an_order_of_somebody_else_stays_where_the_broker_does_not_let_others_cancel(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        await broker.cancel_foreign(FOREIGN_STOP)
        assert not await is_gone(broker, FOREIGN_STOP)
        await broker.close()

    play(case)


@pytest.mark.parametrize("order_id", [0, -4, 2147483647])
def test_an_order_without_an_id_to_cancel_it_by_is_refused(play: Play, order_id: int) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        world.lets_others_cancel()
        by_hand = replace(FOREIGN_STOP, client_id=0, order_id=OrderId(order_id))
        with pytest.raises(BrokerRefused, match="MSFT"):
            await broker.cancel_foreign(by_hand)
        assert not await is_gone(broker, FOREIGN_STOP)
        await broker.close()

    play(case)


def test_an_order_of_ours_is_not_cancelled_for_one_of_another_client_with_the_same_id(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        world.lets_others_cancel()
        world.reacts("GLD", Reaction.REST)
        inbox = Inbox(broker)
        await broker.place(ticket(await contract(broker, "GLD"), REF, limit="300"), FOREIGN_STOP.order_id, unwritten)
        await inbox.until(lambda seen: bool(statuses(seen)))
        with pytest.raises(BrokerRefused, match="same id"):
            await broker.cancel_foreign(FOREIGN_STOP)
        (ours,) = (each for each in await working_orders(broker) if each.order_ref == REF)
        assert not await is_gone(broker, ours)
        await broker.cancel_foreign(replace(ours, order_ref=None))
        assert await is_gone(broker, ours), "an order of our own client id is the one that its id names"
        await broker.close()

    play(case)


def test_an_order_of_somebody_else_is_not_cancelled_without_a_connection(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        lost = broker.connection_lost()
        world.breaks()
        await lost
        with pytest.raises(BrokerUnavailable):
            await broker.cancel_foreign(FOREIGN_STOP)
        await broker.close()

    play(case)


def test_an_order_fills_in_part_and_the_rest_is_cancelled(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        world.reacts("MSFT", Reaction.FILL_HALF)
        inbox = Inbox(broker)
        await place(broker, ticket(await contract(broker), REF, 10))
        await inbox.until(lambda seen: bool(statuses(seen)))
        world.passes(1)
        await inbox.until(lambda seen: bool(executions(seen)))
        working = await broker.read_working_orders()
        assert not isinstance(working, Unknown)
        assert [order.remaining for order in working if order.order_ref == REF] == [Decimal(5)]
        await broker.cancel(REF)
        reports = await inbox.until(lambda seen: "Cancelled" in statuses(seen))
        assert {execution.fill.shares for execution in executions(reports)} == {Decimal(5)}
        evidence = await broker.read_order_evidence()
        assert not isinstance(evidence, Unknown)
        (completed,) = (each for each in evidence if isinstance(each, CompletedReport))
        assert (completed.ref, completed.status, completed.filled) == (REF, "Cancelled", Decimal(5))
        await broker.close()

    play(case)


def test_a_rejected_order_is_an_error_report_and_leaves_no_trace(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        world.reacts("AAPL", Reaction.REJECT)
        inbox = Inbox(broker)
        await place(broker, ticket(await contract(broker, "AAPL"), REF, 100_000))
        await inbox.until(lambda seen: 201 in codes(seen))
        assert executions(inbox.reports) == []
        assert REF not in evidence_of(await broker.read_order_evidence()).traces
        await broker.close()

    play(case)


def test_an_order_that_is_dropped_leaves_no_trace(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        msft = await contract(broker)
        world.reacts("MSFT", Reaction.SILENT_DROP)
        await place(broker, ticket(msft, REF))
        assert REF not in evidence_of(await broker.read_order_evidence()).traces
        await broker.close()

    play(case)


def test_an_order_without_a_trace_may_still_be_alive(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        msft = await contract(broker)
        world.reacts("MSFT", Reaction.LATE_ACK)
        inbox = Inbox(broker)
        await place(broker, ticket(msft, REF))
        assert REF not in evidence_of(await broker.read_order_evidence()).traces
        world.releases(REF)
        await inbox.until(lambda seen: "Filled" in statuses(seen))
        assert REF in evidence_of(await broker.read_order_evidence()).traces
        await broker.close()

    play(case)


# ------------------------------------------------------------------------------------------------------------ evidence


def test_evidence_names_every_order_of_the_day_and_comes_last(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        inbox = Inbox(broker)
        filled = ticket(await contract(broker), REF)
        await place(broker, filled)
        await inbox.until(lambda seen: "Filled" in statuses(seen))
        world.reacts("GLD", Reaction.REST)
        resting = ticket(await contract(broker, "GLD"), "folioctl:0123456789ab:002:1", limit="300")
        await place(broker, resting)
        reports = await broker.read_order_evidence()
        evidence = evidence_of(reports)
        assert evidence.traces == {filled.ref, resting.ref}
        assert evidence.session_since is not None
        assert evidence.session_since < evidence.read_at
        assert not isinstance(reports, Unknown)
        (execution,) = executions(reports)
        assert [each.exec_id for each in reports if isinstance(each, CommissionReport)] == [execution.fill.exec_id]
        await broker.close()

    play(case)


def test_evidence_under_another_client_id_names_no_session_after_which_nothing_can_come(play: Play) -> None:
    async def case(world: World) -> None:
        reader = await world.connected(client_id=2)
        assert evidence_of(await reader.read_order_evidence()).session_since is None
        await reader.close()

    play(case)


def test_another_session_finds_the_fills_of_the_one_before_it(play: Play) -> None:
    async def case(world: World) -> None:
        first = await world.connected()
        inbox = Inbox(first)
        await place(first, ticket(await contract(first), REF))
        await inbox.until(lambda seen: "Filled" in statuses(seen))
        (live,) = executions(inbox.reports)
        await first.close()
        second = await world.connected()
        reports = await second.read_order_evidence()
        assert not isinstance(reports, Unknown)
        assert executions(reports) == [live]
        assert REF in evidence_of(reports).traces
        await second.close()

    play(case)


def test_a_working_order_of_an_earlier_session_can_be_cancelled_once_it_was_read(play: Play) -> None:
    async def case(world: World) -> None:
        world.reacts("MSFT", Reaction.REST)
        first = await world.connected()
        inbox = Inbox(first)
        await place(first, ticket(await contract(first), REF, limit="499"))
        await inbox.until(lambda seen: bool(statuses(seen)))
        await first.close()
        second = await world.connected()
        inbox = Inbox(second)
        await second.read_order_evidence()
        await second.cancel(REF)
        await inbox.until(lambda seen: "Cancelled" in statuses(seen))
        await second.close()

    play(case)


# ----------------------------------------------------------------------------------------------------- ids, lost links


def test_order_ids_only_rise(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        first = broker.next_order_id(above=OrderId(0))
        second = broker.next_order_id(above=OrderId(0))
        third = broker.next_order_id(above=OrderId(500))
        fourth = broker.next_order_id(above=OrderId(3))
        assert 0 < first < second < third < fourth
        assert third > 500
        await broker.close()

    play(case)


def test_a_broken_connection_is_told(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        lost = broker.connection_lost()
        world.breaks()
        async with asyncio.timeout(5):
            assert await lost
        with pytest.raises(BrokerUnavailable):
            await broker.read_positions()
        await broker.close()

    play(case)


def test_a_closed_connection_was_not_lost(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        lost = asyncio.ensure_future(broker.connection_lost())
        await broker.close()
        done, _ = await asyncio.wait({lost}, timeout=IMPATIENT)
        assert not done
        lost.cancel()

    play(case)


def test_the_place_where_a_waiter_gives_up_does_not_silence_the_next(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        gives_up = asyncio.ensure_future(broker.connection_lost())
        gives_up.cancel()
        await asyncio.wait({gives_up})
        lost = broker.connection_lost()
        world.breaks()
        async with asyncio.timeout(5):
            assert await lost
        await broker.close()

    play(case)


def test_many_who_connect_at_once_share_one_connection(play: Play) -> None:
    async def case(world: World) -> None:
        broker = world.session()
        await asyncio.gather(*[broker.connect() for _ in range(5)])
        assert not isinstance(await broker.read_positions(), Unknown)
        await broker.close()
        again = await world.connected()
        await again.close()

    play(case)


def test_a_gateway_that_loses_the_broker_is_told_as_a_loss_and_answers_nothing(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected(seconds=1)
        order = ticket(await contract(broker), REF)
        lost = broker.connection_lost()
        world.loses_broker()
        async with asyncio.timeout(5):
            assert await lost
        with pytest.raises(BrokerUnavailable):
            await broker.read_positions()
        with pytest.raises(BrokerUnavailable):
            await place(broker, order)
        with pytest.raises(BrokerUnavailable):
            await broker.connect()
        assert world.received() == []
        await broker.close()

    play(case)


def test_once_the_broker_is_back_the_connection_is_as_good_as_before(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        before = await broker.read_positions()
        lost = broker.connection_lost()
        world.loses_broker()
        await lost
        world.regains_broker()
        await broker.connect()
        assert await broker.read_positions() == before
        lost = broker.connection_lost()
        world.breaks()
        async with asyncio.timeout(5):
            assert await lost
        await broker.close()

    play(case)


def test_without_a_connection_nothing_is_intended_and_nothing_sent(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        msft = await contract(broker)
        lost = broker.connection_lost()
        world.breaks()
        await lost
        intended: list[str] = []
        with pytest.raises(BrokerUnavailable):
            await broker.place(ticket(msft, REF), OrderId(600), lambda: intended.append(REF))
        assert world.received() == intended == []
        await broker.close()

    play(case)


def test_what_is_not_intended_after_all_is_not_sent(play: Play) -> None:
    def halted() -> None:
        raise AccountHalted(())

    async def case(world: World) -> None:
        broker = await world.connected()
        order = ticket(await contract(broker), REF)
        with pytest.raises(AccountHalted):
            await broker.place(order, broker.next_order_id(above=OrderId(0)), halted)
        await broker.read_order_evidence()
        assert world.received() == []
        await broker.close()

    play(case)


@pytest.mark.parametrize(
    ("reaction", "arrives"), [(Reaction.LOST_BEFORE_SEND, False), (Reaction.LOST_AFTER_SEND, True)]
)
def test_what_became_of_a_send_that_broke_is_found_by_reading(play: Play, reaction: Reaction, arrives: bool) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        msft = await contract(broker)
        lost = broker.connection_lost()
        world.reacts("MSFT", reaction)
        with suppress(SendUncertain):
            await place(broker, ticket(msft, REF))
        async with asyncio.timeout(5):
            await lost
        await broker.close()
        again = await world.connected()
        reports = await again.read_order_evidence()
        assert (REF in evidence_of(reports).traces) is arrives
        assert world.received() == ([REF] if arrives else [])
        await again.close()

    play(case)
