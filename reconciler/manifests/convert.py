"""From manifests without errors to domain values: references resolved, sleeves written out, places kept."""

from collections.abc import Sequence
from dataclasses import fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeVar

from reconciler.domain import desired, limits, policy, portfolio
from reconciler.domain.errors import InvariantBroken
from reconciler.domain.ids import AccountName, ConId, InstrumentName
from reconciler.domain.money import Currency
from reconciler.manifests.account import Account, AccountIdFrom
from reconciler.manifests.base import Section
from reconciler.manifests.contract_lock import LockedContract, pinned
from reconciler.manifests.digest import digest
from reconciler.manifests.entry import Entry
from reconciler.manifests.execution_policy import ExecutionPolicy
from reconciler.manifests.gateway import Gateway
from reconciler.manifests.inventory import Inventory, ManifestT
from reconciler.manifests.portfolio import Line, Portfolio
from reconciler.manifests.risk_limits import RiskLimits

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Value = TypeVar("Value", bound="DataclassInstance")


def convert(inventory: Inventory, locked: Sequence[LockedContract] = ()) -> desired.DesiredState:
    """The desired state of an inventory in which no rule is broken; accounts by name, lines with their contracts."""
    pairs = sorted(inventory.of(Account), key=lambda pair: pair[1].metadata.name)
    accounts = tuple(pinned(_account(inventory, *pair), locked) for pair in pairs)
    default = next((AccountName(account.metadata.name) for _, account in pairs if account.spec.default), None)
    return desired.DesiredState(accounts, digest(accounts), default)


def _account(inventory: Inventory, entry: Entry, account: Account) -> desired.AccountSpec:
    spec = account.spec
    return _alike(
        desired.AccountSpec,
        spec,
        name=AccountName(account.metadata.name),
        account_id=_secret(spec.account_id_from),
        base_currency=Currency(spec.base_currency),
        cash_buffer_fraction=spec.cash_buffer.fraction,
        cash_buffer_amount=spec.cash_buffer.amount,
        gateway=_gateway(*_referred(inventory, Gateway, spec.gateway)),
        portfolio=_portfolio(*_referred(inventory, Portfolio, spec.portfolio)),
        limits=_limits(*_referred(inventory, RiskLimits, spec.risk_limits)),
        policy=_policy(*_referred(inventory, ExecutionPolicy, spec.execution_policy)),
        declared_at=entry.place,
        pinned={},
    )


def _alike(kind: type[Value], section: Section, **others: Any) -> Value:
    """A value that takes what a section calls by the same names; `others` are its fields that do not stand there so."""
    alike = {each.name: getattr(section, each.name) for each in fields(kind) if each.name not in others}
    return kind(**alike, **others)


def _referred(inventory: Inventory, kind: type[ManifestT], name: str) -> tuple[Entry, ManifestT]:
    found = inventory.find(kind, name)
    if found is None:
        raise InvariantBroken(f"the rules passed a reference to {kind.__name__} '{name}', which is not there")
    return found


def _secret(source: AccountIdFrom) -> desired.SecretRef:
    if source.env is not None:
        return desired.SecretRef(desired.SecretSource.ENV, source.env)
    return desired.SecretRef(desired.SecretSource.KEYRING, str(source.keyring))


def _gateway(_entry: Entry, manifest: Gateway) -> desired.GatewaySpec:
    return _alike(desired.GatewaySpec, manifest.spec, name=manifest.metadata.name)


def _portfolio(entry: Entry, manifest: Portfolio) -> portfolio.PortfolioSpec:
    spec = manifest.spec
    targets = tuple(_target(entry, line) for line in spec.lines())
    moved = (portfolio.Moved(ConId(each.from_con_id), InstrumentName(each.to), each.ratio) for each in spec.moved)
    return portfolio.PortfolioSpec(
        name=manifest.metadata.name,
        targets=targets,
        # A portfolio that is empty on purpose is all cash, whatever it says of cash.
        cash_weight=spec.cash if targets else Decimal(1),
        long_only=spec.long_only,
        allow_empty=spec.allow_empty,
        declared_at=entry.place,
        moved=tuple(sorted(moved, key=lambda each: each.con_id)),
    )


def _target(entry: Entry, line: Line) -> portfolio.Target:
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
        declared_at=entry.document.locate(line.path),
    )


def _limits(entry: Entry, manifest: RiskLimits) -> limits.RiskLimits:
    spec = manifest.spec
    locations = {
        name: entry.document.locate(("spec", str(info.alias)))
        for name, info in type(spec).model_fields.items()
        if name in spec.model_fields_set
    }
    return _alike(
        limits.RiskLimits,
        spec,
        name=manifest.metadata.name,
        emergency=limits.Emergency(
            leverage=spec.emergency_leverage,
            cushion=spec.emergency_cushion,
            action=spec.emergency_action,
            authorised_by=spec.emergency_authorised_by,
            limit_offset=spec.emergency_limit_offset,
        ),
        allow=frozenset(spec.allow),
        deny=frozenset(spec.deny),
        levels={limit: level for level in limits.Level for limit in getattr(spec.levels, level)},
        overrides=tuple(_alike(limits.Override, each) for each in spec.overrides),
        locations={"": entry.place, **locations},
    )


def _policy(_entry: Entry, manifest: ExecutionPolicy) -> policy.ExecutionPolicy:
    spec = manifest.spec
    return _alike(
        policy.ExecutionPolicy,
        spec,
        name=manifest.metadata.name,
        rebalancing=_alike(policy.Rebalancing, spec.rebalancing),
        partial_fills=_alike(policy.PartialFills, spec.partial_fills),
        timeouts=_alike(policy.Timeouts, spec.timeouts),
    )
