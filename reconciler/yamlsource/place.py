"""The Place of a value in its text, and of what is in it."""

from typing import Protocol

from reconciler.diagnostics import Location


class Mark(Protocol):
    """A point between two characters, as the parser counts: from 0."""

    @property
    def line(self) -> int:
        """Its line."""

    @property
    def column(self) -> int:
        """How many characters of the line stand before it."""


class Place:
    """Where one value stands; a scalar's text as it was written, or the places of what a collection holds."""

    __slots__ = ("end", "is_blank", "items", "keys", "merge", "start", "text")

    def __init__(self, start: Mark, end: Mark, text: str | None = None, *, is_blank: bool = False) -> None:
        self.start = start
        self.end = end
        self.text = text
        self.is_blank = is_blank
        """Whether nothing is written: the parser places it at the next thing that is, lines below perhaps."""
        self.items: list[Place] | None = None
        self.keys: dict[str, tuple[Place, Place]] | None = None
        self.merge: Place | None = None

    def location(self, file: str) -> Location:
        """The place as messages name it."""
        return location(file, self.start, self.end)

    def step(self, part: str | int) -> "tuple[Place, Place] | None":
        """The places of the key and the value one step further; of an item, its own twice."""
        if self.items is not None:
            found = isinstance(part, int) and 0 <= part < len(self.items)
            return (self.items[part], self.items[part]) if found and isinstance(part, int) else None
        if self.keys is None:
            return None
        # What a merge brings in is mended where the merge stands.
        merged = None if self.merge is None else (self.merge, self.merge)
        return self.keys.get(str(part), merged)


def location(file: str, start: Mark, end: Mark) -> Location:
    """What stands between two marks. Blanks and line ends behind it are not counted, so the end may be the start."""
    return Location(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
