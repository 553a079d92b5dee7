"""A Violation: a limit that would be crossed, or that cannot be checked because something is Unknown."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from reconciler.diagnostics import Location
from reconciler.domain.ids import InstrumentName
from reconciler.domain.limits import Level, Limit, Override

_UNKNOWN = "unknown"
"""The value of a violation that is one because something is Unknown. Its message says what is not known: why."""
_NOT_KNOWN = "not known: "


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
    def cause(self) -> str | None:
        """Why the limit cannot be checked; None where it can."""
        _, separator, cause = self.message.partition(_NOT_KNOWN)
        return cause if separator and self.value == _UNKNOWN else None

    @property
    def blocks(self) -> bool:
        """Whether anything is held up by it."""
        return self.level is not Level.ADVISORY and self.holds is not Holds.NOTHING and self.override is None

    def concerns(self, instrument: InstrumentName) -> bool:
        """Whether it is about this line, or about all."""
        return self.instrument in (None, instrument)


def sentences(violations: Iterable[Violation]) -> tuple[str, ...]:
    """What a person reads of them. Those that cannot be checked for one cause are told together."""
    alike: dict[str, list[Violation]] = {}
    for each in violations:
        alike.setdefault(each.cause or f"{each.limit}: {each.message}", []).append(each)
    return tuple(_sentence(group) for group in alike.values())


def _sentence(group: Sequence[Violation]) -> str:
    limits, first = list(dict.fromkeys(each.limit for each in group)), group[0]
    if len(limits) == 1:
        return f"{first.limit}: {first.message}"
    return f"{', '.join(limits)}: none of them can be checked: {first.cause}"
