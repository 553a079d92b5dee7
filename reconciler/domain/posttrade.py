"""PostTrade: the account after a run, held against what the run's own executions make of the plan's account."""

from dataclasses import dataclass
from decimal import Decimal

from reconciler.domain.account import Position
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.money import Currency, Money
from reconciler.domain.unknown import Unknown


@dataclass(frozen=True)
class HoldingCheck:
    """Shares of one contract that the run traded: what its fills make of the plan's holding, and what is held."""

    instrument: InstrumentName
    con_id: ConId
    expected: Decimal
    found: Decimal

    @property
    def differs(self) -> bool:
        """Whether somebody or something else moved it."""
        return self.expected != self.found


@dataclass(frozen=True)
class CashCheck:
    """One currency's balance: what fills and commissions make of the plan's, and what is there."""

    currency: Currency
    expected: Money | Unknown
    found: Money | Unknown

    @property
    def difference(self) -> Money | Unknown:
        """What is there beyond what was expected: interest, dividends, fees, a transfer, another program's trade."""
        if isinstance(self.expected, Unknown):
            return self.expected
        return self.found if isinstance(self.found, Unknown) else self.found - self.expected


@dataclass(frozen=True)
class Slippage:
    """What a line's fills cost against the plan's price, in the line's currency; below zero they gained."""

    instrument: InstrumentName
    planned: Decimal
    average: Decimal
    amount: Money
    fraction: Decimal
    """Of what was traded, at the plan's price."""


@dataclass(frozen=True)
class PostTrade:
    """The holdings and the cash after a run, and how both compare with its executions."""

    holdings: tuple[HoldingCheck, ...]
    cash: tuple[CashCheck, ...]
    slippage: tuple[Slippage, ...]
    positions: tuple[Position, ...]
    """Everything that is held, whoever traded it."""
    net_liquidation: Money | Unknown
