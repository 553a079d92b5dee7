"""The trading desk: orders in, orders out, executions."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime

from reconciler.simgateway import advising, byhand, messages
from reconciler.simgateway.broker import Broker
from reconciler.simgateway.client import Client
from reconciler.simgateway.desks.handler import Handler
from reconciler.simgateway.desks.identity import identified
from reconciler.simgateway.desks.terms import terms_of
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.orders import admission, credit, day_trading, sizes
from reconciler.simgateway.orders.book import Execution, Order, Refusal, Status
from reconciler.simgateway.orders.terms import Terms
from reconciler.simgateway.tally import Event
from reconciler.simgateway.wire.fields import MalformedRequestError, Request

DUPLICATE_ID = Refusal(103, "Duplicate order id")
FILLED_ALREADY = Refusal(104, "Cannot modify a filled order.")
DIFFERENT_ORDER = Refusal(105, "Order being modified does not match original order.")
MONETARY_ORDER = Refusal(
    10241,
    "Order Quantity is expressed in monetary terms. Modification is not supported via API. Please use desktop version "
    "to revise this order.",
)
DIFFERENT_ALGO = Refusal(440, "Order modify failed. Algorithm cannot be modified.")
HELD_WHAT_IF = Refusal(
    321, "Error validating request.-'bF' : cause - What-If order should have transmit flag set to TRUE."
)
"""As a live gateway answers; the broker's list of codes has 413 for it."""
NO_WHAT_IF_OF_ALLOCATIONS = Refusal(321, "Error validating request.-'bF' : cause - What-if of an allocated order")
BEING_PROCESSED = Refusal(2102, "Unable to modify this order as it is still being processed.")


def place_order(broker: Broker, client: Client, request: Request) -> None:
    """3: a new order, a change of one, or a what-if."""
    order_id, terms = request.integer("order_id"), terms_of(broker, request)
    found = identified(broker, request)
    if isinstance(found, Instrument):
        units = sizes.units_for(terms, found, broker.market.quote(found.con_id))
        terms = replace(terms, exchange=terms.exchange or found.home_exchange, units=units)
        terms = _allotted(broker, request, terms, found)
    if request.flag("what_if"):
        _what_if(broker, client, order_id, replace(terms, tif=terms.tif or "DAY"), found)
        return
    terms = _with_time_in_force(client, order_id, terms)
    known = broker.book.get(client.number, order_id)
    if known is None or known.status is Status.INACTIVE:
        _place(broker, client, order_id, terms, found)
    else:
        _change(broker, client, known, terms, found)


def _allotted(broker: Broker, request: Request, terms: Terms, instrument: Instrument) -> Terms:
    """The terms with the allocation that they ask for."""
    asked = advising.Asked(request.text("fa_group"), request.text("fa_method"))
    advisor, books = broker.login.advisor, advising.Books(broker.ledgers, broker.market)
    return replace(terms, allocation=advising.allocation(asked, terms.shares, instrument, advisor, books))


def _with_time_in_force(client: Client, order_id: int, terms: Terms) -> Terms:
    """The preset fills an empty time in force in, and says so with a code that clients take for an error."""
    if terms.tif:
        return terms
    client.error(order_id, 10349, "Order TIF was set to DAY based on order preset.")
    return replace(terms, tif="DAY")


def _objection(broker: Broker, terms: Terms, found: Instrument | Refusal) -> Refusal | None:
    if isinstance(found, Refusal):
        return found
    wrong = admission.examine(admission.Application(terms, found, broker.ledgers))
    return wrong or advising.objection(broker.login.advisor, terms)


def _place(broker: Broker, client: Client, order_id: int, terms: Terms, found: Instrument | Refusal) -> None:
    instrument = None if isinstance(found, Refusal) else found
    order = Order(client.number, order_id, broker.book.new_perm_id(), instrument, terms)
    refusal = _objection(broker, terms, found) or admission.crowding(broker.book, terms, instrument, broker.limit)
    if order_id < broker.book.next_order_id(client.number):
        refusal = DUPLICATE_ID
    broker.arrive(client, order, refusal)


def _what_if(broker: Broker, client: Client, order_id: int, terms: Terms, found: Instrument | Refusal) -> None:
    broker.book.what_if_count += 1
    broker.script.happened(Event.WHAT_IFS)
    if isinstance(found, Refusal):
        client.error(order_id, found.code, found.text)
        return
    refusal = _objection(broker, terms, found) if terms.transmit else HELD_WHAT_IF
    if refusal:
        client.error(order_id, refusal.code, refusal.text)
        return
    if terms.allocation:
        client.error(order_id, NO_WHAT_IF_OF_ALLOCATIONS.code, NO_WHAT_IF_OF_ALLOCATIONS.text)
        return
    order = Order(client.number, order_id, 0, found, terms)
    application = admission.Application(terms, found, broker.ledgers)
    # Each what-if is judged against the account as it stands: what works already does not count.
    impact = credit.impact(application, broker.market, credit.NOTHING)
    lacking = credit.objection(application, impact, broker.market, credit.NOTHING)
    doubt = lacking or day_trading.objection(application, broker.market, broker.clock.now())
    client.send(messages.unset_what_if(order), messages.what_if(order, impact, doubt.text if doubt else ""))


def _change(broker: Broker, client: Client, order: Order, terms: Terms, found: Instrument | Refusal) -> None:
    refusal = (
        _change_objection(order, terms, found)
        or _objection(broker, terms, found)
        or broker.venue.timing_refusal(terms, order.contract)
        or _credit_objection(broker, order, terms)
    )
    if refusal:
        client.error(order.order_id, refusal.code, refusal.text)
    elif order.held:
        broker.venue.redraft(order, terms)
    else:
        broker.venue.amend(order, terms)


