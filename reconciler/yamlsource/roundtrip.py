"""YAML that is built and written, with comments: templates that are filled in, and entries of a lock file.

Not for a text that a person laid out: the library moves some comments, and joins a block item to the comment above it
where an item in braces stands before. Such text is edited at the places of its values, and all else stays to the byte.
"""

import io
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import CommentMark
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString, SingleQuotedScalarString
from ruamel.yaml.tokens import CommentToken

__all__ = [
    "CommentMark",
    "CommentToken",
    "CommentedMap",
    "CommentedSeq",
    "DoubleQuotedScalarString",
    "SingleQuotedScalarString",
    "mapping",
    "read",
    "write",
]

_WIDTH = 100_000
"""Beyond any line that a person writes: nothing is folded."""


class _Exact(RoundTripRepresenter):
    """Decimals with the digits that they have."""

    def exact(self, value: Decimal) -> ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:float", format(value, "f"))


_Exact.add_representer(Decimal, _Exact.exact)


def read(text: str) -> list[Any]:
    """The documents of `text`, which must be valid, as mappings and lists that remember comments and style."""
    return list(_yaml().load_all(text))


def write(documents: Sequence[Any]) -> str:
    """Documents as text: what `read` gave, changed in place, or plain dicts, lists, text, numbers and booleans."""
    stream = io.StringIO()
    _yaml().dump_all(documents, stream)
    return stream.getvalue()


def mapping() -> CommentedMap:
    """An empty mapping, to be filled in the order in which it is written."""
    return CommentedMap()


def quoted(text: str) -> str:
    """Text that is written in quotes, whatever it is."""
    made: str = SingleQuotedScalarString(text)
    return made


def in_one_line(value: Mapping[str, Any] | Sequence[Any]) -> CommentedMap | CommentedSeq:
    """A mapping or list that is written within brackets."""
    made = CommentedMap(value) if isinstance(value, Mapping) else CommentedSeq(value)
    made.fa.set_flow_style()
    return made


def in_blocks(value: CommentedMap | CommentedSeq) -> None:
    """Let a mapping or list that was read within brackets be written line below line; what it holds stays as it is."""
    value.fa.set_block_style()


def _yaml() -> YAML:
    yaml = YAML(typ="rt", pure=True)
    yaml.Representer = _Exact
    yaml.preserve_quotes = True
    yaml.width = _WIDTH
    yaml.indent(mapping=2, sequence=4, offset=2)
    return yaml
