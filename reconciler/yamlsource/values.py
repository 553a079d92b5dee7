"""From the parser's events to plain values with their places, exactly: a number keeps its digits, a key is text.

An alias stands for the value that its anchor named, so a bound counts what they multiply to. Faults are collected and
the building goes on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic
from reconciler.yamlsource.place import Branch, Place, location
from reconciler.yamlsource.plain import Inexact, number, plain
from reconciler.yamlsource.words import printable, shown

MAX_DEPTH = 40
MAX_NODES = 1_000_000
MAX_COPIES = 100_000
"""How many values aliases may stand for, all together."""

_BLOCKS = ("|", ">")
_STARTS = (MappingStartEvent, SequenceStartEvent)
_ENDS = (MappingEndEvent, SequenceEndEvent)
_TAG = "tag:yaml.org,2002:"


class TooMuch(Exception):
    """The text is nested too deeply, or holds too many values, to be read on."""

    def __init__(self, fault: Diagnostic) -> None:
        super().__init__(str(fault))
        self.fault = fault


@dataclass(frozen=True, slots=True)
class _Anchored:
    """What an alias stands for: a value, its place, how many values it is and how deep they go."""

    value: Any
    place: Place
    size: int
    depth: int


class _Open:
    """A list or a mapping whose end has not come yet."""

    __slots__ = ("anchor", "before", "depth", "key", "key_place", "last", "merged", "place", "values")

    def __init__(self, event: Any, before: int) -> None:
        self.anchor = event.anchor
        is_mapping = type(event) is MappingStartEvent
        self.place = Branch(event.start_mark, event.end_mark, is_mapping=is_mapping)
        self.values: Any = {} if is_mapping else []
        self.key: str | None = None
        self.key_place: Place | None = None
        self.last: Place = self.place
        """The last thing in it that is written."""
        self.merged: dict[str, Any] = {}
        self.before = before
        """How many values were counted before it."""
        self.depth = 1


class Builder:
    """Builds one document after another. `found` is what is wrong with them."""

    def __init__(self, file: str) -> None:
        self.found: list[Diagnostic] = []
        self._file = file
        self._count = 0
        self._copies = 0
        self._anchors: dict[str, _Anchored | None] = {}
        self._open: list[_Open] = []

    def build(self, next_event: Callable[[], Any]) -> tuple[Any, Place | None]:
        """The value and the places of the document whose events come next, to its last. Raises TooMuch."""
        self._anchors.clear()
        self._open.clear()
        value, place = None, None
        opened = self._open
        # Nearly all of the time of reading goes into this loop, hence its length.
        while (kind := type(event := next_event())) is not DocumentEndEvent:
            if kind is ScalarEvent:
                place = Place(event.start_mark, event.end_mark, event.value)
                value = self._scalar(event, place)
            elif kind in _STARTS:
                self._begin(event)
                continue
            elif kind in _ENDS:
                value, place = self._end(event)
            else:
                value, place = self._alias(event)
            if not opened:
                continue
            inside = opened[-1]
            if place.text != "" or not place.is_blank:
                inside.last = place
            if inside.place.items is not None:
                inside.values.append(value)
                inside.place.items.append(place)
            elif inside.key_place is None:
                inside.key, inside.key_place = place.text, place
                if place.text is None:
                    self._report("YML006", "a key must be a word, not a list or a mapping", place)
            else:
                self._take_value(inside, value, place)
        return value, place

    # ------------------------------------------------------------------------------------------- collections

    def _begin(self, event: Any) -> None:
        if event.tag is not None:
            self._expect_tag(event, "map" if type(event) is MappingStartEvent else "seq")
        if len(self._open) >= MAX_DEPTH:
            raise TooMuch(self._fault("YML004", f"nested deeper than {MAX_DEPTH} levels", event))
        self._count += 1
        if self._count > MAX_NODES + MAX_COPIES:
            self._refuse_more(event)
        made = _Open(event, self._count)
        if event.anchor is not None:
            self._anchors[event.anchor] = None  # an alias before its end would contain itself
        self._open.append(made)

    def _end(self, event: Any) -> tuple[Any, Place]:
        ended = self._open.pop()
        place = ended.place
        is_bracket = event.end_mark.index > event.start_mark.index
        # A block ends where the last of what it holds does; the parser goes on to the next thing.
        place.end = event.end_mark if is_bracket else ended.last.end
        value = ended.merged | ended.values if ended.merged else ended.values
        if self._open:
            self._open[-1].depth = max(self._open[-1].depth, ended.depth + 1)
        if ended.anchor is not None:
            size = self._count - ended.before + 1
            self._anchors[ended.anchor] = _Anchored(value, place, size, ended.depth)
        return value, place

    def _take_value(self, inside: _Open, value: Any, place: Place) -> None:
        key, key_place = inside.key, inside.key_place
        inside.key = inside.key_place = None
        keys = inside.place.keys
        if key is None or key_place is None or keys is None:
            return
        if key == "<<" and _is_plain(key_place):
            inside.place.merge = inside.place.merge or key_place
            inside.merged |= self._merged(value, place)
        elif key in keys:
            line = keys[key][0].start.line + 1
            hint = "" if len(self._open) > 1 else "Keep one of the two; another document begins behind a line '---'."
            self._report("YML002", f"key '{printable(key)}' is already on line {line}", key_place, hint)
        else:
            keys[key] = key_place, place
            inside.values[key] = value

    def _merged(self, value: Any, place: Place) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        parts = zip(value, place.items, strict=True) if isinstance(value, list) and place.items else [(value, place)]
        for part, at in parts:
            if isinstance(part, dict):
                merged = part | merged
            elif part is not None or at.text is not None:
                self._report("YML008", "'<<' merges mappings only", at)
        return merged

    # ----------------------------------------------------------------------------------------------- scalars

    def _scalar(self, event: Any, place: Place) -> Any:
        value = self._scalar_value(event, place)
        if event.anchor is not None:
            self._anchors[event.anchor] = _Anchored(value, place, 1, 0)
        return value

    def _scalar_value(self, event: Any, place: Place) -> Any:
        self._count += 1
        if self._count > MAX_NODES + MAX_COPIES:
            self._refuse_more(event)
        if event.style in _BLOCKS:
            place.end = place.start  # the parser lets a block of text end on the line behind it
        if event.tag is not None and event.tag != "!":
            return self._tagged(event, place)
        if not event.implicit[0]:
            return event.value
        try:
            return plain(event.value)
        except Inexact:
            self._inexact(event.value, place)
            return None

    def _tagged(self, event: Any, place: Place) -> Any:
        kind, text = str(event.tag).removeprefix(_TAG), event.value
        try:
            match kind:
                case "null":
                    return None
                case "bool":
                    return text.lower() in ("true", "yes", "on")
                case "int" | "float":
                    return number(text)
                case "str" | "timestamp":
                    return text
                case _:
                    self._expect_tag(event, "str")
                    return text
        except Inexact:
            self._inexact(text, place)
            return None

    def _inexact(self, text: str, place: Place) -> None:
        self._report("YML009", f"{shown(text)} is not a number that can be read exactly", place)

    def _alias(self, event: Any) -> tuple[Any, Place]:
        place = Place(event.start_mark, event.end_mark)
        if not isinstance(event, AliasEvent):
            raise TypeError(f"the parser has an event that is not known: {type(event).__name__}")
        if event.anchor not in self._anchors:
            self._report("YML001", f"not YAML: no anchor is called {shown(event.anchor)}", place)
            return None, place
        meant = self._anchors[event.anchor]
        if meant is None:
            self._report("YML008", "this value contains itself", place)
            return None, place
        self._copies += meant.size
        if self._copies > MAX_COPIES or len(self._open) + meant.depth > MAX_DEPTH:
            summary = "the aliases of this document multiply it beyond reason"
            raise TooMuch(self._fault("YML004", summary, event))
        self._count += meant.size
        if self._open:
            self._open[-1].depth = max(self._open[-1].depth, meant.depth + 1)
        return meant.value, meant.place

    # ---------------------------------------------------------------------------------------------- messages

    def _refuse_more(self, event: Any) -> NoReturn:
        raise TooMuch(self._fault("YML004", f"the file holds more than {MAX_NODES:,} values", event))

    def _expect_tag(self, event: Any, expected: str) -> None:
        if event.tag not in (None, "!", _TAG + expected):
            summary = f"tag {shown(str(event.tag))} is not understood here"
            self._report("YML005", summary, Place(event.start_mark, event.end_mark))

    def _report(self, code: str, summary: str, place: Place, hint: str = "") -> None:
        self.found.append(diagnostics.error(code, summary, place.location(self._file), suggestion=hint))

    def _fault(self, code: str, summary: str, event: Any) -> Diagnostic:
        return diagnostics.error(code, summary, location(self._file, event.start_mark, event.end_mark))


def _is_plain(place: Place) -> bool:
    """Whether `<<` is YAML's merge; in quotes it is a key like any other."""
    return place.end.column - place.start.column == len("<<")
