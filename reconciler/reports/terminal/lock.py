"""An account's lock for a person: who holds it, what was cleared away, and what to do."""

from rich.console import Console

from reconciler.domain.ids import RunId
from reconciler.ports import Holder, LockFinding
from reconciler.reports import wording
from reconciler.reports.terminal.parts import say


def show_lock(console: Console, finding: LockFinding, unfinished: tuple[RunId, ...]) -> None:
    """The lock, then the runs that keep their orders' fates open, which no lock does."""
    style = "green" if finding.holder is Holder.NOBODY else "bold red"
    say(console, lock_words(finding), style=style)
    if finding.holder is not Holder.NOBODY:
        return  # the run of a process that holds the account is under way
    for run in unfinished:
        say(
            console,
            f"run {run} was begun and is not closed: `folioctl status` reads what became of it; where the broker can "
            f"no longer tell, `folioctl runs resolve {run} --reason TEXT` closes it by your own decision",
            style="yellow",
        )


def lock_words(finding: LockFinding) -> str:
    """Who holds it and what that means, or that nobody does."""
    since = "" if finding.since is None else f" since {wording.clock(finding.since)}"
    account, who = f"account '{finding.account}'", f"{finding.owner or 'a process'}{since}"
    match finding.holder:
        case Holder.NOBODY if finding.is_cleared:
            return f"{account} is free: {who} is gone, and its lock went with it; the name that it left is cleared away"
        case Holder.NOBODY:
            return f"{account} is free: nobody holds it, and there was nothing to clear away"
        case Holder.ALIVE:
            return (
                f"{account} is held by {who}, which is alive: nothing was unlocked. Wait for it, or stop it: "
                f"`kill -TERM {finding.process}` makes it cancel, confirm and report; `folioctl halt` keeps it from "
                "sending"
            )
        case Holder.ELSEWHERE:
            return (
                f"{account} is held by {who}, on another machine: nothing was unlocked. Whether that process lives "
                "can be seen there alone"
            )
        case Holder.UNNAMED:
            return (
                f"{account} is held by a process that {_unnamed(finding, who)}: nothing was unlocked. "
                f"`fuser {finding.place}` names the process that keeps the lock's file open; the lock is free when it "
                "ends"
            )


def _unnamed(finding: LockFinding, who: str) -> str:
    return "has not said who it is" if finding.owner is None else f"was left by {who}, which is gone"
