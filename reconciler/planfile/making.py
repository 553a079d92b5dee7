"""Plan → PlanDocument."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from reconciler.diagnostics import Diagnostic, Location
from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.line import Line
from reconciler.domain.options import NO_OPTIONS, RunOptions
from reconciler.domain.plan import Batch, Plan
from reconciler.domain.unknown import Unknown
from reconciler.planfile.document import (
    BatchPart,
    CostPart,
    CurrencyPart,
    EmergencyPart,
    GivenTargetPart,
    HoldingPart,
    LinePart,
    OptionsPart,
    OrderPart,
    OverridePart,
    PlanAccountPart,
    PlanDocument,
    QuantityPart,
    RatePart,
    SizingPart,
    StandingPart,
    StandingsPart,
    UnknownPart,
    ViolationPart,
    WeightPart,
    WorkingOrderPart,
)
from reconciler.planfile.envelope import LocationPart, envelope
from reconciler.planfile.fields import part
from reconciler.planfile.origin import origin_part
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
        kind=line.kind,
        instrument=line.instrument,
        con_id=line.con_id,
        currency=line.currency,
        action=line.action,
        reason=line.reason,
        quantity=QuantityPart(
            current=line.current,
            moved=line.moved,
            working=line.working,
            exact=line.exact_target,
            target=line.target,
            order=line.order,
            lot=line.lot,
        ),
        weight=WeightPart(declared=line.weight, current=line.weight_current, target=line.weight_target),
        price=line.price,
        multiplier=line.multiplier,
        quote_type=line.quote_type,
        notional=line.notional,
        commission=line.commission,
        half_spread=line.half_spread,
        band=line.band,
        blocked=line.blocked,
        notes=line.notes,
        cause=line.cause,
        location=_location(line.declared_at),
        origin=origin_part(line.origin),
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
        sizing=None if plan.sizing is None else part(SizingPart, plan.sizing),
        currencies=tuple(currency_part(each) for each in plan.currencies),
        cost=part(CostPart, plan.cost),
        emergency=None if plan.emergency is None else part(EmergencyPart, plan.emergency),
        options=options_part(plan.options),
        blocked=plan.blocked,
        notes=plan.notes,
        lines=tuple(line_part(line) for line in plan.lines),
        undeclared=tuple(part(HoldingPart, each) for each in plan.undeclared),
        foreign_orders=tuple(part(WorkingOrderPart, each) for each in plan.foreign_orders),
        cancellations=tuple(part(WorkingOrderPart, each) for each in plan.cancellations),
        violations=tuple(part(ViolationPart, each) for each in plan.violations),
        batches=tuple(_batch_part(batch) for batch in plan.batches),
        leverage_location=_location(plan.leverage_declared_at),
        buffer_locations=tuple(part(LocationPart, each) for each in plan.buffer_declared_at),
    )


def currency_part(balance: CurrencyBalance) -> CurrencyPart:
    """One currency as documents show it."""
    rate = balance.rate
    return CurrencyPart(
        currency=balance.currency,
        rate=UnknownPart(unknown=rate.why) if isinstance(rate, Unknown) else part(RatePart, rate),
        market=balance.market,
        before=balance.before,
        after=balance.after,
    )


def options_part(options: RunOptions) -> OptionsPart | None:
    """What one invocation asked for; None where the manifests alone hold."""
    if options == NO_OPTIONS:
        return None
    runtime, given = options.max_runtime, options.portfolio
    return OptionsPart(
        leverage=options.leverage,
        margin_cushion=options.margin_cushion,
        max_parallel=options.max_parallel,
        max_runtime_seconds=None if runtime is None else int(runtime.total_seconds()),
        order_style=options.order_style,
        is_forced=options.is_forced,
        targets=options.targets,
        excluded=options.excluded,
        portfolio=None if given is None else tuple(part(GivenTargetPart, each) for each in given),
        overrides=tuple(part(OverridePart, each) for each in options.overrides),
        flatten=options.flatten,
    )


def _location(place: Location | None) -> LocationPart | None:
    return None if place is None else part(LocationPart, place)


def _batch_part(batch: Batch) -> BatchPart:
    return BatchPart(
        number=batch.number,
        reduces_risk=batch.reduces_risk,
        lines=tuple(order.instrument for order in batch.orders),
        orders=tuple(part(OrderPart, order) for order in batch.orders),
    )
