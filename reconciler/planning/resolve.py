"""Resolve: manifests and snapshot → TargetPortfolio, each line with its contract, price, rate, holding and orders.

What cannot be resolved is Unknown and blocks its line; what the whole account hangs on (net liquidation, positions,
working orders, exchange rates) blocks all (promise 1). A holding is matched by contract id, and by symbol where the
contract is Unknown, so that an unresolved line never loses its holding to "undeclared". What is held under a contract
that a line replaced (`moved`) counts as held by the line.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from functools import cached_property

from reconciler.domain.account import AccountSnapshot, Position, Quote, WorkingOrder
from reconciler.domain.contract import FUTURE, STOCK, Contract, called
from reconciler.domain.desired import AccountSpec, UnmanagedPositions
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.line import Holding, LineKind
from reconciler.domain.money import Currency, FxRate, Money
from reconciler.domain.orders import is_ours
from reconciler.domain.portfolio import InstrumentSpec, Target
from reconciler.domain.unknown import Unknown
from reconciler.planning import quotes
from reconciler.planning.pairs import pair_name
from reconciler.planning.pricing import exposure_of, sizing_price

# Orders of ours that can fill at the market count as done; anything that waits for a trigger does not (promise 2).
_FILLS_AT_MARKET = frozenset({"MKT", "LMT", "MOC", "LOC", "MIDPRICE", "MTL"})
_CLOSABLE = frozenset({STOCK, FUTURE})


@dataclass(frozen=True)
class ResolvedLine:
    """One line and what the account shows of it. Quantities are signed, in shares or contracts.

    `quote` is None where none was asked for. `price` sizes the line: the quote's reference, else the portfolio's mark.
    `untradable` says why its quote may not price an order; it matters only if the line has to trade. `blocked` is set
    where not even the target is known. `mark` is the portfolio's price.
    """

    number: int
    kind: LineKind
    target: Target
    contract: Contract | Unknown
    quote: Quote | Unknown | None
    mark: Decimal | None
    price: Decimal | Unknown
    rate: FxRate | Unknown
    held: Decimal
    moved: Decimal
    """What is still held under the contract that this one replaced, in shares of this one."""
    own_working: Decimal
    reserving: tuple[WorkingOrder, ...]
    """Working orders on the contract that are not netted: everybody else's, and ours that wait for something."""
    untradable: str | None
    blocked: str | None

    @property
    def name(self) -> InstrumentName:
        """The manifest's name for it."""
        return self.target.instrument.name

    @property
    def current(self) -> Decimal:
        """Everything that counts as held."""
        return self.held + self.moved

    @property
    def have(self) -> Decimal:
        """What is held, once our own working orders are filled."""
        return self.current + self.own_working

    @property
    def con_id(self) -> ConId | None:
        """Its contract's id."""
        return self.contract.con_id if isinstance(self.contract, Contract) else None

    @property
    def multiplier(self) -> Decimal:
        """Units for each quantity of one."""
        return self.contract.multiplier if isinstance(self.contract, Contract) else Decimal(1)

    @property
    def lot(self) -> Decimal:
        """The step of the line's quantity."""
        return self.contract.lot_size if isinstance(self.contract, Contract) else Decimal(1)

    def odd(self, sign: int) -> Decimal:
        """The part of a quantity on that side of zero, without its sign, that no order of whole lots changes."""
        rest = self.have * sign % self.lot
        return rest + self.lot if rest < 0 else rest

    @cached_property
    def unit(self) -> Money | Unknown:
        """The exposure of one share or contract, in base currency."""
        if isinstance(self.price, Unknown):
            return self.price
        if isinstance(self.rate, Unknown):
            return self.rate
        return self.rate.convert(Money(self.price * self.multiplier, self.rate.source))

    @property
    def unit_amount(self) -> Decimal:
        """The same as a number; 0 where it is not known."""
        return Decimal(0) if isinstance(self.unit, Unknown) else self.unit.amount

    @cached_property
    def exposure(self) -> Money | Unknown:
        """The holding's signed exposure in base currency."""
        return self.unit if isinstance(self.unit, Unknown) else self.unit * self.current


@dataclass(frozen=True)
class TargetPortfolio:
    """All declared lines by name, then the holdings to close, and what is neither. `blocked` concerns the account."""

    lines: tuple[ResolvedLine, ...]
    undeclared: tuple[Holding, ...]
    foreign_orders: tuple[WorkingOrder, ...]
    blocked: tuple[str, ...]


