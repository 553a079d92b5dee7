"""The course of a run: what it has come to so far."""

from dataclasses import dataclass, field

from reconciler.domain.orders import OrderIntent
from reconciler.domain.run import Outcome
from reconciler.planning.prediction import Prediction


@dataclass
class Course:
    """How a run ends unless something worse turns up, and what a person should read of it."""

    ended_by: Outcome = Outcome.FAILED
    messages: list[str] = field(default_factory=list)
    left_out: dict[OrderIntent, str] = field(default_factory=dict)
    is_halted: bool = False
    predicted: Prediction | None = None
    """What the last batch that adds risk was to make of the account's margin."""
    adds_risk: bool = False
    """Whether the batch that is under way does."""
    alarm: str | None = None
    """The first that the broker raised, in words for a person. Nothing that adds risk starts after one."""

    def end(self, outcome: Outcome, *messages: str) -> None:
        """Stop here."""
        self.ended_by = outcome
        self.messages.extend(messages)
