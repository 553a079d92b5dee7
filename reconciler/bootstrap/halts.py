"""Halts: the one that the environment is, and the account that a new one is for."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from reconciler.bootstrap.desired import load
from reconciler.domain.errors import Refused
from reconciler.domain.events import Notice
from reconciler.domain.halt import Halt, switched
from reconciler.domain.ids import AccountName
from reconciler.ports import EventSink, Journal

if TYPE_CHECKING:
    from reconciler.settings import Settings


def switch_of(settings: "Settings") -> tuple[Halt, ...]:
    """The halt that the environment is, where it is one."""
    return () if settings.halt is None else (switched(settings.halt),)


def require_keyring_asked(settings: "Settings") -> None:
    """Raises Refused for what sends orders while nobody knows whether the keyring forbids it."""
    if settings.keyring_fault is not None:
        raise Refused(
            f"the keyring could not be asked, and DRY_RUN or FOLIOCTL_HALT may be in it: {settings.keyring_fault}; "
            "unlock or mend it, or switch it off: PYTHON_KEYRING_BACKEND=keyring.backends.null.Keyring"
        )


def account_to_halt(name: str | None, directory: Path, journal: Journal) -> tuple[AccountName | None, str | None]:
    """The account of that name, None for all, and what a person should read of it.

    Raises Refused for one that neither the manifests nor the journal know: such a halt would hold up nothing. Manifests
    that are not in order stand in no halt's way.
    """
    if name is None:
        return None, None
    account = AccountName(name)
    workspace, _ = load(directory)
    known = () if workspace is None else tuple(each.name for each in workspace.desired.accounts)
    if account in known or journal.runs(account):
        return account, None
    if workspace is None:
        return account, f"the manifests are not in order: whether there is an account '{name}' was not checked"
    raise Refused(
        f"nothing is halted: there is no account '{name}'; there is {', '.join(known)}. Without --account, all are"
    )


def tell_halts(account: AccountName, halts: Iterable[Halt], sink: EventSink) -> None:
    """Say which of the halts hold up that account."""
    for halt in halts:
        if halt.concerns(account):
            sink.emit(Notice(str(halt)))
