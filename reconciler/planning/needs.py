"""Needs: which instruments the manifests of accounts name, and at which account's gateway each is looked up.

A contract is the same for a paper and a live account: it is looked up once, and at a paper account's gateway where one
names it, so that a lock of both needs no live login.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from reconciler.diagnostics import Location
from reconciler.domain.contract import Contract, Listing
from reconciler.domain.desired import AccountSpec, Environment
from reconciler.domain.ids import AccountName, InstrumentName
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.domain.unknown import Unknown
from reconciler.planning.specs import declared


@dataclass(frozen=True)
class Need:
    """An instrument, and every place in the manifests that asks for it: a target, or for a pair the account."""

    spec: InstrumentSpec
    places: tuple[Location, ...]
    accounts: tuple[AccountName, ...]


@dataclass(frozen=True)
class Answer:
    """What the broker says of a need.

    The rest is asked where `contract` is Unknown, to say why: `listings` is everything that there is for the need,
    `alike` what a search for its symbol finds where that is nothing, and `successor` what its symbol means by itself
    where its contract id means nothing, or something else.
    """

    contract: Contract | Unknown
    listings: tuple[Listing, ...] | Unknown = ()
    alike: tuple[Listing, ...] = ()
    successor: Contract | None = None


def needs_of(accounts: Iterable[AccountSpec]) -> tuple[Need, ...]:
    """Each instrument that the accounts' manifests name once, by symbol, with all its places."""
    found: dict[InstrumentSpec, Need] = {}
    for account in accounts:
        places = {target.instrument: target.declared_at for target in account.portfolio.targets}
        for spec in declared(account):
            key = replace(spec, name=InstrumentName(""))
            here = Need(spec, (places.get(spec, account.declared_at),), (account.name,))
            found[key] = _joined(found[key], here) if key in found else here
    return tuple(sorted(found.values(), key=lambda need: (need.spec.symbol, need.spec.sec_type, need.places)))


def _joined(one: Need, other: Need) -> Need:
    places = tuple(dict.fromkeys((*one.places, *other.places)))
    return Need(one.spec, places, tuple(dict.fromkeys((*one.accounts, *other.accounts))))


def by_account(needs: Sequence[Need], accounts: Sequence[AccountSpec]) -> Mapping[AccountName, tuple[Need, ...]]:
    """By account the needs that are looked up at its gateway; an account that none is left for is not in it."""
    order = sorted(accounts, key=lambda each: (each.environment is not Environment.PAPER, each.name))
    rest = list(needs)
    found: dict[AccountName, tuple[Need, ...]] = {}
    for account in order:
        own = tuple(need for need in rest if account.name in need.accounts)
        rest = [need for need in rest if account.name not in need.accounts]
        found |= {account.name: own} if own else {}
    return found
