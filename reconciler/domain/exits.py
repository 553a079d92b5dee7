"""Exit codes: what a script may rely on. Part of every command's interface and of the Run document."""

from collections.abc import Iterable
from enum import IntEnum

from reconciler.domain.plan import Plan
from reconciler.domain.run import Outcome, RunResult
from reconciler.domain.status import AccountStatus, HealthStatus


class ExitCode(IntEnum):
    """The codes of the command `folioctl`."""

    OK = 0
    ERROR = 1
    CHANGES = 2
    """Changes or drift; only where `--detailed-exitcode` asks for it."""
    BLOCKED = 3
    """A limit, a precondition or something Unknown stands in the way."""
    STALE = 4
    """The plan no longer fits, has expired, or was begun before."""
    LOCKED = 5
    PARTIAL = 6
    """Partially applied, or something is unresolved."""
    CLOSED = 7
    """Market or window closed; nothing was sent."""
    USAGE = 64
    INTERRUPTED = 130


_FIRST = (
    ExitCode.USAGE,
    ExitCode.ERROR,
    ExitCode.LOCKED,
    ExitCode.STALE,
    ExitCode.PARTIAL,
    ExitCode.INTERRUPTED,
    ExitCode.BLOCKED,
    ExitCode.CLOSED,
    ExitCode.CHANGES,
    ExitCode.OK,
)

_OF_OUTCOME = {
    Outcome.APPLIED: ExitCode.OK,
    Outcome.NOTHING_TO_DO: ExitCode.OK,
    Outcome.BLOCKED: ExitCode.BLOCKED,
    Outcome.PARTIALLY_APPLIED: ExitCode.PARTIAL,
    Outcome.UNRESOLVED: ExitCode.PARTIAL,
    Outcome.INTERRUPTED: ExitCode.INTERRUPTED,
    Outcome.CLOSED: ExitCode.CLOSED,
    Outcome.STALE: ExitCode.STALE,
    Outcome.FAILED: ExitCode.ERROR,
}


def first_of(codes: Iterable[ExitCode]) -> ExitCode:
    """Where several apply, the one that matters most."""
    given = set(codes) | {ExitCode.OK}
    return next(code for code in _FIRST if code in given)


def of_plan(plan: Plan, *, changes: ExitCode = ExitCode.OK) -> ExitCode:
    """Blocked, changes or none; `changes` is the code for changes, CHANGES where the caller asked for detail."""
    return first_of([ExitCode.BLOCKED if plan.is_blocked else ExitCode.OK, changes if plan.changes else ExitCode.OK])


def of_status(status: AccountStatus) -> ExitCode:
    """Whether the account was read: not at all where the gateway was not reached, not whole where health is Unknown."""
    if not status.is_connected:
        return ExitCode.ERROR
    return ExitCode.BLOCKED if status.health is HealthStatus.UNKNOWN else ExitCode.OK


def of_run(result: RunResult, plan: Plan) -> ExitCode:
    """How the run ended; a run that did all it was allowed to is still Blocked where a line was left out."""
    code = _OF_OUTCOME[result.outcome]
    left_out = plan.is_blocked or any(line.order_ref is None for line in result.lines)
    return ExitCode.BLOCKED if code is ExitCode.OK and left_out else code
