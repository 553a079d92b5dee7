"""Whether an account's targets can be within its limits at all: positions, sectors, asset classes, and margin.

At full size a target is its weight × the leverage, of net liquidation. It can be smaller, for a cash buffer and
holdings that nobody declares shrink what is divided, the latter by `maxUndeclared` at most. What is above a hard limit
even then is an error, for no plan could ever lead there; what is above it at full size is a warning.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, Location
from reconciler.domain.desired import UndeclaredHoldings
from reconciler.domain.limits import Level, Limit
from reconciler.manifests.account_rules import rate
from reconciler.manifests.composed import Composed
from reconciler.manifests.resolution import Limits, Resolution, ResolvedAccount
from reconciler.manifests.risk_limits import Levels, Override
from reconciler.manifests.sums import percent
from reconciler.manifests.tighter import level_of

_ONE = Decimal(1)


@dataclass(frozen=True)
class _Size:
    """What weight 1 is of net liquidation: at full size, and at the least that the limits let it shrink to."""

    full: Decimal
    least: Decimal
    arithmetic: str


@dataclass(frozen=True)
class _Demand:
    """What the targets ask for, as a share of weight 1, and the most that a limit lets it be of net liquidation."""

    limit: Limit
    what: str
    weight: Decimal
    most: Decimal
    place: Location
    bound: str
    remedy: str = ""


def check(resolution: Resolution) -> Iterator[Diagnostic]:
    """Every target, group of targets and margin limit that cannot be met, or only by a smaller account."""
    for account in resolution.accounts:
        limits, portfolio = account.limits, account.portfolio
        if account.spec is None or limits is None or limits.spec is None or portfolio is None:
            continue
        yield from _refused(limits, portfolio)
        size = _size(account, limits)
        for demand in _demands(account, limits, portfolio, size) if portfolio.can_be_meant else ():
            yield from _judge(account, limits, size, demand)


def _demands(account: ResolvedAccount, limits: Limits, portfolio: Composed, size: _Size) -> Iterator[_Demand]:
    yield from _positions(limits, portfolio, size)
    yield from _groups(limits, portfolio, Limit.MAX_SECTOR_WEIGHT, "sector")
    yield from _groups(limits, portfolio, Limit.MAX_ASSET_CLASS_WEIGHT, "asset_class")
    yield from _margins(account, limits, portfolio)


def _refused(limits: Limits, portfolio: Composed) -> Iterator[Diagnostic]:
    """Targets that `allow` leaves out, or `deny` names: whatever they ask for, their lines are blocked."""
    allow, deny = limits.value(Limit.ALLOW) or (), limits.value(Limit.DENY) or ()
    hints = diagnostics.Hints(allow)
    for line in portfolio.lines if allow or deny else ():
        symbol = line.target.symbol
        if symbol in deny:
            summary = f"{line.label} may not be traded: {limits.entry} denies it ({limits.place(Limit.DENY)})"
            yield diagnostics.warning("ACC011", summary, line.spot.of("symbol"))
        elif allow and symbol not in allow:
            summary = f"{line.label} may not be traded: {limits.entry} does not allow it ({limits.place(Limit.ALLOW)})"
            yield diagnostics.warning("ACC011", summary, line.spot.of("symbol"), suggestion=hints.of(symbol))


def _positions(limits: Limits, portfolio: Composed, size: _Size) -> Iterator[_Demand]:
    most: Decimal = limits.value(Limit.MAX_POSITION_WEIGHT)
    for line in portfolio.lines:
        weight = abs(line.weight)
        # Most lines are far from the limit, and their places are looked up for nothing.
        if weight * size.full > most:
            yield _Demand(Limit.MAX_POSITION_WEIGHT, line.label, weight, most, line.spot.of("weight"), percent(most))


def _groups(limits: Limits, portfolio: Composed, limit: Limit, field: str) -> Iterator[_Demand]:
    most: Decimal | None = limits.value(limit)
    if most is None:
        return
    weights: dict[str, Decimal] = {}
    for line in portfolio.lines:
        group = getattr(line.target, field)
        if group is not None:
            weights[group] = weights.get(group, Decimal(0)) + abs(line.weight)
    what = "sector" if limit is Limit.MAX_SECTOR_WEIGHT else "asset class"
    for group, weight in sorted(weights.items()):
        yield _Demand(limit, f"{what} {group}", weight, most, limits.place(limit), percent(most))


def _margins(account: ResolvedAccount, limits: Limits, portfolio: Composed) -> Iterator[_Demand]:
    """The maintenance margin of all targets; initial margin is no less than that."""
    spec = limits.spec
    if spec is None:
        return
    margin = sum((abs(line.weight) * rate(line, spec.maintenance_margin) for line in portfolio.lines), Decimal(0))
    what, place = f"the maintenance margin of {portfolio.entry}", account.place("leverage")
    bounds = (
        (Limit.MAX_MARGIN_UTILISATION, spec.max_margin_utilisation, percent(spec.max_margin_utilisation)),
        (Limit.MIN_CUSHION, _ONE - spec.min_cushion, f"100% less {percent(spec.min_cushion)}"),
        (Limit.MARGIN_CUSHION, _ONE / (_ONE + spec.margin_cushion), f"100% / (1 + {percent(spec.margin_cushion)})"),
    )
    hint = "Lower the leverage, or name the maintenanceMargin that the broker asks for each target."
    for limit, most, bound in bounds:
        yield _Demand(limit, what, margin, most, place, bound, hint)


def _size(account: ResolvedAccount, limits: Limits) -> _Size:
    leverage, buffer = account.value("leverage"), account.value("cashBuffer")
    shrinks = limits.value(Limit.MAX_UNDECLARED)
    overrides: list[Override] = limits.value("overrides")
    levels: Levels = limits.value("levels")
    is_bounded = (
        buffer.amount == 0
        and account.value("undeclaredHoldings") is UndeclaredHoldings.COUNTED
        and level_of(levels)(Limit.MAX_UNDECLARED) is not Level.ADVISORY
        and all(each.limit is not Limit.MAX_UNDECLARED for each in overrides)
    )
    if not is_bounded:
        return _Size(leverage, Decimal(0), "")
    least = leverage * (_ONE - buffer.fraction) * (_ONE - shrinks)
    parts = [f"the leverage {leverage}"]
    parts += [f"less a cash buffer of {percent(buffer.fraction)}"] if buffer.fraction else []
    parts += [f"and at most {percent(shrinks)} (maxUndeclared) less for other holdings"]
    return _Size(leverage, least, " ".join(parts))


def _judge(account: ResolvedAccount, limits: Limits, size: _Size, demand: _Demand) -> Iterator[Diagnostic]:
    if demand.weight * size.full <= demand.most:
        return
    holder = f"{demand.limit} {demand.bound} of {limits.entry}"
    is_hard = level_of(limits.value("levels"))(demand.limit) is Level.HARD
    least = demand.weight * size.least
    if is_hard and least > demand.most:
        summary = (
            f"{demand.what} cannot be within {holder}: {percent(demand.weight)} with {size.arithmetic} "
            f"is {percent(least)} of net liquidation, {percent(least - demand.most)} too much"
        )
        yield diagnostics.error("ACC009", summary, demand.place, suggestion=demand.remedy)
        return
    code = "ACC002" if demand.limit is Limit.MAX_POSITION_WEIGHT else "ACC010"
    summary = (
        f"{demand.what} at {percent(demand.weight)} with the leverage {size.full} of {account.entry} is "
        f"{percent(demand.weight * size.full)} of net liquidation, "
        f"{percent(demand.weight * size.full - demand.most)} above {holder}"
    )
    yield diagnostics.warning(code, summary, demand.place, suggestion=demand.remedy)
