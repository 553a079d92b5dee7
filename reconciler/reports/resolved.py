"""An account as it is resolved: every value that holds, by the key that manifests write, and where it came from."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any

from reconciler.diagnostics import Location
from reconciler.domain.desired import AccountSpec
from reconciler.domain.limits import RiskLimits
from reconciler.domain.policy import ExecutionPolicy
from reconciler.domain.portfolio import Target

_NO_VALUES = (
    *("name", "declared_at", "locations", "pinned", "portfolio", "limits", "policy", "account_id", "gateway"),
    *("instrument", "weight", "sleeve", "origin", "expiry"),
)
_SECONDS = {"d": 86400, "h": 3600, "m": 60, "s": 1}


@dataclass(frozen=True)
class ResolvedValue:
    """One value that holds. `place` is None where it is the default."""

    key: str
    value: str
    place: Location | None


def account_values(account: AccountSpec) -> tuple[ResolvedValue, ...]:
    """What the account itself says, its references first."""
    names = {
        "gateway": account.gateway.name,
        "portfolio": account.portfolio.name,
        "limits": account.limits.name,
        "policy": account.policy.name,
    }
    keys = {"limits": "riskLimits", "policy": "executionPolicy"}
    referred = (
        ResolvedValue(keys.get(field, field), name, account.locations.get(field)) for field, name in names.items()
    )
    secret = account.account_id
    identity = ResolvedValue(f"accountIdFrom.{secret.source}", secret.told, account.locations.get("account_id"))
    return (*referred, identity, *_values(account, account.locations))


def line_values(target: Target) -> tuple[ResolvedValue, ...]:
    """What is said of a line's instrument."""
    spec, places = target.instrument, target.locations
    month = spec.expiry and "-".join(filter(None, (spec.expiry[:4], spec.expiry[4:6], spec.expiry[6:])))
    expiry = (ResolvedValue("expiry", month, places.get("expiry")),) if month else ()
    return (*_values(spec, places), *expiry, *_values(target, places))


def limit_values(limits: RiskLimits) -> tuple[ResolvedValue, ...]:
    """Every limit that is set."""
    return tuple(_values(limits, limits.locations))


def policy_values(policy: ExecutionPolicy) -> tuple[ResolvedValue, ...]:
    """Every value of the policy that is set."""
    return tuple(_values(policy, policy.locations))


def _values(holder: Any, places: Mapping[str, Location], above: str = "") -> Iterator[ResolvedValue]:
    for each in fields(holder):
        value = getattr(holder, each.name)
        if each.name in _NO_VALUES or value is None or value in ((), frozenset(), {}):
            continue
        if is_dataclass(value):
            # The manifest has `emergencyLeverage` where the domain has `emergency.leverage`.
            joint = "_" if each.name == "emergency" else "."
            yield from _values(value, places, f"{above}{each.name}{joint}")
            continue
        name = f"{above}{each.name}"
        yield ResolvedValue(_key(name), _text(value), places.get(name))


def _key(name: str) -> str:
    """`emergency_leverage` as `emergencyLeverage`."""
    first, *others = name.replace("cash_buffer_", "cash_buffer.").split("_")
    return first + "".join(each[:1].upper() + each[1:] for each in others)


def _text(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Decimal():
            text = format(value, "f")
            return text.rstrip("0").rstrip(".") if "." in text else text
        case timedelta():
            return _duration(value)
        case datetime():
            return value.isoformat()
        case Enum():
            return str(value.value)
        case Mapping():
            return ", ".join(f"{_text(key)}: {_text(each)}" for key, each in sorted(value.items()))
        case frozenset():
            return ", ".join(sorted(_text(each) for each in value))
        case tuple():
            return ", ".join(_text(each) for each in value)
        case _ if is_dataclass(value):
            return " ".join(_text(getattr(value, each.name)) for each in fields(value))
        case _:
            return str(value)


def _duration(value: timedelta) -> str:
    seconds = int(value.total_seconds())
    unit = next((unit for unit, length in _SECONDS.items() if seconds % length == 0), "s") if seconds else "s"
    return f"{seconds // _SECONDS[unit]}{unit}"
