"""Forecast: the account as it would stand after some orders, by the broker's what-ifs and our own arithmetic.

Leverage is our own arithmetic over positions; margin is the account's figure now plus what the broker says each order
changes. What-ifs of single orders do not add up exactly, so what adds margin is counted with headroom, and a release
that the broker does not confirm is not counted at all.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from reconciler.domain.account import AccountSnapshot, AccountValues, Position, Quote
from reconciler.domain.desired import AccountSpec
from reconciler.domain.errors import InvariantBroken
from reconciler.domain.history import History
from reconciler.domain.ids import InstrumentName
from reconciler.domain.money import Money
from reconciler.domain.orders import OrderIntent, WhatIf
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown
from reconciler.planning.checks.subject import Stake, Subject
from reconciler.planning.exposure import gross_exposure, leverage_of, standing_of
from reconciler.planning.liquidation import distance, footing
from reconciler.planning.resolve import ResolvedLine, TargetPortfolio

WHAT_IF_TOLERANCE = Decimal("0.05")
"""Of the margin: how far a what-if's own figures from before may lie from the account's. Prices move in between."""

Estimates = Mapping[OrderIntent, WhatIf | Unknown]


@dataclass(frozen=True)
class Outlook:
    """An account and its lines, and what is known of its past: what orders are forecast for.

    The account's values must be known: an account whose net liquidation is Unknown has no orders to judge.
    """

    account: AccountSpec
    snapshot: AccountSnapshot
    portfolio: TargetPortfolio
    history: History

    @property
    def values(self) -> AccountValues:
        """The account's figures. Raises InvariantBroken where they are not known."""
        if isinstance(self.snapshot.values, Unknown):
            raise InvariantBroken(
                f"orders are forecast for an account that could not be read: {self.snapshot.values.why}"
            )
        return self.snapshot.values


def forecast(outlook: Outlook, estimates: Estimates, *, spent: Money) -> Subject:
    """What the risk limits look at, for the orders that `estimates` are of."""
    return Subject(
        account=outlook.account,
        snapshot=outlook.snapshot,
        history=outlook.history,
        net_liquidation=outlook.values.net_liquidation,
        equity_with_loan=outlook.values.equity_with_loan,
        before=standing_of(outlook.portfolio, outlook.snapshot),
        after=standing_after(outlook, estimates),
        stakes=stakes_after(outlook, estimates),
        orders=tuple(estimates),
        spent=spent,
    )


def standing_after(outlook: Outlook, estimates: Estimates) -> Standing:
    """Leverage, margin and the distance to liquidation once these orders are filled."""
    values, portfolio, snapshot = outlook.values, outlook.portfolio, outlook.snapshot
    changes = (change_of(outlook, order, estimate) for order, estimate in estimates.items())
    margins = margins_after(values, sum(changes, unchanged(values)))
    final = final_quantities(portfolio, estimates)
    return Standing(
        leverage_of(gross_exposure(portfolio, snapshot, final), values.net_liquidation),
        *margins,
        distance(footing(values, portfolio, snapshot, final), margins.maintenance),
    )


@dataclass(frozen=True)
class MarginChange:
    """What orders change of the account's margins, with headroom on what they add."""

    initial: Money | Unknown
    maintenance: Money | Unknown

    def __add__(self, other: "MarginChange") -> "MarginChange":
        return MarginChange(_plus(self.initial, other.initial), _plus(self.maintenance, other.maintenance))


class Margins(NamedTuple):
    """The margin figures of a Standing, in its order."""

    initial: Money | Unknown
    maintenance: Money | Unknown
    available_funds: Money | Unknown
    excess_liquidity: Money | Unknown


def unchanged(values: AccountValues) -> MarginChange:
    """What no order changes."""
    nothing = Money(Decimal(0), values.net_liquidation.currency)
    return MarginChange(nothing, nothing)


