"""The lock's decisions: what is asked of the broker, and what its answers make of the lock file.

A pin stays: what the broker says of a pinned contract is compared, never taken over, unless that was asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from reconciler.diagnostics import Diagnostic, Location, has_errors
from reconciler.domain.contract import Contract, Listing
from reconciler.domain.ids import ConId
from reconciler.domain.money import Currency
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.domain.unknown import Unknown
from reconciler.manifests.contract_lock import LockedContract, PinIndex, locked_contract
from reconciler.manifests.lock import findings as tell
from reconciler.manifests.lock.writing import LockEdits
from reconciler.planning.needs import Answer, Need

_IDENTITY = ("primary_exchange", "expiry")


@dataclass(frozen=True)
class Standing:
    """How the lock file stands to what manifests need.

    `needs` are all of them, also those of accounts that nothing is asked for: their entries are used. `upgraded` are
    needs whose entries are to be made afresh.
    """

    entries: Mapping[int, LockedContract]
    places: Mapping[int, Location]
    needs: tuple[Need, ...]
    upgraded: frozenset[InstrumentSpec] = frozenset()

    @cached_property
    def pins(self) -> Mapping[InstrumentSpec, LockedContract]:
        """The entry that stands for each need that has one."""
        return {spec: found[0] for spec, found in self.fitting.items() if len(found) == 1}

    @cached_property
    def fitting(self) -> Mapping[InstrumentSpec, tuple[LockedContract, ...]]:
        """The entries that are all that each need says."""
        index = PinIndex(self.entries.values())
        return {need.spec: index.fitting(need.spec) for need in self.needs}

    def kept(self, need: Need) -> LockedContract | None:
        """The entry that stands for a need, and stays."""
        return None if need.spec in self.upgraded else self.pins.get(need.spec)

    def question(self, need: Need) -> InstrumentSpec:
        """What is asked of the broker for a need: of a pinned contract, what its id is now."""
        entry = self.kept(need)
        return need.spec if entry is None else replace(need.spec, con_id=ConId(entry.con_id), primary_exchange=None)

    @property
    def unused(self) -> tuple[LockedContract, ...]:
        """The entries that no need could mean."""
        used = {entry.con_id for found in self.fitting.values() for entry in found}
        return tuple(entry for con_id, entry in self.entries.items() if con_id not in used)


@dataclass(frozen=True)
class Review:
    """What is to be told, and what becomes of the file where none of that is an error.

    `is_unread` where an error is that the broker did not answer, and no other is worse.
    """

    diagnostics: tuple[Diagnostic, ...] = ()
    edits: LockEdits = field(default_factory=LockEdits)
    is_unread: bool = False


def review(standing: Standing, answers: Mapping[InstrumentSpec, Answer]) -> Review:
    """What `lock` does: add what is missing, make afresh what is upgraded, remove what nothing uses."""
    found = [each for need in _asked(standing, answers) for each in _judged(standing, need, answers[need.spec])]
    told = tuple(each for each in found if isinstance(each, Diagnostic))
    if has_errors(told):
        return Review(told, is_unread=_is_only_unread(told))
    fresh = {each.need: each.entry for each in found if isinstance(each, _Fresh)}
    return Review(told, _edits(standing, fresh))


def check(standing: Standing, answers: Mapping[InstrumentSpec, Answer]) -> Review:
    """What `lock --check` does: tell all of that, and where the broker's contract differs, as errors."""
    told: list[Diagnostic] = [tell.unused(each, standing.places[each.con_id]) for each in standing.unused]
    for need in _asked(standing, answers):
        for each in _judged(standing, need, answers[need.spec], strictly=True):
            told += [each] if isinstance(each, Diagnostic) else tell.missing(need)
    return Review(tuple(told), is_unread=_is_only_unread(told))


@dataclass(frozen=True)
class _Fresh:
    """A need, and the entry that was made for it."""

    need: Need
    entry: LockedContract