def resolve(account: AccountSpec, snapshot: AccountSnapshot, *, now: datetime) -> TargetPortfolio:
    """The account's lines as they stand. Pure: the same inputs in any order give the same result."""
    targets = sorted(account.portfolio.targets, key=lambda each: each.instrument.name)
    shown = _shown(account, snapshot)
    claims = _claims(targets, shown)
    held = (_holding(target, shown) for target in targets)
    declared = {position.con_id for position in held if position is not None}
    declared |= {moved.con_id for moved in account.portfolio.moved}
    rest = tuple(each for each in _in_order(shown.positions.values()) if each.con_id not in declared)
    closing = closing_targets(account, rest)
    rows = [*((LineKind.TARGET, each) for each in targets), *((LineKind.CLOSING, each) for each in closing)]
    lines = tuple(
        _unless_claimed_twice(_line(number, kind, target, shown, account, now), claims.get(target.instrument.name, []))
        for number, (kind, target) in enumerate(rows, start=1)
    )
    closed = {target.instrument.con_id for target in closing}
    undeclared = tuple(_undeclared(each, snapshot) for each in rest if each.con_id not in closed)
    return TargetPortfolio(lines, undeclared, _foreign(snapshot), _account_blocks(account, shown, undeclared))


def closing_targets(account: AccountSpec, undeclared: tuple[Position, ...]) -> tuple[Target, ...]:
    """What stands in for a line of each holding that the account's manifest says to close although no line names it.

    Shares and futures alone: anything else stays a holding that is reported, and is closed by hand. So does a share by
    the symbol of a line that means another contract: a corporate action may have made the one of the other.
    """
    if account.unmanaged_positions is not UnmanagedPositions.CLOSE:
        return ()
    words = {words_of(target.instrument) for target in account.portfolio.targets}
    closable = [
        each
        for each in _in_order(undeclared)
        if each.sec_type in _CLOSABLE and (each.sec_type == FUTURE or words_of(each) not in words)
    ]
    taken = {target.instrument.name for target in account.portfolio.targets}
    symbols = Counter(each.symbol for each in closable)
    return tuple(Target(_pinned(each, taken, symbols), Decimal(0), None, account.declared_at) for each in closable)


def words_of(instrument: InstrumentSpec | Position | Contract) -> tuple[str, str, Currency]:
    """What an instrument is called where its contract's id is not known."""
    return instrument.symbol, instrument.sec_type, instrument.currency


def _pinned(position: Position, taken: set[InstrumentName], symbols: Counter[str]) -> InstrumentSpec:
    is_clear = InstrumentName(position.symbol) not in taken and symbols[position.symbol] == 1
    return spec_of(position, position.symbol if is_clear else f"{position.symbol} {position.con_id}")


def spec_of(position: Position, name: str) -> InstrumentSpec:
    """The instrument of a holding, by its contract id; a future's exchange is the broker's to say."""
    return InstrumentSpec(
        name=InstrumentName(name),
        symbol=position.symbol,
        sec_type=position.sec_type,
        exchange="" if position.sec_type == FUTURE else "SMART",
        currency=position.currency,
        con_id=position.con_id,
    )


def _in_order(positions: Iterable[Position]) -> list[Position]:
    return sorted(positions, key=lambda each: (each.symbol, each.con_id))


def _undeclared(position: Position, snapshot: AccountSnapshot) -> Holding:
    return Holding(position.con_id, position.symbol, position.quantity, exposure_of(position, snapshot))


@dataclass(frozen=True)
class _Shown:
    """What the account shows, by contract and by the words that manifests use; and what replaced contracts hold."""

    snapshot: AccountSnapshot
    contracts: Mapping[ConId, Contract]
    positions: Mapping[ConId, Position]
    named: Mapping[tuple[str, str, Currency], list[Position]]
    working: Mapping[ConId, list[WorkingOrder]]
    moved: Mapping[InstrumentName, Decimal]
    pinned: frozenset[ConId]
    """The contracts that lines name by their ids: what is held of them has its own line, whatever it is called."""


