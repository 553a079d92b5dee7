"""An advisor's login: groups, how orders are divided among accounts, and what the libraries are told of it."""

import asyncio
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler.simgateway.orders.allocation import Allocation, divided
from reconciler.simgateway.staging import load
from tests.simgateway import library
from tests.simgateway.clients import order as an_order
from tests.simgateway.clients import stock, values_by_key
from tests.simgateway.lab import ACCOUNT, GLD, LOTS, PARTS, TEXT, Bench, order, running, say, turns, until
from tests.simgateway.quirky import heard, noted, sync

OTHER, ADVISOR = "DU1000002", "DF1000001"
FAMILY = (
    TEXT.replace(
        "market_rules:", f"  {OTHER}:\n    cash: {{USD: 97000.00}}\n    exchange_rates: {{EUR: 1.10}}\nmarket_rules:"
    )
    + f"""
advisor:
  groups:
    growth: {{accounts: {{{ACCOUNT}: 0.6, {OTHER}: 0.4}}}}
    even: {{accounts: {{{ACCOUNT}: 9, {OTHER}: 1}}, method: Equal}}
    wealth: {{accounts: {{{ACCOUNT}: 9, {OTHER}: 1}}, method: NetLiq}}
"""
)
POOR = FAMILY.replace("97000.00", "100.00")

SIZES = st.integers(0, 5000).map(Decimal)
WEIGHTS = st.lists(st.integers(0, 1000).map(Decimal), min_size=1, max_size=6).filter(any)


def by_account(weights: list[Decimal]) -> dict[str, Decimal]:
    return {f"DU{number}": weight for number, weight in enumerate(weights)}


def allotted(con_id: int, quantity: int, group: str, *, method: str = "", account: str = "", what_if: int = 0) -> Any:
    """The fields of an order of the advisor's, after the order id."""
    fields = order(con_id, "BUY", quantity, what_if=what_if)
    fields[21] = account
    fields[37:40] = [group, method, ""]
    return fields


@given(SIZES, WEIGHTS, st.sampled_from([Decimal(1), Decimal(10), Decimal("0.5")]))
def test_parts_add_up_and_none_is_a_lot_off(lots: Decimal, weights: list[Decimal], increment: Decimal) -> None:
    shares, named = lots * increment, by_account(weights)
    parts = dict(divided(shares, named, increment))
    assert sum(parts.values(), Decimal(0)) == shares
    for account, weight in named.items():
        part = parts.get(account, Decimal(0))
        assert part % increment == 0
        assert abs(part - shares * weight / sum(weights)) < increment


@given(st.lists(st.integers(1, 300).map(Decimal), min_size=1, max_size=8), WEIGHTS)
def test_fills_end_at_the_parts_of_the_whole(fills: list[Decimal], weights: list[Decimal]) -> None:
    parts = divided(sum(fills, Decimal(0)), by_account(weights), Decimal(1))
    allocation, had = Allocation(parts), dict[str, Decimal]()
    for fill in fills:
        given_now = allocation.of_fill(fill, had, Decimal(1))
        assert sum((shares for _, shares in given_now), Decimal(0)) == fill
        for account, shares in given_now:
            had[account] = had.get(account, Decimal(0)) + shares
            assert had[account] <= dict(parts)[account]
    assert had == dict(parts)


def test_what_is_left_over_goes_to_the_largest_remainder_and_then_to_the_first() -> None:
    ratios = {"A": Decimal("0.5"), "B": Decimal("0.3"), "C": Decimal("0.2")}
    assert dict(divided(Decimal(7), ratios, Decimal(1))) == {"A": Decimal(4), "B": Decimal(2), "C": Decimal(1)}
    assert dict(divided(Decimal(1), {"A": Decimal(1), "B": Decimal(1)}, Decimal(1))) == {"A": Decimal(1)}
    assert divided(Decimal("2.5"), {"A": Decimal(1), "B": Decimal(1)}, Decimal(1)) == (
        ("A", Decimal("1.5")),
        ("B", Decimal(1)),
    )
    assert divided(Decimal(7), {"A": Decimal(0)}, Decimal(1)) == ()
    assert dict(divided(Decimal(7), {"A": Decimal(-5), "B": Decimal(10)}, Decimal(1))) == {"B": Decimal(7)}


