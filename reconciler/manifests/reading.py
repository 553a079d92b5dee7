"""Reading a Portfolio's spec as far as its rules need it, even where something beside that is wrong."""

from typing import Any

from reconciler.manifests.entry import Entry
from reconciler.manifests.portfolio import Portfolio, PortfolioSpec

_NEEDED = ("targets", "sleeves", "cash", "allowEmpty")
_OPTIONAL = ("weightsFrom", "defaults")


def readable(entry: Entry) -> PortfolioSpec | None:
    """The spec of a Portfolio; None for another kind, and where its weights cannot be told.

    What is wrong and no matter of weights is taken for what breaks no rule: its own mistake is told already.
    """
    if entry.kind != "Portfolio":
        return None
    if isinstance(entry.manifest, Portfolio):
        return entry.manifest.spec
    read: dict[str, Any] = {key: entry.value(key) for key in (*_NEEDED, *_OPTIONAL)}
    spec = entry.document.data.get("spec")
    written = spec if isinstance(spec, dict) else {}
    if any(read[key] is None for key in (*_NEEDED, *(key for key in _OPTIONAL if key in written))):
        return None
    read |= {"moved": entry.value("moved") or [], "longOnly": entry.value("longOnly") or False}
    return PortfolioSpec.model_construct(**read)
