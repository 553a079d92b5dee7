"""The brake: whether anything may be sent at all. A halt holds it, whichever process set it, and whenever.

It is asked when a plan is authorized, when it is begun, and before every single order, always anew: a halt that was set
a moment ago counts. It holds up sending and nothing else; what was sent before goes on under its own time-outs, unless
the halt asks for a cancel. The plan of `halt --flatten` is the one that no halt holds up.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from reconciler.domain.errors import AccountHalted, StateUnavailable
from reconciler.domain.halt import Halt
from reconciler.domain.ids import AccountName
from reconciler.domain.run import Outcome
from reconciler.engine.session import Session
from reconciler.ports import Journal

LOOK_SECONDS = 1.0
"""How often a run looks whether a halt asks it to cancel what works; its sends ask by themselves."""


def halts_of(session: Session) -> tuple[Halt, ...]:
    """What halts the account now: the environment's switch, then the journal's, the oldest first."""
    return halts_on(session.account.name, session.switch, session.journal)


def halts_on(account: AccountName, switch: tuple[Halt, ...], journal: Journal) -> tuple[Halt, ...]:
    """The same, without a session."""
    return tuple(halt for halt in (*switch, *journal.halts()) if halt.concerns(account))


def holding(session: Session) -> tuple[Halt, ...]:
    """The halts that hold up what this session would send. Raises StateUnavailable where nobody can tell."""
    return () if session.options.flatten is not None else halts_of(session)


def require_released(session: Session) -> None:
    """Before each order. Raises AccountHalted; nothing was written down of the order, and nothing sent."""
    halts = holding(session)
    if halts:
        raise AccountHalted(halts)


@contextmanager
def heeding_cancels(session: Session) -> Iterator[None]:
    """For the length of a run: stop it, cancelling what works, once a halt that asks for that is in force."""
    loop = asyncio.get_running_loop()
    timer: asyncio.TimerHandle

    def look() -> None:
        nonlocal timer
        with suppress(StateUnavailable):  # the next send or report meets the same journal, and ends the run
            asking = [halt for halt in holding(session) if halt.cancels]
            if asking:
                session.stop.ask(str(AccountHalted(tuple(asking))), Outcome.BLOCKED)
        timer = loop.call_later(LOOK_SECONDS, look)

    timer = loop.call_later(LOOK_SECONDS, look)
    try:
        yield
    finally:
        timer.cancel()
