"""What every journal holds to, whatever it is kept in: the checks that need nothing but the record itself."""

from datetime import datetime

from reconciler.domain.errors import InvariantBroken
from reconciler.domain.halt import Halt
from reconciler.domain.ids import OrderRef, RunId
from reconciler.ports import IntentRecord, RunRecord


def require_open(run: RunRecord) -> None:
    """A run is begun before it ends. Raises InvariantBroken."""
    require_aware(run.started)
    if run.ended is not None or run.outcome is not None:
        raise InvariantBroken(f"run {run.id} has ended before it was begun")


def require_unsent(intent: IntentRecord) -> None:
    """An intent is on disk before its order is sent. Raises InvariantBroken."""
    require_aware(intent.intended)
    if intent.sent is not None:
        raise InvariantBroken(f"{intent.ref} was sent before its intent was recorded")


def require_told(halt: Halt) -> None:
    """A halt says by whom, why and since when: the environment's switch is nobody's row. Raises InvariantBroken."""
    if halt.since is None or not halt.by.strip() or not halt.reason.strip():
        raise InvariantBroken("a halt without a person, a reason or a beginning is not recorded")
    require_aware(halt.since)


def require_aware(moment: datetime) -> None:
    """A naive moment names no point in time. Raises InvariantBroken."""
    if moment.tzinfo is None:
        raise InvariantBroken(f"{moment.isoformat()} has no time zone")


def unknown_run(run: RunId) -> InvariantBroken:
    """A record for a run that was never begun."""
    return InvariantBroken(f"run {run} was never begun")


def closed_run(run: RunId) -> InvariantBroken:
    """An intent for a run that is over, or a second end of it."""
    return InvariantBroken(f"run {run} is closed")


def repeated_run(run: RunId) -> InvariantBroken:
    """Two plans under one run id."""
    return InvariantBroken(f"run {run} was begun before, with another plan")


def repeated_intent(ref: OrderRef) -> InvariantBroken:
    """The same attempt at the same line, intended twice (promise 3)."""
    return InvariantBroken(f"{ref} was intended before: an attempt is made once")


def unintended_send(ref: OrderRef) -> InvariantBroken:
    """An order that was sent without its intent on disk, or sent twice (promise 3)."""
    return InvariantBroken(f"{ref} has no unsent intent: it was never intended, or was sent before")
