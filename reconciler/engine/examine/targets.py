"""The targets: whether each is one contract, whether its market is open, and which prices are served."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from reconciler.domain.account import Quote, QuoteType
from reconciler.domain.contract import Contract
from reconciler.domain.counting import counted
from reconciler.domain.desired import AccountSpec
from reconciler.domain.examination import Check, Finding, failed, passed, skipped, warned
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.policy import Hours
from reconciler.domain.portfolio import InstrumentSpec, Target
from reconciler.domain.unknown import Unknown, Unread
from reconciler.engine.examine.premises import Premises
from reconciler.planning.quotes import why_untradable
from reconciler.ports import Broker

_AGAIN = "look again: nothing was said against the line; where it goes on, see the gateway's window and its connection"


@dataclass(frozen=True)
class MarketReading:
    """Contracts and quotes of all targets, as the broker told them at one moment."""

    at: datetime
    contracts: Mapping[InstrumentName, Contract | Unknown]
    quotes: Mapping[ConId, Quote | Unknown]

    @property
    def known(self) -> Mapping[InstrumentName, Contract]:
        """The contracts that are."""
        return {name: each for name, each in self.contracts.items() if isinstance(each, Contract)}

    def quote(self, contract: Contract) -> Quote | Unknown:
        """Its quote."""
        return self.quotes.get(contract.con_id, Unknown("its price was not read"))

    def is_closed(self, contract: Contract) -> bool:
        """Whether its market is known to be closed."""
        return contract.is_open(self.at) is False


async def read(premises: Premises, broker: Broker) -> MarketReading:
    """Ask for every target's contract and for a quote of each. What the lock file pins is asked for by its id."""
    specs = [_spec(target, premises.account) for target in premises.account.portfolio.targets]
    premises.tell(counted(len(specs), "target"))
    answer = await premises.asked(broker, lambda: broker.read_contracts(specs))
    contracts: dict[InstrumentName, Contract | Unknown] = {
        spec.name: answer if isinstance(answer, Unknown) else answer[spec.name] for spec in specs
    }
    known = list({each.con_id: each for each in contracts.values() if isinstance(each, Contract)}.values())
    quotes = await premises.asked(broker, lambda: broker.read_quotes(known)) if known else {}
    by_id: Mapping[ConId, Quote | Unknown] = (
        dict.fromkeys((each.con_id for each in known), quotes) if isinstance(quotes, Unknown) else quotes
    )
    return MarketReading(premises.clock.now(), contracts, by_id)


def _spec(target: Target, account: AccountSpec) -> InstrumentSpec:
    pinned = account.pinned.get(target.instrument.name)
    return target.instrument if pinned is None else replace(target.instrument, con_id=pinned.con_id)


def contracts(account: AccountSpec, market: MarketReading) -> tuple[Finding, ...]:
    """None or several contracts behind a symbol are a failure, and so is one of the lock file's that is gone."""
    faults: list[Finding] = []
    good: list[InstrumentName] = []
    for target in account.portfolio.targets:
        name = target.instrument.name
        contract = market.contracts[name]
        if isinstance(contract, Unknown):
            advice = _AGAIN if isinstance(contract, Unread) else _correction(target, account)
            faults.append(failed(Check.CONTRACTS, contract.why, advice, (name,)))
        else:
            good.append(name)
    if not good:
        return tuple(faults)
    return (passed(Check.CONTRACTS, f"one contract each for {counted(len(good), 'target')}", good), *faults)


def _correction(target: Target, account: AccountSpec) -> str:
    if target.instrument.name in account.pinned:
        return "the lock file pins it: see whether a corporate action is behind this, then lock it anew"
    return f"correct symbol, currency, primaryExchange or conId at {target.declared_at}"


