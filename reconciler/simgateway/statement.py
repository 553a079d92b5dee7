"""The account statement: the rows by which the gateway tells account values, in its own keys and spellings.

Totals are in the base currency with two decimals. The per-currency rows exist for each currency the account touches,
and once more as BASE, which is the aggregate and no currency.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from reconciler.simgateway.amounts import ONE, ZERO, cents, exact, ratio
from reconciler.simgateway.ledger import Ledger
from reconciler.simgateway.margin import Figures, figures
from reconciler.simgateway.margin.alerts import severity
from reconciler.simgateway.market import Market
from reconciler.simgateway.requirement_rows import next_change, requirement_rows

BASE = "BASE"
LEDGER_TAG = "$LEDGER"


class Row(NamedTuple):
    """One account value; the currency is empty for what is no amount."""

    key: str
    value: str
    currency: str


def totals(ledger: Ledger, market: Market) -> list[Row]:
    """The rows that concern the whole account."""
    current = figures(ledger, market)
    plain = (
        ("AccountCode", ledger.account),
        ("AccountReady", "true"),
        ("AccountType", "INDIVIDUAL"),
        ("Cushion", ratio(current.cushion, 6)),
        ("DayTradesRemaining", "-1"),
        ("HighestSeverity", severity(current)),
        ("Leverage", ratio(current.leverage, 2)),
        ("LookAheadNextChange", next_change(market)),
    )
    rows = [Row(key, value, "") for key, value in plain]
    amounts = [*_amounts(current), *requirement_rows(ledger, market, current)]
    rows += [Row(key, cents(amount), ledger.base_currency) for key, amount in amounts]
    return rows


def _amounts(current: Figures) -> Iterator[tuple[str, Decimal]]:
    yield from (
        ("NetLiquidation", current.net_liquidation),
        ("TotalCashValue", current.cash),
        ("SettledCash", current.cash),
        ("AccruedCash", ZERO),
        ("BuyingPower", current.buying_power),
        ("EquityWithLoanValue", current.equity_with_loan),
        ("PreviousDayEquityWithLoanValue", current.equity_with_loan),
        ("GrossPositionValue", current.gross_position_value),
        ("RegTEquity", current.equity_with_loan),
        ("RegTMargin", current.regulation_t_margin),
        ("SMA", current.special_memorandum_account),
    )


def by_currency(ledger: Ledger, market: Market) -> list[Row]:
    """The ledger rows: cash, stock value and exchange rate of each currency, and BASE."""
    rows: list[Row] = []
    cash_total = stock_total = unrealized_total = ZERO
    for currency in _currencies(ledger, market):
        stock, unrealized = _holdings(ledger, market, currency)
        cash, rate = ledger.cash.get(currency, ZERO), ledger.rate(currency)
        rows += _ledger_rows(currency, currency, cash, stock, unrealized, rate)
        cash_total += cash * rate
        stock_total += stock * rate
        unrealized_total += unrealized * rate
    return rows + _ledger_rows(BASE, ledger.base_currency, cash_total, stock_total, unrealized_total, ONE)


def _currencies(ledger: Ledger, market: Market) -> list[str]:
    held = {market.listing(con_id).instrument.currency for con_id in ledger.held()}
    return sorted({ledger.base_currency, *ledger.cash, *held})


def _holdings(ledger: Ledger, market: Market, currency: str) -> tuple[Decimal, Decimal]:
    value = unrealized = ZERO
    for con_id, position in ledger.held().items():
        instrument, mark = market.listing(con_id).instrument, market.quote(con_id).mark
        if instrument.currency == currency:
            value += instrument.equity(position.quantity, position.cost, mark)
            unrealized += instrument.notional(position.quantity, mark) - position.cost
    return value, unrealized


def _ledger_rows(
    label: str, currency: str, cash: Decimal, stock: Decimal, unrealized: Decimal, rate: Decimal
) -> list[Row]:
    shown = cents(cash) if cash == cash.quantize(Decimal("0.01")) else exact(cash)
    values = (
        ("Currency", label),
        ("RealCurrency", currency),
        ("CashBalance", shown),
        ("TotalCashBalance", shown),
        ("AccruedCash", "0.00"),
        ("StockMarketValue", cents(stock)),
        ("NetLiquidationByCurrency", cents(cash + stock)),
        ("UnrealizedPnL", cents(unrealized)),
        ("ExchangeRate", cents(rate) if rate == rate.quantize(Decimal("0.01")) else exact(rate)),
    )
    return [Row(key, value, label) for key, value in values]


def selected(totals: list[Row], by_currency: list[Row], tags: tuple[str, ...]) -> list[Row]:
    """The rows that an account summary's tags ask for; `$LEDGER:ALL` and `$LEDGER:USD` ask for ledger rows.

    Totals come sorted by tag, however they were asked for, as recorded from a live gateway.
    """
    rows = sorted(row for row in totals if row.key in tags)
    for tag in tags:
        if tag.startswith(LEDGER_TAG):
            wanted = tag.partition(":")[2] or BASE
            rows += [row for row in by_currency if wanted in ("ALL", row.currency)]
    return rows
