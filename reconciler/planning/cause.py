"""Cause: where the drift of a line came from, by what was traded since and by where the last run left the account.

The surest sign wins: another contract or a split, then the broker's own liquidation, then a trade that was none of
ours, then another weight or leverage than was last applied. What is left moved with cash that came or went, or with the
market: whichever moved the line further from its target. Without history no cause is told, nor where the last run did
not bring the line to its target.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from reconciler.domain.history import Applied, History, Placed, Trade
from reconciler.domain.ids import InstrumentName
from reconciler.domain.line import Cause, Holding, Line, LineKind, Reason
from reconciler.domain.money import Money
from reconciler.domain.unknown import Unknown

_SPLIT_TOLERANCE = Decimal("0.1")
"""How far the worth of a holding may have moved while its quantity alone jumped: a split leaves it as it was."""
_ZERO = Decimal(0)


@dataclass(frozen=True)
class _Moves:
    """What happened to net liquidation since the last run, as fractions of what it was then."""

    market: Decimal
    flow: Decimal


def with_causes(
    lines: Iterable[Line], history: History, *, leverage: Decimal, net_liquidation: Money | Unknown
) -> tuple[Line, ...]:
    """The lines, each with the cause of its drift, where there is a drift and a history that tells."""
    every = tuple(lines)
    moves = _moves(every, history.applied, net_liquidation)
    return tuple(
        replace(each, cause=_cause(each, history, leverage, moves)) if _is_off(each) else each for each in every
    )


def formerly(holding: Holding, history: History, names: frozenset[InstrumentName]) -> Holding:
    """The holding with the name of the line that the last applied revision declared it by, where that is gone."""
    lines = history.applied.lines if history.applied else {}
    gone = (name for name, placed in lines.items() if placed.con_id == holding.con_id and name not in names)
    return replace(holding, formerly=min(gone, default=None))


def _is_off(line: Line) -> bool:
    """Whether what is held and works for us differs from the exact target at all."""
    if line.kind is not LineKind.TARGET or isinstance(line.current, Unknown) or isinstance(line.exact_target, Unknown):
        return False
    return line.current + line.working != line.exact_target


def _cause(line: Line, history: History, leverage: Decimal, moves: _Moves | None) -> Cause | None:
    trades = () if isinstance(history.trades, Unknown) else history.trades
    since = [each for each in trades if each.con_id == line.con_id and _is_since(each, history)]
    if any(each.is_liquidation for each in since):
        return Cause.BROKER_LIQUIDATION
    applied = history.applied
    if applied is None:
        return Cause.MANUAL_TRADE if any(not each.is_ours for each in since) else None
    placed = applied.lines.get(line.instrument)
    if placed is None:
        return Cause.POLICY_CHANGE
    if _is_another_contract(line, placed) or _is_split(line, placed):
        return Cause.CORPORATE_ACTION
    if any(not each.is_ours for each in since) or line.current != placed.held:
        return Cause.MANUAL_TRADE
    if line.weight != placed.weight or leverage != applied.leverage:
        return Cause.POLICY_CHANGE
    if line.reason is Reason.WITHIN_ONE_LOT:
        return Cause.ROUNDING
    if placed.held != placed.target:
        return None  # the last run did not get that far: nothing happened since
    return None if moves is None else _flow_or_market(line, placed, moves)


def _is_since(trade: Trade, history: History) -> bool:
    return history.applied is None or trade.time > history.applied.at


def _is_another_contract(line: Line, placed: Placed) -> bool:
    return None not in (line.con_id, placed.con_id) and line.con_id != placed.con_id


def _is_split(line: Line, placed: Placed) -> bool:
    """Whether the quantity jumped and the price with it, the other way round."""
    if isinstance(line.current, Unknown) or isinstance(line.price, Unknown) or isinstance(placed.price, Unknown):
        return False
    if line.current == placed.held or not placed.held or not placed.price:
        return False
    worth, before = line.current * line.price, placed.held * placed.price
    return _is_ratio(line.current / placed.held) and abs(worth / before - 1) < _SPLIT_TOLERANCE


def _is_ratio(quotient: Decimal) -> bool:
    """Whether so many shares for one are what companies make of them: 2, 3, 1.5, 0.1, …, not 1.07."""
    larger = quotient if quotient > 1 else 1 / quotient if quotient > 0 else _ZERO
    return larger >= Decimal("1.5") and larger * 2 == (larger * 2).to_integral_value()


def _flow_or_market(line: Line, placed: Placed, moves: _Moves) -> Cause | None:
    """A line is off by its own move against that of all, and by what came or went: the larger is its cause."""
    if isinstance(line.price, Unknown) or isinstance(placed.price, Unknown) or not placed.price:
        return None
    own = line.price / placed.price - 1 - moves.market
    return Cause.CASH_FLOW if abs(moves.flow) > abs(own) else Cause.MARKET


def _moves(lines: Iterable[Line], applied: Applied | None, net_liquidation: Money | Unknown) -> _Moves | None:
    if applied is None or isinstance(applied.net_liquidation, Unknown) or isinstance(net_liquidation, Unknown):
        return None
    before = applied.net_liquidation.amount
    if before <= 0 or applied.net_liquidation.currency != net_liquidation.currency:
        return None
    gained = sum((_gain(each, applied, net_liquidation) for each in lines), _ZERO)
    return _Moves(gained / before, (net_liquidation.amount - before - gained) / before)


def _gain(line: Line, applied: Applied, net_liquidation: Money) -> Decimal:
    """What a holding gained in base currency since the last run: its worth now, less the same at the price of then."""
    placed = applied.lines.get(line.instrument)
    if placed is None or line.current != placed.held or isinstance(line.weight_current, Unknown):
        return _ZERO
    if isinstance(line.price, Unknown) or isinstance(placed.price, Unknown) or line.price <= 0:
        return _ZERO
    return line.weight_current * net_liquidation.amount * (1 - placed.price / line.price)
