"""Builders of what the gateway says: sensible defaults, and keywords for what a test is about."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from reconciler.adapters.ib import messages
from reconciler.adapters.ib.identity import Identity
from reconciler.domain.account import Position, Side
from reconciler.domain.desired import Environment
from reconciler.domain.ids import AccountId, ConId, ExecId, OrderId, OrderRef, PermId
from reconciler.domain.money import Currency
from reconciler.domain.orders import Fill

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
US = AccountId("DU1000001")
OTHERS = AccountId("DU2000002")
USD = Currency("USD")
IDENTITY = Identity(US, Environment.PAPER, USD)
CLIENT = 1
REF = OrderRef("folioctl:0123456789ab:001:1")

NO_MARGIN = messages.MarginImpact(None, None, None, None, None, None, "", "")
MARGIN = messages.MarginImpact(
    initial_before=Decimal(1000),
    initial_change=Decimal(100),
    maintenance_before=Decimal(800),
    maintenance_change=Decimal(80),
    equity_with_loan_after=Decimal(5000),
    commission=Decimal("1.05"),
    commission_currency="USD",
    warning="",
)


def open_order(**changes: Any) -> messages.OpenOrder:
    order = messages.OpenOrder(
        account=US,
        order_id=OrderId(10),
        client_id=CLIENT,
        perm_id=PermId(900),
        ref=REF,
        con_id=ConId(272093),
        symbol="MSFT",
        sec_type="STK",
        currency="USD",
        side=Side.BUY,
        quantity=Decimal(10),
        order_type="LMT",
        time_in_force="DAY",
        status="Submitted",
        is_attached=False,
        is_what_if=False,
        margin=NO_MARGIN,
    )
    return replace(order, **changes)


def order_status(**changes: Any) -> messages.OrderStatus:
    status = messages.OrderStatus(
        order_id=OrderId(10),
        client_id=CLIENT,
        perm_id=PermId(900),
        status="Submitted",
        filled=Decimal(4),
        remaining=Decimal(6),
        why_held="",
    )
    return replace(status, **changes)


def execution(**changes: Any) -> messages.Execution:
    said = messages.Execution(
        request_id=messages.NO_REQUEST,
        account=US,
        order_id=OrderId(10),
        client_id=CLIENT,
        perm_id=PermId(900),
        ref=REF,
        con_id=ConId(272093),
        sec_type="STK",
        currency="USD",
        multiplier=Decimal(1),
        side=Side.BUY,
        fill=Fill(ExecId("0001.01"), Decimal(4), Decimal(500), NOW),
        is_liquidation=False,
    )
    return replace(said, **changes)


def completed_order(**changes: Any) -> messages.CompletedOrder:
    order = messages.CompletedOrder(
        account=US, perm_id=PermId(900), ref=REF, status="Filled", filled=Decimal(10), detail="Filled Size: 10"
    )
    return replace(order, **changes)


def error(request_id: int, code: int, text: str = "said") -> messages.ErrorMessage:
    return messages.ErrorMessage(request_id, code, text)


def value(key: str, amount: object, currency: str = "USD", account: AccountId = US) -> messages.AccountValueRow:
    return messages.AccountValueRow(account, key, str(amount), currency)


def position(quantity: int = 60, *, sec_type: str = "STK", con_id: int = 272093) -> Position:
    return Position(
        con_id=ConId(con_id),
        symbol="MSFT",
        sec_type=sec_type,
        currency=USD,
        multiplier=Decimal(1),
        quantity=Decimal(quantity),
        average_cost=Decimal(400),
        market_price=Decimal(500),
    )


def contract_row(request_id: int = 1, **changes: Any) -> messages.ContractRow:
    row = messages.ContractRow(
        request_id=request_id,
        con_id=ConId(272093),
        symbol="MSFT",
        sec_type="STK",
        currency="USD",
        exchange="SMART",
        primary_exchange="NASDAQ",
        expiry="",
        local_symbol="MSFT",
        trading_class="NMS",
        long_name="MICROSOFT CORP",
        multiplier=Decimal(1),
        price_magnifier=1,
        min_tick=Decimal("0.01"),
        min_size=Decimal("0.0001"),
        size_increment=Decimal("0.0001"),
        order_types=frozenset({"MKT", "LMT"}),
        market_rules={"SMART": 26},
        liquid_hours=(),
        time_zone="US/Eastern",
    )
    return replace(row, **changes)
