"""What follows from a security type where a scenario does not say it: exchanges, lots, rules, and local symbols."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reconciler.simgateway.amounts import ONE
from reconciler.simgateway.market.instruments import Delivery, LotSizes, SecurityType
from reconciler.simgateway.scenario.instruments import CURRENCY_RULE, DEFAULT_RULE, InstrumentSpec

_MONTH_CODES = "FGHJKMNQUVXZ"
"""January to December, as futures exchanges write them."""


@dataclass(frozen=True)
class Custom:
    """What is usual for a security type, as contract details of live gateways told it."""

    primary_exchange: str
    valid_exchanges: tuple[str, ...]
    market_rule: int
    lots: LotSizes
    stock_type: str = ""


_WHOLE = LotSizes(ONE, ONE, Decimal(100))
_CENTS = LotSizes(Decimal("0.01"), Decimal("0.01"), ONE)
_SMALLEST = Decimal("0.00000001")

CUSTOMS = {
    SecurityType.STOCK: Custom(
        "", ("SMART", "AMEX", "NYSE", "ARCA", "NASDAQ", "IEX"), DEFAULT_RULE, _WHOLE, stock_type="COMMON"
    ),
    SecurityType.CURRENCY: Custom("IDEALPRO", (), CURRENCY_RULE, _CENTS),
    SecurityType.FUTURE: Custom("CME", (), DEFAULT_RULE, LotSizes(ONE, ONE, ONE)),
    SecurityType.CRYPTO: Custom("PAXOS", (), DEFAULT_RULE, LotSizes(_SMALLEST, _SMALLEST, _SMALLEST)),
}


def trading_class(symbol: str, spec: InstrumentSpec) -> str:
    """The trading class: of a pair both currencies, of a stock NMS, else the symbol."""
    if spec.trading_class:
        return spec.trading_class
    usual = {SecurityType.STOCK: "NMS", SecurityType.CURRENCY: f"{symbol}.{spec.currency}"}
    return usual.get(spec.security_type, symbol)


def local_symbol(symbol: str, spec: InstrumentSpec) -> str:
    """The symbol at the exchange: `EUR.USD`, `BTC.USD`, `ESZ6`, and of a stock the symbol."""
    if spec.local_symbol:
        return spec.local_symbol
    if spec.security_type in (SecurityType.CURRENCY, SecurityType.CRYPTO):
        return f"{symbol}.{spec.currency}"
    if spec.expiry is None:
        return symbol
    month = _month(spec, spec.expiry)
    return f"{symbol}{_MONTH_CODES[int(month[4:]) - 1]}{month[3]}"


def delivery(symbol: str, spec: InstrumentSpec) -> Delivery | None:
    """What a future is about; of anything else nothing."""
    if spec.expiry is None:
        return None
    about = spec.underlying
    return Delivery(spec.expiry, _month(spec, spec.expiry), about.con_id, about.symbol or symbol, about.security_type)


def _month(spec: InstrumentSpec, expiry: date) -> str:
    return spec.contract_month or f"{expiry:%Y%m}"
