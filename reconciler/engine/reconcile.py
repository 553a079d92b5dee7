"""Reconcile: the whole of an apply, from recovery to result. The caller shows; what may happen is decided here."""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum

from reconciler import planfile
from reconciler.domain.errors import AccountHalted, AccountLocked, PlanAlreadyBegun, Refused
from reconciler.domain.events import Notice
from reconciler.domain.exits import ExitCode, of_run
from reconciler.domain.ids import RunId
from reconciler.domain.orders import OrderRecord
from reconciler.domain.plan import Plan
from reconciler.domain.policy import Hours
from reconciler.domain.run import RunResult
from reconciler.domain.unknown import Unknown
from reconciler.engine.apply import apply, take_up
from reconciler.engine.authorize import Refusal, RefusalKind, authorize, authorize_rest
from reconciler.engine.brake import heeding_cancels, holding
from reconciler.engine.propose import cost, sketch
from reconciler.engine.recover import Recovery, close, recover
from reconciler.engine.session import Session
from reconciler.planning.draft import Draft
from reconciler.planning.hours import opening_of, why_closed


@dataclass(frozen=True)
class Reconciliation:
    """What came of it: the plan, and either a result, a refusal, or neither where a person declined."""

    plan: Plan
    result: RunResult | None = None
    refusal: Refusal | None = None

    @property
    def exit_code(self) -> ExitCode:
        """Of the whole command."""
        if self.result is not None:
            return of_run(self.result, self.plan)
        if self.refusal is not None:
            return self.refusal.kind.exit_code
        return ExitCode.ERROR


class Approval(StrEnum):
    """Who lets a plan be applied."""

    PERSON = "a person, who saw it"
    BEFOREHAND = "whoever said beforehand that nobody need be asked"
    NOBODY = "nobody"


Approve = Callable[[Plan], Approval]


async def apply_fresh(session: Session, *, tool: str, approve: Approve) -> Reconciliation:
    """Recover, plan, ask, apply. Called under the account's lock."""
    recovery = await recover(session)
    refusal = _unrecovered(recovery)
    made = await _once_open(session, await sketch(session))
    plan = await cost(session, made)
    if refusal is not None:
        return Reconciliation(plan, refusal=refusal)
    if not plan.orders and not plan.cancellations and not plan.is_blocked:
        return Reconciliation(plan, refusal=Refusal(RefusalKind.NOTHING_TO_DO, ()))
    return await _carry_out(session, _Ready(plan, planfile.write(plan, tool=tool), made), recovery, approve)


async def _once_open(session: Session, made: Draft) -> Draft:
    """The draft as it is once the markets of its orders are open, where the policy waits for that.

    No longer than a run may take, and only until somebody stops it. Nobody waits for a halted account: whoever halts
    it to cancel or to flatten needs its lock.
    """
    policy = session.account.policy
    deadline = session.clock.now() + policy.timeouts.run
    while policy.hours is Hours.WAIT and made.emergency is None and not session.stop.is_asked and not holding(session):
        now = session.clock.now()
        shut = made.closed(now)
        opening = opening_of(shut, now=now)
        if opening is None or opening > deadline:
            break
        session.sink.emit(Notice(f"waiting until {opening:%H:%M} UTC: {'; '.join(why_closed(shut, now=now))}"))
        with suppress(TimeoutError), heeding_cancels(session):
            async with asyncio.timeout((opening - now).total_seconds()):
                await session.stop.wait()
        made = await sketch(session)
    return made


async def apply_saved(session: Session, plan: Plan, document: str, *, approve: Approve) -> Reconciliation:
    """Recover, check that the plan still fits, apply exactly it. Called under the account's lock.

    Raises PlanAlreadyBegun where any run, of any checkout, consumed it before.
    """
    session = session.under(plan.options)
    recovery = await recover(session)
    begun = session.journal.run_of_plan(plan.id)
    if begun is not None:
        raise PlanAlreadyBegun(plan.id, begun.id, begun.outcome)
    refusal = _unrecovered(recovery)
    if refusal is not None:
        return Reconciliation(plan, refusal=refusal)
    return await _carry_out(session, _Ready(plan, document, await sketch(session)), recovery, approve)


async def resume(session: Session, run: RunId, *, approve: Approve) -> Reconciliation:
    """Send what of a broken-off run was never sent, if its plan still fits. Called under the account's lock.

    Raises Refused where there is no such run, or nothing of it is left to send.
    """
    recovery = await recover(session)
    broken_off = next((each for each in recovery.resumable if each.run.id == run), None)
    if broken_off is None:
        raise Refused(f"run {run} cannot be resumed: {_why_not_resumable(session, run, recovery)}")
    session = session.under(broken_off.plan.options)
    permission = authorize_rest(session, broken_off.plan, broken_off.book, await sketch(session))
    if isinstance(permission, Refusal):
        return Reconciliation(broken_off.plan, refusal=permission)
    denied = _denied(session, broken_off.plan, approve)
    if denied is not None:
        return denied
    return Reconciliation(broken_off.plan, result=await take_up(session, permission, broken_off.run, broken_off.book))


