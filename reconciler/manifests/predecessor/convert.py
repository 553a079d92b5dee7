"""From the predecessor's variables to a set of manifests, or to everything that is wrong with them."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, has_errors
from reconciler.domain.desired import Environment
from reconciler.domain.errors import InvariantBroken
from reconciler.domain.imported import Fate, VariableFate
from reconciler.domain.unknown import Unknown
from reconciler.manifests.kinds import KINDS
from reconciler.manifests.predecessor.accounts import EnvAccount, accounts_of, environment_of
from reconciler.manifests.predecessor.env import EnvEntry
from reconciler.manifests.predecessor.variables import ACCOUNT_ID, ACCOUNTS, BY_NAME, Form, Place, Variable
from reconciler.manifests.scalars import duration_text
from reconciler.manifests.writing.profile import STANDARD
from reconciler.manifests.writing.setup import AccountSetup, Setup
from reconciler.manifests.writing.values import Path, percent

_NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,4})?")
_A_DAY = 86_400
_LEVERAGE, _EMERGENCY = ("leverage",), ("emergencyLeverage",)
_DEFAULTS: Mapping[tuple[str, Path], Any] = {
    ("Account", _LEVERAGE): Decimal("1.4"),
    ("RiskLimits", _EMERGENCY): Decimal(3),
    ("RiskLimits", ("marginCushion",)): "20%",
    ("ExecutionPolicy", ("rebalancing", "absoluteBand")): "5%",
    ("ExecutionPolicy", ("maxParallelOrders",)): 5,
    ("ExecutionPolicy", ("timeouts", "run")): "30m",
}
"""What the predecessor took where its file did not say."""
_PORTS = {Environment.PAPER: 7497, Environment.LIVE: 7496}
"""Trader Workstation's, which was the predecessor's default."""


@dataclass(frozen=True)
class Converted:
    """The manifests, what became of each variable, and the variables of an env file (secrets among them)."""

    setup: Setup
    fates: tuple[VariableFate, ...]
    variables: Mapping[str, str] = field(repr=False)
    notes: tuple[str, ...] = ()


def convert(entries: Sequence[EnvEntry], said: Environment | None) -> tuple[Converted | None, tuple[Diagnostic, ...]]:
    """The settings as manifests, and what is wrong with them. `said` is paper or live where somebody said it."""
    by_name = {each.name: each for each in entries}
    values, faults = _values(entries)
    accounts, wrong = accounts_of(by_name)
    faults += wrong
    environment, wrong = environment_of(accounts, by_name, said) if accounts else (None, ())
    faults += wrong
    faults += _emergency_faults(values)
    faults += _unknown(entries)
    if has_errors(faults) or environment is None:
        return None, diagnostics.in_order(faults)
    converted = Converted(
        setup=_setup(values, accounts, environment),
        fates=tuple(_fate(each, accounts) for each in entries),
        variables=_variables(by_name, accounts),
        notes=tuple(_notes(values, accounts)),
    )
    return converted, diagnostics.in_order(faults)


# --------------------------------------------------------------------------------------------------- values


_Said = dict[tuple[str, Path], tuple[Any, EnvEntry]]


def _values(entries: Sequence[EnvEntry]) -> tuple[_Said, list[Diagnostic]]:
    """What the file says of each key of a manifest, and by which variable."""
    found: _Said = {}
    faults: list[Diagnostic] = []
    for entry in entries:
        variable = BY_NAME.get(entry.name)
        place = variable.place if variable is not None else None
        if place is None or not entry.value or place.path == ("baseCurrency",):
            continue
        value = _read(entry, place)
        if isinstance(value, Unknown):
            faults.append(diagnostics.error("ENV003", f"{entry.name} {value.why}", entry.place))
            continue
        known = found.setdefault((place.kind, place.path), (value, entry))
        if known[0] != value:
            summary = f"{entry.name} and {known[1].name} (line {known[1].place.line}) say two things of {place}"
            faults.append(diagnostics.error("ENV005", summary, entry.place, suggestion="Remove one of them."))
    return found, faults


def _read(entry: EnvEntry, place: Place) -> Any:
    """The value as a manifest writes it; Unknown where it is none."""
    if place.form is Form.TEXT:
        return _checked(place, entry.value, entry.value)
    if not _NUMBER.fullmatch(entry.value):
        return Unknown("is not a number")
    number = Decimal(entry.value)
    if place.form is Form.SECONDS:
        if number != number.to_integral_value() or not 0 < number <= _A_DAY:
            return Unknown("is not a whole number of seconds, a day at most")
        return duration_text(timedelta(seconds=int(number)))
    is_whole = number == number.to_integral_value() and number.adjusted() < 12
    value = int(number) if is_whole and place.form is Form.NUMBER else number
    return _checked(place, value, percent(number) if place.form is Form.SHARE else value)


def _checked(place: Place, value: Any, written: Any) -> Any:
    """`written`, where the manifest's own model takes the value."""
    try:
        _adapter(place.kind, place.path).validate_python(value)
    except ValidationError as fault:
        message = fault.errors(include_url=False)[0]["msg"].removeprefix("Value error, ")
        return Unknown(message.replace("Input should be", "must be"))
    return written


@cache
def _adapter(kind: str, path: Path) -> TypeAdapter[Any]:
    model: Any = KINDS[kind]
    for key in ("spec", *path):
        if not issubclass(model, BaseModel):
            raise InvariantBroken(f"{kind} has no key {'.'.join(path)}")
        info = next(each for each in model.model_fields.values() if each.alias == key)
        model = info.annotation
    annotated: Any = Annotated[info.annotation, *info.metadata] if info.metadata else info.annotation
    return TypeAdapter(annotated)


