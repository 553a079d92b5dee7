"""What every Broker does: the one in memory, and the IB adapter over a socket, with whichever library is installed."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from decimal import Decimal

import pytest

from reconciler.domain.account import QuoteType, Side
from reconciler.domain.contract import Contract
from reconciler.domain.desired import Environment
from reconciler.domain.errors import BrokerRefused, BrokerUnavailable, SendUncertain
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
from reconciler.domain.unknown import Unknown
from reconciler.ports import AccountReading, Broker
from tests.contract.broker_worlds import FOREIGN_STOP, USD, World, fake_world, gateway_world, spec, ticket
from tests.fakes.broker import Reaction, Read

Case = Callable[[World], Awaitable[None]]
Play = Callable[[Case], None]

MSFT, GLD, LATE = ConId(272093), ConId(51529211), ConId(1004)
REF = OrderRef("folioctl:0123456789ab:001:1")
IMPATIENT = 0.03
"""Seconds that are waited for what never comes."""


@pytest.fixture(params=[fake_world, pytest.param(gateway_world, marks=pytest.mark.broker)], ids=["fake", "ib"])
def play(request: pytest.FixtureRequest) -> Play:
    async def played(case: Case) -> None:
        async with request.param() as world:
            await case(world)

    return lambda case: asyncio.run(played(case))


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
    await broker.place(order, order_id)
    return order_id


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


@pytest.mark.parametrize("read", [Read.ACCOUNT, Read.POSITIONS, Read.WORKING_ORDERS, Read.EVIDENCE])
def test_a_read_without_its_end_is_unknown(play: Play, read: Read) -> None:
    async def case(world: World) -> None:
        broker = await world.connected(seconds=IMPATIENT)
        reads: dict[Read, Callable[[], Awaitable[object]]] = {
            Read.ACCOUNT: broker.read_account,
            Read.POSITIONS: broker.read_positions,
            Read.WORKING_ORDERS: broker.read_working_orders,
            Read.EVIDENCE: broker.read_order_evidence,
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


def test_an_unknown_contract_is_unknown_and_hides_no_other(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        found = await broker.read_contracts([spec("MSFT"), spec("NOPE"), spec("GLD")])
        assert isinstance(found[InstrumentName("NOPE")], Unknown)
        assert isinstance(found[InstrumentName("MSFT")], Contract)
        assert isinstance(found[InstrumentName("GLD")], Contract)
        await broker.close()

    play(case)


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
        assert evidence.session_since < evidence.read_at
        assert not isinstance(reports, Unknown)
        (execution,) = executions(reports)
        assert [each.exec_id for each in reports if isinstance(each, CommissionReport)] == [execution.fill.exec_id]
        await broker.close()

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


def test_placing_without_a_connection_is_uncertain(play: Play) -> None:
    async def case(world: World) -> None:
        broker = await world.connected()
        msft = await contract(broker)
        lost = broker.connection_lost()
        world.breaks()
        await lost
        with pytest.raises(SendUncertain):
            await place(broker, ticket(msft, REF))
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
