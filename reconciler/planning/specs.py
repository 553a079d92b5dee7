"""Specs: which instruments have to be resolved before an account can be planned.

The declared lines; holdings to close, and holdings without a price or with a delta, which nobody can value otherwise;
and the pairs of the currencies in use. What the lock file knows is not asked for again.
"""

from collections.abc import Iterable
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot, Position
from reconciler.domain.contract import OPTIONS, Contract
from reconciler.domain.desired import AccountSpec
from reconciler.domain.money import Currency, Money
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.domain.unknown import Unknown
from reconciler.planning.draft import Draft
from reconciler.planning.pairs import pair
from reconciler.planning.resolve import closing_targets, spec_of, words_of


def specs_of(account: AccountSpec, snapshot: AccountSnapshot) -> tuple[InstrumentSpec, ...]:
    """Everything that is resolved by name, the lines first. `snapshot` needs no contracts and no quotes for this."""
    declared = [target.instrument for target in account.portfolio.targets]
    others = [*_undeclared(account, snapshot), *pairs_in_use(account, snapshot)]
    return (*declared, *sorted(others, key=lambda each: each.name))


def declared(account: AccountSpec) -> tuple[InstrumentSpec, ...]:
    """What the manifests alone ask for: the lines, then the pairs of their currencies, whatever the account holds."""
    used = {target.instrument.currency for target in account.portfolio.targets}
    return (*(target.instrument for target in account.portfolio.targets), *_pairs(used, account))


def _pairs(used: Iterable[Currency], account: AccountSpec) -> list[InstrumentSpec]:
    return [pair(currency, account.base_currency) for currency in sorted({*used} - {account.base_currency})]


def missing(account: AccountSpec, snapshot: AccountSnapshot) -> tuple[InstrumentSpec, ...]:
    """Those that the lock file does not know."""
    return tuple(each for each in specs_of(account, snapshot) if each.name not in account.pinned)


def pairs_in_use(account: AccountSpec, snapshot: AccountSnapshot) -> list[InstrumentSpec]:
    """The pair of each currency that lines, holdings or balances are in."""
    used = {target.instrument.currency for target in account.portfolio.targets}
    used |= {each.currency for each in snapshot.known_positions} | _balances(account, snapshot)
    return _pairs(used, account)


def _balances(account: AccountSpec, snapshot: AccountSnapshot) -> set[Currency]:
    """The currencies in which enough is held or owed that a plan could convert it."""
    cash = {} if isinstance(snapshot.cash, Unknown) else snapshot.cash
    worth = {currency: _in_base(money, snapshot) for currency, money in cash.items()}
    return {
        currency
        for currency, value in worth.items()
        if isinstance(value, Unknown) or (value.amount and abs(value.amount) >= account.policy.minimum_conversion)
    }


def _in_base(money: Money, snapshot: AccountSnapshot) -> Money | Unknown:
    rate = snapshot.rate(money.currency)
    return rate if isinstance(rate, Unknown) else rate.convert(money)


def _undeclared(account: AccountSpec, snapshot: AccountSnapshot) -> list[InstrumentSpec]:
    """Holdings that no line names, as far as can be told before contracts are read, and that need one of their own."""
    known = {contract.con_id for contract in account.pinned.values()}
    known |= {target.instrument.con_id for target in account.portfolio.targets if target.instrument.con_id}
    known |= {moved.con_id for moved in account.portfolio.moved}
    words = {words_of(target.instrument) for target in account.portfolio.targets}
    rest = tuple(each for each in snapshot.known_positions if each.con_id not in known)
    closing = [target.instrument for target in closing_targets(account, rest)]
    named = {each.con_id for each in closing}
    quoted = [
        each for each in rest if each.con_id not in named and words_of(each) not in words and _needs_a_quote(each)
    ]
    return closing + [spec_of(each, f"{each.symbol} {each.con_id}") for each in quoted]


def _needs_a_quote(position: Position) -> bool:
    return position.market_price is None or position.market_price <= Decimal(0) or position.sec_type in OPTIONS


def unpriced(account: AccountSpec, snapshot: AccountSnapshot) -> tuple[Contract, ...]:
    """The contracts that nothing can be valued or sized by without a quote: those that are not held, and the pairs."""
    marked = {each.con_id for each in snapshot.known_positions if not _needs_a_quote(each)}
    known = (snapshot.contracts.get(each.name) for each in specs_of(account, snapshot))
    found = {each.con_id: each for each in known if isinstance(each, Contract) and each.con_id not in marked}
    return tuple(found[con_id] for con_id in sorted(found))


def unquoted(made: Draft) -> tuple[Contract, ...]:
    """The contracts that an order is for, or that an emergency may sell, and that nobody asked a quote of yet."""
    wanted = {order.con_id for order in made.orders}
    if made.emergency is not None:
        wanted |= {line.con_id for line in made.portfolio.lines if line.held and line.con_id is not None}
    known = made.snapshot.contracts_by_id
    return tuple(known[con_id] for con_id in sorted(wanted - made.snapshot.quotes.keys()) if con_id in known)
