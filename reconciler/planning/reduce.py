"""Reduce: the orders of a batch that there is margin for, where there is none for all of them.

The stated rule: the orders are taken in the plan's order, the largest first, and each is admitted that fits together
with those admitted before it; then those that did not fit are looked at again, as long as any was admitted (an order
that releases margin may have made room). So what is admitted fits as a whole, and none of the others would fit beside
it. No more is asked of the broker: the sums are those of the check, of the same what-ifs, with the same headroom.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from reconciler.domain.limits import Override
from reconciler.domain.orders import OrderIntent
from reconciler.domain.standing import Standing
from reconciler.domain.violation import Violation
from reconciler.planning.check import check_margin
from reconciler.planning.checks.subject import Subject
from reconciler.planning.forecast import Estimates, MarginChange, Outlook, change_of, margins_after, unchanged


def without_margin(
    outlook: Outlook, subject: Subject, estimates: Estimates, *, overrides: Iterable[Override], now: datetime
) -> dict[OrderIntent, str]:
    """Those of the orders that there is no margin for, and why; `subject` is the forecast of all of them."""
    known = tuple(overrides)
    total, waiting = unchanged(outlook.values), list(estimates)
    why: dict[OrderIntent, str] = {}
    admits = True
    while admits:
        admits, candidates, waiting = False, waiting, []
        for order in candidates:
            grown = total + change_of(outlook, order, estimates[order])
            found = _holding_up(outlook, subject, grown, known, now)
            if found:
                why[order] = f"{order.instrument}: no margin for it: {found[0].limit}: {found[0].message}"
                waiting.append(order)
            else:
                total, admits = grown, True
    return {order: why[order] for order in estimates if order in waiting}


def _holding_up(
    outlook: Outlook, subject: Subject, change: MarginChange, overrides: tuple[Override, ...], now: datetime
) -> tuple[Violation, ...]:
    """What of margin holds up orders that change it so. Leverage and distance are not looked at, and stay."""
    after = Standing(subject.after.leverage, *margins_after(outlook.values, change), subject.after.distance)
    found = check_margin(replace(subject, after=after), overrides=overrides, now=now)
    return tuple(each for each in found if each.blocks)
