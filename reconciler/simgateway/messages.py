"""What the gateway says about its books: each reply made from their values. Pure functions."""

from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from reconciler.simgateway.amounts import ZERO, cents
from reconciler.simgateway.books.commissions import Charge
from reconciler.simgateway.books.ledger import Position
from reconciler.simgateway.books.profit import Profit
from reconciler.simgateway.market.instruments import Delivery, Instrument, MarketRule, SecurityType
from reconciler.simgateway.orders.book import LIQUIDATION_ID, Execution, Order, Status
from reconciler.simgateway.orders.credit import Impact
from reconciler.simgateway.orders.pricing import KINDS, trailing_limit, waits_for_trigger
from reconciler.simgateway.orders.terms import Algo
from reconciler.simgateway.wire.layouts import UNSET_DOUBLE, UNSET_INTEGER
from reconciler.simgateway.wire.replies import Value

ZONE_IN_EXECUTIONS_SINCE = 174
SUBMITTED_FOR_WHAT_IF = "PreSubmitted"


class Reply(NamedTuple):
    """A message to be: its kind in the table of replies, and its values."""

    kind: str
    values: dict[str, Value]


def _contract(instrument: Instrument, exchange: str) -> dict[str, Value]:
    values: dict[str, Value] = {
        "con_id": instrument.con_id,
        "symbol": instrument.symbol,
        "security_type": str(instrument.security_type),
        "exchange": exchange,
        "primary_exchange": instrument.primary_exchange,
        "currency": instrument.currency,
        "local_symbol": instrument.local_symbol,
        "trading_class": instrument.trading_class,
    }
    if instrument.delivery:
        values |= {"expiry": f"{instrument.delivery.expiry:%Y%m%d}", "multiplier": instrument.multiplier}
    if instrument.option:
        values |= {"strike": instrument.option.strike, "right": instrument.option.right}
    return values


def _terms(order: Order) -> dict[str, Value]:
    """What the client asked for, and where what it asked for stands now."""
    terms, progress = order.terms, order.progress
    trails = terms.order_type in KINDS and KINDS[terms.order_type].trails
    limit = trailing_limit(terms, progress) if trails else terms.limit_price
    optional: dict[str, Value | None] = {
        "trail_stop_price": progress.level if trails and progress.level is not None else terms.trail_stop,
        "trailing_percent": terms.trailing_percent,
        "limit_price_offset": terms.limit_offset,
        "percent_offset": terms.percent_offset,
        "cash_quantity": terms.cash_quantity,
    }
    return {
        **terms.echo,
        **{name: value for name, value in optional.items() if value is not None},
        "action": terms.action,
        "quantity": terms.shares,
        "order_type": terms.order_type,
        "limit_price": limit or ZERO,
        "aux_price": terms.aux_price or ZERO,
        "tif": terms.tif,
        "oca_group": terms.oca_group,
        "oca_type": int(terms.oca_type),
        "auto_cancel_parent": int(terms.auto_cancel_parent),
        "good_after_time": terms.good_after_time,
        "good_till_date": terms.good_till_date,
        "account": terms.account,
        "order_ref": terms.order_ref,
        "outside_rth": int(terms.outside_rth),
        "algo": _algo(terms.algo),
    }


def _algo(algo: Algo | None) -> tuple[str, ...]:
    if algo is None:
        return ("",)
    flat = (text for pair in algo.parameters for text in pair)
    return (algo.strategy, str(len(algo.parameters)), *flat)


def open_order(order: Order) -> Reply:
    """Message 5: an order and its state."""
    values: dict[str, Value] = {
        **_contract(order.contract, order.terms.exchange),
        **_terms(order),
        "order_id": order.order_id,
        "client_id": order.client_id,
        "perm_id": order.perm_id,
        "parent_id": order.terms.parent_id,
        "status": str(order.status),
    }
    return Reply("open_order", values)


def order_status(order: Order) -> Reply:
    """Message 3: how far an order is."""
    values: dict[str, Value] = {
        "order_id": order.order_id,
        "status": str(order.status),
        "filled": order.filled,
        "remaining": order.remaining,
        "average_fill_price": order.average_price,
        "perm_id": order.perm_id,
        "parent_id": order.terms.parent_id,
        "last_fill_price": order.last_price,
        "client_id": order.client_id,
        "why_held": _why_held(order),
    }
    return Reply("order_status", values)


