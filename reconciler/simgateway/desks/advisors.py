"""The advisor's desk: the groups by which a financial advisor's orders are allocated."""

from reconciler.simgateway import advising
from reconciler.simgateway.broker import Broker
from reconciler.simgateway.client import NO_REQUEST, Client
from reconciler.simgateway.desks.handler import Handler
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.wire.fields import Request

GROUPS = 1
ALIASES = 3
_NO_ADVISOR = "cause - FA data operations ignored for non FA customers."
_UNKNOWN = "cause - Non-existent FA data operation request"
_FIXED = "cause - The groups of this login come with its scenario and do not change"


def request_advisor(broker: Broker, client: Client, request: Request) -> None:
    """18: the advisor's groups or the aliases, in message 16. The request has no id, and so has its refusal."""
    advisor, data_type = broker.login.advisor, request.integer("data_type")
    if advisor is None:
        client.error(NO_REQUEST, 321, f"Error validating request.-'b9' : {_NO_ADVISOR}")
    elif data_type == GROUPS:
        client.send(Reply("advisor", {"data_type": GROUPS, "xml": advising.groups_xml(advisor, client.version)}))
    elif data_type == ALIASES:
        client.send(Reply("advisor", {"data_type": ALIASES, "xml": advising.aliases_xml(broker.login.accounts)}))
    else:
        client.error(NO_REQUEST, 321, f"Error validating request.-'b9' : {_UNKNOWN}")


def replace_advisor(broker: Broker, client: Client, request: Request) -> None:
    """19: change the advisor's configuration. It is refused: groups come with the scenario."""
    cause = _FIXED if broker.login.advisor else _NO_ADVISOR
    client.error(request.integer("request_id"), 321, f"Error validating request.-'b1' : {cause}")


HANDLERS: dict[str, Handler] = {
    "request_advisor": request_advisor,
    "replace_advisor": replace_advisor,
}
