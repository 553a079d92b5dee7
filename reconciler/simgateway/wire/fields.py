"""The fields of one message from a client: taken in order, read as numbers and flags, every one of them bounded."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

LARGEST_INTEGER = 2**63 - 1
UNSET_INTEGER = 2**31 - 1
LARGEST_NUMBER = Decimal(10) ** 12
FINEST_NUMBER = -12
"""The exponent of the smallest step that any price or size has; finer ones are refused, as are numbers too large."""

_UNSET_FROM = Decimal(10) ** 300

MOST_REPEATED = 100
"""Legs, algo parameters or conditions in one request."""


class MalformedRequestError(Exception):
    """The message does not have the shape that its id and the server version ask for."""


MOST_FIELDS = 4_000
"""Of one message: an order with a hundred legs, parameters and conditions has some two thousand."""


class FieldReader:
    """Takes the fields of one message in order."""

    def __init__(self, fields: list[str]) -> None:
        self._fields = fields
        self._next = 0
        if len(fields) > MOST_FIELDS:
            raise MalformedRequestError(f"the message has {len(fields)} fields, the most are {MOST_FIELDS}")

    def take(self) -> str:
        """The next field. Raises MalformedRequestError at the end of the message."""
        if self._next >= len(self._fields):
            raise MalformedRequestError(f"message ends before field {self._next}")
        self._next += 1
        return self._fields[self._next - 1]

    def several(self, number: int) -> tuple[str, ...]:
        """So many fields more."""
        return tuple(self.take() for _ in range(number))

    def count(self) -> int:
        """The next field as a number of repetitions, bounded by MOST_REPEATED."""
        text = self.take()
        # The length first: Python itself refuses to read a number of thousands of digits.
        if not text.isdecimal() or len(text) > 4 or int(text) > MOST_REPEATED:
            raise MalformedRequestError(f"{text[:40]!r} is no count")
        return int(text)

    def rest(self) -> list[str]:
        """What is left after the layout: empty for a client that speaks the negotiated version."""
        return self._fields[self._next :]


@dataclass(frozen=True, slots=True)
class Request:
    """A decoded request: its kind (the word of the table), its fields as text, and what the layout does not know."""

    kind: str
    fields: Mapping[str, str]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The parts whose length depends on their content, flat; empty where the message has none."""
    leftover: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        """A field as it came; empty where this version has none."""
        return self.fields.get(name, "")

    def integer(self, name: str) -> int:
        """A whole number; an empty field is 0. Raises MalformedRequestError."""
        value = self.fields.get(name, "") or "0"
        try:
            number = int(value)
        except ValueError:
            raise MalformedRequestError(f"{name}: {value[:40]!r} is no whole number") from None
        if abs(number) > LARGEST_INTEGER:
            raise MalformedRequestError(f"{name}: {value[:40]!r} is too large")
        return number

    def whole(self, name: str) -> int | None:
        """A whole number, or None for the empty text and for the unset integer. Raises MalformedRequestError."""
        number = self.integer(name) if self.fields.get(name, "") else None
        return None if number == UNSET_INTEGER else number

    def flag(self, name: str) -> bool:
        """A boolean, sent as 1 or 0."""
        return self.fields.get(name, "") in ("1", "true")

    def decimal(self, name: str) -> Decimal | None:
        """A finite number, or None for the empty text and for the unset double. Raises MalformedRequestError."""
        value = self.fields.get(name, "")
        if value in ("", "Infinite", "Infinity"):
            return None
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise MalformedRequestError(f"{name}: {value[:40]!r} is no number") from None
        if not number.is_finite():
            raise MalformedRequestError(f"{name}: {value[:40]!r} is not finite")
        if abs(number) >= _UNSET_FROM:
            return None
        number = number.normalize()
        if abs(number) > LARGEST_NUMBER or int(number.as_tuple().exponent) < FINEST_NUMBER:
            raise MalformedRequestError(f"{name}: {value[:40]!r} is out of range")
        return number
