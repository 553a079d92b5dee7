"""Worlds that once broke a promise of the plan, kept as they were found, without what did not matter."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from reconciler.domain.account import Side
from reconciler.domain.contract import FUTURE
from reconciler.domain.desired import AccountType
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.money import Currency
from reconciler.domain.options import RunOptions
from reconciler.domain.policy import Mode, Rebalancing, TradeTo
from reconciler.domain.portfolio import Moved
from tests.builders import (
    a_policy,
    a_portfolio,
    a_quote,
    a_rate,
    a_rebalancing,
    a_snapshot,
    a_working_order,
    account_values,
    an_account_spec,
    money,
)
from tests.strategies import OURS, WIDE_LIMITS, Listed, World, pair_contract, pair_quote, without_contract

GLD, MSFT, NVDA = (Listed(symbol, "USD", Decimal("0.5")) for symbol in ("GLD", "MSFT", "NVDA"))
MES = Listed("MES", "USD", Decimal(1000), FUTURE, Decimal(5))
PENNY = Listed("PENNY", "USD", Decimal("0.33"), lot=100)
RY = Listed("RY", "CAD", Decimal("0.5"))


def a_world(
    weights: Mapping[Listed, str],
    held: Mapping[Listed, int] | None = None,
    *,
    cash: Mapping[str, int],
    leverage: str = "0.2",
    old: int = 0,
    rebalancing: Rebalancing | None = None,
    options: RunOptions | None = None,
    orders: tuple[Any, ...] = (),
    **changes: Any,
) -> World:
    """An account in USD with CAD at 0.50; `old` shares of the first line are still under a replaced contract."""
    positions = [listed.position(quantity) for listed, quantity in (held or {}).items()]
    first = next(iter(weights))
    if old:
        positions.append(replace(first.position(old), con_id=ConId(77), symbol="OLD"))
    rates = {"USD": Decimal(1), "CAD": Decimal("0.5")}
    net = sum((amount * rates[currency] for currency, amount in cash.items()), Decimal(0))
    net += sum((each.quantity * (each.market_price or 0) for each in positions if each.sec_type != FUTURE), Decimal(0))
    balances = {Currency(currency): money(amount, currency) for currency, amount in cash.items()}
    listed = {each.symbol: each for each in (*weights, *(held or {}))}
    snapshot = a_snapshot(
        positions,
        contracts=[*(each.contract for each in weights), pair_contract("USD", "CAD")],
        quotes=[
            *(a_quote(each.symbol, each.price, currency=each.currency, spread=0) for each in listed.values()),
            pair_quote("CAD", "USD", Decimal("0.5")),
        ],
        values=account_values(net),
        cash=balances,
        settled=balances,
        rates={Currency("CAD"): a_rate("CAD", "USD", "0.5")},
        working_orders=orders,
    )
    targets = tuple(listed.target(Decimal(weight)) for listed, weight in weights.items())
    moved = (Moved(ConId(77), InstrumentName(first.symbol), Decimal(1)),) if old else ()
    account = an_account_spec(
        portfolio=a_portfolio({}, targets=targets, moved=moved, long_only=all(each.weight >= 0 for each in targets)),
        leverage=leverage,
        limits=WIDE_LIMITS,
        policy=a_policy(minimum_notional=Decimal(0), rebalancing=rebalancing or a_rebalancing()),
        **changes,
    )
    return World(account, snapshot, options=options or RunOptions())


FOUND: Mapping[str, World] = {
    "a future that is rounded down leaves room to lines that were scaled": a_world(
        {GLD: "0", MES: "0.3333", NVDA: "0.3333"},
        {GLD: 2},
        cash={"USD": 52_500},
        options=RunOptions(excluded=(InstrumentName("GLD"),)),
    ),
    "a line that is left out leaves room for whole lots": a_world(
        {NVDA: "-0.2", GLD: "-0.4", replace(PENNY, price=Decimal("0.05")): "-0.2"},
        cash={"USD": 4_295},
        options=RunOptions(excluded=(InstrumentName("NVDA"),)),
    ),
    "a line that another's order blocks makes no room by its rounding": a_world(
        {replace(MSFT, price=Decimal("5.21")): "0.3333", replace(RY, price=Decimal("1.65")): "-0.3333"},
        cash={"USD": 2_500},
        orders=(a_working_order("MSFT", Side.BUY, 1),),
    ),
    "an odd lot stays odd": a_world({PENNY: "0.7143", GLD: "0.1429"}, cash={"USD": 2_500}, old=1),
    "an odd lot that is closed stays and takes room": a_world(
        {PENNY: "0", NVDA: "0.15", replace(MSFT, price=Decimal("39.47")): "0.1"}, cash={"USD": 1_250_000}, old=1
    ),
    "a line that goes to its edge across zero": a_world(
        {replace(NVDA, price=Decimal("48.8")): "-0.1429"},
        {replace(NVDA, price=Decimal("48.8")): 1},
        cash={"USD": 2_500},
        rebalancing=a_rebalancing(absolute_band=Decimal("0.019"), trade_to=TradeTo.EDGE),
    ),
    "a line at its edge still counts to all drifts together": a_world(
        {GLD: "0.6667"},
        {GLD: 1},
        cash={"USD": 1_250_000},
        rebalancing=a_rebalancing(relative_band=Decimal("0.02"), total_band=Decimal(0), trade_to=TradeTo.EDGE),
    ),
    "the cash flow that a future leaves": a_world(
        {GLD: "0.2", MES: "-0.4"}, cash={"USD": 1_250_000}, rebalancing=a_rebalancing(mode=Mode.CASH_FLOW)
    ),
    "the room of a cash account is not spent by the next plan": a_world(
        {GLD: "0", RY: "0.9615"},
        {replace(GLD, price=Decimal("2274.04")): 24},
        cash={"USD": 25_000},
        leverage="0.33",
        type=AccountType.CASH,
    ),
    "a cash account whose small line rests": a_world(
        {GLD: "0.2586", MSFT: "0.3736", replace(PENNY, price=Decimal("0.05")): "0.1724"},
        cash={"USD": 6_479, "CAD": 100_000},
        leverage="0.66",
        type=AccountType.CASH,
    ),
    "a short line that has to become long, and nothing pays for that": without_contract(
        a_world(
            {
                Listed("AAPL", "USD", Decimal("0.5")): "0",
                replace(NVDA, price=Decimal("49.58")): "0.125",
                RY: "-0.125",
            },
            {replace(NVDA, price=Decimal("49.58")): -10},
            cash={"USD": 2_500},
            old=1,
        ),
        "AAPL",
    ),
    "an odd lot on the wrong side of zero": a_world(
        {replace(PENNY, price=Decimal("2.53")): "-0.5"}, cash={"USD": 2_500}, old=1
    ),
    "a line that is reduced to just above its target while leverage is above its limit": a_world(
        {MES: "0", MSFT: "0.3529"},
        {MSFT: 381, MES: 30},
        cash={"USD": 2_500},
        options=RunOptions(excluded=(InstrumentName("MES"),)),
    ),
    "a buy that covers a sell of ours which still works": a_world(
        {GLD: "0.3333"}, {GLD: 10}, cash={"USD": 2_500}, orders=(a_working_order("GLD", Side.SELL, 5, ref=OURS),)
    ),
    "an odd lot on the wrong side of zero that is closed": a_world(
        {replace(PENNY, price=Decimal("0.05")): "0"},
        cash={"USD": 2_500},
        orders=(a_working_order("PENNY", Side.SELL, 1, ref=OURS),),
    ),
}
