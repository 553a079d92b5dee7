"""Unknown: the value of what could not be read.

It blocks what depends on it and never turns into zero, flat, empty or cancelled. A type that may be unknown says so
(`Decimal | Unknown`), and the type checker holds every reader to it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Unknown:
    """Not known, and why: one clause for a person, without a final stop."""

    why: str

    def __str__(self) -> str:
        return f"unknown: {self.why}"

    def __bool__(self) -> bool:
        # `if value:` would read Unknown as present and `value or 0` as nothing. Both are bugs: ask with isinstance.
        raise TypeError(f"an Unknown has no truth value ({self.why})")


class Unread(Unknown):
    """The answer did not come, or not to its end: nothing was said, and to ask again may be enough."""
