"""The reference of every kind and field, limit and code, in Markdown: written by the schemas and the tables in code.

`docs/manifests.md` holds them between markers; `refreshed` puts what is true now between them.
"""

import re
from collections.abc import Iterator

from reconciler.domain.limits import Limit
from reconciler.manifests.codes import CODES
from reconciler.manifests.fields import Schema, default_words, definitions_of, sections_below, value_words
from reconciler.manifests.kinds import KINDS
from reconciler.manifests.schema import schemas

_SECTION = re.compile(r"(<!-- (fields|limits|codes): begin -->\n).*?(<!-- \2: end -->)", re.DOTALL)


def refreshed(document: str) -> str:
    """`document` with what stands between its markers generated anew."""
    written = {"fields": _fields(), "limits": _limits(), "codes": _codes()}
    return _SECTION.sub(lambda match: f"{match[1]}\n{written[match[2]]}\n{match[3]}", document)


def _fields() -> str:
    every = schemas()
    return "\n".join(line for kind in KINDS for line in _kind(kind, every[f"{kind}.json"]))


def _kind(kind: str, schema: Schema) -> Iterator[str]:
    definitions = definitions_of(schema)
    yield f"## {kind}\n"
    yield f"{schema['description']}\n"
    for name in sections_below(schema["properties"]["spec"], definitions):
        section = definitions[name]
        if name != f"{kind}Spec":
            yield f"### {name}\n"
        yield f"{section['description']}\n"
        yield "| Key | Value | Default | Meaning |\n|---|---|---|---|"
        required = section.get("required", section.get("then", {}).get("required", ()))
        for key, field in section["properties"].items():
            default = "required" if key in required else default_words(field)
            yield f"| `{key}` | {value_words(field, definitions)} | {default} | {field['description']} |"
        yield ""


def _limits() -> str:
    head = ["| Limit | Level | Can be another |", "|---|---|---|"]
    rows = [*head, *(f"| `{each}` | {each.level} | {'no' if each.is_fixed else 'yes'} |" for each in Limit)]
    return "\n".join(rows) + "\n"


def _codes() -> str:
    rows = ["| Code | What | Why | Write |", "|---|---|---|---|"]
    for code, each in sorted(CODES.items()):
        rows.append(f"| {code} | {each.what} | {each.why} | {f'`{each.example}`' if each.example else ''} |")
    return "\n".join(rows) + "\n"
