"""A second version of the manifests' format, which exists in tests alone: it proves that migrations lead both ways."""

from reconciler.manifests.migration.edits import MoveKey, RenameKey, reword
from reconciler.manifests.migration.registry import Migration, Registry

V1, V2, V3 = "folioctl/v1", "folioctl/v2", "folioctl/v3"

TO_V2 = Migration(
    V1,
    V2,
    [
        RenameKey("Portfolio", ("spec", "targets", "*", "sector"), "industry"),
        RenameKey("Portfolio", ("spec", "targets"), "holdings"),
        MoveKey("Portfolio", ("spec", "sleeves", "*", "weight"), ("spec", "sleeves", "*", "share", "weight")),
        reword("Account", ("spec", "environment"), {"paper": "practice", "live": "real"}),
        MoveKey("Account", ("spec", "leverage"), ("spec", "exposure", "target")),
        MoveKey("RiskLimits", ("spec", "maxQuoteAge"), ("spec", "quotes", "maxAge")),
        RenameKey("*", ("metadata", "name"), "id"),
    ],
)
TO_V3 = Migration(V2, V3, [MoveKey("RiskLimits", ("spec", "levels", "hard"), ("spec", "final"))])
REGISTRY = Registry((TO_V2, TO_V3))
