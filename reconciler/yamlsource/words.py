"""Words for messages: values and paths as a person reads them, with nothing in them that could steer a terminal."""

from collections.abc import Iterable
from typing import Any

MAX_SHOWN = 60


def dotted(path: Iterable[str | int]) -> str:
    """`("spec", "targets", 3, "weight")` as `spec.targets[3].weight`; the empty path as the empty text."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{printable(part)}" for part in path)
    return text.removeprefix(".")


def shown(value: Any) -> str:
    """A value as a message names it: text in quotes and cut to a readable length, collections by their kind."""
    if value is None:
        return "nothing"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    return f"'{_cut(printable(value))}'" if isinstance(value, str) else _cut(str(value))


def printable(text: str | int) -> str:
    """`text` with control characters written out: quoted YAML can hold them."""
    return "".join(each if each.isprintable() else repr(each)[1:-1] for each in str(text))


def one_line(text: str) -> str:
    """`text` on one line, its runs of blanks made single."""
    return printable(" ".join(text.split()))


def _cut(text: str) -> str:
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
