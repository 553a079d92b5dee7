"""What a plain scalar means: the core schema of YAML 1.2, with the few extensions that its round-trip library has.

So `ON`, `yes` and `NO` are text, `010` is ten, and a number keeps the digits that were written.
"""

import re
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

MAX_NUMBER_LENGTH = 40

_STARTS = frozenset("-+0123456789.tTfFnN~")
"""How a plain scalar begins that is not text."""

_NUMBER = re.compile(
    r"""[-+]?(?: 0b[01_]+ | 0o?[0-7_]+ | [0-9_]+ | 0x[0-9a-fA-F_]+ )
    | [-+]?[0-9][0-9_]*(?: \.[0-9_]*(?:[eE][-+]?[0-9]+)? | [eE][-+]?[0-9]+ )
    | [-+]?\.[0-9_]+(?:[eE][-+][0-9]+)?
    | [-+]?\.(?:inf|Inf|INF) | \.(?:nan|NaN|NAN)""",
    re.VERBOSE,
)
_WORDS: dict[str, Any] = {
    "": None,
    "~": None,
    **dict.fromkeys(("null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


class Inexact(ValueError):
    """A number that cannot be read exactly, or that is written with too many characters."""


@lru_cache(maxsize=1 << 16)
def plain(text: str) -> Any:
    """The value of a plain scalar: None, bool, int, Decimal or text. Raises Inexact."""
    if text and text[0] not in _STARTS:
        return text
    if text in _WORDS:
        return _WORDS[text]
    return number(text) if is_number(text) else text


def is_number(text: str) -> bool:
    """Whether a plain scalar is a number; a lone sign or underscore is text."""
    return _NUMBER.fullmatch(text) is not None and any(each.isalnum() for each in text)


def number(text: str) -> int | Decimal:
    """The number that `text` says, exactly. Raises Inexact where it says none."""
    if not is_number(text):
        raise Inexact(text)
    written = text.replace("_", "").lower()
    unsigned = written.lstrip("+-")
    if len(written) > MAX_NUMBER_LENGTH:
        raise Inexact(text)
    if unsigned in (".inf", ".nan"):
        return Decimal(written.replace(".", ""))
    try:
        if unsigned.startswith(("0x", "0o", "0b")):
            return int(written, 0)
        if re.fullmatch(r"[+-]?\d+", written):
            return int(written)
        found = Decimal(written)
    except (ValueError, InvalidOperation):
        raise Inexact(text) from None
    # 1e999999 is short to write and a million digits long wherever it is written out.
    if abs(found.adjusted()) > MAX_NUMBER_LENGTH:
        raise Inexact(text)
    return found
