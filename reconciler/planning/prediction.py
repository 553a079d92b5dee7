"""Prediction: whether margin became what the what-ifs of a batch said it would, seen from the gate of the next batch.

Positions are compared with the fills at once; margin follows here, as soon as the broker says anew where it stands: by
what the next what-ifs start from, and by the account's own figure.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from reconciler.domain.account import AccountValues
from reconciler.domain.money import Money
from reconciler.domain.orders import OrderIntent, WhatIf
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown
from reconciler.planning.attempts import filled_of
from reconciler.planning.forecast import Estimates
from reconciler.planning.orderbook import OrderBook


@dataclass(frozen=True)
class Prediction:
    """Initial margin as a batch's what-ifs start from it, and what they say that each order changes of it.

    `filled` is what was filled of each order before, by earlier attempts at it.
    """

    before: Money
    changes: Mapping[OrderIntent, Money]
    filled: Mapping[OrderIntent, Decimal]


def predict(estimates: Estimates, plan: Plan, book: OrderBook) -> Prediction | None:
    """What the what-ifs of a batch predict of initial margin; None where one of them is Unknown."""
    known = {order: each for order, each in estimates.items() if isinstance(each, WhatIf)}
    if not known or len(known) != len(estimates):
        return None
    changes = {order: each.initial_margin_change for order, each in known.items()}
    filled = {order: filled_of(order, plan.id, book) for order in known}
    return Prediction(next(iter(known.values())).initial_margin_before, changes, filled)


def margin_after(predicted: Prediction, plan: Plan, book: OrderBook) -> Money:
    """The initial margin that the batch should have left, by what has filled of its orders."""
    margin = predicted.before
    for order, change in predicted.changes.items():
        filled = filled_of(order, plan.id, book) - predicted.filled[order]
        margin += change * (filled / order.quantity)
    return margin


def why_missed(
    expected: Money, values: AccountValues, estimates: Iterable[WhatIf | Unknown], tolerance: Decimal
) -> str | None:
    """The first figure that is further from the expected one than `tolerance` of net liquidation, or None.

    What is Unknown is not compared.
    """
    starts = [each.initial_margin_before for each in estimates if isinstance(each, WhatIf)]
    bound = abs(values.net_liquidation).amount * tolerance
    for words, figure in (
        *(("the broker's what-ifs start from", each) for each in starts),
        ("the account says", values.initial_margin),
    ):
        if abs(figure - expected).amount > bound:
            return (
                f"initial margin is not what the last batch was to leave: {expected} was predicted, {words} {figure}; "
                f"that is beyond marginTolerance, {tolerance:.1%} of net liquidation: nothing more is sent before a "
                "person has looked why"
            )
    return None
