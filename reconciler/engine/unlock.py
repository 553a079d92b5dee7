"""Unlock: who holds an account, and what is left of those that did. It takes a lock from nobody."""

from dataclasses import dataclass

from reconciler.domain.errors import Refused
from reconciler.domain.exits import ExitCode
from reconciler.domain.ids import AccountName, RunId
from reconciler.ports import AccountLock, Holder, Journal, LockFinding


@dataclass(frozen=True)
class Unlocking:
    """The lock as it was found, and the account's runs that were begun and never closed, the oldest first."""

    finding: LockFinding
    unfinished: tuple[RunId, ...]

    @property
    def exit_code(self) -> ExitCode:
        """Locked where a process holds the account still."""
        return ExitCode.OK if self.finding.holder is Holder.NOBODY else ExitCode.LOCKED


def unlock(lock: AccountLock, journal: Journal, name: str) -> Unlocking:
    """Look at the lock of an account, or of the account of a run. Raises Refused where there is neither."""
    run = journal.run(RunId(name))
    account = AccountName(name) if run is None else run.account
    finding = lock.unlock(account)
    if finding.place is None and finding.holder is Holder.NOBODY and not journal.runs(account):
        raise Refused(f"there is no run and no account '{name}' in this state directory; `folioctl runs list` has both")
    return Unlocking(finding, tuple(each.id for each in journal.unfinished_runs(account)))
