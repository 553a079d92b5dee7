"""The data desk: contracts, market rules, quotes, the time."""

from reconciler.simgateway import messages, ticks
from reconciler.simgateway.broker import Broker
from reconciler.simgateway.client import NO_REQUEST, Client
from reconciler.simgateway.desks.handler import Handler
from reconciler.simgateway.desks.identity import identified, missing, query_of
from reconciler.simgateway.market.instruments import Entitlement, Instrument
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.orders.book import Refusal
from reconciler.simgateway.wire.fields import Request
from reconciler.simgateway.wire.replies import Value

MOST_QUOTES = 100
"""Market data lines of a plain login."""

_WANTS_DELAYED = (ticks.DELAYED, ticks.DELAYED_FROZEN)
_DATA_TYPES = (1, 2, 3, 4)
BBO_EXCHANGE = "9c0001"


def contract_details(broker: Broker, client: Client, request: Request) -> None:
    """9: all contracts that answer a query, in messages 10 and 52; error 200 where none does."""
    request_id = request.integer("request_id")
    query = query_of(request)
    found = broker.find(query)
    if not found:
        refusal = missing(broker, query)
        client.error(request_id, refusal.code, refusal.text)
        return
    exchange, now = request.text("exchange"), broker.clock.now()
    client.send(*(messages.contract_details(request_id, each, exchange or each.home_exchange, now) for each in found))
    client.send(Reply("contract_details_end", {"request_id": request_id}))


def market_rule(broker: Broker, client: Client, request: Request) -> None:
    """91: the price increments of a rule."""
    rule = broker.market.rules.get(request.integer("rule_id"))
    if rule is None:
        client.error(NO_REQUEST, 321, "Error validating request.-'bQ' : cause - The market rule id is not valid")
        return
    client.send(messages.market_rule(rule))


def market_data_type(_broker: Broker, client: Client, request: Request) -> None:
    """59: which data the client takes from now on: 1 live, 2 frozen, 3 delayed, 4 delayed and frozen."""
    data_type = request.integer("data_type")
    if data_type not in _DATA_TYPES:
        client.error(NO_REQUEST, 321, "Error validating request.-'bR' : cause - Invalid market data type")
        return
    client.data_type = data_type


def market_data(broker: Broker, client: Client, request: Request) -> None:
    """1: a snapshot of a quote, or a subscription to it."""
    request_id = request.integer("request_id")
    found = identified(broker, request)
    if isinstance(found, Refusal):
        client.error(request_id, found.code, found.text)
        return
    if len(client.subscriptions.quotes) >= MOST_QUOTES:
        client.error(request_id, 101, "Max number of tickers has been reached.")
    elif request.flag("snapshot") and request.text("generic_ticks"):
        text = "Snapshot market data subscription is not applicable to generic ticks"
        client.error(request_id, 321, f"Error validating request.-'bN' : cause - {text}")
    elif _entitled(broker, client, request_id, found):
        _send_quote(broker, client, request_id, found)
        if request.flag("snapshot") or request.flag("regulatory_snapshot"):
            client.send(Reply("snapshot_end", {"request_id": request_id}))
        else:
            client.subscriptions.quotes[request_id] = found
            _send_generic(broker, client, request_id, found, request.text("generic_ticks"))


def _entitled(broker: Broker, client: Client, request_id: int, instrument: Instrument) -> bool:
    """Whether the client gets data; the errors of the case are sent."""
    entitlement = broker.market.listing(instrument.con_id).entitlement
    if entitlement is Entitlement.LIVE:
        return True
    if entitlement is Entitlement.DELAYED and client.data_type in _WANTS_DELAYED:
        client.error(request_id, 10167, "Requested market data is not subscribed. Displaying delayed market data.")
        return True
    if client.data_type in _WANTS_DELAYED:
        client.error(request_id, 10168, "Requested market data is not subscribed. Delayed market data is not enabled.")
        return False
    hint = "Delayed market data is available." if entitlement is Entitlement.DELAYED else ""
    client.error(request_id, 354, f"Requested market data is not subscribed. {hint}".strip())
    return False


def _send_quote(broker: Broker, client: Client, request_id: int, instrument: Instrument) -> None:
    data_type, (bid, ask, *rest) = broker.quote_rows(client, request_id, instrument)
    parameters: dict[str, Value] = {
        "request_id": request_id,
        "min_tick": instrument.market_rule.finest,
        "bbo_exchange": BBO_EXCHANGE,
        "snapshot_permissions": 3,
    }
    halts = broker.market.listing(instrument.con_id).halts
    client.send(
        Reply("tick_parameters", parameters),
        ticks.data_type(request_id, data_type),
        bid,
        ask,
        ticks.halted(request_id, int(bool(halts))),
        *rest,
    )


def _send_generic(broker: Broker, client: Client, request_id: int, instrument: Instrument, names: str) -> None:
    """The ticks that are asked for by number; those that move with the price are told again."""
    numbers = ticks.asked(names)
    if numbers:
        client.send(*broker.generic_rows(request_id, instrument, numbers))
        client.subscriptions.generic_ticks[request_id] = numbers & ticks.MOVING


def cancel_market_data(_broker: Broker, client: Client, request: Request) -> None:
    """2: end a subscription of 1."""
    request_id = request.integer("request_id")
    client.subscriptions.quotes.pop(request_id, None)
    client.subscriptions.generic_ticks.pop(request_id, None)


def current_time(broker: Broker, client: Client, _request: Request) -> None:
    """49: the gateway's clock, in seconds of the epoch."""
    client.send(Reply("current_time", {"time": int(broker.clock.now().timestamp())}))


HANDLERS: dict[str, Handler] = {
    "contract_details": contract_details,
    "market_rule": market_rule,
    "market_data_type": market_data_type,
    "market_data": market_data,
    "cancel_market_data": cancel_market_data,
    "current_time": current_time,
}
