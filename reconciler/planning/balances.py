"""Balances: what an account holds and owes in each currency, now and after some orders, and the rates it is told by."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot, Quote
from reconciler.domain.contract import FUTURE, Contract
from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.line import Line, LineKind
from reconciler.domain.money import Currency, Money
from reconciler.domain.orders import OrderIntent
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.domain.unknown import Unknown
from reconciler.planning.pairs import market_rate, pair
from reconciler.planning.resolve import TargetPortfolio, is_netted

_ZERO = Decimal(0)
Amounts = Mapping[Currency, Decimal]


def balances(portfolio: TargetPortfolio, snapshot: AccountSnapshot, moved: Amounts) -> tuple[CurrencyBalance, ...]:
    """Each currency of cash, lines and holdings with its rates and its balance: now, and once all orders have filled.

    These amounts are what new orders move; our own working ones count as done, as everywhere.
    """
    held = {} if isinstance(snapshot.cash, Unknown) else snapshot.cash
    moved = together(moved, awaited(portfolio, snapshot))
    currencies = held.keys() | moved.keys() | {snapshot.base_currency}
    currencies |= {line.target.instrument.currency for line in portfolio.lines}
    currencies |= {each.currency for each in snapshot.known_positions}
    return tuple(_balance(currency, snapshot, moved) for currency in sorted(currencies))


def _balance(currency: Currency, snapshot: AccountSnapshot, moved: Amounts) -> CurrencyBalance:
    rate, market = snapshot.rate(currency), market_of(currency, snapshot)
    if isinstance(snapshot.cash, Unknown):
        return CurrencyBalance(currency, rate, market, snapshot.cash, snapshot.cash)
    now = Money(balance_now(currency, snapshot), currency)
    return CurrencyBalance(currency, rate, market, now, now + Money(moved.get(currency, _ZERO), currency))


def balance_now(currency: Currency, snapshot: AccountSnapshot) -> Decimal:
    """What is held of it, negative where it is owed. The cash must have been read; a currency without a row is 0."""
    cash = {} if isinstance(snapshot.cash, Unknown) else snapshot.cash
    return cash[currency].amount if currency in cash else _ZERO


def market_of(currency: Currency, snapshot: AccountSnapshot) -> Decimal | Unknown | None:
    """What one unit is worth in base currency by the market's quote of the pair; None for the base currency."""
    if currency == snapshot.base_currency:
        return None
    spec = pair(currency, snapshot.base_currency)
    contract = snapshot.contracts.get(spec.name, Unknown(f"{spec.name} was not asked for"))
    if not isinstance(contract, Contract):
        return contract
    return market_rate(currency, snapshot.base_currency, snapshot.quotes.get(contract.con_id))


def worth(currency: Currency, amount: Decimal, snapshot: AccountSnapshot) -> Decimal:
    """In base currency; nothing where there is no rate, which blocks the account elsewhere."""
    rate = snapshot.rate(currency)
    return _ZERO if isinstance(rate, Unknown) else amount * rate.rate


def moved_by(portfolio: TargetPortfolio, orders: Sequence[OrderIntent]) -> dict[Currency, Decimal]:
    """What orders add to each currency's balance at their prices, negative where they spend it. A future moves none."""
    lines = {line.number: line for line in portfolio.lines}
    moved: dict[Currency, Decimal] = {}
    for order in orders:
        line = lines.get(order.line)
        if line is not None and line.target.instrument.sec_type != FUTURE:
            currency = line.target.instrument.currency
            paid = order.side.sign * order.quantity * order.reference_price * line.multiplier
            moved[currency] = moved.get(currency, _ZERO) - paid
    return moved


def awaited(portfolio: TargetPortfolio, snapshot: AccountSnapshot) -> dict[Currency, Decimal]:
    """What our own working orders add to each currency's balance, negative where they spend it."""
    moved: dict[Currency, Decimal] = {}
    for line in portfolio.lines:
        spec = line.target.instrument
        if line.own_working and spec.sec_type != FUTURE and not isinstance(line.price, Unknown):
            paid = line.own_working * line.price * line.multiplier
            moved[spec.currency] = moved.get(spec.currency, _ZERO) - paid
    orders = () if isinstance(snapshot.working_orders, Unknown) else snapshot.working_orders
    for spec, contract in _pairs(snapshot):
        price = pair_price(spec, snapshot.quotes.get(contract.con_id), snapshot)
        for order in orders:
            if order.con_id == contract.con_id and is_netted(order):
                units = order.side.sign * order.remaining
                moved = together(moved, {Currency(spec.symbol): units, spec.currency: -units * price})
    return moved


def _pairs(snapshot: AccountSnapshot) -> Iterator[tuple[InstrumentSpec, Contract]]:
    """The currency pairs of the account's base currency that were read."""
    cash = {} if isinstance(snapshot.cash, Unknown) else snapshot.cash
    for currency in sorted((cash.keys() | snapshot.rates.keys()) - {snapshot.base_currency}):
        spec = pair(currency, snapshot.base_currency)
        contract = snapshot.contracts.get(spec.name)
        if isinstance(contract, Contract):
            yield spec, contract


def pair_price(spec: InstrumentSpec, quote: Quote | Unknown | None, snapshot: AccountSnapshot) -> Decimal:
    """The pair's middle; without one what the broker's own rates make of it, which prices no order."""
    price = quote.fair if isinstance(quote, Quote) else None
    first, second = (worth(each, Decimal(1), snapshot) for each in (Currency(spec.symbol), spec.currency))
    return price or (first / second if second else Decimal(1))


def together(one: Amounts, other: Amounts) -> dict[Currency, Decimal]:
    """Both amounts, currency by currency."""
    return {each: one.get(each, _ZERO) + other.get(each, _ZERO) for each in [*one, *other]}


def exchanged(moved: Amounts, lines: Sequence[Line]) -> dict[Currency, Decimal]:
    """The amounts, with what conversions move besides."""
    found = dict(moved)
    for line in lines:
        if line.kind is LineKind.CURRENCY and line.order and not isinstance(line.price, Unknown):
            first = Currency(line.instrument.removesuffix(f".{line.currency}"))
            found[first] = found.get(first, _ZERO) + line.order
            found[line.currency] = found.get(line.currency, _ZERO) - line.order * line.price
    return found