def _claims(targets: Iterable[Target], shown: _Shown) -> dict[InstrumentName, list[InstrumentName]]:
    """By line, the lines that mean its contract, that one first which its holding counts for.

    Two come to mean the same one through a wrong pin, or where the broker takes one symbol for the other's.
    """
    found: dict[ConId, list[InstrumentName]] = {}
    for target in targets:
        con_id = _con_id(_contract(target, shown), _holding(target, shown))
        if con_id is not None:
            found.setdefault(con_id, []).append(target.instrument.name)
    for con_id, names in found.items():
        symbol = shown.positions[con_id].symbol if con_id in shown.positions else ""
        names.sort(key=lambda name: (name != symbol, name))
    return {name: names for names in found.values() for name in names}


def _con_id(contract: Contract | Unknown, position: Position | None) -> ConId | None:
    if isinstance(contract, Contract):
        return contract.con_id
    return position.con_id if position else None


def _unless_claimed_twice(line: ResolvedLine, names: Sequence[InstrumentName]) -> ResolvedLine:
    """The line; blocked where another one means the same contract, whose holding then counts once."""
    others = [each for each in names if each != line.name]
    if not others:
        return line
    why = f"it means the same contract as {', '.join(others)}: pin each to its own with conId"
    blocked = replace(line, blocked=line.blocked or why)
    return blocked if names[0] == line.name else replace(blocked, held=Decimal(0), own_working=Decimal(0))


def _shown(account: AccountSpec, snapshot: AccountSnapshot) -> _Shown:
    positions = snapshot.known_positions
    orders = () if isinstance(snapshot.working_orders, Unknown) else snapshot.working_orders
    by_id = {each.con_id: each for each in positions}
    replaced = {each.con_id for each in account.portfolio.moved}
    named: dict[tuple[str, str, Currency], list[Position]] = {}
    working: dict[ConId, list[WorkingOrder]] = {}
    moved: dict[InstrumentName, Decimal] = {}
    for position in sorted(positions, key=lambda each: each.con_id):
        if position.con_id not in replaced:
            named.setdefault(words_of(position), []).append(position)
    for order in orders:
        working.setdefault(order.con_id, []).append(order)
    for each in account.portfolio.moved:
        if each.con_id in by_id:
            moved[each.to] = moved.get(each.to, Decimal(0)) + by_id[each.con_id].quantity * each.ratio
    pinned = frozenset(each.instrument.con_id for each in account.portfolio.targets if each.instrument.con_id)
    return _Shown(snapshot, snapshot.contracts_by_id, by_id, named, working, moved, pinned)


def _foreign(snapshot: AccountSnapshot) -> tuple[WorkingOrder, ...]:
    orders = () if isinstance(snapshot.working_orders, Unknown) else snapshot.working_orders
    others = (each for each in orders if not is_ours(each.order_ref))
    return tuple(
        sorted(others, key=lambda each: (each.symbol, each.con_id, each.perm_id, each.client_id, each.order_id))
    )


def _holding(target: Target, shown: _Shown) -> Position | None:
    """The position of the line's contract; where that is Unknown, the one that the manifest's words describe."""
    contract = _contract(target, shown)
    if isinstance(contract, Contract):
        return shown.positions.get(contract.con_id)
    pinned = target.instrument.con_id
    if pinned is not None and pinned in shown.positions:
        return shown.positions[pinned]
    return next(iter(_described(target, shown)), None)


def _contract(target: Target, shown: _Shown) -> Contract | Unknown:
    name = target.instrument.name
    found = shown.snapshot.contracts.get(name)
    if found is None and target.instrument.con_id is not None:
        found = shown.contracts.get(target.instrument.con_id)
    if found is None:
        return Unknown(f"the contract of {name} was not read")
    if isinstance(found, Contract) and words_of(found) != words_of(target.instrument):
        written = called(*words_of(target.instrument))
        return Unknown(f"contract {found.con_id} is {called(*words_of(found))}, and the line says {written}")
    return found


def _described(target: Target, shown: _Shown) -> list[Position]:
    return shown.named.get(words_of(target.instrument), [])


