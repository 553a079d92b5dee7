"""JSON Schemas of the manifests, generated from the models: for editors, and for whoever writes manifests by program.

Draft-07, which editors of every age read, and no keyword that 2020-12 reads otherwise. Beside a `$ref` stand only words
that say and do not bind, such as a description: draft-07 passes over them, editors show them. A schema says what one
document can be; what holds between documents, and that weights sum to one, only `load` knows.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from reconciler.manifests.base import Section
from reconciler.manifests.contract_lock import ContractLock
from reconciler.manifests.kinds import KINDS
from reconciler.manifests.scalars import duration_text, plain

DIALECT = "http://json-schema.org/draft-07/schema#"
BASE = "https://folioctl.dev/schemas/"
DEFINITIONS = "definitions"
_REFERENCE = f"#/{DEFINITIONS}/{{model}}"


def schemas() -> dict[str, dict[str, Any]]:
    """Every schema by its file's name in `schemas/v1/`: each kind's, the lock file's, `manifest.json` for any kind."""
    models: dict[str, type[Section]] = {**KINDS, "ContractLock": ContractLock}
    each = {
        f"{kind}.json": model.model_json_schema(schema_generator=_Generator, ref_template=_REFERENCE)
        for kind, model in models.items()
    }
    named = each | {"manifest.json": _any_kind()}
    return {file: {"$schema": DIALECT, "$id": f"{BASE}v1/{file}"} | _named(schema) for file, schema in named.items()}


def _any_kind() -> dict[str, Any]:
    """What a manifest is by its `kind`: where that is said, every message is about that kind and no other."""
    mode: Literal["validation"] = "validation"
    _, found = models_json_schema(
        [(model, mode) for model in KINDS.values()], schema_generator=_Generator, ref_template=_REFERENCE
    )
    cases = [
        {
            "if": {"properties": {"kind": {"const": each}}, "required": ["kind"]},
            "then": {"$ref": _REFERENCE.format(model=each)},
        }
        for each in KINDS
    ]
    shared = found["$defs"][next(iter(KINDS))]["properties"]
    kind = {"description": shared["kind"]["description"], "type": "string", "enum": list(KINDS)}
    return {
        "title": "Manifest",
        "description": "Any manifest of folioctl.",
        "type": "object",
        "properties": {"apiVersion": shared["apiVersion"], "kind": kind, "metadata": shared["metadata"]},
        "required": ["kind"],
        "allOf": cases,
    } | found


def _named(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema of Pydantic's, with its definitions under draft-07's name for them."""
    return {DEFINITIONS if key == "$defs" else key: each for key, each in schema.items()}


def text(schema: Mapping[str, Any]) -> str:
    """A schema as it is committed: sorted keys, two blanks of indent, a final newline."""
    return json.dumps(schema, indent=2, sort_keys=True, ensure_ascii=False) + "\n"


class _Generator(GenerateJsonSchema):
    """Defaults as a person would write them, no titles made of field names, and no null that nobody may write."""

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, Decimal):
            return plain(dft)
        return duration_text(dft) if isinstance(dft, timedelta) else super().encode_default(dft)

    def nullable_schema(self, schema: Any) -> dict[str, Any]:
        # A key that may be absent is None to the models; a person leaves it out, and no key stands without a value.
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: Any) -> dict[str, Any]:
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False
