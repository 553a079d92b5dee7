"""A small notation for message layouts, so that a field more is a word more.

A layout is a text of slots in wire order: `name` (must be given), `name=default`, and behind it `@166` (from server
version 166 on) or `<177` (below 177). `UNSET` as a default is the broker's spelling of an unset double. In requests,
`*name` calls a reader for a part whose length depends on its content.
"""

import re
from dataclasses import dataclass
from functools import cache

UNSET_DOUBLE = "1.7976931348623157E308"
"""How the Java gateway prints Double.MAX_VALUE, its "no value"."""

UNSET_INTEGER = 2**31 - 1
"""The same for a whole number."""

CONTRACT = (
    "con_id symbol security_type expiry strike right multiplier exchange primary_exchange currency local_symbol "
    "trading_class"
)
"""How requests name a contract."""

OLDEST_VERSION = 157
NEWEST_VERSION = 178

_SLOT = re.compile(r"^(?P<name>\*?[a-z_0-9]+)(?:=(?P<default>[^@<]*))?(?:@(?P<since>\d+))?(?:<(?P<before>\d+))?$")


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in a layout. Without a default (None), the value must be given."""

    name: str
    default: str | None


def _slot(word: str, version: int) -> Slot | None:
    match = _SLOT.match(word)
    if match is None:
        raise ValueError(f"{word!r} is no slot")
    if version < int(match["since"] or 0) or version >= int(match["before"] or NEWEST_VERSION + 1):
        return None
    default = UNSET_DOUBLE if match["default"] == "UNSET" else match["default"]
    return Slot(match["name"], default)


@cache
def compiled(layout: str, version: int) -> tuple[Slot, ...]:
    """The slots that `layout` has at a server version. Raises ValueError for a word that is no slot."""
    return tuple(slot for word in layout.split() if (slot := _slot(word, version)) is not None)
