"""The desk of what this gateway does not have: each request gets the broker's own refusal, under its own id.

So a client's wait ends as it would at a broker without the permission or the data. Codes and texts: the message codes
of the TWS API documentation.
"""

from reconciler.simgateway.broker import Broker
from reconciler.simgateway.client import Client
from reconciler.simgateway.desks.handler import Handler
from reconciler.simgateway.desks.identity import identified
from reconciler.simgateway.orders import admission
from reconciler.simgateway.orders.book import Refusal
from reconciler.simgateway.wire.fields import Request

_NO_HISTORY = "Historical Market Data Service error message:"
_NO_NEWS = Refusal(10276, "News feed is not allowed.")
_UNKNOWN_SUBSCRIPTION = Refusal(300, "Can't find EId with tickerId:")

OF_CONTRACTS: dict[str, Refusal] = {
    "market_depth": Refusal(10092, "Deep market data is not supported for this combination of security type/exchange"),
    "historical_data": Refusal(162, f"{_NO_HISTORY}HMDS query returned no data"),
    "real_time_bars": Refusal(420, "Invalid Real-time Query:No market data permissions"),
    "fundamental_data": Refusal(
        430, "We are sorry, but fundamentals data for the security specified is not available."
    ),
    "head_timestamp": Refusal(162, f"{_NO_HISTORY}No head time stamp"),
    "histogram": Refusal(10188, "Failed to request histogram data:No data"),
    "historical_ticks": Refusal(10187, "Failed to request historical ticks:No data"),
    "tick_by_tick": Refusal(10189, "Failed to request tick-by-tick data:No market data permissions"),
}
"""Requests about a contract: for one that nobody knows, error 200 comes instead."""

OF_THE_LOGIN: dict[str, Refusal] = {
    "cancel_market_depth": Refusal(310, "Can't find the subscribed market depth with tickerId:"),
    "exercise_options": admission.UNKNOWN_CONTRACT,
    "scanner": Refusal(162, f"{_NO_HISTORY}The scanner is disabled"),
    "cancel_scanner": Refusal(365, "No scanner subscription found for ticker id:"),
    "cancel_historical_data": Refusal(366, "No historical data query found for ticker id:"),
    "cancel_real_time_bars": _UNKNOWN_SUBSCRIPTION,
    "cancel_fundamental_data": _UNKNOWN_SUBSCRIPTION,
    "implied_volatility": admission.UNKNOWN_CONTRACT,
    "option_price": admission.UNKNOWN_CONTRACT,
    "cancel_implied_volatility": _UNKNOWN_SUBSCRIPTION,
    "cancel_option_price": _UNKNOWN_SUBSCRIPTION,
    "display_group_events": Refusal(321, "Error validating request.-'bU' : cause - Invalid display group"),
    "update_display_group": Refusal(321, "Error validating request.-'bU' : cause - Invalid display group"),
    "news_article": Refusal(10172, "Failed to request news article:No subscription"),
    "historical_news": _NO_NEWS,
    "cancel_histogram": _UNKNOWN_SUBSCRIPTION,
    "cancel_head_timestamp": _UNKNOWN_SUBSCRIPTION,
    "cancel_tick_by_tick": _UNKNOWN_SUBSCRIPTION,
    "event_calendar": _NO_NEWS,
    "cancel_event_calendar": _UNKNOWN_SUBSCRIPTION,
    "calendar_events": _NO_NEWS,
    "cancel_calendar_events": _UNKNOWN_SUBSCRIPTION,
}
"""Requests about anything else."""


def refuse(_broker: Broker, client: Client, request: Request) -> None:
    """Send the refusal of a request that is about no contract."""
    lack = OF_THE_LOGIN[request.kind]
    client.error(request.integer("request_id"), lack.code, lack.text)


def refuse_for_contract(broker: Broker, client: Client, request: Request) -> None:
    """Send the refusal of a request about a contract, or that the contract is unknown or not the only one."""
    found = identified(broker, request)
    lack = found if isinstance(found, Refusal) else OF_CONTRACTS[request.kind]
    client.error(request.integer("request_id"), lack.code, lack.text)


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(OF_CONTRACTS, refuse_for_contract),
    **dict.fromkeys(OF_THE_LOGIN, refuse),
}
