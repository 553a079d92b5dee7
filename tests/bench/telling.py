"""How benches tell what they found: a line as soon as it is known, and whether a goal was met."""

import sys


def tell(line: object) -> None:
    """Print a line, at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def goal(met: bool, told: str) -> str:
    """What was promised, behind a word on whether it was kept."""
    return f"{'PASS' if met else 'MISS'}  {told}"
