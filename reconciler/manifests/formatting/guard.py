"""The guard: does one text say the same as another, comments included?"""

from collections import Counter
from typing import Any

from reconciler import yamlsource
from reconciler.manifests.formatting.editorline import is_line
from reconciler.yamlsource import layout


def difference(before: str, after: str) -> str:
    """What `after` lost or changed of `before`, in words; empty where both say the same.

    Keys may stand in another order, and comments move with them. The line for editors is free.
    Raises `layout.Unplaced` for a text whose comments cannot be told from the rest.
    """
    documents, _ = yamlsource.load(before, "before")
    changed, found = yamlsource.load(after, "after")
    if found:
        return f"it would be {found[0].summary}"
    if [exact(each.data) for each in documents] != [exact(each.data) for each in changed]:
        return "a value would change"
    lost = _comments(before) - _comments(after)
    added = _comments(after) - _comments(before)
    for comment in [*lost, *added]:
        return f"the comment {yamlsource.shown(comment)} would change"
    return ""


def _comments(text: str) -> Counter[str]:
    return Counter(each for each in layout.comments(text) if not is_line(each))


def exact(value: Any) -> str:
    """A value in a form that is equal only where type and digits are: 1 is neither 1.0 nor true."""
    return repr(_sorted(value))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return sorted((key, _sorted(each)) for key, each in value.items())
    return [_sorted(each) for each in value] if isinstance(value, list) else value
