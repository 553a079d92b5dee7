"""What a Portfolio asks to be held: instruments, each with its weight."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from reconciler.diagnostics import Location
from reconciler.domain.contract import Listing
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.money import Currency
from reconciler.domain.origin import NOWHERE, Origin


@dataclass(frozen=True)
class InstrumentSpec:
    """What a manifest says of an instrument; the broker resolves it to one Contract, or to Unknown.

    `expiry` is a future's month, as the broker writes it (`202612`).
    """

    name: InstrumentName
    symbol: str
    sec_type: str
    exchange: str
    currency: Currency
    primary_exchange: str | None = None
    con_id: ConId | None = None
    expiry: str | None = None

    def fits(self, listing: Listing) -> bool:
        """Whether the broker's contract is all that this says of it."""
        return (
            (self.symbol, self.sec_type, self.currency) == (listing.symbol, listing.sec_type, listing.currency)
            and self.primary_exchange in (None, listing.primary_exchange)
            and self.con_id in (None, listing.con_id)
        )


@dataclass(frozen=True)
class Target:
    """One line of a portfolio: `weight` is a fraction of the managed base, 0 closes, below 0 is short.

    `sector` and `asset_class` group lines for the limits of the same names. `declared_at` is for messages.
    """

    instrument: InstrumentSpec
    weight: Decimal
    sleeve: str | None
    declared_at: Location
    sector: str | None = None
    asset_class: str | None = None
    counts_toward_leverage: bool = True
    """False for what is as good as cash, such as a fund of treasury bills: no part of the gross exposure."""
    maintenance_margin: Decimal | None = None
    """What the broker asks as maintenance margin, a fraction of exposure; None: as the limits assume."""
    origin: Origin = NOWHERE
    """What made the weight."""
    locations: Mapping[str, Location] = field(default_factory=dict)
    """Where what is said of it stands, by the name of its field or of its instrument's; a default has no place."""


@dataclass(frozen=True)
class Moved:
    """A contract that was replaced, by a rename, a split or a merger: its holding counts as that of the line `to`.

    `ratio` is how many shares of the new contract one share of the old one is.
    """

    con_id: ConId
    to: InstrumentName
    ratio: Decimal


@dataclass(frozen=True)
class PortfolioSpec:
    """Targets and the weight of cash; together they sum to 1."""

    name: str
    targets: tuple[Target, ...]
    cash_weight: Decimal
    long_only: bool
    allow_empty: bool
    declared_at: Location
    moved: tuple[Moved, ...] = ()
    cash_origin: Origin = NOWHERE
    """What made the weight of cash."""
