"""The Document: plain values, and the place of each of them in the text."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reconciler.diagnostics import Location

YamlPath: TypeAlias = tuple[str | int, ...]
"""Where a value stands in a document: keys and list indices from the root."""


@dataclass(frozen=True)
class Document:
    """One YAML document: `data` in plain Python (dict, list, str, int, Decimal, bool, None), and every place in it."""

    file: str
    data: Any
    _root: Node = field(repr=False, compare=False)

    def locate(self, path: YamlPath) -> Location:
        """Where the value at `path` begins; the nearest ancestor's where the text does not hold it."""
        key, value = self._reach(path)
        return start(self.file, key if _is_blank(value) else value)

    def locate_key(self, path: YamlPath) -> Location:
        """Where the key at the end of `path` stands; for an item of a list, where the item begins."""
        key, _ = self._reach(path)
        return start(self.file, key)

    def source(self, path: YamlPath) -> str | None:
        """The scalar at `path` as it was written, without its quotes; None where no scalar stands."""
        node = self._root
        for part in path:
            step = _step(node, part)
            if step is None:
                return None
            _, node = step
        return str(node.value) if isinstance(node, ScalarNode) else None

    def _reach(self, path: YamlPath) -> tuple[Node, Node]:
        """The key and the value at `path`, or as far along it as the text goes."""
        reached = self._root, self._root
        for part in path:
            step = _step(reached[1], part)
            if step is None:
                break
            reached = step
        return reached


def start(file: str, node: Node) -> Location:
    """Where a node begins and ends."""
    begin, end = node.start_mark, node.end_mark
    return Location(file, begin.line + 1, begin.column + 1, end.line + 1, end.column + 1)


def is_merge(key: Node) -> bool:
    """Whether this key is YAML's `<<`; in quotes it is a key like any other."""
    return isinstance(key, ScalarNode) and key.value == "<<" and key.style is None


def _is_blank(node: Node) -> bool:
    # The parser places what is not there at the next thing that is, lines below perhaps.
    return isinstance(node, ScalarNode) and node.value == "" and node.style is None


def _step(node: Node, part: str | int) -> tuple[Node, Node] | None:
    if isinstance(node, SequenceNode):
        found = isinstance(part, int) and 0 <= part < len(node.value)
        return (node.value[part], node.value[part]) if found else None
    if not isinstance(node, MappingNode):
        return None
    for key, value in node.value:
        if isinstance(key, ScalarNode) and key.value == str(part) and not is_merge(key):
            return key, value
    # What a merge brings in is mended where the merge stands.
    return next(((key, key) for key, _ in node.value if is_merge(key)), None)
