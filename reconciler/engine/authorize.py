"""Authorize: the one place where a Plan becomes something that may be applied.

`Authorized` cannot be built anywhere else, and apply takes nothing else. The permission to trade is never inferred from
a flag or a token: it is this function's result.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.contract import Contract
from reconciler.domain.errors import AccountHalted, InvariantBroken
from reconciler.domain.exits import ExitCode
from reconciler.domain.history import History
from reconciler.domain.ids import ConId
from reconciler.domain.line import Line
from reconciler.domain.orders import OrderIntent
from reconciler.domain.plan import Batch, Plan
from reconciler.domain.policy import Hours, OnBlocked, ShortOfFunds
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Holds, Violation, sentences
from reconciler.engine.brake import holding
from reconciler.engine.session import Session
from reconciler.planning.attempts import attempts_at, filled_of
from reconciler.planning.batch import batches, without_room
from reconciler.planning.check import MARGIN_LIMITS
from reconciler.planning.draft import Draft
from reconciler.planning.exchange import unpaid
from reconciler.planning.holdings import held_after
from reconciler.planning.hours import closed_now, why_closed
from reconciler.planning.orderbook import OrderBook
from reconciler.planning.stale import why_misdirected, why_moved, why_off_price, why_stale

_SEAL = object()


class RefusalKind(StrEnum):
    """Why a plan may not be applied; each has its exit code."""

    NOTHING_TO_DO = "NothingToDo"
    BLOCKED = "Blocked"
    CLOSED = "Closed"
    """A market that it trades in is closed."""
    STALE = "Stale"
    UNRESOLVED = "Unresolved"
    """An order of an earlier run is not accounted for."""
    INTERRUPTED = "Interrupted"

    @property
    def exit_code(self) -> ExitCode:
        """What the command ends with."""
        return {
            RefusalKind.NOTHING_TO_DO: ExitCode.OK,
            RefusalKind.BLOCKED: ExitCode.BLOCKED,
            RefusalKind.CLOSED: ExitCode.CLOSED,
            RefusalKind.STALE: ExitCode.STALE,
            RefusalKind.UNRESOLVED: ExitCode.PARTIAL,
            RefusalKind.INTERRUPTED: ExitCode.INTERRUPTED,
        }[self]


@dataclass(frozen=True)
class Refusal:
    """The plan may not be applied: what kind of no it is, and every reason."""

    kind: RefusalKind
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Authorized:
    """A plan that may be applied now, and the batches of it that may be sent. Made by `authorize` alone."""

    plan: Plan
    batches: tuple[Batch, ...]
    history: History
    seal: object

    def __post_init__(self) -> None:
        if self.seal is not _SEAL:
            raise InvariantBroken("only authorize() makes an Authorized")


def authorize(session: Session, plan: Plan, current: Draft) -> Authorized | Refusal:
    """Whether the plan may be applied to the account as `current` shows it. Called under the account's lock."""
    now = session.clock.now()
    stale = why_stale(plan, current, manifests=session.revision.manifests, account_id=session.account_id, now=now)
    return _permit(session, plan, current, stale, plan.orders)


def authorize_rest(session: Session, plan: Plan, book: OrderBook, current: Draft) -> Authorized | Refusal:
    """Whether those orders of a begun plan may still be sent that never were.

    The account must stand where the plan and the run's own fills put it. What comes after a batch that was not filled
    is not sent, in a resumed run as little as in any other: it adds the risk that the batch was to make room for.
    """
    stale = (
        *why_misdirected(
            plan,
            session.account,
            manifests=session.revision.manifests,
            account_id=session.account_id,
            now=session.clock.now(),
        ),
        *why_moved(current.snapshot, held_after(plan, book)),
        *why_off_price(plan.orders, current.portfolio, current.snapshot, plan.price_collar),
    )
    unsent = [order for order in plan.orders if not attempts_at(order, plan.id, book)]
    failed = [each for each in plan.orders if each not in unsent and filled_of(each, plan.id, book) < each.quantity]
    without = unpaid(unsent, failed, plan.lines, plan.base_currency)
    rest = tuple(each for each in unsent if each not in without)
    left = _before_a_break(plan, failed, rest)
    if rest and not left and not stale:
        names = ", ".join(order.instrument for order in failed)
        reason = f"an earlier batch of it was not filled as planned ({names}), and what it was to make room for waits"
        return Refusal(RefusalKind.BLOCKED, (f"{reason}; `folioctl apply` plans afresh",))
    return _permit(session, plan, current, stale, left)


def _before_a_break(
    plan: Plan, failed: Collection[OrderIntent], orders: tuple[OrderIntent, ...]
) -> tuple[OrderIntent, ...]:
    """Those of these orders that no batch with an unfilled order comes before."""
    broken = [batch.number for batch in plan.batches if any(order in failed for order in batch.orders)]
    number = {order: batch.number for batch in plan.batches for order in batch.orders}
    return tuple(order for order in orders if not broken or number[order] <= min(broken))


