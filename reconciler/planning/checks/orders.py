"""The size of single orders and of all orders of a run together."""

from decimal import Decimal

from reconciler.domain.plan import Level, Violation
from reconciler.planning.checks.subject import Subject


def check_turnover(subject: Subject) -> tuple[Violation, ...]:
    """The notional of a run's orders / net liquidation stays within `maxTurnover`."""
    limits = subject.limits
    notional = subject.spent.amount + sum((abs(order.notional.amount) for order in subject.orders), Decimal(0))
    turnover = notional / subject.net_liquidation.amount
    if turnover <= limits.max_turnover:
        return ()
    return (
        Violation(
            "maxTurnover",
            Level.HARD,
            f"the orders turn over {turnover:.0%} of net liquidation",
            f"{turnover:.4f}",
            f"{limits.max_turnover:.2f}",
            limits.place("max_turnover"),
            blocks=subject.adds_risk,
            remedy="move towards the targets in several steps, or raise maxTurnover",
        ),
    )


def check_order_notional(subject: Subject) -> tuple[Violation, ...]:
    """No order's notional is above `maxOrderNotional`. What reduces risk is told, not blocked."""
    limits = subject.limits
    return tuple(
        Violation(
            "maxOrderNotional",
            Level.HARD,
            f"the order for {order.instrument} is {order.notional}",
            f"{abs(order.notional.amount):.2f}",
            f"{limits.max_order_notional:.2f}",
            limits.place("max_order_notional"),
            instrument=order.instrument,
            blocks=not order.reduces_risk,
            remedy=f"move {order.instrument} in several steps, or raise maxOrderNotional",
        )
        for order in subject.orders
        if abs(order.notional.amount) > limits.max_order_notional
    )
