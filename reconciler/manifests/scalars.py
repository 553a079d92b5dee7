"""The scalar types of manifests: how a person writes a fraction, a duration or a name, and how a schema says so.

Every type refuses what it does not understand in plain words. A number in quotes is text, and text is no number.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler, WithJsonSchema
from pydantic import StrictBool as Switch
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from reconciler.domain.errors import InvariantBroken
from reconciler.yamlsource import shown

__all__ = [
    "Amount",
    "CurrencyCode",
    "Duration",
    "ExchangeCode",
    "FileName",
    "Fraction",
    "FutureMonth",
    "Host",
    "InstrumentLabel",
    "KeyringUser",
    "LongDuration",
    "Moment",
    "Multiple",
    "Name",
    "PositiveAmount",
    "PositiveFraction",
    "Ratio",
    "Sentence",
    "Switch",
    "Symbol",
    "VariableName",
    "Weight",
    "whole",
]

_PERCENT = re.compile(r"(-?[0-9]{1,6}(?:\.[0-9]{1,20})?) ?%")
_DURATION = re.compile(r"([1-9][0-9]{0,4})(s|m|h)")
_LONG_DURATION = re.compile(r"(0|[1-9][0-9]{0,4})(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = timedelta(hours=24)
_MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}(:[0-9]{2})?Z)?"


@dataclass(frozen=True)
class _Bounds:
    """Marks a Decimal as a number between bounds; the schema says the same."""

    above: Decimal | None = None
    at_least: Decimal | None = None
    at_most: Decimal | None = None

    def __get_pydantic_core_schema__(self, _source: Any, _handler: GetCoreSchemaHandler) -> CoreSchema:
        number = core_schema.decimal_schema(gt=self.above, ge=self.at_least, le=self.at_most, allow_inf_nan=False)
        return core_schema.no_info_before_validator_function(self._read, number)

    def __get_pydantic_json_schema__(self, _schema: CoreSchema, _handler: GetJsonSchemaHandler) -> dict[str, Any]:
        bounds = {"exclusiveMinimum": self.above, "minimum": self.at_least, "maximum": self.at_most}
        return {"type": "number"} | {key: plain(each) for key, each in bounds.items() if each is not None}

    @staticmethod
    def _read(value: Any) -> Decimal:
        # A bool is an int to Python; to a person it is no number.
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise PydanticCustomError("decimal_type", "must be a number")
        return Decimal(value)


@dataclass(frozen=True)
class _Ratio(_Bounds):
    """A number that may also be written as a percentage."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        # One schema for both, not one of two: a message of an editor is then about what was written.
        number = super().__get_pydantic_json_schema__(schema, handler)
        return number | {"type": ["number", "string"], "pattern": self._percent_pattern()}

    def _percent_pattern(self) -> str:
        if self.at_most is None or self.at_most != 10 ** self.at_most.adjusted():
            raise InvariantBroken("a pattern can hold a ratio to a power of ten only")
        digits = self.at_most.adjusted() + 2
        highest = f"1{'0' * digits}(\\.0{{1,20}})?"
        sign = "-?" if self.at_least is not None and self.at_least < 0 else ""
        return f"^{sign}({highest}|[0-9]{{1,{digits}}}(\\.[0-9]{{1,20}})?) ?%$"

    @staticmethod
    def _read(value: Any) -> Decimal:
        if not isinstance(value, str):
            return _Bounds._read(value)
        percent = _PERCENT.fullmatch(value)
        if percent is None:
            raise ValueError(f"must be a number such as 0.13 or a percentage such as 13%, not {shown(value)}")
        return Decimal(percent[1]).scaleb(-2)


def plain(number: Decimal) -> int | float:
    """A Decimal as JSON Schema writes it."""
    return int(number) if number == number.to_integral_value() else float(number)


def duration_text(duration: timedelta) -> str:
    """`15m` for fifteen minutes: as a manifest writes it, in the largest unit that is exact."""
    seconds = int(duration.total_seconds())
    units = ("h", "m", "s") if seconds else ("s",)
    unit = next(unit for unit in units if seconds % _SECONDS[unit] == 0)
    return f"{seconds // _SECONDS[unit]}{unit}"


def is_name(text: str) -> bool:
    """Whether manifests can be called so."""
    return re.fullmatch(_NAME_PATTERN, text) is not None


def whole(*, at_least: int, at_most: int) -> Any:
    """The constraint of a whole number between bounds, both included."""
    return Field(strict=True, ge=at_least, le=at_most)


def _duration(value: Any) -> timedelta:
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"must be a number with a unit, such as 30s, 15m or 1h, not {shown(value)}")
    duration = timedelta(seconds=int(match[1]) * _SECONDS[match[2]])
    if duration > _LONGEST:
        raise ValueError(f"must be at most 24h, not {value}")
    return duration


def _long_duration(value: Any) -> timedelta:
    match = _LONG_DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"must be a number with a unit, such as 0s, 12h or 30d, not {shown(value)}")
    return timedelta(seconds=int(match[1]) * _SECONDS[match[2]])


