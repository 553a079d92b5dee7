"""A Halt: the word of a person, or of the environment, that nothing may be sent, for one account or for all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from reconciler.domain.ids import AccountName

SWITCH = "FOLIOCTL_HALT"
"""The variable that halts whatever runs in its environment."""


@dataclass(frozen=True)
class Halt:
    """Who halted what, since when, and why. `account` is None where all accounts are halted.

    `since` is None for the environment's switch, which has no beginning that anybody wrote down. `cancels` says that
    our own working orders are to be cancelled too.
    """

    account: AccountName | None
    by: str
    reason: str
    since: datetime | None
    cancels: bool = False

    def concerns(self, account: AccountName) -> bool:
        """Whether nothing may be sent for that account because of it."""
        return self.account in (None, account)

    @property
    def is_the_environments(self) -> bool:
        """Whether it is the switch: no command lifts it."""
        return self.since is None

    def __str__(self) -> str:
        whose = "all accounts are" if self.account is None else f"account '{self.account}' is"
        since = "" if self.since is None else f" since {self.since:%Y-%m-%d %H:%M:%S %Z}"
        return f"{whose} halted by {self.by}{since}: {self.reason}"


def switched(reason: str) -> Halt:
    """The halt that the environment's switch is."""
    return Halt(None, f"{SWITCH} in the environment", reason, since=None)


def remedy(halts: Iterable[Halt]) -> str:
    """What lifts them, as the end of a sentence."""
    commands = dict.fromkeys(_lifted_by(each) for each in halts)
    return " and ".join(commands)


def _lifted_by(halt: Halt) -> str:
    if halt.is_the_environments:
        return f"unset {SWITCH}"
    return "`folioctl resume`" if halt.account is None else f"`folioctl resume --account {halt.account}`"