def _asked(standing: Standing, answers: Mapping[InstrumentSpec, Answer]) -> Iterator[Need]:
    return (need for need in standing.needs if need.spec in answers)


def _is_only_unread(told: Sequence[Diagnostic]) -> bool:
    errors = {each.code for each in told if has_errors([each])}
    return errors == {"LCK009"}


def _judged(standing: Standing, need: Need, answer: Answer, *, strictly: bool = False) -> Iterator[Diagnostic | _Fresh]:
    entry = standing.kept(need)
    contract = answer.contract
    made = contract if isinstance(contract, Unknown) else locked_contract(contract)
    if entry is not None:
        yield from _compared(need, entry, made, answer, standing.places[entry.con_id], strictly=strictly)
    elif isinstance(made, LockedContract):
        yield _Fresh(need, made)
    elif isinstance(contract, Contract):
        yield from tell.unread(need, made.why)
    else:
        yield from _unresolved(need, answer, made.why)


def _unresolved(need: Need, answer: Answer, why: str) -> Iterator[Diagnostic]:
    if isinstance(answer.listings, Unknown):
        yield from tell.unread(need, answer.listings.why)
        return
    fitting = [each for each in answer.listings if need.spec.fits(each)]
    if len(fitting) > 1:
        yield from tell.ambiguous(need, fitting)
    elif fitting:
        yield from tell.untradable(need, why)
    else:
        yield from tell.unknown(need, answer, answer.listings)


def _compared(
    need: Need,
    entry: LockedContract,
    made: LockedContract | Unknown,
    answer: Answer,
    place: Location,
    *,
    strictly: bool,
) -> Iterator[Diagnostic]:
    if isinstance(made, LockedContract):
        if any(_has_changed(name, entry, made) for name in _IDENTITY):
            yield tell.changed_meaning(need, entry, _listing(made), answer.successor, place)
        elif tell.differences(entry, made):
            yield tell.differs(need, entry, made, place, is_error=strictly)
    elif isinstance(answer.contract, Contract):
        yield from tell.unread(need, made.why)
    elif isinstance(answer.listings, Unknown):
        yield from tell.unread(need, answer.listings.why)
    elif not answer.listings:
        yield tell.gone(need, entry, answer, place)
    elif replace(need.spec, primary_exchange=None).fits(answer.listings[0]):
        yield from tell.untradable(need, made.why)
    else:
        yield tell.changed_meaning(need, entry, answer.listings[0], answer.successor, place)


def _has_changed(name: str, entry: LockedContract, made: LockedContract) -> bool:
    return getattr(entry, name) not in ("", None, getattr(made, name))


def _listing(entry: LockedContract) -> Listing:
    return Listing(
        con_id=ConId(entry.con_id),
        symbol=entry.symbol,
        sec_type=entry.sec_type,
        currency=Currency(entry.currency),
        primary_exchange=entry.primary_exchange,
        expiry=(entry.expiry or "").replace("-", ""),
        name=entry.name,
    )


def _edits(standing: Standing, fresh: Mapping[Need, LockedContract]) -> LockEdits:
    """One entry for each contract, whichever needs it stands for; a new one takes the place of its need's old one."""
    staying = {entry.con_id for need in standing.needs if need not in fresh for entry in standing.fitting[need.spec]}
    replaced: dict[int, LockedContract] = {}
    added: dict[int, LockedContract] = {}
    made: set[int] = set(staying)
    for need, entry in fresh.items():
        if entry.con_id in made:
            continue
        made.add(entry.con_id)
        old = standing.pins.get(need.spec)
        if entry.con_id in standing.entries:
            replaced[entry.con_id] = entry
        elif old is not None and old.con_id not in staying and old.con_id not in replaced:
            replaced[old.con_id] = entry
        else:
            added[entry.con_id] = entry
    gone = standing.entries.keys() - staying - replaced.keys()
    changed = {con_id: entry for con_id, entry in replaced.items() if standing.entries[con_id] != entry}
    return LockEdits(tuple(added.values()), changed, frozenset(gone))
