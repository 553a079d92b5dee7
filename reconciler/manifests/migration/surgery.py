"""Edits of a text at exact positions. What they do not name stays as it is, to the byte.

They lean on where a Document says that its keys and values stand. What they cannot do without guessing, they refuse;
what they do is read again by whoever asked for it.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reconciler.diagnostics import Location
from reconciler.yamlsource import Document, YamlPath, dotted

_LINE_END = re.compile(r"\r\n|[\n\r\x85\u2028\u2029]")
_PROPERTIES = re.compile(r"(?:[&!]\S*[ \t]+)*")
_STEP = 2


class Unmovable(ValueError):
    """An edit that cannot be made to this text without guessing: a person must make it."""


@dataclass(frozen=True)
class _Span:
    start: int
    end: int


def renamed(text: str, document: Document, path: YamlPath, name: str) -> str:
    """The text with the key at `path` under another name. Raises Unmovable."""
    span = _key(text, document, path)
    return text[: span.start] + _quoted_as(text[span.start : span.end], name) + text[span.end :]


def rewritten(text: str, document: Document, path: YamlPath, change: Callable[[str], str]) -> str:
    """The text with the scalar at `path` changed. Raises Unmovable."""
    _key(text, document, path)
    span = _without_properties(text, _span(text, document.locate(path)))
    raw, value = text[span.start : span.end], document.source(path)
    if value is None or raw.strip("'\"") != value:
        raise Unmovable(f"{dotted(path)} is not written where it stands, or with escapes")
    return text[: span.start] + _quoted_as(raw, change(value)) + text[span.end :]


def moved(text: str, document: Document, path: YamlPath, target: YamlPath) -> str:
    """The text with the key at `path`, its value and its comments at `target`. Raises Unmovable."""
    key, is_inline = _key(text, document, path), _is_flow(text, document, path[:-1])
    into_braces = _is_flow(text, document, target[:-1])
    gone = _emptied(text, document, path, target)
    if not is_inline:
        gone.append(_cut(text, key.start))
    elif not gone:
        gone.append(_cut_inline(text, document, path))
    if into_braces:
        place, written = _put_inline(text, document, target, _inline(text, document, path, str(target[-1])), gone)
    elif is_inline:
        place, written = _put(text, document, target, _inline(text, document, path, str(target[-1])), 0)
    else:
        above, below = _comments_above(text, key.start), text[key.end : _end_of_block(text, key.start)]
        name = _quoted_as(text[key.start : key.end], str(target[-1]))
        column = _column(text, key.start)
        place, written = _put(text, document, target, f"{above}{' ' * column}{name}{below}", column)
    for begin, end, piece in sorted([*((span.start, span.end, "") for span in gone), (place, place, written)])[::-1]:
        text = text[:begin] + piece + text[end:]
    return text


def _put(text: str, document: Document, target: YamlPath, lines: str, column: int) -> tuple[int, str]:
    """Where the lines of a key go that were at `column`, and what is written there."""
    place, indent, head = _destination(text, document, target)
    line_end = "\r\n" if "\r\n" in text else "\n"
    # What stood at the end of a file may lack the end of its line, on either side of where it is put.
    before = "" if text[:place].endswith("\n") else line_end
    behind = "" if lines.endswith("\n") else line_end
    return place, before + (head + line_end if head else "") + _shifted(lines, indent - column) + behind


def _put_inline(text: str, document: Document, target: YamlPath, pair: str, gone: Sequence[_Span]) -> tuple[int, str]:
    """Where a key and its value go in braces, and what is written there, once what is `gone` is."""
    parent = target[:-1]
    if isinstance(parent[-1], str) and parent[-1] not in document_keys(document, parent[:-1]):
        parent, pair = parent[:-1], f"{parent[-1]}: {{{pair}}}"
    place = len(text[: _span(text, document.locate(parent)).end - 1].rstrip())
    if "#" in text[_line_start(text, place) : place]:
        raise Unmovable("a comment stands where the key would be put in braces")
    before = text[:place]
    for span in gone:
        before = text[: span.start].rstrip() if span.start < place <= span.end else before
    return place, {"{": "", ",": " "}.get(before[-1], ", ") + pair


def _inline(text: str, document: Document, path: YamlPath, name: str) -> str:
    """A key, under another name, and its value on one line. Raises Unmovable where they are more than that."""
    key, end = _key(text, document, path), _span(text, document.locate(path)).end
    pair = _quoted_as(text[key.start : key.end], name) + text[key.end : end]
    rest = "" if _is_flow(text, document, path[:-1]) else text[end : _end_of_block(text, key.start)]
    if end <= key.end or "\n" in pair or (rest + _comments_above(text, key.start)).strip():
        raise Unmovable(f"{dotted(path)} is more than a key and a value on one line")
    return pair


def _cut_inline(text: str, document: Document, path: YamlPath) -> _Span:
    """What goes of braces when a key of theirs does: it, its value, and one comma."""
    start, end = _key(text, document, path).start, _span(text, document.locate(path)).end
    if behind := re.compile(r"[ \t]*,[ \t]*").match(text, end):
        return _Span(start, behind.end())
    return _Span(len(text[:start].rstrip(" \t,")) if "," in text[:start].rstrip()[-1:] else start, end)


def document_keys(document: Document, path: YamlPath) -> list[str]:
    """The keys of the mapping at `path`."""
    data = document.data
    for part in path:
        data = data[part]
    return list(data) if isinstance(data, dict) else []


def _destination(text: str, document: Document, target: YamlPath) -> tuple[int, int, str]:
    """Where a key is put, at which column, and what has to stand above it: the key of a mapping that is not there."""
    parent = target[:-1]
    is_there = not parent or isinstance(parent[-1], int) or parent[-1] in document_keys(document, parent[:-1])
    beside = parent if is_there else parent[:-1]
    last = document_keys(document, beside)[-1]
    key = _key(text, document, (*beside, last))
    place, column = _end_of_block(text, key.start), _column(text, key.start)
    return (place, column, "") if is_there else (place, column + _STEP, f"{' ' * column}{parent[-1]}:")


def _emptied(text: str, document: Document, path: YamlPath, target: YamlPath) -> list[_Span]:
    """What goes of the key of a mapping whose only key goes elsewhere. The comments beside and above it stay."""
    mapping = path[:-1]
    if len(mapping) < 2 or len(document_keys(document, mapping)) > 1 or target[: len(mapping)] == mapping:
        return []
    if isinstance(mapping[-1], int):
        raise Unmovable(f"{dotted(path)} is all that its item of a list has")
    parent = _key(text, document, mapping)
    if "\n" in text[parent.start : _span(text, document.locate(mapping)).end] and _is_flow(text, document, mapping):
        raise Unmovable(f"{dotted(mapping)} is left empty in braces of several lines")
    if _is_flow(text, document, mapping[:-1]):
        return [_cut_inline(text, document, mapping)]
    if text[_line_start(text, parent.start) : parent.start].strip(" "):
        raise Unmovable(f"{dotted(mapping)} is left empty behind a dash")
    comment = re.compile(r"[^#\n]*(?=#)").match(text, parent.end)
    if comment:
        return [_Span(parent.start, comment.end())]
    return [_Span(_line_start(text, parent.start), _line_end(text, parent.start))]


def _cut(text: str, start: int) -> _Span:
    """What goes when the key that begins at `start` does: its lines, with the comments right above it.

    Behind a dash, the next key takes its place.
    """
    end, column = _end_of_block(text, start), _column(text, start)
    if not text[_line_start(text, start) : start].strip(" "):
        return _Span(_line_start(text, start) - len(_comments_above(text, start)), end)
    if text[end : end + column].strip(" ") or not re.compile(r"[^\s#-]").match(text, end + column):
        raise Unmovable("nothing that could take its place follows the key behind a dash")
    return _Span(start, end + column)


def _end_of_block(text: str, start: int) -> int:
    """Where the lines of the key that begins at `start` end: what is indented below it, and dashes at its column."""
    column = _column(text, start)
    end = position = _line_end(text, start)
    while position < len(text):
        stop = _line_end(text, position)
        line = text[position:stop]
        position = stop
        content = line.lstrip(" ")
        blanks = len(line) - len(content)
        is_inside = blanks > column or (blanks == column and re.match(r"-\s", content) is not None)
        if content.strip() and is_inside:
            end = stop
        elif content.strip() and not content.startswith("#"):
            break
    return end


def _comments_above(text: str, start: int) -> str:
    """The comments right above the key that begins at `start`. One that is set in deeper is of what ends there."""
    column, begin = _column(text, start), _line_start(text, start)
    first = begin
    if text[begin:start].strip(" "):
        return ""
    while first > 0 and re.match(rf" {{0,{column}}}#", text[_line_start(text, first - 1) : first]):
        first = _line_start(text, first - 1)
    return text[first:begin]


def _shifted(block: str, by: int) -> str:
    """The lines of a block at another indent."""
    lines = re.findall(r"[^\n]*\n|[^\n]+", block)
    return "".join(line if not line.strip() else " " * max(_blanks(line) + by, 0) + line.lstrip(" ") for line in lines)


def _blanks(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _column(text: str, position: int) -> int:
    return position - _line_start(text, position)


def _is_flow(text: str, document: Document, path: YamlPath) -> bool:
    """Whether the mapping at `path`, or the nearest above it that is there, is written in braces."""
    span = _without_properties(text, _span(text, document.locate(path)))
    return text[span.start : span.start + 1] == "{"


def _key(text: str, document: Document, path: YamlPath) -> _Span:
    """Where the key at `path` is written, its quotes included."""
    span = _without_properties(text, _span(text, document.locate_key(path)))
    if text[span.start : span.end].strip("'\"") != path[-1]:
        raise Unmovable(f"{dotted(path)} comes from a merge or is not written plainly")
    return span


def _span(text: str, place: Location) -> _Span:
    starts = [0, *(match.end() for match in _LINE_END.finditer(text))]
    return _Span(starts[place.line - 1] + place.column - 1, starts[place.end_line - 1] + place.end_column - 1)


def _without_properties(text: str, span: _Span) -> _Span:
    match = _PROPERTIES.match(text, span.start)
    return _Span(match.end() if match else span.start, span.end)


def _quoted_as(raw: str, value: str) -> str:
    quote = raw[:1] if raw[:1] in ("'", '"') else ""
    return f"{quote}{value}{quote}"


def _line_start(text: str, position: int) -> int:
    return text.rfind("\n", 0, position) + 1


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end + 1