def _held_elsewhere(contract: Contract | Unknown, target: Target, shown: _Shown, pin: Contract | None) -> str | None:
    """Why the line may not trade where its instrument is held under another contract id, as after a split or a rename.

    Buying the whole target anew beside it would double the position. A `moved` in the manifest says that both are one.
    """
    if isinstance(contract, Unknown) or contract.sec_type == FUTURE:
        return None  # a future's months share their symbol
    own = {contract.con_id, *shown.pinned}
    strays = [each for each in _described(target, shown) if each.con_id not in own]
    if not strays:
        return None
    stray = strays[0]
    if pin is not None:
        return (
            f"{stray.quantity:f} are held under contract {stray.con_id}, but the line is pinned to {pin.con_id}: a "
            f"corporate action or another listing; `folioctl lock --upgrade {target.instrument.symbol}` pins what the "
            f"broker calls {target.instrument.symbol} now; where that is another contract than is held, say that it "
            f"replaced the old one with `moved: [{{fromConId: {stray.con_id}, to: {target.instrument.name}}}]`"
        )
    return (
        f"{stray.quantity:f} are held under contract {stray.con_id}, but the broker resolves the line to "
        f"{contract.con_id}: a corporate action or another listing; say so with `moved: [{{fromConId: {stray.con_id}, "
        f"to: {target.instrument.name}}}]`, pin the right one with conId, or sell the other"
    )


def _renamed(pin: Contract | None, position: Position | None) -> str | None:
    """Why the line may not trade where the account shows a pinned contract under another name than its pin."""
    if pin is None or position is None or (pin.symbol, pin.currency) == (position.symbol, position.currency):
        return None
    return (
        f"contract {pin.con_id} is pinned as {pin.symbol} in {pin.currency}, and held as {position.symbol} in "
        f"{position.currency}: `folioctl lock --check` says what it means now"
    )


def _line(
    number: int, kind: LineKind, target: Target, shown: _Shown, account: AccountSpec, now: datetime
) -> ResolvedLine:
    name, position = target.instrument.name, _holding(target, shown)
    pin = account.pinned.get(name)
    contract = _contract(target, shown)
    con_id = _con_id(contract, position)
    quote = _quote(con_id, shown.snapshot)
    mark = position.market_price if position else None
    price = sizing_price(quote, mark)
    rate = shown.snapshot.rate(target.instrument.currency)
    own, reserving = _working([] if con_id is None else shown.working.get(con_id, []))
    unknown = next((each.why for each in (contract, price, rate) if isinstance(each, Unknown)), None)
    return ResolvedLine(
        number=number,
        kind=kind,
        target=target,
        contract=contract,
        quote=quote,
        mark=mark,
        price=price,
        rate=rate,
        held=position.quantity if position else Decimal(0),
        moved=shown.moved.get(name, Decimal(0)),
        own_working=own,
        reserving=reserving,
        untradable=None if quote is None else quotes.why_untradable(quote, account, contract, now=now),
        # Where it went says more than that it has no price any more.
        blocked=_held_elsewhere(contract, target, shown, pin) or _renamed(pin, position) or unknown,
    )


def _quote(con_id: ConId | None, snapshot: AccountSnapshot) -> Quote | Unknown | None:
    return Unknown("no price without a contract") if con_id is None else snapshot.quotes.get(con_id)


def is_netted(order: WorkingOrder) -> bool:
    """Whether it counts as done: it is ours, and nothing keeps it from filling at the market."""
    return is_ours(order.order_ref) and order.order_type in _FILLS_AT_MARKET and not order.is_attached


def _working(here: list[WorkingOrder]) -> tuple[Decimal, tuple[WorkingOrder, ...]]:
    """What our own orders will bring, signed, and the orders that are not netted."""
    netted = [each for each in here if is_netted(each)]
    rest = sorted((each for each in here if each not in netted), key=lambda each: (each.perm_id, each.order_id))
    return sum((each.side.sign * each.remaining for each in netted), Decimal(0)), tuple(rest)


def _called_as_a_pair(account: AccountSpec, snapshot: AccountSnapshot, used: set[Currency]) -> list[InstrumentName]:
    """The lines whose name is that of a pair, which a snapshot knows by its name, too: each is taken for the other."""
    balances = set() if isinstance(snapshot.cash, Unknown) else set(snapshot.cash)
    pairs = {pair_name(each, account.base_currency) for each in (used | balances) - {account.base_currency}}
    return sorted(pairs.intersection(target.instrument.name for target in account.portfolio.targets))


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
    blocks += [
        f"the line {name} is called as the currency pair that the plan has: give it another name"
        for name in _called_as_a_pair(account, snapshot, currencies)
    ]
    if undeclared and account.unmanaged_positions is UnmanagedPositions.BLOCK:
        names = ", ".join(holding.symbol for holding in undeclared)
        blocks.append(f"holdings that no manifest names, which the account's unmanagedPositions forbids: {names}")
    return tuple(blocks)
