"""The gate before a batch: staleness, limits and margin, on values that were read for this batch alone (promises 6, 7).

Every order of the batch gets its ticket here, at a price of now. What only reduces risk passes without a margin check;
what guards against selling too much, or at wrong figures, is asked of every batch.

Where there is no margin for a batch, and this run has freed some, it is looked for again, until the account's values
may be taken to hold it. Where there is none then, the batch is blocked, or reduced to what fits, as the policy says.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.errors import AccountHalted, FundsNotFree
from reconciler.domain.events import MarginChecked
from reconciler.domain.ids import ConId
from reconciler.domain.limits import Override
from reconciler.domain.money import Money
from reconciler.domain.orders import OrderIntent, OrderTicket, WhatIf
from reconciler.domain.plan import Batch, Plan
from reconciler.domain.policy import OnBlocked, ShortOfFunds
from reconciler.domain.run import Outcome
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Holds, Violation, sentences
from reconciler.engine.authorize import Authorized, why_shut
from reconciler.engine.brake import holding
from reconciler.engine.observe import observe, with_quotes
from reconciler.engine.propose import estimate
from reconciler.engine.session import Session
from reconciler.engine.tickets import Tickets, tickets_for
from reconciler.planning.attempts import attempts_at
from reconciler.planning.balances import balances, exchanged, moved_by
from reconciler.planning.batch import without_room
from reconciler.planning.check import EXEMPT_IN_EMERGENCY, MARGIN_LIMITS, check
from reconciler.planning.checks.subject import Subject
from reconciler.planning.exchange import unpaid
from reconciler.planning.forecast import Outlook, forecast
from reconciler.planning.holdings import has_freed, held_after, turned_over
from reconciler.planning.orderbook import OrderBook
from reconciler.planning.prediction import Prediction, margin_after, predict, why_missed
from reconciler.planning.reduce import without_margin
from reconciler.planning.resolve import TargetPortfolio, resolve
from reconciler.planning.size import sizing_of
from reconciler.planning.stale import why_misdirected, why_moved, why_off_price
from reconciler.ports import RetryPolicy


@dataclass(frozen=True)
class Shut:
    """The batch may not start: how the run ends if nothing was sent, and why."""

    outcome: Outcome
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Open:
    """The batch may start with these tickets. `left_out` names the orders that may not, where others proceed.

    `outlook` is the account at this moment; `predicted` what the batch makes of its margin, None where nobody asked.
    """

    tickets: Mapping[OrderIntent, OrderTicket]
    left_out: Mapping[OrderIntent, str]
    outlook: Outlook
    predicted: Prediction | None

    @property
    def adds_risk(self) -> bool:
        """Whether any of its orders does."""
        return any(not order.reduces_risk for order in self.tickets)


@dataclass(frozen=True)
class _Judged:
    """The orders of a batch with their what-ifs, and the limits that hold them up."""

    batch: Batch
    opened: Tickets
    outlook: Outlook
    estimates: Mapping[OrderIntent, WhatIf | Unknown]
    subject: Subject
    violations: tuple[Violation, ...]

    @property
    def lacks_margin_alone(self) -> bool:
        """Whether too little margin holds it up, and nothing besides. Unknown margin is no shortage."""
        is_known = not isinstance(self.subject.after.initial_margin, Unknown)
        return is_known and bool(self.violations) and all(each.limit in MARGIN_LIMITS for each in self.violations)

    @property
    def can_be_reduced(self) -> bool:
        """Whether fewer orders could do. Conversions pay for orders to come."""
        return self.lacks_margin_alone and not any(order.converts for order in self.batch.orders)

    def shut(self) -> Shut:
        """The batch held up by all of it."""
        return Shut(Outcome.BLOCKED, sentences(self.violations))


async def check_gate(
    session: Session,
    authorized: Authorized,
    batch: Batch,
    *,
    book: OrderBook,
    dropped: Collection[OrderIntent],
    predicted: Prediction | None,
) -> Open | Shut:
    """Whether the batch may start now, or what is left of it: `book` has what this run has sent.

    `dropped` are orders of earlier batches that were left out: what they were to pay for is left out as well.
    `predicted` is what the last batch that adds risk was to make of the account's margin.
    """
    plan, short = authorized.plan, list[_Judged]()

    async def look() -> Open | Shut:
        found = await _look(session, authorized, batch, book=book, dropped=dropped)
        if isinstance(found, Shut):
            return found
        if found.lacks_margin_alone:
            short[:] = [found]
            limits = ", ".join(dict.fromkeys(each.limit for each in found.violations))
            raise FundsNotFree(f"batch {batch.number} lacks margin: {limits}")
        return _opened(session, plan, found, book, predicted)

    try:
        if not has_freed(plan, book):
            return await look()
        within = max(plan.expires - session.clock.now(), timedelta(0))
        found = await session.stop.unless_asked(session.retry.call(RetryPolicy.MARGIN, look, within=within))
        return found or Shut(session.stop.outcome, (session.stop.reason,))
    except FundsNotFree:
        if session.account.policy.short_of_funds is ShortOfFunds.REDUCE:
            return _opened(session, plan, _reduced(session, plan, short[-1], turned_over(plan, book)), book, predicted)
        return short[-1].shut()


async def _look(
    session: Session, authorized: Authorized, batch: Batch, *, book: OrderBook, dropped: Collection[OrderIntent]
) -> _Judged | Shut:
    """One look at the account for this batch, and at what holds it up."""
    if session.stop.is_asked:
        return Shut(session.stop.outcome, (session.stop.reason,))
    if halts := holding(session):
        return Shut(Outcome.BLOCKED, (str(AccountHalted(halts)),))
    plan, snapshot = authorized.plan, await _observed(session, batch)
    portfolio = resolve(session.account, snapshot, now=session.clock.now())
    stale = _why_stale(session, plan, batch, snapshot, portfolio, held_after(plan, book))
    if stale:
        return Shut(Outcome.STALE, stale)
    shut = why_shut(session, plan, {order.con_id for order in batch.orders}, snapshot)
    if shut:
        return Shut(Outcome.CLOSED, shut)
    blocked = _why_blocked(session, plan, snapshot, portfolio)
    if blocked:
        return Shut(Outcome.BLOCKED, blocked)
    numbers = {order: len(attempts_at(order, plan.id, book)) + 1 for order in batch.orders}
    opened = _paid(await tickets_for(session, plan, numbers, snapshot, portfolio), plan, dropped)
    if opened.left_out and session.account.policy.on_blocked is OnBlocked.STOP and plan.emergency is None:
        return Shut(Outcome.BLOCKED, tuple(opened.left_out.values()))
    outlook = Outlook(session.account, snapshot, portfolio, authorized.history)
    admitted = replace(batch, orders=tuple(opened.tickets))
    estimates = await _estimated(session, admitted, outlook)
    return _judged(session, plan, admitted, opened, outlook, estimates, turned_over(plan, book))


def _opened(
    session: Session, plan: Plan, judged: _Judged, book: OrderBook, predicted: Prediction | None
) -> Open | Shut:
    """The gate as it is in the end: open where nothing holds the batch up, and margin is what it was to become."""
    if judged.violations:
        return judged.shut()
    if predicted is not None:
        values, estimates = judged.outlook.values, judged.estimates.values()
        expected = margin_after(predicted, plan, book)
        missed = why_missed(expected, values, estimates, session.account.policy.margin_tolerance)
        if missed is not None:
            return Shut(Outcome.BLOCKED, (missed,))
    reduces = all(order.reduces_risk for order in judged.batch.orders)
    following = None if reduces else predict(judged.estimates, plan, book)
    return Open(judged.opened.tickets, judged.opened.left_out, judged.outlook, following)


def _reduced(session: Session, plan: Plan, short: _Judged, spent: Money) -> _Judged:
    """What of the batch fits; the whole of it, as it was held up, where that is nothing or could not help."""
    if not short.can_be_reduced:
        return short
    left_out = without_margin(
        short.outlook,
        short.subject,
        short.estimates,
        overrides=_overrides(session, plan),
        now=session.clock.now(),
    )
    estimates = {order: each for order, each in short.estimates.items() if order not in left_out}
    if not estimates:
        return short
    tickets = {order: short.opened.tickets[order] for order in estimates}
    opened = Tickets(tickets, {**short.opened.left_out, **left_out})
    batch = replace(short.batch, orders=tuple(estimates))
    return _judged(session, plan, batch, opened, short.outlook, estimates, spent)


def _paid(opened: Tickets, plan: Plan, dropped: Collection[OrderIntent]) -> Tickets:
    why = without_room(opened.tickets, dropped) | unpaid(opened.tickets, dropped, plan.lines, plan.base_currency)
    sent = {order: ticket for order, ticket in opened.tickets.items() if order not in why}
    return Tickets(sent, {**opened.left_out, **why})


async def _observed(session: Session, batch: Batch) -> AccountSnapshot:
    """The account, with quotes of what the batch trades."""
    snapshot = await observe(session)
    wanted = {order.con_id for order in batch.orders}
    contracts = [each for con_id, each in sorted(snapshot.contracts_by_id.items()) if con_id in wanted]
    return await with_quotes(session, snapshot, contracts)


def _why_stale(
    session: Session,
    plan: Plan,
    batch: Batch,
    snapshot: AccountSnapshot,
    portfolio: TargetPortfolio,
    expected: Mapping[ConId, Decimal],
) -> tuple[str, ...]:
    return (
        *why_misdirected(
            plan,
            session.account,
            manifests=session.revision.manifests,
            account_id=session.account_id,
            now=session.clock.now(),
        ),
        *why_moved(snapshot, expected),
        *why_off_price(batch.orders, portfolio, snapshot, plan.price_collar),
    )


def _why_blocked(
    session: Session, plan: Plan, snapshot: AccountSnapshot, portfolio: TargetPortfolio
) -> tuple[str, ...]:
    """What blocks the whole account. An emergency is not sized, so that what could not be sized does not hold it up."""
    if portfolio.blocked or plan.emergency is not None:
        return portfolio.blocked
    sizing = sizing_of(session.account, snapshot, portfolio)
    return (sizing.why,) if isinstance(sizing, Unknown) else ()


async def _estimated(session: Session, batch: Batch, outlook: Outlook) -> Mapping[OrderIntent, WhatIf | Unknown]:
    """The what-if of each order. Nobody is asked for the margin of orders that only reduce risk."""
    if all(order.reduces_risk for order in batch.orders):
        return dict.fromkeys(batch.orders, Unknown("the margin of what only reduces risk is not asked for"))
    return await estimate(session, batch.orders, outlook.snapshot)


def _judged(
    session: Session,
    plan: Plan,
    batch: Batch,
    opened: Tickets,
    outlook: Outlook,
    estimates: Mapping[OrderIntent, WhatIf | Unknown],
    spent: Money,
) -> _Judged:
    """These orders against every limit."""
    reduces = all(order.reduces_risk for order in batch.orders)
    lines = [line for line in plan.lines if any(each.converts and each.line == line.number for each in batch.orders)]
    moved = exchanged(moved_by(outlook.portfolio, batch.orders), lines)
    # An emergency is not sized.
    unsized = plan.emergency is not None
    sizing = None if unsized else sizing_of(session.account, outlook.snapshot, outlook.portfolio)
    subject = replace(
        forecast(outlook, estimates, spent=spent),
        balances=balances(outlook.portfolio, outlook.snapshot, moved),
        sizing=None if isinstance(sizing, Unknown) else sizing,
    )
    if not reduces:
        session.sink.emit(MarginChecked(batch.number, subject.after))
    found = check(
        subject,
        overrides=_overrides(session, plan),
        now=session.clock.now(),
        exempt=EXEMPT_IN_EMERGENCY if plan.emergency else frozenset(),
    )
    violations = tuple(each for each in found if _holds_up(each, reduces=reduces))
    return _Judged(batch, opened, outlook, estimates, subject, violations)


def _overrides(session: Session, plan: Plan) -> tuple[Override, ...]:
    return (*session.account.limits.overrides, *plan.options.overrides)


def _holds_up(violation: Violation, *, reduces: bool) -> bool:
    return violation.blocks and (violation.holds is Holds.EVERYTHING or not reduces)
