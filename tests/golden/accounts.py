"""Ten accounts that differ in kind, each planned by the real thing: a stranger reads what happens, and why."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from reconciler.domain.account import Position, Side
from reconciler.domain.contract import FUTURE
from reconciler.domain.desired import AccountType, ForeignOrders
from reconciler.domain.history import Applied, History, Placed
from reconciler.domain.ids import InstrumentName
from reconciler.domain.limits import Limit
from reconciler.domain.money import Currency
from reconciler.domain.options import RunOptions
from reconciler.domain.orders import OrderIntent, WhatIf
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown
from reconciler.planning.draft import Draft, draft
from reconciler.planning.plan import finish
from tests.builders import (
    ACCOUNT_ID,
    NOW,
    Number,
    a_history,
    a_location,
    a_policy,
    a_portfolio,
    a_quote,
    a_rate,
    a_rebalancing,
    a_revision,
    a_snapshot,
    a_target,
    a_trade,
    a_working_order,
    account_values,
    an_account_spec,
    an_emergency,
    an_instrument,
    an_override,
    con_id_of,
    money,
    some_limits,
)
from tests.strategies import Listed, pair_contract, pair_quote

GLD, MSFT, NVDA, TSLA = (
    Listed(symbol, "USD", Decimal(price))
    for symbol, price in (("GLD", "378.20"), ("MSFT", "500.00"), ("NVDA", "187.60"), ("TSLA", "412.80"))
)
RY = Listed("RY", "CAD", Decimal("182.40"))
BIL = Listed("BIL", "USD", Decimal("91.50"))
MES = Listed("MES", "USD", Decimal("6120.25"), FUTURE, Decimal(5))
INITIAL, MAINTENANCE = Decimal("0.30"), Decimal("0.25")
LIMITS = "desired-state/risk-limits.yaml"


def limits(**changes: Any) -> Any:
    """Those of the examples, at their places."""
    fields = (
        "max_leverage",
        "emergency_leverage",
        "margin_cushion",
        "max_margin_utilisation",
        "max_position_weight",
        "max_turnover",
        "max_order_notional",
    )
    bounds = {
        "max_leverage": Decimal("1.5"),
        "emergency": an_emergency(leverage=Decimal("2.5"), cushion=Decimal("0.10")),
        "margin_cushion": Decimal("0.2"),
        "max_margin_utilisation": Decimal("0.6"),
        "min_cushion": Decimal("0.15"),
        "max_position_weight": Decimal("0.8"),
        "locations": {name: a_location(11 + 3 * number, LIMITS) for number, name in enumerate(fields)}
        | {"": a_location(8, LIMITS)},
    }
    return some_limits(**{**bounds, **changes})


def account_of(
    weights: Mapping[Listed, Number],
    held: Mapping[Listed, int],
    cash: Mapping[str, Number],
    *,
    base: str = "USD",
    rate: str = "1.3650",
    without_price: tuple[Listed, ...] = (),
    history: History | None = None,
    options: RunOptions | None = None,
    snapshot: Mapping[str, Any] | None = None,
    portfolio: Mapping[str, Any] | None = None,
    **spec: Any,
) -> Draft:
    """An account with what it would trade. `rate` is Canadian dollars for a US dollar."""
    into = {"USD": Decimal(1), "CAD": 1 / Decimal(rate)} if base == "USD" else {"CAD": Decimal(1), "USD": Decimal(rate)}
    other = "CAD" if base == "USD" else "USD"
    listed = {**dict.fromkeys(weights), **dict.fromkeys(held)}
    positions = [each.position(quantity) for each, quantity in held.items()]
    values = {each.symbol: each.price * each.multiplier * into[each.currency] for each in listed}
    net = sum((Decimal(amount) * into[currency] for currency, amount in cash.items()), Decimal(0))
    net += sum(
        (values[each.symbol] * quantity for each, quantity in held.items() if each.sec_type != FUTURE), Decimal(0)
    )
    gross = sum((abs(values[each.symbol] * quantity) for each, quantity in held.items()), Decimal(0))
    balances = {Currency(each): money(amount, each) for each, amount in cash.items()}
    read = a_snapshot(
        [_marked(each, without_price) for each in positions],
        contracts=[*(each.contract for each in weights), pair_contract(base, other)],
        quotes=[
            *(_quote(each) for each in listed),
            replace(pair_quote(other, base, into[other]), as_of=NOW - timedelta(seconds=2)),
        ],
        base_currency=base,
        values=_values(net.quantize(Decimal("0.01")), gross, base),
        cash=balances,
        settled=balances,
        rates={Currency(other): a_rate(other, base, into[other], as_of=NOW - timedelta(seconds=12))},
    )
    lost = {con_id_of(each.symbol): Unknown("the broker sent no price within 10 s") for each in without_price}
    read = replace(read, quotes={**read.quotes, **lost})
    targets = tuple(_target(each, weight, number) for number, (each, weight) in enumerate(weights.items()))
    account = an_account_spec(
        portfolio=a_portfolio({}, targets=targets, **(portfolio or {})),
        base_currency=read.base_currency,
        **{"leverage": "1.4", "limits": limits(), "policy": a_policy(order_style="smart"), **spec},
    )
    asked = options or RunOptions()
    return draft(account, replace(read, **(snapshot or {})), history=history, options=asked, now=NOW)


def planned(made: Draft) -> Plan:
    """The plan of an account."""
    return finish(made, what_ifs(made), revision=a_revision(), account_id=ACCOUNT_ID)


def _marked(position: Position, without_price: tuple[Listed, ...]) -> Position:
    lost = position.symbol in {each.symbol for each in without_price}
    return replace(position, market_price=None) if lost else position


def _quote(listed: Listed) -> Any:
    return a_quote(listed.symbol, listed.price, currency=listed.currency, spread="0.02")


def _target(listed: Listed, weight: Number, number: int) -> Any:
    spec = an_instrument(listed.symbol, currency=listed.currency, sec_type=listed.sec_type)
    counts = listed is not BIL
    return a_target(listed.symbol, weight, line=14 + number, instrument=spec, counts_toward_leverage=counts)


def _values(net: Decimal, gross: Decimal, base: str) -> Any:
    initial, maintenance = money(gross * INITIAL, base), money(gross * MAINTENANCE, base)
    funds, excess = money(net, base) - initial, money(net, base) - maintenance
    return account_values(
        net,
        currency=base,
        initial_margin=initial,
        maintenance_margin=maintenance,
        available_funds=funds,
        excess_liquidity=excess,
        look_ahead_available_funds=funds,
        look_ahead_excess_liquidity=excess,
        gross_position_value=money(gross, base),
    )


def what_ifs(made: Draft) -> dict[OrderIntent, WhatIf | Unknown]:
    """At the margin rates above, a dollar for an order and two for a conversion."""
    values = made.snapshot.values
    assert not isinstance(values, Unknown)
    answers: dict[OrderIntent, WhatIf | Unknown] = {}
    for order in made.orders:
        sign = 0 if order.converts else -1 if order.reduces_risk else 1
        answers[order] = WhatIf(
            initial_margin_before=values.initial_margin,
            initial_margin_change=order.notional * (INITIAL * sign),
            maintenance_margin_before=values.maintenance_margin,
            maintenance_margin_change=order.notional * (MAINTENANCE * sign),
            equity_with_loan_after=values.equity_with_loan,
            commission=money("2.00" if order.converts else "1.00", "USD"),
        )
    return answers


# ------------------------------------------------------------------------------------------------------ the accounts


def new() -> Draft:
    """All cash: the whole portfolio is opened, and the broker lends 40 %."""
    return account_of(
        {GLD: "0.20", MSFT: "0.35", NVDA: "0.25", TSLA: "0.15"},
        {},
        {"USD": 100_000},
        financing_rate=Decimal("0.058"),
        limits=limits(max_order_notional=Decimal(60_000)),
    )


def in_sync() -> Draft:
    """Two lines within a lot of their targets, one within its band, one that we traded yesterday."""
    at = NOW - timedelta(hours=23)
    trade = a_trade("TSLA", Side.BUY, 44, "409.10", at=at, is_ours=True)
    rebalancing = a_rebalancing(absolute_band=Decimal("0.02"), hard_band=Decimal("0.10"), cool_down=timedelta(days=2))
    return account_of(
        {GLD: "0.20", MSFT: "0.35", NVDA: "0.25", TSLA: "0.15"},
        {GLD: 74, MSFT: 98, NVDA: 190, TSLA: 44},
        {"USD": -30_794},
        policy=a_policy(rebalancing=rebalancing),
        history=a_history(trade),
    )


def over_levered() -> Draft:
    """The market fell: leverage is 1.8, and every line is sold down to 1.4."""
    held = {GLD: 115, MSFT: 86, NVDA: 230, TSLA: 105}
    lines = {
        InstrumentName(each.symbol): Placed(
            con_id_of(each.symbol),
            Decimal("0.25"),
            Decimal(quantity),
            Decimal(quantity),
            each.price * Decimal(before),
        )
        for (each, quantity), before in zip(held.items(), ("1.06", "1.12", "1.22", "1.19"), strict=True)
    }
    left = Applied(NOW - timedelta(days=9), a_revision(), Decimal("1.4"), money(122_900), lines)
    return account_of(
        dict.fromkeys(held, "0.25"),
        held,
        {"USD": -77_000},
        history=a_history(applied=left),
    )


def multi_currency() -> Draft:
    """A Canadian account with US shares: what the buys need is bought with Canadian dollars, at the market's rate."""
    return account_of(
        {MSFT: "0.30", NVDA: "0.30", RY: "0.30"},
        {MSFT: 40, RY: 150},
        {"CAD": 90_000, "USD": 1_250},
        base="CAD",
        leverage="1.2",
        limits=limits(max_currency_weight=Decimal("0.9"), max_order_notional=Decimal(500_000)),
    )


