"""Post-trade: the account after a run → whether it is what the run's own executions and commissions make of it."""

from collections.abc import Iterator
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.contract import FUTURE, Contract
from reconciler.domain.line import Line
from reconciler.domain.money import Currency, Money
from reconciler.domain.orders import OrderIntent, OrderRecord
from reconciler.domain.plan import Plan
from reconciler.domain.posttrade import CashCheck, HoldingCheck, PostTrade, Slippage
from reconciler.domain.unknown import Unknown
from reconciler.planning.attempts import attempts_at
from reconciler.planning.balances import together
from reconciler.planning.holdings import held_after
from reconciler.planning.orderbook import OrderBook

_ZERO = Decimal(0)


def post_trade(plan: Plan, book: OrderBook, after: AccountSnapshot) -> PostTrade | Unknown:
    """The account held against the run's fills. Unknown where its positions were not read."""
    if isinstance(after.positions, Unknown):
        return after.positions
    held = {each.con_id: each.quantity for each in after.positions}
    expected = held_after(plan, book)
    traded = {order.con_id: order.instrument for order in plan.orders if not order.converts}
    return PostTrade(
        holdings=tuple(
            HoldingCheck(name, con_id, expected.get(con_id, _ZERO), held.get(con_id, _ZERO))
            for con_id, name in sorted(traded.items(), key=lambda each: each[1])
        ),
        cash=tuple(_cash(plan, book, after)),
        slippage=tuple(each for order in plan.orders if (each := _slippage(plan, order, book)) is not None),
        positions=tuple(sorted(after.positions, key=lambda each: (each.symbol, each.con_id))),
        net_liquidation=after.values if isinstance(after.values, Unknown) else after.values.net_liquidation,
    )


def _cash(plan: Plan, book: OrderBook, after: AccountSnapshot) -> Iterator[CashCheck]:
    moved = _moved(plan, book, after)
    for balance in plan.currencies:
        currency = balance.currency
        before = balance.before
        expected = before if isinstance(before, Unknown) else before + Money(moved.get(currency, _ZERO), currency)
        cash = after.cash
        found = cash if isinstance(cash, Unknown) else cash.get(currency, Money(_ZERO, currency))
        yield CashCheck(currency, expected, found)


def _moved(plan: Plan, book: OrderBook, after: AccountSnapshot) -> dict[Currency, Decimal]:
    """What fills and commissions add to each currency's balance."""
    lines = {line.number: line for line in plan.lines}
    moved: dict[Currency, Decimal] = {}
    for order in plan.orders:
        for record in attempts_at(order, plan.id, book):
            moved = together(moved, _of_fills(order, record, lines[order.line], after))
            for paid in record.commissions.values():
                moved = together(moved, {paid.currency: -paid.amount})
    return moved


def _of_fills(order: OrderIntent, record: OrderRecord, line: Line, after: AccountSnapshot) -> dict[Currency, Decimal]:
    contract = after.contracts_by_id.get(order.con_id)
    if isinstance(contract, Contract) and contract.sec_type == FUTURE:
        return {}  # a future moves cash by its daily settlement, not by its price
    paid = sum((fill.shares * fill.price for fill in record.fills.values()), _ZERO) * line.multiplier * order.side.sign
    moved = {line.currency: -paid}
    if order.converts:
        first = Currency(order.instrument.partition(".")[0])
        moved = together(moved, {first: record.filled * order.side.sign})
    return moved


def _slippage(plan: Plan, order: OrderIntent, book: OrderBook) -> Slippage | None:
    records = attempts_at(order, plan.id, book)
    filled = sum((each.filled for each in records), _ZERO)
    if not filled:
        return None
    paid = sum((fill.shares * fill.price for each in records for fill in each.fills.values()), _ZERO)
    line = next(each for each in plan.lines if each.number == order.line)
    planned = filled * order.reference_price
    worse = (paid - planned) * order.side.sign
    amount = Money(worse * line.multiplier, line.currency)
    return Slippage(order.instrument, order.reference_price, paid / filled, amount, worse / planned)
