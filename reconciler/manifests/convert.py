"""From manifests without errors to domain values, with the place of everything that somebody wrote."""

from collections.abc import Sequence
from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

from reconciler.diagnostics import Location
from reconciler.domain import desired, limits, policy, portfolio
from reconciler.domain.errors import InvariantBroken
from reconciler.domain.ids import AccountName, ConId, InstrumentName
from reconciler.domain.money import Currency
from reconciler.manifests.account import AccountIdFrom, AccountSpec
from reconciler.manifests.base import Section
from reconciler.manifests.composed import Composed
from reconciler.manifests.contract_lock import LockedContract, pinned
from reconciler.manifests.digest import digest
from reconciler.manifests.entry import Entry
from reconciler.manifests.execution_policy import ExecutionPolicy, ExecutionPolicySpec
from reconciler.manifests.gateway import Gateway
from reconciler.manifests.inventory import ManifestT
from reconciler.manifests.layers import Layer, Layered
from reconciler.manifests.line import Line
from reconciler.manifests.redaction import redacted
from reconciler.manifests.resolution import Limits, Resolution, ResolvedAccount
from reconciler.manifests.risk_limits import LimitTerms

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Value = TypeVar("Value", bound="DataclassInstance")
Thing = TypeVar("Thing")


def convert(resolution: Resolution, locked: Sequence[LockedContract] = ()) -> desired.DesiredState:
    """The desired state of manifests in which no rule is broken; accounts by name, lines with their contracts."""
    ordered = sorted(resolution.accounts, key=lambda each: str(each.entry.name))
    portfolios: dict[str, portfolio.PortfolioSpec] = {}
    accounts = tuple(pinned(_account(resolution, each, portfolios), locked) for each in ordered)
    default = next((each.name for each, of in zip(accounts, ordered, strict=True) if of.entry.value("default")), None)
    return desired.DesiredState(accounts, digest(accounts), default)


def _account(
    resolution: Resolution, account: ResolvedAccount, portfolios: dict[str, portfolio.PortfolioSpec]
) -> desired.AccountSpec:
    spec, entry = _there(account.spec, account.entry), account.entry
    composed = _there(account.portfolio, entry)
    name = str(composed.entry.name)
    if name not in portfolios:
        portfolios[name] = _portfolio(composed)
    gateway = _referred(resolution, Gateway, spec.gateway)
    policy_entry = _referred(resolution, ExecutionPolicy, spec.execution_policy)
    return _alike(
        desired.AccountSpec,
        spec,
        name=AccountName(str(entry.name)),
        account_id=_secret(_there(spec.account_id_from, entry)),
        base_currency=Currency(_there(spec.base_currency, entry)),
        cash_buffer_fraction=spec.cash_buffer.fraction,
        cash_buffer_amount=spec.cash_buffer.amount,
        gateway=_alike(desired.GatewaySpec, gateway[1].spec, name=gateway[1].metadata.name),
        portfolio=portfolios[name],
        limits=_limits(_there(account.limits, entry)),
        policy=_policy(*policy_entry),
        declared_at=entry.place,
        pinned={},
        locations=_account_places(account),
    )


def _account_places(account: ResolvedAccount) -> dict[str, Location]:
    places = account.terms.places(AccountSpec)
    renamed = {
        "account_id_from": "account_id",
        "risk_limits": "limits",
        "execution_policy": "policy",
        "cash_buffer.fraction": "cash_buffer_fraction",
        "cash_buffer.amount": "cash_buffer_amount",
    }
    return {renamed.get(name, name): place for name, place in places.items()}


def _there(value: Thing | None, entry: Entry) -> Thing:
    if value is None:
        raise InvariantBroken(f"the rules passed {entry}, of which something is not there")
    return value


def _alike(kind: type[Value], section: Section, **others: Any) -> Value:
    """A value that takes what a section calls by the same names; `others` are its fields that do not stand there so."""
    alike = {each.name: getattr(section, each.name) for each in fields(kind) if each.name not in others}
    return kind(**alike, **others)


def _referred(resolution: Resolution, kind: type[ManifestT], name: str | None) -> tuple[Entry, ManifestT]:
    entry = resolution.entry(kind.__name__, name)
    if entry is None or not isinstance(entry.manifest, kind):
        raise InvariantBroken(f"the rules passed a reference to {kind.__name__} '{name}', which is not there")
    return entry, entry.manifest


def _secret(source: AccountIdFrom) -> desired.SecretRef:
    if source.env is not None:
        return desired.SecretRef(desired.SecretSource.ENV, source.env, redacted(source.env))
    name = str(source.keyring)
    return desired.SecretRef(desired.SecretSource.KEYRING, name, redacted(name))


def _portfolio(composed: Composed) -> portfolio.PortfolioSpec:
    moved = (each.moved for each in composed.moved)
    replaced = (portfolio.Moved(ConId(each.from_con_id), InstrumentName(each.to), each.ratio) for each in moved)
    return portfolio.PortfolioSpec(
        name=str(composed.entry.name),
        targets=tuple(_target(line) for line in composed.lines),
        cash_weight=composed.cash.weight,
        long_only=composed.spec.long_only,
        allow_empty=composed.spec.allow_empty,
        declared_at=composed.entry.place,
        moved=tuple(sorted(replaced, key=lambda each: each.con_id)),
        cash_origin=composed.cash.origin,
    )


def _target(line: Line) -> portfolio.Target:
    target = line.target
    instrument = portfolio.InstrumentSpec(
        name=InstrumentName(line.label),
        symbol=target.symbol,
        sec_type=target.sec_type.value,
        exchange=target.exchange,
        currency=Currency(target.currency),
        primary_exchange=target.primary_exchange,
        con_id=None if target.con_id is None else ConId(target.con_id),
        expiry=None if target.expiry is None else target.expiry.replace("-", ""),
    )
    return _alike(
        portfolio.Target,
        target,
        instrument=instrument,
        weight=line.weight,
        sleeve=line.sleeve,
        declared_at=line.spot.place,
        origin=line.portion.origin,
        locations=line.places(),
    )


def _limits(resolved: Limits) -> limits.RiskLimits:
    spec = _there(resolved.spec, resolved.entry)
    return _alike(
        limits.RiskLimits,
        spec,
        name=str(resolved.entry.name),
        emergency=limits.Emergency(
            leverage=spec.emergency_leverage,
            cushion=spec.emergency_cushion,
            action=spec.emergency_action,
            authorised_by=spec.emergency_authorised_by and redacted(spec.emergency_authorised_by),
            limit_offset=spec.emergency_limit_offset,
        ),
        allow=frozenset(spec.allow),
        deny=frozenset(spec.deny),
        levels={limit: level for level in limits.Level for limit in getattr(spec.levels, level)},
        overrides=tuple(
            _alike(limits.Override, each, reason=redacted(each.reason), by=redacted(each.by)) for each in spec.overrides
        ),
        locations={"": resolved.entry.place, **resolved.terms.places(LimitTerms)},
    )


def _policy(entry: Entry, manifest: ExecutionPolicy) -> policy.ExecutionPolicy:
    spec = manifest.spec
    return _alike(
        policy.ExecutionPolicy,
        spec,
        name=manifest.metadata.name,
        rebalancing=_alike(policy.Rebalancing, spec.rebalancing),
        partial_fills=_alike(policy.PartialFills, spec.partial_fills),
        timeouts=_alike(policy.Timeouts, spec.timeouts),
        locations=Layered((Layer(entry, ("spec",), ExecutionPolicySpec),)).places(ExecutionPolicySpec),
    )
