"""Concentration: how much of net liquidation one position, sector, asset class or foreign currency may be."""

from collections.abc import Callable
from decimal import ROUND_CEILING, Decimal

from reconciler.domain.limits import Limit
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Violation
from reconciler.planning.checks.subject import Stake, Subject

_PER_MILLE = Decimal("0.001")


def check_position_weight(subject: Subject) -> tuple[Violation, ...]:
    """After the orders, each position's exposure / net liquidation stays within `maxPositionWeight`."""
    names = sorted({order.instrument for order in subject.trades if not order.reduces_risk})
    found = (_position(subject.by_name[name], subject) for name in names)
    return tuple(each for each in found if each is not None)


def check_held_weights(subject: Subject) -> tuple[Violation, ...]:
    """The same for every declared position, traded or not."""
    found = (_position(subject.by_name[name], subject) for name in sorted(subject.by_name))
    return tuple(each for each in found if each is not None)


def _position(stake: Stake, subject: Subject) -> Violation | None:
    most = subject.limits.max_position_weight
    if isinstance(stake.after, Unknown):
        return None  # a line without a price has no order
    after = abs(subject.share(stake.after))
    if after <= most:
        return None
    before = None if isinstance(stake.before, Unknown) else abs(subject.share(stake.before))
    return subject.violation(
        Limit.MAX_POSITION_WEIGHT,
        "max_position_weight",
        f"{stake.name} would be {after:.1%} of net liquidation",
        f"{after:.4f}",
        f"{most:.2f}",
        instrument=stake.name,
        existed_before=before is not None and before > most,
        remedy=f"lower the weight of {stake.name} to {most / after:.0%} of what it is, or raise maxPositionWeight to "
        f"{after.quantize(_PER_MILLE, ROUND_CEILING)}",
    )


def check_sector_weight(subject: Subject) -> tuple[Violation, ...]:
    """After the orders, the exposure of each sector stays within `maxSectorWeight`."""
    return _grouped(
        subject,
        Limit.MAX_SECTOR_WEIGHT,
        "max_sector_weight",
        subject.limits.max_sector_weight,
        lambda stake: stake.sector,
    )


def check_asset_class_weight(subject: Subject) -> tuple[Violation, ...]:
    """After the orders, the exposure of each asset class stays within `maxAssetClassWeight`."""
    return _grouped(
        subject,
        Limit.MAX_ASSET_CLASS_WEIGHT,
        "max_asset_class_weight",
        subject.limits.max_asset_class_weight,
        lambda stake: stake.asset_class,
    )


def check_currency_weight(subject: Subject) -> tuple[Violation, ...]:
    """After the orders, the exposure in each currency but the base currency stays within `maxCurrencyWeight`."""
    base = subject.account.base_currency
    return _grouped(
        subject,
        Limit.MAX_CURRENCY_WEIGHT,
        "max_currency_weight",
        subject.limits.max_currency_weight,
        lambda stake: None if stake.currency == base else stake.currency,
    )


def _grouped(
    subject: Subject, limit: Limit, field: str, most: Decimal | None, group_of: Callable[[Stake], str | None]
) -> tuple[Violation, ...]:
    if most is None:
        return ()
    groups: dict[str, list[Stake]] = {}
    for stake in subject.stakes:
        group = group_of(stake)
        if group is not None:
            groups.setdefault(group, []).append(stake)
    found = (_group(subject, limit, field, most, name, groups[name]) for name in sorted(groups))
    return tuple(each for each in found if each is not None)


def _group(
    subject: Subject, limit: Limit, field: str, most: Decimal, name: str, stakes: list[Stake]
) -> Violation | None:
    """Where a holding of the group has no price, the group's weight is not known: what is bought in it is held up."""
    bound = f"{most:.2f}"
    unknown = next((each for each in stakes if isinstance(each.after, Unknown)), None)
    if unknown is not None:
        message = f"how much of net liquidation {name} would be is not known: {unknown.name} has no price"
        return subject.violation(limit, field, message, "unknown", bound, holds=subject.holds(worse=_grows(stakes)))
    after = sum((abs(subject.share(each.after)) for each in stakes if not isinstance(each.after, Unknown)), Decimal(0))
    before = sum(
        (abs(subject.share(each.before)) for each in stakes if not isinstance(each.before, Unknown)), Decimal(0)
    )
    if after <= most:
        return None
    return subject.violation(
        limit,
        field,
        f"{name} would be {after:.1%} of net liquidation",
        f"{after:.4f}",
        bound,
        existed_before=before > most,
        holds=subject.holds(worse=after > before),
        remedy=f"lower the weights in {name} to {most / after:.0%} of what they are, or raise {limit} to "
        f"{after.quantize(_PER_MILLE, ROUND_CEILING)}",
    )


def _grows(stakes: list[Stake]) -> bool:
    return any(abs(each.final) > abs(each.held) for each in stakes)