def _change_objection(order: Order, terms: Terms, found: Instrument | Refusal) -> Refusal | None:
    if order.status is Status.FILLED:
        return FILLED_ALREADY
    if order.status is Status.CANCELLED:
        return DUPLICATE_ID
    if order.status is Status.PENDING_CANCEL:
        return BEING_PROCESSED
    if order.terms.cash_quantity is not None:
        return MONETARY_ORDER
    if (terms.algo and terms.algo.strategy) != (order.terms.algo and order.terms.algo.strategy):
        return DIFFERENT_ALGO
    same = (found, terms.action, terms.account) == (order.contract, order.terms.action, order.terms.account)
    return None if same and terms.shares > order.filled else DIFFERENT_ORDER


def _credit_objection(broker: Broker, order: Order, terms: Terms) -> Refusal | None:
    """Whether the account can carry what the change adds to a working order."""
    more = terms.shares - order.terms.shares
    if order.held or more <= 0:
        return None
    return broker.venue.credit_refusal(replace(terms, quantity=more), order.contract)


def cancel_order(broker: Broker, client: Client, request: Request) -> None:
    """4: cancel an order of the same client id. Errors 10147 and 10148 tell of one unknown or over."""
    order_id = request.integer("order_id")
    broker.script.happened(Event.CANCELS)
    order = broker.book.get(client.number, order_id)
    if order is None:
        client.error(order_id, 10147, f"OrderId {order_id} that needs to be cancelled is not found.")
    elif order.held:
        broker.venue.drop(order)
    elif order.works and order.status is not Status.PENDING_CANCEL:
        broker.venue.cancel(order)
    else:
        text = f"OrderId {order_id} that needs to be cancelled cannot be cancelled, state: {order.status}."
        client.error(order_id, 10148, text)


def global_cancel(broker: Broker, _client: Client, _request: Request) -> None:
    """58: cancel every working order, of all clients."""
    for order in broker.book.working():
        if order.status is not Status.PENDING_CANCEL:
            broker.venue.cancel(order)


def open_orders(broker: Broker, client: Client, _request: Request) -> None:
    """5: the working orders of this client id, in messages 5, 3 and 53; for client 0 it binds those entered by hand."""
    if client.number == byhand.BINDING_CLIENT:
        byhand.bind_working(broker, client)
    _send_open(client, (order for order in broker.book.working() if order.client_id == client.client_id))


def all_open_orders(broker: Broker, client: Client, _request: Request) -> None:
    """16: the working orders of all clients."""
    _send_open(client, broker.book.working())


def _send_open(client: Client, orders: Iterable[Order]) -> None:
    for order in orders:
        client.send(messages.open_order(order), messages.order_status(order))
    client.send(Reply("open_orders_end", {}))


def completed_orders(broker: Broker, client: Client, _request: Request) -> None:
    """99: the orders that are over, in messages 101 and 102. What was refused at the door is not among them."""
    over = (Status.FILLED, Status.CANCELLED)
    client.send(*(messages.completed_order(order) for order in broker.book if order.status in over))
    client.send(Reply("completed_orders_end", {}))


def executions(broker: Broker, client: Client, request: Request) -> None:
    """7: the fills that pass a filter, in messages 11 and 55, then their commissions in messages 59."""
    request_id = request.integer("request_id")
    since = _since(request.text("time"))
    wanted = [pair for pair in broker.book.executions() if _passes(request, since, *pair)]
    client.send(*(messages.execution(request_id, *pair, client.version) for pair in wanted))
    client.send(Reply("executions_end", {"request_id": request_id}))
    client.send(*(messages.commission(*pair) for pair in wanted))


def _passes(request: Request, since: datetime | None, order: Order, execution: Execution) -> bool:
    client_id, instrument = request.integer("client_id"), order.contract
    return (
        client_id in (0, order.client_id)
        and request.text("account") in ("", execution.account)
        and request.text("symbol") in ("", instrument.symbol)
        and request.text("security_type") in ("", instrument.security_type)
        and request.text("exchange") in ("", instrument.primary_exchange, order.terms.exchange)
        and request.text("side").upper() in ("", order.terms.action, "BOT" if order.terms.signed > 0 else "SLD")
        and (since is None or execution.time >= since)
    )


def _since(text: str) -> datetime | None:
    """The filter's time, `yyyymmdd hh:mm:ss` or `yyyymmdd-hh:mm:ss`, taken as UTC, the gateway's zone."""
    if not text:
        return None
    try:
        return datetime.strptime(text[:17].replace("-", " "), "%Y%m%d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        raise MalformedRequestError(f"time: {text[:40]!r} is no time") from None


def next_id(broker: Broker, client: Client, _request: Request) -> None:
    """8: the next order id of this client id."""
    client.send(Reply("next_id", {"order_id": broker.book.next_order_id(client.number)}))


def auto_open_orders(broker: Broker, client: Client, request: Request) -> None:
    """15: bind orders that are entered by hand, those that work and those to come. Means nothing for other clients."""
    if client.number != byhand.BINDING_CLIENT:
        return
    client.subscriptions.binds = request.flag("bind")
    if client.subscriptions.binds:
        for order in byhand.bind_working(broker, client):
            client.send(messages.open_order(order), messages.order_status(order))


def nothing(_broker: Broker, _client: Client, _request: Request) -> None:
    """14: the log level, which means nothing here and has no answer."""


HANDLERS: dict[str, Handler] = {
    "place_order": place_order,
    "cancel_order": cancel_order,
    "global_cancel": global_cancel,
    "open_orders": open_orders,
    "all_open_orders": all_open_orders,
    "completed_orders": completed_orders,
    "executions": executions,
    "next_id": next_id,
    "log_level": nothing,
    "auto_open_orders": auto_open_orders,
}
