"""What the broker charges for trades: a tariff for each way of pricing and each kind of instrument.

Amounts are in the instrument's currency, minimums too, for whichever currency that is; each execution is charged by
itself. Figures are those of the broker's public price list for small accounts, exchange fees one flat rate.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from reconciler.simgateway.amounts import ZERO
from reconciler.simgateway.books.agreement import Pricing
from reconciler.simgateway.market.instruments import SecurityType

_FRACTION_OF_A_CENT = Decimal("0.0001")

_PER_SHARE, _PER_SHARE_MINIMUM, _SHARE_OF_VALUE = Decimal("0.005"), Decimal(1), Decimal("0.01")
_TIERED_MINIMUM, _EXCHANGE_PER_SHARE = Decimal("0.35"), Decimal("0.0032")
_TIERS = (
    (Decimal(300_000), Decimal("0.0035")),
    (Decimal(3_000_000), Decimal("0.0020")),
    (Decimal(20_000_000), Decimal("0.0015")),
    (Decimal(100_000_000), Decimal("0.0010")),
)
"""Per share, for the shares of a month up to a number."""
_LAST_TIER = Decimal("0.0005")
_CURRENCY_RATE, _CURRENCY_MINIMUM = Decimal("0.00002"), Decimal(2)
_PER_CONTRACT, _EXCHANGE_PER_CONTRACT = Decimal("0.85"), Decimal("1.38")
_PER_OPTION, _PER_OPTION_MINIMUM = Decimal("0.65"), Decimal(1)
_CRYPTO_RATE, _CRYPTO_MINIMUM = Decimal("0.0018"), Decimal("1.75")


class Trade(NamedTuple):
    """What is charged: units without a sign, their value, and the units that the account traded before in the month."""

    units: Decimal
    value: Decimal
    before: Decimal = ZERO


class Charge(NamedTuple):
    """The least and the most that an order can cost."""

    least: Decimal
    most: Decimal


def _nothing(_trade: Trade) -> Decimal:
    return ZERO


def _fixed(trade: Trade) -> Decimal:
    """0.005 a share, at least 1.00, at most 1 % of the value."""
    return min(max(trade.units * _PER_SHARE, _PER_SHARE_MINIMUM), trade.value * _SHARE_OF_VALUE)


def _tiered(trade: Trade) -> Decimal:
    """By the month's volume 0.0035 a share and less, at least 0.35, at most 1 % of the value; and exchange fees."""
    return _brokerage(trade, _tiers_of(trade)) + trade.units * _EXCHANGE_PER_SHARE


def _brokerage(trade: Trade, asked: Decimal) -> Decimal:
    return min(max(asked, _TIERED_MINIMUM), trade.value * _SHARE_OF_VALUE)


def _tiers_of(trade: Trade) -> Decimal:
    """The shares at the rate of the tier into which each falls."""
    done, end, total = trade.before, trade.before + trade.units, ZERO
    for limit, rate in _TIERS:
        total += max(min(end, limit) - done, ZERO) * rate
        done = max(done, limit)
    return total + max(end - done, ZERO) * _LAST_TIER


def _per_contract(trade: Trade) -> Decimal:
    return trade.units * (_PER_CONTRACT + _EXCHANGE_PER_CONTRACT)


def _option(trade: Trade) -> Decimal:
    """0.65 a contract, at least 1.00."""
    return max(trade.units * _PER_OPTION, _PER_OPTION_MINIMUM)


def _currency(trade: Trade) -> Decimal:
    """0.2 basis points of the value, at least 2.00."""
    return max(trade.value * _CURRENCY_RATE, _CURRENCY_MINIMUM)


def _crypto(trade: Trade) -> Decimal:
    """0.18 % of the value, at least 1.75, at most 1 % of the value."""
    return min(max(trade.value * _CRYPTO_RATE, _CRYPTO_MINIMUM), trade.value * _SHARE_OF_VALUE)


def _exactly(tariff: Callable[[Trade], Decimal]) -> Callable[[Trade], Charge]:
    return lambda trade: Charge(tariff(trade), tariff(trade))


def _somewhere_in_the_tiers(trade: Trade) -> Charge:
    """From the last tier on a venue without fees to the first tier on one that takes them."""
    return Charge(_brokerage(trade, trade.units * _LAST_TIER), _tiered(trade))


@dataclass(frozen=True)
class _Tariff:
    cost: Callable[[Trade], Decimal]
    bounds: Callable[[Trade], Charge]


def _known(cost: Callable[[Trade], Decimal]) -> _Tariff:
    return _Tariff(cost, _exactly(cost))


_BY_PRICING: Mapping[Pricing, _Tariff] = {
    Pricing.FIXED: _known(_fixed),
    Pricing.TIERED: _Tariff(_tiered, _somewhere_in_the_tiers),
}
_BY_KIND: Mapping[SecurityType, _Tariff] = {
    SecurityType.CURRENCY: _known(_currency),
    SecurityType.FUTURE: _known(_per_contract),
    SecurityType.CRYPTO: _known(_crypto),
    SecurityType.OPTION: _known(_option),
}
_FREE = _known(_nothing)


def _tariff(pricing: Pricing, kind: SecurityType) -> _Tariff:
    if pricing is Pricing.NONE:
        return _FREE
    return _BY_KIND.get(kind) or _BY_PRICING[pricing]


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_FRACTION_OF_A_CENT)


def commission(
    pricing: Pricing, kind: SecurityType, shares: Decimal, price: Decimal, before: Decimal = ZERO
) -> Decimal:
    """The cost of an execution; `before` is what the account traded in the month until then."""
    trade = Trade(abs(shares), abs(shares) * price, before)
    return _rounded(_tariff(pricing, kind).cost(trade))


def estimate(pricing: Pricing, kind: SecurityType, shares: Decimal, price: Decimal) -> Charge:
    """What an order that fills at once may cost; least and most are the same where the tariff is exact."""
    least, most = _tariff(pricing, kind).bounds(Trade(abs(shares), abs(shares) * price))
    return Charge(_rounded(least), _rounded(most))


@dataclass
class Volumes:
    """Shares that each account traded in a calendar month, by which tiered prices go."""

    _traded: dict[str, tuple[tuple[int, int], Decimal]] = field(default_factory=dict)

    def so_far(self, account: str, moment: datetime) -> Decimal:
        """What an account traded in the month of a moment."""
        month, traded = self._traded.get(account, (None, ZERO))
        return traded if month == (moment.year, moment.month) else ZERO

    def add(self, account: str, moment: datetime, shares: Decimal) -> None:
        """Count an execution."""
        self._traded[account] = ((moment.year, moment.month), self.so_far(account, moment) + abs(shares))
