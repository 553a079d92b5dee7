"""What follows from a security type where a scenario does not say it: exchanges, lots, rules, and local symbols."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reconciler.simgateway.amounts import ONE
from reconciler.simgateway.market.instruments import Delivery, LotSizes, OptionTerms, SecurityType
from reconciler.simgateway.scenario.instruments import (
    CURRENCY_RULE,
    DEFAULT_RULE,
    InstrumentSpec,
    UnderlyingSpec,
    symbol_of,
)

_MONTH_CODES = "FGHJKMNQUVXZ"
"""January to December, as futures exchanges write them."""
_STRIKES_OF_ONE = 1000
"""The Options Clearing Corporation writes a strike in thousandths, with eight digits."""


@dataclass(frozen=True)
class Custom:
    """What is usual for a security type, as contract details of live gateways told it."""

    primary_exchange: str
    valid_exchanges: tuple[str, ...]
    market_rule: int
    lots: LotSizes
    stock_type: str = ""
    multiplier: Decimal = ONE
    order_types: tuple[str, ...] = ()
    """Empty where the scenario's default is usual."""


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
    SecurityType.OPTION: Custom(
        "AMEX",
        ("SMART", "AMEX", "CBOE", "PHLX", "ISE", "BOX", "BATS"),
        DEFAULT_RULE,
        LotSizes(ONE, ONE, ONE),
        multiplier=Decimal(100),
        order_types=(
            "ACTIVETIM", "ADJUST", "ALERT", "ALGO", "DAY", "FOK", "GTC", "GTD", "IOC", "LIT", "LMT", "MIT", "MKT",
            "REL", "STP", "STPLMT", "TRAIL", "TRAILLMT", "WHATIF",
        ),
    ),
}  # fmt: skip


def trading_class(symbol: str, spec: InstrumentSpec) -> str:
    """The trading class: of a pair both currencies, of a stock NMS, else the symbol."""
    if spec.trading_class:
        return spec.trading_class
    usual = {SecurityType.STOCK: "NMS", SecurityType.CURRENCY: f"{symbol}.{spec.currency}"}
    return usual.get(spec.security_type, symbol)


def local_symbol(symbol: str, spec: InstrumentSpec) -> str:
    """The symbol at the exchange: `EUR.USD`, `BTC.USD`, `ESZ6`, `QQQ   270115P00500000`, and of a stock the symbol."""
    if spec.local_symbol:
        return spec.local_symbol
    if spec.security_type in (SecurityType.CURRENCY, SecurityType.CRYPTO):
        return f"{symbol}.{spec.currency}"
    if spec.expiry is None:
        return symbol
    if spec.strike is not None and spec.right is not None:
        return f"{symbol:<6}{spec.expiry:%y%m%d}{spec.right}{int(spec.strike * _STRIKES_OF_ONE):08d}"
    month = _month(spec, spec.expiry)
    return f"{symbol}{_MONTH_CODES[int(month[4:]) - 1]}{month[3]}"


def option_terms(spec: InstrumentSpec) -> OptionTerms | None:
    """Strike and right of an option; of anything else nothing."""
    return None if spec.strike is None or spec.right is None else OptionTerms(spec.strike, spec.right)


def delivery(symbol: str, spec: InstrumentSpec, instruments: Mapping[str, InstrumentSpec]) -> Delivery | None:
    """What a future or an option is about; of anything else nothing."""
    if spec.expiry is None:
        return None
    month, about = _month(spec, spec.expiry), spec.underlying
    if isinstance(about, UnderlyingSpec):
        return Delivery(spec.expiry, month, about.con_id, about.symbol or symbol, about.security_type)
    named = instruments[about]
    return Delivery(spec.expiry, month, named.con_id, symbol_of(about, instruments), str(named.security_type))


def _month(spec: InstrumentSpec, expiry: date) -> str:
    return spec.contract_month or f"{expiry:%Y%m}"
