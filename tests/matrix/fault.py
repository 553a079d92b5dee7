"""What strikes: a quirk of the gateway, as each phase arms it."""

from dataclasses import dataclass

from reconciler.simgateway.quirks.catalogue import QUIRKS
from reconciler.simgateway.quirks.events import EVENTS
from reconciler.simgateway.quirks.grammar import Parameter
from tests.matrix.account import BUYS, SELLS
from tests.matrix.phases import Phase

LOSS = "port-reset"
"""What a new connection meets shows only where one is made: with such a quirk the old one is lost."""


@dataclass(frozen=True)
class Fault:
    """A quirk as the control channel takes it, with `SYM` for the first instrument of the batch that is struck.

    `lasts`: seconds after which it is over; None where it stays until the run has ended.
    """

    quirk: str
    lasts: float | None = None

    @property
    def name(self) -> str:
        """Of the quirk, as the catalogue has it."""
        return self.always.partition(":")[0]

    @property
    def always(self) -> str:
        """The quirk with its arguments, without the occasion on which alone it acts."""
        return self.quirk.partition("@")[0]

    @property
    def needs_cancels(self) -> bool:
        """Whether it shows only where something is cancelled: what it strikes then does not fill in time."""
        return QUIRKS[self.name].counts == "cancels"

    def __str__(self) -> str:
        return self.quirk if self.lasts is None else f"{self.quirk} for {self.lasts:.0f} s"

    def armed(self, phase: Phase) -> tuple[str, ...]:
        """The texts that arm it. What happens once happens after the first order of a batch, or else at once."""
        symbol = (SELLS if phase.batch == 1 else BUYS)[0]
        text = self.quirk.replace("SYM", symbol)
        if self.name == "connect":
            return (text, _once(LOSS, phase))
        return (_once(text, phase) if self.name in EVENTS else text,)


def _once(text: str, phase: Phase) -> str:
    return f"{text}@1" if phase in (Phase.IN_FIRST, Phase.IN_SECOND) else text


def catalogued() -> list[str]:
    """Every quirk of the catalogue with each of its modes, as a fault writes it."""
    texts: list[str] = []
    for quirk in QUIRKS.values():
        written = [quirk.name]
        for parameter in quirk.parameters:
            written = [f"{text}{argument}" for text in written for argument in _arguments(parameter)]
        texts += written
    return texts


def _arguments(parameter: Parameter) -> list[str]:
    if parameter.choices:
        return [f":{choice}" for choice in parameter.choices]
    return [""] if parameter.optional else [f":{parameter.name}"]
