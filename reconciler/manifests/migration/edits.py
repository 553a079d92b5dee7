"""The edits that lead from one version to the next: to the values of a manifest, and to its text.

A place is a path of keys from the manifest's root. `*` in it is every item of a list. An edit passes over a manifest
that has nothing at its place.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from reconciler.manifests.migration import surgery
from reconciler.manifests.migration.surgery import Unmovable
from reconciler.yamlsource import Document, YamlPath, dotted

Place: TypeAlias = tuple[str, ...]
EVERY = "*"


@dataclass(frozen=True)
class Edit(ABC):
    """One thing that is done to the manifests of a kind, `*` for all, at a place of theirs."""

    kind: str
    place: Place

    @abstractmethod
    def inverse(self) -> "Edit":
        """What undoes it."""

    @abstractmethod
    def on_data(self, data: Any, path: YamlPath) -> None:
        """Do it to the values, in place. Raises Unmovable."""

    @abstractmethod
    def on_text(self, text: str, document: Document, path: YamlPath) -> str:
        """Do it to the text that the values were read from. Raises Unmovable."""

    def places(self, data: Any) -> list[YamlPath]:
        """Where, in a manifest of these values, there is something to do; the last first."""
        return sorted(_matching(data, self.place, ()), key=_order, reverse=True)


@dataclass(frozen=True)
class RenameKey(Edit):
    """A key gets another name where it stands."""

    name: str

    def inverse(self) -> "RenameKey":
        """The same the other way round."""
        return RenameKey(self.kind, (*self.place[:-1], self.name), self.place[-1])

    def on_data(self, data: Any, path: YamlPath) -> None:
        """To the values, in place. Raises Unmovable."""
        mapping = _at(data, path[:-1])
        _require_free(mapping, path[:-1], self.name)
        mapping[self.name] = mapping.pop(path[-1])

    def on_text(self, text: str, document: Document, path: YamlPath) -> str:
        """To the text. Raises Unmovable."""
        return surgery.renamed(text, document, path, self.name)


@dataclass(frozen=True)
class ChangeForm(Edit):
    """A value is written in another form. Both functions take the value's text, and undo each other."""

    forward: Callable[[str], str]
    backward: Callable[[str], str]

    def inverse(self) -> "ChangeForm":
        """The same the other way round."""
        return ChangeForm(self.kind, self.place, self.backward, self.forward)

    def on_data(self, data: Any, path: YamlPath) -> None:
        """To the values, in place. Raises Unmovable."""
        mapping = _at(data, path[:-1])
        value = mapping[path[-1]]
        if not isinstance(value, str):
            raise Unmovable(f"{dotted(path)} is no text")
        mapping[path[-1]] = self.forward(value)

    def on_text(self, text: str, document: Document, path: YamlPath) -> str:
        """To the text. Raises Unmovable."""
        return surgery.rewritten(text, document, path, self.forward)


def reword(kind: str, place: Place, words: Mapping[str, str]) -> ChangeForm:
    """Words of an enumeration become others, one to one; a word that is not among them stays."""
    back = {new: old for old, new in words.items()}
    return ChangeForm(kind, place, lambda word: words.get(word, word), lambda word: back.get(word, word))


@dataclass(frozen=True)
class MoveKey(Edit):
    """A key moves to another mapping of its manifest, under another name perhaps.

    The mapping is made where there is none, and one that is left empty goes. Both places have the same `*`s in them.
    """

    target: Place

    def inverse(self) -> "MoveKey":
        """The same the other way round."""
        return MoveKey(self.kind, self.target, self.place)

    def on_data(self, data: Any, path: YamlPath) -> None:
        """To the values, in place. Raises Unmovable."""
        target = self._target(path)
        value = _at(data, path[:-1]).pop(path[-1])
        mapping = _made(data, target[:-1])
        _require_free(mapping, target[:-1], str(target[-1]))
        mapping[target[-1]] = value
        emptied = path[:-1]
        if len(emptied) > 1 and not _at(data, emptied):
            del _at(data, emptied[:-1])[emptied[-1]]

    def on_text(self, text: str, document: Document, path: YamlPath) -> str:
        """To the text. Raises Unmovable."""
        return surgery.moved(text, document, path, self._target(path))

    def _target(self, path: YamlPath) -> YamlPath:
        items = [part for part in path if isinstance(part, int)]
        return tuple(items.pop(0) if part == EVERY else part for part in self.target)


def _order(path: YamlPath) -> list[int]:
    return [part for part in path if isinstance(part, int)]


def _matching(data: Any, place: Place, path: YamlPath) -> Iterator[YamlPath]:
    if not place:
        yield path
    elif place[0] == EVERY:
        for number, item in enumerate(data if isinstance(data, list) else ()):
            yield from _matching(item, place[1:], (*path, number))
    elif isinstance(data, dict) and place[0] in data:
        yield from _matching(data[place[0]], place[1:], (*path, place[0]))


def _at(data: Any, path: YamlPath) -> Any:
    for place, part in enumerate(path):
        is_there = part in data if isinstance(data, dict) else isinstance(data, list) and isinstance(part, int)
        if not is_there:
            raise Unmovable(f"{dotted(path[: place + 1])} is not there")
        data = data[part]
    return data


def _made(data: Any, path: YamlPath) -> Any:
    """The mapping at a path, which is made where only it is not there."""
    above = _at(data, path[:-1])
    if isinstance(above, dict) and path:
        above.setdefault(path[-1], {})
    mapping = _at(data, path)
    if not isinstance(mapping, dict):
        raise Unmovable(f"{dotted(path)} is no mapping")
    return mapping


def _require_free(mapping: Mapping[str, Any], path: YamlPath, name: str) -> None:
    if name in mapping:
        raise Unmovable(f"{dotted((*path, name))} is there already")
