"""The Level: a block collection of a YAML text, where it stands and where it belongs."""

from dataclasses import dataclass

STEP = 2
"""Blanks for each level of indent, those of a list below its key included."""


@dataclass(frozen=True, eq=False)
class Level:
    """A block mapping or sequence that is open: the column of its keys or dashes, and the one that they should have."""

    column: int
    indent: int
    is_sequence: bool
    is_marked: bool = True
    """False for a list whose dashes stand at the column of its key: to the parser it opens no indent."""
