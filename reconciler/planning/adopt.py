"""Adopt: the portfolio, the leverage and the funding under which an account, as it stands, plans to no change.

The arithmetic of `size`, the other way round: base = (net liquidation − buffer) × leverage − undeclared holdings, and a
line's weight = what is held of it / base. Nothing is guessed: what is Unknown is an obstacle, never a weight of 0.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_UP, Decimal

from reconciler.domain.account import AccountSnapshot, Position
from reconciler.domain.contract import FUTURE, STOCK, Contract
from reconciler.domain.desired import AccountSpec, CurrencyFunding, UnmanagedPositions
from reconciler.domain.errors import InvariantBroken
from reconciler.domain.history import no_history
from reconciler.domain.ids import ConId
from reconciler.domain.money import Money
from reconciler.domain.options import NO_OPTIONS
from reconciler.domain.portfolio import Target
from reconciler.domain.sizing import Sizing
from reconciler.domain.unknown import Unknown
from reconciler.planning.allot import Terms
from reconciler.planning.exchange import exchange
from reconciler.planning.exposure import undeclared_exposure
from reconciler.planning.resolve import ResolvedLine, TargetPortfolio, resolve, spec_of
from reconciler.planning.size import sizing_of

_ZERO, _ONE = Decimal(0), Decimal(1)
_HOLDABLE = frozenset({STOCK, FUTURE})
_HIGHEST_LEVERAGE = Decimal(10)
"""What a manifest can say at most."""
_LEVERAGE_STEP = Decimal("0.01")
_FEWEST_DIGITS, _MOST_DIGITS = 4, 20
_SLACK = Decimal("0.0000001")
"""By how much weights may sum to more than the whole: a tenth of what a manifest may."""
_OF_A_LOT = Decimal(100)
"""A weight is written with so many digits that it misses what is held by no more than the hundredth of a lot."""


@dataclass(frozen=True)
class AdoptedLine:
    """One line with the weight that is held of it. `contract` is what its symbol means."""

    target: Target
    contract: Contract


@dataclass(frozen=True)
class LeftAside:
    """A holding that no line of a portfolio can stand for, and why. It stays undeclared."""

    con_id: ConId
    symbol: str
    why: str


@dataclass(frozen=True)
class Adoption:
    """What the manifests have to say. Lines come in the order of the account's portfolio, new ones last.

    `maintenance_rate` and `initial_rate` are margin / gross exposure, as the broker asks it now; None where nothing is
    held.
    `undeclared_share` is what the holdings left aside take of what the targets would have; `largest` is the largest
    line's exposure / net liquidation.
    """

    leverage: Decimal
    lines: tuple[AdoptedLine, ...]
    cash: Decimal
    long_only: bool
    funding: CurrencyFunding
    aside: tuple[LeftAside, ...]
    maintenance_rate: Decimal | None
    initial_rate: Decimal | None
    undeclared_share: Decimal
    largest: Decimal


@dataclass(frozen=True)
class Obstacles:
    """Why an account cannot be adopted as it stands: each a sentence without its stop."""

    reasons: tuple[str, ...]


def with_holdings(
    account: AccountSpec, snapshot: AccountSnapshot, *, can_be_written: Callable[[str], bool], now: datetime
) -> AccountSpec:
    """The account with every line at the weight 0, and a line for each holding that has none and can have one.

    `snapshot` needs the contracts of the lines that there are, and no others. `can_be_written` says of a symbol whether
    a manifest can.
    """
    targets = tuple(replace(each, weight=_ZERO) for each in account.portfolio.targets)
    open_account = replace(
        account,
        portfolio=replace(account.portfolio, targets=targets),
        unmanaged_positions=UnmanagedPositions.REPORT,
    )
    undeclared = {each.con_id for each in resolve(open_account, snapshot, now=now).undeclared}
    found = sorted(
        (
            each
            for each in snapshot.known_positions
            if each.con_id in undeclared and _why_aside(each, can_be_written) is None
        ),
        key=lambda each: (each.symbol, each.con_id),
    )
    taken = {str(each.instrument.name).upper() for each in targets}
    added = tuple(_line_of(each, taken, found, account) for each in found)
    return replace(open_account, portfolio=replace(open_account.portfolio, targets=(*targets, *added)))


def left_aside(
    account: AccountSpec, snapshot: AccountSnapshot, *, can_be_written: Callable[[str], bool], now: datetime
) -> tuple[LeftAside, ...]:
    """The holdings that no line of `account`, as `with_holdings` made it, stands for."""
    undeclared = {each.con_id for each in resolve(account, snapshot, now=now).undeclared}
    found = (each for each in snapshot.known_positions if each.con_id in undeclared)
    return tuple(
        LeftAside(
            each.con_id, each.symbol, _why_aside(each, can_be_written) or "it appeared while the account was read"
        )
        for each in sorted(found, key=lambda each: (each.symbol, each.con_id))
    )


def adopt(
    account: AccountSpec, snapshot: AccountSnapshot, aside: tuple[LeftAside, ...], *, now: datetime
) -> Adoption | Obstacles:
    """What `account`, as `with_holdings` made it, has to say so that its next plan is empty."""
    portfolio, values = resolve(account, snapshot, now=now), snapshot.values
    reasons = tuple(_obstacles(portfolio))
    if reasons:
        return Obstacles(reasons)
    if isinstance(values, Unknown):
        return Obstacles((values.why,))
    gross = sum((abs(_worth(each)) for each in portfolio.lines), _ZERO)
    leverage = _leverage(account, snapshot, portfolio, gross)
    if isinstance(leverage, Unknown):
        return Obstacles((leverage.why,))
    sizing = sizing_of(replace(account, leverage=leverage), snapshot, portfolio)
    if isinstance(sizing, Unknown):
        return Obstacles((sizing.why,))
    weights, cash = _weights(portfolio.lines, sizing.base.amount)
    if not _ZERO <= cash <= _ONE:
        return Obstacles(("the short holdings are worth more than the long ones, which no portfolio can say",))
    lines = tuple(_adopted(line, weight) for line, weight in zip(portfolio.lines, weights, strict=True))
    net = sizing.net_liquidation.amount
    return Adoption(
        leverage=leverage,
        lines=_in_order_of(account, lines),
        cash=cash,
        long_only=account.portfolio.long_only and all(weight >= 0 for weight in weights),
        funding=_funding(Terms(account, snapshot, portfolio, no_history(now), NO_OPTIONS, now), sizing),
        aside=aside,
        maintenance_rate=_rate(values.maintenance_margin, portfolio, gross),
        initial_rate=_rate(values.initial_margin, portfolio, gross),
        undeclared_share=sizing.undeclared.amount / ((net - sizing.apart.amount - sizing.buffer.amount) * leverage),
        largest=max((abs(_worth(each)) for each in portfolio.lines), default=_ZERO) / net,
    )


def adopted(account: AccountSpec, adoption: Adoption) -> AccountSpec:
    """The account as its manifests say it once they say what was adopted."""
    portfolio = replace(
        account.portfolio,
        targets=tuple(each.target for each in adoption.lines),
        cash_weight=adoption.cash,
        long_only=adoption.long_only,
    )
    return replace(account, portfolio=portfolio, leverage=adoption.leverage, currency_funding=adoption.funding)


# --------------------------------------------------------------------------------------------------- lines


def _why_aside(position: Position, can_be_written: Callable[[str], bool]) -> str | None:
    if position.sec_type not in _HOLDABLE:
        return f"a portfolio holds shares and futures, and this is of the broker's type {position.sec_type}"
    return None if can_be_written(position.symbol) else "a manifest cannot write its symbol"


def _line_of(position: Position, taken: set[str], found: Sequence[Position], account: AccountSpec) -> Target:
    symbols = Counter(each.symbol.upper() for each in found)
    is_clear = position.symbol.upper() not in taken and symbols[position.symbol.upper()] == 1
    name = position.symbol if is_clear else f"{position.symbol} {position.con_id}"
    return Target(spec_of(position, name), _ZERO, None, account.portfolio.declared_at)


def _obstacles(portfolio: TargetPortfolio) -> Iterable[str]:
    yield from portfolio.blocked
    for line in portfolio.lines:
        if line.blocked is not None:
            yield f"{line.name}: {line.blocked}{_remedy(line)}"
        elif line.own_working:
            yield f"{line.name}: an order of ours still works on it: import the account once it is over"


def _remedy(line: ResolvedLine) -> str:
    """What helps where it is only the worth of nothing that is not known."""
    is_worth = isinstance(line.unit, Unknown) and line.unit.why == line.blocked
    return "; nothing of it is held: import the account without this line" if is_worth and not line.have else ""


def _worth(line: ResolvedLine) -> Decimal:
    # Lines that were not read are obstacles before this is asked.
    return line.unit_amount * line.have


def _adopted(line: ResolvedLine, weight: Decimal) -> AdoptedLine:
    contract, instrument = line.contract, line.target.instrument
    if isinstance(contract, Unknown):
        raise InvariantBroken(f"{line.name} was adopted without a contract")
    routed = replace(instrument, exchange=instrument.exchange or contract.exchange)
    return AdoptedLine(replace(line.target, instrument=routed, weight=weight), contract)


def _in_order_of(account: AccountSpec, lines: Iterable[AdoptedLine]) -> tuple[AdoptedLine, ...]:
    by_name = {each.target.instrument.name: each for each in lines}
    return tuple(by_name[each.instrument.name] for each in account.portfolio.targets)


# --------------------------------------------------------------------------------------------------- arithmetic


def _leverage(
    account: AccountSpec, snapshot: AccountSnapshot, portfolio: TargetPortfolio, gross: Decimal
) -> Decimal | Unknown:
    """What is held, as a multiple of what the account may invest: rounded up to a hundredth, and never below 1."""
    most = sizing_of(replace(account, leverage=_HIGHEST_LEVERAGE), snapshot, portfolio)
    if isinstance(most, Unknown):
        return most
    investable = most.net_liquidation.amount - most.apart.amount - most.buffer.amount
    held = (gross + most.undeclared.amount) / investable
    leverage = max(held.quantize(_LEVERAGE_STEP, ROUND_CEILING), _ONE)
    if leverage > _HIGHEST_LEVERAGE:
        return Unknown(f"the leverage is {leverage}, and a manifest says {_HIGHEST_LEVERAGE} at most")
    return leverage


def _weights(lines: Sequence[ResolvedLine], base: Decimal) -> tuple[list[Decimal], Decimal]:
    """Each line's share of the base, with as few digits as tell a hundredth of every lot; and what is left for cash.

    A share is rounded away from zero: a line that is above its exact target by whatever little is brought below it
    where a limit is near. By so little the sum may be above the whole.
    """
    exact = [_worth(each) / base for each in lines]
    for digits in range(_FEWEST_DIGITS, _MOST_DIGITS):
        written = [each.quantize(_ONE.scaleb(-digits), ROUND_UP) for each in exact]
        cash = _ONE - sum(written, _ZERO)
        if cash > -_SLACK and all(_is_near(*each, base) for each in zip(lines, written, strict=True)):
            return written, max(cash, _ZERO)
    return exact, _ONE - sum(exact, _ZERO)


def _is_near(line: ResolvedLine, weight: Decimal, base: Decimal) -> bool:
    wanted = base * weight / line.unit_amount if line.have else _ZERO
    return abs(wanted - line.have) * _OF_A_LOT <= line.lot


def _rate(margin: Money, portfolio: TargetPortfolio, gross: Decimal) -> Decimal | None:
    undeclared = undeclared_exposure(portfolio, Money(_ZERO, margin.currency))
    if isinstance(undeclared, Unknown) or gross + undeclared.amount == 0:
        return None
    return margin.amount / (gross + undeclared.amount)


def _funding(terms: Terms, sizing: Sizing) -> CurrencyFunding:
    """The funding under which no currency is exchanged as the account stands: what is owed in one is a loan in it."""
    _, conversions = exchange((), sizing, terms)
    return CurrencyFunding.BORROW if conversions else terms.account.currency_funding
