"""A Contract: what the broker says an instrument is."""

from dataclasses import dataclass
from decimal import Decimal

from reconciler.domain.ids import ConId
from reconciler.domain.money import Currency


@dataclass(frozen=True)
class PriceIncrement:
    """From `low_edge` on, prices are multiples of `increment`, in the contract's currency: a market rule's row."""

    low_edge: Decimal
    increment: Decimal


@dataclass(frozen=True)
class Contract:
    """One tradable contract. `exchange` is where orders are routed; positions name the listing exchange instead.

    `multiplier` is shares or units for each quantity of one; `lot_size` is the step of an order's quantity, and
    `order_types` is the broker's own list (`MKT`, `LMT`, …), the only one that says what this contract takes.
    """

    con_id: ConId
    symbol: str
    sec_type: str
    currency: Currency
    exchange: str
    primary_exchange: str
    local_symbol: str
    trading_class: str
    long_name: str
    multiplier: Decimal
    lot_size: Decimal
    price_increments: tuple[PriceIncrement, ...]
    order_types: frozenset[str]

    def increment_at(self, price: Decimal) -> Decimal:
        """The price step that holds at `price`."""
        fitting = [row.increment for row in self.price_increments if row.low_edge <= price]
        return fitting[-1] if fitting else self.price_increments[0].increment
