"""The Pieces of a YAML text: whatever is no blank and no comment, with the place that a canonical layout gives it.

The text must be one that `load` finds nothing wrong with. Between two pieces stand blanks, line breaks and comments.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import yaml
from yaml import tokens as scanned

from reconciler.yamlsource import blockscalar
from reconciler.yamlsource.blockscalar import BlockScalar
from reconciler.yamlsource.level import STEP, Level
from reconciler.yamlsource.text import PARSER

_FLOW_STARTS = (scanned.FlowMappingStartToken, scanned.FlowSequenceStartToken)
_FLOW_ENDS = (scanned.FlowMappingEndToken, scanned.FlowSequenceEndToken)
_BLOCK_STARTS = (scanned.BlockMappingStartToken, scanned.BlockSequenceStartToken)
_OF_DOCUMENTS = (scanned.DirectiveToken, scanned.DocumentStartToken, scanned.DocumentEndToken)
_MARKS = (scanned.KeyToken, scanned.ValueToken, scanned.BlockEntryToken)
_UNSEEN = (scanned.StreamStartToken, scanned.StreamEndToken)


class Unplaced(ValueError):
    """A text whose pieces cannot be told from what stands between them. It is not to be laid out."""


@dataclass(frozen=True, eq=False)
class Piece:
    """One token of the text.

    `levels` are the block collections around it, `indent` is where it belongs when it is the first of its line,
    `inner` where its further lines do, and `flow` where a line belongs that begins behind it in `{}` or `[]`.
    """

    token: scanned.Token
    start: int
    end: int
    column: int
    levels: tuple[Level, ...]
    indent: int
    inner: int
    flow: int | None
    is_key: bool
    block: BlockScalar | None = None

    @property
    def ends_document(self) -> bool:
        """Whether it is a `---` or a `...`."""
        return isinstance(self.token, scanned.DocumentStartToken | scanned.DocumentEndToken)

    @property
    def is_question_mark(self) -> bool:
        """Whether it is the `?` of a key that is written behind one."""
        return isinstance(self.token, scanned.KeyToken)

    @property
    def word(self) -> str | None:
        """The text of a scalar, without its quotes; None of anything else."""
        return str(self.token.value) if isinstance(self.token, scanned.ScalarToken) else None


def pieces(text: str) -> list[Piece]:
    """Every piece of `text` in its order. Raises Unplaced."""
    walk = _Walk(text)
    try:
        for token in yaml.scan(text, Loader=PARSER):
            walk.take(token)
    except yaml.YAMLError as fault:
        raise Unplaced("the text is no YAML") from fault
    return walk.found


class _Walk:
    def __init__(self, text: str) -> None:
        self.found: list[Piece] = []
        self._text = text
        self._levels: list[Level] = []
        self._depth = 0
        self._base = self._least = 0
        self._is_key = False

    def take(self, token: scanned.Token) -> None:
        if isinstance(token, _UNSEEN):
            return
        if isinstance(token, _OF_DOCUMENTS):
            self._levels.clear()
            self._add(token, 0)
        elif isinstance(token, _BLOCK_STARTS):
            self._open(token, is_marked=True)
        elif isinstance(token, scanned.BlockEndToken):
            self._close_unmarked()
            self._levels.pop()
        elif isinstance(token, _MARKS) and not self._depth:
            self._take_mark(token)
        elif isinstance(token, _FLOW_STARTS):
            self._open_flow(token)
        elif isinstance(token, _FLOW_ENDS):
            self._depth -= 1
            self._add(token, max(self._base + STEP * self._depth, self._least))
        elif token.start_mark.index < token.end_mark.index:
            self._add(token, self._place())

    def _take_mark(self, token: scanned.Token) -> None:
        if isinstance(token, scanned.BlockEntryToken):
            if not (self._levels and self._levels[-1].is_sequence):
                self._open(token, is_marked=False)
        else:
            self._close_unmarked()
        self._is_key = isinstance(token, scanned.KeyToken)
        if token.start_mark.index < token.end_mark.index:
            self._add(token, self._levels[-1].indent)

    def _open(self, token: scanned.Token, *, is_marked: bool) -> None:
        is_sequence = isinstance(token, scanned.BlockSequenceStartToken | scanned.BlockEntryToken)
        self._levels.append(Level(token.start_mark.column, self._below(), is_sequence, is_marked))

    def _close_unmarked(self) -> None:
        if self._levels and not self._levels[-1].is_marked:
            self._levels.pop()

    def _open_flow(self, token: scanned.Token) -> None:
        if not self._depth:
            hangs = self._begins_line(token) or not self._levels or self._levels[-1].is_sequence
            self._base = self._place() if hangs else self._levels[-1].indent
            # Readers of the letter want a closing bracket to stand deeper than the key that it belongs to.
            self._least = self._below()
        place = self._place()
        self._depth += 1
        self._add(token, place)

    def _begins_line(self, token: scanned.Token) -> bool:
        index = token.start_mark.index
        return not self._text[self._text.rfind("\n", 0, index) + 1 : index].strip(" \t")

    def _add(self, token: scanned.Token, indent: int) -> None:
        start, end = token.start_mark.index, token.end_mark.index
        block = None
        if isinstance(token, scanned.ScalarToken) and token.style in ("|", ">"):
            block = blockscalar.read(self._text, start, self._levels)
            end = block.end
        piece = Piece(
            token=token,
            start=start,
            end=end,
            column=token.start_mark.column,
            levels=tuple(self._levels),
            indent=indent,
            inner=self._inside() if self._depth else max(self._below(), STEP),
            flow=self._inside() if self._depth else None,
            is_key=self._is_key,
            block=block,
        )
        self._is_key = False
        self.found.append(piece)

    def _place(self) -> int:
        """Where a key, or a value that begins a line, belongs."""
        if self._depth:
            return self._inside()
        return self._levels[-1].indent if self._is_key else self._below()

    def _inside(self) -> int:
        return self._base + STEP * self._depth

    def _below(self) -> int:
        return self._levels[-1].indent + STEP if self._levels else 0


def closed_between(before: Piece, after: Piece | None) -> Sequence[Level]:
    """The block collections that end between two pieces, the outermost first."""
    still_open = set(after.levels) if after is not None else set()
    return [level for level in before.levels if level not in still_open]
