"""The control channel: JSON in, JSON out, one object a line, to look into a running gateway and to move it.

Rule: every answer has `ok`; a mistake is an answer, not an exception. Decimals are texts. Verbs are the table VERBS:
those that look are here, those that move the gateway are the actions, as in a script.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, Field, ValidationError

from reconciler.simgateway import verbs, views
from reconciler.simgateway.actions import ACTIONS, Answer
from reconciler.simgateway.broker import Broker
from reconciler.simgateway.clock import SteppedClock
from reconciler.simgateway.frames import Frame
from reconciler.simgateway.scenario.vocabulary import Strict
from reconciler.simgateway.script import UnfitError
from reconciler.simgateway.tally import Event, Tally

LONGEST_LINE = 0x10000
Tell = Callable[[str], None]
"""Takes the answer to one line."""


class LedgerCommand(Strict):
    """Show the books of every account."""


class OrdersCommand(Strict):
    """Show every order ever received."""


class FramesCommand(Strict):
    """Show how many messages went by, and the last of them."""

    last: int = Field(default=0, ge=0)


class ScenarioCommand(Strict):
    """Show the scenario that is served, without what it leaves at its default."""


class ScriptCommand(Strict):
    """Show how often each event happened, and which steps of the script found nothing to act on."""


class HelpCommand(Strict):
    """Show every verb with its fields."""


class StepCommand(Strict):
    """Move a stepped clock on."""

    seconds: float = Field(gt=0, le=86_400)


class CountsSpec(Strict):
    """Numbers of events since the gateway started, all of which must have been reached."""

    fills: int = Field(default=0, ge=0)
    orders: int = Field(default=0, ge=0)
    cancels: int = Field(default=0, ge=0)
    what_ifs: int = Field(default=0, ge=0)
    connections: int = Field(default=0, ge=0)
    changes: int = Field(default=0, ge=0)

    def wanted(self) -> dict[Event, int]:
        """The numbers by event."""
        return {event: getattr(self, event) for event in Event}


class AwaitCommand(Strict):
    """Answer when so many events have happened; other connections go on meanwhile."""

    counts: CountsSpec = Field(alias="for")


def _ledger(broker: Broker, _command: LedgerCommand) -> Answer:
    return views.accounts(broker)


def _orders(broker: Broker, _command: OrdersCommand) -> Answer:
    return views.orders(broker)


def _frames(broker: Broker, command: FramesCommand) -> Answer:
    log = broker.log
    return {
        "in": log.counts("in"),
        "out": log.counts("out"),
        "leftover": dict(log.leftovers),
        "frames": [each._asdict() for each in log.latest(command.last)],
    }


def _scenario(broker: Broker, _command: ScenarioCommand) -> Answer:
    return {"scenario": broker.served}


def _script(broker: Broker, _command: ScriptCommand) -> Answer:
    return {"counts": broker.tally.counts(), "problems": list(broker.script.problems)}


def _help(_broker: Broker, _command: HelpCommand) -> Answer:
    return {"verbs": {verb: verbs.row(model)._asdict() for verb, (model, _) in VERBS.items()}}


def _step(broker: Broker, command: StepCommand) -> Answer:
    if not isinstance(broker.clock, SteppedClock):
        raise UnfitError("the clock is not a stepped one")
    broker.clock.step(command.seconds)
    return {"now": broker.clock.now().isoformat()}


def _await(broker: Broker, command: AwaitCommand) -> Answer:
    if not broker.tally.reached(command.counts.wanted()):
        raise UnfitError("it has not come to that, and whoever asks cannot wait")
    return {"counts": broker.tally.counts()}


VERBS: Mapping[str, tuple[type[BaseModel], Callable[[Broker, Any], Answer]]] = {
    "ledger": (LedgerCommand, _ledger),
    "orders": (OrdersCommand, _orders),
    "frames": (FramesCommand, _frames),
    "scenario": (ScenarioCommand, _scenario),
    "script": (ScriptCommand, _script),
    "help": (HelpCommand, _help),
    **ACTIONS,
    "step": (StepCommand, _step),
    "await": (AwaitCommand, _await),
}


class ControlDesk:
    """Answers the lines of the control channel."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def answer(self, line: bytes) -> str:
        """One JSON object for one line, now."""
        clock, log = self._broker.clock, self._broker.log
        clock.settle()
        log.mark(Frame(clock.seconds(), "control", -1, (line.decode(errors="replace"),)))
        try:
            return json.dumps({"ok": True, **self._done(line)})
        except ValidationError as problem:
            first = problem.errors(include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            return _failure(f"{place}: {first['msg']}")
        except (UnfitError, ValueError) as problem:
            return _failure(str(problem))
        except RecursionError:
            return _failure("the line is nested too deeply")

    def hear(self, line: bytes, tell: Tell) -> Callable[[], None] | None:
        """Tell the answer to one line: now, or when what it waits for has come. Then the answer is how to stop it."""
        wanted = _awaited(line)
        if wanted is None or self._broker.tally.reached(wanted):
            tell(self.answer(line))
            return None

        def watcher(tally: Tally) -> None:
            if tally.reached(wanted):
                tally.leave(watcher)
                tell(self.answer(line))

        self._broker.tally.watch(watcher)
        return lambda: self._broker.tally.leave(watcher)

    def _done(self, line: bytes) -> Answer:
        said = json.loads(line)
        verb = said.pop("do", None) if isinstance(said, dict) else None
        if not isinstance(verb, str) or verb not in VERBS:
            raise UnfitError(f"say one of {', '.join(VERBS)} in 'do'")
        model, action = VERBS[verb]
        return action(self._broker, model.model_validate(said))


def _awaited(line: bytes) -> dict[Event, int] | None:
    """What a line waits for; None for a line that waits for nothing, or is wrong."""
    try:
        said = json.loads(line)
        if not isinstance(said, dict) or said.pop("do", None) != "await":
            return None
        return AwaitCommand.model_validate(said).counts.wanted()
    except (ValueError, RecursionError):
        return None


def _failure(text: str) -> str:
    return json.dumps({"ok": False, "error": text})
