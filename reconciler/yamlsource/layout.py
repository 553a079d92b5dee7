"""The canonical layout of a YAML text: its indents, blanks and line breaks. Nothing else is touched.

Two blanks for each level, lists indented below their key, one blank behind `-`, `:` and `,`, two before a comment, at
most one blank line in a row, one line break at the end. Every line stays a line: none is joined or broken. Values keep
their quotes and digits, comments their words.

The text must be one that `load` finds nothing wrong with, its lines ended by `\n`. What it means stays the same; who
writes the result checks that all the same, by `load` and `comments`.
"""

import re
from collections.abc import Iterator

from yaml import tokens as scanned

from reconciler.yamlsource.pieces import Piece, Unplaced, closed_between, pieces
from reconciler.yamlsource.words import shown

__all__ = ["Unplaced", "comments", "laid_out"]

_BLANKS = " \t"
_ITEM = re.compile(r"#+ *-(\s|$)")
_NAMES = (scanned.AliasToken, scanned.AnchorToken, scanned.TagToken)
_CLOSES = (scanned.FlowMappingEndToken, scanned.FlowSequenceEndToken, scanned.FlowEntryToken)
_OPENS = (scanned.FlowMappingStartToken, scanned.FlowSequenceStartToken)


def laid_out(text: str) -> str:
    """`text` in the canonical layout. Raises `Unplaced`."""
    written: list[str] = []
    for before, gap, after in _gaps(text, pieces(text)):
        written.append(_between(before, gap, after))
        if after is not None:
            written.append(_written(text, after))
    return "".join(written)


def comments(text: str) -> list[str]:
    """Every comment of `text` from its `#` on, in order, without the blanks behind it. Raises `Unplaced`."""
    found: list[str] = []
    for _, gap, after in _gaps(text, pieces(text)):
        found.extend(comment for line in gap.split("\n") if (comment := _comment(line)))
        if after is not None and after.block is not None and after.block.comment:
            found.append(after.block.comment)
    return found


def _gaps(text: str, found: list[Piece]) -> Iterator[tuple[Piece | None, str, Piece | None]]:
    """What stands before, between and behind the pieces."""
    before: Piece | None = None
    for piece in found:
        yield before, text[before.end if before else 0 : piece.start], piece
        before = piece
    yield before, text[before.end if before else 0 :], None


def _between(before: Piece | None, gap: str, after: Piece | None) -> str:
    lines = gap.split("\n")
    if len(lines) == 1 and before is not None and after is not None:
        return _separator(before, after)
    written = ""
    if before is not None:
        comment = _comment(lines.pop(0))
        written = f"  {comment}\n" if comment else "\n"
    if after is not None and (lead := lines.pop()).strip(_BLANKS):
        raise Unplaced(f"{shown(lead)} stands where only a comment could")
    own = _collapsed([_own_line(line, before, after) for line in lines])
    if before is None and own[:1] == [""]:
        own.pop(0)
    if after is None and own[-1:] == [""]:
        own.pop()
    return written + "".join(f"{line}\n" for line in own) + (" " * after.indent if after else "")


def _collapsed(lines: list[str]) -> list[str]:
    """At most one blank line in a row."""
    return [line for place, line in enumerate(lines) if line or not place or lines[place - 1]]


def _own_line(line: str, before: Piece | None, after: Piece | None) -> str:
    comment = _comment(line)
    column = len(line) - len(line.lstrip(_BLANKS))
    return " " * _indent_of_comment(comment, column, before, after) + comment if comment else ""


def _indent_of_comment(comment: str, column: int, before: Piece | None, after: Piece | None) -> int:
    """A comment belongs to what follows it, or to a collection that ends above it where it is indented as that is.

    Where dashes stand at the column of their key, that leaves it open; an item that is commented out belongs to them.
    """
    if before is not None and before.flow is not None:
        return before.flow
    next_column, next_indent = (after.column, after.indent) if after else (0, 0)
    if before is None or column < next_column:
        return next_indent
    fitting = [level for level in closed_between(before, after) if level.column <= column]
    if not fitting or (column == next_column and not _ITEM.match(comment)):
        return next_indent
    return fitting[-1].indent


def _comment(line: str) -> str:
    comment = line.strip(_BLANKS)
    if comment and not comment.startswith("#"):
        raise Unplaced(f"{shown(comment)} stands where only a comment could")
    return comment


def _separator(before: Piece, after: Piece) -> str:
    """What stands between two pieces of one line."""
    if isinstance(after.token, scanned.ValueToken):
        return " " if isinstance(before.token, (*_NAMES, scanned.KeyToken, scanned.FlowEntryToken)) else ""
    if isinstance(after.token, _CLOSES):
        return " " if isinstance(before.token, (scanned.ValueToken, scanned.KeyToken, *_NAMES[1:])) else ""
    return "" if isinstance(before.token, _OPENS) else " "


def _written(text: str, piece: Piece) -> str:
    if piece.block is not None:
        return piece.block.written(piece.levels)
    raw = text[piece.start : piece.end]
    if "\n" not in raw:
        return raw
    is_double = isinstance(piece.token, scanned.ScalarToken) and piece.token.style == '"'
    first, *further = (_trimmed(line, is_double=is_double) for line in raw.split("\n"))
    inner = (line.lstrip(_BLANKS) for line in further)
    return "\n".join([first, *(" " * piece.inner + line if line else "" for line in inner)])


def _trimmed(line: str, *, is_double: bool) -> str:
    """Without the blanks at its end, but for one that a backslash makes a part of the text."""
    kept = line.rstrip(_BLANKS)
    slashes = len(kept) - len(kept.rstrip("\\"))
    return line[: len(kept) + 1] if is_double and slashes % 2 and len(kept) < len(line) else kept
