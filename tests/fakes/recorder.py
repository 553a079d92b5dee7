"""A RunRecorder and an EventSink that keep what they are given."""

from reconciler.domain.events import Event
from reconciler.domain.plan import Plan
from reconciler.domain.run import RunResult


class ListRecorder:
    def __init__(self) -> None:
        self.results: list[RunResult] = []

    def record(self, result: RunResult, plan: Plan) -> str:
        self.results.append(result)
        return f"run {result.id} of {plan.id}: {result.outcome}"


class ListSink:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def emit(self, event: Event) -> None:
        self.events.append(event)
