"""Secrets have no place in Git: passwords, tokens and private keys that stand in a manifest, by their own forms.

Conservative: only what has the form of a well-known secret, or stands under a key that says so.
"""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, Location
from reconciler.yamlsource import Comment, Document, YamlPath

_FORMS = (
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    r"\bgh[pousr]_[A-Za-z0-9]{36,}",
    r"\bgithub_pat_[A-Za-z0-9_]{22,}",
    r"\bglpat-[A-Za-z0-9_-]{20,}",
    r"\bxox[abeprs]-[A-Za-z0-9-]{10,}",
    r"\bhooks\.slack\.com/services/[A-Za-z0-9/]{20,}",
    r"\b[0-9]{8,10}:[A-Za-z0-9_-]{35}\b",
    r"\bsk[-_][A-Za-z0-9_-]{20,}",
    r"\bAIza[0-9A-Za-z_-]{35}",
    r"\beyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    r"\b[a-z][a-z0-9+.-]{0,20}://[^/\s:@]{1,100}:[^/\s:@]{1,100}@",
)
_SHORTEST = 16
"""No form is shorter, but for a password in an address, which has its scheme and host beside it."""
_WORDS = r"(?:password|passwd|passphrase|secret|token|api[_-]?key|private[_-]?key)"
_SECRET = re.compile("|".join(_FORMS))
_BOT_TOKEN = re.compile(r"[0-9]{8}:[A-Za-z0-9_-]{35}")
_SIGNS = (
    *("\\", "private", "akia", "asia", "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "xox"),
    *(
        "hooks.slack.com",
        "sk-",
        "sk_",
        "aiza",
        "eyj",
        "passw",
        "passphrase",
        "secret",
        "token",
        "apikey",
        "api_",
        "api-",
    ),
)
"""Of all that is looked for, one of these is a part in small letters, but for the token of a bot."""
_KEY = re.compile(rf"(?:.*[a-z_-])?{_WORDS}", re.IGNORECASE)
_ASSIGNED = re.compile(rf"({_WORDS}[\"']?\s*[:=]\s*)[^\s{{\[].*", re.IGNORECASE)


def may_hold(text: str) -> bool:
    """Whether a file needs a closer look: a secret's form, or a word for one, as it is or behind an escape of YAML."""
    lower = text.lower()
    has_login = "://" in text and "@" in text
    return has_login or any(each in lower for each in _SIGNS) or _BOT_TOKEN.search(text) is not None


def check(document: Document) -> Iterator[Diagnostic]:
    """Every secret among the keys and values of a document, as a warning."""
    return _search(document, document.data, ())


def check_comments(comments: Iterable[Comment], file: str) -> Iterator[Diagnostic]:
    """Every comment with something that has the form of a secret, as a warning."""
    for comment in comments:
        found = _SECRET.search(comment.text)
        if found is not None:
            column = comment.column + found.start()
            yield _fault(Location(file, comment.line, column, comment.line, column + len(found[0])))


def without(text: str) -> str:
    """`text` with every secret in it made unreadable."""
    return _ASSIGNED.sub(r"\1(secret)", _SECRET.sub("(secret)", text))


def _search(document: Document, data: Any, path: YamlPath) -> Iterator[Diagnostic]:
    if isinstance(data, dict):
        for key, value in data.items():
            if _is_secret(key):
                yield _fault(document.locate_key((*path, key)))
            if _names_a_secret(key) and isinstance(value, str | int) and not isinstance(value, bool):
                yield _fault(document.locate((*path, key)))
            else:
                yield from _search(document, value, (*path, key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            yield from _search(document, value, (*path, index))
    elif isinstance(data, str) and _is_secret(data):
        yield _fault(document.locate(path))


def _is_secret(text: str) -> bool:
    return len(text) >= _SHORTEST and _SECRET.search(text) is not None


@lru_cache(maxsize=4096)
def _names_a_secret(key: str) -> bool:
    return _KEY.fullmatch(key) is not None


def _fault(place: Location) -> Diagnostic:
    hint = (
        "Take it out, replace it at whoever issued it, for Git remembers, and keep it in the environment or a keyring."
    )
    return diagnostics.warning("SEC001", "this looks like a secret, and manifests are in Git", place, suggestion=hint)
