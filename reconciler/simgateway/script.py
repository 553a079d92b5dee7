"""The script of a scenario: what happens by itself, after so many events or at a time, once or again and again.

Steps are independent: each counts from the start of the gateway. A step acts in a later turn of the loop than the
event that brings it about, but one that comes before an acknowledgement acts at the order's arrival.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from zoneinfo import ZoneInfo

from reconciler.simgateway.clock import Clock
from reconciler.simgateway.tally import Event, Tally

PriceMove = Mapping[str, Decimal | None]
"""Any of last, bid, ask, close and spread, per share."""

KEPT_PROBLEMS = 100


@dataclass(frozen=True)
class AtCount:
    """At the n-th event, or before its acknowledgement; and at every `again`-th behind it, if that is not 0."""

    event: Event
    number: int
    again: int = 0
    before: bool = False

    def due(self, count: int) -> bool:
        """Whether it is time when so many events have happened."""
        behind = count - self.number
        return behind == 0 or (self.again > 0 and behind > 0 and behind % self.again == 0)


@dataclass(frozen=True)
class AtTime:
    """So many seconds after the start of the gateway; and every `again` seconds behind, if that is not 0."""

    seconds: float
    again: float = 0.0


@dataclass(frozen=True)
class AtMoment:
    """At a time of day in a zone, the next time it comes; or at a date and time, never when that has passed."""

    moment: time | datetime
    zone: ZoneInfo
    again: float = 0.0

    def seconds(self, now: datetime) -> float | None:
        """How long from now until then; None for what has passed."""
        here = now.astimezone(self.zone)
        if isinstance(self.moment, datetime):
            then = self.moment if self.moment.tzinfo else self.moment.replace(tzinfo=self.zone)
        else:
            then = datetime.combine(here.date(), self.moment, self.zone)
            if then < now:
                then = datetime.combine(here.date() + timedelta(days=1), self.moment, self.zone)
        # Aware times of one zone subtract as wall clocks do; in UTC they subtract as time does.
        left = (then.astimezone(UTC) - now).total_seconds()
        return left if left >= 0 else None


Trigger = AtCount | AtTime | AtMoment


class UnfitError(Exception):
    """An action finds nothing to act on, as things stand."""


@dataclass(frozen=True)
class Step:
    """A trigger, and what then happens. `act` may raise UnfitError."""

    trigger: Trigger
    act: Callable[[], object]


class Script:
    """The steps at work."""

    def __init__(self, steps: tuple[Step, ...], clock: Clock, tally: Tally) -> None:
        self.problems: deque[str] = deque(maxlen=KEPT_PROBLEMS)
        """What steps found nothing to act on, the latest last."""
        self._clock = clock
        self._tally = tally
        self._counted = [(step.trigger, step.act) for step in steps if isinstance(step.trigger, AtCount)]
        self._stopped = False
        for step in steps:
            trigger = step.trigger
            if not isinstance(trigger, AtCount):
                seconds = trigger.seconds if isinstance(trigger, AtTime) else trigger.seconds(clock.now())
                if seconds is not None:
                    clock.call_later(seconds, partial(self._strike, trigger.again, step.act))

    def stop(self) -> None:
        """Do nothing more."""
        self._stopped = True

    def happened(self, event: Event) -> None:
        """Count an event; what it brings about comes in a later turn."""
        self._tally.count(event)
        self.follows(event)

    def arrives(self) -> None:
        """Count an order that arrives, and act before it is looked at."""
        self._tally.count(Event.ORDERS)
        for act in self._due(Event.ORDERS, before=True):
            self._attempt(act)

    def follows(self, event: Event) -> None:
        """Schedule what comes after the latest event of its kind."""
        for act in self._due(event, before=False):
            self._clock.call_later(0, partial(self._attempt, act))

    def _due(self, event: Event, *, before: bool) -> list[Callable[[], object]]:
        count = self._tally[event]
        found = [(trigger, act) for trigger, act in self._counted if trigger.event is event]
        return [act for trigger, act in found if trigger.before is before and trigger.due(count)]

    def _strike(self, again: float, act: Callable[[], object]) -> None:
        if self._stopped:
            return
        self._attempt(act)
        if again:
            self._clock.call_later(again, partial(self._strike, again, act))

    def _attempt(self, act: Callable[[], object]) -> None:
        try:
            act()
        except UnfitError as problem:
            self.problems.append(str(problem))
