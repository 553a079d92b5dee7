"""Quirks that happen once: at their arming (or the first connection after it), or after the n-th order."""

from collections.abc import Callable, Mapping

from reconciler.simgateway import messages
from reconciler.simgateway.amounts import ZERO
from reconciler.simgateway.client import NO_REQUEST
from reconciler.simgateway.orders import LIQUIDATION_ID, Order
from reconciler.simgateway.quirks.codes import TEXTS
from reconciler.simgateway.quirks.grammar import Armed
from reconciler.simgateway.quirks.house import House
from reconciler.simgateway.terms import BUY, MARKET, SELL, Terms

BROKER = 0
"""The client id under which the broker's own orders are told."""


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
            if held is None:
                continue
            action = SELL if held.quantity > ZERO else BUY
            terms = Terms(account, action, abs(held.quantity), MARKET)
            order = Order(BROKER, LIQUIDATION_ID, house.book.new_perm_id(), instrument, terms)
            house.venue.liquidate(order)
            _told_to_all(house, order)


def _told_to_all(house: House, order: Order) -> None:
    for client in list(house.clients.values()):
        if client.number != BROKER:
            for fill in order.executions:
                client.send(messages.execution(-1, order, fill, client.version), messages.commission(order, fill))


EVENTS: Mapping[str, Callable[[House, Armed], None]] = {
    "port-reset": _port_reset,
    "restart": _restart,
    "unsubscribed": _unsubscribed,
    "margin-alert": _margin_alert,
    "liquidation": _liquidation,
}
