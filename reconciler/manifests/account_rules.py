"""The rules of an Account against what it refers to: leverage and margin within the limits, paper apart from live."""

from collections.abc import Iterator
from decimal import Decimal

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic
from reconciler.domain.desired import AccountType, CurrencyFunding, Environment
from reconciler.manifests.account import Account
from reconciler.manifests.entry import Entry
from reconciler.manifests.gateway import Gateway
from reconciler.manifests.inventory import Inventory
from reconciler.manifests.portfolio import Portfolio, SleeveTarget
from reconciler.manifests.portfolio_rules import percent
from reconciler.manifests.risk_limits import RiskLimits

CUSTOMARY_PORTS = {
    4001: Environment.LIVE,
    7496: Environment.LIVE,
    4002: Environment.PAPER,
    7497: Environment.PAPER,
}
"""Where IB Gateway and Trader Workstation listen unless they are told otherwise."""


def check(inventory: Inventory) -> Iterator[Diagnostic]:
    """What is wrong between accounts, their limits, portfolios and gateways."""
    for entry in inventory.entries:
        if entry.kind == "Account":
            yield from _leverage(inventory, entry)
    for entry, account in inventory.of(Account):
        yield from _position_weights(inventory, entry, account)
        yield from _gross_weight(inventory, entry, account)
        yield from _cash_account(inventory, entry, account)
        yield from _liquidation(inventory, entry, account)
        yield from _customary_port(inventory, entry, account)
    yield from _shared_ids(inventory)
    yield from _mixed_gateways(inventory)
    yield from _two_defaults(inventory)


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
        weight = abs(line.weight)
        if weight * leverage > bound:
            summary = (
                f"{line.label} at {percent(weight)} with the leverage {leverage} of {entry} is "
                f"{percent(weight * leverage)} of net liquidation, above maxPositionWeight "
                f"{percent(bound)} of {limits[0]}"
            )
            yield diagnostics.warning("ACC002", summary, holder.document.locate((*line.path, "weight")))


def _gross_weight(inventory: Inventory, entry: Entry, account: Account) -> Iterator[Diagnostic]:
    """Short lines add to the exposure that the account's leverage alone does not show."""
    limits = inventory.find(RiskLimits, account.spec.risk_limits)
    portfolio = inventory.find(Portfolio, account.spec.portfolio)
    if limits is None or portfolio is None:
        return
    weights = [line.weight for line in portfolio[1].spec.lines() if line.target.counts_toward_leverage]
    gross = sum(map(abs, weights), Decimal(0)) * account.spec.leverage
    if any(weight < 0 for weight in weights) and gross > limits[1].spec.max_leverage:
        summary = (
            f"with its short lines {portfolio[0]} is {percent(gross)} of net liquidation at the leverage "
            f"{account.spec.leverage} of {entry}, above maxLeverage {limits[1].spec.max_leverage} of {limits[0]}"
        )
        yield diagnostics.error("ACC006", summary, entry.document.locate(("spec", "leverage")))


def _cash_account(inventory: Inventory, entry: Entry, account: Account) -> Iterator[Diagnostic]:
    spec = account.spec
    if spec.type is not AccountType.CASH:
        return
    portfolio = inventory.find(Portfolio, spec.portfolio)
    faults = (
        ("leverage", spec.leverage > 1, f"a cash account cannot borrow, and its leverage is {spec.leverage}"),
        ("currencyFunding", spec.currency_funding is CurrencyFunding.BORROW, "a cash account cannot borrow a currency"),
        (
            "portfolio",
            portfolio is not None and not portfolio[1].spec.long_only,
            "a cash account sells nothing short, and its portfolio is not long only",
        ),
    )
    for key, is_wrong, summary in faults:
        if is_wrong:
            yield diagnostics.error("ACC007", summary, entry.document.locate(("spec", key)))


def _liquidation(inventory: Inventory, entry: Entry, account: Account) -> Iterator[Diagnostic]:
    """An emergency that would begin only after the broker has liquidated the account.

    When prices fall, the account is liquidated at the leverage 1 / (maintenance margin / exposure), wherever it began.
    """
    limits = inventory.find(RiskLimits, account.spec.risk_limits)
    portfolio = inventory.find(Portfolio, account.spec.portfolio)
    if limits is None or portfolio is None:
        return
    holder, spec = limits[0], limits[1].spec
    lines = [line for line in portfolio[1].spec.lines() if line.target.counts_toward_leverage]
    gross = sum((abs(line.weight) for line in lines), Decimal(0))
    margin = sum((abs(line.weight) * _rate(line.target, spec.maintenance_margin) for line in lines), Decimal(0))
    if margin > 0 and spec.emergency_leverage * margin >= gross:
        at = (gross / margin).quantize(Decimal("0.01"))
        summary = (
            f"emergencyLeverage {spec.emergency_leverage} is not below {at}, at which the broker would liquidate "
            f"{entry} by the maintenance margins of {portfolio[0]}"
        )
        hint = f"Lower emergencyLeverage below {at}, or name the margins that the broker asks for."
        written = holder.document.source(("spec", "emergencyLeverage")) is not None
        place = holder.document.locate(("spec", "emergencyLeverage")) if written else holder.place
        yield diagnostics.error("ACC008", summary, place, suggestion=hint)


def _rate(target: SleeveTarget, assumed: Decimal) -> Decimal:
    return assumed if target.maintenance_margin is None else target.maintenance_margin


def _customary_port(inventory: Inventory, entry: Entry, account: Account) -> Iterator[Diagnostic]:
    gateway = inventory.find(Gateway, account.spec.gateway)
    if gateway is None:
        return
    holder, manifest = gateway
    customary = CUSTOMARY_PORTS.get(manifest.spec.port)
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


def _two_defaults(inventory: Inventory) -> Iterator[Diagnostic]:
    first: Entry | None = None
    for entry, account in inventory.of(Account):
        if account.spec.default and first is not None:
            summary = f"{entry} and {first} ({first.place}) are both the default"
            hint = "Say `default: true` of one account."
            yield diagnostics.error("ACC020", summary, entry.document.locate(("spec", "default")), suggestion=hint)
        elif account.spec.default:
            first = entry
