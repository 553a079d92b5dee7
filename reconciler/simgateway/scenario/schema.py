"""The JSON Schema of scenarios, generated from the models: for editors, and for whoever writes them by program.

2020-12, in what readers of draft-07 understand too. It says what a scenario can be; what its parts mean together, what
a quirk or a time zone is called, and how far a number in quotes may go, only the loader knows.
"""

from decimal import Decimal
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from reconciler.simgateway.scenario.document import Scenario

FILE = "scenario/v1/Scenario.json"
"""Where it is published, below the schemas."""

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_ID = f"https://folioctl.dev/schemas/{FILE}"
_NUMBER = r"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$"
_DATE = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def schema() -> dict[str, Any]:
    """The schema of a scenario."""
    return {"$schema": _DIALECT, "$id": _ID} | Scenario.model_json_schema(schema_generator=_Generator)


class _Generator(GenerateJsonSchema):
    """Numbers as numbers or as texts of digits, keys as the loader takes them, no titles made of field names."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        number, text = super().decimal_schema(schema)["anyOf"]
        return {"anyOf": [number, text | {"pattern": _NUMBER}]}

    def date_schema(self, schema: core_schema.DateSchema) -> JsonSchemaValue:
        return super().date_schema(schema) | {"pattern": _DATE}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        found = super().dict_schema(schema)
        if "patternProperties" in found:
            found["additionalProperties"] = False
        keys = {"int": "^[0-9]+$", "date": _DATE}.get(schema.get("keys_schema", {}).get("type", ""))
        return found | {"propertyNames": {"pattern": keys}} if keys else found

    def encode_default(self, dft: Any) -> Any:
        if isinstance(dft, Decimal):
            return int(dft) if dft == dft.to_integral_value() else float(dft)
        return super().encode_default(dft)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        # What is left out is said by leaving it out.
        return (
            self.generate_inner(schema["schema"])
            if schema.get("default", ...) is None
            else super().default_schema(schema)
        )

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False
