"""Instruments of every way of paying, and trades in them, for tests of the books."""

from decimal import Decimal

from reconciler.simgateway.books import booking
from reconciler.simgateway.books.booking import Trade
from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.market.hours import always_open
from reconciler.simgateway.market.instruments import Instrument, LotSizes, MarketRule, SecurityType

CENTS = MarketRule(26, ((Decimal(0), Decimal("0.01")),))


def instrument(con_id: int, kind: str, symbol: str, currency: str = "USD", multiplier: int = 1) -> Instrument:
    return Instrument(
        symbol=symbol,
        con_id=con_id,
        security_type=SecurityType(kind),
        currency=currency,
        primary_exchange="NYSE",
        long_name=symbol,
        stock_type="COMMON",
        trading_class="NMS",
        local_symbol=symbol,
        market_rule=CENTS,
        exchange_rules={},
        lots=LotSizes(Decimal(1), Decimal(1), Decimal(100)),
        order_types=("MKT", "LMT"),
        valid_exchanges=("SMART",),
        sessions=always_open(),
        multiplier=Decimal(multiplier),
    )


def stock(con_id: int, currency: str = "USD") -> Instrument:
    return instrument(con_id, "STK", f"S{con_id}", currency)


def trade(
    ledger: Ledger,
    traded: Instrument,
    shares: Decimal,
    price: Decimal,
    commission: Decimal = Decimal(0),
    reference: str = "x",
) -> Decimal | None:
    paid_in = ledger.base_currency if traded.is_currency_pair else traded.currency
    return booking.enter(ledger, Trade(reference, traded, shares, price, commission, paid_in))
