"""Block scalars (`|` and `>`): where their content begins and ends, and how it is written at another indent."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reconciler.yamlsource.level import STEP, Level

_HEADER = re.compile(r"([|>])([+-]?)([1-9]?)([+-]?)[ \t]*(#[^\n]*)?")


@dataclass(frozen=True)
class BlockScalar:
    """A block scalar as it stands in a text. `lines` are without their indent; blank ones are empty."""

    style: str
    chomping: str
    width: int
    """The indent that its header states; 0 where the first line says it."""
    comment: str
    column: int
    """Where its content begins in the text, in columns."""
    lines: Sequence[str]
    end: int
    """The index behind its last line, before the line break."""

    def written(self, levels: Sequence[Level]) -> str:
        """The scalar at the indent that belongs to it. By itself, outside of any collection, it stays where it is."""
        indent = levels[-1].indent + (self.width or STEP) if levels else self.column
        header = f"{self.style}{self.width or ''}{self.chomping}"
        first = f"{header}  {self.comment}" if self.comment else header
        return "\n".join([first, *(" " * indent + line if line else "" for line in self.lines)])


def read(text: str, start: int, levels: Sequence[Level]) -> BlockScalar:
    """The block scalar whose `|` or `>` stands at `start`, inside of the collections that are open there.

    Raises ValueError where none does.
    """
    header = _HEADER.match(text, start)
    if header is None:
        raise ValueError("no block scalar begins here")
    style, before, width, after, comment = header.groups()
    chomping = before or after
    least = next((level.column + 1 for level in reversed(levels) if level.is_marked), 0)
    below = list(_lines(text, header.end()))
    column = max(least, 1) + int(width) - 1 if width else max(least, _first_column(text, below))
    content = _content(text, below, column, keeps=chomping == "+")
    end = content[-1][1] if content else header.end()
    is_cut_off = bool(content) and end == len(text)
    return BlockScalar(
        style=style,
        # The last line has no break. It gets one, which must not become a part of the value.
        chomping="-" if is_cut_off else chomping,
        width=int(width or 0),
        comment=(comment or "").rstrip(" \t"),
        column=column,
        lines=["" if _is_blank(text[begin:stop], column) else text[begin + column : stop] for begin, stop in content],
        end=end,
    )


_Span = tuple[int, int]


def _lines(text: str, position: int) -> Iterator[_Span]:
    """Where each line below the header begins and ends. An empty one at the very end is none."""
    while (end := text.find("\n", position)) >= 0 and end + 1 < len(text):
        begin = end + 1
        stop = text.find("\n", begin)
        yield begin, len(text) if stop < 0 else stop
        position = begin


def _first_column(text: str, lines: Sequence[_Span]) -> int:
    deepest = 0
    for begin, stop in lines:
        line = text[begin:stop]
        blanks = len(line) - len(line.lstrip(" "))
        deepest = max(deepest, blanks)
        if blanks < len(line):
            break
    return deepest


def _content(text: str, lines: Sequence[_Span], column: int, *, keeps: bool) -> list[_Span]:
    found: list[_Span] = []
    filled = 0
    for begin, stop in lines:
        line = text[begin:stop]
        if _is_blank(line, column):
            if stop == len(text) and line:
                break
            found.append((begin, stop))
            continue
        if not line.startswith(" " * column):
            break
        found.append((begin, stop))
        filled = len(found)
    return found if keeps else found[:filled]


def _is_blank(line: str, column: int) -> bool:
    return len(line) <= column and not line.strip(" ")
