"""Quirks: the real gateway's awkward behaviours, each named, explained and switchable.

Rule: a quirk is asked for at the one place where it changes what happens (`Quirks.armed`), and explained in the table.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Quirk:
    """A behaviour that can be armed. `subject` names what stands behind the colon, empty where nothing does."""

    name: str
    subject: str
    explanation: str


NO_PRICE = Quirk(
    "no-price", "SYM", "The market shows no price for SYM: bid and ask are -1, its portfolio row is valued at 0."
)
UNKNOWN_CONTRACT = Quirk(
    "unknown-contract", "SYM", "The gateway does not know SYM: contract details, quotes and orders answer error 200."
)
NO_POSITION_END = Quirk("no-position-end", "", "The positions are sent, but the message that ends them never comes.")

QUIRKS: dict[str, Quirk] = {quirk.name: quirk for quirk in (NO_PRICE, UNKNOWN_CONTRACT, NO_POSITION_END)}


def mistake(text: str) -> str:
    """What is wrong with the name of a quirk, such as `no-price:MSFT`; empty for a good one."""
    name, colon, subject = text.partition(":")
    if name not in QUIRKS:
        return f"there is no quirk {name!r}"
    if QUIRKS[name].subject and not subject:
        return f"{name} needs a subject: {name}:{QUIRKS[name].subject}"
    if colon and not QUIRKS[name].subject:
        return f"{name} takes no subject"
    return ""


class Quirks:
    """Which quirks are armed now."""

    def __init__(self, armed: Iterable[str] = ()) -> None:
        self._armed: set[str] = set()
        for text in armed:
            self.arm(text)

    def arm(self, text: str) -> None:
        """Arm one by its full name. Raises ValueError for a name that is none."""
        if problem := mistake(text):
            raise ValueError(problem)
        self._armed.add(text)

    def clear(self, text: str) -> None:
        """Disarm one; one that was not armed is no mistake. Raises ValueError for a name that is none."""
        if problem := mistake(text):
            raise ValueError(problem)
        self._armed.discard(text)

    def armed(self, quirk: Quirk, subject: str = "") -> bool:
        """Whether a quirk is armed, for this subject."""
        return (f"{quirk.name}:{subject}" if quirk.subject else quirk.name) in self._armed

    def names(self) -> list[str]:
        """The full names of those armed, sorted."""
        return sorted(self._armed)
