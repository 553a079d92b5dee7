"""Exchange rates: what one currency is worth in another, by the currency pairs that the market trades.

Assumption: the broker converts to the base currency at the mark of the pair. A rate that the scenario pins stays.
"""

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from decimal import Decimal

from reconciler.simgateway.amounts import ONE

Pairs = Mapping[tuple[str, str], Decimal]
"""The price of the first currency in the second."""

_DIGITS = ONE.scaleb(-8)


def exchange_rate(currency: str, base: str, pairs: Pairs) -> Decimal | None:
    """One unit of a currency in the base currency, by a pair of both, or over one third currency; None if by neither.

    A price is taken as it is; what is computed from prices has eight decimals.
    """
    if currency == base:
        return ONE
    if (currency, base) in pairs:
        return pairs[currency, base]
    if (base, currency) in pairs:
        return (ONE / pairs[base, currency]).quantize(_DIGITS)
    for third in sorted({each for pair in pairs for each in pair}):
        there, back = _direct(currency, third, pairs), _direct(third, base, pairs)
        if there is not None and back is not None:
            return (there * back).quantize(_DIGITS)
    return None


def _direct(currency: str, base: str, pairs: Pairs) -> Decimal | None:
    if (currency, base) in pairs:
        return pairs[currency, base]
    price = pairs.get((base, currency))
    return None if price is None else ONE / price


class LiveRates(MutableMapping[str, Decimal]):
    """What one unit of each currency is worth in an account's base currency now. To set a rate pins it."""

    def __init__(self, base: str, pinned: Mapping[str, Decimal], pairs: Callable[[], Pairs]) -> None:
        self._base = base
        self._pinned = {**pinned, base: ONE}
        self._pairs = pairs

    def __getitem__(self, currency: str) -> Decimal:
        """The rate: as pinned, else as the pairs stand. Raises KeyError for a currency with neither."""
        rate = self._pinned.get(currency)
        if rate is None:
            rate = exchange_rate(currency, self._base, self._pairs())
        if rate is None:
            raise KeyError(currency)
        return rate

    def __setitem__(self, currency: str, rate: Decimal) -> None:
        self._pinned[currency] = rate

    def __delitem__(self, currency: str) -> None:
        del self._pinned[currency]

    def __iter__(self) -> Iterator[str]:
        pairs = self._pairs()
        traded = {currency for pair in pairs for currency in pair} - set(self._pinned)
        yield from self._pinned
        yield from sorted(each for each in traded if exchange_rate(each, self._base, pairs) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)
