"""What the control channel shows: the books and the orders, as JSON to be. Decimals are texts."""

from decimal import Decimal
from typing import Any

from reconciler.simgateway import margin
from reconciler.simgateway.amounts import cents, exact, ratio
from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.broker import Broker
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.orders.book import Order

Answer = dict[str, Any]


def accounts(broker: Broker) -> Answer:
    """The books of every account, and the figures drawn from them."""
    return {"accounts": {name: _books(broker, ledger) for name, ledger in broker.ledgers.items()}}


def _books(broker: Broker, ledger: Ledger) -> Answer:
    current = margin.figures(ledger, broker.market)
    positions = {
        _name(broker.market.listing(con_id).instrument): {
            "con_id": con_id,
            "quantity": exact(held.quantity),
            "average_cost": exact(held.average_cost),
        }
        for con_id, held in ledger.held().items()
    }
    return {
        "base_currency": ledger.base_currency,
        "cash": {currency: exact(amount) for currency, amount in ledger.cash.items()},
        "positions": positions,
        "net_liquidation": cents(current.net_liquidation),
        "gross_position_value": cents(current.gross_position_value),
        "leverage": ratio(current.leverage, 4),
        "initial_margin": cents(current.initial_margin),
        "maintenance_margin": cents(current.maintenance_margin),
        "available_funds": cents(current.available_funds),
        "excess_liquidity": cents(current.excess_liquidity),
    }


def _name(instrument: Instrument) -> str:
    """The symbol; of an option, which has that of its underlying, the symbol at the exchange."""
    return instrument.local_symbol if instrument.option else instrument.symbol


def orders(broker: Broker) -> Answer:
    """Every order ever received, and how many what-ifs were asked."""
    return {"orders": [_order(order) for order in broker.book], "what_ifs": broker.book.what_if_count}


def _order(order: Order) -> Answer:
    terms, instrument, refusal = order.terms, order.instrument, order.refusal
    return {
        "order_id": order.order_id,
        "client_id": order.client_id,
        "perm_id": order.perm_id,
        "order_ref": terms.order_ref,
        "account": terms.account,
        "symbol": instrument.symbol if instrument else None,
        "con_id": instrument.con_id if instrument else None,
        "action": terms.action,
        "quantity": exact(terms.shares),
        "order_type": terms.order_type,
        "limit_price": _optional(terms.limit_price),
        "stop_price": _optional(terms.aux_price),
        "tif": terms.tif,
        "status": str(order.status),
        "rejection": {"code": refusal.code, "text": refusal.text} if refusal else None,
        "filled": exact(order.filled),
        "remaining": exact(order.remaining),
        "average_fill_price": exact(order.average_price),
        "executions": [
            {
                "exec_id": each.exec_id,
                "shares": exact(each.shares),
                "price": exact(each.price),
                "commission": exact(each.commission),
            }
            for each in order.executions
        ],
    }


def _optional(number: Decimal | None) -> str | None:
    return None if number is None else exact(number)
