"""The Halt document: what is halted now, what was lifted, and which working orders were cancelled for it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from reconciler.diagnostics import Diagnostic
from reconciler.domain.halt import Halt
from reconciler.domain.ids import AccountName
from reconciler.domain.release import Cancellation
from reconciler.planfile.document import WorkingOrderPart
from reconciler.planfile.envelope import Envelope, envelope
from reconciler.planfile.fields import Part, Time, part


class HaltPart(Part):
    """Who halted what, since when, and why.

    `account` is null where all accounts are halted, `since` where it is the environment's switch. `cancels` says that
    our own working orders are to be cancelled too.
    """

    account: AccountName | None
    by: str
    reason: str
    since: Time | None
    cancels: bool


class CancellationPart(Part):
    """The working orders of one account whose cancel was asked for, and what could not be confirmed."""

    account: AccountName
    orders: tuple[WorkingOrderPart, ...]
    unconfirmed: tuple[str, ...]


class HaltDocument(Envelope):
    """What `halt` and `resume` leave: `halts` are in force now, `lifted` were lifted by this command."""

    kind: Literal["Halt"]
    exit_code: int
    halts: tuple[HaltPart, ...]
    lifted: tuple[HaltPart, ...]
    cancellations: tuple[CancellationPart, ...]


def halt_document(
    halts: Sequence[Halt],
    *,
    lifted: Sequence[Halt] = (),
    cancellations: Sequence[Cancellation] = (),
    exit_code: int,
    tool: str,
    created: datetime,
    diagnostics: Sequence[Diagnostic] = (),
) -> HaltDocument:
    """The document of one `halt` or `resume`."""
    return HaltDocument(
        **envelope(tool=tool, created=created, revision=None, diagnostics=diagnostics),
        kind="Halt",
        exit_code=exit_code,
        halts=tuple(part(HaltPart, each) for each in halts),
        lifted=tuple(part(HaltPart, each) for each in lifted),
        cancellations=tuple(
            CancellationPart(
                account=each.account,
                orders=tuple(part(WorkingOrderPart, order) for order in each.orders),
                unconfirmed=each.unconfirmed,
            )
            for each in cancellations
        ),
    )
