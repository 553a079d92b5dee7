"""What the risk limits are held against: the account before and after some orders."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.cost import Cost
from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.desired import AccountSpec
from reconciler.domain.history import History
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.limits import Limit, RiskLimits
from reconciler.domain.money import Currency, Money
from reconciler.domain.orders import OrderIntent
from reconciler.domain.sizing import Sizing
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Holds, Violation

_LEAST = Decimal("0.01")


@dataclass(frozen=True)
class Stake:
    """One holding, declared or not, before and after the orders: signed quantities, and exposures in base currency.

    `symbol`, `sector` and `asset_class` are what limits group by; None where a holding belongs to no group.
    """

    name: InstrumentName
    symbol: str
    con_id: ConId | None
    currency: Currency
    sector: str | None
    asset_class: str | None
    held: Decimal
    final: Decimal
    before: Money | Unknown
    after: Money | Unknown
    mark: Decimal | None = None
    """What the broker values a share at, in its currency."""
    price: Decimal | Unknown | None = None
    """What it is quoted at."""
    average_volume: Decimal | None = None
    """Shares that change hands on a day; None where not served."""


@dataclass(frozen=True)
class Subject:
    """Orders, and the account with and without them.

    `spent` is the notional of this run's orders that were sent before these, in base currency. `batch` is the number of
    the batch after which the account is looked at; None for the plan as a whole, where what concerns a run is checked.
    """

    account: AccountSpec
    snapshot: AccountSnapshot
    history: History
    net_liquidation: Money
    equity_with_loan: Money
    before: Standing
    after: Standing
    stakes: tuple[Stake, ...]
    orders: tuple[OrderIntent, ...]
    spent: Money
    balances: tuple[CurrencyBalance, ...] = ()
    sizing: Sizing | None = None
    cost: Cost | None = None
    batch: int | None = None

    @property
    def limits(self) -> RiskLimits:
        """The bounds."""
        return self.account.limits

    @property
    def adds_risk(self) -> bool:
        """Whether any of the orders does; what only reduces risk is never blocked by leverage, margin or weights."""
        return any(not order.reduces_risk for order in self.orders)

    @property
    def trades(self) -> tuple[OrderIntent, ...]:
        """The orders in instruments: conversions are none."""
        return tuple(order for order in self.orders if not order.converts)

    @cached_property
    def by_name(self) -> Mapping[InstrumentName, Stake]:
        """The declared holdings by the names of their lines."""
        return {stake.name: stake for stake in self.stakes}

    def share(self, money: Money) -> Decimal:
        """Of net liquidation; where that is exactly zero, of a hundredth, so that anything is beyond every bound."""
        return money.amount / (self.net_liquidation.amount or _LEAST)

    def holds(self, *, worse: bool = True) -> Holds:
        """What a limit of leverage, margin or weight holds up: what adds risk, where it makes things worse."""
        return Holds.WHAT_ADDS_RISK if self.adds_risk and worse else Holds.NOTHING

    def violation(
        self, limit: Limit, field: str | None, message: str, value: str, bound: str, *, remedy: str = "", **more: object
    ) -> Violation:
        """A violation of a limit that is declared as `field`, at the level that it has in the manifest."""
        found: dict[str, object] = {"holds": self.holds(), "batch": self.batch} | more
        return Violation(
            limit=limit,
            level=self.limits.level(limit),
            message=message,
            value=value,
            bound=bound,
            location=None if field is None else self.limits.place(field),
            remedy=remedy,
            **found,  # type: ignore[arg-type]
        )
