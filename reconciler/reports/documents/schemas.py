"""JSON Schemas of the documents, generated from the models and published beside the manifests'.

They describe what this version writes. Readers should pass over keys that they do not know: a minor version adds some.
"""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from reconciler.manifests.schema import BASE
from reconciler.planfile import PlanDocument
from reconciler.planfile.fields import Part
from reconciler.reports.documents.contract_lock import LockDocument
from reconciler.reports.documents.doctor import DoctorDocument
from reconciler.reports.documents.drift import DriftDocument
from reconciler.reports.documents.failure import FailureDocument
from reconciler.reports.documents.halt import HaltDocument
from reconciler.reports.documents.imported import ImportDocument
from reconciler.reports.documents.quirks import QuirksDocument
from reconciler.reports.documents.run import RunDocument
from reconciler.reports.documents.settings import SettingsDocument
from reconciler.reports.documents.snapshot import SnapshotDocument
from reconciler.reports.documents.status import StatusDocument
from reconciler.reports.documents.trail import TrailLine
from reconciler.reports.documents.validation import ValidationDocument
from reconciler.reports.documents.version import VersionDocument

DIALECT = "https://json-schema.org/draft/2020-12/schema"

DOCUMENTS: dict[str, type[Part]] = {
    "Plan": PlanDocument,
    "Drift": DriftDocument,
    "Run": RunDocument,
    "Snapshot": SnapshotDocument,
    "Status": StatusDocument,
    "Doctor": DoctorDocument,
    "Settings": SettingsDocument,
    "Halt": HaltDocument,
    "Import": ImportDocument,
    "Validation": ValidationDocument,
    "Lock": LockDocument,
    "Failure": FailureDocument,
    "Version": VersionDocument,
    "Quirks": QuirksDocument,
    "Trail": TrailLine,
}
"""Each kind and its model. A Trail is a line of an export, and has no envelope."""


class _Untitled(GenerateJsonSchema):
    """Without titles that only repeat a field's name."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def document_schemas() -> dict[str, dict[str, Any]]:
    """Every schema by its path below `schemas/`."""
    return {f"v1/documents/{kind}.json": _schema(kind, model) for kind, model in DOCUMENTS.items()}


def _schema(kind: str, model: type[Part]) -> dict[str, Any]:
    generated = model.model_json_schema(mode="serialization", schema_generator=_Untitled)
    return {"$schema": DIALECT, "$id": f"{BASE}v1/documents/{kind}.json"} | generated
