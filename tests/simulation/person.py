"""What people do between sessions: move money, trade by hand, leave orders, edit manifests, decide what cannot be read.

They never sell what they do not hold, and never while a session runs: what two people sell at once is nobody's bug.
"""

import random
from decimal import Decimal

from reconciler.domain.ids import RunId
from reconciler.domain.orders import REF_PREFIX
from reconciler.simgateway.books.ledger import Posting
from tests.simulation import market
from tests.simulation.chance import happens
from tests.simulation.weather import move
from tests.simulation.world import World

MINE = "by hand"
"""The reference of a person's orders."""


def morning(world: World, stream: random.Random) -> None:
    """The night's gap, and what was decided over breakfast."""
    move(world, stream, 0.02)
    if happens(stream, 0.3):
        _transfer(world, stream)
    if happens(stream, 0.4):
        world.edit(portfolio=market.a_drawn_portfolio(stream))
        world.trace.event("the portfolio is edited")
    elif happens(stream, 0.2):
        world.edit(leverage=Decimal(stream.choice(["1", "1.2", "1.4"])))
        world.trace.event(f"the leverage becomes {world.account.leverage}")


def _transfer(world: World, stream: random.Random) -> None:
    amount = Decimal(stream.choice([-8000, -3000, 5000, 12000, 25000]))
    world.ledger.post(Posting("a transfer of money", "USD", cash=amount))
    world.gateway.reporting.values_changed(market.ACCOUNT_ID)
    world.trace.event(f"{amount} USD are transferred")


def by_hand(world: World, stream: random.Random) -> None:
    """Now and then a trade in the workstation, or a stop that rests below the market."""
    symbol = stream.choice(list(market.LISTED))
    if happens(stream, 0.15):
        _enter(world, symbol, "BUY", stream.randrange(1, 6))
    elif happens(stream, 0.15) and _free(world, symbol) > 0:
        _enter(world, symbol, "SELL", stream.randrange(1, min(int(_free(world, symbol)), 5) + 1))
    elif happens(stream, 0.05) and _free(world, symbol) > 0:
        stop = (world.price(symbol) * Decimal("0.97")).quantize(Decimal("0.01"))
        _enter(world, symbol, "SELL", 1, order_type="STP", price=str(stop), tif="GTC")


def _enter(world: World, symbol: str, action: str, quantity: int, **terms: object) -> None:
    world.trace.event(f"somebody enters {action} {quantity} {symbol} by hand {terms or ''}")
    world.say("order", symbol=symbol, action=action, quantity=quantity, order_ref=MINE, **terms)


def _free(world: World, symbol: str) -> Decimal:
    """Shares that no working order sells already."""
    con_id = market.LISTED[symbol][0]
    selling = [each for each in world.gateway.book.working() if each.terms.action == "SELL"]
    reserved = sum((each.remaining for each in selling if each.contract.con_id == con_id), Decimal(0))
    return world.held(symbol) - reserved


def cancels_all(world: World) -> None:
    """Every order in the workstation is cancelled, whoever entered it."""
    for order in list(world.gateway.book.working()):
        if order.instrument is not None:
            world.say("cancel", symbol=order.instrument.symbol)


def evening(world: World) -> None:
    """What somebody entered by hand does not stay over night."""
    for order in list(world.gateway.book.working()):
        if order.terms.order_ref == MINE:
            world.say("cancel", order_ref=MINE)


def looked_up(world: World, run: RunId) -> None:
    """Before a person says what became of a run: no order of it is alive, by the broker's own books."""
    for order in list(world.gateway.book.working()):
        if order.terms.order_ref.startswith(f"{REF_PREFIX}:{run}"):
            world.say("cancel", order_ref=order.terms.order_ref)
