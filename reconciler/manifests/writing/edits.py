"""Edits of a manifest's text at the places of its values: everything else stays to the byte, comments and layout too.

Whoever edits loads the text afterwards: what anchors and merges share is written once and read in several places.
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

from reconciler.diagnostics import Location
from reconciler.domain.errors import Refused
from reconciler.manifests.entry import Entry
from reconciler.yamlsource import YamlPath

_BREAK = re.compile(r"\r\n|\n|\r")
_MARK = "\ufeff"


@dataclass
class Source:
    """The text of one file, and what is to become of pieces of it. Edits do not overlap."""

    path: Path
    before: str
    _edits: list[tuple[int, int, str]] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> "Source":
        """The file. Raises Refused where it cannot be read again."""
        try:
            return cls(path, path.read_bytes().decode("utf-8"))
        except (OSError, UnicodeDecodeError) as fault:
            raise Refused(f"{path} cannot be edited: {type(fault).__name__}") from fault

    @property
    def ending(self) -> str:
        """How its lines end."""
        found = _BREAK.search(self.before)
        return found[0] if found else "\n"

    @property
    def after(self) -> str:
        """Its text with every edit; those of one place in the order in which they were asked for."""
        text = self.before
        for (begin, end, new), _ in sorted(zip(self._edits, count(), strict=False), key=_place, reverse=True):
            text = text[:begin] + new + text[end:]
        return text

    def offset(self, line: int, column: int) -> int:
        """Where a line and a column, both from 1, are in the text."""
        begin = len(_MARK) if self.before.startswith(_MARK) else 0
        for _ in range(line - 1):
            found = _BREAK.search(self.before, begin)
            begin = found.end() if found else len(self.before)
        return begin + column - 1

    def line_end(self, line: int) -> int:
        """Where a line ends, before its break."""
        found = _BREAK.search(self.before, self.offset(line, 1))
        return found.start() if found else len(self.before)

    def replace(self, place: Location, new: str) -> None:
        """Another text for what stands there."""
        begin, end = self.offset(place.line, place.column), self.offset(place.end_line, place.end_column)
        self._edits.append((begin, end, new))

    def insert(self, offset: int, new: str) -> None:
        """A text between what stands before and behind a place."""
        self._edits.append((offset, offset, new))

    def is_flow_after(self, offset: int) -> bool:
        """Whether what ends there stands in `{}` or `[]`."""
        return self.before[offset:].lstrip()[:1] in (",", "}", "]") and self.before[offset:].lstrip() != ""

    def is_flow_before(self, offset: int) -> bool:
        """Whether what begins there stands in `{}` or `[]`."""
        return self.before[:offset].rstrip()[-1:] in (",", "{", "[")


class Editor:
    """Edits the documents of entries, each file read once."""

    def __init__(self) -> None:
        self._files: dict[Path, Source] = {}

    @property
    def texts(self) -> Mapping[Path, str]:
        """The files that say something else now."""
        return {path: source.after for path, source in self._files.items() if source.after != source.before}

    def source(self, entry: Entry) -> Source:
        """The file of an entry."""
        path = Path(entry.document.file)
        if path not in self._files:
            self._files[path] = Source.read(path)
        return self._files[path]

    def put(self, entry: Entry, path: YamlPath, written: str, *, beside: Sequence[YamlPath]) -> None:
        """A scalar at `path`, as it is `written`. One that is not there yet comes behind the first of `beside` that is.

        Raises Refused where none of them is.
        """
        source, document = self.source(entry), entry.document
        if document.source(path) is not None:
            source.replace(document.locate(path), written)
            return
        pair = f"{path[-1]}: {written}"
        for sibling in beside:
            if document.source(sibling) is not None:
                key, place = document.locate_key(sibling), document.locate(sibling)
                end = source.offset(place.end_line, place.end_column)
                if source.is_flow_after(end):
                    source.insert(end, f", {pair}")
                else:
                    source.insert(source.line_end(place.end_line), source.ending + " " * (key.column - 1) + pair)
                return
        raise Refused(f"{entry} is written in a way that is not edited here: say {pair} in it yourself")

    def put_before(self, entry: Entry, key: YamlPath, pair: str) -> None:
        """A key and its value, in front of a key that is there."""
        source, place = self.source(entry), entry.document.locate_key(key)
        begin = source.offset(place.line, place.column)
        is_flow = source.is_flow_before(begin)
        source.insert(begin, f"{pair}, " if is_flow else pair + source.ending + " " * (place.column - 1))

    def append(self, entry: Entry, path: YamlPath, items: Sequence[str]) -> None:
        """Items behind those of a list that is there; one that is empty is written anew, one item a line."""
        source, document = self.source(entry), entry.document
        number = len(_at(document.data, path))
        if not items:
            return
        if not number:
            key, place = document.locate_key(path), document.locate(path)
            blanks = place.column - key.end_column - 1 if place.line == key.end_line else 0
            source.replace(dataclasses.replace(place, column=place.column - blanks), "")
            source.insert(source.line_end(place.end_line), _lines(items, key.column + 1, source.ending))
            return
        last = (*path, number - 1)
        begin = document.locate(last)
        end = max((document.locate((*last, key)) for key in _at(document.data, last)), key=_end)
        offset = source.offset(begin.line, begin.column)
        if source.before[:offset].rstrip()[-1:] == "-":
            dash = source.before[:offset].rstrip()
            column = len(_BREAK.split(dash)[-1].removeprefix(_MARK)) - 1
            # A flow mapping may end on a line below that of its last value.
            line = end.end_line if source.before[offset] != "{" else begin.end_line
            source.insert(source.line_end(line), _lines(items, column, source.ending))
        else:
            source.insert(source.offset(begin.end_line, begin.end_column), "".join(f", {each}" for each in items))


def _place(numbered: tuple[tuple[int, int, str], int]) -> tuple[int, int, int]:
    (begin, end, _), number = numbered
    return begin, end, number


def _end(place: Location) -> tuple[int, int]:
    return place.end_line, place.end_column


def _lines(items: Sequence[str], column: int, ending: str) -> str:
    return "".join(f"{ending}{' ' * column}- {each}" for each in items)


def _at(data: Any, path: YamlPath) -> Any:
    for part in path:
        data = data[part]
    return data
