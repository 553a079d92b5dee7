"""Resolve: manifests and snapshot → TargetPortfolio, each line with its contract, price, rate, holding and orders.

What cannot be resolved is Unknown and blocks its line; what the whole account hangs on (net liquidation, positions,
working orders, exchange rates) blocks all (promise 1). A holding is matched by contract id, and by symbol where the
contract is Unknown, so that an unresolved line never loses its holding to "undeclared".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot, Position, Quote, WorkingOrder
from reconciler.domain.contract import Contract
from reconciler.domain.desired import AccountSpec, UnmanagedPositions
from reconciler.domain.ids import ConId
from reconciler.domain.money import Currency, FxRate, Money
from reconciler.domain.orders import is_ours
from reconciler.domain.plan import Holding
from reconciler.domain.portfolio import Target
from reconciler.domain.unknown import Unknown
from reconciler.planning.checks import quotes

# Orders of ours that can fill at the market count as done; anything that waits for a trigger does not (promise 2).
_FILLS_AT_MARKET = frozenset({"MKT", "LMT", "MOC", "LOC", "MIDPRICE", "MTL"})


@dataclass(frozen=True)
class ResolvedLine:
    """One declared line and what the account shows of it. Quantities are signed, in shares or contracts.

    `price` sizes the line: the quote's reference, else the portfolio's mark. `untradable` says why its quote may not
    price an order; it matters only if the line has to trade. `blocked` is set where not even the target is known.
    """

    number: int
    target: Target
    contract: Contract | Unknown
    quote: Quote | Unknown
    price: Decimal | Unknown
    rate: FxRate | Unknown
    current: Decimal
    own_working: Decimal
    reserving: tuple[WorkingOrder, ...]
    """Working orders on the contract that are not netted: everybody else's, and ours that wait for something."""
    untradable: str | None
    blocked: str | None

    @property
    def name(self) -> str:
        """The manifest's name for it."""
        return self.target.instrument.name

    @property
    def unit(self) -> Money | Unknown:
        """The exposure of one share or contract, in base currency."""
        if isinstance(self.price, Unknown):
            return self.price
        if isinstance(self.rate, Unknown):
            return self.rate
        multiplier = Decimal(1) if isinstance(self.contract, Unknown) else self.contract.multiplier
        return self.rate.convert(Money(self.price * multiplier, self.rate.source))

    @property
    def exposure(self) -> Money | Unknown:
        """The holding's signed exposure in base currency."""
        return self.unit if isinstance(self.unit, Unknown) else self.unit * self.current


@dataclass(frozen=True)
class TargetPortfolio:
    """All declared lines by name, and what is not declared. `blocked` concerns the whole account."""

    lines: tuple[ResolvedLine, ...]
    undeclared: tuple[Holding, ...]
    foreign_orders: tuple[WorkingOrder, ...]
    blocked: tuple[str, ...]


def resolve(account: AccountSpec, snapshot: AccountSnapshot, *, now: datetime) -> TargetPortfolio:
    """The account's declared lines as they stand. Pure: the same inputs in any order give the same result."""
    shown = _shown(snapshot)
    targets = sorted(account.portfolio.targets, key=lambda each: each.instrument.name)
    lines = tuple(_line(number, target, shown, account, now) for number, target in enumerate(targets, start=1))
    held = (_holding(target, shown) for target in targets)
    declared = {position.con_id for position in held if position is not None}
    undeclared = tuple(
        Holding(each.con_id, each.symbol, each.quantity, _exposure(each, snapshot))
        for each in sorted(shown.positions.values(), key=lambda each: (each.symbol, each.con_id))
        if each.con_id not in declared
    )
    return TargetPortfolio(lines, undeclared, _foreign(snapshot), _account_blocks(account, shown, undeclared))


@dataclass(frozen=True)
class _Shown:
    """What the account shows, by contract and by the words that manifests use."""

    snapshot: AccountSnapshot
    positions: Mapping[ConId, Position]
    named: Mapping[tuple[str, str, Currency], list[Position]]
    working: Mapping[ConId, list[WorkingOrder]]


def _shown(snapshot: AccountSnapshot) -> _Shown:
    positions = () if isinstance(snapshot.positions, Unknown) else snapshot.positions
    orders = () if isinstance(snapshot.working_orders, Unknown) else snapshot.working_orders
    named: dict[tuple[str, str, Currency], list[Position]] = {}
    working: dict[ConId, list[WorkingOrder]] = {}
    for position in sorted(positions, key=lambda each: each.con_id):
        named.setdefault((position.symbol, position.sec_type, position.currency), []).append(position)
    for order in orders:
        working.setdefault(order.con_id, []).append(order)
    return _Shown(snapshot, {each.con_id: each for each in positions}, named, working)


def _foreign(snapshot: AccountSnapshot) -> tuple[WorkingOrder, ...]:
    orders = () if isinstance(snapshot.working_orders, Unknown) else snapshot.working_orders
    others = (each for each in orders if not is_ours(each.order_ref))
    return tuple(
        sorted(others, key=lambda each: (each.symbol, each.con_id, each.perm_id, each.client_id, each.order_id))
    )


