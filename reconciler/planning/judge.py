"""Judge: a draft against the risk limits, as a whole and at the end of each of its batches."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from reconciler.domain.cost import Cost
from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.limits import Limit, Override
from reconciler.domain.line import Line
from reconciler.domain.money import Money
from reconciler.domain.orders import OrderIntent
from reconciler.domain.standing import Standing
from reconciler.domain.violation import Violation
from reconciler.planning.balances import balances, exchanged, moved_by
from reconciler.planning.check import EXEMPT_IN_EMERGENCY, check, check_boundary
from reconciler.planning.checks.subject import Subject
from reconciler.planning.draft import Draft
from reconciler.planning.forecast import Estimates, Outlook, forecast, stakes_after, standing_after


def judge(
    made: Draft, estimates: Estimates, balances_after: tuple[CurrencyBalance, ...], cost: Cost
) -> tuple[tuple[Violation, ...], Standing]:
    """The violations of the plan as a whole, then those that hold between its batches alone; and where it would stand.

    The account's values must be known.
    """
    outlook = outlook_of(made)
    subject = replace(
        forecast(outlook, estimates, spent=_nothing(made)), balances=balances_after, sizing=made.sizing, cost=cost
    )
    whole = check(subject, overrides=overrides_of(made), now=made.made_at, exempt=exempt_of(made))
    known = {(each.limit, each.instrument) for each in whole}
    between = (
        violation
        for number in range(1, len(made.batches))
        for violation in check_boundary(
            _after_batch(outlook, made, estimates, number), overrides=overrides_of(made), now=made.made_at
        )
        if (violation.limit, violation.instrument) not in known
    )
    return (*whole, *between), subject.after


def outlook_of(made: Draft) -> Outlook:
    """What the draft's orders are forecast for."""
    return Outlook(made.account, made.snapshot, made.portfolio, made.history)


def overrides_of(made: Draft) -> tuple[Override, ...]:
    """The manifests' overrides, and this invocation's."""
    return (*made.account.limits.overrides, *made.options.overrides)


def exempt_of(made: Draft) -> frozenset[Limit]:
    """The limits that are not asked."""
    return EXEMPT_IN_EMERGENCY if made.emergency else frozenset()


def _after_batch(outlook: Outlook, made: Draft, estimates: Estimates, number: int) -> Subject:
    """The account at the end of the batch of this number, with the batches before it filled."""
    earlier = {order: estimates[order] for batch in made.batches[: number - 1] for order in batch.orders}
    own = {order: estimates[order] for order in made.batches[number - 1].orders}
    sent = earlier | own
    moved = exchanged(moved_by(made.portfolio, list(sent)), _converted(made, list(sent)))
    return replace(
        forecast(outlook, own, spent=_nothing(made)),
        before=standing_after(outlook, earlier),
        after=standing_after(outlook, sent),
        stakes=stakes_after(outlook, sent),
        balances=balances(made.portfolio, made.snapshot, moved),
        batch=number,
    )


def _converted(made: Draft, sent: Sequence[OrderIntent]) -> tuple[Line, ...]:
    numbers = {order.line for order in sent if order.converts}
    return tuple(change.line for change in made.changes if change.line.number in numbers)


def _nothing(made: Draft) -> Money:
    return Money(Decimal(0), made.account.base_currency)
