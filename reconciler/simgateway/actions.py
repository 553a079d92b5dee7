"""What can be done to a running gateway. One table for the script and the control channel: ACTIONS.

Each action looks at the broker as it stands, does one thing, and says what is now; it raises UnfitError, and has then
done nothing, where it finds nothing to act on.
"""

from collections.abc import Callable, Mapping
from decimal import ROUND_DOWN, Decimal
from typing import Any

from reconciler.simgateway import byhand
from reconciler.simgateway.amounts import exact
from reconciler.simgateway.books.corporate import Dividend, Ratio
from reconciler.simgateway.broker import Broker
from reconciler.simgateway.client import NO_REQUEST, Client
from reconciler.simgateway.market.instruments import Instrument, MarginRates
from reconciler.simgateway.orders.book import Order, Refusal, Status
from reconciler.simgateway.orders.terms import STOP, Terms
from reconciler.simgateway.scenario.actions import (
    CancelAction,
    CloseAction,
    DividendAction,
    ExchangeRateAction,
    ExecuteAction,
    FillAction,
    HaltAction,
    MarginAction,
    OrderAction,
    OrderChoice,
    PriceAction,
    QuirkAction,
    RejectAction,
    RenameAction,
    ResumeAction,
    SayAction,
    SplitAction,
)
from reconciler.simgateway.scenario.vocabulary import Strict
from reconciler.simgateway.script import UnfitError

Answer = dict[str, Any]
"""JSON to be, without `ok`."""

REJECTED = 201


def _price(broker: Broker, action: PriceAction) -> Answer:
    instruments = _named(broker, action.symbol)
    prices = action.model_dump(exclude={"symbol"})
    broker.move_prices({each.con_id: prices for each in instruments})
    quote = broker.market.quote(instruments[0].con_id)
    shown = {name: getattr(quote, name) for name in ("bid", "ask", "last", "close")}
    return {"quote": {name: None if price is None else exact(price) for name, price in shown.items()}}


def _fill(broker: Broker, action: FillAction) -> Answer:
    chosen = _named(broker, action.symbol) if action.symbol else broker.market.instruments
    for instrument in chosen:
        broker.refill(instrument.con_id, action.behaviour())
    return {"symbols": [instrument.symbol for instrument in chosen]}


def _quirk(broker: Broker, action: QuirkAction) -> Answer:
    if action.arm:
        broker.quirks.arm(action.arm)
    if action.clear:
        broker.quirks.clear(action.clear)
    return {"armed": broker.quirks.names()}


def _halt(broker: Broker, action: HaltAction) -> Answer:
    return _quirk(broker, QuirkAction(arm=_halted(broker, action.symbol)))


def _resume(broker: Broker, action: ResumeAction) -> Answer:
    return _quirk(broker, QuirkAction(clear=_halted(broker, action.symbol)))


def _halted(broker: Broker, symbol: str) -> str:
    return f"halted:{_named(broker, symbol)[0].symbol}" if symbol else "halted"


def _margin(broker: Broker, action: MarginAction) -> Answer:
    instruments = _named(broker, action.symbol)
    for instrument in instruments:
        broker.remargin(instrument.con_id, MarginRates(action.initial, action.maintenance))
    return {"symbols": [instrument.symbol for instrument in instruments]}


def _order(broker: Broker, action: OrderAction) -> Answer:
    instrument, accounts = _only(broker, action.symbol), list(broker.ledgers)
    if action.account not in accounts and (action.account or len(accounts) > 1):
        raise UnfitError(f"name one of the accounts {', '.join(accounts)}")
    stop = action.order_type == STOP
    terms = Terms(
        account=action.account or accounts[0],
        action=action.action,
        quantity=action.quantity,
        order_type=action.order_type,
        limit_price=None if stop else action.price,
        aux_price=action.price if stop else None,
        tif=action.tif,
        order_ref=action.order_ref,
        exchange=instrument.home_exchange,
    )
    return _states([byhand.enter(broker, terms, instrument)])


def _dividend(broker: Broker, action: DividendAction) -> Answer:
    instrument = _only(broker, action.symbol)
    dividend = Dividend(instrument.con_id, action.amount, action.currency or instrument.currency)
    broker.bookkeeping.dividend(dividend, action.pays_in_days)
    return {"symbol": instrument.symbol}


def _split(broker: Broker, action: SplitAction) -> Answer:
    instrument = _only(broker, action.symbol)
    _free(broker, action.new_con_id)
    broker.split(instrument.con_id, Ratio(action.new, action.old), action.new_con_id)
    return {"con_id": action.new_con_id or instrument.con_id}


def _rename(broker: Broker, action: RenameAction) -> Answer:
    instrument = _only(broker, action.symbol)
    _free(broker, action.new_con_id)
    broker.rename(instrument.con_id, action.new_symbol, action.new_con_id)
    return {"con_id": action.new_con_id or instrument.con_id}


def _free(broker: Broker, con_id: int | None) -> None:
    if con_id is not None and broker.market.knows(con_id):
        raise UnfitError(f"there is a contract {con_id} already")


