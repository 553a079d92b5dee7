"""JSON Schemas of the manifests, generated from the models: for editors, and for whoever writes manifests by program.

2020-12, in what readers of draft-07 understand too. A schema says what one document can be; what holds between
documents, and that weights sum to one, only `load` knows.
"""

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Literal

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from reconciler.manifests.base import Section
from reconciler.manifests.kinds import KINDS
from reconciler.manifests.lock.model import ContractLock
from reconciler.manifests.scalars import duration_text, plain

DIALECT = "https://json-schema.org/draft/2020-12/schema"
BASE = "https://folioctl.dev/schemas/"


def schemas() -> dict[str, dict[str, Any]]:
    """Every schema by its file's name in `schemas/v1/`: each kind's, the lock file's, `manifest.json` for any kind."""
    models: dict[str, type[Section]] = {**KINDS, "ContractLock": ContractLock}
    each = {kind: model.model_json_schema(schema_generator=_Generator) for kind, model in models.items()}
    named = {f"{kind}.json": schema for kind, schema in each.items()} | {"manifest.json": _any_kind()}
    return {file: {"$schema": DIALECT, "$id": f"{BASE}v1/{file}"} | schema for file, schema in named.items()}


def _any_kind() -> dict[str, Any]:
    mode: Literal["validation"] = "validation"
    _, definitions = models_json_schema([(model, mode) for model in KINDS.values()], schema_generator=_Generator)
    choices = [{"$ref": f"#/$defs/{kind}"} for kind in KINDS]
    return {"title": "Manifest", "description": "Any manifest of folioctl.", "oneOf": choices} | definitions


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
