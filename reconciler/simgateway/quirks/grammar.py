"""How a quirk is written: `name`, `name:argument:argument`, and `@n` behind it for the n-th occasion alone.

`reject:201:MSFT@2` rejects the second order in MSFT with code 201. Values only; what there is stands in the catalogue.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches


@dataclass(frozen=True)
class Parameter:
    """One argument. Without choices anything goes; an optional one that is left out means every instrument."""

    name: str
    choices: tuple[str, ...] = ()
    optional: bool = False


SYMBOL = Parameter("SYM")
ANY_SYMBOL = Parameter("SYM", optional=True)


@dataclass(frozen=True)
class Quirk:
    """A behaviour that can be armed. `counts` names the occasions that `@n` counts, empty where it has no meaning."""

    name: str
    group: str
    explanation: str
    parameters: tuple[Parameter, ...] = ()
    counts: str = ""

    @property
    def usage(self) -> str:
        """How it is written, optional parts in brackets."""
        parts = [f"[:{each.name}]" if each.optional else f":{each.name}" for each in self.parameters]
        return self.name + "".join(parts) + ("[@N]" if self.counts else "")


@dataclass(eq=False)
class Armed:
    """A quirk that is on: its arguments by parameter, and how many of its occasions went by."""

    text: str
    quirk: Quirk
    arguments: Mapping[str, str]
    nth: int = 0
    seen: int = 0
    chosen: set[tuple[int, int]] = field(default_factory=set)
    """The orders, by client id and order id, that a numbered quirk picked."""
    began: float | None = None
    """When it happened, by the gateway's clock, where it has phases."""

    @property
    def symbol(self) -> str:
        """The instrument it concerns, empty for all."""
        return self.arguments.get("SYM", "")

    @property
    def mode(self) -> str:
        """The value of its first argument."""
        return next(iter(self.arguments.values()), "")

    def concerns(self, symbol: str) -> bool:
        """Whether it is about this instrument."""
        return self.symbol in ("", symbol)

    def occurs(self) -> bool:
        """Count an occasion; whether it is one on which the quirk acts."""
        self.seen += 1
        return self.nth in (0, self.seen)

    def picks(self, client_id: int, order_id: int, symbol: str) -> bool:
        """Whether it is about this order."""
        return self.concerns(symbol) and (not self.nth or (client_id, order_id) in self.chosen)


class QuirkError(ValueError):
    """What was written is no quirk."""


def parse(text: str, table: Mapping[str, Quirk]) -> Armed:
    """The quirk that a text names. Raises QuirkError, with a suggestion where one is near."""
    written, at, number = text.partition("@")
    name, *given = written.split(":")
    quirk = table.get(name)
    if quirk is None:
        raise QuirkError(f"there is no quirk {name!r}{_suggestion(name, table)}")
    if at and not quirk.counts:
        raise QuirkError(f"{name} has no occasions to count, so it takes no @")
    if at and not (number.isdecimal() and len(number) <= 9 and int(number) > 0):
        raise QuirkError(f"{number!r} behind the @ is no number of an occasion; the first is 1")
    return Armed(text, quirk, _arguments(quirk, given), int(number or 0))


def _arguments(quirk: Quirk, given: list[str]) -> dict[str, str]:
    if given and not quirk.parameters:
        raise QuirkError(f"{quirk.name} takes no subject")
    if len(given) > len(quirk.parameters):
        raise QuirkError(f"{quirk.name} is written {quirk.usage}: the subject has a part too many")
    arguments: dict[str, str] = {}
    for place, parameter in enumerate(quirk.parameters):
        value = given[place] if place < len(given) else ""
        if not value and (place < len(given) or not parameter.optional):
            raise QuirkError(f"{quirk.name} needs a subject: {quirk.usage}{_choices(parameter)}")
        if value and parameter.choices and value not in parameter.choices:
            near = _suggestion(value, parameter.choices)
            raise QuirkError(f"{quirk.name} has no {parameter.name} {value!r}{near}{_choices(parameter)}")
        arguments[parameter.name] = value
    return arguments


def _choices(parameter: Parameter) -> str:
    return f"; {parameter.name} is one of {', '.join(parameter.choices)}" if parameter.choices else ""


def _suggestion(word: str, known: Mapping[str, Quirk] | tuple[str, ...]) -> str:
    near = get_close_matches(word, list(known), n=1)
    return f", did you mean {near[0]!r}?" if near else ""
