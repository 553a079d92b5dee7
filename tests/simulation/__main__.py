"""`python -m tests.simulation`: live one seed or a range of them, and say what replays a failure exactly."""

import argparse
import logging
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.simulation.life import Course, Lived, live
from tests.simulation.planted import PLANTED
from tests.simulation.world import sound

DAYS = 5


def commit() -> str:
    """The commit of the code that ran, with a mark where the tree differs from it."""
    asked = ["git", "describe", "--always", "--dirty", "--abbrev=40"]
    described = subprocess.run(asked, check=False, capture_output=True, text=True)
    return described.stdout.strip() or "no commit"


def failure(lived: Lived) -> str:
    """What a person needs to see a broken promise again."""
    told = "\n".join(f"  {breach}" for breach in lived.breaches)
    course = lived.course
    bug = next((f" PLANT={name}" for name, plant in PLANTED.items() if plant is course.plant), "")
    again = f"make simulate SEED={course.seed} DAYS={course.days}{'' if course.faults else ' FAULTS=no'}{bug}"
    return f"seed {course.seed} at commit {commit()}:\n{told}\n  replay: {again}"


def seeds(text: str) -> range:
    """`7`, or `1-500`."""
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def main(arguments: Sequence[str]) -> int:
    """The exit code: 1 where a promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=seeds, default=range(1, 2), help="a seed, or a range of them: 1-500")
    parser.add_argument("--days", type=int, default=DAYS, help="trading days of each seed, before the calm one")
    parser.add_argument("--faults", choices=["yes", "no"], default="yes")
    parser.add_argument("--plant", choices=list(PLANTED), help="with a bug that must be found")
    parser.add_argument("--trace", type=Path, help="write every message and event to this file")
    chosen = parser.parse_args(arguments)
    with quiet():
        return lived_through(chosen)


@contextmanager
def quiet() -> Iterator[None]:
    """Without the log lines of the product: a gateway's notices are part of the trace."""
    logger = logging.getLogger("folioctl")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def lived_through(chosen: argparse.Namespace) -> int:
    """The exit code for the seeds that were chosen."""
    counts: Counter[str] = Counter()
    broken, began = 0, time.perf_counter()
    for seed in chosen.seed:
        plant = PLANTED.get(chosen.plant, sound)
        course = Course(seed, chosen.days, chosen.faults == "yes", plant, whole_trace=chosen.trace is not None)
        with tempfile.TemporaryDirectory() as directory:
            lived = live(course, Path(directory))
        counts.update(lived.counts)
        if chosen.trace:
            chosen.trace.write_text("\n".join(lived.events) + "\n")
        if lived.breaches:
            broken += 1
            sys.stdout.write(f"{failure(lived)}\n")
            sys.stdout.flush()
    spent = time.perf_counter() - began
    days = len(chosen.seed) * (chosen.days + 1)
    ends = ", ".join(f"{count} {kind}" for kind, count in counts.most_common())
    sys.stdout.write(f"{len(chosen.seed)} seeds, {days} days, {spent / days:.3f} s a day, {broken} broken; {ends}\n")
    if len(chosen.seed) == 1:
        sys.stdout.write(f"trace {lived.digest} of {lived.lines} lines\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
