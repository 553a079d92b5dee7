"""Hours: which markets are closed now that a plan would trade in, and when the last of them opens again."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from reconciler.domain.contract import Contract
from reconciler.domain.ids import ConId


def closed_now(
    wanted: Collection[ConId | None], contracts: Mapping[ConId, Contract], *, now: datetime
) -> tuple[Contract, ...]:
    """Those of these contracts whose market is known to be closed, by symbol. Hours that nobody knows say nothing."""
    found = (contract for con_id, contract in contracts.items() if con_id in wanted)
    return tuple(sorted((each for each in found if each.is_open(now) is False), key=lambda each: each.symbol))


def opening_of(contracts: Iterable[Contract], *, now: datetime) -> datetime | None:
    """When the last of them opens; None where the broker told of no later session of one of them."""
    openings = [each.opens_after(now) for each in contracts]
    known = [each for each in openings if each is not None]
    return max(known) if known and len(known) == len(openings) else None


def why_closed(contracts: Iterable[Contract], *, now: datetime) -> tuple[str, ...]:
    """Which markets are closed, and until when: one sentence for each opening, the next one first."""
    found: dict[datetime | None, list[str]] = {}
    for each in contracts:
        found.setdefault(each.opens_after(now), []).append(each.symbol)
    known = sorted(opening for opening in found if opening is not None)
    sentences = [f"closed until {opening:%Y-%m-%d %H:%M} UTC: {', '.join(found[opening])}" for opening in known]
    if None in found:
        sentences.append(f"closed, and the broker told of no later session: {', '.join(found[None])}")
    return tuple(sentences)
