"""Values as a person writes them, and YAML nodes that hold them."""

import re
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from typing import Any, TypeAlias

from reconciler.manifests.sums import percent
from reconciler.yamlsource import roundtrip
from reconciler.yamlsource.layout import laid_out
from reconciler.yamlsource.roundtrip import CommentedMap, DoubleQuotedScalarString

Path: TypeAlias = tuple[str, ...]
"""Keys below `spec`."""
Values: TypeAlias = Mapping[Path, Any]
"""What a manifest says, by its paths."""

_WORDS_OF_OLD_YAML = frozenset({"y", "n", "yes", "no", "on", "off"})
"""YAML 1.1 reads these as true or false; other tools still do."""

_ADDRESS = re.compile(r"[0-9]+(\.[0-9]+){3}")


def template(name: str) -> Any:
    """The one document of a template, with its comments."""
    text = (files(__package__) / "templates" / f"{name}.yaml").read_text(encoding="utf-8")
    (document,) = roundtrip.read(text)
    return document


def filled(name: str, manifest: str | None, values: Values) -> str:
    """The text of a template under the name `manifest` (its own where that is None), with these values in its spec."""
    document = template(name)
    if manifest is not None:
        document["metadata"]["name"] = manifest
    put(document["spec"], values)
    return text_of(document)


def text_of(document: Any) -> str:
    """A document that is built, as `fmt` would have it."""
    return laid_out(roundtrip.write([document]))


def put(spec: Any, values: Values) -> None:
    """Write values into a spec. What is not there yet comes last, and first within a section: the comment behind a
    section's last key is the next one's.
    """
    for path, value in values.items():
        section = spec
        for key in path[:-1]:
            section = section.setdefault(key, CommentedMap())
        if len(path) > 1 and path[-1] not in section:
            section.insert(0, path[-1], plain(value))
        else:
            section[path[-1]] = plain(value)


def plain(value: Any) -> Any:
    """A value in YAML: whole numbers without a point, and text in quotes where another reader might see none."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else value.normalize()
    if isinstance(value, str) and (value.lower() in _WORDS_OF_OLD_YAML or _may_be_a_number(value)):
        return DoubleQuotedScalarString(value)
    return value


def inline(value: Any) -> str:
    """A value, or a mapping of values in braces, as it stands within a line."""
    written = roundtrip.write([{"value": plain(value)}])
    return written.removeprefix("value: ").removesuffix("\n")


def _may_be_a_number(value: str) -> bool:
    """Whether a reader might take it for one, of whatever base; `13%` and `30s` are text by their last letter."""
    is_with_a_unit = value[-1:] in ("%", "s", "m", "h", "d") and value[:-1].replace(".", "").isdigit()
    return value[:1].isdigit() and not is_with_a_unit and not _ADDRESS.fullmatch(value)


__all__ = ["Path", "Values", "filled", "percent", "plain", "put", "template", "text_of"]
