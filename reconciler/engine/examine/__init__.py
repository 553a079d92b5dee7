"""Examine: is a set-up fit to move money? A check passes, warns, fails, or is skipped because one before it failed.

It reads and asks, and never sends: what it wants to know of an order it asks by what-if. It takes no lock, closes no
run and clears nothing away, so that it is safe beside an apply. A family of checks is a file; each of its functions
turns what was read into findings, and what could not be read is no pass.
"""

from reconciler.engine.examine.account import examine_account, unexamined
from reconciler.engine.examine.premises import Premises
from reconciler.engine.examine.setup import Setup, examine_setup

__all__ = ["Premises", "Setup", "examine_account", "examine_setup", "unexamined"]
