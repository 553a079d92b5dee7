"""An account as it is resolved, for documents: every value that holds, with its place; null for a default."""

from collections.abc import Iterable

from reconciler.domain.desired import AccountSpec, Environment
from reconciler.domain.ids import AccountName, InstrumentName
from reconciler.domain.portfolio import Target
from reconciler.planfile.envelope import LocationPart
from reconciler.planfile.fields import Number, Part, part
from reconciler.planfile.origin import OriginPart, origin_part
from reconciler.reports.resolved import ResolvedValue, account_values, limit_values, line_values, policy_values


class ResolvedValuePart(Part):
    """One value by the key that manifests write it with; `location` is null where it is the default."""

    key: str
    value: str
    location: LocationPart | None


class ResolvedLinePart(Part):
    """One target: its share of the whole portfolio, what made it, and what is said of its instrument.

    `location` is where the target stands.
    """

    instrument: InstrumentName
    weight: Number
    sleeve: str | None
    location: LocationPart
    origin: OriginPart
    values: tuple[ResolvedValuePart, ...]


class ResolvedCashPart(Part):
    """The share that stays in cash, and what made it."""

    weight: Number
    origin: OriginPart


class ResolvedAccountPart(Part):
    """One account with its portfolio, its limits and its policy, whatever manifests they were put together from."""

    name: AccountName
    environment: Environment
    values: tuple[ResolvedValuePart, ...]
    portfolio: str
    lines: tuple[ResolvedLinePart, ...]
    cash: ResolvedCashPart
    limits: tuple[ResolvedValuePart, ...]
    policy: tuple[ResolvedValuePart, ...]


def resolved_part(account: AccountSpec) -> ResolvedAccountPart:
    """One account as documents show it."""
    portfolio = account.portfolio
    return ResolvedAccountPart(
        name=account.name,
        environment=account.environment,
        values=_values(account_values(account)),
        portfolio=portfolio.name,
        lines=tuple(_line(each) for each in portfolio.targets),
        cash=ResolvedCashPart(weight=portfolio.cash_weight, origin=origin_part(portfolio.cash_origin)),
        limits=_values(limit_values(account.limits)),
        policy=_values(policy_values(account.policy)),
    )


def _values(values: Iterable[ResolvedValue]) -> tuple[ResolvedValuePart, ...]:
    return tuple(
        ResolvedValuePart(
            key=each.key,
            value=each.value,
            location=None if each.place is None else part(LocationPart, each.place),
        )
        for each in values
    )


def _line(target: Target) -> ResolvedLinePart:
    return ResolvedLinePart(
        instrument=target.instrument.name,
        weight=target.weight,
        sleeve=target.sleeve,
        location=part(LocationPart, target.declared_at),
        origin=origin_part(target.origin),
        values=_values(line_values(target)),
    )
