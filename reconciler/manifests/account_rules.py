"""The rules of an Account against what it refers to: leverage within the limits, paper apart from live."""

from collections.abc import Iterator
from decimal import Decimal

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic
from reconciler.domain.desired import Environment
from reconciler.manifests.account import Account
from reconciler.manifests.entry import Entry
from reconciler.manifests.gateway import Gateway
from reconciler.manifests.inventory import Inventory
from reconciler.manifests.portfolio import Portfolio
from reconciler.manifests.portfolio_rules import percent
from reconciler.manifests.risk_limits import RiskLimits

# Where IB Gateway and Trader Workstation listen unless they are told otherwise.
_CUSTOMARY_PORTS = {
    4001: Environment.LIVE,
    7496: Environment.LIVE,
    4002: Environment.PAPER,
    7497: Environment.PAPER,
}


def check(inventory: Inventory) -> Iterator[Diagnostic]:
    """What is wrong between accounts, their limits, portfolios and gateways."""
    for entry in inventory.entries:
        if entry.kind == "RiskLimits":
            yield from _emergency(entry)
        elif entry.kind == "Account":
            yield from _leverage(inventory, entry)
    for entry, account in inventory.of(Account):
        yield from _position_weights(inventory, entry, account)
        yield from _customary_port(inventory, entry, account)
    yield from _shared_ids(inventory)
    yield from _mixed_gateways(inventory)


def _emergency(entry: Entry) -> Iterator[Diagnostic]:
    highest: Decimal | None = entry.value("maxLeverage")
    emergency: Decimal | None = entry.value("emergencyLeverage")
    if highest is not None and emergency is not None and emergency <= highest:
        summary = f"emergencyLeverage {emergency} must be above maxLeverage {highest}"
        written = entry.document.source(("spec", "emergencyLeverage")) is not None
        key = "emergencyLeverage" if written else "maxLeverage"
        yield diagnostics.error("RSK001", summary, entry.document.locate(("spec", key)))


def _leverage(inventory: Inventory, entry: Entry) -> Iterator[Diagnostic]:
    limits = inventory.entry("RiskLimits", str(entry.value("riskLimits")))
    leverage: Decimal | None = entry.value("leverage")
    highest: Decimal | None = limits.value("maxLeverage") if limits else None
    if limits is not None and leverage is not None and highest is not None and leverage > highest:
        place = limits.document.locate(("spec", "maxLeverage"))
        summary = f"leverage {leverage} is above maxLeverage {highest} of {limits} ({place})"
        yield diagnostics.error("ACC001", summary, entry.document.locate(("spec", "leverage")))


def _position_weights(inventory: Inventory, entry: Entry, account: Account) -> Iterator[Diagnostic]:
    limits = inventory.find(RiskLimits, account.spec.risk_limits)
    portfolio = inventory.find(Portfolio, account.spec.portfolio)
    if limits is None or portfolio is None:
        return
    bound, leverage = limits[1].spec.max_position_weight, account.spec.leverage
    holder, manifest = portfolio
    for line in manifest.spec.lines():
        if line.weight * leverage > bound:
            summary = (
                f"{line.label} at {percent(line.weight)} with the leverage {leverage} of {entry} is "
                f"{percent(line.weight * leverage)} of net liquidation, above maxPositionWeight "
                f"{percent(bound)} of {limits[0]}"
            )
            yield diagnostics.warning("ACC002", summary, holder.document.locate((*line.path, "weight")))


def _customary_port(inventory: Inventory, entry: Entry, account: Account) -> Iterator[Diagnostic]:
    gateway = inventory.find(Gateway, account.spec.gateway)
    if gateway is None:
        return
    holder, manifest = gateway
    customary = _CUSTOMARY_PORTS.get(manifest.spec.port)
    if customary not in (None, account.spec.environment):
        summary = (
            f"{entry} is {account.spec.environment}, but port {manifest.spec.port} of {holder} is "
            f"customary for {customary} accounts"
        )
        yield diagnostics.warning("ACC003", summary, entry.document.locate(("spec", "environment")))


def _shared_ids(inventory: Inventory) -> Iterator[Diagnostic]:
    first: dict[object, Entry] = {}
    for entry, account in inventory.of(Account):
        known = first.setdefault(account.spec.account_id_from, entry)
        if known is not entry:
            summary = f"{entry} takes its account id from the same place as {known} ({known.place})"
            hint = "One account is governed by one manifest."
            place = entry.document.locate_key(("spec", "accountIdFrom"))
            yield diagnostics.error("ACC004", summary, place, suggestion=hint)


def _mixed_gateways(inventory: Inventory) -> Iterator[Diagnostic]:
    first: dict[str, tuple[Entry, Account]] = {}
    for entry, account in inventory.of(Account):
        other, known = first.setdefault(account.spec.gateway, (entry, account))
        if known.spec.environment is not account.spec.environment:
            summary = (
                f"{entry} is {account.spec.environment} and {other} is {known.spec.environment}, but both go through "
                f"Gateway '{account.spec.gateway}'"
            )
            hint = "A gateway is logged in to paper or to live, never to both."
            yield diagnostics.error("ACC005", summary, entry.document.locate(("spec", "gateway")), suggestion=hint)
