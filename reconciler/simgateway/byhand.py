"""Orders that a person enters in the workstation, beside all API clients.

They carry client id 0 and no order id. A client with id 0 can bind them: from then on it knows them by ids below
zero, is told what happens to them, and can change and cancel them (TWS API documentation, reqAutoOpenOrders).
"""

from reconciler.simgateway import messages
from reconciler.simgateway.broker import Broker
from reconciler.simgateway.client import Client
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.orders import admission
from reconciler.simgateway.orders.book import BY_HAND, Order
from reconciler.simgateway.orders.terms import Terms

BINDING_CLIENT = 0
"""The client id that may bind."""


def enter(broker: Broker, terms: Terms, instrument: Instrument) -> Order:
    """A person enters an order. It passes the same checks as any; the order tells whether it was refused."""
    order = Order(BINDING_CLIENT, BY_HAND, broker.book.new_perm_id(), instrument, terms)
    binder = broker.clients.get(BINDING_CLIENT)
    if binder and binder.subscriptions.binds:
        _bind(broker, binder, order)
    broker.venue.take(order, admission.examine(admission.Application(terms, instrument, broker.ledgers)))
    return order


def bind_working(broker: Broker, client: Client) -> list[Order]:
    """Bind every order that works and was entered by hand; those that were bound."""
    found = [order for order in broker.book.working() if order.by_hand]
    for order in found:
        _bind(broker, client, order)
    return found


def _bind(broker: Broker, client: Client, order: Order) -> None:
    broker.book.bind(order)
    client.send(messages.order_bound(order))
