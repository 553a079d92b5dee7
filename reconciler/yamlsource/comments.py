"""The comments of a text, each at its place. The parser passes them over; what is no value and begins with # is one."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import ScalarEvent

from reconciler.yamlsource.text import PARSER

_LINE_END = re.compile("\r\n|\r|\n")
_HASH = re.compile(r"(?:^|(?<=[ \t\r\n]))#[^\r\n]*")


@dataclass(frozen=True)
class Comment:
    """One comment from its # to the end of the line. Line and column count from 1."""

    line: int
    column: int
    text: str
    is_alone: bool
    """Whether nothing else stands on its line."""


def comments(text: str) -> tuple[Comment, ...]:
    """The comments of `text` in their order; none where it is not YAML."""
    try:
        events: Iterator[Any] = yaml.parse(text, Loader=PARSER)
        scalars = [_span(each) for each in events if isinstance(each, ScalarEvent)]
    except (yaml.YAMLError, UnicodeEncodeError):
        return ()
    starts = [start for start, _ in scalars]
    lines = [0, *(match.end() for match in _LINE_END.finditer(text))]
    found = []
    match = _HASH.search(text)
    while match is not None:
        before = bisect_right(starts, match.start()) - 1
        is_comment = before < 0 or scalars[before][1] <= match.start()
        if is_comment:
            found.append(_comment(text, lines, match))
        match = _HASH.search(text, match.end() if is_comment else scalars[before][1])
    return tuple(found)


def _span(scalar: Any) -> tuple[int, int]:
    return scalar.start_mark.index, scalar.end_mark.index


def _comment(text: str, lines: list[int], match: re.Match[str]) -> Comment:
    line = bisect_right(lines, match.start())
    begin = lines[line - 1]
    return Comment(line, match.start() - begin + 1, match[0], not text[begin : match.start()].strip())
