"""Look up: what instruments are at the broker, and where one is not clear, everything that helps to say why.

Reads, and reads nothing of the account.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from reconciler.diagnostics import did_you_mean
from reconciler.domain.contract import Contract, Listing
from reconciler.domain.events import Observing
from reconciler.domain.ids import InstrumentName
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.domain.unknown import Unknown
from reconciler.engine.session import Session
from reconciler.planning.needs import Answer

_MOST_SEARCHES = 10
"""The broker takes one a second: whoever mistyped more symbols is told of the rest without one."""
_PREFIX = 2
"""How much of a symbol is searched for where all of it finds nothing."""


async def look_up(session: Session, specs: Sequence[InstrumentSpec]) -> tuple[Answer, ...]:
    """What the broker says of each spec, its price increments included.

    Raises BrokerUnavailable when the connection is gone and stays gone.
    """
    session.sink.emit(Observing("contracts"))
    # Two accounts may call two instruments by one name: here each has its own.
    asked = [replace(spec, name=InstrumentName(str(number))) for number, spec in enumerate(specs)]
    contracts = await _contracts(session, asked)
    unclear = [spec for spec in asked if isinstance(contracts[spec.name], Unknown)]
    listings = await session.read(lambda: session.broker.read_listings(unclear)) if unclear else {}
    gone = [replace(spec, con_id=None) for spec in unclear if spec.con_id is not None]
    successors = await _contracts(session, gone) if gone else {}
    nameless = [spec for spec in unclear if spec.con_id is None and listings[spec.name] == ()]
    alike = {spec.name: await _alike(session, spec.symbol) for spec in nameless[:_MOST_SEARCHES]}
    return tuple(
        Answer(
            contracts[spec.name],
            listings.get(spec.name, ()),
            alike.get(spec.name, ()),
            successor if isinstance(successor := successors.get(spec.name), Contract) else None,
        )
        for spec in asked
    )


async def _contracts(session: Session, specs: Sequence[InstrumentSpec]) -> dict[InstrumentName, Contract | Unknown]:
    broker = session.broker
    found = await session.read(lambda: broker.read_contracts(specs))
    known = [each for each in found.values() if isinstance(each, Contract)]
    priced = await session.read(lambda: broker.read_price_increments(known))
    return {name: priced[each.con_id] if isinstance(each, Contract) else each for name, each in found.items()}


async def _alike(session: Session, symbol: str) -> tuple[Listing, ...]:
    """What the broker finds by the symbol, else those that begin alike and are spelt nearly so."""
    found = await _searched(session, symbol)
    if found or len(symbol) <= _PREFIX:
        return found
    near = await _searched(session, symbol[:_PREFIX])
    return tuple(each for each in near if did_you_mean(symbol, [each.symbol]))


async def _searched(session: Session, text: str) -> tuple[Listing, ...]:
    found: Iterable[Listing] | Unknown = await session.read(lambda: session.broker.search_symbols(text))
    # A search that failed leaves the hint out, and nothing else.
    return () if isinstance(found, Unknown) else tuple(found)
