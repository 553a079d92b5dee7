"""What came of a halt beyond its row: the orders that it cancelled, and its end."""

from dataclasses import dataclass

from reconciler.domain.account import WorkingOrder
from reconciler.domain.halt import Halt
from reconciler.domain.ids import AccountName


@dataclass(frozen=True)
class Cancellation:
    """Our own working orders of one account that a halt cancelled.

    `orders` are those whose cancel was asked for. `unconfirmed` says what is not known to be gone, and what to look
    for; `is_locked` that another process holds the account, which cancels what it sent by itself.
    """

    account: AccountName
    orders: tuple[WorkingOrder, ...] = ()
    unconfirmed: tuple[str, ...] = ()
    is_locked: bool = False


@dataclass(frozen=True)
class Release:
    """What a resume lifted, and what still halts the accounts that it was about."""

    lifted: tuple[Halt, ...]
    left: tuple[Halt, ...]
