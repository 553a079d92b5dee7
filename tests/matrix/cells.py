"""All cells: each fault of each row in each phase, with how it is to end, and which of them are run every time."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.matrix.fault import Fault
from tests.matrix.phases import Phase
from tests.matrix.stated import STATED
from tests.matrix.stated.row import End, Row


@dataclass(frozen=True)
class Cell:
    """One fault in one phase. `sampled`: whether `make test` runs it."""

    fault: Fault
    phase: Phase
    end: End
    sampled: bool

    def __str__(self) -> str:
        return f"{self.fault} {self.phase}"


def rows() -> list[Row]:
    """Of every group."""
    return [row for group in STATED.values() for row in group]


def cells() -> Iterator[Cell]:
    """Sampled is one cell of each row: its first fault, the phases taking turns from row to row."""
    phases = list(Phase)
    for turn, row in enumerate(rows()):
        for fault in row.faults:
            for phase in phases:
                sampled = fault is row.faults[0] and phase is phases[turn % len(phases)]
                yield Cell(fault, phase, row.end(phase), sampled)
