"""Quirks of requests that are not answered as they should be. Each rule says whether it dealt with the request."""

from collections.abc import Callable, Mapping

from reconciler.simgateway import messages
from reconciler.simgateway.client import NO_REQUEST, Client
from reconciler.simgateway.orders.book import Order, Status
from reconciler.simgateway.pacing import MOST_VIOLATIONS
from reconciler.simgateway.quirks.codes import TEXTS
from reconciler.simgateway.quirks.grammar import Armed
from reconciler.simgateway.quirks.occasions import Inquiry
from reconciler.simgateway.quirks.quotes import COMPETING, DELAYED, IN_PART, asked_symbol


def _cancel(inquiry: Inquiry, armed: Armed) -> bool:
    if inquiry.request.kind != "cancel_order":
        return False
    house, client, order_id = inquiry.house, inquiry.client, inquiry.request.integer("order_id")
    order = house.book.get(client.number, order_id)
    if order is None or not order.works or order.status is Status.PENDING_CANCEL:
        return False
    if not armed.concerns(order.contract.symbol) or not armed.occurs():
        return False
    return _CANCELS[armed.mode](inquiry, order)


def _fills_while_pending(inquiry: Inquiry, order: Order) -> bool:
    """The fill is due in the turn in which the cancel is confirmed, and before it."""
    inquiry.house.clock.call_later(0, lambda: inquiry.house.venue.strike(order))
    return False


def _filled_before(inquiry: Inquiry, order: Order) -> bool:
    inquiry.house.venue.strike(order)
    return False


def _not_found(inquiry: Inquiry, order: Order) -> bool:
    text = f"OrderId {order.order_id} that needs to be cancelled is not found."
    inquiry.client.error(order.order_id, 10147, text)
    return True


def _not_cancellable(inquiry: Inquiry, order: Order) -> bool:
    inquiry.client.error(order.order_id, 161, f"{TEXTS[161]} Order permId ={order.perm_id}")
    return True


def _unanswered(_inquiry: Inquiry, _order: Order) -> bool:
    return True


_CANCELS: Mapping[str, Callable[[Inquiry, Order], bool]] = {
    "filled": _fills_while_pending,
    "10148": _filled_before,
    "10147": _not_found,
    "161": _not_cancellable,
    "silent": _unanswered,
}


def _cross_cancel(inquiry: Inquiry, _armed: Armed) -> bool:
    """The owner hears of it as of a cancel of his own; who asked is told the state and the confirming code too."""
    if inquiry.request.kind != "cancel_order":
        return False
    house, client, order_id = inquiry.house, inquiry.client, inquiry.request.integer("order_id")
    if house.book.get(client.number, order_id):
        return False
    found = [each for each in house.book.working() if each.order_id == order_id]
    if len(found) != 1 or found[0].status is Status.PENDING_CANCEL:
        return False
    house.venue.cancel(found[0])
    house.clock.call_later(0, lambda: _tell_who_asked(client, found[0]))
    return True


def _tell_who_asked(client: Client, order: Order) -> None:
    client.send(messages.order_status(order))
    client.error(order.order_id, 202, "Order Canceled - reason:")


def _pacing(inquiry: Inquiry, armed: Armed) -> bool:
    if not armed.occurs():
        return False
    refusals = inquiry.memory.refusals.get(inquiry.client, 0) + 1
    inquiry.memory.refusals[inquiry.client] = refusals
    text = f"Max rate of messages per second has been exceeded:max=50 rec=51 ({refusals})"
    inquiry.client.error(NO_REQUEST, 100, text)
    if refusals >= MOST_VIOLATIONS:
        inquiry.client.close()
    return True


def _market_data(inquiry: Inquiry, armed: Armed) -> bool:
    request = inquiry.request
    if request.kind != "market_data":
        return False
    symbol = asked_symbol(inquiry.house, request.integer("con_id"), request.text("symbol"))
    if not armed.concerns(symbol) or not armed.occurs():
        return False
    inquiry.client.error(request.integer("request_id"), int(armed.mode), TEXTS[int(armed.mode)])
    return armed.mode not in (DELAYED, IN_PART)


def _competing_session(inquiry: Inquiry, armed: Armed) -> bool:
    """The quote is subscribed all the same, and moves when the other session ends."""
    request = inquiry.request
    if request.kind == "market_data":
        symbol = asked_symbol(inquiry.house, request.integer("con_id"), request.text("symbol"))
        if armed.concerns(symbol):
            inquiry.client.error(request.integer("request_id"), COMPETING, TEXTS[COMPETING])
    return False


def _summaries_full(inquiry: Inquiry, _armed: Armed) -> bool:
    if inquiry.request.kind != "account_summary":
        return False
    inquiry.client.error(inquiry.request.integer("request_id"), 322, TEXTS[322])
    return True


def _account_in_use(inquiry: Inquiry, _armed: Armed) -> bool:
    if inquiry.request.kind != "account_updates" or not inquiry.request.flag("subscribe"):
        return False
    inquiry.client.error(NO_REQUEST, 2101, TEXTS[2101])
    return True


REQUEST_RULES: Mapping[str, Callable[[Inquiry, Armed], bool]] = {
    "pacing": _pacing,
    "cancel": _cancel,
    "cross-cancel": _cross_cancel,
    "market-data": _market_data,
    "competing-session": _competing_session,
    "summaries-full": _summaries_full,
    "account-in-use": _account_in_use,
}
