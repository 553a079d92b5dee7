"""From manifests without errors to domain values: references resolved, sleeves written out, places kept."""

from decimal import Decimal

from reconciler.domain import desired
from reconciler.domain.errors import InvariantBroken
from reconciler.domain.ids import AccountName, ConId, InstrumentName
from reconciler.domain.money import Currency
from reconciler.manifests.account import Account, AccountIdFrom
from reconciler.manifests.digest import digest
from reconciler.manifests.entry import Entry
from reconciler.manifests.execution_policy import ExecutionPolicy
from reconciler.manifests.gateway import Gateway
from reconciler.manifests.inventory import Inventory, ManifestT
from reconciler.manifests.portfolio import Line, Portfolio
from reconciler.manifests.risk_limits import RiskLimits


def convert(inventory: Inventory) -> desired.DesiredState:
    """The desired state of an inventory in which no rule is broken; accounts by name."""
    pairs = sorted(inventory.of(Account), key=lambda pair: pair[1].metadata.name)
    accounts = tuple(_account(inventory, *pair) for pair in pairs)
    return desired.DesiredState(accounts, digest(accounts))


def _account(inventory: Inventory, entry: Entry, account: Account) -> desired.AccountSpec:
    spec = account.spec
    return desired.AccountSpec(
        name=AccountName(account.metadata.name),
        environment=spec.environment,
        account_id=_secret(spec.account_id_from),
        base_currency=Currency(spec.base_currency),
        leverage=spec.leverage,
        cash_buffer_fraction=spec.cash_buffer.fraction,
        cash_buffer_amount=spec.cash_buffer.amount,
        unmanaged_positions=spec.unmanaged_positions,
        suspend=spec.suspend,
        gateway=_gateway(*_referred(inventory, Gateway, spec.gateway)),
        portfolio=_portfolio(*_referred(inventory, Portfolio, spec.portfolio)),
        limits=_limits(*_referred(inventory, RiskLimits, spec.risk_limits)),
        policy=_policy(*_referred(inventory, ExecutionPolicy, spec.execution_policy)),
        declared_at=entry.place,
    )


def _referred(inventory: Inventory, kind: type[ManifestT], name: str) -> tuple[Entry, ManifestT]:
    found = inventory.find(kind, name)
    if found is None:
        raise InvariantBroken(f"the rules passed a reference to {kind.__name__} '{name}', which is not there")
    return found


def _secret(source: AccountIdFrom) -> desired.SecretRef:
    if source.env is not None:
        return desired.SecretRef(desired.SecretSource.ENV, source.env)
    return desired.SecretRef(desired.SecretSource.KEYRING, str(source.keyring))


def _gateway(_entry: Entry, gateway: Gateway) -> desired.GatewaySpec:
    spec = gateway.spec
    return desired.GatewaySpec(
        name=gateway.metadata.name,
        host=spec.host,
        port=spec.port,
        client_id=spec.client_id,
        messages_per_second=spec.messages_per_second,
    )


def _portfolio(entry: Entry, portfolio: Portfolio) -> desired.PortfolioSpec:
    spec = portfolio.spec
    targets = tuple(_target(entry, line) for line in spec.lines())
    return desired.PortfolioSpec(
        name=portfolio.metadata.name,
        targets=targets,
        # A portfolio that is empty on purpose is all cash, whatever it says of cash.
        cash_weight=spec.cash if targets else Decimal(1),
        long_only=spec.long_only,
        allow_empty=spec.allow_empty,
        declared_at=entry.place,
    )


def _target(entry: Entry, line: Line) -> desired.Target:
    target = line.target
    instrument = desired.InstrumentSpec(
        name=InstrumentName(line.label),
        symbol=target.symbol,
        sec_type=target.sec_type.value,
        exchange=target.exchange,
        currency=Currency(target.currency),
        primary_exchange=target.primary_exchange,
        con_id=None if target.con_id is None else ConId(target.con_id),
    )
    return desired.Target(instrument, line.weight, line.sleeve, entry.document.locate(line.path))


def _limits(entry: Entry, limits: RiskLimits) -> desired.RiskLimits:
    spec = limits.spec
    locations = {
        name: entry.document.locate(("spec", str(info.alias)))
        for name, info in type(spec).model_fields.items()
        if name in spec.model_fields_set
    }
    return desired.RiskLimits(
        name=limits.metadata.name,
        max_leverage=spec.max_leverage,
        emergency_leverage=spec.emergency_leverage,
        margin_cushion=spec.margin_cushion,
        max_margin_utilisation=spec.max_margin_utilisation,
        max_position_weight=spec.max_position_weight,
        max_turnover=spec.max_turnover,
        max_order_notional=spec.max_order_notional,
        max_quote_age=spec.max_quote_age,
        locations={"": entry.place, **locations},
    )


def _policy(_entry: Entry, policy: ExecutionPolicy) -> desired.ExecutionPolicy:
    spec = policy.spec
    timeouts = spec.timeouts
    return desired.ExecutionPolicy(
        name=policy.metadata.name,
        on_blocked=spec.on_blocked,
        order_style=spec.order_style,
        limit_offset=spec.limit_offset,
        minimum_notional=spec.minimum_notional,
        price_collar=spec.price_collar,
        accept_delayed_quotes=spec.accept_delayed_quotes,
        plan_ttl=spec.plan_ttl,
        margin_headroom=spec.margin_headroom,
        timeouts=desired.Timeouts(
            connect=timeouts.connect,
            request=timeouts.request,
            acknowledgement=timeouts.acknowledgement,
            fill=timeouts.fill,
            settle=timeouts.settle,
            run=timeouts.run,
        ),
    )
