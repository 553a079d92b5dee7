"""Stray variables: what sets nothing, though somebody may have meant it to. A halt that is misspelt halts nothing."""

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, Location, did_you_mean
from reconciler.envfile import EnvFile

_FAMILY = "FOLIO"
"""How our own variables begin, and most misspellings of them."""
_NEARLY = 0.8
"""How alike a name in an env file is to one of ours that is taken for it. Other programs read the same file."""


def stray(environment: Iterable[str], said: EnvFile, known: Collection[str]) -> Iterator[Diagnostic]:
    """A warning for each: names of the process's environment, then lines and names of the env file."""
    for name in sorted(set(environment) - set(known)):
        if _is_of_the_family(name, known):
            yield _unknown(name, known, None)
    for place in said.unreadable:
        hint = "Write NAME=VALUE, or remove it."
        yield diagnostics.warning("SET004", "this line of the env file sets nothing", place, suggestion=hint)
    for name, place in said.places.items():
        if name not in known and (_is_of_the_family(name, known) or _is_nearly(name, known)):
            yield _unknown(name, known, place)


def _is_of_the_family(name: str, known: Collection[str]) -> bool:
    return name.upper().startswith(_FAMILY) or name.upper() in known


def _is_nearly(name: str, known: Collection[str]) -> bool:
    return bool(get_close_matches(name.upper(), known, n=1, cutoff=_NEARLY))


def _unknown(name: str, known: Collection[str], place: Location | None) -> Diagnostic:
    hint = did_you_mean(name.upper(), known)
    return diagnostics.warning("SET005", f"there is no setting '{name}': it has no effect", place, suggestion=hint)