def hours(account: AccountSpec, market: MarketReading) -> tuple[Finding, ...]:
    """Which markets are open now, and when the others open."""
    if not market.known:
        return (skipped(Check.HOURS, Check.CONTRACTS),)
    opened: list[InstrumentName] = []
    unknown: list[InstrumentName] = []
    closed: dict[datetime | None, list[InstrumentName]] = {}
    for name, contract in market.known.items():
        is_open = contract.is_open(market.at)
        if isinstance(is_open, Unknown):
            unknown.append(name)
        elif is_open:
            opened.append(name)
        else:
            closed.setdefault(contract.opens_after(market.at), []).append(name)
    found = [passed(Check.HOURS, f"open for {counted(len(opened), 'target')}", opened)] if opened else []
    openings = sorted(closed, key=lambda each: (each is None, each or market.at))
    found += [_closed(account, opening, closed[opening]) for opening in openings]
    if unknown:
        advice = "the broker tells no hours of these: see at the exchange when it is open"
        found.append(warned(Check.HOURS, f"not known for {counted(len(unknown), 'target')}", advice, unknown))
    return tuple(found)


_WHAT_AN_APPLY_DOES = {
    Hours.EXIT: "an apply sends nothing before (exit code 7)",
    Hours.WAIT: "an apply waits until then",
    Hours.CONTINUE: "an apply sends all the same, and what it sends waits for the opening",
}


def _closed(account: AccountSpec, opening: datetime | None, names: list[InstrumentName]) -> Finding:
    until = "no later session is told" if opening is None else f"it opens at {opening:%Y-%m-%d %H:%M} UTC"
    advice = _WHAT_AN_APPLY_DOES[account.policy.hours]
    return warned(Check.HOURS, f"closed for {counted(len(names), 'target')}; {until}", advice, names)


def market_data(account: AccountSpec, market: MarketReading) -> tuple[Finding, ...]:
    """Live, delayed, frozen or no prices, and whether an order may be priced by them."""
    if not market.known:
        return (skipped(Check.MARKET_DATA, Check.CONTRACTS),)
    groups: dict[_Pricing, dict[InstrumentName, str]] = {}
    for name, contract in market.known.items():
        quote = market.quote(contract)
        kind = quote.type if isinstance(quote, Quote) else None
        why = why_untradable(quote, account, contract, now=market.at)
        pricing = _Pricing(kind, may_price=why is None, is_closed=market.is_closed(contract))
        groups.setdefault(pricing, {})[name] = why or ""
    return tuple(_priced(pricing, why, names) for pricing, whys in groups.items() for why, names in alike(whys))


class _Pricing(NamedTuple):
    """What prices there are of some targets, None where none, and whether they may price an order."""

    type: QuoteType | None
    may_price: bool
    is_closed: bool


def _priced(pricing: _Pricing, why: str, names: list[InstrumentName]) -> Finding:
    whose = counted(len(names), "target")
    if pricing.may_price and pricing.type is QuoteType.LIVE:
        return passed(Check.MARKET_DATA, f"live prices of {whose}", names)
    if pricing.may_price:
        advice = "the policy's acceptDelayedQuotes lets them price orders; subscribe to live data to price them better"
        return warned(Check.MARKET_DATA, f"{pricing.type} prices of {whose}", advice, names)
    found = f"nothing may price an order for {whose}: {why}"
    if pricing.is_closed:
        return warned(Check.MARKET_DATA, found, "the market is closed: look again once it is open", names)
    if pricing.type is QuoteType.LIVE:
        return failed(Check.MARKET_DATA, found, "look again once the market has a better price", names)
    advice = "subscribe to live market data at the broker, and share it with the paper account where this is one"
    if pricing.type is None:
        advice += "; where another session of the same user has the data (10197), end that one"
    return failed(Check.MARKET_DATA, found, advice, names)


def alike(whys: Mapping[InstrumentName, str]) -> list[tuple[str, list[InstrumentName]]]:
    """What is true of many lines, once for them all, with `it` in place of each name; what is true of one, as it is."""
    groups: dict[str, list[InstrumentName]] = {}
    for name, why in whys.items():
        groups.setdefault(re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "it", why), []).append(name)
    return [(whys[names[0]] if len(names) == 1 else why, names) for why, names in groups.items()]
