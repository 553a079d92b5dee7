"""The env file: its values, and the line that each of them stands on."""

import io
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from reconciler.diagnostics import Location

# The library warns of what it cannot read in a log line; we tell it as a diagnostic with its place.
logging.getLogger("dotenv").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class EnvFile:
    """What a file says. `unreadable` are lines that set nothing, because they are no `NAME=VALUE`."""

    values: Mapping[str, str | None] = field(default_factory=dict)
    places: Mapping[str, Location] = field(default_factory=dict)
    unreadable: tuple[Location, ...] = ()


def read(path: Path) -> EnvFile:
    """The file at `path`; one that is not there says nothing. Raises OSError, or UnicodeDecodeError."""
    if not path.is_file():
        return EnvFile()
    text = path.read_text(encoding="utf-8")
    places: dict[str, Location] = {}
    unreadable: list[Location] = []
    for each in parse_stream(io.StringIO(text)):
        place = Location(str(path), each.original.line + _blank_lines_before(each.original.string), 1)
        if each.error or (each.key is not None and each.value is None):
            unreadable.append(place)
        elif each.key is not None:
            places[each.key] = place
    return EnvFile(dotenv_values(stream=io.StringIO(text)), places, tuple(unreadable))


def _blank_lines_before(original: str) -> int:
    """The parser counts blank lines to what follows them."""
    return original[: len(original) - len(original.lstrip())].count("\n")
