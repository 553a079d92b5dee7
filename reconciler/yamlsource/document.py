"""The Document: plain values, and the place of each of them in the text."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from reconciler.diagnostics import Location
from reconciler.yamlsource.place import Place

YamlPath: TypeAlias = tuple[str | int, ...]
"""Where a value stands in a document: keys and list indices from the root."""


@dataclass(frozen=True)
class Document:
    """One YAML document: `data` in plain Python (dict, list, str, int, Decimal, bool, None), and every place in it."""

    file: str
    data: Any
    _root: Place = field(repr=False, compare=False)
    _faults: frozenset[tuple[int, int]] = field(default=frozenset(), repr=False, compare=False)
    """Line and column of what has no value because its text is at fault."""

    def locate(self, path: YamlPath) -> Location:
        """Where the value at `path` stands; the nearest ancestor's where the text does not hold it."""
        key, value = self._reach(path)
        return (key if value.is_blank else value).location(self.file)

    def locate_key(self, path: YamlPath) -> Location:
        """Where the key at the end of `path` stands; for an item of a list, where the item does."""
        key, _ = self._reach(path)
        return key.location(self.file)

    def is_faulty(self, path: YamlPath) -> bool:
        """Whether the value at `path` is told to be at fault already, as text."""
        place = self.locate(path)
        return (place.line, place.column) in self._faults

    def source(self, path: YamlPath) -> str | None:
        """The scalar at `path` as it was written, without its quotes; None where no scalar stands."""
        place = self._root
        for part in path:
            step = place.step(part)
            if step is None:
                return None
            _, place = step
        return place.text

    def _reach(self, path: YamlPath) -> tuple[Place, Place]:
        """The key and the value at `path`, or as far along it as the text goes."""
        reached = self._root, self._root
        for part in path:
            step = reached[1].step(part)
            if step is None:
                break
            reached = step
        return reached
