"""The outage: the broker is away from the gateway. Orders keep filling; what would be told waits or is lost."""

from reconciler.simgateway.client import NO_REQUEST
from reconciler.simgateway.house import House
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.quirks.codes import TEXTS
from reconciler.simgateway.quirks.grammar import Armed
from reconciler.simgateway.quirks.occasions import Memory, Outgoing

LOST = TEXTS[1100]
RESTORED_WITHOUT_DATA = 1101
RESTORED = 1102
_STILL_TOLD = ("error", "next_id", "managed_accounts", "current_time")


def begun(house: House) -> None:
    """Tell every client that the broker is away."""
    for client in list(house.clients.values()):
        client.error(NO_REQUEST, 1100, LOST)


def withheld(outgoing: Outgoing, armed: Armed, replies: list[Reply]) -> list[Reply]:
    """What the gateway says of itself; the rest is kept for later, or is lost."""
    if armed.mode == "kept":
        kept = [each for each in replies if each.kind not in _STILL_TOLD]
        outgoing.memory.withheld.setdefault(outgoing.client, []).extend(kept)
    return [each for each in replies if each.kind in _STILL_TOLD]


def ended(house: House, memory: Memory, armed: Armed) -> None:
    """Tell every client that the broker is back, and what was withheld where it was kept."""
    for client in list(house.clients.values()):
        code = RESTORED if armed.mode == "kept" else RESTORED_WITHOUT_DATA
        client.error(NO_REQUEST, code, TEXTS[code])
        if code == RESTORED:
            client.deliver(memory.withheld.get(client, []))
        else:
            client.subscriptions.quotes.clear()
    memory.withheld.clear()