@pytest.mark.parametrize(
    ("group", "method", "parts"),
    [
        ("growth", "", {ACCOUNT: 6, OTHER: 4}),
        ("growth", "EqualQuantity", {ACCOUNT: 5, OTHER: 5}),
        ("even", "", {ACCOUNT: 5, OTHER: 5}),
        ("even", "Ratio", {ACCOUNT: 9, OTHER: 1}),
        ("wealth", "", {ACCOUNT: 5, OTHER: 5}),
        ("growth", "AvailableEquity", {ACCOUNT: 5, OTHER: 5}),
    ],
)
def test_methods(group: str, method: str, parts: dict[str, int]) -> None:
    async def run() -> None:
        bench = Bench(FAMILY)
        session, wire = bench.client()
        say(session, 3, 1, *allotted(PARTS, 10, group, method=method))
        bench.clock.step(1)
        await turns(12)
        assert wire.errors() == []
        assert {name: bench.broker.ledgers[name].positions[PARTS].quantity for name in parts} == parts
        assert bench.broker.ledgers[ADVISOR].positions == {}

    asyncio.run(run())


def test_available_equity_counts_what_margin_takes_too() -> None:
    async def run() -> None:
        bench = Bench(FAMILY)
        session, _ = bench.client()
        say(session, 3, 1, *allotted(PARTS, 100, "growth", method="AvailableEquity"))
        await turns(12)
        assert [bench.broker.ledgers[name].positions[PARTS].quantity for name in (ACCOUNT, OTHER)] == [50, 50]

    asyncio.run(run())


def test_fills_of_single_shares_end_at_the_same_division() -> None:
    async def run() -> None:
        bench = Bench(FAMILY.replace("parts: 3", "parts: 10"))
        session, _ = bench.client()
        say(session, 3, 1, *allotted(PARTS, 10, "growth"))
        await turns(40)
        assert [bench.broker.ledgers[name].positions[PARTS].quantity for name in (ACCOUNT, OTHER)] == [6, 4]

    asyncio.run(run())


def test_net_liquidation_weighs_by_what_an_account_is_worth() -> None:
    async def run() -> None:
        bench = Bench(POOR)
        session, _ = bench.client()
        say(session, 3, 1, *allotted(GLD, 10, "wealth"))
        await turns()
        assert bench.broker.ledgers[ACCOUNT].positions[GLD].quantity == 30
        assert bench.broker.ledgers[OTHER].positions == {}

    asyncio.run(run())


def test_lots_are_not_torn() -> None:
    async def run() -> None:
        bench = Bench(FAMILY)
        session, wire = bench.client()
        say(session, 3, 1, *allotted(LOTS, 30, "even"))
        await turns()
        assert wire.errors() == []
        held = [bench.broker.ledgers[name].positions[LOTS].quantity for name in (ACCOUNT, OTHER)]
        assert held == [20, 10]

    asyncio.run(run())


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        (allotted(GLD, 10, ""), 436),
        (allotted(GLD, 10, "", account=ADVISOR), 436),
        (allotted(GLD, 10, "nothing"), 321),
        (allotted(GLD, 10, "growth", method="Guess"), 321),
        (allotted(GLD, 10, "growth", account=OTHER), 321),
        (allotted(GLD, 10, "growth", what_if=1), 321),
        (allotted(GLD, 0, "growth"), 434),
    ],
)
def test_what_an_advisor_may_not(fields: Any, code: int) -> None:
    bench = Bench(FAMILY)
    session, wire = bench.client()
    say(session, 3, 1, *fields)
    assert wire.errors() == [(1, code)]


def test_a_client_who_is_no_advisor_has_no_groups() -> None:
    bench = Bench()
    session, wire = bench.client()
    say(session, 3, 1, *allotted(GLD, 10, "growth", account=ACCOUNT))
    say(session, 62, 1, 2, "growth", "NetLiquidation")
    assert wire.errors() == [(1, 321), (2, 321)]


def test_an_account_that_cannot_carry_its_part_stops_the_whole_order() -> None:
    async def run() -> None:
        bench = Bench(POOR)
        session, wire = bench.client()
        say(session, 3, 1, *allotted(GLD, 20, "growth"))
        await turns()
        assert wire.errors() == [(1, 201)]
        assert OTHER not in [name for name, books in bench.broker.ledgers.items() if books.positions]

    asyncio.run(run())


