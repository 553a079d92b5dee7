"""The account desk: managed accounts, account values, account summaries, positions."""

from collections.abc import Mapping

from reconciler.simgateway.broker import Broker
from reconciler.simgateway.client import NO_REQUEST, Client, Summary
from reconciler.simgateway.desks.handler import Handler
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.wire.fields import Request

MOST_SUMMARIES = 2
"""How many account summaries may be subscribed at a time."""

MOST_MULTI = 50
"""How many subscriptions of 74, and as many of 76, a client may have. Both libraries ask for up to 50 accounts when
they connect; that the broker stops there is an assumption, that a gateway must stop somewhere is not."""
_ACCOUNT_NEEDED = "Error validating request.-'bS' : cause - The account code is required for this operation."
_ACCOUNT_IN_USE = "Unable to subscribe to account as the following clients are subscribed to a different account."


def managed_accounts(broker: Broker, client: Client, _request: Request) -> None:
    """17: the accounts of the login, in message 15."""
    client.send(Reply("managed_accounts", {"accounts": ",".join(broker.ledgers)}))


def account_updates(broker: Broker, client: Client, request: Request) -> None:
    """6: subscribe to one account's values and holdings, or end it.

    A second account replaces the first (2100), unless other clients are subscribed to another one (2101).
    """
    if not request.flag("subscribe"):
        client.subscriptions.account = ""
        return
    if not request.text("account") and len(broker.ledgers) > 1:
        client.error(NO_REQUEST, 321, _ACCOUNT_NEEDED)
        return
    account = request.text("account") or next(iter(broker.ledgers))
    if account not in broker.ledgers:
        client.error(NO_REQUEST, 321, invalid_account(account))
        return
    others = {each.subscriptions.account for each in broker.clients.values() if each is not client}
    if others - {"", account}:
        client.error(NO_REQUEST, 2101, _ACCOUNT_IN_USE)
        return
    if client.subscriptions.account not in ("", account):
        client.error(NO_REQUEST, 2100, "API client has been unsubscribed from account data.")
    client.subscriptions.account = account
    broker.reporting.answer(client, account)


def account_updates_multi(broker: Broker, client: Client, request: Request) -> None:
    """76: subscribe to the values of one account, or of all where none is named."""
    request_id, account = request.integer("request_id"), request.text("account")
    if account and account not in broker.ledgers:
        client.error(request_id, 321, invalid_account(account))
        return
    if too_many(client, request_id, client.subscriptions.accounts_multi):
        return
    ledger_only = request.flag("ledger_and_nlv")
    client.subscriptions.accounts_multi[request_id] = (account, ledger_only)
    for each in [account] if account else list(broker.ledgers):
        client.send(*broker.reporting.rows_multi(request_id, each, request.text("model_code"), ledger_only=ledger_only))
    client.send(Reply("account_values_multi_end", {"request_id": request_id}))


def cancel_account_updates_multi(_broker: Broker, client: Client, request: Request) -> None:
    """77: end a subscription of 76."""
    client.subscriptions.accounts_multi.pop(request.integer("request_id"), None)


def account_summary(broker: Broker, client: Client, request: Request) -> None:
    """62: subscribe to chosen values of a group's accounts, or of all. A third at a time is error 322."""
    request_id, summaries = request.integer("request_id"), client.subscriptions.summaries
    if len(summaries) >= MOST_SUMMARIES and request_id not in summaries:
        client.error(
            request_id,
            322,
            "Error processing request.-'cj' : cause - Maximum number of account summary requests exceeded",
        )
        return
    accounts = broker.login.members(request.text("group"))
    if accounts is None:
        client.error(request_id, 321, "Error validating request.-'b3' : cause - Invalid account group")
        return
    summaries[request_id] = asked = Summary(accounts, tuple(request.text("tags").split(",")))
    client.send(
        *broker.reporting.summary_rows(request_id, asked), Reply("account_summary_end", {"request_id": request_id})
    )


def cancel_account_summary(_broker: Broker, client: Client, request: Request) -> None:
    """63: end a subscription of 62."""
    client.subscriptions.summaries.pop(request.integer("request_id"), None)


def positions(broker: Broker, client: Client, _request: Request) -> None:
    """61: subscribe to the holdings of all accounts."""
    client.subscriptions.positions = True
    client.send(*broker.reporting.position_rows(broker.ledgers), Reply("positions_end", {}))


def cancel_positions(_broker: Broker, client: Client, _request: Request) -> None:
    """64: end the subscription of 61."""
    client.subscriptions.positions = False


def positions_multi(broker: Broker, client: Client, request: Request) -> None:
    """74: subscribe to the holdings of one account, or of all where none is named."""
    request_id, account = request.integer("request_id"), request.text("account")
    if account and account not in broker.ledgers:
        client.error(request_id, 321, invalid_account(account))
        return
    if too_many(client, request_id, client.subscriptions.positions_multi):
        return
    client.subscriptions.positions_multi[request_id] = account
    model = request.text("model_code")
    for row in broker.reporting.position_rows([account] if account else broker.ledgers):
        client.send(Reply("position_multi", {**row.values, "request_id": request_id, "model_code": model}))
    client.send(Reply("positions_multi_end", {"request_id": request_id}))


def cancel_positions_multi(_broker: Broker, client: Client, request: Request) -> None:
    """75: end a subscription of 74."""
    client.subscriptions.positions_multi.pop(request.integer("request_id"), None)


def too_many(client: Client, request_id: int, subscribed: Mapping[int, object]) -> bool:
    """Whether one more subscription would pass the limit; the error is sent."""
    if len(subscribed) < MOST_MULTI or request_id in subscribed:
        return False
    text = "Error processing request.-'cj' : cause - Maximum number of requests exceeded"
    client.error(request_id, 322, text)
    return True


def invalid_account(account: str) -> str:
    """The text of error 321 for an account that the login does not have."""
    return f"Error validating request.-'bS' : cause - Invalid account code '{account[:40]}'"


HANDLERS: dict[str, Handler] = {
    "managed_accounts": managed_accounts,
    "account_updates": account_updates,
    "account_updates_multi": account_updates_multi,
    "cancel_account_updates_multi": cancel_account_updates_multi,
    "account_summary": account_summary,
    "cancel_account_summary": cancel_account_summary,
    "positions": positions,
    "cancel_positions": cancel_positions,
    "positions_multi": positions_multi,
    "cancel_positions_multi": cancel_positions_multi,
}