# --------------------------------------------------------------------------------------------------- rules


def _of(values: _Said, kind: str, path: Path) -> Any:
    return values[kind, path][0] if (kind, path) in values else _DEFAULTS.get((kind, path))


def _emergency_faults(values: _Said) -> list[Diagnostic]:
    """An emergency that does not lie between the leverage and liquidation."""
    leverage, emergency = Decimal(_of(values, "Account", _LEVERAGE)), Decimal(_of(values, "RiskLimits", _EMERGENCY))
    room = STANDARD.room(leverage, emergency)
    if not isinstance(room, Unknown) and room.emergency_leverage == emergency:
        return []
    _, entry = values.get(("RiskLimits", _EMERGENCY)) or values.get(("Account", _LEVERAGE)) or (None, None)
    between = room.why if isinstance(room, Unknown) else _between(leverage)
    summary = f"the emergency leverage {emergency} does not fit the leverage {leverage}: {between}"
    return [diagnostics.error("ENV003", summary, entry.place if entry is not None else None)]


def _between(leverage: Decimal) -> str:
    """The emergencies that fit a leverage: the earliest and the latest that there is room for."""
    ends = (STANDARD.room(leverage, each) for each in (Decimal(0), Decimal("Infinity")))
    least, most = (each.emergency_leverage for each in ends if not isinstance(each, Unknown))
    return f"it has to be from {least} to {most}"


def _unknown(entries: Sequence[EnvEntry]) -> list[Diagnostic]:
    return [
        diagnostics.warning(
            "ENV006",
            f"{each.name} is in neither of the predecessor's templates, and is left out",
            each.place,
            suggestion=diagnostics.did_you_mean(each.name, BY_NAME),
        )
        for each in entries
        if each.name not in BY_NAME
    ]


# --------------------------------------------------------------------------------------------------- what it becomes


def _setup(values: _Said, accounts: Sequence[EnvAccount], environment: Environment) -> Setup:
    said = {place: value for place, (value, _) in values.items()}
    whole = {**_DEFAULTS, **said}
    leverage, emergency = Decimal(whole["Account", _LEVERAGE]), Decimal(whole["RiskLimits", _EMERGENCY])
    room = STANDARD.room(leverage, emergency)
    if isinstance(room, Unknown):
        raise InvariantBroken(room.why)
    kinds = {kind: {path: value for (each, path), value in whole.items() if each == kind} for kind in KINDS}
    return Setup(
        accounts=[_account(each, len(accounts), environment, leverage) for each in accounts],
        gateway={("port",): _PORTS[environment], **kinds["Gateway"]},
        limits={**STANDARD.limits(room, leverage), **kinds["RiskLimits"]},
        policy=kinds["ExecutionPolicy"],
    )


def _account(account: EnvAccount, number: int, environment: Environment, leverage: Decimal) -> AccountSetup:
    is_first = account.variable == ACCOUNT_ID
    name = "main" if number == 1 else f"account-{'1' if is_first else account.variable.rpartition('_')[2]}"
    values = {
        ("environment",): environment.value,
        ("accountIdFrom", "env"): account.variable,
        ("baseCurrency",): account.currency,
        ("leverage",): leverage,
    }
    return AccountSetup(name, {**values, **({("default",): True} if number > 1 and is_first else {})})


def _variables(by_name: Mapping[str, EnvEntry], accounts: Sequence[EnvAccount]) -> dict[str, str]:
    found = {each.variable: each.number for each in accounts if each.number is not None}
    kept = [each for each in BY_NAME.values() if each.kept and each.name not in (ACCOUNT_ID, ACCOUNTS)]
    found |= {each.name: by_name[each.name].value for each in kept if each.name in by_name and by_name[each.name].value}
    return found


def _fate(entry: EnvEntry, accounts: Sequence[EnvAccount]) -> VariableFate:
    variable = BY_NAME.get(entry.name)
    if variable is None:
        return VariableFate(entry.name, entry.place.line, Fate.UNKNOWN, None, "it is in neither template")
    if not entry.value:
        return VariableFate(entry.name, entry.place.line, Fate.DROPPED, None, "it has no value")
    if variable.place is not None:
        return VariableFate(entry.name, entry.place.line, Fate.MAPPED, str(variable.place), variable.why)
    numbers = {each.number for each in accounts}
    if not variable.kept:
        return VariableFate(entry.name, entry.place.line, Fate.DROPPED, None, variable.why)
    if variable.name == ACCOUNT_ID and entry.value.upper() not in numbers:
        why = "it is the template's placeholder" if numbers == {None} else f"{ACCOUNTS} does not name it, and counts"
        return VariableFate(entry.name, entry.place.line, Fate.DROPPED, None, why)
    return VariableFate(entry.name, entry.place.line, Fate.KEPT, _kept_as(variable, accounts), variable.why)


def _kept_as(variable: Variable, accounts: Sequence[EnvAccount]) -> str:
    return ", ".join(each.variable for each in accounts) if variable.name == ACCOUNTS else variable.name


def _notes(values: _Said, accounts: Sequence[EnvAccount]) -> list[str]:
    notes = [
        f"{kind} {'.'.join(path)} is {value}: the file does not say it, and that was the predecessor's default"
        for (kind, path), value in _DEFAULTS.items()
        if (kind, path) not in values
    ]
    if ("Gateway", ("port",)) not in values:
        notes.append(
            "the file names no port: Gateway port is Trader Workstation's, which was the predecessor's default"
        )
    if accounts[0].number is None:
        notes.append(f"no account number is in the file: put it into .env as {ACCOUNT_ID}")
    return notes
