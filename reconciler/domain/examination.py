"""Examination: what a look at a set-up found, check by check, before money moves.

A check passes, warns, fails, or is skipped because one that it builds on failed. What could not be found out is never a
pass.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from reconciler.domain.desired import Environment
from reconciler.domain.ids import AccountName, InstrumentName


class Check(StrEnum):
    """Every check, in the order in which they are made."""

    MANIFESTS = "manifests"
    SETTINGS = "settings"
    STATE = "state-directory"
    KEYRING = "keyring"
    JOURNAL = "journal"
    ACCOUNT_ID = "account-id"
    GATEWAY = "gateway"
    LOGIN = "login"
    SERVER_VERSION = "server-version"
    CLOCK = "clock"
    BASE_CURRENCY = "base-currency"
    ACCOUNT_TYPE = "account-type"
    CONTRACTS = "contracts"
    HOURS = "hours"
    MARKET_DATA = "market-data"
    READ_ONLY = "read-only"
    TRADABLE = "tradable"
    LIMITS = "limits"
    PLAN = "plan"
    RUNS = "runs"
    HALTS = "halts"
    LOCK = "lock"


NEEDS: Mapping[Check, tuple[Check, ...]] = {
    Check.STATE: (Check.SETTINGS,),
    Check.KEYRING: (Check.MANIFESTS,),
    Check.JOURNAL: (Check.SETTINGS, Check.STATE),
    Check.ACCOUNT_ID: (Check.MANIFESTS, Check.SETTINGS),
    Check.GATEWAY: (Check.MANIFESTS, Check.SETTINGS),
    Check.LOGIN: (Check.ACCOUNT_ID, Check.GATEWAY),
    Check.SERVER_VERSION: (Check.LOGIN,),
    Check.CLOCK: (Check.LOGIN,),
    Check.BASE_CURRENCY: (Check.LOGIN,),
    Check.ACCOUNT_TYPE: (Check.BASE_CURRENCY,),
    Check.CONTRACTS: (Check.LOGIN,),
    Check.HOURS: (Check.LOGIN, Check.CLOCK),
    Check.MARKET_DATA: (Check.LOGIN, Check.CLOCK),
    Check.READ_ONLY: (Check.LOGIN,),
    Check.TRADABLE: (Check.READ_ONLY,),
    Check.LIMITS: (Check.JOURNAL, Check.BASE_CURRENCY),
    Check.PLAN: (Check.JOURNAL, Check.BASE_CURRENCY, Check.CLOCK, Check.READ_ONLY),
    Check.RUNS: (Check.MANIFESTS, Check.JOURNAL),
    Check.HALTS: (Check.MANIFESTS, Check.JOURNAL),
    Check.LOCK: (Check.MANIFESTS, Check.STATE),
}
"""What a check builds on: where one of those failed, or was skipped itself, it would only repeat that, or lie.

What is found out target by target goes on with the targets whose contracts are known, and is skipped where none is.
"""


class Verdict(StrEnum):
    """What a check came to."""

    PASSED = "passed"
    WARNING = "warning"
    """Nothing stands in the way now, and a person should know it."""
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Finding:
    """What one check found, and what to do about it: sentences without a final stop, free of account numbers.

    `targets` are the lines that it is about, where it is not about all. A check may have several findings, one for each
    thing that is to be done. `because` is the check that failed before, of one that was skipped.
    """

    check: Check
    verdict: Verdict
    found: str
    advice: str = ""
    targets: tuple[InstrumentName, ...] = ()
    because: Check | None = None


def passed(check: Check, found: str, targets: Iterable[InstrumentName] = ()) -> Finding:
    """Nothing to do."""
    return Finding(check, Verdict.PASSED, found, targets=tuple(targets))


def warned(check: Check, found: str, advice: str, targets: Iterable[InstrumentName] = ()) -> Finding:
    """Something to know."""
    return Finding(check, Verdict.WARNING, found, advice, tuple(targets))


def failed(check: Check, found: str, advice: str, targets: Iterable[InstrumentName] = ()) -> Finding:
    """Something to mend before money moves."""
    return Finding(check, Verdict.FAILED, found, advice, tuple(targets))


def skipped(check: Check, because: Check) -> Finding:
    """Not made: what it builds on failed."""
    return Finding(check, Verdict.SKIPPED, f"not looked at, because '{because}' failed", because=because)


@dataclass(frozen=True)
class StateReading:
    """A state directory as it was found. `clone` is the clone of a repository that it lies in, None where in none."""

    place: str
    why_unusable: str | None
    clone: str | None
    free: int | None
    """Bytes; None where the system does not tell."""


@dataclass(frozen=True)
class KeyringReading:
    """Whether this machine has a keyring: the backend's name, or why there is none; and why it could not be asked."""

    backend: str | None
    why_none: str = ""
    fault: str | None = None


@dataclass(frozen=True)
class AccountExamination:
    """The checks of one account."""

    account: AccountName
    environment: Environment
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class Examination:
    """The checks of a set-up: what all accounts share, then each account."""

    setup: tuple[Finding, ...]
    accounts: tuple[AccountExamination, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """All of them, in order."""
        return (*self.setup, *(each for account in self.accounts for each in account.findings))

    @property
    def has_failed(self) -> bool:
        """Whether anything is to be mended before money moves."""
        return any(each.verdict is Verdict.FAILED for each in self.findings)

    def count(self, verdict: Verdict) -> int:
        """How many findings came to that."""
        return sum(each.verdict is verdict for each in self.findings)
