"""Halts for a person: what is in force, what was lifted, and which orders were cancelled."""

from collections.abc import Sequence

from rich.console import Console

from reconciler.domain.counting import counted
from reconciler.domain.halt import Halt, remedy
from reconciler.domain.release import Cancellation, Release
from reconciler.reports import wording
from reconciler.reports.terminal.parts import say, section


def show_halt(console: Console, halts: Sequence[Halt], cancellations: Sequence[Cancellation]) -> None:
    """What is halted now, and what became of the working orders that were to be cancelled."""
    section(console, "Halted: nothing is sent", (str(each) for each in halts), style="red")
    say(console)
    for each in cancellations:
        show_cancellation(console, each)
    if cancellations:
        say(console)
    say(console, f"To go on: {remedy(halts)}.", style="bold")


def show_cancellation(console: Console, cancellation: Cancellation) -> None:
    """One account's orders whose cancel was asked for, and what could not be confirmed."""
    count = counted(len(cancellation.orders), "working order")
    say(console, f"{cancellation.account}: the cancel of {count} of ours was asked for")
    for order in cancellation.orders:
        say(console, wording.working_order(order), indent=2)
    heading = f"{cancellation.account}: NOT CONFIRMED; look at the broker before anything else"
    section(console, heading, cancellation.unconfirmed, style="bold red")
    if not cancellation.unconfirmed:
        say(console, f"{cancellation.account}: no order of ours works any more", style="green")


def show_release(console: Console, done: Release) -> None:
    """What was lifted, and what is left."""
    if not done.lifted:
        say(console, "Nothing was lifted.")
    section(console, "Lifted", (str(each) for each in done.lifted), style="green")
    section(console, "Still halted", (str(each) for each in done.left), style="red")
    if done.left:
        say(console)
        say(console, f"To go on: {remedy(done.left)}.", style="bold")