def cash_account() -> Draft:
    """Settled cash pays for the buys, and nothing else does: a third of the cash is not settled yet."""
    return account_of(
        {GLD: "0.30", MSFT: "0.40", NVDA: "0.30"},
        {NVDA: 150},
        {"USD": 60_000},
        leverage="1",
        type=AccountType.CASH,
        snapshot={"settled": {Currency("USD"): money(40_000)}},
    )


def short() -> Draft:
    """TSLA is held and becomes short: one order closes it, another opens the short side."""
    return account_of(
        {MSFT: "0.60", NVDA: "0.30", TSLA: "-0.20"},
        {MSFT: 100, TSLA: 20},
        {"USD": 41_744},
        leverage="1",
        portfolio={"long_only": False},
        limits=limits(max_order_notional=Decimal(50_000)),
    )


def futures() -> Draft:
    """A future counts with its multiplier, and a fund of T-bills is no leverage."""
    return account_of(
        {MES: "0.60", GLD: "0.20", BIL: "0.20"},
        {BIL: 200, GLD: 20},
        {"USD": 250_000},
        leverage="1",
        limits=limits(max_order_notional=Decimal(200_000)),
    )


def unmanaged() -> Draft:
    """Holdings that no manifest names, one of them until the last apply; and others' orders, one cancelled first."""
    ibkr, xlp = Listed("IBKR", "USD", Decimal("63.10")), Listed("XLP", "USD", Decimal("78.60"))
    placed = ((GLD, "0.50", 60), (MSFT, "0.50", 60), (xlp, "0.10", 87))
    lines = {
        InstrumentName(each.symbol): Placed(
            con_id_of(each.symbol), Decimal(weight), Decimal(quantity), Decimal(quantity), each.price
        )
        for each, weight, quantity in placed
    }
    left = Applied(NOW - timedelta(days=1), a_revision(), Decimal(1), money(66_000), lines)
    return account_of(
        {GLD: "0.50", MSFT: "0.50"},
        {GLD: 60, MSFT: 60, ibkr: 100, xlp: 87},
        {"USD": 34_162},
        leverage="1",
        foreign_orders=ForeignOrders.CANCEL,
        history=a_history(applied=left),
        snapshot={
            "working_orders": (
                a_working_order("MSFT", Side.BUY, 4, order_type="LMT", time_in_force="GTC"),
                a_working_order("XLP", Side.SELL, 5, order_type="STP", time_in_force="GTC"),
            )
        },
    )


