"""A watch on the library's decoder: what it swallows or rounds to zero is told as Unreadable.

The decoder logs a message that it cannot read and goes on, so a list may reach its END a row short; and it reads an
empty number as zero, which would turn an unknown holding into none. Both must make the list Unknown.
"""

from collections.abc import Callable
from typing import Any

from reconciler.adapters.ib.messages import EXECUTION, OPEN_ORDER, ORDER_STATUS, POSITION, Message, Unreadable

_COMMISSION = 59

NOT_EMPTY: dict[int, tuple[int, ...]] = {
    ORDER_STATUS: (3, 4),  # filled, remaining
    OPEN_ORDER: (14,),  # total quantity
    EXECUTION: (19, 20),  # shares, price
    _COMMISSION: (3,),  # commission
    POSITION: (14,),  # quantity
}
"""Places in a message, its id at 0, where an empty text is "no value" and not zero (server versions 157 to 178)."""


class DecoderWatch:
    """Stands before a decoder and in the place of its logger."""

    def __init__(self, decoder: Any, tell: Callable[[Message], None]) -> None:
        self._decode: Callable[[list[str]], None] = decoder.interpret
        self._tell = tell
        self._message_id = 0
        decoder.interpret = self.interpret
        decoder.logger = self

    def interpret(self, fields: list[str]) -> None:
        """Decode one message, or tell that it lacks a number."""
        self._message_id = int(fields[0]) if fields and fields[0].isdecimal() else 0
        places = NOT_EMPTY.get(self._message_id, ())
        if any(place >= len(fields) or not fields[place] for place in places):
            self._tell(Unreadable(self._message_id))
        else:
            self._decode(fields)

    def exception(self, _message: str) -> None:
        """The decoder's report of a failure. Its text repeats the fields, account numbers included: it is dropped."""
        self._tell(Unreadable(self._message_id))