async def resolve(session: Session, run: RunId, *, reason: str) -> RunResult:
    """Close a run by a person's decision, where reading can no longer tell what became of its orders (promise 3).

    The next plan starts from the holdings as they are. Raises Refused where there is nothing to decide.
    """
    recovery = await recover(session)
    if recovery.unread is not None:
        raise Refused(recovery.unread)
    unsettled = next((each for each in recovery.unsettled if each.run.id == run), None)
    if unsettled is None:
        raise Refused(f"run {run} needs no decision: {_why_not_resumable(session, run, recovery)}")
    # The list says what works, and not the last that was heard: what was refused after a part of it had filled, or
    # ended on a day that nobody can read any more, is not in it.
    alive = await session.read(session.broker.read_working_orders)
    if isinstance(alive, Unknown):
        raise Refused(f"run {run} cannot be resolved: the working orders were not read: {alive.why}")
    refs = {each.order_ref for each in alive}
    working = [f"{each.instrument} ({each.ref})" for each in unsettled.book.open if each.ref in refs]
    if working:
        raise Refused(f"run {run} has orders that still work: {', '.join(working)}; cancel them first")
    return (await close(session, [unsettled], why=f"resolved by hand: {reason}"))[0]


def _why_not_resumable(session: Session, run: RunId, recovery: Recovery) -> str:
    record = session.journal.run(run)
    if record is None:
        return "there is no such run; `folioctl runs list` names them"
    if record.outcome is not None:
        return f"it is closed ({record.outcome}); `folioctl apply` plans afresh"
    refusal = _unrecovered(recovery)
    return "; ".join(refusal.reasons) if refusal else "orders of it still work"


async def recover_if_free(session: Session) -> Recovery:
    """Recovery before a command that only reads: left alone while another process works on the account."""
    if not session.journal.unfinished_runs(session.account.name):
        return Recovery()  # without the lock, which an apply may be about to take
    try:
        with session.lock.hold(session.account.name):
            return await recover_aloud(session)
    except AccountLocked as locked:
        session.sink.emit(Notice(f"an apply is under way: {locked.owner}"))
        return Recovery()


async def recover_aloud(session: Session) -> Recovery:
    """Recover, and say what stands in the way of the next apply. Called under the account's lock."""
    recovery = await recover(session)
    refusal = _unrecovered(recovery)
    for reason in refusal.reasons if refusal else ():
        session.sink.emit(Notice(reason))
    return recovery


@dataclass(frozen=True)
class _Ready:
    """A plan, its document, and the account as it was read to judge it."""

    plan: Plan
    document: str
    current: Draft


async def _carry_out(session: Session, ready: _Ready, recovery: Recovery, approve: Approve) -> Reconciliation:
    plan = ready.plan
    permission = authorize(session, plan, ready.current)
    if isinstance(permission, Refusal):
        return Reconciliation(plan, refusal=permission)
    denied = _denied(session, plan, approve)
    if denied is not None:
        return denied
    if session.stop.is_asked:
        return Reconciliation(plan, refusal=Refusal(RefusalKind.INTERRUPTED, (session.stop.reason,)))
    await close(session, recovery.resumable, why="the run was broken off, and a new apply took its place")
    return Reconciliation(plan, result=await apply(session, permission, plan_document=ready.document))


def _denied(session: Session, plan: Plan, approve: Approve) -> Reconciliation | None:
    """Why the plan is not applied although it may be, or None. An emergency's needs a person, there or beforehand.

    A person takes their time: who halted the account meanwhile is heard before the plan is begun.
    """
    approval = approve(plan)
    if approval is Approval.NOBODY:
        return Reconciliation(plan)
    if plan.emergency is not None and approval is Approval.BEFOREHAND and plan.emergency.authorised_by is None:
        why = (
            "this is an emergency's plan, and nobody has authorised those beforehand: approve it by hand, or name who "
            "does with emergencyAuthorisedBy in the limits"
        )
        return Reconciliation(plan, refusal=Refusal(RefusalKind.BLOCKED, (why,)))
    if halts := holding(session):
        return Reconciliation(plan, refusal=Refusal(RefusalKind.BLOCKED, (str(AccountHalted(halts)),)))
    return None


def _unrecovered(recovery: Recovery) -> Refusal | None:
    """What of an earlier run stands in the way: nothing may be sent while an order's fate is not known."""
    if recovery.unread is not None:
        return Refusal(RefusalKind.BLOCKED, (recovery.unread,))
    if recovery.unresolved:
        return Refusal(RefusalKind.UNRESOLVED, tuple(_unresolved(each) for each in recovery.unresolved))
    return None


def _unresolved(record: OrderRecord) -> str:
    order = f"{record.side} {record.quantity:f} {record.instrument} ({record.ref}) of an earlier run"
    if record.missing:
        return (
            f"{order}: the broker shows no trace of it yet, and it may still be on its way; `folioctl apply` and "
            "`folioctl runs recover` read again under the client id that sent it, after which nothing of it can come"
        )
    return (
        f"{order}: the broker shows no trace of it, and its day is over; look for it in TWS, then say what you found "
        "with `folioctl runs resolve`"
    )
