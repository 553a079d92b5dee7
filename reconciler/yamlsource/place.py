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

    __slots__ = ("end", "start", "text")

    # A scalar has none of these, and nine places in ten are a scalar's: a Branch has them.
    items: "list[Place] | None" = None
    keys: "dict[str, tuple[Place, Place]] | None" = None
    merge: "Place | None" = None

    def __init__(self, start: Mark, end: Mark, text: str | None = None) -> None:
        self.start = start
        self.end = end
        self.text = text

    @property
    def is_blank(self) -> bool:
        """Whether nothing is written: the parser places it at the next thing that is, lines below perhaps."""
        return self.text == "" and (self.start.line, self.start.column) == (self.end.line, self.end.column)

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


class Branch(Place):
    """Where a collection stands, and what is in it: `items` of a list, `keys` of a mapping with their values."""

    __slots__ = ("items", "keys", "merge")

    def __init__(self, start: Mark, end: Mark, *, is_mapping: bool) -> None:
        super().__init__(start, end)
        self.items = None if is_mapping else []
        self.keys = {} if is_mapping else None
        self.merge = None


def location(file: str, start: Mark, end: Mark) -> Location:
    """What stands between two marks. Blanks and line ends behind it are not counted, so the end may be the start."""
    return Location(file, start.line + 1, start.column + 1, end.line + 1, end.column + 1)
