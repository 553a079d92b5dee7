"""A Violation: a limit that would be crossed, or that cannot be checked because something is Unknown."""

from dataclasses import dataclass
from enum import StrEnum

from reconciler.diagnostics import Location
from reconciler.domain.ids import InstrumentName
from reconciler.domain.limits import Level, Limit, Override


class Holds(StrEnum):
    """What a violation holds up."""

    NOTHING = "nothing"
    """It was there before, and the plan does not make it worse; or the orders concerned only reduce risk."""
    WHAT_ADDS_RISK = "what adds risk"
    EVERYTHING = "everything"
    """Sells, too: it is about a mistake, or about selling too much."""


@dataclass(frozen=True)
class Violation:
    """One limit, its value and its bound, where it is written, and the smallest change that would satisfy it.

    `instrument` is None where the whole account is concerned, `batch` where the whole plan is and not the state after
    one of its batches. `existed_before` is true for what was already so before the plan. `override` is what lets the
    plan past it.
    """

    limit: Limit
    level: Level
    message: str
    value: str
    bound: str
    location: Location | None
    instrument: InstrumentName | None = None
    batch: int | None = None
    existed_before: bool = False
    holds: Holds = Holds.WHAT_ADDS_RISK
    remedy: str = ""
    override: Override | None = None

    @property
    def blocks(self) -> bool:
        """Whether anything is held up by it."""
        return self.level is not Level.ADVISORY and self.holds is not Holds.NOTHING and self.override is None

    def concerns(self, instrument: InstrumentName) -> bool:
        """Whether it is about this line, or about all."""
        return self.instrument in (None, instrument)
