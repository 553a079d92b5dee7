"""Prices: how far a quote may be from what the broker values the holding at. One of the two is then wrong."""

from decimal import ROUND_CEILING, Decimal

from reconciler.domain.limits import Limit
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Holds, Violation
from reconciler.planning.checks.subject import Stake, Subject

_PER_MILLE = Decimal("0.001")


def check_price_deviation(subject: Subject) -> tuple[Violation, ...]:
    """The price of each order lies within `maxPriceDeviation` of the portfolio's mark, where there is one.

    It holds up sells too: at a wrong price too many are sold.
    """
    names = sorted({order.instrument for order in subject.trades})
    found = (_deviation(subject.by_name[name], subject) for name in names)
    return tuple(each for each in found if each is not None)


def _deviation(stake: Stake, subject: Subject) -> Violation | None:
    most, price, mark = subject.limits.max_price_deviation, stake.price, stake.mark
    if price is None or isinstance(price, Unknown) or mark is None or mark <= 0:
        return None
    off = abs(price / mark - 1)
    if off <= most:
        return None
    return subject.violation(
        Limit.MAX_PRICE_DEVIATION,
        "max_price_deviation",
        f"{stake.name} is quoted at {price:f}, and the broker values it at {mark:f}",
        f"{off:.4f}",
        f"{most:.2f}",
        instrument=stake.name,
        holds=Holds.EVERYTHING,
        remedy=f"wait until the two agree, or raise maxPriceDeviation to {off.quantize(_PER_MILLE, ROUND_CEILING)}",
    )
