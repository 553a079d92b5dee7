"""A gateway inside the program that tests itself against it: `with Gateway(scenario) as gateway`.

It runs on the event loop of its user and needs no thread: on the running loop, or else on the one that the thread's
synchronous library calls run (`ib.connect`, `ib.sleep`). What the control channel can say, it has as methods.
"""

import asyncio
import json
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from reconciler.simgateway.broker import Broker
from reconciler.simgateway.clock import Clock, clock_named
from reconciler.simgateway.control import VERBS, ControlDesk
from reconciler.simgateway.script import UnfitError
from reconciler.simgateway.serving.memory import LOOPBACK
from reconciler.simgateway.serving.server import ApiProtocol, Doors, opened
from reconciler.simgateway.staging import DEMO, Source, understood
from reconciler.simgateway.wire.layouts import NEWEST_VERSION

_CLOSING_TURNS = 5
"""Turns of a loop that does not run by itself, in which both sides of a closed connection see its end."""


class Gateway:
    """A simulated gateway, served while a `with` or an `async with` lasts.

    `scenario`: see `staging.understood`. `clock`: a clock or its name, `real`, `stepped` or `x60`. `record`: a file or
    a stream for all that comes and goes. Raises BadScenarioError with every mistake of a scenario, and on entering
    OSError for a port in use.

    Every verb of the control channel is a method with the verb's fields as keywords; the symbol, or else the first
    field, may come without one: `gateway.price("MSFT", last="480")`, `gateway.step(60)`. A name that Python keeps for
    itself ends in an underscore. Each returns the answer as the control channel gives it, amounts as texts, and raises
    UnfitError for what the gateway refuses.
    """

    host = LOOPBACK

    def __init__(
        self,
        scenario: Source = DEMO,
        *,
        port: int = 0,
        clock: Clock | str = "real",
        seed: int = 0,
        max_version: int = NEWEST_VERSION,
        record: TextIO | Path | None = None,
    ) -> None:
        self._scenario = understood(scenario)
        self._wanted_port = port
        self._wanted_clock = clock
        self._record = record
        self._options = {"seed": seed, "max_version": max_version}
        self._port = 0
        self._broker: Broker | None = None
        self._resources = ExitStack()

    @property
    def port(self) -> int:
        """The port that clients connect to. Raises RuntimeError before the gateway serves."""
        self._serving()
        return self._port

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        verb = name.removesuffix("_")
        if verb not in VERBS:
            raise AttributeError(f"{type(self).__name__!r} has no attribute {name!r}; its verbs are {', '.join(VERBS)}")
        return partial(self._do, verb)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *VERBS]

    def __enter__(self) -> Self:
        if self._broker:
            raise RuntimeError("the gateway serves already")
        with ExitStack() as resources:
            loop = resources.enter_context(_Loop())
            clock = self._wanted_clock
            clock = clock_named(clock, loop) if isinstance(clock, str) else clock
            record = self._record
            record = resources.enter_context(record.open("w", encoding="utf-8")) if isinstance(record, Path) else record
            broker = opened(self._scenario, clock, record=record, **self._options)
            resources.callback(_settle_down, loop)
            doors = Doors(loop)
            resources.callback(doors.close)
            resources.callback(broker.stop)
            self._port = doors.open(partial(ApiProtocol, broker), self._wanted_port)
            self._broker, self._resources = broker, resources.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._broker = None
        self._resources.close()

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.__exit__(kind, problem, trace)
        # The transports report their end in the loop's next turn; only then is nothing of them left.
        await asyncio.sleep(0)

    def _serving(self) -> Broker:
        if self._broker is None:
            raise RuntimeError("the gateway serves inside `with` alone")
        return self._broker

    def _do(self, verb: str, *subject: object, **fields: object) -> dict[str, Any]:
        """Say a verb, as over the control channel, and let what follows at once happen."""
        broker, (model, _) = self._serving(), VERBS[verb]
        names = [field.alias or name for name, field in model.model_fields.items()]
        names.sort(key=lambda name: name != "symbol")
        if len(subject) > min(len(names), 1):
            raise TypeError(f"{verb} takes its fields as keywords: {', '.join(names)}")
        said = {"do": verb, **dict(zip(names, subject, strict=False))}
        said |= {name.removesuffix("_"): value for name, value in fields.items()}
        answer: dict[str, Any] = json.loads(ControlDesk(broker).answer(json.dumps(said, default=str).encode()))
        broker.clock.settle()
        if not answer.pop("ok"):
            raise UnfitError(answer["error"])
        return answer


class _Loop:
    """The loop that runs, or else the thread's; where it has none, one of our own, for as long as the block lasts."""

    def __init__(self) -> None:
        self._made: asyncio.AbstractEventLoop | None = None

    def __enter__(self) -> asyncio.AbstractEventLoop:
        with warnings.catch_warnings():
            # From 3.12 on Python warns where it makes a loop for a thread that has none; here that is the purpose.
            warnings.simplefilter("ignore", DeprecationWarning)
            try:
                loop = asyncio.get_event_loop()
            except RuntimeError:
                loop = None
        if loop is None or loop.is_closed():
            loop = self._made = asyncio.new_event_loop()
            asyncio.set_event_loop(loop)
        return loop

    def __exit__(self, *_ending: object) -> None:
        if self._made:
            asyncio.set_event_loop(None)
            self._made.close()


def _settle_down(loop: asyncio.AbstractEventLoop) -> None:
    """Turn a loop that does not run, so that the ends of connections are told."""
    if not loop.is_running():
        for _ in range(_CLOSING_TURNS):
            loop.run_until_complete(asyncio.sleep(0))