def test_resting_orders_commit_each_account_to_its_part() -> None:
    async def run() -> None:
        bench = Bench(FAMILY)
        session, _ = bench.client()
        fields = allotted(GLD, 10, "growth")
        fields[16:18] = ["LMT", 300]
        say(session, 3, 1, *fields)
        await turns()
        book = bench.broker.book
        assert [book.at_work(name).buys for name in (ACCOUNT, OTHER)] == [{GLD: 6}, {GLD: 4}]
        say(session, 4, 1, 1, "")
        await turns()
        assert [book.at_work(name).buys for name in (ACCOUNT, OTHER)] == [{}, {}]

    asyncio.run(run())


@pytest.mark.broker
def test_a_library_trades_for_a_group() -> None:
    async def run() -> None:
        async with running(FAMILY) as served, library.connected(served) as ib:
            assert ib.managedAccounts() == [ADVISOR, ACCOUNT, OTHER]
            calls = noted(ib, "execDetails", "commissionReport")
            trade = ib.placeOrder(stock("GLD"), an_order("MKT", "BUY", 10, account="", faGroup="growth"))
            await until(lambda: trade.filled() == 10)
            await until(lambda: len([name for name, _ in calls if name == "commissionReport"]) == 2)
            fills = {each.execution.acctNumber: each.execution for each in trade.fills}
            assert {name: each.shares for name, each in fills.items()} == {ACCOUNT: 6, OTHER: 4}
            assert [each.cumQty for each in fills.values()] == [6, 10]
            assert len({each.execId for each in fills.values()}) == 2
            assert {each.orderId for each in fills.values()} == {trade.order.orderId}
            await sync(ib)
            held = {each.account: each.position for each in ib.positions() if each.contract.symbol == "GLD"}
            assert held == {ACCOUNT: 26, OTHER: 4}
            seen = heard(ib)
            refused = ib.placeOrder(stock("GLD"), an_order("MKT", "BUY", 10, account=""))
            await until(lambda: seen == [(refused.order.orderId, 436)])

    asyncio.run(run())


@pytest.mark.broker
def test_a_library_is_told_the_group_of_an_open_order() -> None:
    async def run() -> None:
        async with running(FAMILY) as served:
            async with library.connected(served, 1) as ib:
                wanted = an_order("LMT", "BUY", 10, 300.0, account="", faGroup="growth", faMethod="Ratio")
                trade = ib.placeOrder(stock("GLD"), wanted)
                await until(lambda: bool(trade.orderStatus.status == "Submitted"))
            async with library.connected(served, 1) as ib:
                (found,) = ib.openTrades()
                assert (found.order.faGroup, found.order.faMethod, found.order.account) == ("growth", "Ratio", ADVISOR)

    asyncio.run(run())


@pytest.mark.broker
def test_a_library_reads_the_groups_and_a_groups_summary() -> None:
    async def run() -> None:
        async with running(FAMILY) as served, library.connected(served) as ib:
            groups = await ib.requestFAAsync(1)
            assert "<name>growth</name>" in groups
            assert "<defaultMethod>NetLiq</defaultMethod>" in groups
            assert f"<account>{OTHER}</account>" in await ib.requestFAAsync(3)
            seen, calls = heard(ib), noted(ib, "accountSummary")
            ib.client.reqAccountSummary(901, "even", "NetLiquidation")
            ib.client.requestFA(2)
            ib.client.replaceFA(902, 1, groups)
            await sync(ib)
            assert {arguments[1] for _, arguments in calls} == {ACCOUNT, OTHER}
            assert seen == [(-1, 321), (902, 321)]
            assert values_by_key(ib.accountValues(ADVISOR))[("NetLiquidation", "USD")] == "0.00"

    asyncio.run(run())


def test_groups_tell_amounts_in_newer_versions() -> None:
    told = []
    for version in (176, 177):
        bench = Bench(FAMILY)
        session, wire = bench.client(1, version)
        say(session, 18, 1, 1)
        told.append(wire.frames[-1][3])
    assert f"<String>{ACCOUNT}</String>" in told[0]
    assert f"<acct>{ACCOUNT}</acct>\n\t\t\t\t<amount>0.6</amount>" in told[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("advisor: {groups: {new: {accounts: {DU9: 1}}}}\n", "there is no account 'DU9'"),
        (f"advisor: {{account: {ACCOUNT}}}\n", "the advisor's account holds nothing"),
        (f"advisor: {{groups: {{All: {{accounts: {{{ACCOUNT}: 1}}}}}}}}\n", "All is the group of all accounts already"),
    ],
)
def test_advisors_that_contradict_the_scenario(text: str, said: str) -> None:
    scenario, found = load(TEXT + text, "lab.yaml")
    assert scenario is None
    assert said in str(found[0])
