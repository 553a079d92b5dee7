"""Breaches: promises that did not hold, each with the moment at which it showed."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Breach:
    """A promise, by its short name, and what shows that it was broken."""

    promise: str
    evidence: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.evidence}"


class Breaches:
    """All that were found, in the order of finding, each once."""

    def __init__(self, told: Callable[[str], None]) -> None:
        self._told = told
        self.found: list[Breach] = []

    def add(self, promise: str, evidence: str) -> None:
        """A promise does not hold."""
        breach = Breach(promise, evidence)
        if breach not in self.found:
            self.found.append(breach)
            self._told(f"BREACH {breach}")

    def __bool__(self) -> bool:
        return bool(self.found)
