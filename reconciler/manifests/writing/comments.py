"""Comments of a YAML text, line by line: to be carried over where the text itself is not."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Comment:
    """One comment without its `#`. Line and column count from 1; `stands_alone` where nothing else is on the line."""

    line: int
    column: int
    text: str
    stands_alone: bool


def comments_of(text: str) -> Iterator[Comment]:
    """Every comment, in order. Quotes are heeded within a line; text over several lines is not looked into."""
    for number, line in enumerate(text.splitlines(), start=1):
        place = _begin(line)
        if place is not None:
            words = line[place:].lstrip("#").strip()
            if words:
                yield Comment(number, place + 1, words, stands_alone=not line[:place].strip())


def _begin(line: str) -> int | None:
    """Where the comment of a line begins: at a `#` that is outside of quotes, at the beginning or after a blank."""
    quote = ""
    for place, character in enumerate(line):
        if quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "#" and (place == 0 or line[place - 1].isspace()):
            return place
    return None
