"""The requests: one small function for each message that the adapter sends, given the library's client.

The library takes flags by position; this is the one place that spells them out.
"""

from collections.abc import Callable
from typing import Any

from reconciler.domain.ids import AccountId, OrderId

Request = Callable[[Any], None]
"""A call on the library's client, which writes one message."""

NO_DEFINITION = 200
"""The code of an answer that the broker has no contract for what was asked."""

# ruff: noqa: FBT003  (the library's signatures)


def subscribe_account(account: AccountId) -> Request:
    """6: a full set of account values and holdings, then an END, then changes."""
    return lambda client: client.reqAccountUpdates(True, account)


def unsubscribe_account(account: AccountId) -> Request:
    """6: no changes any more."""
    return lambda client: client.reqAccountUpdates(False, account)


def positions() -> Request:
    """61: the holdings of all accounts, then an END, then changes."""
    return lambda client: client.reqPositions()


def cancel_positions() -> Request:
    """64: no changes any more."""
    return lambda client: client.cancelPositions()


def all_open_orders() -> Request:
    """16: the open orders of all clients, once."""
    return lambda client: client.reqAllOpenOrders()


def completed_orders() -> Request:
    """99: today's completed orders, those too that were not sent through an API."""
    return lambda client: client.reqCompletedOrders(False)


def executions(request_id: int, wanted: Any) -> Request:
    """7: today's executions that pass the library's filter `wanted`."""
    return lambda client: client.reqExecutions(request_id, wanted)


def contract_details(request_id: int, contract: Any) -> Request:
    """9: every contract that fits."""
    return lambda client: client.reqContractDetails(request_id, contract)


def matching_symbols(request_id: int, text: str) -> Request:
    """81: the stocks whose symbol begins with a text, or whose name has it."""
    return lambda client: client.reqMatchingSymbols(request_id, text)


def market_rule(rule_id: int) -> Request:
    """91: the price increments of a rule."""
    return lambda client: client.reqMarketRule(rule_id)


def market_data_type(data_type: int) -> Request:
    """59: which data the following requests are for: 1 live, 3 delayed where there is no live."""
    return lambda client: client.reqMarketDataType(data_type)


def snapshot(request_id: int, contract: Any) -> Request:
    """1: one round of ticks; not a regulatory snapshot, which costs money."""
    return lambda client: client.reqMktData(request_id, contract, "", True, False, [])


def stream(request_id: int, contract: Any, generic_ticks: str) -> Request:
    """1: ticks until they are cancelled; generic ticks come with a stream alone, never with a snapshot."""
    return lambda client: client.reqMktData(request_id, contract, generic_ticks, False, False, [])


def cancel_market_data(request_id: int) -> Request:
    """2: no ticks any more."""
    return lambda client: client.cancelMktData(request_id)


def place_order(order_id: OrderId, contract: Any, order: Any) -> Request:
    """3: an order, or the question what one would do."""
    return lambda client: client.placeOrder(order_id, contract, order)


def cancel_order(order_id: OrderId) -> Request:
    """4: the cancel of an order of this client id."""
    return lambda client: client.cancelOrder(order_id)
