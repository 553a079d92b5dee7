"""What all manifests share: the envelope `apiVersion`, `kind`, `metadata`, `spec`, and the rules of every mapping."""

from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, field_validator
from pydantic.alias_generators import to_camel
from pydantic.config import JsonDict, JsonValue
from pydantic.fields import FieldInfo

from reconciler.manifests.scalars import Name

API_VERSION = "folioctl/v1"


def example(kind: str, name: str, spec: JsonValue) -> JsonDict:
    """What a kind's `json_schema_extra` says: one whole manifest, which editors and `explain` show."""
    return {"examples": [{"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": spec}]}


class Section(BaseModel):
    """A mapping of a manifest: its keys are in camelCase, it takes no others, and no key stands without a value."""

    model_config = ConfigDict(extra="forbid", frozen=True, alias_generator=to_camel)

    @field_validator("*", mode="before")
    @classmethod
    def _has_a_value(cls, value: Any) -> Any:
        if value is None:
            raise ValueError("has no value: write one, or remove the key where it is not required")
        return value


def fields_of(model: type[Section]) -> dict[str, FieldInfo]:
    """A mapping's keys as manifests write them, with what they take."""
    return {str(field.alias): field for field in model.model_fields.values()}


def valid(model: type[Section], key: str, value: Any) -> Any:
    """One key's value by itself, whatever is wrong beside it; None where it is wrong."""
    try:
        return _adapter(model, key).validate_python(value)
    except ValidationError:
        return None


@cache
def _adapter(model: type[Section], key: str) -> TypeAdapter[Any]:
    field = fields_of(model)[key]
    annotated: Any = Annotated[field.annotation, *field.metadata] if field.metadata else field.annotation
    return TypeAdapter(annotated)


class Metadata(Section):
    """What names a manifest."""

    name: Name = Field(
        description="The manifest's name, unique among those of its kind. Others refer to it by this.",
        examples=["growth"],
    )


class Manifest(Section):
    """One document of the repository. `kind` says which; a subclass adds `kind` and `spec`."""

    api_version: Literal["folioctl/v1"] = Field(description="The version of the manifests' format.")
    kind: str = Field(description="Which kind of manifest this is.")
    metadata: Metadata = Field(description="What names this manifest.")
