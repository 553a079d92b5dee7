"""The reference of every kind and field, limit and code, in Markdown: written by the schemas and the tables in code.

`docs/manifests.md` holds them between markers; `refreshed` puts what is true now between them.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from reconciler.domain.limits import Limit
from reconciler.manifests.codes import CODES
from reconciler.manifests.kinds import KINDS
from reconciler.manifests.schema import DEFINITIONS, schemas

_SECTION = re.compile(r"(<!-- (fields|limits|codes): begin -->\n).*?(<!-- \2: end -->)", re.DOTALL)

Schema = Mapping[str, Any]

_MANY_WORDS = 8
"""An enumeration of more words than this is named, not written out."""


def refreshed(document: str) -> str:
    """`document` with what stands between its markers generated anew."""
    written = {"fields": _fields(), "limits": _limits(), "codes": _codes()}
    return _SECTION.sub(lambda match: f"{match[1]}\n{written[match[2]]}\n{match[3]}", document)


def _fields() -> str:
    every = schemas()
    return "\n".join(line for kind in KINDS for line in _kind(kind, every[f"{kind}.json"]))


def _kind(kind: str, schema: Schema) -> Iterator[str]:
    definitions = schema.get(DEFINITIONS, {})
    yield f"## {kind}\n"
    yield f"{schema['description']}\n"
    for name in _reachable(schema["properties"]["spec"], definitions):
        section = definitions[name]
        if name != f"{kind}Spec":
            yield f"### {name}\n"
        yield f"{section['description']}\n"
        yield "| Key | Value | Default | Meaning |\n|---|---|---|---|"
        required = section.get("required", ())
        for key, field in section["properties"].items():
            default = "required" if key in required else _default(field)
            yield f"| `{key}` | {_value(field, definitions)} | {default} | {field['description']} |"
        yield ""


def _reachable(field: Schema, definitions: Schema) -> list[str]:
    """The mappings below a field, in the order in which a reader meets them."""
    names: list[str] = []
    waiting = [field]
    for each in waiting:
        name = _referred(each) or _referred(each.get("items", {}))
        if name in definitions and "properties" in definitions[name] and name not in names:
            names.append(name)
            waiting.extend(definitions[name]["properties"].values())
    return names


def _referred(field: Schema) -> str:
    """The name of the definition that a field stands for; empty where it is its own."""
    return str(field.get("$ref", "")).rpartition("/")[2]


def _value(field: Schema, definitions: Schema) -> str:
    if name := _referred(field):
        target = definitions[name]
        return f"[{name}](#{name.lower()})" if "properties" in target else _value(target, definitions)
    if len(field.get("enum", ())) > _MANY_WORDS:
        return "the name of a " + str(field["title"]).lower()
    if "enum" in field:
        return " or ".join(f"`{word}`" for word in field["enum"])
    if field["type"] == ["number", "string"]:
        return f"number or percentage{_range(field)}"
    if field["type"] == "array":
        return f"list of {_value(field['items'], definitions)}"
    words = {"number": "number", "integer": "whole number", "boolean": "`true` or `false`"}
    return words.get(field["type"], str(field.get("title"))) + _range(field)


def _range(field: Schema) -> str:
    if "maximum" not in field:
        return ""
    lowest = f"above {field['exclusiveMinimum']}" if "exclusiveMinimum" in field else f"{field['minimum']}"
    return f", {lowest} to {field['maximum']}"


def _default(field: Schema) -> str:
    default = field.get("default")
    if default is None:
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def _limits() -> str:
    head = ["| Limit | Level | Can be another |", "|---|---|---|"]
    rows = [*head, *(f"| `{each}` | {each.level} | {'no' if each.is_fixed else 'yes'} |" for each in Limit)]
    return "\n".join(rows) + "\n"


def _codes() -> str:
    rows = ["| Code | What | Why | Write |", "|---|---|---|---|"]
    for code, each in sorted(CODES.items()):
        rows.append(f"| {code} | {each.what} | {each.why} | {f'`{each.example}`' if each.example else ''} |")
    return "\n".join(rows) + "\n"