def blocked() -> Draft:
    """A line without a price, an order that is too large, a turnover that was let past, an advisory limit."""
    return account_of(
        {GLD: "0.20", MSFT: "0.50", NVDA: "0.25"},
        {GLD: 30, NVDA: 60},
        {"USD": 77_398},
        without_price=(NVDA,),
        limits=limits(max_order_notional=Decimal(60_000), max_turnover=Decimal("0.5")),
        options=RunOptions(overrides=(an_override(Limit.MAX_TURNOVER),)),
    )


def emergency() -> Draft:
    """Leverage is above the emergency's: what releases most margin for its cost is sold; a buy is cancelled first."""
    return account_of(
        {GLD: "0.25", MSFT: "0.25", NVDA: "0.25", TSLA: "0.25"},
        {GLD: 180, MSFT: 150, NVDA: 390, TSLA: 165},
        {"USD": -190_000},
        limits=limits(
            emergency=an_emergency(leverage=Decimal("2.5"), cushion=Decimal("0.10"), authorised_by="alice, 2026-01-15")
        ),
        snapshot={"working_orders": (a_working_order("TSLA", Side.BUY, 10, order_type="LMT"),)},
    )


ACCOUNTS: Mapping[str, Callable[[], Draft]] = {
    "new": new,
    "in-sync": in_sync,
    "over-levered": over_levered,
    "multi-currency": multi_currency,
    "cash-account": cash_account,
    "short": short,
    "futures": futures,
    "unmanaged": unmanaged,
    "blocked": blocked,
    "emergency": emergency,
}
