"""Agreement: whether positions, portfolio rows and gross value tell one story (promise 6).

An END marker is weak proof that account values are fresh: the gateway may send it at once, before the values. So a
snapshot is taken for fresh only where its parts agree.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal

from reconciler.domain.account import AccountValues, Position
from reconciler.domain.money import Currency, FxRate, Money
from reconciler.domain.unknown import Unknown

TOLERANCE = Decimal("0.02")
"""Of gross value: rows and totals are priced at slightly different moments."""


def why_not_fresh(
    positions: Iterable[Position],
    portfolio: Iterable[Position],
    values: AccountValues,
    rates: Mapping[Currency, FxRate],
) -> str | None:
    """The first disagreement, or None. Rows without a mark leave the gross value unproved, which blocks nothing."""
    held = {each.con_id: each for each in positions}
    marked = {each.con_id: each for each in portfolio if each.quantity != 0}
    for con_id in sorted(held.keys() | marked.keys()):
        here, there = held.get(con_id), marked.get(con_id)
        if here is None or there is None or here.quantity != there.quantity:
            row = here or there
            return f"positions and portfolio disagree about {row.symbol if row else con_id}"
    return gross_disagreement(marked.values(), values, rates)


def gross_disagreement(rows: Iterable[Position], values: AccountValues, rates: Mapping[Currency, FxRate]) -> str | None:
    """How the portfolio's rows differ from the gross value, or None; also None where they cannot be compared."""
    if isinstance(values.gross_position_value, Unknown):
        return None
    reported = values.gross_position_value
    total = Money(Decimal(0), reported.currency)
    for row in rows:
        exposure = Money(abs(row.quantity) * row.multiplier * (row.market_price or 0), row.currency)
        rate = rates.get(row.currency)
        # The broker's gross value omits futures; a row without a mark or a rate cannot be compared.
        if row.market_price is None or row.sec_type != "STK" or (rate is None and row.currency != reported.currency):
            return None
        total += exposure if rate is None else rate.convert(exposure)
    if abs(total - reported).amount > TOLERANCE * max(reported.amount, Decimal(1)):
        return f"the portfolio adds up to {total}, the broker's gross value is {reported}"
    return None
