"""How values look in JSON: numbers are strings, money keeps its currency, Unknown says why, times are UTC with a Z.

The types here are the domain's own (`Decimal`, `Money`, `Unknown`, `datetime`) with their JSON form attached, so that a
document's fields hold domain values and need no second set of classes.
"""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, PlainSerializer, PlainValidator, WithJsonSchema

from reconciler.domain.money import Currency, Money
from reconciler.domain.unknown import Unknown

_NUMBER = r"^-?[0-9]+(\.[0-9]+)?$"
_CURRENCY = r"^[A-Z]{3}$"

Json = dict[str, Any]


def number_text(value: Decimal) -> str:
    """Digits without an exponent; every digit is kept."""
    return format(value, "f")


def time_text(moment: datetime) -> str:
    """ISO 8601 in UTC, with Z."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _to_json(value: Decimal | Money | Unknown) -> str | Json:
    match value:
        case Unknown(why=why):
            return {"unknown": why}
        case Money(amount=amount, currency=currency):
            return {"amount": number_text(amount), "currency": currency}
        case Decimal():
            return number_text(value)


def _number(value: object) -> Decimal:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, str) and re.fullmatch(_NUMBER, value):
        return Decimal(value)
    raise ValueError('should be a decimal number in a string, such as "12.50"')


def _money(value: object) -> Money:
    match value:
        case Money():
            return value
        case {"amount": amount, "currency": str(currency)} if re.fullmatch(_CURRENCY, currency):
            return Money(_number(amount), Currency(currency))
        case _:
            raise ValueError('should be money, such as {"amount": "12.50", "currency": "USD"}')


def _unknown(value: object) -> Unknown | None:
    match value:
        case Unknown():
            return value
        case {"unknown": str(why)}:
            return Unknown(why)
        case _:
            return None


def _number_or_unknown(value: object) -> Decimal | Unknown:
    return _number(value) if (unknown := _unknown(value)) is None else unknown


def _money_or_unknown(value: object) -> Money | Unknown:
    return _money(value) if (unknown := _unknown(value)) is None else unknown


def _time(value: object) -> datetime:
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value
    if isinstance(value, str) and value.endswith("Z"):
        return datetime.fromisoformat(value)
    raise ValueError('should be a time in UTC, such as "2026-03-02T15:00:00Z"')


_NUMBER_SCHEMA: Json = {"type": "string", "pattern": _NUMBER, "description": "A decimal number."}
_MONEY_SCHEMA: Json = {
    "type": "object",
    "description": "An amount in whole units of a currency.",
    "properties": {"amount": _NUMBER_SCHEMA, "currency": {"type": "string", "pattern": _CURRENCY}},
    "required": ["amount", "currency"],
}
_UNKNOWN_SCHEMA: Json = {
    "type": "object",
    "description": "Not known, and why. Never zero.",
    "properties": {"unknown": {"type": "string"}},
    "required": ["unknown"],
}
_TIME_SCHEMA: Json = {"type": "string", "format": "date-time", "pattern": "Z$"}

Number = Annotated[Decimal, PlainValidator(_number), PlainSerializer(_to_json), WithJsonSchema(_NUMBER_SCHEMA)]
MoneyField = Annotated[Money, PlainValidator(_money), PlainSerializer(_to_json), WithJsonSchema(_MONEY_SCHEMA)]
NumberOrUnknown = Annotated[
    Decimal | Unknown,
    PlainValidator(_number_or_unknown),
    PlainSerializer(_to_json),
    WithJsonSchema({"anyOf": [_NUMBER_SCHEMA, _UNKNOWN_SCHEMA]}),
]
MoneyOrUnknown = Annotated[
    Money | Unknown,
    PlainValidator(_money_or_unknown),
    PlainSerializer(_to_json),
    WithJsonSchema({"anyOf": [_MONEY_SCHEMA, _UNKNOWN_SCHEMA]}),
]
Time = Annotated[datetime, PlainValidator(_time), PlainSerializer(time_text), WithJsonSchema(_TIME_SCHEMA)]


class Part(BaseModel, frozen=True, strict=True, from_attributes=True):
    """A part of a document. Unknown keys are passed over: a minor version may add some."""


PartType = TypeVar("PartType", bound=Part)


def part(kind: type[PartType], value: object) -> PartType:
    """The part that holds `value`'s own fields, for a value whose fields it repeats."""
    return kind.model_validate(value)
