"""Quirks that happen once: at their arming (or the first connection after it), or after the n-th order."""

from collections.abc import Callable, Mapping

from reconciler.simgateway.client import NO_REQUEST
from reconciler.simgateway.liquidation import Closing, liquidate
from reconciler.simgateway.quirks.codes import TEXTS
from reconciler.simgateway.quirks.grammar import Armed
from reconciler.simgateway.quirks.house import House


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
    "unsubscribed": _unsubscribed,
    "margin-alert": _margin_alert,
    "liquidation": _liquidation,
}
