"""Money, contracts, quotes and rates; and what all builders share."""

import zlib
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from reconciler.domain.account import (
    Quote,
    QuoteType,
)
from reconciler.domain.contract import Contract, PriceIncrement
from reconciler.domain.ids import (
    AccountId,
    AccountName,
    ConId,
)
from reconciler.domain.money import Currency, FxRate, Money

Number = Decimal | int | str

NOW = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
"""The moment at which everything built here is true."""

USD = Currency("USD")
MAIN = AccountName("main")
ACCOUNT_ID = AccountId("DU1000001")
DIGEST = "sha256:" + "0" * 64

_CON_IDS = {"MSFT": 272093, "AAPL": 265598, "NVDA": 4815747, "TSLA": 76792991, "GLD": 51529211}


def money(amount: Number, currency: str = "USD") -> Money:
    return Money(Decimal(amount), Currency(currency))


def con_id_of(symbol: str) -> ConId:
    """The same id for the same symbol, always."""
    return ConId(_CON_IDS.get(symbol) or 100_000_000 + zlib.crc32(symbol.encode()) % 100_000_000)


def a_contract(symbol: str = "MSFT", *, currency: str = "USD", lot_size: Number = 1, **changes: Any) -> Contract:
    contract = Contract(
        con_id=con_id_of(symbol),
        symbol=symbol,
        sec_type="STK",
        currency=Currency(currency),
        exchange="SMART",
        primary_exchange="NASDAQ",
        local_symbol=symbol,
        trading_class="NMS",
        long_name=f"{symbol} CORP",
        multiplier=Decimal(1),
        lot_size=Decimal(lot_size),
        price_increments=(PriceIncrement(Decimal(0), Decimal("0.01")),),
        order_types=frozenset({"MKT", "LMT", "STP", "TRAIL", "WHATIF"}),
    )
    return replace(contract, **changes)


def a_quote(
    symbol: str = "MSFT", price: Number = 400, *, currency: str = "USD", spread: Number = "0.02", **changes: Any
) -> Quote:
    middle, half = Decimal(price), Decimal(spread) / 2
    quote = Quote(
        con_id=con_id_of(symbol),
        currency=Currency(currency),
        bid=middle - half,
        ask=middle + half,
        last=middle,
        close=middle,
        type=QuoteType.LIVE,
        as_of=NOW,
    )
    return replace(quote, **changes)


def a_rate(source: str = "USD", target: str = "CAD", rate: Number = "1.40", **changes: Any) -> FxRate:
    return replace(FxRate(Currency(source), Currency(target), Decimal(rate), "account", NOW), **changes)