def _moment(value: Any) -> datetime:
    if isinstance(value, str) and re.fullmatch(_MOMENT, value):
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"must be a day and a time that there are, not {shown(value)}") from None
        # A day alone is over when it ends, in UTC.
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC) + timedelta(days=1)
    raise ValueError(f"must be a day such as 2026-12-31, or a moment such as 2026-12-31T15:00Z, not {shown(value)}")


def _matching(pattern: str, meaning: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        if compiled.fullmatch(value) is None:
            raise ValueError(f"must be {meaning}, not {shown(value)}")
        return value

    return check


def _text(title: str, pattern: str, meaning: str) -> tuple[AfterValidator, WithJsonSchema]:
    schema = {"type": "string", "title": title, "pattern": f"^{pattern}$"}
    return AfterValidator(_matching(pattern, meaning)), WithJsonSchema(schema)


SYMBOL_PATTERN = r"[A-Za-z0-9][A-Za-z0-9 ./-]{0,30}"
_MONTH = _text("month", r"20[0-9]{2}-(0[1-9]|1[0-2])(-[0-9]{2})?", "a future's month, such as 2026-12")
_SENTENCE = _text("text", r"[^\r\n\t]{1,200}", "a line of at most 200 characters")
_NAME_PATTERN = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_NAME = _text("name", _NAME_PATTERN, "a name of lower-case letters, digits and dashes")
_CURRENCY = _text("currency", r"[A-Z]{3}", "a currency's three capital letters, such as USD")
_SYMBOL = _text("symbol", SYMBOL_PATTERN, "a symbol of letters and digits, such as MSFT")
_LABEL = _text("label", SYMBOL_PATTERN, "a label of letters, digits, blanks, dots and dashes")
_EXCHANGE = _text("exchange", r"[A-Z][A-Z0-9.]{0,20}", "an exchange's code in capital letters, such as SMART or NASDAQ")
_HOST = _text("host", r"[A-Za-z0-9:][A-Za-z0-9.:_-]{0,252}", "a host name or an address")
_VARIABLE = _text("variable", r"[A-Za-z_][A-Za-z0-9_]{0,127}", "an environment variable's name, such as IB_ACCOUNT_ID")
_FILE = _text("file", r"[A-Za-z0-9._/ +-]{1,200}", "a file's name of letters, digits, blanks and ./+-_")
_KEYRING = _text("user", r"[A-Za-z0-9][A-Za-z0-9@._-]{0,127}", "a user name in the keyring")

Name = Annotated[str, *_NAME]
"""How manifests name each other: a DNS label."""

CurrencyCode = Annotated[str, *_CURRENCY]
"""An ISO 4217 code."""

Symbol = Annotated[str, *_SYMBOL]
"""A symbol as the broker writes it."""

InstrumentLabel = Annotated[str, *_LABEL]
"""What reports call an instrument."""

ExchangeCode = Annotated[str, *_EXCHANGE]
"""An exchange as the broker writes it."""

Host = Annotated[str, *_HOST]
"""Where a gateway listens."""

FileName = Annotated[str, *_FILE]
"""A file, named from where the manifest stands."""

VariableName = Annotated[str, *_VARIABLE]
"""An environment variable."""

KeyringUser = Annotated[str, *_KEYRING]
"""A user name within the keyring's service."""

Fraction = Annotated[Decimal, _Ratio(at_least=Decimal(0), at_most=Decimal(1))]
"""From 0 to 1: `0.13` or `13%`."""

PositiveFraction = Annotated[Decimal, _Ratio(above=Decimal(0), at_most=Decimal(1))]
"""Above 0, up to 1."""

Multiple = Annotated[Decimal, _Ratio(above=Decimal(0), at_most=Decimal(10))]
"""Above 0, up to 10: `1.4` or `140%`. The upper bound catches a forgotten percent sign."""

Weight = Annotated[Decimal, _Ratio(at_least=Decimal(-10), at_most=Decimal(10))]
"""From -10 to 10: `0.13` or `13%`; below zero it is short."""

Ratio = Annotated[Decimal, _Bounds(above=Decimal(0), at_most=Decimal(10_000))]
"""How many for one."""

FutureMonth = Annotated[str, *_MONTH]
"""`2026-12`, or a day of it where a future expires more often."""

Sentence = Annotated[str, *_SENTENCE]
"""One line for a person."""

Amount = Annotated[Decimal, _Bounds(at_least=Decimal(0), at_most=Decimal(10**12))]
"""An amount of money in the account's base currency, zero or more."""

PositiveAmount = Annotated[Decimal, _Bounds(above=Decimal(0), at_most=Decimal(10**12))]
"""An amount of money in the account's base currency, above zero."""

Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    WithJsonSchema({"type": "string", "title": "duration", "pattern": f"^{_DURATION.pattern}$"}),
]
"""`30s`, `15m` or `1h`; at most a day."""

LongDuration = Annotated[
    timedelta,
    BeforeValidator(_long_duration),
    WithJsonSchema({"type": "string", "title": "duration", "pattern": f"^{_LONG_DURATION.pattern}$"}),
]
"""`0s`, `12h` or `30d`."""

Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "title": "moment", "pattern": f"^{_MOMENT}$"}),
]
"""A day, which counts to its end, or a moment in UTC: `2026-12-31` or `2026-12-31T15:00Z`."""
