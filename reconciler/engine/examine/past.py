"""What earlier runs and people left: runs that never ended, halts, and who holds the account now."""

from reconciler.domain.errors import Refused, StateUnavailable
from reconciler.domain.examination import Check, Finding, failed, passed, warned
from reconciler.domain.halt import remedy
from reconciler.domain.unknown import Unknown
from reconciler.engine.examine.premises import Premises
from reconciler.ports import Holder, LockFinding


def holder(premises: Premises) -> LockFinding | Unknown:
    """Who holds the account's lock; nothing is changed by looking."""
    try:
        return premises.lock.look(premises.account.name)
    except Refused as error:
        return Unknown(str(error))


def lock(found: LockFinding | Unknown) -> tuple[Finding, ...]:
    """Whether an apply could begin now."""
    if isinstance(found, Unknown):
        return (failed(Check.LOCK, f"not known: {found.why}", "see that the state directory is this user's own"),)
    if found.holder is Holder.NOBODY:
        return (passed(Check.LOCK, "nobody holds the account"),)
    since = "" if found.since is None else f" since {found.since:%Y-%m-%d %H:%M:%S} UTC"
    advice = f"wait for it to end; `folioctl unlock {found.account}` says what else can be done"
    return (warned(Check.LOCK, f"{found.owner or found.holder} holds the account{since}", advice),)


def runs(premises: Premises, held: LockFinding | Unknown) -> tuple[Finding, ...]:
    """Runs that were begun and never closed; one that goes on beside this is none of them."""
    account, journal = premises.account.name, premises.journal
    if isinstance(journal, Unknown):
        return (failed(Check.RUNS, journal.why, "mend the journal"),)
    try:
        unfinished = journal.unfinished_runs(account)
    except StateUnavailable as error:
        return (failed(Check.RUNS, f"the journal cannot be read: {error}", "mend the journal"),)
    if not unfinished:
        return (passed(Check.RUNS, "every run that was begun is closed"),)
    names = ", ".join(each.id for each in unfinished)
    if isinstance(held, LockFinding) and held.holder is not Holder.NOBODY:
        return (warned(Check.RUNS, f"run {names} is not closed, and the account is held: it may go on", "let it end"),)
    advice = f"`folioctl runs recover {unfinished[0].id}` reads at the broker what became of it"
    return (failed(Check.RUNS, f"run {names} was begun and never closed", advice),)


def halts(premises: Premises) -> tuple[Finding, ...]:
    """What holds up sending on purpose: halts, and a manifest that suspends the account."""
    account, journal = premises.account, premises.journal
    if isinstance(journal, Unknown):
        return (failed(Check.HALTS, journal.why, "mend the journal"),)
    try:
        found = tuple(each for each in (*premises.switch, *journal.halts()) if each.concerns(account.name))
    except StateUnavailable as error:
        return (failed(Check.HALTS, f"the journal cannot be read: {error}", "mend the journal"),)
    told = [warned(Check.HALTS, str(each), f"to go on, {remedy([each])}") for each in found]
    if account.suspend:
        advice = "set spec.suspend to false once it may trade again"
        told.append(warned(Check.HALTS, f"the manifest suspends account '{account.name}': nothing is sent", advice))
    return tuple(told) or (passed(Check.HALTS, "nothing is halted"),)
