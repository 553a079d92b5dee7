"""From nodes to plain values, exactly: a number keeps the digits that were written, a key is text.

Aliases are written out, so a bound counts what they multiply to. Faults are collected and the building goes on.
"""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic
from reconciler.yamlsource.document import is_merge, start
from reconciler.yamlsource.words import printable, shown

MAX_DEPTH = 40
MAX_NODES = 100_000
MAX_NUMBER_LENGTH = 40


def build(root: Node, file: str) -> tuple[Any, list[Diagnostic]]:
    """The value of the document at `root`, and what is wrong with it."""
    builder = _Builder(file)
    return builder.build(root), builder.found


class _Builder:
    def __init__(self, file: str) -> None:
        self.found: list[Diagnostic] = []
        self._file = file
        self._budget = MAX_NODES
        self._open: list[Node] = []

    def build(self, node: Node) -> Any:
        self._budget -= 1
        if self._budget < 0 or len(self._open) > MAX_DEPTH:
            self._report_once("YML004", "the aliases of this document multiply it beyond reason", node)
            return None
        if any(each is node for each in self._open):
            self._report_once("YML008", "this value contains itself", node)
            return None
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        self._open.append(node)
        value = self._mapping(node) if isinstance(node, MappingNode) else self._sequence(node)
        self._open.pop()
        return value

    def _sequence(self, node: Node) -> list[Any]:
        self._expect_tag(node, "seq")
        return [self.build(each) for each in node.value]

    def _mapping(self, node: MappingNode) -> dict[str, Any]:
        self._expect_tag(node, "map")
        values: dict[str, Any] = {}
        lines: dict[str, int] = {}
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if is_merge(key):
                merged |= self._merged(value)
            elif not isinstance(key, ScalarNode):
                self._report("YML006", "a key must be a word, not a list or a mapping", key)
            elif key.value in values:
                summary = f"key '{printable(key.value)}' is already on line {lines[key.value]}"
                self._report("YML002", summary, key)
            else:
                lines[key.value] = key.start_mark.line + 1
                values[key.value] = self.build(value)
        return merged | values

    def _merged(self, node: Node) -> dict[str, Any]:
        merged: dict[str, Any] = {}
        for part in node.value if isinstance(node, SequenceNode) else [node]:
            value = self.build(part)
            if isinstance(value, dict):
                merged = value | merged
            else:
                self._report("YML008", "'<<' merges mappings only", part)
        return merged

    def _scalar(self, node: ScalarNode) -> Any:
        kind = _tag(node)
        if kind == "null":
            return None
        if kind == "bool":
            return node.value.lower() in ("true", "yes", "on")
        if kind in ("int", "float"):
            return self._number(node)
        if kind not in ("timestamp", "merge", "value"):
            self._expect_tag(node, "str")
        return node.value

    def _number(self, node: ScalarNode) -> int | Decimal | None:
        number = _exact(node.value)
        if number is None:
            self._report("YML009", f"{shown(node.value)} is not a number that can be read exactly", node)
        return number

    def _expect_tag(self, node: Node, expected: str) -> None:
        if _tag(node) != expected:
            self._report("YML005", f"tag {shown(str(node.tag))} is not understood here", node)

    def _report_once(self, code: str, summary: str, node: Node) -> None:
        if all(each.code != code for each in self.found):
            self._report(code, summary, node)

    def _report(self, code: str, summary: str, node: Node) -> None:
        self.found.append(diagnostics.error(code, summary, start(self._file, node)))


def _exact(text: str) -> int | Decimal | None:
    plain = text.replace("_", "").lower()
    unsigned = plain.lstrip("+-")
    if len(plain) > MAX_NUMBER_LENGTH:
        return None
    if unsigned in (".inf", ".nan"):
        return Decimal(plain.replace(".", ""))
    try:
        if unsigned.startswith(("0x", "0o", "0b")):
            return int(plain, 0)
        if re.fullmatch(r"[+-]?\d+", plain):
            return int(plain)
        number = Decimal(plain)
    except (ValueError, InvalidOperation):
        return None
    # 1e999999 is short to write and a million digits long wherever it is written out.
    return number if abs(number.adjusted()) <= MAX_NUMBER_LENGTH else None


def _tag(node: Node) -> str:
    return str(node.tag).removeprefix("tag:yaml.org,2002:")
