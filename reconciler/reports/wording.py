"""The words and the forms of numbers that every rendering for people shares. Text in, text out."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal

from reconciler.domain.account import WorkingOrder
from reconciler.domain.distance import Distance
from reconciler.domain.money import Currency, Money
from reconciler.domain.unknown import Unknown

UNKNOWN = "unknown"


def plain(text: str) -> str:
    """`text` on one line, without control characters: what comes from a broker or a file cannot steer a terminal."""
    return "".join(letter if letter.isprintable() else " " for letter in text)


def quantity(value: Decimal | Unknown) -> str:
    """Shares or contracts, with every digit that is not a zero at the end."""
    if isinstance(value, Unknown):
        return "?"
    text = f"{value:,f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def signed(value: Decimal) -> str:
    """An order's quantity with its sign; nothing for zero."""
    return "" if value == 0 else ("+" if value > 0 else "") + quantity(value)


def percent(value: Decimal | Unknown, *, digits: int = 1) -> str:
    """A fraction as a percentage."""
    return UNKNOWN if isinstance(value, Unknown) else f"{value * 100:,.{digits}f} %".replace("-", "−")


def ratio(value: Decimal | Unknown) -> str:
    """A leverage, with two decimals."""
    return UNKNOWN if isinstance(value, Unknown) else f"{value:,.2f}".replace("-", "−")


NEVER = "none"
"""What a move to liquidation is where no move of its kind leads there."""


def move(value: Decimal | Unknown | None) -> str:
    """A relative move as a percentage with its sign."""
    if value is None or isinstance(value, Unknown):
        return NEVER if value is None else UNKNOWN
    return ("+" if value > 0 else "") + percent(value)


def optional_ratio(value: Decimal | Unknown | None) -> str:
    """A leverage, where there is one."""
    return NEVER if value is None else ratio(value)


def currency_move(distance: Distance) -> str:
    """The move of a currency that liquidates first, and which it is."""
    shown = move(distance.currency_move)
    return shown if distance.currency is None else f"{distance.currency} {shown}"


def price(value: Decimal | Unknown) -> str:
    """With two to four decimals."""
    if isinstance(value, Unknown):
        return "?"
    text = f"{value:,.4f}"
    return text[:-2] if text.endswith("00") else text.rstrip("0")


def rate(value: Decimal | Unknown) -> str:
    """An exchange rate, with five significant decimals."""
    return UNKNOWN if isinstance(value, Unknown) else f"{value:,.5f}".rstrip("0").rstrip(".")


def age(seconds: float) -> str:
    """`12 s`, `5 min` or `3 h`, rounded down."""
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= length:
            return f"{seconds // length:.0f} {unit}"
    return f"{seconds:.0f} s"


def amount(value: Money | Unknown | None, base: Currency) -> str:
    """Money whose currency a heading names; another currency is written out. The empty text for None."""
    if value is None:
        return ""
    if isinstance(value, Unknown):
        return UNKNOWN
    text = f"{value.amount:,.2f}".replace("-", "−")
    return text if value.currency == base else f"{text} {value.currency}"


def money(value: Money | Unknown) -> str:
    """An amount with its currency."""
    return UNKNOWN if isinstance(value, Unknown) else str(value).replace("-", "−")


def clock(moment: datetime) -> str:
    """A time for a person, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def arrow(before: str, after: str) -> str:
    """`before → after`, or one of them where they are the same."""
    return after if before == after else f"{before} → {after}"


def totals(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """One sum for each currency, by the currency's code: two currencies are never added."""
    sums: dict[Currency, Money] = {}
    for each in amounts:
        sums[each.currency] = sums[each.currency] + each if each.currency in sums else each
    return tuple(sums[currency] for currency in sorted(sums))


def whys(values: Iterable[object]) -> tuple[str, ...]:
    """The reasons of those that are Unknown, each once, in their order."""
    return tuple(dict.fromkeys(value.why for value in values if isinstance(value, Unknown)))


def working_order(order: WorkingOrder) -> str:
    """`XLP SELL 5 STP GTC (client 7, Submitted)`."""
    return (
        f"{order.symbol} {order.side} {quantity(order.remaining)} {order.order_type} {order.time_in_force} "
        f"(client {order.client_id}, {order.status})"
    )


# The currencies that the broker keeps cash in: any three capitals would also strike out "5 GLD".
_CURRENCY = (
    "(?:AED|AUD|BRL|CAD|CHF|CNH|CNY|CZK|DKK|EUR|GBP|HKD|HUF|ILS|INR|JPY|KRW|MXN|MYR|NOK|NZD|PLN|RUB|SAR|SEK|SGD|THB|TRY"
    "|TWD|USD|ZAR)"
)
_NUMBER = r"[-−]?\d[\d,]*(?:\.\d+)?"
_MONEY = re.compile(rf"{_NUMBER} ?{_CURRENCY}\b|\b{_CURRENCY} ?{_NUMBER}")


def without_money(text: str) -> str:
    """`text` with every amount of money struck out, for what strangers read (promise 14)."""
    return _MONEY.sub("[amount]", text)
