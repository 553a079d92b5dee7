"""One entry of a lock file in the place of another: the keys that say something else are written anew, the rest stays.

the same   stays byte for byte
anew       its value is; the comment behind it stays there, those inside of it come to stand above the key
gone       its comments stay
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from reconciler import yamlsource
from reconciler.yamlsource import Comment


@dataclass(frozen=True)
class _Segment:
    """One key: the comments above it, its own lines, and the comments in those."""

    key: str
    above: Sequence[str]
    lines: Sequence[str]
    beside: Comment | None
    inside: Sequence[Comment]


def replaced(
    body: Sequence[str], anew: Mapping[str, Sequence[str]], gone: Collection[str], order: Sequence[str]
) -> list[str] | None:
    """An entry's lines with the keys `anew`, each by its lines from column 0, and without those that are `gone`.

    A new key goes behind the one that stands before it in `order`. None where the entry is not written key below key,
    or where comments or another key would have to stand before its dash.
    """
    column, found = _segments(body)
    if not found or found[0].key in gone or (found[0].key in anew and found[0].inside):
        return None
    known, written = {each.key for each in found}, list[str]()
    for each in found:
        written += [*each.above, *_written(each, anew, gone, column)]
        for key in _following(each.key, known, order):
            written += _set_in(anew.get(key, ()), column)
    return [*written, *body[sum(len(each.above) + len(each.lines) for each in found) :]]


def comments_of(body: Sequence[str], column: int) -> list[str]:
    """The comments of an entry, as lines of their own."""
    return _alone(yamlsource.comments("".join(body)), column)


def _segments(body: Sequence[str]) -> tuple[int, list[_Segment]]:
    """The column of an entry's keys, and each of them; nothing where they do not stand line below line."""
    text = "".join(body)
    documents, found = yamlsource.load(text, "entry")
    keys = [] if found else list(documents[0].data[0])
    places = [documents[0].locate_key((0, key)) for key in keys]
    begins = [place.line - 1 for place in places]
    if begins != sorted(set(begins)) or begins[:1] != [0] or documents[0].locate((0,)) != places[0]:
        return 0, []  # nothing is in it, a key comes from elsewhere, or a brace stands before the first
    comments = yamlsource.comments(text)
    alone = {each.line - 1 for each in comments if each.is_alone}
    ends = [_end(body, after, alone) for after in (*begins[1:], len(body))]
    segments = []
    for key, start, begin, end in zip(keys, [0, *ends[:-1]], begins, ends, strict=True):
        own = [each for each in comments if begin < each.line <= end]
        beside = next((each for each in own if each.line == begin + 1), None)
        inside = [each for each in own if each is not beside]
        segments.append(_Segment(key, body[start:begin], body[begin:end], beside, inside))
    return places[0].column - 1, segments


def _end(body: Sequence[str], after: int, alone: Collection[int]) -> int:
    """Where the lines of a key end, before the comments above the next one, at `after`."""
    while not body[after - 1].strip() or after - 1 in alone:
        after -= 1
    return after


def _written(segment: _Segment, anew: Mapping[str, Sequence[str]], gone: Collection[str], column: int) -> Sequence[str]:
    if segment.key in gone:
        return _alone([each for each in (segment.beside, *segment.inside) if each is not None], column)
    if segment.key not in anew:
        return segment.lines
    first, (value, *further) = segment.lines[0], anew[segment.key]
    comment = "" if segment.beside is None else _with_gap(first, segment.beside)
    line = f"{first[:column]}{value.rstrip()}{comment}\n"
    return [*_alone(segment.inside, column), line, *_set_in(further, column)]


def _with_gap(line: str, comment: Comment) -> str:
    """A comment with the blanks that stand before it."""
    return line[len(line[: comment.column - 1].rstrip()) : comment.column - 1] + comment.text


def _alone(comments: Iterable[Comment], column: int) -> list[str]:
    return _set_in([f"{each.text}\n" for each in comments], column)


def _set_in(lines: Iterable[str], column: int) -> list[str]:
    return [" " * column + line for line in lines]


def _following(key: str, known: Collection[str], order: Sequence[str]) -> Iterable[str]:
    """The keys behind `key` in the order, up to the next that is known."""
    return takewhile(lambda each: each not in known, order[order.index(key) + 1 :])
