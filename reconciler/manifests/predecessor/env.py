"""Reads an env file as python-dotenv does, comments behind values and quotes included; keeps each variable's line."""

from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from dotenv.parser import Binding, parse_stream
from dotenv.variables import parse_variables

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, Location


@dataclass(frozen=True)
class EnvEntry:
    """One variable. Its value may be a secret: no diagnostic and no report repeats it."""

    name: str
    value: str
    place: Location


def read_env(text: str, file: str) -> tuple[tuple[EnvEntry, ...], tuple[Diagnostic, ...]]:
    """The variables in order, the last of each name, and what is wrong with the lines."""
    found: dict[str, EnvEntry] = {}
    faults: list[Diagnostic] = []
    for binding in parse_stream(StringIO(text.removeprefix("\ufeff"))):
        place = Location(file, binding.original.line + _blank_lines(binding), 1)
        if binding.error or (binding.key is not None and binding.value is None):
            hint = "Write NAME=value; what follows ` #` is a comment."
            faults.append(diagnostics.error("ENV001", "this line sets no variable", place, suggestion=hint))
        elif binding.key is not None and binding.value is not None:
            known = found.pop(binding.key, None)
            if known is not None:
                summary = f"{binding.key} was set on line {known.place.line} already; the last one counts"
                faults.append(diagnostics.warning("ENV002", summary, place))
            value = "".join(_parts(binding.value, found))
            found[binding.key] = EnvEntry(binding.key, value.strip(), place)
    return tuple(found.values()), tuple(faults)


def _blank_lines(binding: Binding) -> int:
    """How many lines stand before the variable itself in what the parser took for its text."""
    text = binding.original.string
    return text[: len(text) - len(text.lstrip())].count("\n")


def _parts(value: str, known: dict[str, EnvEntry]) -> Iterator[str]:
    """The value with `${NAME}` replaced by what the file said before; this process's environment is not asked."""
    values = {name: entry.value for name, entry in known.items()}
    for atom in parse_variables(value):
        yield atom.resolve(values)
