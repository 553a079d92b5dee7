"""The course of a run: what it may send, what it works with, and what it has come to so far."""

from dataclasses import dataclass, field

from reconciler.domain.orders import OrderIntent
from reconciler.domain.plan import Plan
from reconciler.domain.run import Outcome
from reconciler.engine.authorize import Authorized
from reconciler.engine.desk import Desk
from reconciler.engine.session import Session
from reconciler.planning.prediction import Prediction


@dataclass
class Course:
    """A run that is under way. `ended_by` is how it ends unless something worse turns up."""

    session: Session
    authorized: Authorized
    desk: Desk
    ended_by: Outcome = Outcome.FAILED
    messages: list[str] = field(default_factory=list)
    """What a person should read of it."""
    left_out: dict[OrderIntent, str] = field(default_factory=dict)
    is_halted: bool = False
    predicted: Prediction | None = None
    """What the last batch that adds risk was to make of the account's margin."""
    adds_risk: bool = False
    """Whether the batch that is under way does."""
    alarm: str | None = None
    """The first that the broker raised, in words for a person. Nothing that adds risk starts after one."""

    @property
    def plan(self) -> Plan:
        """What is carried out."""
        return self.authorized.plan

    def end(self, outcome: Outcome, *messages: str) -> None:
        """Stop here."""
        self.ended_by = outcome
        self.messages.extend(messages)
