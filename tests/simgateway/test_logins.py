"""Who sees what: several accounts under one login, client 0, the master client, orders entered by hand."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from reconciler.simgateway import byhand
from reconciler.simgateway.orders.book import Order, Status
from reconciler.simgateway.orders.terms import Terms
from reconciler.simgateway.serving.server import Running
from reconciler.simgateway.staging import load
from tests.simgateway import library
from tests.simgateway.clients import order as an_order
from tests.simgateway.clients import stock, values_by_key
from tests.simgateway.lab import ACCOUNT, GLD, MSFT, TEXT, Bench, order, running, say, turns, until
from tests.simgateway.quirky import bought, heard, noted, resting, sync

OTHER = "DU1000002"
TWO = TEXT.replace(
    "market_rules:", f"  {OTHER}:\n    cash: {{USD: 5000.00}}\n    exchange_rates: {{EUR: 1.10}}\nmarket_rules:"
)
MANUAL = """  - {manual: true, account: DU1000001,
     instrument: GLD, action: BUY, quantity: 3, order_type: LMT, price: 300}
"""
MASTER = "master_client_id: 9\n"
MAX_INTEGER = 2147483647


def entered(served: Running, quantity: int = 3, kind: str = "LMT", limit: str = "300") -> Order:
    """A person enters an order in the workstation."""
    instrument = served.broker.market.listing(GLD).instrument
    price = Decimal(limit) if kind == "LMT" else None
    return byhand.enter(served.broker, Terms(ACCOUNT, "BUY", Decimal(quantity), kind, price), instrument)


def told(wire: Any, kind: str) -> list[list[str]]:
    return [frame for frame in wire.frames if frame[0] == kind]


def test_an_order_names_one_of_several_accounts() -> None:
    async def run() -> None:
        bench = Bench(TWO)
        session, wire = bench.client()
        nameless = order(GLD, "BUY", 1)
        nameless[21] = ""
        named = order(GLD, "BUY", 1)
        named[21] = OTHER
        strange = order(GLD, "BUY", 1)
        strange[21] = "DU9"
        for order_id, fields in enumerate((nameless, named, strange), 1):
            say(session, 3, order_id, *fields)
        await turns()
        assert wire.errors() == [(1, 435), (3, 321)]
        assert bench.broker.ledgers[OTHER].positions[GLD].quantity == 1
        assert bench.broker.ledgers[ACCOUNT].positions[GLD].quantity == 20

    asyncio.run(run())


def test_account_updates_name_one_of_several_accounts() -> None:
    bench = Bench(TWO)
    session, wire = bench.client()
    say(session, 6, 2, 1, "")
    assert (wire.errors(), wire.ids()) == ([(-1, 321)], ["4"])
    wire.take()
    say(session, 6, 2, 1, OTHER)
    say(session, 6, 2, 1, ACCOUNT)
    assert wire.errors() == [(-1, 2100)]
    assert [frame[2] for frame in told(wire, "54")] == [OTHER, ACCOUNT]


def test_two_clients_do_not_subscribe_to_different_accounts() -> None:
    bench = Bench(TWO)
    first, one = bench.client(1)
    second, two = bench.client(2)
    say(first, 6, 2, 1, ACCOUNT)
    say(second, 6, 2, 1, OTHER)
    assert (two.errors(), one.errors()) == ([(-1, 2101)], [])
    assert told(two, "54") == []
    say(second, 6, 2, 1, ACCOUNT)
    assert len(told(two, "54")) == 1
    say(second, 6, 2, 0, ACCOUNT)
    say(first, 6, 2, 1, OTHER)
    assert one.errors() == [(-1, 2100)]


@pytest.mark.broker
def test_a_library_reads_each_of_several_accounts() -> None:
    async def run() -> None:
        async with running(TWO) as served, library.connected(served) as ib:
            assert ib.managedAccounts() == [ACCOUNT, OTHER]
            assert values_by_key(ib.accountValues(OTHER))[("NetLiquidation", "USD")] == "5000.00"
            assert values_by_key(ib.accountValues(ACCOUNT))[("NetLiquidation", "USD")] == "97000.00"
            summary = await ib.accountSummaryAsync()
            assert {each.account for each in summary} == {ACCOUNT, OTHER}
            trade = bought(ib, "GLD", 2, account=OTHER)
            await until(lambda: trade.filled() == 2)
            await sync(ib)
            assert [(each.contract.symbol, each.position) for each in ib.positions(OTHER)] == [("GLD", 2)]
            assert [each.position for each in ib.positions(ACCOUNT) if each.contract.symbol == "GLD"] == [20]
            assert [each.execution.acctNumber for each in ib.fills()] == [OTHER]
            seen = heard(ib)
            refused = ib.placeOrder(stock("GLD"), an_order("MKT", "BUY", 1, account=""))
            await until(lambda: seen == [(refused.order.orderId, 435)])

    asyncio.run(run())


@pytest.mark.broker
def test_an_order_entered_by_hand_is_everybodys_to_see_and_nobodys_to_touch() -> None:
    async def run() -> None:
        async with running(TEXT + MANUAL) as served, library.connected(served, 3) as ib:
            assert ib.openTrades() == []
            seen = heard(ib)
            shown = {each.order.permId: each for each in await ib.reqAllOpenOrdersAsync()}
            (manual,) = [each for each in shown.values() if each.order.orderId == 0]
            assert (manual.order.clientId, manual.contract.symbol, manual.order.totalQuantity) == (0, "GLD", 3)
            assert manual.orderStatus.status == "Submitted"
            ib.client.cancelOrder(0, "")
            ib.client.reqAutoOpenOrders(True)
            await sync(ib)
            assert seen == [(0, 10147)]
            assert len(served.broker.book.working()) == 2

    asyncio.run(run())


@pytest.mark.broker
def test_client_0_binds_what_is_entered_by_hand_and_may_cancel_it() -> None:
    async def run() -> None:
        async with running(TEXT + MANUAL) as served, library.connected(served, 0) as ib:
            calls = noted(ib, "orderBound", "openOrder", "orderStatus")
            (trade,) = [each for each in ib.openTrades() if each.contract.symbol == "GLD"]
            assert trade.order.orderId < -1
            later = entered(served)
            await sync(ib)
            assert [name for name, _ in calls][:1] == ["orderBound"]
            assert calls[0][1] == (later.perm_id, 0, later.order_id)
            assert later.order_id not in (trade.order.orderId, -1, 0)
            ib.client.cancelOrder(later.order_id, "")
            ib.client.cancelOrder(trade.order.orderId, "")
            await until(lambda: bool(trade.orderStatus.status == "Cancelled"))
            await until(lambda: later.status is Status.CANCELLED)

    asyncio.run(run())


@pytest.mark.broker
def test_a_fill_of_an_order_entered_by_hand_carries_the_unset_number() -> None:
    async def run() -> None:
        async with running() as served, library.connected(served, 3) as ib:
            calls = noted(ib, "execDetails", "orderStatus")
            done = entered(served, kind="MKT")
            await until(lambda: done.status is Status.FILLED)
            await until(lambda: {each.contract.symbol: each.position for each in ib.positions()}["GLD"] == 23)
            assert calls == []
            (fill,) = await ib.reqExecutionsAsync()
            assert calls[0][1][2].permId == done.perm_id
            assert (fill.execution.clientId, fill.execution.liquidation) == (0, 0)

    asyncio.run(run())


def test_the_unset_number_is_that_of_an_integer_and_a_bound_order_keeps_its_own() -> None:
    async def run() -> None:
        bench = Bench()
        session, wire = bench.client(0)
        instrument = bench.broker.market.listing(GLD).instrument
        terms = Terms(ACCOUNT, "BUY", Decimal(1), "MKT")
        unbound = byhand.enter(bench.broker, terms, instrument)
        await turns()
        assert unbound.status is Status.FILLED
        assert told(wire, "11") == []
        say(session, 15, 1, 1)
        bound = byhand.enter(bench.broker, terms, instrument)
        await turns()
        wire.take()
        say(session, 7, 3, 5, 0, "", "", "", "", "", "")
        assert [frame[2] for frame in told(wire, "11")] == [str(MAX_INTEGER), str(bound.order_id)]
        say(session, 15, 1, 0)
        byhand.enter(bench.broker, terms, instrument)
        wire.take()
        await turns()
        assert told(wire, "100") == told(wire, "5") == []

    asyncio.run(run())


def test_what_is_entered_by_hand_passes_the_same_checks() -> None:
    bench = Bench()
    session, wire = bench.client(0)
    say(session, 15, 1, 1)
    wire.take()
    instrument = bench.broker.market.listing(GLD).instrument
    refused = byhand.enter(bench.broker, Terms(ACCOUNT, "BUY", Decimal(0), "MKT"), instrument)
    assert refused.status is Status.INACTIVE
    assert wire.errors() == [(refused.order_id, 434)]


def test_client_0_binds_once_and_for_good() -> None:
    bench = Bench(TEXT + MANUAL)
    session, wire = bench.client(0)
    say(session, 5, 1)
    bound = [frame[3] for frame in told(wire, "100")]
    assert [frame[1] for frame in told(wire, "5")] == bound
    assert [frame[1] for frame in told(wire, "3")] == bound
    wire.take()
    say(session, 15, 1, 1)
    say(session, 5, 1)
    assert told(wire, "100") == []
    assert [frame[1] for frame in told(wire, "5")] == bound
    bench.broker.book.roll_back()
    assert bench.broker.book.get(0, int(bound[0])) is not None
    other, seen = bench.client(4)
    say(other, 5, 1)
    say(other, 4, 1, int(bound[0]), "")
    assert seen.ids() == ["53", "4"]


@pytest.mark.broker
def test_the_master_is_told_what_others_do_and_others_are_not() -> None:
    async def run() -> None:
        async with (
            running(TEXT + MASTER) as served,
            library.connected(served, 1) as ib,
            library.connected(served, 9) as master,
            library.connected(served, 2) as other,
        ):
            heard_by_all = {name: noted(each, *TOLD) for name, each in (("master", master), ("other", other))}
            errors = heard(master)
            trade = bought(ib)
            await until(lambda: bool(trade.orderStatus.status == "Filled"))
            rest = resting(ib)
            await until(lambda: bool(rest.orderStatus.status == "Submitted"))
            refused = ib.placeOrder(stock("GLD"), an_order("LMT", "BUY", 1, 300.001))
            entered(served, kind="MKT")
            await sync(master)
            await sync(other)
            names = [name for name, _ in heard_by_all["master"]]
            assert names.count("execDetails") == names.count("commissionReport") == 2
            owners = {each.order.clientId for each in master.trades()}
            assert owners >= {0, 1}
            assert heard_by_all["other"] == []
            assert errors == []
            assert refused.order.orderId not in [each.order.orderId for each in master.openTrades()]
            assert [each.order.orderId for each in await master.reqOpenOrdersAsync()] == []

    asyncio.run(run())


TOLD = ("openOrder", "orderStatus", "execDetails", "commissionReport")


def test_the_master_does_not_cancel_for_others() -> None:
    async def run() -> None:
        bench = Bench(TEXT + MASTER)
        owner, _ = bench.client(1)
        master, wire = bench.client(9)
        say(owner, 3, 8, *order(GLD, "BUY", 1, "LMT", limit=300))
        await turns()
        wire.take()
        say(master, 4, 1, 8, "")
        assert wire.errors() == [(8, 10147)]
        say(master, 58, 1)
        await turns()
        assert bench.broker.book.working() == []

    asyncio.run(run())


def test_a_master_is_told_its_own_orders_once() -> None:
    async def run() -> None:
        bench = Bench(TEXT + MASTER)
        session, wire = bench.client(9)
        say(session, 3, 8, *order(MSFT, "BUY", 1))
        await turns()
        assert len(told(wire, "11")) == 1

    asyncio.run(run())


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("  - {manual: true, order_id: 7,", "an order entered by hand has neither client id nor order id"),
        ("  - {client_id: 3,", "an order of a client has an order id; say manual for one entered by hand"),
        ("  - {client_id: 77, order_id: 4,", "client 77 has this order id already"),
    ],
)
def test_orders_of_a_scenario_that_contradict_themselves(line: str, said: str) -> None:
    scenario, found = load(TEXT + MANUAL.replace("  - {manual: true,", line), "lab.yaml")
    assert scenario is None
    assert said in str(found[0])


def test_orders_entered_by_hand_have_no_id_to_be_found_by() -> None:
    bench = Bench(TEXT + MANUAL + MANUAL)
    assert [each.order_id for each in bench.broker.book.working()] == [4, 0, 0]
    bench.broker.book.roll_back()
    session, wire = bench.client(0)
    say(session, 4, 1, 0, "")
    assert wire.errors() == [(0, 10147)]


@pytest.mark.broker
def test_a_second_account_replaces_the_first_or_is_refused() -> None:
    async def run() -> None:
        async with (
            running(TWO) as served,
            library.connected(served, 1) as ib,
            library.connected(served, 2) as another,
        ):
            seen, others = heard(ib), heard(another)
            await ib.reqAccountUpdatesAsync(ACCOUNT)
            await ib.reqAccountUpdatesAsync(OTHER)
            assert seen == [(-1, 2100)]
            another.client.reqAccountUpdates(True, ACCOUNT)
            await sync(another)
            assert others == [(-1, 2101)]

    asyncio.run(run())
