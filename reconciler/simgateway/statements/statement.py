"""The account statement: the rows by which the gateway tells account values, in its own keys and spellings.

Totals are in the base currency with two decimals; `balances` has the rows by currency.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from reconciler.simgateway.amounts import ZERO, cents, ratio
from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.margin import Figures, appraise
from reconciler.simgateway.margin.alerts import severity
from reconciler.simgateway.market.market import Market
from reconciler.simgateway.statements.requirement_rows import next_change, requirement_rows

BASE = "BASE"
LEDGER_TAG = "$LEDGER"
_UNLIMITED = -1
"""What the broker tells of day trades that it does not limit."""


class Row(NamedTuple):
    """One account value; the currency is empty for what is no amount."""

    key: str
    value: str
    currency: str


def totals(ledger: Ledger, market: Market) -> list[Row]:
    """The rows that concern the whole account."""
    appraisal = appraise(ledger, market)
    current, remaining = appraisal.figures(), ledger.day_trades.remaining
    plain = (
        ("AccountCode", ledger.account),
        ("AccountReady", "true"),
        ("AccountType", "INDIVIDUAL"),
        ("Cushion", ratio(current.cushion, 6)),
        ("DayTradesRemaining", str(_UNLIMITED if remaining is None else remaining)),
        ("HighestSeverity", severity(current)),
        ("Leverage", ratio(current.leverage, 2)),
        ("LookAheadNextChange", next_change(market)),
    )
    rows = [Row(key, value, "") for key, value in plain]
    amounts = [*_amounts(ledger, current), *requirement_rows(appraisal, current)]
    rows += [Row(key, cents(amount), ledger.base_currency) for key, amount in amounts]
    return rows


def _amounts(ledger: Ledger, current: Figures) -> Iterator[tuple[str, Decimal]]:
    settled = sum((ledger.settled(currency) * ledger.rate(currency) for currency in ledger.currencies), ZERO)
    yield from (
        ("NetLiquidation", current.net_liquidation),
        ("TotalCashValue", current.cash + current.futures_profit),
        ("SettledCash", settled),
        ("AccruedCash", ledger.in_base(ledger.interest)),
        ("AccruedDividend", ledger.in_base(ledger.dividends)),
        ("BuyingPower", current.buying_power),
        ("EquityWithLoanValue", current.equity_with_loan),
        ("PreviousDayEquityWithLoanValue", current.equity_with_loan),
        ("GrossPositionValue", current.gross_position_value),
        ("RegTEquity", current.equity_with_loan),
        ("RegTMargin", current.regulation_t_margin),
        ("SMA", current.special_memorandum_account),
    )


def updates(totals: list[Row], by_currency: list[Row]) -> list[Row]:
    """The rows of account updates: there the accruals come by currency, and their total under BASE alone."""
    return [row for row in totals if row.key != "AccruedCash"] + by_currency


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
