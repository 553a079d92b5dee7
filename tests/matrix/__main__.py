"""`python -m tests.matrix`: how cells end, beside how they are stated to end; all of them, or some faults."""

import argparse
import sys
from collections.abc import Iterator, Sequence

from tests.matrix.cell import Found, run
from tests.matrix.cells import Cell, cells
from tests.matrix.phases import Phase
from tests.simulation.__main__ import quiet


def main(arguments: Sequence[str]) -> int:
    """The exit code: 1 where a cell ends otherwise than stated, or breaks a promise."""
    parser = argparse.ArgumentParser(prog="python -m tests.matrix", description=__doc__)
    parser.add_argument("faults", nargs="*", help="the beginnings of faults, such as `outage` or `reject:2`")
    parser.add_argument("--phase", type=lambda name: Phase[name], help=", ".join(phase.name for phase in Phase))
    parser.add_argument("--tell", action="store_true", help="what each report says, too")
    chosen = parser.parse_args(arguments)
    wanted = [each for each in cells() if each.phase is (chosen.phase or each.phase) and _named(each, chosen.faults)]
    wrong = 0
    with quiet():
        for cell in wanted:
            found = run(cell.fault, cell.phase)
            wrong += not as_stated(cell, found)
            sys.stdout.writelines(f"{line}\n" for line in _shown(cell, found, tell=chosen.tell))
            sys.stdout.flush()
    sys.stdout.write(f"{len(wanted)} cells, {wrong} otherwise than stated\n")
    return 1 if wrong else 0


def _named(cell: Cell, beginnings: Sequence[str]) -> bool:
    return not beginnings or any(str(cell.fault).startswith(each) for each in beginnings)


def as_stated(cell: Cell, found: Found) -> bool:
    """Whether it came so, and no promise was broken."""
    return (found.outcome, found.code) == (cell.end.outcome, cell.end.code) and not found.breaches


def _shown(cell: Cell, found: Found, *, tell: bool) -> Iterator[str]:
    measured = f"{found.outcome}, {found.code}"
    mark = "  " if as_stated(cell, found) else "!!"
    stated = f"{cell.end.outcome}, {cell.end.code:d}"
    yield f"{mark} {cell.fault!s:28} {cell.phase:24} {measured:22} {found.seconds:6.1f} s   stated {stated}"
    yield from (f"     {breach}" for breach in found.breaches)
    yield from (f"     {words}" for words in found.told if tell)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