def _permit(
    session: Session, plan: Plan, current: Draft, stale: tuple[str, ...], orders: tuple[OrderIntent, ...]
) -> Authorized | Refusal:
    if stale:
        return Refusal(RefusalKind.STALE, stale)
    if halts := holding(session):
        return Refusal(RefusalKind.BLOCKED, (str(AccountHalted(halts)),))
    if plan.emergency is not None and not plan.emergency.trades:
        return Refusal(RefusalKind.BLOCKED, plan.emergency.reasons)
    if session.account.suspend:
        return Refusal(RefusalKind.BLOCKED, (f"account '{session.account.name}' is suspended by its manifest",))
    blocked = (*plan.blocked, *current.blocked)
    if blocked:
        return Refusal(RefusalKind.BLOCKED, tuple(dict.fromkeys(blocked)))
    # A line may have become unknown since the plan was made: found here, it stops the first batch as well.
    lines = tuple(
        dict.fromkeys((*_blocked_lines(plan.lines), *_blocked_lines(change.line for change in current.changes)))
    )
    crossed = tuple(each for each in plan.blocking_violations if not _is_left_to_the_gate(each, session, plan))
    limits = sentences(crossed)
    reasons = (*lines, *limits)
    held_up = {line.con_id for line in (*plan.lines, *(each.line for each in current.changes)) if line.blocked}
    shut = _shut(session, plan, held_up, current.snapshot)
    if shut and {each.con_id for each in shut} == held_up and not limits:
        # What has no price because its market is closed is not blocked by anything that anybody could mend.
        return Refusal(RefusalKind.CLOSED, why_closed(shut, now=session.clock.now()))
    # An account that is beyond a limit already is let out of it: what reduces its risk is never held up by that limit.
    # Nor does an emergency wait for the lines of it that cannot be sold.
    stops = session.account.policy.on_blocked is OnBlocked.STOP and plan.emergency is None
    if (lines or any(each in plan.forbidden_violations for each in crossed)) and stops:
        return Refusal(RefusalKind.BLOCKED, reasons)
    held = [order for order in orders if not _may_run(order, crossed)]
    without = without_room(orders, held) | unpaid(orders, held, plan.lines, plan.base_currency)
    admitted = batches(order for order in orders if order not in held and order not in without)
    # An emergency cancels what adds risk even where nothing can be sold.
    if not admitted and not (plan.emergency is not None and plan.cancellations):
        return Refusal(RefusalKind.BLOCKED if reasons else RefusalKind.NOTHING_TO_DO, reasons)
    closed = why_shut(session, plan, {order.con_id for batch in admitted for order in batch.orders}, current.snapshot)
    if closed:
        return Refusal(RefusalKind.CLOSED, closed)
    return Authorized(plan, admitted, current.history, _SEAL)


def why_shut(
    session: Session, plan: Plan, wanted: Collection[ConId | None], snapshot: AccountSnapshot
) -> tuple[str, ...]:
    """Which markets of these contracts are closed, and until when, where that keeps orders back."""
    return why_closed(_shut(session, plan, wanted, snapshot), now=session.clock.now())


def _shut(
    session: Session, plan: Plan, wanted: Collection[ConId | None], snapshot: AccountSnapshot
) -> tuple[Contract, ...]:
    """Those of these contracts whose market is closed, where the policy minds. An emergency has rules of its own."""
    if plan.emergency is not None or session.account.policy.hours is Hours.CONTINUE:
        return ()
    return closed_now(wanted, snapshot.contracts_by_id, now=session.clock.now())


def _is_left_to_the_gate(violation: Violation, session: Session, plan: Plan) -> bool:
    """Whether it is a shortage of margin that the orders would bring about, where the policy reduces them to what fits.

    Margin that is not known is no shortage.
    """
    reduces = session.account.policy.short_of_funds is ShortOfFunds.REDUCE and plan.emergency is None
    is_short = violation.limit in MARGIN_LIMITS and not violation.existed_before
    return reduces and is_short and not isinstance(plan.after.initial_margin, Unknown)


def _blocked_lines(lines: Iterable[Line]) -> Iterator[str]:
    return (f"{line.instrument}: {line.blocked}" for line in lines if line.blocked is not None)


def _may_run(order: OrderIntent, violations: tuple[Violation, ...]) -> bool:
    """Whether no violation that is about it, or about the whole account, holds it up.

    What only reduces risk is held up by those alone that hold up everything.
    """
    return not any(
        each.concerns(order.instrument) and (each.holds is Holds.EVERYTHING or not order.reduces_risk)
        for each in violations
    )
