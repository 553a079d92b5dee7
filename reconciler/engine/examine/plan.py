"""The plan: which limits the account breaks as it is, and what a plan would say of a way to the targets."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from reconciler.domain.counting import counted
from reconciler.domain.errors import BrokerError, StateUnavailable
from reconciler.domain.examination import Check, Finding, failed, passed, warned
from reconciler.domain.limits import Level
from reconciler.domain.money import Money
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Violation, sentences
from reconciler.engine.examine.targets import alike
from reconciler.engine.propose import cost, sketch
from reconciler.engine.session import Session
from reconciler.planning.check import check_standing
from reconciler.planning.draft import Draft
from reconciler.planning.forecast import forecast
from reconciler.planning.judge import outlook_of, overrides_of

_UNREAD = "look at what could not be read, and try again"


@dataclass(frozen=True)
class Made:
    """A draft, and the plan that it would be."""

    draft: Draft
    plan: Plan


async def make(session: Session) -> Made | Unknown:
    """Plan as `folioctl plan` does, without closing earlier runs. Unknown where broker or journal cannot be read."""
    try:
        draft = await sketch(session)
        return Made(draft, await cost(session, draft))
    except (BrokerError, StateUnavailable) as error:
        return Unknown(str(error))


def limits(made: Made | Unknown) -> tuple[Finding, ...]:
    """Every limit that the account breaks, before anything is traded."""
    broken = made if isinstance(made, Unknown) else _broken(made.draft)
    if isinstance(broken, Unknown):
        return (failed(Check.LIMITS, f"not known: {broken.why}", _UNREAD),)
    if not broken:
        return (passed(Check.LIMITS, "the account is within its limits"),)
    return tuple(_told(Check.LIMITS, [replace(each, message=_as_it_is(each.message)) for each in broken]))


def _as_it_is(message: str) -> str:
    """What the limits say of an account after orders, said of one before any."""
    return message.replace(" would be ", " is ")


def _broken(draft: Draft) -> tuple[Violation, ...] | Unknown:
    if isinstance(draft.snapshot.values, Unknown):
        return draft.snapshot.values
    nothing = Money(Decimal(0), draft.account.base_currency)
    subject = forecast(outlook_of(draft), {}, spent=nothing)
    return check_standing(subject, overrides=overrides_of(draft), now=draft.made_at)


def _told(check: Check, violations: Iterable[Violation]) -> Iterable[Finding]:
    """A finding for each; one for all that cannot be checked for the same cause."""
    unknown: dict[str, list[Violation]] = {}
    for each in violations:
        if each.cause is None:
            yield _violated(check, each)
        else:
            unknown.setdefault(each.cause, []).append(each)
    for group in unknown.values():
        for sentence in sentences(group):
            yield failed(check, sentence, _UNREAD)


def _violated(check: Check, violation: Violation) -> Finding:
    place = f" ({violation.location})" if violation.location else ""
    found = f"{violation.limit}: {violation.message}; the bound is {violation.bound}{place}"
    advice = violation.remedy or "see the limit in the RiskLimits manifest"
    is_let_past = violation.level is Level.ADVISORY or violation.override is not None
    return (warned if is_let_past else failed)(check, found, advice)


def outlook(made: Made | Unknown) -> tuple[Finding, ...]:
    """Whether an apply could do what the manifests ask for."""
    if isinstance(made, Unknown):
        return (failed(Check.PLAN, f"no plan can be made: {made.why}", _UNREAD),)
    plan = made.plan
    if plan.blocked:
        return (failed(Check.PLAN, f"the account is blocked: {'; '.join(plan.blocked)}", _UNREAD),)
    against = (*_emergency(plan), *_lines(made), *_violations(plan))
    return against or (passed(Check.PLAN, _words(plan)),)


def _words(plan: Plan) -> str:
    if not plan.orders:
        return "the account is at its targets: a plan would send nothing"
    return f"a plan would send {counted(len(plan.orders), 'order')}, and nothing stands in their way"


def _emergency(plan: Plan) -> Iterable[Finding]:
    if plan.emergency is not None:
        found = f"the account is in an emergency: {'; '.join(plan.emergency.reasons)}"
        yield failed(Check.PLAN, found, "see what `folioctl plan` proposes, and end it before anything else")


def _lines(made: Made) -> Iterable[Finding]:
    blocked = {line.instrument: line for line in made.plan.blocked_lines}
    shut = {each.con_id for each in made.draft.closed(made.draft.made_at)}
    for why, names in alike({name: line.blocked or "" for name, line in blocked.items()}):
        verdict = warned if all(blocked[name].con_id in shut for name in names) else failed
        found = f"{len(names)} of {counted(len(made.plan.lines), 'line')} could not be traded: {why}"
        yield verdict(Check.PLAN, found, "`folioctl plan` shows each line", names)


def _violations(plan: Plan) -> Iterable[Finding]:
    """What would be crossed; what was so before, and holds up nothing, is told under limits."""
    return _told(Check.PLAN, (each for each in plan.violations if each.blocks or not each.existed_before))
