"""The profit desk: the day's profit and loss of an account or of one of its holdings, told again as it changes.

The real gateway repeats it about once a second; this one tells it when a price or the account moved.
"""

from reconciler.simgateway.books.profit import Subscription
from reconciler.simgateway.broker import Broker
from reconciler.simgateway.client import Client
from reconciler.simgateway.desks.accounts import invalid_account, too_many
from reconciler.simgateway.desks.handler import Handler
from reconciler.simgateway.market.market import ContractQuery
from reconciler.simgateway.orders import admission
from reconciler.simgateway.wire.fields import Request


def profit(broker: Broker, client: Client, request: Request) -> None:
    """92: subscribe to the profit of an account."""
    _subscribe(broker, client, request.integer("request_id"), Subscription(request.text("account")))


def profit_single(broker: Broker, client: Client, request: Request) -> None:
    """94: subscribe to the profit in one contract. Error 200 for one that nobody knows."""
    request_id, found = request.integer("request_id"), broker.find(ContractQuery(con_id=request.integer("con_id")))
    if not request.integer("con_id") or not found:
        client.error(request_id, admission.UNKNOWN_CONTRACT.code, admission.UNKNOWN_CONTRACT.text)
        return
    _subscribe(broker, client, request_id, Subscription(request.text("account"), found[0].con_id))


def _subscribe(broker: Broker, client: Client, request_id: int, asked: Subscription) -> None:
    if asked.account not in broker.ledgers:
        client.error(request_id, 321, invalid_account(asked.account))
    elif not too_many(client, request_id, client.subscriptions.profits):
        client.subscriptions.profits[request_id] = asked
        client.send(broker.profits.row(request_id, asked))


def cancel_profit(_broker: Broker, client: Client, request: Request) -> None:
    """93: end a subscription of 92."""
    _end(client, request.integer("request_id"), 10185, "Failed to cancel PNL (not subscribed)")


def cancel_profit_single(_broker: Broker, client: Client, request: Request) -> None:
    """95: end a subscription of 94."""
    _end(client, request.integer("request_id"), 10186, "Failed to cancel PNL single (not subscribed)")


def _end(client: Client, request_id: int, code: int, text: str) -> None:
    if client.subscriptions.profits.pop(request_id, None) is None:
        client.error(request_id, code, text)


HANDLERS: dict[str, Handler] = {
    "profit": profit,
    "cancel_profit": cancel_profit,
    "profit_single": profit_single,
    "cancel_profit_single": cancel_profit_single,
}
