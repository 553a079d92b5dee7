"""Quirks that happen once: at their arming (or the first connection after it), or after the n-th order."""

from collections.abc import Callable, Mapping

from reconciler.simgateway.client import NO_REQUEST
from reconciler.simgateway.house import House
from reconciler.simgateway.quirks.codes import TEXTS
from reconciler.simgateway.quirks.grammar import Armed
from reconciler.simgateway.risk.liquidation import Closing, liquidate

_PHASES_OF_RESTART = ((30.0, "refused"), (60.0, "half-open"))
"""Until so many seconds after its begin, a nightly restart meets new connections so."""


def _announced(house: House, code: int) -> None:
    for client in list(house.clients.values()):
        client.error(NO_REQUEST, code, TEXTS[code])


def _all_closed(house: House) -> None:
    for client in list(house.clients.values()):
        client.close()
    house.clients.clear()


def _port_reset(house: House, _armed: Armed) -> None:
    _announced(house, 1300)
    _all_closed(house)


def _restart(house: House, _armed: Armed) -> None:
    _all_closed(house)
    house.book.roll_back()


def _nightly_restart(house: House, armed: Armed) -> None:
    armed.began = house.clock.seconds()
    _restart(house, armed)


def phase_of_restart(house: House, armed: Armed) -> str:
    """How a nightly restart meets a new connection now, in the words of `connect`; empty before it and after it."""
    if armed.began is None:
        return ""
    elapsed = house.clock.seconds() - armed.began
    return next((welcome for end, welcome in _PHASES_OF_RESTART if elapsed < end), "")


def _unsubscribed(house: House, _armed: Armed) -> None:
    _announced(house, 2100)
    for client in house.clients.values():
        client.subscriptions.account = ""


def _margin_alert(house: House, _armed: Armed) -> None:
    _announced(house, 2148)


def _liquidation(house: House, armed: Armed) -> None:
    """Close what every account holds of the symbol, at the market."""
    for account, ledger in house.ledgers.items():
        for instrument in house.market.named(armed.symbol):
            held = ledger.held().get(instrument.con_id)
            if held is not None:
                liquidate(house, account, Closing(instrument, -held.quantity))


EVENTS: Mapping[str, Callable[[House, Armed], None]] = {
    "port-reset": _port_reset,
    "restart": _restart,
    "nightly-restart": _nightly_restart,
    "unsubscribed": _unsubscribed,
    "margin-alert": _margin_alert,
    "liquidation": _liquidation,
}
