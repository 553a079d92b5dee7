"""What a Portfolio asks to be held: instruments, each with its weight."""

from dataclasses import dataclass
from decimal import Decimal

from reconciler.diagnostics import Location
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.money import Currency


@dataclass(frozen=True)
class InstrumentSpec:
    """What a manifest says of an instrument; the broker resolves it to one Contract, or to Unknown."""

    name: InstrumentName
    symbol: str
    sec_type: str
    exchange: str
    currency: Currency
    primary_exchange: str | None = None
    con_id: ConId | None = None


@dataclass(frozen=True)
class Target:
    """One line of a portfolio: `weight` is a fraction of the managed base, 0 closes. `declared_at` is for messages."""

    instrument: InstrumentSpec
    weight: Decimal
    sleeve: str | None
    declared_at: Location


@dataclass(frozen=True)
class PortfolioSpec:
    """Targets and the weight of cash; together they sum to 1."""

    name: str
    targets: tuple[Target, ...]
    cash_weight: Decimal
    long_only: bool
    allow_empty: bool
    declared_at: Location
