"""The digest of what manifests mean: comments, layout, the order of keys, lines and files, and `13%` for 0.13 are one.

Places are no part of it. It tells whether two checkouts ask for the same, and a plan records it.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from reconciler.domain.desired import AccountSpec
from reconciler.domain.errors import InvariantBroken
from reconciler.manifests.base import API_VERSION

_PLACES = ("declared_at", "locations")


def digest(accounts: Sequence[AccountSpec]) -> str:
    """`sha256:…` over the meaning of `accounts`."""
    meaning = {"apiVersion": API_VERSION, "accounts": [_meaning(_sorted(account)) for account in accounts]}
    text = json.dumps(meaning, sort_keys=True, separators=(",", ":"))
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _sorted(account: AccountSpec) -> AccountSpec:
    targets = sorted(account.portfolio.targets, key=lambda target: target.instrument.name)
    return replace(account, portfolio=replace(account.portfolio, targets=tuple(targets)))


def _meaning(value: Any) -> Any:
    if is_dataclass(value):
        return {each.name: _meaning(getattr(value, each.name)) for each in fields(value) if each.name not in _PLACES}
    if isinstance(value, tuple):
        return [_meaning(each) for each in value]
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    if isinstance(value, timedelta):
        return f"{value.total_seconds():g}s"
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int):
        return value
    raise InvariantBroken(f"the digest does not know {type(value).__name__}")
