"""Quirks of contracts: a contract with a new id."""

from collections.abc import Mapping
from dataclasses import replace

from reconciler.simgateway.house import House
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.market.market import ContractQuery
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.quirks.grammar import Armed
from reconciler.simgateway.quirks.occasions import Outgoing
from reconciler.simgateway.quirks.reports import Rule

NEW_ID_OFFSET = 800_000_000
"""How far the new id of a contract lies from its old one."""


def _new_id(outgoing: Outgoing, armed: Armed, replies: list[Reply]) -> list[Reply]:
    """Inside, the contract keeps its id; it is told under the new one wherever it is told."""
    new = {each.con_id: each.con_id + NEW_ID_OFFSET for each in outgoing.house.market.named(armed.symbol)}
    return [_numbered(each, new) for each in replies]


def _numbered(reply: Reply, new: Mapping[int, int]) -> Reply:
    old = reply.values.get("con_id")
    return Reply(reply.kind, {**reply.values, "con_id": new[old]}) if isinstance(old, int) and old in new else reply


def renumbered(house: House, armed: Armed, query: ContractQuery, found: list[Instrument]) -> list[Instrument]:
    """What a query finds where contracts have new ids: by those, and not by the old ones."""
    if not query.con_id:
        return found
    concerned = {each.con_id for each in house.market.named(armed.symbol)}
    known = [each for each in found if each.con_id not in concerned]
    asked = house.market.find(replace(query, con_id=query.con_id - NEW_ID_OFFSET))
    return known + [each for each in asked if each.con_id in concerned]


CONTRACT_RULES: Mapping[str, Rule] = {"new-id": _new_id}
