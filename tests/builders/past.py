"""What happened to an account before: trades, the last run; and what people decided about it."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from reconciler.domain.account import Side
from reconciler.domain.halt import Halt
from reconciler.domain.history import Applied, History, Trade
from reconciler.domain.ids import AccountName
from reconciler.domain.limits import Limit, Override
from tests.builders.market import MAIN, NOW, Number, con_id_of, money


def a_trade(
    symbol: str = "MSFT",
    side: Side = Side.SELL,
    shares: Number = 10,
    price: Number = 400,
    *,
    at: datetime = NOW - timedelta(hours=1),
    **changes: Any,
) -> Trade:
    """A trade in shares that was none of ours."""
    trade = Trade(
        con_id=con_id_of(symbol),
        side=side,
        shares=Decimal(shares),
        price=Decimal(price),
        time=at,
        value=money(Decimal(shares) * Decimal(price)),
        is_ours=False,
        is_liquidation=False,
    )
    return replace(trade, **changes)


def a_history(*trades: Trade, applied: Applied | None = None, **changes: Any) -> History:
    """These trades since midnight, and no run before them unless one is given."""
    return replace(History(trades, NOW - timedelta(hours=15), applied), **changes)


def a_halt(account: AccountName | None = MAIN, **changes: Any) -> Halt:
    """Of all accounts where it is None."""
    return replace(Halt(account, "alice", "prices look wrong", NOW), **changes)


def an_override(limit: Limit, **changes: Any) -> Override:
    """For one run."""
    return replace(Override(limit, "the account is being built", "alice", expires=None), **changes)
