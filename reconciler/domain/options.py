"""RunOptions: what one invocation asks for beyond the manifests. A plan records it, and its apply keeps to it."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from reconciler.domain.ids import InstrumentName
from reconciler.domain.limits import Override
from reconciler.domain.policy import OrderStyle


@dataclass(frozen=True)
class GivenTarget:
    """One line of a portfolio that was given instead of the manifests' one."""

    symbol: str
    weight: Decimal
    sector: str | None


@dataclass(frozen=True)
class RunOptions:
    """None, or empty, where the manifests hold.

    `targets` are the only lines that may trade, `excluded` those that may not. `portfolio` stands in place of the
    account's own. `flatten` is why everything declared is closed in an emergency's way, whatever the account's figures
    are; no halt holds up such a plan.
    """

    leverage: Decimal | None = None
    margin_cushion: Decimal | None = None
    max_parallel: int | None = None
    max_runtime: timedelta | None = None
    order_style: OrderStyle | None = None
    is_forced: bool = False
    targets: tuple[InstrumentName, ...] = ()
    excluded: tuple[InstrumentName, ...] = ()
    portfolio: tuple[GivenTarget, ...] | None = None
    overrides: tuple[Override, ...] = ()
    flatten: str | None = None

    @property
    def is_partial(self) -> bool:
        """Whether some lines are left out on purpose."""
        return bool(self.targets or self.excluded)

    def selects(self, instrument: InstrumentName) -> bool:
        """Whether a line may trade."""
        return instrument not in self.excluded and (not self.targets or instrument in self.targets)


NO_OPTIONS = RunOptions()
