"""Prints every ratio. A ratio compares two things measured in turn on the same machine in the same minute."""

from tests.bench import journal, planning, startup
from tests.bench.telling import tell


def main() -> None:
    for bench in (startup, planning, journal):
        for line in bench.lines():
            tell(line)


main()
