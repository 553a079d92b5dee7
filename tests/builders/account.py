"""The account as the broker shows it."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from reconciler.domain.account import (
    AccountSnapshot,
    AccountValues,
    Position,
    Quote,
    Side,
    WorkingOrder,
)
from reconciler.domain.contract import Contract
from reconciler.domain.ids import (
    InstrumentName,
    OrderId,
    OrderRef,
    PermId,
)
from reconciler.domain.money import Currency
from reconciler.domain.unknown import Unknown
from tests.builders.market import NOW, Number, a_contract, a_quote, con_id_of, money


def a_position(
    symbol: str = "MSFT", quantity: Number = 20, price: Number | None = 400, *, currency: str = "USD", **changes: Any
) -> Position:
    position = Position(
        con_id=con_id_of(symbol),
        symbol=symbol,
        sec_type="STK",
        currency=Currency(currency),
        multiplier=Decimal(1),
        quantity=Decimal(quantity),
        average_cost=Decimal(350),
        market_price=None if price is None else Decimal(price),
    )
    return replace(position, **changes)


def a_working_order(
    symbol: str = "MSFT", side: Side = Side.BUY, remaining: Number = 5, *, ref: str | None = None, **changes: Any
) -> WorkingOrder:
    """A foreign market order unless `ref` is one of ours."""
    order = WorkingOrder(
        con_id=con_id_of(symbol),
        symbol=symbol,
        side=side,
        remaining=Decimal(remaining),
        order_type="MKT",
        time_in_force="DAY",
        order_ref=None if ref is None else OrderRef(ref),
        order_id=OrderId(71),
        client_id=7,
        perm_id=PermId(1_500_000_071),
        status="Submitted",
        is_attached=False,
    )
    return replace(order, **changes)


def account_values(net_liquidation: Number = 100_000, *, currency: str = "USD", **changes: Any) -> AccountValues:
    """A margin account: half of its net liquidation is initial margin, 40 % is maintenance margin."""
    value = money(net_liquidation, currency)
    initial, maintenance = value * Decimal("0.5"), value * Decimal("0.4")
    values = AccountValues(
        net_liquidation=value,
        equity_with_loan=value,
        initial_margin=initial,
        maintenance_margin=maintenance,
        available_funds=value - initial,
        excess_liquidity=value - maintenance,
        look_ahead_available_funds=value - initial,
        look_ahead_excess_liquidity=value - maintenance,
        gross_position_value=value,
    )
    return replace(values, **changes)


def a_snapshot(
    positions: Iterable[Position] | Unknown | None = None,
    *,
    contracts: Iterable[Contract] | None = None,
    quotes: Iterable[Quote] | None = None,
    base_currency: str = "USD",
    net_liquidation: Number = 100_000,
    **changes: Any,
) -> AccountSnapshot:
    """Complete, without working orders; 20 MSFT at 400 unless positions are named."""
    held = (a_position(),) if positions is None else positions if isinstance(positions, Unknown) else tuple(positions)
    known = (a_contract(),) if contracts is None else tuple(contracts)
    priced = tuple(a_quote(each.symbol) for each in known) if quotes is None else tuple(quotes)
    base = Currency(base_currency)
    snapshot = AccountSnapshot(
        base_currency=base,
        taken_at=NOW,
        values=account_values(net_liquidation, currency=base_currency),
        positions=held,
        working_orders=(),
        cash={base: money(0, base_currency)},
        rates={},
        contracts={InstrumentName(each.symbol): each for each in known},
        quotes={each.con_id: each for each in priced},
    )
    return replace(snapshot, **changes)
