"""Room: the limits of leverage that leave an account where it is, with an emergency short of liquidation."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from reconciler.domain.unknown import Unknown

_TENTH = Decimal("0.1")
ASSUMED_RATE = Decimal("0.25")
"""The maintenance margin that limits assume where nobody says another: maintenance margin / exposure."""
_SHORT_OF_LIQUIDATION = Decimal("0.95")


@dataclass(frozen=True)
class Room:
    """`max_leverage` lies above the leverage, `emergency_leverage` above that and below where the broker liquidates.

    `maintenance_margin` is the rate that this goes by.
    """

    max_leverage: Decimal
    emergency_leverage: Decimal
    maintenance_margin: Decimal


def room_above(
    leverage: Decimal, *, emergency: Decimal, at_least: Decimal = Decimal(0), rate: Decimal = ASSUMED_RATE
) -> Room | Unknown:
    """The limits for an account at `leverage`: `max_leverage` is `at_least` that, and `emergency_leverage` is
    `emergency`, as far as that goes. `rate` is its maintenance margin / exposure.

    Unknown where between the leverage and liquidation there is no room for both.
    """
    highest = max((leverage + _TENTH).quantize(_TENTH, ROUND_CEILING), at_least)
    liquidation = 1 / rate
    most = (liquidation * _SHORT_OF_LIQUIDATION).quantize(_TENTH, ROUND_FLOOR)
    if most <= highest:
        return Unknown(
            f"the leverage is {leverage}, and at a maintenance margin of {rate:.0%} the broker liquidates at "
            f"{liquidation:.2f}: there is no room for an emergency in between"
        )
    return Room(highest, min(max(emergency, highest + _TENTH), most), rate)
