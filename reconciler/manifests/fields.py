"""What a schema says of a kind or a field, in words: for `explain` and for the reference, from the models alone."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from reconciler.diagnostics import did_you_mean
from reconciler.manifests.schema import schemas

Schema = Mapping[str, Any]

_MANY_WORDS = 8
"""An enumeration of more words than this is named, not written out."""


@dataclass(frozen=True)
class Field:
    """A kind, a mapping or a key: where it stands, what it means, what it takes, and the keys below it."""

    path: str
    description: str
    value: str
    default: str
    """Empty where there is none; `required` where the key must be written."""
    words: tuple[str, ...]
    """Every word that it takes, where it takes nothing else."""
    examples: tuple[str, ...]
    keys: tuple["Field", ...]


class NoSuchField(LookupError):
    """A path that leads nowhere; the message says how far it leads, and what there is."""


def field_at(path: str) -> Field:
    """The field at `Kind`, `Kind.spec` or `Kind.spec.key`, or the only one that ends in `key`. Raises NoSuchField.

    Indices of lists may be written.
    """
    written = re.sub(r"\[[^\]]*\]", "", path).strip(".")
    kind, *parts = written.split(".")
    every = _every()
    fitting = _fitting(written) if kind.lower() not in map(str.lower, every) else ()
    if len(fitting) == 1:
        return field_at(fitting[0])
    if fitting:
        raise NoSuchField(f"'{written}' does not say of which kind. There is {', '.join(fitting)}.")
    return _below(_spelled(kind, every, "kind", ""), parts)


def _fitting(path: str) -> tuple[str, ...]:
    """The paths that `path` may be short for: in messages a key has the path that it has in its manifest.

    Where it is none of those, every key that ends so.
    """
    found = []
    for kind in _every():
        for parts in (path.split("."), ["spec", *path.split(".")]):
            with suppress(NoSuchField):
                found.append(_below(kind, parts).path)
    end = f".{path.lower()}"
    return tuple(found) or tuple(
        each for kind, root in _every().items() for each in _paths(kind, root, root) if each.lower().endswith(end)
    )


def _paths(reached: str, schema: Schema, root: Schema) -> Iterator[str]:
    """The path of every key below, however deep."""
    for key, each in _target(schema, root).get("properties", {}).items():
        yield f"{reached}.{key}"
        yield from _paths(f"{reached}.{key}", each, root)


def _below(known: str, parts: Sequence[str]) -> Field:
    root = _every()[known]
    reached, schema, is_required = known, root, True
    for part in parts:
        inside = _target(schema, root)
        key = _spelled(part, inside.get("properties", {}), "key", f" in {reached}")
        reached, schema, is_required = f"{reached}.{key}", inside["properties"][key], key in inside.get("required", ())
    return _field(reached, schema, root, is_required=is_required, deep=True)


@cache
def _every() -> dict[str, Schema]:
    return {name.removesuffix(".json"): schema for name, schema in schemas().items() if name != "manifest.json"}


def _spelled(word: str, known: Mapping[str, Any], what: str, where: str) -> str:
    """The known word that `word` is, whatever the case of its letters."""
    found = next((each for each in known if each.lower() == word.lower()), None)
    if found is None:
        there_is = f"There is {', '.join(known)}." if known else "It holds no keys."
        raise NoSuchField(f"there is no {what} '{word}'{where}. {did_you_mean(word, known) or there_is}")
    return found


def _field(path: str, schema: Schema, root: Schema, *, is_required: bool, deep: bool) -> Field:
    inside = _target(schema, root)
    definitions = definitions_of(root)
    required = inside.get("required", ())
    keys = inside.get("properties", {}) if deep else {}
    return Field(
        path=path,
        description=str(schema.get("description") or inside.get("description", "")),
        value=re.sub(r"\[([^\]]*)\]\([^)]*\)|`", r"\1", value_words(schema, definitions)) if path.count(".") else "",
        default="required" if is_required and "." in path else default_words(schema).strip("`"),
        words=tuple(map(str, inside.get("enum", ()))),
        examples=tuple(_example(each) for each in schema.get("examples", inside.get("examples", ()))),
        keys=tuple(
            _field(f"{path}.{key}", each, root, is_required=key in required, deep=False) for key, each in keys.items()
        ),
    )


def _example(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {_example(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_example, value)) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _target(schema: Schema, root: Schema) -> Schema:
    """What a reference or a list leads to."""
    if "$ref" in schema:
        return _target(definitions_of(root)[_name(schema)], root)
    return _target(schema["items"], root) if isinstance(schema.get("items"), Mapping) else schema


def definitions_of(root: Schema) -> Schema:
    """The parts of a schema that it refers to, by name."""
    found: Schema = root.get("definitions", root.get("$defs", {}))
    return found


def _name(schema: Schema) -> str:
    return str(schema["$ref"]).rpartition("/")[2]


def sections_below(field: Schema, definitions: Schema) -> Iterator[str]:
    """The mappings below a field, in the order in which a reader meets them."""
    names: list[str] = []
    waiting = [field]
    for each in waiting:
        name = str(each.get("$ref", each.get("items", {}).get("$ref", ""))).rpartition("/")[2]
        if name in definitions and "properties" in definitions[name] and name not in names:
            names.append(name)
            waiting.extend(definitions[name]["properties"].values())
    return iter(names)


def value_words(field: Schema, definitions: Schema) -> str:
    """What a field takes, in Markdown: a mapping of its own is a link."""
    if "$ref" in field:
        name = _name(field)
        target = definitions[name]
        return f"[{name}](#{name.lower()})" if "properties" in target else value_words(target, definitions)
    if len(field.get("enum", ())) > _MANY_WORDS:
        return "the name of a " + str(field["title"]).lower()
    if "enum" in field:
        return " or ".join(f"`{word}`" for word in field["enum"])
    if "const" in field:
        return f"`{field['const']}`"
    if field["type"] == ["number", "string"]:
        return f"number or percentage{_range(field)}"
    if field["type"] == "array":
        return f"list of {value_words(field['items'], definitions)}"
    words = {"number": "number", "integer": "whole number", "boolean": "`true` or `false`"}
    return words.get(field["type"], str(field.get("title", "text"))) + _range(field)


def _range(field: Schema) -> str:
    if "maximum" not in field:
        return ""
    lowest = f"above {field['exclusiveMinimum']}" if "exclusiveMinimum" in field else f"{field['minimum']}"
    return f", {lowest} to {field['maximum']}"


def default_words(field: Schema) -> str:
    """A field's default, in Markdown; empty where it has none."""
    default = field.get("default")
    if default is None:
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"
