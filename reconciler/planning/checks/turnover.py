"""Turnover: what one run, and all of a day, buys and sells, as a share of net liquidation."""

from decimal import ROUND_CEILING, Decimal

from reconciler.domain.limits import Limit
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Violation
from reconciler.planning.checks.subject import Subject

_PER_MILLE = Decimal("0.001")


def check_turnover(subject: Subject) -> tuple[Violation, ...]:
    """The notional of a run's orders / net liquidation stays within `maxTurnover`."""
    most = subject.limits.max_turnover
    turnover = subject.share(subject.spent) + _ordered(subject)
    if turnover <= most:
        return ()
    return (
        subject.violation(
            Limit.MAX_TURNOVER,
            "max_turnover",
            f"the orders turn over {turnover:.0%} of net liquidation",
            f"{turnover:.4f}",
            f"{most:.2f}",
            remedy=f"move towards the targets in several steps, or raise maxTurnover to "
            f"{turnover.quantize(_PER_MILLE, ROUND_CEILING)}",
        ),
    )


def check_daily_turnover(subject: Subject) -> tuple[Violation, ...]:
    """The notional of these orders and of all trades since the broker's midnight stays within `maxDailyTurnover`."""
    most, field = subject.limits.max_daily_turnover, "max_daily_turnover"
    if most is None:
        return ()
    traded = _traded_today(subject)
    if isinstance(traded, Unknown):
        message = f"what was traded today is not known: {traded.why}"
        return (subject.violation(Limit.MAX_DAILY_TURNOVER, field, message, "unknown", f"{most:.2f}"),)
    turnover = traded + subject.share(subject.spent) + _ordered(subject)
    if turnover <= most:
        return ()
    return (
        subject.violation(
            Limit.MAX_DAILY_TURNOVER,
            field,
            f"with today's {traded:.0%} the orders turn over {turnover:.0%} of net liquidation",
            f"{turnover:.4f}",
            f"{most:.2f}",
            existed_before=traded > most,
            remedy=f"wait for the broker's next day, or raise maxDailyTurnover to "
            f"{turnover.quantize(_PER_MILLE, ROUND_CEILING)}",
        ),
    )


def _ordered(subject: Subject) -> Decimal:
    return sum((abs(subject.share(order.notional)) for order in subject.trades), Decimal(0))


def _traded_today(subject: Subject) -> Decimal | Unknown:
    """Everybody's trades since midnight, as a share of net liquidation."""
    history = subject.history
    if isinstance(history.trades, Unknown):
        return history.trades
    total = Decimal(0)
    for trade in history.trades:
        if trade.time >= history.midnight:
            rate = subject.snapshot.rate(trade.value.currency)
            if isinstance(rate, Unknown):
                return rate
            total += subject.share(rate.convert(trade.value))
    return total
