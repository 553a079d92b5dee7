"""The canonical form of manifests, and how files are brought into it without losing a word.

    text ─layout─▶ indents and blanks ─envelope─▶ order of keys ─editorline─▶ first line ─guard─▶ text

Each step is a function from text to text. The guard holds what comes out against what went in, and lets nothing pass
that would mean something else or has lost a comment.
"""

from reconciler.manifests.formatting.editorline import schemas_above
from reconciler.manifests.formatting.formatted import formatted

__all__ = ["formatted", "schemas_above"]
