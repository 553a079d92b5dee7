"""Conversion: one exchange of a foreign currency for the base currency, as a line of a plan with its order.

It is an order in the pair that the market quotes, in units of the pair's first currency: at least what is lacking, and
no more than there is to sell. Below the market's full lot it is an odd lot, which the line says.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from reconciler.domain.account import AccountSnapshot, Quote, Side
from reconciler.domain.contract import Contract
from reconciler.domain.desired import AccountSpec
from reconciler.domain.line import Action, Line, LineKind, Reason
from reconciler.domain.money import Currency, Money
from reconciler.domain.orders import OrderIntent
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.domain.unknown import Unknown
from reconciler.planning import quotes
from reconciler.planning.balances import balance_now, pair_price, worth
from reconciler.planning.diff import Change
from reconciler.planning.pairs import odd_lot, pair, side_to_get

_ZERO = Decimal(0)
_UNNUMBERED = 0


@dataclass(frozen=True)
class _Market:
    """A pair as the broker shows it: `price` is of one unit of its first currency; `why` is why it prices no order."""

    spec: InstrumentSpec
    contract: Contract
    quote: Quote | None
    price: Decimal
    why: str | None


def conversion(
    currency: Currency, amount: Decimal, account: AccountSpec, snapshot: AccountSnapshot, *, now: datetime
) -> Change | None:
    """`amount` of the foreign currency is bought, or sold where it is negative. None where that is less than a lot.

    It has no number yet.
    """
    spec = pair(currency, snapshot.base_currency)
    contract = snapshot.contracts.get(spec.name, Unknown(f"the contract of {spec.name} was not read"))
    if isinstance(contract, Unknown):
        return Change(_unknown(spec, contract, snapshot), ())
    market = _market(spec, contract, account, snapshot, now)
    units = _units(currency, amount, market)
    if units == 0:
        return None
    line = _line(units, market, snapshot)
    return Change(line, () if market.why is not None else (_order(units, market, snapshot),))


def _market(
    spec: InstrumentSpec, contract: Contract, account: AccountSpec, snapshot: AccountSnapshot, now: datetime
) -> _Market:
    found = snapshot.quotes.get(contract.con_id)
    quote = found if isinstance(found, Quote) else None
    why = None if found is None else quotes.why_untradable(found, account, contract, now=now)
    is_priced = quote is not None and quote.fair is not None
    missing = None if found is None or is_priced else f"{spec.name} has no price"
    return _Market(spec, contract, quote, pair_price(spec, quote, snapshot), why or missing)


def _units(currency: Currency, amount: Decimal, market: _Market) -> Decimal:
    """Signed, in the pair's first currency."""
    units = abs(amount) if market.spec.symbol == currency else abs(amount) / market.price
    rounding = ROUND_CEILING if amount > 0 else ROUND_FLOOR
    lots = (units / market.contract.lot_size).to_integral_value(rounding)
    wanted = currency if amount > 0 else _other(currency, market.spec)
    return side_to_get(wanted, market.spec).sign * lots * market.contract.lot_size


def _other(currency: Currency, spec: InstrumentSpec) -> Currency:
    return spec.currency if spec.symbol == currency else Currency(spec.symbol)


def _order(units: Decimal, market: _Market, snapshot: AccountSnapshot) -> OrderIntent:
    return OrderIntent(
        line=_UNNUMBERED,
        instrument=market.spec.name,
        con_id=market.contract.con_id,
        side=Side.BUY if units > 0 else Side.SELL,
        quantity=abs(units),
        reduces_risk=False,
        reference_price=market.price,
        notional=_notional(units, market.spec, snapshot),
        converts=True,
    )


def _notional(units: Decimal, spec: InstrumentSpec, snapshot: AccountSnapshot) -> Money:
    return Money(worth(Currency(spec.symbol), abs(units), snapshot), snapshot.base_currency)


def _line(units: Decimal, market: _Market, snapshot: AccountSnapshot) -> Line:
    spec, blocked = market.spec, market.why
    current = balance_now(Currency(spec.symbol), snapshot)
    order = _ZERO if blocked is not None else units
    note = odd_lot(spec, abs(units))
    return Line(
        number=_UNNUMBERED,
        instrument=spec.name,
        con_id=market.contract.con_id,
        currency=spec.currency,
        action=Action.NO_OP if order == 0 else Action.INCREASE if order > 0 else Action.REDUCE,
        reason=Reason.FUNDING if blocked is None else Reason.BLOCKED,
        current=current,
        working=_ZERO,
        exact_target=current + units,
        target=current + units,
        order=order,
        price=market.price,
        quote_type=None if market.quote is None else market.quote.type,
        notional=_notional(units, spec, snapshot),
        weight_current=_weight(current, spec, snapshot),
        weight_target=_weight(current + units, spec, snapshot),
        half_spread=_half_spread(order, market, snapshot) if order else None,
        blocked=blocked,
        notes=() if note is None else (note,),
        kind=LineKind.CURRENCY,
        lot=market.contract.lot_size,
    )


def _unknown(spec: InstrumentSpec, why: Unknown, snapshot: AccountSnapshot) -> Line:
    """The line of a conversion that is needed and whose pair the broker does not resolve."""
    current = balance_now(Currency(spec.symbol), snapshot)
    return Line(
        number=_UNNUMBERED,
        instrument=spec.name,
        con_id=None,
        currency=spec.currency,
        action=Action.NO_OP,
        reason=Reason.BLOCKED,
        current=current,
        working=_ZERO,
        exact_target=why,
        target=why,
        order=_ZERO,
        price=why,
        quote_type=None,
        notional=why,
        weight_current=_weight(current, spec, snapshot),
        weight_target=why,
        blocked=why.why,
        kind=LineKind.CURRENCY,
    )


def _weight(amount: Decimal, spec: InstrumentSpec, snapshot: AccountSnapshot) -> Decimal | Unknown:
    if isinstance(snapshot.values, Unknown):
        return snapshot.values
    net = snapshot.values.net_liquidation.amount
    return (
        worth(Currency(spec.symbol), amount, snapshot) / net if net > 0 else Unknown("net liquidation is not positive")
    )


def _half_spread(order: Decimal, market: _Market, snapshot: AccountSnapshot) -> Money | Unknown:
    half = None if market.quote is None else market.quote.half_spread
    if half is None:
        return Unknown(f"{market.spec.name} has no bid and ask")
    return Money(worth(market.spec.currency, half * abs(order), snapshot), snapshot.base_currency)
