"""Cost: what a plan's orders are estimated to cost, and what the account's loan costs."""

from dataclasses import dataclass

from reconciler.domain.money import Money
from reconciler.domain.unknown import Unknown


@dataclass(frozen=True)
class Cost:
    """Estimates in base currency.

    `commission` is the broker's, by its what-ifs; `half_spread` what orders lose against the middle of the market;
    `conversion` both of these for the exchange of currencies. `loan` is what is owed after the plan, and `financing`
    what that costs in a year, at the rate that the account's manifest names; Unknown where it names none.
    """

    commission: Money | Unknown
    half_spread: Money | Unknown
    conversion: Money | Unknown
    loan: Money | Unknown
    financing: Money | Unknown

    @property
    def once(self) -> Money | Unknown:
        """What the run costs, without the loan; Unknown where a part is."""
        total: Money | None = None
        for part in (self.commission, self.half_spread, self.conversion):
            if isinstance(part, Unknown):
                return part
            total = part if total is None else total + part
        return Unknown("nothing was estimated") if total is None else total


def unknown_cost(why: Unknown) -> Cost:
    """Of a plan whose orders nobody asked the broker about."""
    return Cost(why, why, why, why, why)
