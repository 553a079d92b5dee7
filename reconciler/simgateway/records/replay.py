"""The replayer: feeds the client side of a recording to a fresh gateway and compares the answers.

It uses no sockets and no time but a stepped clock, which it moves to the moment of each line. Lines are taken in their
order: what a client or the control channel said is said again, and each answer on record is compared.
"""

from collections import defaultdict, deque
from typing import NamedTuple

from reconciler.simgateway.broker import Broker
from reconciler.simgateway.clock import SteppedClock
from reconciler.simgateway.control import ControlDesk
from reconciler.simgateway.frames import Frame
from reconciler.simgateway.records.recording import Recording
from reconciler.simgateway.scenario import Scenario
from reconciler.simgateway.session import GREETING, Session
from reconciler.simgateway.staging import stage
from reconciler.simgateway.wire import framing

_ANSWERS = ("out", "hangup")
_NO_FRAME = b"\xff" * 4


class Difference(NamedTuple):
    """An answer that is not as recorded: the line of the recording (0: none), its connection, and both sides.

    A side is None where there is no answer; the end of a connection is the field `hangup`.
    """

    line: int
    connection: int
    recorded: tuple[str, ...] | None
    answered: tuple[str, ...] | None

    def __str__(self) -> str:
        return f"line {self.line}, connection {self.connection}: recorded {self.recorded}, answered {self.answered}"


class _Nowhere:
    """A transport that keeps nothing; the frame log has it all."""

    def write(self, data: bytes) -> None:
        """Drop it."""

    def close(self) -> None:
        """There is nothing to close."""


class _Stage:
    """A fresh gateway, the sessions of the recording's connections, and the answers not yet compared."""

    def __init__(self, recording: Recording, scenario: Scenario) -> None:
        origin = recording.origin
        self.clock = SteppedClock(origin.started)
        self.answers: defaultdict[int, deque[tuple[str, ...]]] = defaultdict(deque)
        self._numbers: dict[int, int] = {}
        setting = stage(scenario)
        self.broker = Broker(setting, self.clock, max_version=origin.max_version, seed=origin.seed, recorder=self._told)
        self._desk = ControlDesk(self.broker)
        self._sessions: dict[int, Session] = {}

    def _told(self, frame: Frame) -> None:
        if frame.direction in _ANSWERS:
            self.answers[frame.connection].append(_content(frame))

    def number(self, connection: int) -> int:
        """This gateway's number of a recorded connection, which is opened where it is new."""
        if connection not in self._sessions:
            self._sessions[connection] = Session(self.broker, _Nowhere())
            self._numbers[connection] = len(self._sessions)
        return self._numbers[connection]

    def say(self, frame: Frame) -> None:
        """Do what a client, or who sat at the control channel, did."""
        if frame.direction == "control":
            self._desk.answer(frame.fields[0].encode())
            return
        self.number(frame.connection)
        session = self._sessions[frame.connection]
        match frame.direction:
            case "open":
                offer = frame.fields[0].encode()
                session.receive(GREETING + len(offer).to_bytes(4, "big") + offer)
            case "in":
                session.receive(framing.frame(frame.fields))
            case "broken":
                session.receive(_NO_FRAME)
            case _:
                session.lost()

    def answer(self, connection: int) -> tuple[str, ...] | None:
        """The next answer on a recorded connection, or None when none comes."""
        waiting = self.answers[self.number(connection)]
        if not waiting:
            self.clock.settle()
        return waiting.popleft() if waiting else None


def _content(frame: Frame) -> tuple[str, ...]:
    return frame.fields if frame.direction == "out" else (frame.direction,)


def replay(recording: Recording, scenario: Scenario) -> list[Difference]:
    """Every difference between the answers on record and those of a gateway that serves `scenario`."""
    staged = _Stage(recording, scenario)
    found = []
    for line, frame in enumerate(recording.frames, 2):
        if frame.seconds > staged.clock.seconds():
            staged.clock.reach(frame.seconds)
        if frame.direction not in _ANSWERS:
            staged.say(frame)
            continue
        answered = staged.answer(frame.connection)
        if answered != _content(frame):
            found.append(Difference(line, frame.connection, _content(frame), answered))
    staged.broker.stop()
    unasked = [Difference(0, number, None, each) for number, queue in staged.answers.items() for each in queue]
    return found + unasked
