"""The digest of what manifests mean: comments, layout, the order of keys, lines and files, and `13%` for 0.13 are one.

Places are no part of it. It tells whether two checkouts ask for the same, and a plan records it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

from reconciler.domain.contract import Contract
from reconciler.domain.desired import AccountSpec
from reconciler.domain.errors import InvariantBroken
from reconciler.manifests.base import API_VERSION

_PLACES = ("declared_at", "locations", "origin", "cash_origin")


def digest(accounts: Sequence[AccountSpec]) -> str:
    """`sha256:…` over the meaning of `accounts`."""
    meaning = {"apiVersion": API_VERSION, "accounts": [_meaning(_sorted(account)) for account in accounts]}
    text = json.dumps(meaning, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _sorted(account: AccountSpec) -> AccountSpec:
    targets = sorted(account.portfolio.targets, key=lambda target: target.instrument.name)
    return replace(account, portfolio=replace(account.portfolio, targets=tuple(targets)))


def _meaning(value: Any) -> Any:
    match value:
        case str() | None | Decimal():
            return _scalar(value)
        case Contract():
            return value.con_id  # what a lock file knows besides is no other wish
        case Mapping():
            return {str(key): _meaning(each) for key, each in value.items()}
        case tuple():
            return [_meaning(each) for each in value]
        case frozenset():
            return sorted(_meaning(each) for each in value)
        case _ if is_dataclass(value):
            kind: Any = type(value)
            return {name: _meaning(getattr(value, name)) for name in _meant(kind)}
        case _:
            return _scalar(value)


@cache
def _meant(kind: type[Any]) -> tuple[str, ...]:
    """The fields of a domain value that are part of what it means."""
    return tuple(each.name for each in fields(kind) if each.compare and each.name not in _PLACES)


def _scalar(value: Any) -> Any:
    match value:
        case Decimal():
            text = format(value, "f")
            return text.rstrip("0").rstrip(".") if "." in text else text
        case datetime():
            return value.isoformat()
        case timedelta():
            return f"{value.total_seconds():g}s"
        case Enum():
            return value.value
        case None | str() | int():
            return value
        case _:
            raise InvariantBroken(f"the digest does not know {type(value).__name__}")