def _why_held(order: Order) -> str:
    """What a held order waits for, in the words of live gateways: its parent, its trigger, or both."""
    held = order.status is Status.PRE_SUBMITTED
    reasons = {"child": order.attached, "trigger": waits_for_trigger(order.terms, order.progress)}
    return ",".join(word for word, waits in reasons.items() if held and waits)


def order_bound(order: Order) -> Reply:
    """Message 100: the id by which a client knows an order that was entered by hand."""
    values: dict[str, Value] = {"perm_id": order.perm_id, "client_id": order.client_id, "order_id": order.order_id}
    return Reply("order_bound", values)


def unset_what_if(order: Order) -> Reply:
    """Message 5 as the first callback of a what-if, in which every number is unset."""
    values = open_order(order).values
    values |= {"what_if": 1, "status": SUBMITTED_FOR_WHAT_IF, "commission": UNSET_DOUBLE}
    return Reply("open_order", values)


def what_if(order: Order, impact: Impact, warning: str) -> Reply:
    """Message 5 as the second callback of a what-if: margins in base currency, commission in the contract's."""
    before, after = impact.before, impact.after
    pairs = {
        "initial": (before.initial_margin, after.initial_margin),
        "maintenance": (before.maintenance_margin, after.maintenance_margin),
        "equity": (before.equity_with_loan, after.equity_with_loan),
    }
    values = unset_what_if(order).values
    for name, (start, end) in pairs.items():
        values |= {f"{name}_before": cents(start), f"{name}_change": cents(end - start), f"{name}_after": cents(end)}
    values |= {
        **_charge(impact.commission),
        "commission_currency": order.contract.currency,
        "warning_text": warning,
    }
    return Reply("open_order", values)


def _charge(charge: Charge) -> dict[str, Value]:
    """One commission where the tariff is exact; else the commission is unset and the bounds are told."""
    if charge.least == charge.most:
        return {"commission": charge.most}
    return {"minimum_commission": charge.least, "maximum_commission": charge.most}


def completed_order(order: Order) -> Reply:
    """Message 101: an order that is over. It carries neither order id nor client id, as the real one."""
    values: dict[str, Value] = {
        **_contract(order.contract, order.terms.exchange),
        **_terms(order),
        "perm_id": order.perm_id,
        "status": str(order.status),
        "filled_quantity": order.filled,
        "completed_time": _moment(order.completed_at),
        "completed_status": order.completed_status,
    }
    return Reply("completed_order", values)


def _moment(moment: datetime | None) -> str:
    return f"{moment:%Y%m%d %H:%M:%S} UTC" if moment else ""


def execution(request_id: int, order: Order, fill: Execution, version: int) -> Reply:
    """Message 11: a fill; request id -1 for a live one. Times carry their zone from version 174 on."""
    instrument, terms = order.contract, order.terms
    zoned = version >= ZONE_IN_EXECUTIONS_SINCE
    values: dict[str, Value] = {
        **_contract(instrument, instrument.primary_exchange),
        "request_id": request_id,
        # The real one sends an unset number for an order that was entered by hand.
        "order_id": UNSET_INTEGER if order.by_hand else order.order_id,
        "exec_id": fill.exec_id,
        "time": _moment(fill.time) if zoned else f"{fill.time:%Y%m%d  %H:%M:%S}",
        "account": fill.account,
        "venue": instrument.primary_exchange,
        "side": "BOT" if terms.signed > 0 else "SLD",
        "shares": fill.shares,
        "price": fill.price,
        "perm_id": order.perm_id,
        "client_id": order.client_id,
        "liquidation": int(order.order_id == LIQUIDATION_ID),
        "cumulative_quantity": fill.cumulative_quantity,
        "average_price": fill.average_price,
        "order_ref": terms.order_ref,
    }
    return Reply("execution", values)


def commission(order: Order, fill: Execution) -> Reply:
    """Message 59: the cost of a fill; the realized profit is unset where the fill only opened."""
    values: dict[str, Value] = {
        "exec_id": fill.exec_id,
        "commission": fill.commission,
        "currency": fill.commission_currency,
        "realized": UNSET_DOUBLE if fill.realized is None else cents(fill.realized),
    }
    return Reply("commission", values)


