"""Terms: what a client asks for with an order."""

from dataclasses import dataclass
from decimal import Decimal

from reconciler.simgateway.amounts import ZERO

BUY = "BUY"
SELL = "SELL"
MARKET = "MKT"
LIMIT = "LMT"
STOP = "STP"


@dataclass(frozen=True)
class Terms:
    """What the client asked for. Quantity in shares, prices in the instrument's currency, None where not given.

    OCA group, parent and algo are kept and told again, but the order is worked as a plain one; it never expires.
    """

    account: str
    action: str
    quantity: Decimal | None
    order_type: str
    limit_price: Decimal | None = None
    aux_price: Decimal | None = None
    """The trigger of a stop or an order if touched, the distance of a trailing stop, the offset of a pegged order."""
    tif: str = "DAY"
    order_ref: str = ""
    exchange: str = "SMART"
    transmit: bool = True
    outside_rth: bool = False
    oca_group: str = ""
    parent_id: int = 0
    algo: tuple[str, ...] = ("",)
    """The algo part as open orders echo it: the strategy, then the number of parameters and the parameters."""
    trail_stop: Decimal | None = None
    """Where a trailing stop begins."""
    trailing_percent: Decimal | None = None
    """The distance of a trailing stop in percent of the last price, in place of the aux price."""
    limit_offset: Decimal | None = None
    """How far beyond its stop the limit of a trailing stop limit order lies."""
    percent_offset: Decimal | None = None
    """The offset of a relative order as a share of the price, in place of the aux price."""

    @property
    def shares(self) -> Decimal:
        """The quantity, zero where none was given."""
        return self.quantity or ZERO

    @property
    def signed(self) -> int:
        """1 for a buy, -1 for a sell."""
        return 1 if self.action == BUY else -1
