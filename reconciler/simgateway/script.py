"""The script of a scenario: prices that move by themselves, after so many fills or so many seconds.

Each step happens once. Steps are independent: each counts from the start of the gateway.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

PriceMove = Mapping[str, Decimal | None]
"""Any of last, bid, ask, close and spread, per share."""


@dataclass(frozen=True)
class Step:
    """Prices by contract id, and when they move: after `fills` executions or after `seconds`, whichever is given."""

    prices: Mapping[int, PriceMove]
    fills: int | None = None
    seconds: float | None = None


class Script:
    """The steps still to come."""

    def __init__(self, steps: tuple[Step, ...]) -> None:
        self._pending = [step for step in steps if step.fills is not None]
        self.timed = tuple(step for step in steps if step.seconds is not None)

    def due(self, fills: int) -> list[Step]:
        """The steps that so many fills bring about, each told once."""
        due = [step for step in self._pending if step.fills is not None and step.fills <= fills]
        self._pending = [step for step in self._pending if step not in due]
        return due
