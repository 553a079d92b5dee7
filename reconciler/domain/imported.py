"""Imported: what an import, or `init`, makes of what it read: files, and what became of each thing that was there."""

import re
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from reconciler.domain.ids import AccountName, ConId, InstrumentName


class FileAction(StrEnum):
    """What happens to a file."""

    CREATE = "create"
    CHANGE = "change"
    APPEND = "append"
    KEEP = "keep"
    """It is there already and is left as it is."""


@dataclass(frozen=True)
class FileChange:
    """A file and its text afterwards. `before` is its text now, None where there is no such file."""

    path: str
    before: str | None
    after: str
    action: FileAction
    is_private: bool = False
    """Whether nobody but its owner may read it."""


WAITING = ".{}.", ".new"
"""How the name begins and ends of a text that waits, beside its file, to take that file's place."""
_WAITING = re.compile(r"\.(.+)\.[^.]+\.new")


def waits_for(name: str) -> str | None:
    """The file whose new text a file of that name holds; None where it is no such text.

    Where it waits and nobody writes any more, a write was cut off, and what it was part of may be half done.
    """
    found = _WAITING.fullmatch(name)
    return None if found is None else found[1]


class Fate(StrEnum):
    """What became of a variable of the predecessor's."""

    MAPPED = "mapped"
    KEPT = "kept"
    """In an env file, because it is a secret, or a setting of the process."""
    DROPPED = "dropped"
    UNKNOWN = "unknown"
    """The predecessor's templates do not have it."""


@dataclass(frozen=True)
class VariableFate:
    """One variable, where it stood, what became of it, where it went (None where nowhere), and why. Without values."""

    name: str
    line: int
    fate: Fate
    to: str | None
    why: str


@dataclass(frozen=True)
class ImportedLine:
    """One line of a portfolio, with its share of the base."""

    instrument: InstrumentName
    con_id: ConId | None
    weight: Decimal


@dataclass(frozen=True)
class ImportedHolding:
    """A holding that no line stands for, and why."""

    symbol: str
    con_id: ConId
    why: str


@dataclass(frozen=True)
class ImportedAccount:
    """An account as the manifests say it now. `leverage` is None where it was not read."""

    name: AccountName
    leverage: Decimal | None = None
    cash: Decimal | None = None
    lines: tuple[ImportedLine, ...] = ()
    aside: tuple[ImportedHolding, ...] = ()


@dataclass(frozen=True)
class Imported:
    """What an import came to. `reasons` say why nothing was written; `notes` are worth knowing all the same."""

    source: str
    files: tuple[FileChange, ...] = ()
    accounts: tuple[ImportedAccount, ...] = ()
    variables: tuple[VariableFate, ...] = ()
    reasons: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
