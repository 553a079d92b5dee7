"""Orders of ours: how they fill, rest, are rejected and cancelled, and what is reported of that."""

from decimal import Decimal

import pytest

from reconciler.domain.account import Side
from reconciler.domain.errors import AccountHalted, BrokerRefused
from reconciler.domain.ids import OrderId
from reconciler.domain.orders import CommissionReport, CompletedReport
from reconciler.domain.unknown import Unknown
from tests.contract.broker.acts import MSFT, REF, Inbox, Play, codes, contract, evidence_of, executions, place, statuses
from tests.contract.broker_worlds import FOREIGN_STOP, World, ticket
from tests.fakes.broker import Reaction


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
