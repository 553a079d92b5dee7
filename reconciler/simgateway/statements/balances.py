"""The balances of an account by currency, and the ledger rows that tell them.

Rows exist for each currency that the account touches, and once more as BASE, which is the aggregate and no currency.
Keys and spellings: a dump of a live paper account's values (ib_insync#93 and later ones).
"""

from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from reconciler.simgateway.amounts import ONE, ZERO, cents, exact
from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.market.market import Market
from reconciler.simgateway.statements.statement import BASE, Row

_NOTHING = (
    "CorporateBondValue", "FundValue", "FutureOptionValue", "FxCashBalance", "IssuerOptionValue",
    "MoneyMarketFundValue", "MutualFundValue", "TBillValue", "TBondValue", "WarrantValue",
)  # fmt: skip
"""What the real one tells too, and nothing here ever holds."""
_CENT = Decimal("0.01")
_DIGITS = Decimal("0.0001")


class Balance(NamedTuple):
    """What an account has in one currency. Cash includes what futures gained since their variation was paid."""

    cash: Decimal = ZERO
    settled: Decimal = ZERO
    interest: Decimal = ZERO
    dividends: Decimal = ZERO
    futures: Decimal = ZERO
    stock: Decimal = ZERO
    crypto: Decimal = ZERO
    options: Decimal = ZERO
    unrealized: Decimal = ZERO
    realized: Decimal = ZERO

    @property
    def net_liquidation(self) -> Decimal:
        """Cash, accruals, and the value of all positions."""
        return self.cash + self.interest + self.dividends + self.stock + self.crypto + self.options

    def times(self, rate: Decimal) -> "Balance":
        """The balance in another currency."""
        return Balance(*(amount * rate for amount in self))

    def plus(self, other: "Balance") -> "Balance":
        """Both balances together."""
        return Balance(*(mine + more for mine, more in zip(self, other, strict=True)))


def balances(ledger: Ledger, market: Market) -> dict[str, Balance]:
    """The balance in each currency that the account touches, by currency in alphabetical order."""
    found: dict[str, Balance] = defaultdict(Balance)
    for currency in ledger.currencies:
        found[currency] = Balance(
            cash=ledger.cash.get(currency, ZERO),
            settled=ledger.settled(currency),
            interest=ledger.interest.get(currency, ZERO),
            dividends=ledger.dividends.get(currency, ZERO),
        )
    for con_id in ledger.positions:
        currency = market.listing(con_id).instrument.currency
        found[currency] = found[currency].plus(_holding(con_id, ledger, market))
    return dict(sorted(found.items()))


def _holding(con_id: int, ledger: Ledger, market: Market) -> Balance:
    """What a position adds to the balance in its currency."""
    instrument, held = market.listing(con_id).instrument, ledger.positions[con_id]
    value = instrument.notional(held.quantity, market.quote(con_id).mark)
    common = Balance(unrealized=value - held.cost, realized=held.realized)
    if instrument.settles_daily:
        gain = value - held.settled_value
        return common._replace(cash=gain, futures=gain)
    if instrument.security_type == "CRYPTO":
        return common._replace(crypto=value)
    if instrument.option:
        return common._replace(options=value)
    return common._replace(stock=value)


def by_currency(ledger: Ledger, market: Market) -> list[Row]:
    """The ledger rows of each currency, and of BASE."""
    rows: list[Row] = []
    aggregate = Balance()
    for currency, balance in balances(ledger, market).items():
        rate = ledger.rate(currency)
        rows += _rows(currency, currency, balance, rate)
        aggregate = aggregate.plus(balance.times(rate))
    return rows + _rows(BASE, ledger.base_currency, aggregate, ONE)


def _rows(label: str, currency: str, balance: Balance, rate: Decimal) -> list[Row]:
    values = (
        ("Currency", label),
        ("RealCurrency", currency),
        ("CashBalance", _balance(balance.cash)),
        ("TotalCashBalance", _balance(balance.cash)),
        ("SettledCash", _balance(balance.settled)),
        ("AccruedCash", cents(balance.interest)),
        ("NetDividend", cents(balance.dividends)),
        ("StockMarketValue", cents(balance.stock)),
        ("OptionMarketValue", cents(balance.options)),
        ("Cryptocurrency", cents(balance.crypto)),
        ("FuturesPNL", cents(balance.futures)),
        ("NetLiquidationByCurrency", _balance(balance.net_liquidation)),
        ("UnrealizedPnL", cents(balance.unrealized)),
        ("RealizedPnL", cents(balance.realized)),
        ("ExchangeRate", cents(rate) if rate == rate.quantize(_CENT) else exact(rate)),
        *((key, "0.00") for key in _NOTHING),
    )
    return [Row(key, value, label) for key, value in values]


def _balance(amount: Decimal) -> str:
    """Two decimals, or up to four where it has more."""
    return cents(amount) if amount == amount.quantize(_CENT) else exact(amount.quantize(_DIGITS, ROUND_HALF_UP))
