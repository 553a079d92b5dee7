"""From the library's objects to messages: the one place where a float becomes a Decimal and "no value" becomes None.

The library prints a number that the gateway sent as text back to the same text, so `repr` loses nothing. The broker's
"no value" is 1.7976931348623157E308, an empty text, NaN or infinity; it is never zero.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from reconciler.adapters.ib import hours, messages
from reconciler.domain.account import Position, Side
from reconciler.domain.contract import Listing, PriceIncrement
from reconciler.domain.ids import AccountId, ConId, ExecId, OrderId, OrderRef, PermId
from reconciler.domain.money import Currency, Money
from reconciler.domain.orders import CommissionReport, Fill

UNSET_INTEGER = 2147483647
_UNSET_FROM = Decimal("1e300")
_SIDES = {"BUY": Side.BUY, "SELL": Side.SELL, "SSHORT": Side.SELL, "BOT": Side.BUY, "SLD": Side.SELL}


class NoValueError(ValueError):
    """A number that a message cannot do without was not there."""


def number(value: float | str) -> Decimal | None:
    """`value` exactly as it was sent, or None for the broker's "no value"."""
    try:
        result = Decimal(value if isinstance(value, str) else repr(value))
    except InvalidOperation:
        return None
    if not result.is_finite() or abs(result) > _UNSET_FROM:
        return None
    return _plain(result)


def required(value: float | str) -> Decimal:
    """`value` as a Decimal. Raises NoValueError where the broker sent none."""
    result = number(value)
    if result is None:
        raise NoValueError(f"no number: {value!r}")
    return result


def _plain(value: Decimal) -> Decimal:
    """Without the `.0` that a float prints, so that 23.0 shares are 23 and 1E+2 is 100."""
    whole = value.to_integral_value()
    return whole.quantize(Decimal(1)) if value == whole else value


def side(word: str) -> Side:
    """Orders say BUY and SELL, executions BOT and SLD. Raises NoValueError for anything else."""
    if word not in _SIDES:
        raise NoValueError(f"no side: {word!r}")
    return _SIDES[word]


def plain_text(text: str) -> str:
    """One line, single spaces, no full stop at its end."""
    return " ".join(text.split()).rstrip(".")


def position(contract: Any, quantity: float, average_cost: float, market_price: float | None) -> Position:
    """A holding. A mark of zero or below is none."""
    mark = None if market_price is None else number(market_price)
    return Position(
        con_id=ConId(contract.conId),
        symbol=contract.symbol,
        sec_type=contract.secType,
        currency=Currency(contract.currency),
        multiplier=multiplier(contract),
        quantity=required(quantity),
        average_cost=required(average_cost),
        market_price=mark if mark is not None and mark > 0 else None,
    )


def multiplier(contract: Any) -> Decimal:
    """Units for each quantity of one; the broker leaves it empty where it is one."""
    return required(contract.multiplier) if contract.multiplier else Decimal(1)


def _ref(text: str) -> OrderRef | None:
    return OrderRef(text) if text else None


def _margin(state: Any) -> messages.MarginImpact:
    return messages.MarginImpact(
        initial_before=number(state.initMarginBefore),
        initial_change=number(state.initMarginChange),
        maintenance_before=number(state.maintMarginBefore),
        maintenance_change=number(state.maintMarginChange),
        equity_with_loan_after=number(state.equityWithLoanAfter),
        commission=number(state.commission),
        commission_currency=state.commissionCurrency,
        warning=plain_text(state.warningText),
    )


def open_order(order_id: int, contract: Any, order: Any, state: Any) -> messages.OpenOrder:
    """An order as the broker holds it. A quantity of zero is none: the order is sized in cash."""
    quantity = number(order.totalQuantity)
    return messages.OpenOrder(
        account=AccountId(order.account),
        order_id=OrderId(order_id),
        client_id=order.clientId,
        perm_id=PermId(order.permId),
        ref=_ref(order.orderRef),
        con_id=ConId(contract.conId),
        symbol=contract.symbol,
        sec_type=contract.secType,
        currency=contract.currency,
        side=side(order.action),
        quantity=quantity or None,
        order_type=order.orderType,
        time_in_force=order.tif,
        status=state.status,
        is_attached=bool(order.parentId or order.ocaGroup or order.conditions),
        is_what_if=order.whatIf,
        margin=_margin(state),
    )


