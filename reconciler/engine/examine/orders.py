"""Orders, by what-if alone: whether the API takes any, and whether the broker would take one lot of each target."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reconciler.domain.account import Side
from reconciler.domain.contract import Contract
from reconciler.domain.counting import counted
from reconciler.domain.examination import Check, Finding, failed, passed, skipped, warned
from reconciler.domain.ids import ConId, InstrumentName, OrderRef
from reconciler.domain.money import Money
from reconciler.domain.orders import REF_PREFIX, OrderIntent, RefusalCause, WhatIf, WhatIfRefused
from reconciler.domain.portfolio import Target
from reconciler.domain.unknown import Unknown, Unread
from reconciler.engine.examine.premises import Premises
from reconciler.engine.examine.targets import MarketReading, alike
from reconciler.planning.ticket import question_of
from reconciler.ports import AccountReading, Broker

_REF = OrderRef(f"{REF_PREFIX}-doctor")
_READ_ONLY_ADVICE = "in the gateway's API settings, switch 'Read-Only API' off"


@dataclass(frozen=True)
class Answer:
    """What the broker said of one lot of a target, or why it was not asked: then `asked` is False."""

    name: InstrumentName
    said: WhatIf | Unknown
    asked: bool = True
    is_beyond_funds: bool = False
    """Whether a lot is worth more than the account has free."""


async def ask(
    premises: Premises, broker: Broker, market: MarketReading, reading: AccountReading | Unknown
) -> tuple[Answer, ...]:
    """A what-if for each target whose contract is known, all in flight together."""
    known = market.known
    targets = [each for each in premises.account.portfolio.targets if each.instrument.name in known]
    premises.tell(f"what-ifs of {counted(len(targets), 'target')}")
    return tuple(await asyncio.gather(*(_ask(premises, broker, market, reading, each) for each in targets)))


async def _ask(
    premises: Premises, broker: Broker, market: MarketReading, reading: AccountReading | Unknown, target: Target
) -> Answer:
    name = target.instrument.name
    contract = market.known[name]
    side = _side(target, contract, reading)
    if side is None:
        return Answer(name, Unknown("its weight is 0 and nothing of it is held"), asked=False)
    quote = market.quote(contract)
    if isinstance(quote, Unknown):
        return Answer(name, Unknown(f"it was not asked about without a price: {quote.why}"), asked=False)
    price = quote.reference or Decimal(0)
    worth = Money(price * contract.lot_size * contract.multiplier, contract.currency)
    order = OrderIntent(
        line=0,
        instrument=name,
        con_id=contract.con_id,
        side=side,
        quantity=contract.lot_size,
        reduces_risk=False,
        reference_price=price,
        notional=worth,
    )
    ticket = question_of(order, contract, quote, policy=premises.account.policy, ref=_REF)
    if isinstance(ticket, Unknown):
        return Answer(name, ticket, asked=False)
    said = await premises.asked(broker, lambda: broker.what_if(ticket))
    return Answer(name, said, is_beyond_funds=_is_beyond(worth, reading))


def _side(target: Target, contract: Contract, reading: AccountReading | Unknown) -> Side | None:
    """The way in which the target trades: into it, or out of what is held of one that is to be closed."""
    way = target.weight or -_held(contract.con_id, reading)
    if not way:
        return None
    return Side.BUY if way > 0 else Side.SELL


def _held(con_id: ConId, reading: AccountReading | Unknown) -> Decimal:
    portfolio = () if isinstance(reading, Unknown) or isinstance(reading.portfolio, Unknown) else reading.portfolio
    return sum((each.quantity for each in portfolio if each.con_id == con_id), Decimal(0))


def _is_beyond(worth: Money, reading: AccountReading | Unknown) -> bool:
    """Whether want of funds may be why an order is refused. Nobody knows where figures or the rate are missing."""
    if isinstance(reading, Unknown) or isinstance(reading.values, Unknown):
        return False
    rate = Decimal(1) if worth.currency == reading.base_currency else _rate(worth, reading)
    return rate is not None and worth.amount * rate > reading.values.available_funds.amount


def _rate(worth: Money, reading: AccountReading) -> Decimal | None:
    found = reading.rates.get(worth.currency)
    return None if found is None else found.rate


def read_only(answers: tuple[Answer, ...]) -> tuple[Finding, ...]:
    """Whether the API takes orders at all. A read-only one refuses every what-if, or is silent."""
    if not answers:
        return (skipped(Check.READ_ONLY, Check.CONTRACTS),)
    asked = [each.said for each in answers if each.asked]
    if any(isinstance(each, WhatIfRefused) and each.cause is RefusalCause.READ_ONLY for each in asked):
        return (failed(Check.READ_ONLY, "the gateway's API is read-only (321): it takes no orders", _READ_ONLY_ADVICE),)
    if not all(isinstance(each, Unread) for each in asked):
        return (passed(Check.READ_ONLY, "the API takes what-ifs, and so orders"),)
    if asked:
        found = f"none of {len(asked)} what-ifs was answered, as where the API is read-only: {asked[0]}"
        return (failed(Check.READ_ONLY, found, f"{_READ_ONLY_ADVICE}; where it is, look at the gateway's window"),)
    return (warned(Check.READ_ONLY, "not known: there was nothing to ask a what-if of", "mend the checks before this"),)


def tradable(answers: tuple[Answer, ...]) -> tuple[Finding, ...]:
    """Which lots the broker would take now, and what it says against the others, with its code."""
    taken = [each.name for each in answers if isinstance(each.said, WhatIf)]
    found = f"the broker would take an order of one lot of {counted(len(taken), 'target')}"
    good = (passed(Check.TRADABLE, found, taken),) if taken else ()
    return (*good, *_doubtful(answers))


def _doubtful(answers: tuple[Answer, ...]) -> Iterable[Finding]:
    """One finding for all that the broker says the same of."""
    doubtful = {each.name: each for each in answers if not isinstance(each.said, WhatIf)}
    for why, names in alike({name: _said(each) for name, each in doubtful.items()}):
        yield _against(why, [doubtful[name] for name in names])


def _said(answer: Answer) -> str:
    match answer.said:
        case WhatIfRefused(code=code, words=words):
            return f"{code} {words}"
        case Unknown(why=why):
            return why
        case WhatIf():
            return ""


_ADVICE: Mapping[RefusalCause, str] = {
    RefusalCause.PERMISSION: "ask the broker for the permission to trade it, or set its weight to 0",
    RefusalCause.REJECTED: "read the broker's reason; where it is a rule of its own, set the weight to 0",
    RefusalCause.NOT_VALID: "see whether the gateway's presets or precautions forbid such orders",
    RefusalCause.READ_ONLY: _READ_ONLY_ADVICE,
}


def _against(why: str, answers: Sequence[Answer]) -> Finding:
    """What is against some lots of which the broker said the same."""
    said, names = answers[0].said, [each.name for each in answers]
    if not isinstance(said, WhatIfRefused):
        verdict = failed if any(each.asked for each in answers) else warned
        found = f"not known for {counted(len(names), 'target')}: {why}"
        advice = "look again once that is mended"
        if isinstance(said, Unread):
            advice = "look again; where it goes on, see what the gateway's window asks"
        return verdict(Check.TRADABLE, found, advice, names)
    found = f"the broker would not take an order of one lot: {why}"
    if said.cause is RefusalCause.REJECTED and all(each.is_beyond_funds for each in answers):
        return warned(Check.TRADABLE, found, "a lot is worth more than the account has free, which may be why", names)
    return failed(Check.TRADABLE, found, _ADVICE[said.cause], names)