def _holding(target: Target, shown: _Shown) -> Position | None:
    """The position of the line's contract; where that is Unknown, the one that the manifest's words describe."""
    contract = shown.snapshot.contracts.get(target.instrument.name)
    if isinstance(contract, Contract):
        return shown.positions.get(contract.con_id)
    pinned = target.instrument.con_id
    if pinned is not None and pinned in shown.positions:
        return shown.positions[pinned]
    return next(iter(_described(target, shown)), None)


def _described(target: Target, shown: _Shown) -> list[Position]:
    spec = target.instrument
    return shown.named.get((spec.symbol, spec.sec_type, spec.currency), [])


def _held_elsewhere(contract: Contract | Unknown, target: Target, shown: _Shown) -> str | None:
    """Why the line may not trade where its instrument is held under another contract id, as after a split or a rename.

    Buying the whole target anew beside it would double the position.
    """
    if isinstance(contract, Unknown):
        return None
    strays = [each for each in _described(target, shown) if each.con_id != contract.con_id]
    if not strays:
        return None
    return (
        f"{strays[0].quantity:f} are held under contract {strays[0].con_id}, but the broker resolves the line to "
        f"{contract.con_id}: a corporate action or another listing; pin the right one with conId, or sell the other"
    )


def _line(number: int, target: Target, shown: _Shown, account: AccountSpec, now: datetime) -> ResolvedLine:
    name, position = target.instrument.name, _holding(target, shown)
    contract = shown.snapshot.contracts.get(name, Unknown(f"the contract of {name} was not read"))
    con_id = contract.con_id if isinstance(contract, Contract) else (position.con_id if position else None)
    quote = _quote(con_id, shown.snapshot)
    price = _sizing_price(quote, position)
    rate = shown.snapshot.rate(target.instrument.currency)
    own, reserving = _working([] if con_id is None else shown.working.get(con_id, []))
    unknown = next((each.why for each in (contract, price, rate) if isinstance(each, Unknown)), None)
    return ResolvedLine(
        number=number,
        target=target,
        contract=contract,
        quote=quote,
        price=price,
        rate=rate,
        current=position.quantity if position else Decimal(0),
        own_working=own,
        reserving=reserving,
        untradable=quotes.why_untradable(quote, limits=account.limits, policy=account.policy, now=now),
        blocked=unknown or _held_elsewhere(contract, target, shown),
    )


def _quote(con_id: ConId | None, snapshot: AccountSnapshot) -> Quote | Unknown:
    if con_id is None:
        return Unknown("no price without a contract")
    return snapshot.quotes.get(con_id, Unknown("no price was read"))


def _sizing_price(quote: Quote | Unknown, position: Position | None) -> Decimal | Unknown:
    if isinstance(quote, Quote) and quote.reference is not None and quote.reference > 0:
        return quote.reference
    if position is not None and position.market_price is not None and position.market_price > 0:
        return position.market_price
    return quote if isinstance(quote, Unknown) else Unknown("no last price and no bid and ask")


def _working(here: list[WorkingOrder]) -> tuple[Decimal, tuple[WorkingOrder, ...]]:
    """What our own orders will bring, signed, and the orders that are not netted."""
    netted = [
        each
        for each in here
        if is_ours(each.order_ref) and each.order_type in _FILLS_AT_MARKET and not each.is_attached
    ]
    rest = sorted((each for each in here if each not in netted), key=lambda each: (each.perm_id, each.order_id))
    return sum((each.side.sign * each.remaining for each in netted), Decimal(0)), tuple(rest)


def _exposure(position: Position, snapshot: AccountSnapshot) -> Money | Unknown:
    price = _sizing_price(snapshot.quotes.get(position.con_id, Unknown("no price was read")), position)
    rate = snapshot.rate(position.currency)
    if isinstance(price, Unknown):
        return price
    if isinstance(rate, Unknown):
        return rate
    return rate.convert(Money(position.quantity * position.multiplier * price, position.currency))


def _account_blocks(account: AccountSpec, shown: _Shown, undeclared: tuple[Holding, ...]) -> tuple[str, ...]:
    snapshot = shown.snapshot
    blocks = [
        f"{what} {part.why}"
        for what, part in (
            ("net liquidation and margin:", snapshot.values),
            ("positions:", snapshot.positions),
            ("working orders:", snapshot.working_orders),
        )
        if isinstance(part, Unknown)
    ]
    currencies: set[Currency] = {target.instrument.currency for target in account.portfolio.targets}
    currencies |= {position.currency for position in shown.positions.values()}
    rates = (snapshot.rate(currency) for currency in sorted(currencies))
    blocks += [rate.why for rate in rates if isinstance(rate, Unknown)]
    if undeclared and account.unmanaged_positions is UnmanagedPositions.BLOCK:
        names = ", ".join(holding.symbol for holding in undeclared)
        blocks.append(f"holdings that no manifest names, which the account's unmanagedPositions forbids: {names}")
    return tuple(blocks)
