"""The two profiles that a set of manifests can begin with, and the limits that leave an account where it is."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from reconciler.domain.unknown import Unknown
from reconciler.manifests.writing.values import Values, percent
from reconciler.planning.room import Room, room_above

_FIVE_PERCENT, _TENTH = Decimal("0.05"), Decimal("0.1")
_HIGHEST_POSITION, _MOST_UNDECLARED, _MOST_UTILISED = Decimal("0.8"), Decimal("0.5"), Decimal("0.6")
"""What the limits say where nobody says another."""


@dataclass(frozen=True)
class Profile:
    """How careful the rules are. `name` is that of its RiskLimits and its ExecutionPolicy."""

    name: str
    leverage: Decimal
    emergency_leverage: Decimal
    margin_cushion: Decimal
    orders_at_once: int
    run_minutes: int
    max_leverage: Decimal = Decimal(0)
    """What maxLeverage is at least, for an account that is only going to be built."""

    def room(self, leverage: Decimal, emergency: Decimal | None = None) -> Room | Unknown:
        """The limits of leverage for an account that is to be held at `leverage`; `emergency` is the profile's own."""
        wished = self.emergency_leverage if emergency is None else emergency
        return room_above(leverage, emergency=wished, at_least=min(self.max_leverage, wished - _TENTH))

    def limits(self, room: Room, leverage: Decimal) -> Values:
        """What the RiskLimits say of leverage and margin, for an account that is to be held at `leverage`."""
        return {
            ("maxLeverage",): room.max_leverage,
            ("emergencyLeverage",): room.emergency_leverage,
            ("maintenanceMargin",): percent(room.maintenance_margin),
            ("marginCushion",): percent(self.margin_cushion),
            **self.wider(room, leverage),
        }

    def wider(self, room: Room, leverage: Decimal, initial_rate: Decimal = Decimal(0)) -> Values:
        """The limits of margin that let an account be at `leverage`, where the usual ones do not.

        `initial_rate` is its initial margin / exposure, as far as that is known to be above the maintenance margin's.
        """
        maintenance = room.maintenance_margin * leverage
        initial = max(initial_rate * leverage, maintenance)
        values: dict[tuple[str, ...], object] = {}
        if maintenance > _MOST_UTILISED:
            values["maxMarginUtilisation",] = percent(min(_above(maintenance), Decimal(1)))
        if initial * (1 + self.margin_cushion) > 1:
            values["marginCushion",] = percent(max(_multiple(1 / initial - 1, ROUND_FLOOR), Decimal(0)))
        return values

    @property
    def policy(self) -> Values:
        """What the ExecutionPolicy says of pace."""
        return {("maxParallelOrders",): self.orders_at_once, ("timeouts", "run"): f"{self.run_minutes}m"}


STANDARD = Profile(
    "standard",
    Decimal(1),
    Decimal("2.5"),
    Decimal("0.2"),
    orders_at_once=5,
    run_minutes=30,
    max_leverage=Decimal("1.5"),
)
CONSERVATIVE = Profile("conservative", Decimal("1.2"), Decimal("2.5"), Decimal("0.3"), orders_at_once=3, run_minutes=15)


def concentration(largest: Decimal, undeclared_share: Decimal) -> Values:
    """The limits of concentration that let these be, where the usual ones do not."""
    values: dict[tuple[str, ...], object] = {}
    if largest > _HIGHEST_POSITION:
        values["maxPositionWeight",] = percent(_above(largest))
    if undeclared_share > _MOST_UNDECLARED:
        values["maxUndeclared",] = percent(min(_above(undeclared_share), Decimal(1)))
    return values


def _above(share: Decimal) -> Decimal:
    """The next multiple of five per cent that leaves some room."""
    return _multiple(share + _FIVE_PERCENT, ROUND_CEILING)


def _multiple(share: Decimal, rounding: str) -> Decimal:
    return (share / _FIVE_PERCENT).to_integral_value(rounding) * _FIVE_PERCENT
