"""A Line of a portfolio: one contract, its share of the whole, and where both were written."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple

from reconciler.diagnostics import Location
from reconciler.manifests.portfolio import SleeveTarget, TargetTerms
from reconciler.manifests.portion import Portion
from reconciler.manifests.spot import Spot


class Said(NamedTuple):
    """Terms as they are written, of a target or of defaults."""

    terms: TargetTerms
    spot: Spot


class Stated(NamedTuple):
    """A target with its defaults. `said` is what it is made of, the nearest first."""

    target: SleeveTarget
    spot: Spot
    said: tuple[Said, ...]


@dataclass(frozen=True)
class Line:
    """One contract of a portfolio. `is_included` where any part of it comes from another portfolio."""

    target: SleeveTarget
    spot: Spot
    portion: Portion
    sleeve: str | None
    is_included: bool = False
    said: tuple[Said, ...] = ()

    @cached_property
    def weight(self) -> Decimal:
        """Its share of the whole portfolio."""
        return self.portion.weight

    @property
    def label(self) -> str:
        """What reports call it."""
        return label_of(self.target)

    def places(self) -> dict[str, Location]:
        """Where each of its terms stands, by its field's name."""
        found: dict[str, Location] = {}
        for terms, spot in self.said:
            for name in terms.model_fields_set - found.keys():
                found[name] = spot.of(str(type(terms).model_fields[name].alias))
        return found

    @property
    def identity(self) -> object:
        """What makes two lines the same instrument: the contract id, or else all that is said of the contract."""
        target = self.target
        if target.con_id is not None:
            return target.con_id
        return target.symbol.upper(), target.sec_type, target.currency, target.primary_exchange, target.expiry


_DESCRIBING = tuple(
    (name, str(info.alias))
    for name, info in SleeveTarget.model_fields.items()
    if name not in ("symbol", "weight", "name")
)
"""The fields that say what an instrument is, beyond its name, with their keys."""


def differences(first: SleeveTarget, second: SleeveTarget) -> Iterator[str]:
    """The keys in which two targets describe one instrument differently; their weights are no part of that."""
    if first.symbol != second.symbol:
        yield "symbol"
    elif label_of(first) != label_of(second):
        yield "name"
    for name, key in _DESCRIBING:
        if getattr(first, name) != getattr(second, name):
            yield key


def label_of(target: SleeveTarget) -> str:
    """What reports call it."""
    return target.name or target.symbol


def with_defaults(target: SleeveTarget, spot: Spot, defaults: Sequence[Said]) -> Stated:
    """The target with what it does not say itself, by the first of the defaults that does."""
    said = (Said(target, spot), *defaults)
    if not defaults:
        return Stated(target, spot, said)
    fields, taken = type(target).model_fields, {}
    for terms, _ in defaults:
        for name in terms.model_fields_set:
            if name in fields and name not in target.model_fields_set and name not in taken:
                taken[name] = getattr(terms, name)
    return Stated(target.model_copy(update=taken) if taken else target, spot, said)
