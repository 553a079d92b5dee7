"""From one apiVersion of the manifests to the next, and back, in the text that a person wrote.

    registry: which versions there are, and the edits that lead from each to the next
    edits: what is done to a manifest: a key renamed, a key moved, a value written in another form; each has its inverse
    surgery: how that is done to the text, at exact positions, so that everything else stays byte for byte
    migrated: one file, and the guard that holds its text against what the edits make of its values

An edit says twice what it does: to the values, and to the text. A file is written only where both agree and no comment
was lost.
"""

from reconciler.manifests.migration.migrated import migrated, remedy
from reconciler.manifests.migration.registry import MIGRATIONS, Migration, Registry

__all__ = ["MIGRATIONS", "Migration", "Registry", "migrated", "remedy"]
