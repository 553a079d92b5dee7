"""The rules of an Account against what it refers to: leverage within the limits, paper apart from live."""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic
from reconciler.domain.accountform import environment_of
from reconciler.domain.desired import AccountType, CurrencyFunding, Environment
from reconciler.manifests.entry import Entry
from reconciler.manifests.gateway import Gateway
from reconciler.manifests.line import Line
from reconciler.manifests.resolution import Resolution, ResolvedAccount
from reconciler.manifests.sums import percent

CUSTOMARY_PORTS = {
    4001: Environment.LIVE,
    7496: Environment.LIVE,
    4002: Environment.PAPER,
    7497: Environment.PAPER,
}
"""Where IB Gateway and Trader Workstation listen unless they are told otherwise."""


def check(resolution: Resolution) -> Iterator[Diagnostic]:
    """What is wrong between accounts, their limits, portfolios and gateways."""
    for account in resolution.accounts:
        yield from _leverage(account)
        yield from _stated_twice(account)
        if account.spec is not None:
            yield from _gross_weight(account)
            yield from _cash_account(account)
            yield from _liquidation(account)
            yield from _customary_port(resolution, account)
    yield from _shared_ids(resolution)
    yield from _mixed_gateways(resolution)
    yield from _two_defaults(resolution)


def _leverage(account: ResolvedAccount) -> Iterator[Diagnostic]:
    limits = account.limits
    leverage: Decimal | None = account.value("leverage")
    highest: Decimal | None = limits.value("maxLeverage") if limits else None
    if limits is not None and leverage is not None and highest is not None and leverage > highest:
        place = limits.place("maxLeverage")
        summary = f"leverage {leverage} is above maxLeverage {highest} of {limits.entry} ({place})"
        yield diagnostics.error("ACC001", summary, account.place("leverage"))


def _stated_twice(account: ResolvedAccount) -> Iterator[Diagnostic]:
    stating = [layer for layer in account.terms.layers if layer.entry is account.entry and "leverage" in layer.data]
    if len(stating) > 1:
        summary = f"{account.entry} says its leverage here and in its overlay"
        hint = "Keep one of the two."
        yield diagnostics.error("CMP008", summary, stating[-1].locate("leverage"), suggestion=hint)


def _gross_weight(account: ResolvedAccount) -> Iterator[Diagnostic]:
    """Short lines add to the exposure that the account's leverage alone does not show."""
    limits, portfolio = account.limits, account.portfolio
    highest = limits.value("maxLeverage") if limits else None
    if limits is None or portfolio is None or highest is None or not portfolio.can_be_meant:
        return
    leverage = account.value("leverage")
    weights = [line.weight for line in portfolio.lines if line.target.counts_toward_leverage]
    gross = sum(map(abs, weights), Decimal(0)) * leverage
    if any(weight < 0 for weight in weights) and gross > highest:
        summary = (
            f"with its short lines {portfolio.entry} is {percent(gross)} of net liquidation at the leverage "
            f"{leverage} of {account.entry}, above maxLeverage {highest} of {limits.entry}"
        )
        yield diagnostics.error("ACC006", summary, account.place("leverage"))


def _cash_account(account: ResolvedAccount) -> Iterator[Diagnostic]:
    if account.value("type") is not AccountType.CASH:
        return
    portfolio, leverage = account.portfolio, account.value("leverage")
    funding = account.value("currencyFunding")
    faults = (
        ("leverage", leverage > 1, f"a cash account cannot borrow, and its leverage is {leverage}"),
        ("currencyFunding", funding is CurrencyFunding.BORROW, "a cash account cannot borrow a currency"),
        (
            "portfolio",
            portfolio is not None and not portfolio.spec.long_only,
            "a cash account sells nothing short, and its portfolio is not long only",
        ),
    )
    for key, is_wrong, summary in faults:
        if is_wrong:
            yield diagnostics.error("ACC007", summary, account.place(key))