def _only(broker: Broker, symbol: str) -> Instrument:
    instruments = _named(broker, symbol)
    if len(instruments) > 1:
        raise UnfitError(f"{symbol} is several instruments: name one as the scenario does")
    return instruments[0]


def _exchange_rate(broker: Broker, action: ExchangeRateAction) -> Answer:
    if action.account and action.account not in broker.ledgers:
        raise UnfitError(f"there is no account {action.account!r}")
    accounts = [
        name
        for name, ledger in broker.ledgers.items()
        if action.account in ("", name) and ledger.base_currency != action.currency
    ]
    if not accounts:
        raise UnfitError(f"{action.currency} is the base currency, whose rate is 1")
    broker.reporting.before_a_move()
    for account in accounts:
        broker.ledgers[account].rates[action.currency] = action.rate
    return {"accounts": accounts}


def _execute(broker: Broker, action: ExecuteAction) -> Answer:
    if action.share and action.quantity:
        raise UnfitError("give a share or a quantity, not both")
    chosen = _chosen(broker, action)
    for order in chosen:
        shares = _shares(order, action)
        if shares:
            broker.venue.strike(order, shares, action.price)
    return _states(chosen)


def _shares(order: Order, action: ExecuteAction) -> Decimal:
    """Whole lots of what remains; at the end of an order also what is less than a lot."""
    wanted = action.quantity or order.remaining * (action.share or 1)
    if wanted >= order.remaining:
        return order.remaining
    lot = order.contract.lots.increment
    return (wanted / lot).to_integral_value(ROUND_DOWN) * lot


def _cancel(broker: Broker, action: CancelAction) -> Answer:
    chosen = _chosen(broker, action)
    for order in chosen:
        broker.venue.withdraw(order, Refusal(action.code, action.text))
    return _states(chosen)


def _reject(broker: Broker, action: RejectAction) -> Answer:
    chosen = [order for order in _chosen(broker, action) if order.status is not Status.PENDING_CANCEL]
    if not chosen:
        raise UnfitError("the order is being cancelled")
    for order in chosen:
        broker.venue.reject(order, Refusal(REJECTED, action.text))
    return _states(chosen)


def _states(orders: list[Order]) -> Answer:
    return {"orders": [{"order_id": each.order_id, "status": str(each.status)} for each in orders]}


def _close(broker: Broker, action: CloseAction) -> Answer:
    closed = _clients(broker, action.client_id)
    for client in closed:
        client.close()
        broker.clients.pop(client.number)
    return {"clients": [client.number for client in closed]}


def _say(broker: Broker, action: SayAction) -> Answer:
    told = _clients(broker, action.client_id)
    for client in told:
        client.error(NO_REQUEST, action.code, action.text)
    return {"clients": [client.number for client in told]}


def _clients(broker: Broker, client_id: int | None) -> list[Client]:
    if client_id is None:
        return list(broker.clients.values())
    if client_id not in broker.clients:
        raise UnfitError(f"there is no client {client_id}")
    return [broker.clients[client_id]]


def _chosen(broker: Broker, choice: OrderChoice) -> list[Order]:
    """The working orders that answer to all that is named."""
    con_ids = {each.con_id for each in _named(broker, choice.symbol)} if choice.symbol else set()
    found = [
        order
        for order in broker.book.working()
        if choice.order_ref in ("", order.terms.order_ref)
        and choice.order_id in (None, order.order_id)
        and choice.client_id in (None, order.client_id)
        and (not con_ids or order.contract.con_id in con_ids)
    ]
    if not found:
        named = choice.model_dump(include=choice.model_fields_set & set(OrderChoice.model_fields))
        raise UnfitError(f"no order works that is {', '.join(f'{key} {value}' for key, value in named.items())}")
    return found


def _named(broker: Broker, symbol: str) -> list[Instrument]:
    found = broker.named(symbol)
    if not found:
        raise UnfitError(f"there is no instrument {symbol!r}")
    return found


ACTIONS: Mapping[str, tuple[type[Strict], Callable[[Broker, Any], Answer]]] = {
    "price": (PriceAction, _price),
    "fill": (FillAction, _fill),
    "execute": (ExecuteAction, _execute),
    "cancel": (CancelAction, _cancel),
    "reject": (RejectAction, _reject),
    "quirk": (QuirkAction, _quirk),
    "halt": (HaltAction, _halt),
    "resume": (ResumeAction, _resume),
    "margin": (MarginAction, _margin),
    "order": (OrderAction, _order),
    "dividend": (DividendAction, _dividend),
    "split": (SplitAction, _split),
    "rename": (RenameAction, _rename),
    "exchange_rate": (ExchangeRateAction, _exchange_rate),
    "say": (SayAction, _say),
    "close": (CloseAction, _close),
}
"""What each is called, its description, and what it does."""

_DEEDS: Mapping[type[Strict], Callable[[Broker, Any], Answer]] = dict(ACTIONS.values())


def perform(broker: Broker, action: Strict) -> Answer:
    """Do what an action describes. Raises UnfitError."""
    return _DEEDS[type(action)](broker, action)
