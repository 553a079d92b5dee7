"""The JSON documents: one model for each kind, the same envelope around all. `planfile.text_of` makes any of them text.

The Plan document is `planfile`'s, because it is read again; nothing reads the others but other people's programs.
"""

from reconciler.planfile import PlanDocument, plan_document
from reconciler.planfile.envelope import text_of
from reconciler.reports.documents.contract_lock import LockDocument, lock_document
from reconciler.reports.documents.doctor import DoctorDocument, doctor_document
from reconciler.reports.documents.drift import DriftDocument, drift_document
from reconciler.reports.documents.failure import FailureDocument, failure_document
from reconciler.reports.documents.halt import HaltDocument, halt_document
from reconciler.reports.documents.imported import ImportDocument, import_document
from reconciler.reports.documents.quirks import QuirksDocument, quirks_document
from reconciler.reports.documents.run import RunDocument, run_document
from reconciler.reports.documents.schemas import DOCUMENTS, document_schemas
from reconciler.reports.documents.settings import SettingsDocument, settings_document
from reconciler.reports.documents.snapshot import SnapshotDocument, snapshot_document
from reconciler.reports.documents.status import StatusDocument, status_document
from reconciler.reports.documents.trail import csv_lines, json_lines
from reconciler.reports.documents.validation import ValidationDocument, validation_document
from reconciler.reports.documents.version import VersionDocument, version_document

__all__ = [
    "DOCUMENTS",
    "DoctorDocument",
    "DriftDocument",
    "FailureDocument",
    "HaltDocument",
    "ImportDocument",
    "LockDocument",
    "PlanDocument",
    "QuirksDocument",
    "RunDocument",
    "SettingsDocument",
    "SnapshotDocument",
    "StatusDocument",
    "ValidationDocument",
    "VersionDocument",
    "csv_lines",
    "doctor_document",
    "document_schemas",
    "drift_document",
    "failure_document",
    "halt_document",
    "import_document",
    "json_lines",
    "lock_document",
    "plan_document",
    "quirks_document",
    "run_document",
    "settings_document",
    "snapshot_document",
    "status_document",
    "text_of",
    "validation_document",
    "version_document",
]
