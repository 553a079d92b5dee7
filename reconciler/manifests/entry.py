"""The Entry: one document that says its kind, as far as it can be understood."""

from dataclasses import dataclass
from typing import Any

from reconciler.diagnostics import Location
from reconciler.domain.errors import InvariantBroken
from reconciler.manifests.base import API_VERSION, Manifest, Section, fields_of, valid
from reconciler.manifests.kinds import KINDS
from reconciler.yamlsource import Document


@dataclass(frozen=True)
class Entry:
    """One document that says its kind; `manifest` is None where its shape is wrong, `name` where it has none."""

    kind: str
    name: str | None
    document: Document
    manifest: Manifest | None

    @property
    def place(self) -> Location:
        """Where its name stands: the manifest's own place in messages."""
        return self.document.locate(("metadata", "name"))

    @property
    def spec(self) -> Any:
        """What is written as its spec, an empty mapping where nothing is; None where that is of another version, or may
        stand under a key that nobody knows.
        """
        data = self.document.data
        is_clear = data.keys() <= fields_of(KINDS[self.kind]).keys()
        return data.get("spec", {} if is_clear else None) if data.get("apiVersion") == API_VERSION else None

    def value(self, key: str) -> Any:
        """One key of the spec by itself, whatever is wrong beside it, so that its rules are told at once too.

        Its default where the key is absent; None where its value is wrong or missing, or where a key that nobody
        knows was perhaps meant to be this one.
        """
        model = spec_of(self.kind)
        fields = fields_of(model)
        spec = self.spec
        if not isinstance(spec, dict):
            return None
        if key in spec:
            return valid(model, key, spec[key])
        field = fields[key]
        absent = field.is_required() or not spec.keys() <= fields.keys()
        return None if absent else field.get_default(call_default_factory=True, validated_data={})

    def __str__(self) -> str:
        return f"{self.kind} '{self.name}'"


def spec_of(kind: str) -> type[Section]:
    """The model of a kind's spec."""
    spec = KINDS[kind].model_fields["spec"].annotation
    if not (isinstance(spec, type) and issubclass(spec, Section)):
        raise InvariantBroken(f"the spec of {kind} is no section")
    return spec
