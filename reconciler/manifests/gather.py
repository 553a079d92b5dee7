"""Gathering a portfolio's lines: several parts of one contract become one line, and what cannot be is told."""

from collections.abc import Iterator
from dataclasses import replace

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, Location
from reconciler.manifests.line import Line, differences
from reconciler.manifests.spot import Spot


class Gathering:
    """The lines of one portfolio, in the order in which they came. `found` is what is wrong among them."""

    def __init__(self, holder: str) -> None:
        self.found: list[Diagnostic] = []
        self._holder = holder
        self._lines: dict[object, Line] = {}
        self._names: dict[str, object] = {}

    @property
    def lines(self) -> tuple[Line, ...]:
        """One for each contract."""
        return tuple(self._lines.values())

    def add(self, line: Line) -> None:
        """A further line, or a further part of one that is there."""
        identity = line.identity
        known = self._lines.get(identity)
        if known is None:
            namesake = self._names.setdefault(line.label.upper(), identity)
            if namesake == identity:
                self._lines[identity] = line
            else:
                self.found.append(self._same_name(self._lines[namesake], line))
        elif not (known.is_included or line.is_included):
            self.found.append(self._twice(known, line))
        else:
            self._join(identity, known, line)

    def _join(self, identity: object, known: Line, line: Line) -> None:
        different = list(differences(known.target, line.target))
        if different:
            self.found.append(self._conflict(known, line, different))
            return
        sleeve = known.sleeve if known.sleeve == line.sleeve else None
        portion = known.portion.plus(line.portion)
        self._lines[identity] = replace(known, portion=portion, sleeve=sleeve, is_included=True)

    def _conflict(self, known: Line, line: Line, keys: list[str]) -> Diagnostic:
        summary = (
            f"{self._holder} gets {line.label} from two places that describe it differently, in {', '.join(keys)}: "
            f"here and at {known.spot.place}"
        )
        return diagnostics.error("CMP002", summary, line.spot.place, suggestion="Say the same of it in both places.")

    def _same_name(self, known: Line, line: Line) -> Diagnostic:
        if (known.is_included or line.is_included) and known.target.symbol.upper() == line.target.symbol.upper():
            return self._conflict(known, line, list(differences(known.target, line.target)))
        summary = f"the name '{line.label}' is already taken {_on(known.spot, line.spot.place)}"
        hint = "Give one of the two a name of its own."
        return diagnostics.error("PFL004", summary, line.spot.place, suggestion=hint)

    def _twice(self, known: Line, line: Line) -> Diagnostic:
        place = line.spot.of("symbol")
        summary = f"{line.target.symbol} is already in this portfolio, {_on(known.spot, place)}"
        return diagnostics.error("PFL003", summary, place)


def _on(spot: Spot, beside: Location) -> str:
    """`on line 7`, or the whole place where it is in another file."""
    place = spot.place
    return f"on line {place.line}" if place.file == beside.file else f"at {place}"


def negative(lines: tuple[Line, ...]) -> Iterator[Line]:
    """Those that are sold short."""
    return (line for line in lines if line.portion.share < 0)
