"""The quirk of a halt: while it is armed, the market of its instruments is halted for that reason."""

from functools import partial

from reconciler.simgateway import ticks
from reconciler.simgateway.house import House
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.quirks.grammar import Armed


def begun(house: House, armed: Armed) -> None:
    """Halt trading, and tell it to those who watch quotes."""
    for instrument in _concerned(house, armed):
        house.market.halt(instrument.con_id, armed.text)
        _told(house, instrument)


def ended(house: House, armed: Armed) -> None:
    """Let trading go on, unless another reason keeps it halted; orders that waited are worked a turn later."""
    for instrument in _concerned(house, armed):
        house.market.resume(instrument.con_id, armed.text)
        _told(house, instrument)
        house.clock.call_later(0, partial(house.venue.trading_resumed, instrument.con_id))


def _concerned(house: House, armed: Armed) -> list[Instrument]:
    return [each for each in house.market.instruments if armed.concerns(each.symbol)]


def _told(house: House, instrument: Instrument) -> None:
    halted = int(bool(house.market.listing(instrument.con_id).halts))
    for client in list(house.clients.values()):
        for request_id, watched in client.subscriptions.quotes.items():
            if watched.con_id == instrument.con_id:
                client.send(ticks.halted(request_id, halted))
