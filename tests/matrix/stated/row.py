"""A row of the matrix: faults that end alike, what they are, and how an apply ends that meets them in each phase."""

from dataclasses import dataclass

from reconciler.domain.exits import ExitCode
from reconciler.domain.run import Outcome
from tests.matrix.fault import Fault
from tests.matrix.phases import Phase


@dataclass(frozen=True)
class End:
    """How an apply ends. `words`: as the page says it."""

    words: str
    outcome: Outcome
    code: ExitCode

    def __str__(self) -> str:
        return f"{self.words}, {self.code:d}"


IN_SYNC = End("in sync", Outcome.APPLIED, ExitCode.OK)
BLOCKED = End("blocked", Outcome.BLOCKED, ExitCode.BLOCKED)
STALE = End("stale", Outcome.STALE, ExitCode.STALE)
FAILED = End("error", Outcome.FAILED, ExitCode.ERROR)
"""Nothing reached the broker, as where it is blocked or stale."""
PARTIAL = End("partial", Outcome.PARTIALLY_APPLIED, ExitCode.PARTIAL)
"""Every order that was sent is accounted for."""
UNRESOLVED = End("unresolved", Outcome.UNRESOLVED, ExitCode.PARTIAL)
STOPPED = End("stopped", Outcome.INTERRUPTED, ExitCode.INTERRUPTED)
"""As a stopped run should end: every order is accounted for."""


@dataclass(frozen=True)
class Row:
    """`meaning`: what it is in the broker's world. `why`: what folioctl does, and why that is right."""

    faults: tuple[Fault, ...]
    meaning: str
    why: str
    ends: tuple[End, End, End, End, End]
    """In the order of the phases."""

    def end(self, phase: Phase) -> End:
        """Of the cell in this phase."""
        return self.ends[list(Phase).index(phase)]


def each(*quirks: str, lasts: float | None = None) -> tuple[Fault, ...]:
    """These quirks, for so many seconds each, or until the run has ended."""
    return tuple(Fault(quirk, lasts) for quirk in quirks)
