"""The comments of a text, each at its place. The parser passes them over; what is no value and begins with # is one."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.events import ScalarEvent

from reconciler.yamlsource.text import PARSER

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
    found = []
    match = _HASH.search(text)
    while match is not None:
        before = bisect_right(starts, match.start()) - 1
        is_comment = before < 0 or scalars[before][1] <= match.start()
        if is_comment:
            found.append(_comment(text, match.start(), match[0]))
        match = _HASH.search(text, match.end() if is_comment else scalars[before][1])
    return tuple(found)


def _span(scalar: Any) -> tuple[int, int]:
    return scalar.start_mark.index, scalar.end_mark.index


def _comment(text: str, position: int, written: str) -> Comment:
    lines = re.split("\r\n|\r|\n", text[:position])
    return Comment(len(lines), len(lines[-1]) + 1, written, not lines[-1].strip())
