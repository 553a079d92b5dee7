"""The broker's texts for its codes, as the real gateway words them (message codes of the TWS API documentation)."""

TEXTS: dict[int, str] = {
    103: "Duplicate order id",
    110: "The price does not conform to the minimum price variation for this contract.",
    161: "Cancel attempted when order is not in a cancellable state.",
    200: "No security definition has been found for the request",
    201: "Order rejected - reason:YOUR ORDER IS NOT ACCEPTED.",
    203: "The security is not available or allowed for this account.",
    321: "Error validating request.-'bF' : cause - The order cannot be accepted",
    322: "Error processing request.-'cj' : cause - Maximum number of account summary requests exceeded",
    326: "Unable to connect as the client id is already in use. Retry with a unique client id.",
    354: "Requested market data is not subscribed.",
    360: "What-if orders are not supported for this combination.",
    399: "Order Message:\nWarning: your order will not be placed at the exchange until 09:30:00 US/Eastern",
    404: "Shares for this order are not immediately available for short sale. The order will be held while we attempt "
    "to locate the shares.",
    413: "What-If order should have the transmit flag set to TRUE.",
    460: "No trading permissions.",
    463: "You must enter a valid price.",
    481: "Order size was reduced.",
    1100: "Connectivity between IB and Trader Workstation has been lost.",
    1101: "Connectivity between IB and Trader Workstation has been restored - data lost.",
    1102: "Connectivity between IB and Trader Workstation has been restored - data maintained.",
    1300: "TWS socket port has been reset and this connection is being dropped. Please reconnect on the new port.",
    2100: "API client has been unsubscribed from account data.",
    2101: "Unable to subscribe to account as another client is subscribed to a different account.",
    2109: "Order Event Warning: Attribute 'Outside Regular Trading Hours' is ignored based on the order type and "
    "destination. PlaceOrder is now being processed.",
    2137: "The closing order quantity is greater than your current position.",
    2148: "Your account has fallen below the margin alert threshold: the cushion over maintenance margin is low.",
    10089: "Requested market data requires additional subscription for API.",
    10090: "Part of requested market data is not subscribed. Subscription-independent ticks are still active.",
    10167: "Requested market data is not subscribed. Displaying delayed market data.",
    10168: "Requested market data is not subscribed. Delayed market data is not enabled.",
    10186: "Requested market data is not subscribed. Delayed market data is not enabled.",
    10197: "No market data during competing live session",
    10243: "Fractional-sized order cannot be placed via API. Please refer to our website.",
    10311: "This order will be directly routed. Direct routed orders may result in higher trade fees.",
    10349: "Order TIF was set to DAY based on order preset.",
}

READ_ONLY = (321, "Error validating request.-'bJ' : cause - The API interface is currently in Read-Only mode.")
"""What a gateway answers to every order while its setting Read-Only API is on."""
