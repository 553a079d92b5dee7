"""Chance: every draw of a simulated life comes from its seed, in a stream of its own name.

Streams are apart, so that one more draw in one of them (a new quirk, another message) moves no other.
"""

import random


class Chance:
    """All the streams of one seed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def stream(self, *name: object) -> random.Random:
        """The stream of that name, from its beginning: the same name gives the same draws."""
        return random.Random(":".join(str(part) for part in (self.seed, *name)))  # noqa: S311 - a simulation, no secret


def happens(stream: random.Random, probability: float) -> bool:
    """Whether something of this probability happens."""
    return stream.random() < probability
