"""The desired side's edge: YAML manifests in, DesiredState and Diagnostics out.

    directory ─walk─▶ Tree ─inventory.read─▶ Inventory ─resolve─▶ Resolution ─rules─▶ Diagnostics
                                                                     └─convert─▶ DesiredState (with its digest)

Rules: Pydantic stays inside this package; what leaves is a value of `domain`. What a person wrote wrong is a
Diagnostic with its file, line and column, all of them at once, whatever bytes the files hold. One file per kind; the
fields' descriptions are the single source of the JSON Schemas and of the reference.
"""

from reconciler.manifests.given import load_given
from reconciler.manifests.load import Checked, check, load

__all__ = ["Checked", "check", "load", "load_given"]