def position(account: str, instrument: Instrument, held: Position) -> Reply:
    """Message 61: a holding. It names the listing exchange, not SMART; of futures and options none, as recorded."""
    values = _contract(instrument, "" if instrument.delivery else instrument.primary_exchange)
    values |= {"account": account, "quantity": held.quantity, "average_cost": held.average_cost}
    return Reply("position", values)


def profit(request_id: int, told: Profit) -> Reply:
    """Message 94: the day's profit of an account, in its base currency."""
    return Reply("profit", {"request_id": request_id, **_profit(told)})


def profit_single(request_id: int, told: Profit) -> Reply:
    """Message 95: the day's profit in one contract, in its currency."""
    values: dict[str, Value] = {"request_id": request_id, "quantity": told.quantity, "value": cents(told.value)}
    return Reply("profit_single", {**values, **_profit(told)})


def _profit(told: Profit) -> dict[str, Value]:
    return {
        "daily": cents(told.daily),
        "unrealized": cents(told.unrealized),
        "realized": cents(told.realized),
    }


def portfolio(account: str, instrument: Instrument, held: Position, mark: Decimal) -> Reply:
    """Message 7: a holding and its value at the mark, in the instrument's currency."""
    value = instrument.notional(held.quantity, mark)
    values = _contract(instrument, instrument.primary_exchange)
    values |= {
        "account": account,
        "quantity": held.quantity,
        "market_price": mark,
        "market_value": cents(value),
        "average_cost": held.average_cost,
        "unrealized": cents(value - held.cost),
        "realized": cents(held.realized),
    }
    return Reply("portfolio", values)


_KIND_OF_DETAILS: dict[SecurityType, dict[str, Value]] = {
    SecurityType.STOCK: {},
    SecurityType.CURRENCY: {"aggregated_group": 4, "md_size_multiplier": 1},
    SecurityType.FUTURE: {"aggregated_group": UNSET_INTEGER, "md_size_multiplier": 1},
    SecurityType.CRYPTO: {"md_size_multiplier": 1},
    SecurityType.OPTION: {"aggregated_group": 2, "md_size_multiplier": 1},
}
"""What contract details of a security type have of their own, as recorded from live gateways."""


def _in_ascii(name: str) -> str:
    """As clients take long names: other characters, and the backslash that begins them, by their numbers."""
    return "".join(each if each.isascii() and each != "\\" else _escaped(ord(each)) for each in name)


def _escaped(code: int) -> str:
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def contract_details(request_id: int, instrument: Instrument, exchange: str, now: datetime) -> Reply:
    """Message 10: all about a contract, with its hours from today on. Market rules are aligned with the exchanges."""
    rules = [instrument.rule_at(each) for each in instrument.valid_exchanges]
    values: dict[str, Value] = {
        **_contract(instrument, exchange),
        **_KIND_OF_DETAILS[instrument.security_type],
        "request_id": request_id,
        "market_name": instrument.trading_class,
        "min_tick": min(rule.finest for rule in rules),
        "order_types": ",".join(instrument.order_types),
        "valid_exchanges": ",".join(instrument.valid_exchanges),
        "long_name": _in_ascii(instrument.long_name),
        "industry": instrument.industry,
        "category": instrument.category,
        "subcategory": instrument.subcategory,
        "time_zone": instrument.sessions.zone_name,
        "trading_hours": instrument.sessions.trading_text(now),
        "liquid_hours": instrument.sessions.liquid_text(now),
        "market_rules": ",".join(str(rule.rule_id) for rule in rules),
        "stock_type": instrument.stock_type,
        "minimum_size": instrument.lots.minimum,
        "size_increment": instrument.lots.increment,
        "suggested_size": instrument.lots.suggested,
    }
    if instrument.delivery:
        # The primary exchange stays empty, as recorded.
        values |= {**_delivery(instrument.delivery), "primary_exchange": ""}
    return Reply("contract_details", values)


def _delivery(delivery: Delivery) -> dict[str, Value]:
    return {
        "contract_month": delivery.month,
        "real_expiration": f"{delivery.expiry:%Y%m%d}",
        "under_con_id": delivery.underlying_con_id,
        "under_symbol": delivery.underlying_symbol,
        "under_security_type": delivery.underlying_type,
    }


def market_rule(rule: MarketRule) -> Reply:
    """Message 93: price increments by price."""
    steps = [str(number) for edge, tick in rule.steps for number in (edge, tick)]
    return Reply("market_rule", {"rule_id": rule.rule_id, "increments": (str(len(rule.steps)), *steps)})