def _liquidation(account: ResolvedAccount) -> Iterator[Diagnostic]:
    """An emergency that would begin only after the broker has liquidated the account.

    When prices fall, the account is liquidated at the leverage 1 / (maintenance margin / exposure), wherever it began.
    """
    limits, portfolio = account.limits, account.portfolio
    emergency = limits.value("emergencyLeverage") if limits else None
    assumed = limits.value("maintenanceMargin") if limits else None
    if limits is None or portfolio is None or emergency is None or assumed is None or not portfolio.can_be_meant:
        return
    lines = [line for line in portfolio.lines if line.target.counts_toward_leverage]
    gross = sum((abs(line.weight) for line in lines), Decimal(0))
    margin = sum((abs(line.weight) * rate(line, assumed) for line in lines), Decimal(0))
    if margin > 0 and emergency * margin >= gross:
        at = (gross / margin).quantize(Decimal("0.01"))
        summary = (
            f"emergencyLeverage {emergency} is not below {at}, at which the broker would liquidate "
            f"{account.entry} by the maintenance margins of {portfolio.entry}"
        )
        hint = f"Lower emergencyLeverage below {at}, or name the margins that the broker asks for."
        yield diagnostics.error("ACC008", summary, limits.place("emergencyLeverage"), suggestion=hint)


def rate(line: Line, assumed: Decimal) -> Decimal:
    """The maintenance margin of a line, as a share of its value: its own, or what the limits assume."""
    own = line.target.maintenance_margin
    return assumed if own is None else own


def _customary_port(resolution: Resolution, account: ResolvedAccount) -> Iterator[Diagnostic]:
    holder = resolution.entry("Gateway", account.value("gateway"))
    if holder is None or not isinstance(holder.manifest, Gateway):
        return
    port, environment = holder.manifest.spec.port, account.value("environment")
    customary = CUSTOMARY_PORTS.get(port)
    if environment is not None and customary not in (None, environment):
        summary = f"{account.entry} is {environment}, but port {port} of {holder} is customary for {customary} accounts"
        yield diagnostics.warning("ACC003", summary, account.place("environment"))


def check_numbers(resolution: Resolution, variables: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Accounts whose number is among the variables of the environment, and is not of the manifest's own environment."""
    for account in resolution.accounts:
        source = account.spec.account_id_from if account.spec is not None else None
        variable = source.env if source is not None and source.env is not None else ""
        actual, stated = environment_of(variables.get(variable, "")), account.value("environment")
        if actual is not None and stated is not None and actual is not stated:
            summary = f"{account.entry} is {stated}, and {variable} holds the number of a {actual} account"
            hint = "Correct spec.environment, or what the variable holds here."
            yield diagnostics.error("ACC012", summary, account.place("environment"), suggestion=hint)


def _shared_ids(resolution: Resolution) -> Iterator[Diagnostic]:
    first: dict[object, Entry] = {}
    for account in resolution.accounts:
        spec = account.spec
        if spec is None or spec.account_id_from is None:
            continue
        entry = account.entry
        known = first.setdefault(spec.account_id_from, entry)
        if known is not entry:
            summary = f"{entry} takes its account id from the same place as {known} ({known.place})"
            hint = "One account is governed by one manifest."
            layer = account.terms.stating("accountIdFrom")
            is_own = layer is not None and layer.entry is entry
            place = entry.document.locate_key(("spec", "accountIdFrom")) if is_own else entry.place
            yield diagnostics.error("ACC004", summary, place, suggestion=hint)


def _mixed_gateways(resolution: Resolution) -> Iterator[Diagnostic]:
    first: dict[object, ResolvedAccount] = {}
    for account in resolution.accounts:
        gateway = account.value("gateway")
        if account.spec is None or gateway is None:
            continue
        other = first.setdefault(_address(resolution, gateway), account)
        if other.value("environment") is not account.value("environment"):
            known = other.value("gateway")
            both = f"Gateway '{gateway}'" if known == gateway else f"the address of Gateways '{known}' and '{gateway}'"
            summary = (
                f"{account.entry} is {account.value('environment')} and {other.entry} is "
                f"{other.value('environment')}, but both go through {both}"
            )
            hint = "A gateway is logged in to paper or to live, never to both."
            yield diagnostics.error("ACC005", summary, account.place("gateway"), suggestion=hint)


def _address(resolution: Resolution, gateway: str) -> object:
    """Where a gateway listens, which two names may stand for; its name where its manifest is not in order."""
    entry = resolution.entry("Gateway", gateway)
    if entry is None or not isinstance(entry.manifest, Gateway):
        return gateway
    spec = entry.manifest.spec
    return "127.0.0.1" if spec.host.lower() == "localhost" else spec.host.lower(), spec.port


def _two_defaults(resolution: Resolution) -> Iterator[Diagnostic]:
    first: Entry | None = None
    for account in resolution.accounts:
        if account.entry.value("default") and first is not None:
            summary = f"{account.entry} and {first} ({first.place}) are both the default"
            hint = "Say `default: true` of one account."
            yield diagnostics.error("ACC020", summary, account.place("default"), suggestion=hint)
        elif account.entry.value("default"):
            first = account.entry
