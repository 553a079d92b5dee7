"""The control channel: JSON in, JSON out, one object a line, to look into a running gateway and to move it.

Rule: every answer has `ok`; a mistake is an answer, not an exception. Decimals are texts. Verbs are the table VERBS.
"""

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from reconciler.simgateway import margin
from reconciler.simgateway.amounts import cents, exact, ratio
from reconciler.simgateway.broker import Broker
from reconciler.simgateway.clock import SteppedClock
from reconciler.simgateway.frames import Frame
from reconciler.simgateway.instruments import Instrument
from reconciler.simgateway.ledger import Ledger
from reconciler.simgateway.orders import Order
from reconciler.simgateway.scenario.instruments import FillSpec
from reconciler.simgateway.scenario.script import PriceSpec
from reconciler.simgateway.staging.instruments import behaviour

LONGEST_LINE = 0x10000
Answer = dict[str, Any]
"""JSON to be; without `ok`, which the desk adds."""


class CommandError(Exception):
    """The command names something that is not there."""


class _Command(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    do: str


class LedgerCommand(_Command):
    """Show the books of every account."""


class OrdersCommand(_Command):
    """Show every order ever received."""


class FramesCommand(_Command):
    """Show how many messages went by, and the last of them."""

    last: int = Field(default=0, ge=0)


class PriceCommand(PriceSpec):
    """Move a quote."""

    do: str
    symbol: str


class QuirkCommand(_Command):
    """Arm or clear a quirk, then show those armed."""

    arm: str = ""
    clear: str = ""


class FillCommand(FillSpec):
    """Change how orders fill, in one symbol or in all; what is left out goes back to its default."""

    do: str
    symbol: str = ""


class StepCommand(_Command):
    """Move a stepped clock on."""

    seconds: float = Field(gt=0, le=86_400)


def _ledger(broker: Broker, _command: _Command) -> Answer:
    return {"accounts": {name: _books(broker, ledger) for name, ledger in broker.ledgers.items()}}


def _books(broker: Broker, ledger: Ledger) -> Answer:
    current = margin.figures(ledger, broker.market)
    positions = {
        broker.market.listing(con_id).instrument.symbol: {
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


def _orders(broker: Broker, _command: _Command) -> Answer:
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


def _frames(broker: Broker, command: FramesCommand) -> Answer:
    log = broker.log
    return {
        "in": log.counts("in"),
        "out": log.counts("out"),
        "leftover": dict(log.leftovers),
        "frames": [each._asdict() for each in log.latest(command.last)],
    }


def _price(broker: Broker, command: PriceCommand) -> Answer:
    prices = command.model_dump(exclude={"do", "symbol"})
    broker.move_prices({each.con_id: prices for each in _named(broker, command.symbol)})
    quote = broker.market.quote(_named(broker, command.symbol)[0].con_id)
    return {"quote": {name: _optional(getattr(quote, name)) for name in ("bid", "ask", "last", "close")}}


def _quirk(broker: Broker, command: QuirkCommand) -> Answer:
    if command.arm:
        broker.quirks.arm(command.arm)
    if command.clear:
        broker.quirks.clear(command.clear)
    return {"armed": broker.quirks.names()}


def _fill(broker: Broker, command: FillCommand) -> Answer:
    chosen = _named(broker, command.symbol) if command.symbol else broker.market.instruments
    for instrument in chosen:
        broker.refill(instrument.con_id, behaviour(command))
    return {"symbols": [instrument.symbol for instrument in chosen]}


def _step(broker: Broker, command: StepCommand) -> Answer:
    if not isinstance(broker.clock, SteppedClock):
        raise CommandError("the clock is not a stepped one")
    broker.clock.step(command.seconds)
    return {"now": broker.clock.now().isoformat()}


def _named(broker: Broker, symbol: str) -> list[Instrument]:
    found = broker.market.named(symbol)
    if not found:
        raise CommandError(f"there is no instrument {symbol!r}")
    return found


VERBS: Mapping[str, tuple[type[BaseModel], Callable[[Broker, Any], Answer]]] = {
    "ledger": (LedgerCommand, _ledger),
    "orders": (OrdersCommand, _orders),
    "frames": (FramesCommand, _frames),
    "price": (PriceCommand, _price),
    "quirk": (QuirkCommand, _quirk),
    "fill": (FillCommand, _fill),
    "step": (StepCommand, _step),
}


class ControlDesk:
    """Answers the lines of the control channel."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker

    def answer(self, line: bytes) -> str:
        """One JSON object for one line."""
        clock, log = self._broker.clock, self._broker.log
        log.mark(Frame(clock.seconds(), "control", -1, (line.decode(errors="replace"),)))
        try:
            return json.dumps({"ok": True, **self._done(line)})
        except ValidationError as problem:
            first = problem.errors(include_url=False)[0]
            place = ".".join(str(part) for part in first["loc"])
            return _failure(f"{place}: {first['msg']}")
        except (CommandError, ValueError) as problem:
            return _failure(str(problem))
        except RecursionError:
            return _failure("the line is nested too deeply")

    def _done(self, line: bytes) -> Answer:
        said = json.loads(line)
        verb = said.get("do") if isinstance(said, dict) else None
        if not isinstance(verb, str) or verb not in VERBS:
            raise CommandError(f"say one of {', '.join(VERBS)} in 'do'")
        model, action = VERBS[verb]
        return action(self._broker, model.model_validate(said))


def _failure(text: str) -> str:
    return json.dumps({"ok": False, "error": text})
