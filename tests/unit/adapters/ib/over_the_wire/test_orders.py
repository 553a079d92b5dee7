"""Orders as they go out, and what comes back about them: twice, corrected, unset, or to a listener that fails."""

import asyncio
from decimal import Decimal

import pytest

from reconciler.domain.ids import ExecId, OrderId
from reconciler.domain.orders import ErrorReport, EvidenceReport, ExecutionReport, Report
from reconciler.domain.unknown import Unknown
from tests.contract.broker_proxy import Fields
from tests.contract.broker_worlds import GatewayWorld, ticket, unwritten
from tests.unit.adapters.ib.kinds import COMMISSION, EXECUTION, OPEN_ORDER, UNSET
from tests.unit.adapters.ib.said import REF
from tests.unit.adapters.ib.wire import BRIEF, changing, has_filled, heard_until, msft, play, with_field

pytestmark = pytest.mark.broker


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
