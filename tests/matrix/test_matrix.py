"""Every cell of the fault matrix ends as it is stated, within the policy's limits, and breaks no promise."""

from collections import Counter

import pytest

from reconciler.simgateway.quirks.registry import mistake
from tests.matrix.cell import run
from tests.matrix.cells import Cell, cells, rows
from tests.matrix.fault import Fault, catalogued
from tests.matrix.phases import Phase
from tests.simulation.__main__ import quiet

pytestmark = pytest.mark.broker


def parameter(cell: Cell) -> object:
    return pytest.param(cell, id=str(cell), marks=() if cell.sampled else pytest.mark.full)


@pytest.mark.parametrize("cell", [parameter(cell) for cell in cells()])
def test_it_ends_as_stated_and_the_next_apply_in_sync(cell: Cell) -> None:
    with quiet():
        found = run(cell.fault, cell.phase)
    assert found.breaches == []
    assert (found.outcome, found.code) == (cell.end.outcome, cell.end.code), found.told
    assert found.struck


def test_every_quirk_and_every_mode_of_the_catalogue_has_its_row() -> None:
    stated = {fault.always for row in rows() for fault in row.faults}
    assert sorted(set(catalogued()) - stated) == []
    assert [text for text in stated if mistake(text)] == []


def test_no_fault_stands_in_two_rows_and_every_row_says_what_it_is_and_why() -> None:
    faults = Counter(fault for row in rows() for fault in row.faults)
    assert [str(fault) for fault, times in faults.items() if times > 1] == []
    assert [row for row in rows() if not (row.faults and row.meaning and row.why)] == []


def test_the_same_cell_is_the_same_to_the_last_message() -> None:
    with quiet():
        first, again = (run(Fault("delayed-ack"), Phase.IN_SECOND) for _ in range(2))
    assert first == again
    assert len(first.digest) == 64
