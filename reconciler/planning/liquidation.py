"""Liquidation: how far prices, margin rates and currencies may move until excess liquidity is gone.

Excess liquidity = equity with loan − maintenance margin. In each case one thing moves and the rest stays: when prices
move, equity moves by the net exposure and margin in proportion; when margin rates rise, margin alone does; when a
currency moves, what is held and owed in it does, and the margin of its holdings. Which part of the margin is whose is
taken to be as the gross exposure is, for the broker tells one figure for all. What of it exceeds that exposure is not
asked for holdings, and moves with nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot, AccountValues
from reconciler.domain.contract import FUTURE, OPTIONS
from reconciler.domain.distance import Distance, unknown_distance
from reconciler.domain.money import Currency, Money
from reconciler.domain.unknown import Unknown
from reconciler.planning.resolve import TargetPortfolio

_ZERO = Decimal(0)
_NO_VALUE = OPTIONS | {FUTURE}


@dataclass(frozen=True)
class Exposure:
    """A holding's signed exposure in base currency. A future's or an option's is no value that is held.

    `counts` is false for what is as good as cash: it moves with prices like anything else, and is no leverage.
    """

    currency: Currency
    amount: Decimal
    is_value: bool
    counts: bool = True


@dataclass(frozen=True)
class Footing:
    """What an account stands on, in base currency. `cash` is by currency, without the base currency's own."""

    equity: Money
    net_liquidation: Money
    exposures: tuple[Exposure, ...] | Unknown
    cash: Mapping[Currency, Decimal] | Unknown

    def net(self, currency: Currency | None = None) -> Decimal:
        """The exposures less the short ones, of one currency or of all."""
        return sum((each.amount for each in self._of(currency)), _ZERO)

    def gross(self, currency: Currency | None = None) -> Decimal:
        """The exposures without their signs, of one currency or of all."""
        return sum((abs(each.amount) for each in self._of(currency)), _ZERO)

    def counted(self) -> Decimal:
        """The exposures without their signs that make the leverage."""
        return sum((abs(each.amount) for each in self._of(None) if each.counts), _ZERO)

    def worth(self, currency: Currency) -> Decimal:
        """What is held and owed in a currency."""
        cash = {} if isinstance(self.cash, Unknown) else self.cash
        return sum((each.amount for each in self._of(currency) if each.is_value), cash.get(currency, _ZERO))

    def _of(self, currency: Currency | None) -> list[Exposure]:
        exposures = () if isinstance(self.exposures, Unknown) else self.exposures
        return [each for each in exposures if currency in (None, each.currency)]


def footing(
    values: AccountValues,
    portfolio: TargetPortfolio,
    snapshot: AccountSnapshot,
    final: Mapping[int, Decimal] | None = None,
) -> Footing:
    """The account as it is, or with the lines of these numbers at their `final` quantities."""
    exposures = _exposures(portfolio, snapshot, final or {})
    return Footing(values.equity_with_loan, values.net_liquidation, exposures, _foreign_cash(snapshot))


def _exposures(
    portfolio: TargetPortfolio, snapshot: AccountSnapshot, final: Mapping[int, Decimal]
) -> tuple[Exposure, ...] | Unknown:
    if isinstance(snapshot.positions, Unknown):
        return snapshot.positions
    held = {each.con_id: each for each in snapshot.positions}
    found = []
    for line in portfolio.lines:
        quantity, spec = final.get(line.number, line.current), line.target.instrument
        if quantity != 0 and isinstance(line.unit, Unknown):
            return Unknown(f"the holding of {line.name} has no price")
        if quantity != 0 and isinstance(line.unit, Money):
            amount, counts = (line.unit * quantity).amount, line.target.counts_toward_leverage
            found.append(Exposure(spec.currency, amount, spec.sec_type not in _NO_VALUE, counts))
    for holding in portfolio.undeclared:
        if isinstance(holding.exposure, Unknown):
            return Unknown(f"the value of {holding.symbol}, which no manifest names, is not known")
        position = held[holding.con_id]
        found.append(Exposure(position.currency, holding.exposure.amount, position.sec_type not in _NO_VALUE))
    return tuple(found)


def _foreign_cash(snapshot: AccountSnapshot) -> dict[Currency, Decimal] | Unknown:
    if isinstance(snapshot.cash, Unknown):
        return snapshot.cash
    amounts = {}
    for currency, money in snapshot.cash.items():
        rate = snapshot.rate(currency)
        if isinstance(rate, Unknown):
            return rate
        if currency != snapshot.base_currency:
            amounts[currency] = rate.convert(money).amount
    return amounts


def distance(footing: Footing, maintenance: Money | Unknown) -> Distance:
    """How far an account with this maintenance margin is from liquidation. Unknown where what it rests on is."""
    if isinstance(maintenance, Unknown):
        return unknown_distance(maintenance)
    margin = maintenance.amount
    excess = max(footing.equity.amount - margin, _ZERO)
    rise = excess / margin if margin > 0 else None
    if isinstance(footing.exposures, Unknown):
        return Distance(footing.exposures, rise, footing.exposures, None, footing.exposures)
    of_holdings = min(margin, footing.gross())
    move = _move(excess, footing.net() - of_holdings)
    leverage = None if move is None else _leverage_after(footing, move)
    if isinstance(footing.cash, Unknown):
        return Distance(move, rise, footing.cash, None, leverage)
    currency_move, currency = _currency_move(footing, footing.exposures, footing.cash, excess, of_holdings)
    return Distance(move, rise, currency_move, currency, leverage)


def _move(excess: Decimal, at_stake: Decimal) -> Decimal | None:
    """The relative move that uses the excess up, where `at_stake` moves with it. Nothing loses more than all it is."""
    if excess == 0:
        return _ZERO
    move = -excess / at_stake if at_stake else None
    return move if move is not None and move >= -1 else None


def _leverage_after(footing: Footing, move: Decimal) -> Decimal | None:
    left = footing.net_liquidation.amount + footing.net() * move
    return footing.counted() * (1 + move) / left if left > 0 else None


def _currency_move(
    footing: Footing,
    exposures: tuple[Exposure, ...],
    cash: Mapping[Currency, Decimal],
    excess: Decimal,
    margin: Decimal,
) -> tuple[Decimal | None, Currency | None]:
    """The smallest move of a foreign currency that liquidates, and which currency."""
    gross, moves = footing.gross(), []
    for currency in sorted({each.currency for each in exposures} | set(cash)):
        own_margin = margin * footing.gross(currency) / gross if gross else _ZERO
        move = _move(excess, footing.worth(currency) - own_margin)
        if move is not None and currency != footing.equity.currency:
            moves.append((abs(move), currency, move))
    return (min(moves)[2], min(moves)[1]) if moves else (None, None)
