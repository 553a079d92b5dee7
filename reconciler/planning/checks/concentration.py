"""Single-position weight: no holding larger than its share of net liquidation."""

from reconciler.domain.ids import InstrumentName
from reconciler.domain.plan import Level, Violation
from reconciler.domain.unknown import Unknown
from reconciler.planning.checks.subject import Subject


def check_position_weight(subject: Subject) -> tuple[Violation, ...]:
    """After the orders, each position's exposure / net liquidation stays within `maxPositionWeight`."""
    names = sorted({order.instrument for order in subject.orders if not order.reduces_risk})
    found = (_violation(name, subject) for name in names)
    return tuple(each for each in found if each is not None)


def _violation(name: InstrumentName, subject: Subject) -> Violation | None:
    limits = subject.limits
    before, after = subject.weights_before[name], subject.weights_after[name]
    if isinstance(after, Unknown) or abs(after) <= limits.max_position_weight:
        return None
    return Violation(
        "maxPositionWeight",
        Level.HARD,
        f"{name} would be {abs(after):.1%} of net liquidation",
        f"{abs(after):.4f}",
        f"{limits.max_position_weight:.2f}",
        limits.place("max_position_weight"),
        instrument=name,
        existed_before=not isinstance(before, Unknown) and abs(before) > limits.max_position_weight,
        remedy=f"lower the weight of {name}, or raise maxPositionWeight",
    )
