"""What each code means, why it matters, and what to write instead: the source of `explain` and of the documents."""

from collections.abc import Mapping

from reconciler.manifests.codes import adoption, composition, lock, reading, rewriting, rules
from reconciler.manifests.codes.explanation import Explanation

__all__ = ["CODES", "Explanation"]

CODES: Mapping[str, Explanation] = {
    **reading.TEXT,
    **reading.SHAPE,
    **reading.IGNORES,
    **rules.RULES,
    **rules.REACH,
    **rules.SECRETS,
    **composition.COMPOSITION,
    **lock.LOCK,
    **rewriting.REWRITING,
    **adoption.ADOPTION,
    **adoption.GIVEN,
    **adoption.SETTINGS,
}
"""Every code that loading or rewriting manifests, a given portfolio or settings can give."""
