"""The identity of a plan: its fingerprint (intent and bounds), and its id (that, the prices and the moment of making).

Two plans of the same intent share a fingerprint, whenever they were made: that is what a reviewer approves. Only the id
can be consumed, so that the same intent may be planned and applied again another day.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import fields
from datetime import datetime, timedelta
from decimal import Decimal

from reconciler.domain.account import Position, WorkingOrder
from reconciler.domain.ids import AccountId, ConId, Fingerprint, PlanId
from reconciler.domain.limits import Override
from reconciler.domain.options import NO_OPTIONS, GivenTarget
from reconciler.domain.orders import OrderIntent
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown

_LATER = frozenset({"flatten"})
"""Options that the first plans did not have."""


def fingerprint_of(plan: Plan) -> Fingerprint:
    """Over what must match exactly at apply and over the orders' bounds; never over timestamps or prices."""
    return Fingerprint(
        "sha256:"
        + _digest(
            {
                "account": plan.account,
                "account_digest": plan.account_digest,
                "environment": plan.environment,
                "base_currency": plan.base_currency,
                "manifests": plan.revision.manifests,
                "leverage": _text(plan.leverage_target),
                "price_collar": _text(plan.price_collar),
                "holdings": plan.holdings_digest,
                "targets": [
                    [line.instrument, line.con_id, _text(line.target), line.blocked is not None] for line in plan.lines
                ],
                "batches": [[_bounds(order) for order in batch.orders] for batch in plan.batches],
                "blocked": bool(plan.blocked),
                **_asked(plan),
            }
        )
    )


def _asked(plan: Plan) -> dict[str, object]:
    """What goes beyond the manifests, where something does: the run's options, an emergency, others' orders that go."""
    asked: dict[str, object] = {}
    if plan.options != NO_OPTIONS:
        given = {each.name: _option(getattr(plan.options, each.name)) for each in fields(plan.options)}
        # What came later is there where it was asked for: plans of before keep their fingerprint.
        asked["options"] = {name: value for name, value in given.items() if name not in _LATER or value is not None}
    if plan.emergency is not None:
        asked["emergency"] = plan.emergency.action
    if plan.cancellations:
        asked["cancellations"] = sorted([each.con_id, each.perm_id, each.side] for each in plan.cancellations)
    return asked


def _option(value: object) -> object:
    match value:
        case Decimal():
            return _text(value)
        case timedelta():
            return value.total_seconds()
        case datetime():
            return value.isoformat()
        case tuple():
            return [_option(each) for each in value]
        case GivenTarget() | Override():
            return {each.name: _option(getattr(value, each.name)) for each in fields(value)}
        case _:
            return value


def id_of(plan: Plan) -> PlanId:
    """Twelve digits over the fingerprint, the reference prices and the plan's life."""
    prices = [_text(order.reference_price) for order in plan.orders]
    life = [plan.created.isoformat(), plan.expires.isoformat()]
    return PlanId(_digest({"fingerprint": plan.fingerprint, "prices": prices, "life": life})[:12])


def account_digest(account: AccountId) -> str:
    """Tells two account numbers apart. It hides a number from a reader, not from who tries all of them."""
    return "sha256:" + hashlib.sha256(f"folioctl account {account}".encode()).hexdigest()


def holdings_digest(positions: Iterable[Position], working: Iterable[WorkingOrder], managed: frozenset[ConId]) -> str:
    """Over the managed holdings and every working order on them: if one moves, the plan is stale."""
    held = sorted([each.con_id, _text(each.quantity)] for each in positions if each.con_id in managed)
    orders = sorted(
        [each.con_id, each.perm_id, each.side, _text(each.remaining)] for each in working if each.con_id in managed
    )
    return "sha256:" + _digest({"held": held, "working": orders})


def _bounds(order: OrderIntent) -> list[object]:
    return [order.line, order.con_id, order.side, _text(order.quantity), order.reduces_risk]


def _text(value: Decimal | Unknown) -> str | None:
    # 1.50 and 1.5 are the same target: the text of a number must not depend on how it was reached.
    return None if isinstance(value, Unknown) else format(value.normalize(), "f")


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
