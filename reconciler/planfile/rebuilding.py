"""PlanDocument → Plan, proved to be the plan that its fingerprint and its id name."""

from dataclasses import fields, replace
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar

from reconciler.diagnostics import Location
from reconciler.domain.account import WorkingOrder
from reconciler.domain.cost import Cost
from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.desired import Revision
from reconciler.domain.distance import Distance
from reconciler.domain.errors import PlanUnreadable
from reconciler.domain.limits import Override
from reconciler.domain.line import Holding, Line
from reconciler.domain.money import FxRate
from reconciler.domain.options import NO_OPTIONS, GivenTarget, RunOptions
from reconciler.domain.orders import OrderIntent
from reconciler.domain.origin import Factor, Origin
from reconciler.domain.plan import Batch, EmergencyPlan, Plan
from reconciler.domain.sizing import Sizing
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Violation
from reconciler.planfile.document import (
    CurrencyPart,
    LinePart,
    OptionsPart,
    PlanAccountPart,
    PlanDocument,
    StandingPart,
    UnknownPart,
    ViolationPart,
)
from reconciler.planfile.envelope import LocationPart
from reconciler.planfile.fields import Part
from reconciler.planfile.origin import OriginPart
from reconciler.planning.fingerprint import fingerprint_of, id_of

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Value = TypeVar("Value", bound="DataclassInstance")


def plan_of(document: PlanDocument) -> Plan:
    """The plan in the document. Raises PlanUnreadable where the fingerprint or the id is not that of the contents."""
    plan = _plan(document, document.accounts[0])
    if fingerprint_of(plan) != plan.fingerprint:
        raise PlanUnreadable(
            "the plan's fingerprint does not fit its targets and orders: the file was changed after it was written; "
            "make a new one with `folioctl plan -o FILE`"
        )
    if id_of(plan) != plan.id:
        raise PlanUnreadable(
            "the plan's id does not fit its prices and times: the file was changed after it was written; "
            "make a new one with `folioctl plan -o FILE`"
        )
    return plan


def _plan(document: PlanDocument, account: PlanAccountPart) -> Plan:
    return Plan(
        id=document.id,
        fingerprint=document.fingerprint,
        account=account.name,
        account_digest=account.account_digest,
        environment=account.environment,
        base_currency=account.base_currency,
        revision=_value(Revision, document.revision),
        created=document.created,
        expires=document.expires,
        leverage_target=account.leverage_target,
        net_liquidation=account.net_liquidation,
        price_collar=account.price_collar,
        holdings_digest=account.holdings_digest,
        lines=tuple(_line(each) for each in account.lines),
        undeclared=tuple(_value(Holding, each) for each in account.undeclared),
        foreign_orders=tuple(_value(WorkingOrder, each) for each in account.foreign_orders),
        batches=tuple(
            Batch(each.number, each.reduces_risk, tuple(_value(OrderIntent, order) for order in each.orders))
            for each in account.batches
        ),
        violations=tuple(_violation(each) for each in account.violations),
        before=_standing(account.standing.before),
        after=_standing(account.standing.after),
        sizing=None if account.sizing is None else _value(Sizing, account.sizing),
        currencies=tuple(_currency(each) for each in account.currencies),
        cost=_value(Cost, account.cost),
        cancellations=tuple(_value(WorkingOrder, each) for each in account.cancellations),
        emergency=None if account.emergency is None else _value(EmergencyPlan, account.emergency),
        options=NO_OPTIONS if account.options is None else _options(account.options),
        blocked=account.blocked,
        notes=account.notes,
        leverage_declared_at=_location(account.leverage_location),
        buffer_declared_at=tuple(_placed(each) for each in account.buffer_locations),
    )


def _line(line: LinePart) -> Line:
    return Line(
        number=line.number,
        instrument=line.instrument,
        con_id=line.con_id,
        currency=line.currency,
        action=line.action,
        reason=line.reason,
        current=line.quantity.current,
        working=line.quantity.working,
        exact_target=line.quantity.exact,
        target=line.quantity.target,
        order=line.quantity.order,
        price=line.price,
        quote_type=line.quote_type,
        notional=line.notional,
        weight_current=line.weight.current,
        weight_target=line.weight.target,
        commission=line.commission,
        half_spread=line.half_spread,
        blocked=line.blocked,
        notes=line.notes,
        cause=line.cause,
        kind=line.kind,
        weight=line.weight.declared,
        multiplier=line.multiplier,
        lot=line.quantity.lot,
        moved=line.quantity.moved,
        band=line.band,
        declared_at=_location(line.location),
        origin=_origin(line.origin),
    )


def _location(place: LocationPart | None) -> Location | None:
    return None if place is None else _placed(place)


def _origin(origin: OriginPart) -> Origin:
    ways = (tuple(Factor(each.kind, each.value, _placed(each.location)) for each in way) for way in origin.ways)
    return Origin(tuple(ways), origin.count)


def _placed(place: LocationPart) -> Location:
    return Location(place.file, place.line, place.column, place.end_line, place.end_column)


def _standing(part: StandingPart) -> Standing:
    standing = _value(Standing, part)
    return replace(standing, distance=_value(Distance, part.distance))


def _currency(balance: CurrencyPart) -> CurrencyBalance:
    rate = balance.rate
    return CurrencyBalance(
        currency=balance.currency,
        rate=Unknown(rate.unknown) if isinstance(rate, UnknownPart) else _value(FxRate, rate),
        market=balance.market,
        before=balance.before,
        after=balance.after,
    )


def _options(options: OptionsPart) -> RunOptions:
    seconds, given = options.max_runtime_seconds, options.portfolio
    return RunOptions(
        leverage=options.leverage,
        margin_cushion=options.margin_cushion,
        max_parallel=options.max_parallel,
        max_runtime=None if seconds is None else timedelta(seconds=seconds),
        order_style=options.order_style,
        is_forced=options.is_forced,
        targets=options.targets,
        excluded=options.excluded,
        portfolio=None if given is None else tuple(_value(GivenTarget, each) for each in given),
        overrides=tuple(_value(Override, each) for each in options.overrides),
        flatten=options.flatten,
    )


def _violation(violation: ViolationPart) -> Violation:
    return Violation(
        limit=violation.limit,
        level=violation.level,
        message=violation.message,
        value=violation.value,
        bound=violation.bound,
        location=_location(violation.location),
        instrument=violation.instrument,
        batch=violation.batch,
        existed_before=violation.existed_before,
        holds=violation.holds,
        remedy=violation.remedy,
        override=None if violation.override is None else _value(Override, violation.override),
    )


def _value(kind: type[Value], part: Part) -> Value:
    """The domain value whose fields the part repeats under the same names and types."""
    return kind(**{each.name: getattr(part, each.name) for each in fields(kind)})
