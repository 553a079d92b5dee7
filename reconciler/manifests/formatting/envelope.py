"""The order of a manifest's first keys: `apiVersion`, `kind`, `metadata`, `spec`, then whatever else.

A key moves with its value, with the comments right above it, and with what is indented below it. What stands above the
first key stays where it is: it is the file's own.
"""

from collections.abc import Iterator, Sequence

from reconciler import yamlsource
from reconciler.yamlsource.pieces import Piece, pieces

ORDER = ("apiVersion", "kind", "metadata", "spec")


def arranged(text: str) -> str:
    """`text`, which is laid out, with the first keys of each of its manifests in order.

    Where an alias would come before its anchor, or a key stands behind a `?`, they stay as they are.
    """
    found = pieces(text)
    written: list[str] = []
    position = 0
    for document in _documents(found):
        blocks = _blocks(text, document, found)
        keys = [key for key, _, _ in blocks]
        if "kind" not in keys or sorted(keys, key=_rank) == keys:
            continue
        written.append(text[position : blocks[0][1]])
        parts = [text[begin:end] for _, begin, end in sorted(blocks, key=lambda block: _rank(block[0]))]
        written.extend(parts)
        position = blocks[-1][2]
    result = "".join([*written, text[position:]])
    return result if not yamlsource.load(result, "arranged")[1] else text


def _rank(key: str) -> int:
    return ORDER.index(key) if key in ORDER else len(ORDER)


def _documents(found: Sequence[Piece]) -> Iterator[list[int]]:
    """Where the pieces of each document are, without what separates documents."""
    places: list[int] = []
    for place, piece in enumerate(found):
        if not piece.ends_document:
            places.append(place)
        elif places:
            yield places
            places = []
    if places:
        yield places


def _blocks(text: str, document: Sequence[int], found: Sequence[Piece]) -> list[tuple[str, int, int]]:
    """Each key of a document's root with where its block begins and ends."""
    keys = [place for place in document if found[place].is_key and len(found[place].levels) == 1]
    if not keys or any(found[place].is_question_mark for place in keys):
        return []
    last = document[-1]
    begins = [_line_start(text, found[keys[0]].start), *(_split(text, found[k - 1], found[k].start) for k in keys[1:])]
    until = found[last + 1].start if last + 1 < len(found) else len(text)
    ends = [*begins[1:], _split(text, found[last], until)]
    return [(_name(found, place), begin, end) for place, begin, end in zip(keys, begins, ends, strict=True)]


def _name(found: Sequence[Piece], place: int) -> str:
    """The key that begins at a piece: an anchor or a tag may stand before it."""
    return next((each.word for each in found[place:] if each.word is not None), "")


def _line_start(text: str, position: int) -> int:
    return text.rfind("\n", 0, position) + 1


def _split(text: str, before: Piece, until: int) -> int:
    """Where, between a piece and the next key, what belongs to the next begins.

    That is behind the last blank line, else at the first comment that is not indented.
    """
    begin = text.find("\n", before.end) + 1
    gap = text[begin:until]
    blank = gap.rfind("\n\n") if "\n\n" in gap else 0 if gap.startswith("\n") else -1
    if blank >= 0:
        return begin + blank + (2 if gap.startswith("\n\n", blank) else 1)
    position = begin
    for line in gap.splitlines(keepends=True):
        if line.startswith("#") or position + len(line) > until:
            break
        position += len(line)
    return min(position, until)
