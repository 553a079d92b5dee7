"""Account numbers have no place in Git, nor in messages, which end up in logs and in public pull requests."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, Location
from reconciler.yamlsource import Comment, Document, YamlPath

# The broker's own form: U1234567, DU1234567 on paper, F… and DF… for advisors, I… for institutions.
_ACCOUNT_ID = re.compile(r"(?<![A-Za-z0-9])(?:D?[FIU]|DU[A-Z])\d{5,9}(?![A-Za-z0-9])", re.IGNORECASE)
# In the name of a file: U and DU as the broker writes them; F and I in capitals, u and du in small letters, where the
# digits are no day or month. f20261231.yaml is no advisor's account.
_IN_A_FILE_NAME = re.compile(
    r"(?<![A-Za-z0-9])(?:DU[A-Z]?\d{5,9}|U\d{5,9}"
    r"|(?![A-Za-z]+(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])?(?!\d))(?:D?[FI]\d{5,9}|(?i:DU[A-Z]?|U)\d{5,9}))"
    r"(?![A-Za-z0-9])"
)
_UNREADABLE = "(account id)"
_CODE = "MAN014"
_AS_A_NAME = "an account id must not stand in a manifest where reports and logs repeat it"
_HINT = "Keep it in an environment variable or in the keyring, and say which in accountIdFrom."
_FILE_NAME = ("file",)
"""The key of a file's name, which may be a day."""
_NEVER_REPEATED = frozenset({"reason", "by", "emergencyAuthorisedBy", "env", "keyring"})
"""Words for a person and the places of secrets, out of which `convert` takes what is never shown. Everything else is
a name, or may become one, and names are in every plan, report and journal.
"""


def may_hold(text: str) -> bool:
    """Whether a file needs a closer look: an account number as it is, or behind an escape of YAML."""
    return "\\" in text or _ACCOUNT_ID.search(text) is not None


def check(document: Document) -> Iterator[Diagnostic]:
    """Every account number among the keys and values of a document: a warning where no output repeats it."""
    return _search(document, document.data, ())


def check_text(text: str, place: Callable[[], Location]) -> Iterator[Diagnostic]:
    """An account number in one text that is a name, such as a symbol in a file of weights."""
    if _ACCOUNT_ID.search(text):
        yield diagnostics.error(_CODE, _AS_A_NAME, place(), suggestion=_HINT)


def check_comments(comments: Iterable[Comment], file: str) -> Iterator[Diagnostic]:
    """Every comment with an account number, as a warning."""
    for comment in comments:
        found = _ACCOUNT_ID.search(comment.text)
        if found is not None:
            column = comment.column + found.start()
            place = Location(file, comment.line, column, comment.line, column + len(found[0]))
            hint = "Take it out: the account's name says as much."
            yield diagnostics.warning(_CODE, "an account id stands in a comment", place, suggestion=hint)


def check_file_name(name: str) -> Iterator[Diagnostic]:
    """An account number in the name of a file, which goes wherever a place in the file is told. It has no place."""
    if _IN_A_FILE_NAME.search(name):
        summary = f"the name of the file '{_file_name_without(name)}' has an account id in it, and the file is not read"
        hint = "Rename it: every message and report that names a place in the file would repeat the number."
        yield diagnostics.error(_CODE, summary, suggestion=hint)


def without(text: str) -> str:
    """`text` with every account number in it made unreadable."""
    return _ACCOUNT_ID.sub(_UNREADABLE, text)


def path_without(path: Path, directory: Path) -> Path:
    """The path, with every account number made unreadable in what a file below `directory` is called."""
    if not path.is_relative_to(directory):
        return path
    return directory / _file_name_without(path.relative_to(directory).as_posix())


def _file_name_without(name: str) -> str:
    return _IN_A_FILE_NAME.sub(_UNREADABLE, name)


def _search(document: Document, data: Any, path: YamlPath) -> Iterator[Diagnostic]:
    if isinstance(data, dict):
        for key, value in data.items():
            if _ACCOUNT_ID.search(key):
                yield diagnostics.error(_CODE, _AS_A_NAME, document.locate_key((*path, key)), suggestion=_HINT)
            yield from _search(document, value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _search(document, value, (*path, index))
    elif isinstance(data, str) and (_IN_A_FILE_NAME if path[-1:] == _FILE_NAME else _ACCOUNT_ID).search(data):
        place = document.locate(path)
        if path and path[-1] in _NEVER_REPEATED:
            yield diagnostics.warning(_CODE, "an account id stands in a manifest", place, suggestion=_HINT)
        else:
            yield diagnostics.error(_CODE, _AS_A_NAME, place, suggestion=_HINT)
