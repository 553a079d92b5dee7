"""The layout of a lock file's text: what stands before, between and after its entries, line by line."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reconciler.manifests.contract_lock import LockedContract
from reconciler.yamlsource import roundtrip

_INDENT = 2
_KEY = re.compile(r"contracts:(?P<flow>[ \t]*\[[ \t]*\])?(?P<rest>[ \t]*(#.*)?)\n")


@dataclass(frozen=True)
class Block:
    """One entry's lines: comments that a blank line sets apart from it, those right above it, and its own."""

    entry: LockedContract
    apart: list[str]
    lead: list[str]
    body: list[str]


@dataclass(frozen=True)
class Layout:
    """`head` ends with the line of the list's key; `column` is that of the list's dashes, from 0."""

    head: list[str]
    blocks: list[Block]
    tail: list[str]
    column: int

    def key_line(self, *, is_empty: bool) -> str:
        """The line of the list's key, with its comment."""
        found = _KEY.fullmatch(self.head[-1])
        rest = "" if found is None else found["rest"]
        return f"contracts:{' []' if is_empty else ''}{rest}\n"


def lay_out(text: str, entries: Sequence[LockedContract]) -> Layout | None:
    """The layout of a text that has these entries; None where they do not stand line below line."""
    found = _in_lines(text, entries)
    if found is None and entries:
        document = roundtrip.read(text)[0]
        roundtrip.in_blocks(document["contracts"])
        found = _in_lines(roundtrip.write([document]), entries)
    return found


def lines_of(text: str) -> list[str]:
    """The lines of a text, each with its end, which the last one is given where it has none."""
    return [f"{line}\n" for line in text.removesuffix("\n").split("\n")]


def _in_lines(text: str, entries: Sequence[LockedContract]) -> Layout | None:
    lines = lines_of(text)
    key = next((number for number, line in enumerate(lines) if _KEY.fullmatch(line)), None)
    if key is None:
        return None
    column, end = _extent(lines, key)
    dashes = [number for number in range(key + 1, end) if _is_dash(lines[number], column)]
    if len(dashes) != len(entries):
        return None
    blocks: list[Block] = []
    gap = lines[key + 1 : dashes[0] if dashes else end]
    for entry, begin, after in zip(entries, dashes, [*dashes, end][1:], strict=True):
        body, rest = _body(lines[begin:after], column)
        lead = _attached(gap)
        blocks.append(Block(entry, gap[: len(gap) - lead], gap[len(gap) - lead :], body))
        gap = rest
    return Layout(lines[: key + 1], blocks, [*gap, *lines[end:]], column)


def _extent(lines: Sequence[str], key: int) -> tuple[int, int]:
    """The column of the list's dashes, and the line behind its last one."""
    column, end = _INDENT, len(lines)
    has_begun = False
    for number in range(key + 1, len(lines)):
        line = lines[number]
        indent = len(line) - len(line.lstrip(" "))
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if not has_begun and line.lstrip().startswith("-"):
            column, has_begun = indent, True
        elif indent == 0 and not _is_dash(line, column):
            return column, number
    return column, end


def _is_dash(line: str, column: int) -> bool:
    return line.startswith(" " * column + "-") and line[column + 1 : column + 2] in (" ", "\n")


def _body(lines: list[str], column: int) -> tuple[list[str], list[str]]:
    """An entry's own lines, with the comments that are set in like its keys; and what stands behind them."""
    own = max(number for number, line in enumerate(lines) if _belongs(line, column)) + 1
    return lines[:own], lines[own:]


def _belongs(line: str, column: int) -> bool:
    text = line.lstrip(" ")
    is_set_in = len(line) - len(text) > column
    return bool(text.strip()) and (is_set_in or not text.startswith("#"))


def _attached(gap: Sequence[str]) -> int:
    """How many comment lines stand right above what follows."""
    count = 0
    for line in reversed(gap):
        if not line.strip():
            break
        count += 1
    return count