def change_of(outlook: Outlook, order: OrderIntent, estimate: WhatIf | Unknown) -> MarginChange:
    """What one order changes. A release that the broker does not confirm is not counted."""
    values, headroom = outlook.values, outlook.account.policy.margin_headroom
    doubt = estimate.why if isinstance(estimate, Unknown) else _why_doubtful(estimate, values)
    if isinstance(estimate, Unknown) or doubt is not None:
        unknown = Unknown(f"the what-if of {order.instrument} gave no margin: {doubt}")
        return unchanged(values) if order.reduces_risk else MarginChange(unknown, unknown)
    return MarginChange(
        *(
            change * (1 + headroom) if change.amount > 0 else change
            for change in (estimate.initial_margin_change, estimate.maintenance_margin_change)
        )
    )


def margins_after(values: AccountValues, change: MarginChange) -> Margins:
    """The account's margin figures once they have changed by this."""
    return Margins(
        _plus(values.initial_margin, change.initial),
        _plus(values.maintenance_margin, change.maintenance),
        _less(values.available_funds, values.look_ahead_available_funds, change.initial),
        _less(values.excess_liquidity, values.look_ahead_excess_liquidity, change.maintenance),
    )


def final_quantities(portfolio: TargetPortfolio, orders: Estimates) -> dict[int, Decimal]:
    """What each line holds once these orders and our own working ones are filled, by its number."""
    ordered: dict[int, Decimal] = {}
    for order in orders:
        ordered[order.line] = ordered.get(order.line, Decimal(0)) + order.side.sign * order.quantity
    return {line.number: line.have + ordered.get(line.number, Decimal(0)) for line in portfolio.lines}


def stakes_after(outlook: Outlook, orders: Estimates) -> tuple[Stake, ...]:
    """Every holding, declared or not, before and after these orders."""
    final = final_quantities(outlook.portfolio, orders)
    declared = (_stake(line, final[line.number]) for line in outlook.portfolio.lines)
    return (*declared, *_undeclared_stakes(outlook))


def _stake(line: ResolvedLine, final: Decimal) -> Stake:
    target, quote = line.target, line.quote
    return Stake(
        name=line.name,
        symbol=target.instrument.symbol,
        con_id=line.con_id,
        currency=target.instrument.currency,
        sector=target.sector,
        asset_class=target.asset_class,
        held=line.current,
        final=final,
        before=line.exposure,
        after=line.unit if isinstance(line.unit, Unknown) else line.unit * final,
        mark=line.mark,
        price=line.price,
        average_volume=quote.average_volume if isinstance(quote, Quote) else None,
    )


def _undeclared_stakes(outlook: Outlook) -> tuple[Stake, ...]:
    held: dict[int, Position] = {position.con_id: position for position in outlook.snapshot.known_positions}
    return tuple(
        Stake(
            name=InstrumentName(f"{holding.symbol} {holding.con_id}"),
            symbol=holding.symbol,
            con_id=holding.con_id,
            currency=held[holding.con_id].currency,
            sector=None,
            asset_class=None,
            held=holding.quantity,
            final=holding.quantity,
            before=holding.exposure,
            after=holding.exposure,
        )
        for holding in outlook.portfolio.undeclared
    )


def _less(now: Money, look_ahead: Money | Unknown, change: Money | Unknown) -> Money | Unknown:
    # The smaller of this margin period's figure and the next one's: a batch must hold in both.
    if isinstance(change, Unknown):
        return change
    amounts = [now.amount] if isinstance(look_ahead, Unknown) else [now.amount, look_ahead.amount]
    return Money(min(amounts), now.currency) - change


def _plus(one: Money | Unknown, other: Money | Unknown) -> Money | Unknown:
    if isinstance(one, Unknown):
        return one
    return other if isinstance(other, Unknown) else one + other


def _why_doubtful(estimate: WhatIf, values: AccountValues) -> str | None:
    """Why a what-if does not belong to these account values, or None.

    Up to server version 178 it names a currency for its commission alone; that its margins are in base currency is an
    inference. Its own figures from before the order are the check: the account's, in the same currency, at this time.
    """
    for words, said, known in (
        ("initial", estimate.initial_margin_before, values.initial_margin),
        ("maintenance", estimate.maintenance_margin_before, values.maintenance_margin),
    ):
        if abs(said - known).amount > WHAT_IF_TOLERANCE * max(abs(known).amount, abs(said).amount):
            return f"it starts from {words} margin {said}, the account has {known}: another currency, or another moment"
    return None
