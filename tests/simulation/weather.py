"""The weather of one session: what goes wrong, and when. Every quirk of the gateway's catalogue can be drawn.

Nothing here asks whether it is likely. A session may meet a cut line, a halted stock, a kill and a market that runs
away at once; some have fair weather.
"""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial

from reconciler.engine.session import StopSignal
from reconciler.simgateway.quirks.catalogue import QUIRKS
from reconciler.simgateway.quirks.grammar import Quirk
from tests.simulation import market
from tests.simulation.chance import happens
from tests.simulation.network import Climate, Line
from tests.simulation.process import NEVER, Process
from tests.simulation.world import World

LIKELY = ("reject", "warning", "silent-drop", "delayed-ack", "lost-ack", "cancel", "no-price", "restart", "port-reset")
"""Quirks that bear on orders that are under way: drawn as often as all of them together."""

FATES = (60, 250, 500)
"""Moments before which a fate lies: in the reading, among the orders, or at any place of an apply of two batches."""


@dataclass
class Weather:
    """What a session will meet: quirks from its start, and what happens so many seconds after it."""

    fate: int = NEVER
    quirks: list[str] = field(default_factory=list)
    events: list[tuple[float, str, Callable[[], object]]] = field(default_factory=list)

    @property
    def words(self) -> str:
        """For the trace."""
        fate = "" if self.fate == NEVER else f", dies at moment {self.fate}"
        return f"{', '.join(self.quirks) or 'no quirk'}{fate}, {len(self.events)} events"


def fair(world: World) -> Weather:
    """A calm day: a fast network, orders that fill."""
    world.loop.climate = Climate(world.chance.stream("calm network"))
    world.say("fill")
    return Weather()


def foul(world: World, process_name: str) -> Callable[[Process, StopSignal], Weather]:
    """The weather of a session, once its process and its stop signal are there."""
    stream = world.chance.stream("weather", process_name)
    world.loop.climate = Climate(
        world.chance.stream("network", process_name),
        usual=stream.choice([0.0005, 0.003, 0.02, 0.1]),
        spikes=stream.choice([0, 0, 0.01, 0.05]),
        torn=stream.choice([0, 0.2]),
    )
    world.say("fill", **_filling(stream))
    return partial(_drawn, world, stream)


def _filling(stream: random.Random) -> dict[str, object]:
    if happens(stream, 0.5):
        return {}
    filling: dict[str, object] = {"delay_seconds": stream.choice([0, 0.5, 4, 30]), "parts": stream.choice([1, 2, 3])}
    if happens(stream, 0.2):
        filling = {"never": True}
    return filling | ({"symbol": stream.choice(market.DECLARED)} if happens(stream, 0.7) else {})


def _drawn(world: World, stream: random.Random, process: Process, stop: StopSignal) -> Weather:
    weather = Weather()
    if happens(stream, 0.25):
        weather.fate = stream.randrange(1, stream.choice(FATES))
    if happens(stream, 0.15):
        mark, most = stream.choice([(b"folioctl:", 5), (b"", 150)])
        process.breaks_at = {mark: stream.randrange(1, most)}
    if happens(stream, 0.05):
        process.disk.full_at = stream.randrange(1, 60)
    weather.quirks = [a_quirk(stream) for _ in range(stream.choice([0, 0, 0, 1, 1, 1, 2, 3]))]
    likely: list[tuple[float, str, Callable[[], object]]] = [
        *((0.3, f"clears {quirk}", partial(world.say, "quirk", clear=quirk)) for quirk in weather.quirks),
        (0.1, "is killed", process.die),
        (0.1, "is stopped", partial(stop.ask, "a person stopped it")),
        (0.15, "loses its line", partial(_cut, process, drops=happens(stream, 0.5))),
        (0.1, "meets a frozen line", partial(_freeze, process, stream.choice([3, 15, 90]))),
        (0.05, "sees a late quirk", partial(world.say, "quirk", arm=a_quirk(stream))),
        (0.05, "sees an order fill in part", partial(world.say, "execute", symbol=_a_symbol(stream), share=0.4)),
        (0.05, "sees the broker cancel", partial(world.say, "cancel", symbol=_a_symbol(stream))),
        (0.05, "sees the exchange reject", partial(world.say, "reject", symbol=_a_symbol(stream))),
        *[(0.25, "sees prices move", partial(move, world, stream, 0.01))] * 3,
    ]
    weather.events = [(_soon(stream), words, event) for odds, words, event in likely if happens(stream, odds)]
    return weather


def _soon(stream: random.Random) -> float:
    """Within the first seconds, in which orders leave, or later."""
    return stream.uniform(0, 8) if happens(stream, 0.6) else stream.uniform(0, 240)


def a_quirk(stream: random.Random) -> str:
    """Any of the catalogue, those that bear on orders more often."""
    quirk = QUIRKS[stream.choice(LIKELY if happens(stream, 0.5) else list(QUIRKS))]
    text = ":".join((quirk.name, *_arguments(quirk, stream)))
    once = quirk.counts and happens(stream, 0.5)
    return f"{text}@{stream.randrange(1, 9)}" if once else text


def _arguments(quirk: Quirk, stream: random.Random) -> list[str]:
    given = []
    for parameter in quirk.parameters:
        if parameter.choices:
            given.append(stream.choice(parameter.choices))
        elif not parameter.optional or happens(stream, 0.5):
            given.append(_a_symbol(stream))
    return given


def _a_symbol(stream: random.Random) -> str:
    """Any of them; the holding that no manifest names is the one that others are sized around."""
    return stream.choice([*market.DECLARED, "KO", "KO"])


def move(world: World, stream: random.Random, size: float) -> None:
    """Every price goes its own way."""
    for symbol in market.LISTED:
        last = world.price(symbol) * Decimal(str(round(1 + stream.gauss(0, size), 6)))
        world.say("price", symbol=symbol, last=str(last.quantize(Decimal("0.01"))))


def _lines(process: Process) -> list[Line]:
    return [line for line in process.lines if isinstance(line, Line) and line.is_open]


def _cut(process: Process, *, drops: bool) -> None:
    for line in _lines(process):
        line.cut(drops=drops)


def _freeze(process: Process, seconds: float) -> None:
    for line in _lines(process):
        line.freeze(seconds)


async def comes(world: World, process: Process, weather: Weather) -> None:
    """Let a session's weather come, one event after the other, for as long as this is awaited."""
    passed = 0.0
    for seconds, words, happening in sorted(weather.events, key=lambda event: event[0]):
        await asyncio.sleep(seconds - passed)
        passed = seconds
        world.trace.event(f"{process.name} {words}")
        happening()


def clears(world: World) -> None:
    """The weather is over: every quirk is gone."""
    for quirk in world.gateway.quirks.names():
        world.say("quirk", clear=quirk)
