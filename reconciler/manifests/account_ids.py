"""Account numbers have no place in Git, nor in messages, which end up in logs and in public pull requests."""

import re
from collections.abc import Iterator
from typing import Any

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, Location
from reconciler.yamlsource import Document, YamlPath

# The broker's own form: U1234567, DU1234567 on paper, F… and DF… for advisors, I… for institutions.
_ACCOUNT_ID = re.compile(r"(?<![A-Za-z0-9])(?:D?[FIU]|DU[A-Z])\d{5,9}(?![A-Za-z0-9])", re.IGNORECASE)


def may_hold(text: str) -> bool:
    """Whether a file needs a closer look: an account number as it is, or behind an escape of YAML."""
    return "\\" in text or _ACCOUNT_ID.search(text) is not None


def check(document: Document) -> Iterator[Diagnostic]:
    """Every account number among the keys and values of a document."""
    return _search(document, document.data, ())


def without(text: str) -> str:
    """`text` with every account number in it made unreadable."""
    return _ACCOUNT_ID.sub("(account id)", text)


def _search(document: Document, data: Any, path: YamlPath) -> Iterator[Diagnostic]:
    if isinstance(data, dict):
        for key, value in data.items():
            if _ACCOUNT_ID.search(key):
                yield _fault(document.locate_key((*path, key)))
            yield from _search(document, value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _search(document, value, (*path, index))
    elif isinstance(data, str) and _ACCOUNT_ID.search(data):
        yield _fault(document.locate(path))


def _fault(place: Location) -> Diagnostic:
    hint = "Keep it in an environment variable or in the keyring, and say which in accountIdFrom."
    return diagnostics.error("MAN014", "an account id must not stand in a manifest", place, suggestion=hint)