def completed_order(order: Any, state: Any) -> messages.CompletedOrder:
    """An order that is over. Raises NoValueError where the broker does not say how much of it filled."""
    return messages.CompletedOrder(
        account=AccountId(order.account),
        perm_id=PermId(order.permId),
        ref=_ref(order.orderRef),
        status=state.status,
        filled=required(order.filledQuantity),
        detail=plain_text(state.completedStatus),
    )


def execution(request_id: int, contract: Any, report: Any) -> messages.Execution:
    """One execution."""
    return messages.Execution(
        request_id=request_id,
        account=AccountId(report.acctNumber),
        order_id=OrderId(report.orderId),
        client_id=report.clientId,
        perm_id=PermId(report.permId),
        ref=_ref(report.orderRef),
        con_id=ConId(contract.conId),
        sec_type=contract.secType,
        currency=contract.currency,
        multiplier=multiplier(contract),
        side=side(report.side),
        fill=Fill(
            exec_id=ExecId(report.execId),
            shares=required(report.shares),
            price=required(report.price),
            time=report.time.astimezone(UTC),
        ),
        is_liquidation=bool(report.liquidation),
    )


def commission(report: Any) -> CommissionReport | None:
    """The commission of an execution; None where the broker left it unset."""
    amount = number(report.commission)
    if amount is None or not report.currency:
        return None
    return CommissionReport(ExecId(report.execId), Money(amount, Currency(report.currency)))


def contract_row(request_id: int, details: Any) -> messages.ContractRow:
    """What the broker says a contract is."""
    contract = details.contract
    rules = details.marketRuleIds.split(",")
    exchanges = details.validExchanges.split(",")
    return messages.ContractRow(
        request_id=request_id,
        con_id=ConId(contract.conId),
        symbol=contract.symbol,
        sec_type=contract.secType,
        currency=contract.currency,
        exchange=contract.exchange,
        primary_exchange=contract.primaryExchange,
        expiry=contract.lastTradeDateOrContractMonth,
        local_symbol=contract.localSymbol,
        trading_class=contract.tradingClass,
        long_name=details.longName,
        multiplier=multiplier(contract),
        price_magnifier=details.priceMagnifier,
        min_tick=_positive(details.minTick),
        min_size=_positive(details.minSize),
        size_increment=_positive(details.sizeIncrement),
        order_types=frozenset(filter(None, details.orderTypes.split(","))),
        market_rules={
            exchange: int(rule) for exchange, rule in zip(exchanges, rules, strict=False) if rule.isdecimal()
        },
        liquid_hours=hours.sessions(details.liquidHours, details.timeZoneId),
        time_zone=details.timeZoneId,
    )


def listing(contract: Any) -> Listing:
    """A contract that a search for symbols found: without an expiry, and without a name where the gateway is old."""
    return Listing(
        con_id=ConId(contract.conId),
        symbol=contract.symbol,
        sec_type=contract.secType,
        currency=Currency(contract.currency),
        primary_exchange=contract.primaryExchange,
        expiry="",
        name=contract.description,
    )


def _positive(value: float) -> Decimal | None:
    result = number(value)
    return result if result is not None and result > 0 else None


def increments(rows: Sequence[Any]) -> tuple[PriceIncrement, ...]:
    """The rows of a market rule, the lowest edge first."""
    steps = (PriceIncrement(required(row.lowEdge), required(row.increment)) for row in rows)
    return tuple(sorted(steps, key=lambda step: step.low_edge))


def price(value: float) -> Decimal | None:
    """A quoted price; the broker says −1 or 0 where there is none."""
    return _positive(value)


def option_tick(request_id: int, tick_type: int, delta: float, underlying: float) -> messages.OptionTick:
    """An option's greeks. The broker says −2 for a delta, and −1 for a price, that it has not computed."""
    greek = number(delta)
    is_computed = greek is not None and abs(greek) <= 1
    return messages.OptionTick(request_id, tick_type, greek if is_computed else None, _positive(underlying))


def timestamp(text: str) -> datetime | None:
    """A time in epoch seconds, as the timestamp ticks send it; None where it is not one."""
    return datetime.fromtimestamp(int(text), UTC) if text.isdecimal() and int(text) else None
