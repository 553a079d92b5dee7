"""Plan → PlanDocument."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.diagnostics import Diagnostic
from reconciler.domain.plan import Batch, Line, Plan
from reconciler.planfile.document import (
    BatchPart,
    HoldingPart,
    LinePart,
    OrderPart,
    PlanAccountPart,
    PlanDocument,
    QuantityPart,
    StandingPart,
    StandingsPart,
    ViolationPart,
    WeightPart,
    WorkingOrderPart,
)
from reconciler.planfile.envelope import envelope
from reconciler.planfile.fields import part
from reconciler.planfile.summary import plan_summary


def plan_document(plan: Plan, *, tool: str, diagnostics: Sequence[Diagnostic] = ()) -> PlanDocument:
    """The document of a plan, sealed with the digest of its contents."""
    document = PlanDocument(
        **envelope(tool=tool, created=plan.created, revision=plan.revision, diagnostics=diagnostics),
        kind="Plan",
        id=plan.id,
        fingerprint=plan.fingerprint,
        digest="",
        expires=plan.expires,
        summary=plan_summary(plan),
        accounts=(_account_part(plan),),
    )
    return document.model_copy(update={"digest": content_digest(document.model_dump(mode="json"))})


def content_digest(document: Mapping[str, Any]) -> str:
    """`sha256:…` over every field but `digest` itself, whatever the layout of the text was."""
    content = {key: value for key, value in document.items() if key != "digest"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def line_part(line: Line) -> LinePart:
    """One line as documents show it."""
    return LinePart(
        number=line.number,
        instrument=line.instrument,
        con_id=line.con_id,
        currency=line.currency,
        action=line.action,
        reason=line.reason,
        quantity=QuantityPart(
            current=line.current,
            working=line.working,
            exact=line.exact_target,
            target=line.target,
            order=line.order,
        ),
        weight=WeightPart(current=line.weight_current, target=line.weight_target),
        price=line.price,
        quote_type=line.quote_type,
        notional=line.notional,
        commission=line.commission,
        blocked=line.blocked,
        notes=line.notes,
        cause=line.cause,
    )


def _account_part(plan: Plan) -> PlanAccountPart:
    return PlanAccountPart(
        name=plan.account,
        account_digest=plan.account_digest,
        environment=plan.environment,
        base_currency=plan.base_currency,
        net_liquidation=plan.net_liquidation,
        leverage_target=plan.leverage_target,
        price_collar=plan.price_collar,
        holdings_digest=plan.holdings_digest,
        standing=StandingsPart(before=part(StandingPart, plan.before), after=part(StandingPart, plan.after)),
        blocked=plan.blocked,
        notes=plan.notes,
        lines=tuple(line_part(line) for line in plan.lines),
        undeclared=tuple(part(HoldingPart, each) for each in plan.undeclared),
        foreign_orders=tuple(part(WorkingOrderPart, each) for each in plan.foreign_orders),
        violations=tuple(part(ViolationPart, each) for each in plan.violations),
        batches=tuple(_batch_part(batch) for batch in plan.batches),
    )


def _batch_part(batch: Batch) -> BatchPart:
    return BatchPart(
        number=batch.number,
        reduces_risk=batch.reduces_risk,
        lines=tuple(order.instrument for order in batch.orders),
        orders=tuple(part(OrderPart, order) for order in batch.orders),
    )
