"""Prints every ratio. A ratio compares two things measured in turn on the same machine in the same minute."""

import sys

from tests.bench import journal, planning, startup


def main() -> None:
    for bench in (startup, planning, journal):
        for line in bench.lines():
            sys.stdout.write(line + "\n")


main()
