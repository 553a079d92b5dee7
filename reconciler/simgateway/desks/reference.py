"""The desk of reference data: symbols, exchanges, and the lists that are empty at this broker."""

from collections.abc import Iterator

from reconciler.simgateway.broker import Broker
from reconciler.simgateway.client import Client
from reconciler.simgateway.desks.data import BBO_EXCHANGE
from reconciler.simgateway.desks.handler import Handler
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.market.market import ContractQuery
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.orders import admission
from reconciler.simgateway.wire.fields import Request

MOST_SAMPLES = 16
"""How many symbols a search shows."""

_ISSUERS_SINCE = 176
_NONE = ("0",)
"""A counted group of nothing."""


def matching_symbols(broker: Broker, client: Client, request: Request) -> None:
    """81: the instruments whose symbol begins with a text or whose name has it, in message 79; no options."""
    pattern = request.text("pattern").upper()
    found = [each for each in broker.market.instruments if pattern and _matches(each, pattern)][:MOST_SAMPLES]
    fields = [field for each in found for field in _sample(each, client.version)]
    samples = (str(len(found)), *fields)
    client.send(Reply("symbol_samples", {"request_id": request.integer("request_id"), "samples": samples}))


def _matches(instrument: Instrument, pattern: str) -> bool:
    named = instrument.symbol.startswith(pattern) or pattern in instrument.long_name.upper()
    return named and not instrument.option


def _sample(instrument: Instrument, version: int) -> Iterator[str]:
    """Id, symbol, type, exchange, currency, the number of derivatives; name and issuer from version 176 on."""
    yield from (str(instrument.con_id), instrument.symbol, instrument.security_type, instrument.primary_exchange)
    yield from (instrument.currency, "0")
    if version >= _ISSUERS_SINCE:
        yield from (instrument.long_name, "")


def smart_components(broker: Broker, client: Client, request: Request) -> None:
    """83: the exchanges behind the code that quotes carry, in message 82."""
    request_id = request.integer("request_id")
    if request.text("bbo_exchange") != BBO_EXCHANGE:
        client.error(request_id, 321, "Error validating request.-'bV' : cause - The exchange is not valid")
        return
    exchanges = sorted({name for each in broker.market.instruments for name in each.valid_exchanges} - {"SMART"})
    fields = [field for bit, name in enumerate(exchanges) for field in (str(bit), name, name[:1])]
    components = (str(len(exchanges)), *fields)
    client.send(Reply("smart_components", {"request_id": request_id, "components": components}))


def option_parameters(broker: Broker, client: Client, request: Request) -> None:
    """78: the chains of options on a contract. None is told, so that the end comes alone."""
    request_id, con_id = request.integer("request_id"), request.integer("con_id")
    if not con_id or not broker.find(ContractQuery(con_id=con_id)):
        client.error(request_id, admission.UNKNOWN_CONTRACT.code, admission.UNKNOWN_CONTRACT.text)
        return
    client.send(Reply("option_parameters_end", {"request_id": request_id}))


def scanner_parameters(_broker: Broker, client: Client, _request: Request) -> None:
    """24: the scanners there are: none."""
    client.send(Reply("scanner_parameters", {"xml": '<?xml version="1.0" encoding="UTF-8"?><ScanParameterResponse/>'}))


def display_groups(_broker: Broker, client: Client, request: Request) -> None:
    """67: the groups of windows of the workstation; a gateway has no windows."""
    client.send(Reply("display_groups", {"request_id": request.integer("request_id"), "groups": ""}))


def soft_dollar_tiers(_broker: Broker, client: Client, request: Request) -> None:
    """79: none."""
    client.send(Reply("soft_dollar_tiers", {"request_id": request.integer("request_id"), "tiers": _NONE}))


def family_codes(_broker: Broker, client: Client, _request: Request) -> None:
    """80: none."""
    client.send(Reply("family_codes", {"codes": _NONE}))


def depth_exchanges(_broker: Broker, client: Client, _request: Request) -> None:
    """82: none."""
    client.send(Reply("depth_exchanges", {"exchanges": _NONE}))


def news_providers(_broker: Broker, client: Client, _request: Request) -> None:
    """85: none."""
    client.send(Reply("news_providers", {"providers": _NONE}))


def user_info(_broker: Broker, client: Client, request: Request) -> None:
    """104: the white branding of the login, which is empty for one of the broker's own."""
    client.send(Reply("user_info", {"request_id": request.integer("request_id"), "white_branding_id": ""}))


def nothing(_broker: Broker, _client: Client, _request: Request) -> None:
    """12, 13 and 70: subscriptions under which nothing ever comes."""


HANDLERS: dict[str, Handler] = {
    "matching_symbols": matching_symbols,
    "smart_components": smart_components,
    "option_parameters": option_parameters,
    "scanner_parameters": scanner_parameters,
    "display_groups": display_groups,
    "soft_dollar_tiers": soft_dollar_tiers,
    "family_codes": family_codes,
    "depth_exchanges": depth_exchanges,
    "news_providers": news_providers,
    "user_info": user_info,
    "news_bulletins": nothing,
    "cancel_news_bulletins": nothing,
    "cancel_display_group_events": nothing,
}
