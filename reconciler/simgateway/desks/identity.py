"""Which contract a request is about: the one that answers its contract fields, or why there is not one."""

from dataclasses import replace

from reconciler.simgateway.broker import Broker
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.market.market import ContractQuery
from reconciler.simgateway.orders.admission import UNKNOWN_CONTRACT
from reconciler.simgateway.orders.book import Refusal
from reconciler.simgateway.wire.fields import Request

UNKNOWN_EXCHANGE = Refusal(200, "Invalid destination exchange specified")


def query_of(request: Request) -> ContractQuery:
    """The contract fields of a request as a search."""
    return ContractQuery(
        con_id=request.integer("con_id"),
        symbol=request.text("symbol"),
        security_type=request.text("security_type"),
        exchange=request.text("exchange"),
        primary_exchange=request.text("primary_exchange"),
        currency=request.text("currency"),
        local_symbol=request.text("local_symbol"),
        trading_class=request.text("trading_class"),
        expiry=request.text("expiry"),
        multiplier=request.decimal("multiplier"),
        strike=request.decimal("strike"),
        right=request.text("right"),
    )


def identified(broker: Broker, request: Request) -> Instrument | Refusal:
    """The only contract that a request can mean. None and several are both error 200."""
    query = query_of(request)
    found = broker.find(query)
    if len(found) == 1:
        return found[0]
    return ambiguous(query) if found else missing(broker, query)


def missing(broker: Broker, query: ContractQuery) -> Refusal:
    """Why nothing answers a query: it exists, but not on the exchange that was named, or not at all."""
    return UNKNOWN_EXCHANGE if broker.find(replace(query, exchange="")) else UNKNOWN_CONTRACT


def ambiguous(query: ContractQuery) -> Refusal:
    """Why a query that several contracts answer is not enough."""
    named = (query.symbol or query.local_symbol)[:40]
    return Refusal(200, f"The contract description specified for {named} is ambiguous.")
