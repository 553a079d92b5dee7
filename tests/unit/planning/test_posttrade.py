"""The account after a run, held against the run's own executions."""

from dataclasses import replace
from decimal import Decimal

from reconciler.domain.ids import ExecId
from reconciler.domain.money import Currency
from reconciler.domain.orders import Fill, OrderRecord, correction_key, order_ref
from reconciler.domain.plan import Plan
from reconciler.domain.posttrade import PostTrade
from reconciler.domain.unknown import Unknown
from reconciler.planning.orderbook import OrderBook
from reconciler.planning.posttrade import post_trade
from tests.builders import NOW, a_contract, a_line, a_plan, a_position, a_snapshot, con_id_of, money

USD = Currency("USD")
BUYS = a_line("MSFT", 20, 43)
SELLS = replace(a_line("GLD", 10, 4, price=200), number=2)
PLAN = a_plan(lines=(BUYS, SELLS))


def book(*fills: tuple[str, int, str], plan: Plan = PLAN, commission: str = "1.00") -> OrderBook:
    """Each order's fills as instrument, shares and price; each costs a commission."""
    records = {}
    for order in plan.orders:
        ref = order_ref(plan.id, order, attempt=1)
        record = OrderRecord(ref, order.line, order.instrument, order.side, order.quantity, NOW, sent=True)
        own = [(shares, price) for name, shares, price in fills if name == order.instrument]
        for number, (shares, price) in enumerate(own, start=1):
            exec_id = ExecId(f"{order.instrument}.{number}.01")
            key = correction_key(exec_id)
            record = replace(
                record,
                fills={**record.fills, key: Fill(exec_id, Decimal(shares), Decimal(price), NOW)},
                commissions={**record.commissions, key: money(commission)},
            )
        records[ref] = record
    return OrderBook(records)


def after(msft: int, gld: int, cash: str | None) -> PostTrade:
    """Held against 23 MSFT bought at 401 and at 402, and 6 GLD sold at 199."""
    positions = (a_position("MSFT", msft), a_position("GLD", gld, 200))
    snapshot = a_snapshot(positions, contracts=[a_contract("MSFT"), a_contract("GLD")])
    balances = Unknown("not read") if cash is None else {USD: money(cash)}
    found = post_trade(
        PLAN, book(("MSFT", 13, "401"), ("MSFT", 10, "402"), ("GLD", 6, "199")), replace(snapshot, cash=balances)
    )
    assert isinstance(found, PostTrade)
    return found


def test_holdings_are_what_the_fills_make_of_the_plans() -> None:
    found = after(43, 4, "0")

    assert not any(each.differs for each in found.holdings)
    assert [(each.instrument, each.expected, each.found) for each in found.holdings] == [
        ("GLD", Decimal(4), Decimal(4)),
        ("MSFT", Decimal(43), Decimal(43)),
    ]


def test_what_somebody_else_traded_is_seen() -> None:
    found = after(43, 3, "0")

    assert [each.instrument for each in found.holdings if each.differs] == ["GLD"]


def test_cash_is_what_fills_and_commissions_make_of_it() -> None:
    before = next(each.before for each in PLAN.currencies if each.currency == USD)
    assert not isinstance(before, Unknown)
    (usd,) = after(43, 4, "500").cash

    # 13 × 401 and 10 × 402 paid, 6 × 199 taken in, three commissions of 1.
    assert usd.expected == before + money(-13 * 401 - 10 * 402 + 6 * 199 - 3)
    assert not isinstance(usd.expected, Unknown)
    assert usd.difference == money(500) - usd.expected


def test_cash_that_was_not_read_is_unknown_and_not_zero() -> None:
    (usd,) = after(43, 4, None).cash

    assert isinstance(usd.found, Unknown)
    assert isinstance(usd.difference, Unknown)


def test_slippage_costs_in_either_direction_and_gains_below_zero() -> None:
    slippage = {str(each.instrument): each for each in after(43, 4, "0").slippage}

    assert slippage["MSFT"].amount == money(13 * 1 + 10 * 2)
    assert slippage["GLD"].amount == money(6)
    assert slippage["GLD"].fraction == Decimal("0.005")
    (better,) = [each for each in _found(book(("MSFT", 23, "399"))).slippage if each.instrument == "MSFT"]
    assert (better.amount, better.fraction) == (money(-23), Decimal("-0.0025"))


def test_what_was_not_filled_has_no_slippage() -> None:
    assert [each.instrument for each in _found(book(("GLD", 6, "200"))).slippage] == ["GLD"]


def test_without_positions_nothing_is_known() -> None:
    assert post_trade(PLAN, book(), a_snapshot(Unknown("no END"))) == Unknown("no END")


def _found(orders: OrderBook) -> PostTrade:
    found = post_trade(PLAN, orders, a_snapshot(contracts=[a_contract("MSFT"), a_contract("GLD")]))
    assert isinstance(found, PostTrade)
    return found


def test_a_contract_that_was_sold_out_is_expected_at_zero() -> None:
    plan = a_plan(lines=(a_line("MSFT", 20, 0),))
    found = post_trade(plan, book(("MSFT", 20, "400"), plan=plan), a_snapshot(()))

    assert isinstance(found, PostTrade)
    assert not any(each.differs for each in found.holdings)
    assert [each.con_id for each in found.holdings] == [con_id_of("MSFT")]
