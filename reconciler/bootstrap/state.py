"""The state directory: the journal and the accounts' locks in it, and whether it outlives the command."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from reconciler.bootstrap.machine import system_clock
from reconciler.domain.errors import Refused
from reconciler.ports import AccountLock, Journal

if TYPE_CHECKING:
    from reconciler.settings import Settings


def require_durable_state(settings: "Settings", what: str = "apply") -> None:
    """Raises Refused for what writes the journal in CI without a state directory of its own.

    A plan is consumed in the journal: on a runner that is thrown away, a second job would apply it again.
    """
    if settings.ci and "state" not in settings.model_fields_set:
        raise Refused(
            f"{what} in CI needs a durable state directory, hence a self-hosted runner: "
            f"set FOLIOCTL_STATE to a directory that outlives the job, or run {what} elsewhere"
        )


@contextmanager
def open_journal(settings: "Settings") -> Iterator[Journal]:
    """The journal of this state directory, until it is left."""
    from reconciler.adapters.journal.open import open_journal as open_sql_journal

    journal = open_sql_journal(settings.state / "journal.sqlite3")
    try:
        yield journal
    finally:
        journal.close()


def account_lock(settings: "Settings", command: str) -> AccountLock:
    """The accounts' locks of this state directory. `command` names this process to others."""
    from reconciler.adapters.locks import FileAccountLock, process_owner

    return FileAccountLock(settings.state / "locks", owner=process_owner(command), clock=system_clock())
