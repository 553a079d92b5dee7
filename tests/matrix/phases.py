"""When a quirk is armed: before a batch, among its orders, or while what works is cancelled."""

import asyncio
from collections.abc import Callable
from enum import StrEnum

from reconciler.domain.events import BatchEnded, BatchStarted, Event, RunStarted
from reconciler.engine.session import StopSignal

STOPPED = "a person stopped it"
RESTS = 5.0
"""Seconds that orders rest before the run is stopped, in the phase in which nothing fills."""


class Phase(StrEnum):
    """A place in the course of a run of two batches."""

    BEFORE_FIRST = "before the first batch"
    """The plan is consumed; the account is about to be read for the first batch."""
    IN_FIRST = "in the first batch"
    """All checks are passed; the orders are about to leave."""
    BEFORE_SECOND = "before the second batch"
    IN_SECOND = "in the second batch"
    CANCELLING = "while cancelling"
    """The first batch rests in the market and the run is stopped: the cancels are about to leave."""

    @property
    def batch(self) -> int:
        """The number of the batch that it strikes."""
        return 2 if self in (Phase.BEFORE_SECOND, Phase.IN_SECOND) else 1


def reached(phase: Phase, event: Event) -> bool:
    """Whether a run that tells this event comes to the phase with it."""
    match phase:
        case Phase.BEFORE_FIRST:
            return isinstance(event, RunStarted)
        case Phase.BEFORE_SECOND:
            return isinstance(event, BatchEnded) and event.number == 1
        case _:
            return isinstance(event, BatchStarted) and event.batch.number == phase.batch


def striking(phase: Phase, stop: StopSignal, strike: Callable[[], object]) -> Callable[[Event], None]:
    """Hears the events of a run, and strikes once, in its phase."""
    struck: list[Event] = []

    def stopped() -> None:
        strike()
        stop.ask(STOPPED)

    def hears(event: Event) -> None:
        if struck or not reached(phase, event):
            return
        struck.append(event)
        if phase is Phase.CANCELLING:
            asyncio.get_running_loop().call_later(RESTS, stopped)
        else:
            strike()

    return hears
