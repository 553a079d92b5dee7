"""The advisor's desk: the groups by which a financial advisor's orders are allocated."""

from reconciler.simgateway.broker import Broker
from reconciler.simgateway.client import NO_REQUEST, Client
from reconciler.simgateway.desks.handler import Handler
from reconciler.simgateway.wire.fields import Request

_NO_ADVISOR = "cause - FA data operations ignored for non FA customers."


def request_advisor(_broker: Broker, client: Client, _request: Request) -> None:
    """18: the advisor's configuration, in message 16. The request has no id, and so has the refusal."""
    client.error(NO_REQUEST, 321, f"Error validating request.-'b9' : {_NO_ADVISOR}")


def replace_advisor(_broker: Broker, client: Client, request: Request) -> None:
    """19: change the advisor's configuration."""
    client.error(request.integer("request_id"), 321, f"Error validating request.-'b1' : {_NO_ADVISOR}")


HANDLERS: dict[str, Handler] = {
    "request_advisor": request_advisor,
    "replace_advisor": replace_advisor,
}
