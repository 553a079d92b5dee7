"""A RunRecorder and an EventSink that keep what they are given."""

from collections.abc import Callable

from reconciler.domain.events import Event
from reconciler.domain.plan import Plan
from reconciler.domain.run import RunResult


class ListRecorder:
    def __init__(self) -> None:
        self.results: list[RunResult] = []

    def record(self, result: RunResult, plan: Plan) -> str:
        self.results.append(result)
        return f"run {result.id} of {plan.id}: {result.outcome}"


def _nothing(_event: Event) -> None:
    """Nobody acts on it."""


class ListSink:
    """`hears` is told each event as it comes: a test acts in the middle of a run there, or ends it by raising."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.hears: Callable[[Event], object] = _nothing

    def emit(self, event: Event) -> None:
        self.events.append(event)
        self.hears(event)
