"""Every exception that crosses a room of the library. The retry decision is the type.

FolioctlError
├── InvariantBroken          a defect of ours: stop, never retry
├── Refused                  the request cannot be carried out as asked; the message says what to do
│   ├── AccountLocked        another run holds the account
│   ├── AccountHalted        somebody, or the environment, said that nothing may be sent
│   ├── PlanAlreadyBegun     the plan was consumed before
│   └── PlanUnreadable       the file is no plan of ours, or was changed
├── CancelNotConfirmed       no report has ended the order yet: asking for its cancel again is safe
├── FundsNotFree             no margin for a batch yet: what this run freed may soon be there, looking again is safe
├── StateUnavailable         the journal or a report cannot be written: send nothing more, and recover by reading
└── BrokerError
    ├── BrokerUnavailable    connecting or reading may be tried again, within the policy's bounds
    ├── BrokerRefused        the gateway answered no (account not served, paper for live): trying again helps nobody
    │   └── ClientIdInUse    another program holds the client id; what only reads may take another one
    └── SendUncertain        an order may or may not have left: read the broker, never send again
"""

from dataclasses import dataclass
from datetime import datetime

from reconciler.domain.halt import Halt, remedy
from reconciler.domain.ids import PlanId, RunId


class FolioctlError(Exception):
    """The root of the tree above."""


class InvariantBroken(FolioctlError):
    """A promise of the code to itself does not hold."""


class Refused(FolioctlError):
    """What was asked cannot be done; nothing was sent."""


@dataclass
class AccountLocked(Refused):
    """Another process works on this account. `since` is when it took the lock; `owner` says who, for a person."""

    account: str
    owner: str
    since: datetime | None

    def __str__(self) -> str:
        when = f" since {self.since:%Y-%m-%d %H:%M:%S %Z}" if self.since else ""
        return f"account '{self.account}' is locked by {self.owner}{when}; wait for it to end, then run this again"


@dataclass
class AccountHalted(Refused):
    """Nothing may be sent: every halt that says so, by whom, since when and why."""

    halts: tuple[Halt, ...]

    def __str__(self) -> str:
        return f"{'; '.join(str(each) for each in self.halts)}; to go on, {remedy(self.halts)}"


@dataclass
class PlanAlreadyBegun(Refused):
    """The plan was consumed by an earlier run: it can never be started again. `outcome` is None while that is open."""

    plan: PlanId
    run: RunId
    outcome: str | None

    def __str__(self) -> str:
        ended = "" if self.outcome is None else f", which ended as {self.outcome}"
        return f"plan {self.plan} was already begun by run {self.run}{ended}"


class PlanUnreadable(Refused):
    """The file is not a plan, is of another format, or was changed after it was written."""


class CancelNotConfirmed(FolioctlError):
    """The cancel of an order was asked for, and no report says that the order is over."""


class FundsNotFree(FolioctlError):
    """There is no margin for a batch, and the account's values may not yet hold what this run's fills have freed."""


class StateUnavailable(FolioctlError):
    """The journal or the report store failed (disk full, file damaged). Orders may have been sent before."""


class BrokerError(FolioctlError):
    """Something between us and the broker."""


class BrokerUnavailable(BrokerError):
    """The gateway did not answer, or the connection was lost. Reads and connecting may be tried again."""


class BrokerRefused(BrokerError):
    """The gateway answered, and the answer is no."""


class ClientIdInUse(BrokerRefused):
    """Error 326: the gateway serves one program for each client id."""


class SendUncertain(BrokerError):
    """The connection broke while an order was being sent: only reading the broker tells whether it left."""
