"""Requests bent out of shape, from a seed: fields that are absurd, bytes that are wrong, frames that never end."""

import random

from reconciler.simgateway.wire import framing
from tests.simgateway.lab import ACCOUNT, GLD, LOTS, MSFT, MUTE, NEVER, OTCX, PARTS, SLOW, order

ODD_FIELDS = (
    "",
    "-1",
    "0",
    "1e400",
    "nan",
    "1.7976931348623157E308",
    "9" * 40,
    "9" * 5000,
    "-9223372036854775808",
    "2147483648",
    "x" * 9000,
    "\u0661\u0662",
    "\ufeff",
    "DU1000001\n",
    "%s%n",
    "1_0",
    "STP",
    "BAG",
    "PEG MID",
    "Infinity",
)


def request(chance: random.Random, number: int) -> list[str]:
    """A sensible request, of any kind that the gateway serves."""
    con_id = chance.choice((GLD, MSFT, PARTS, SLOW, NEVER, MUTE, OTCX, LOTS))
    contract = [str(con_id), "", "STK", "", "0", "", "", "SMART", "", "USD", "", ""]
    kind, limit = chance.choice((("MKT", ""), ("LMT", "3"), ("LMT", "700"), ("STP", "")))
    placing = order(con_id, chance.choice(("BUY", "SELL")), chance.randint(1, 30), kind, limit=limit, stop="5")
    requests: list[list[object]] = [
        [1, 11, number, *contract, "0", "", "1", "0", ""],
        [1, 11, number, *contract, "0", "", "0", "0", ""],
        [2, 1, number],
        [3, number, *placing],
        [3, number, *placing],
        [4, 1, chance.randint(0, number), ""],
        [5, 1],
        [6, 2, chance.randint(0, 1), ACCOUNT],
        [7, 3, number, 0, "", "", "", "", "", ""],
        [8, 1, 1],
        [9, 8, number, *contract, "0", "", "", ""],
        [16, 1],
        [17, 1],
        [49, 1],
        [58, 1],
        [59, 1, 3],
        [61, 1],
        [62, 1, number, "All", "NetLiquidation,$LEDGER:ALL"],
        [63, 1, number],
        [64, 1],
        [74, 1, number, ACCOUNT, ""],
        [76, 1, number, ACCOUNT, "", "1"],
        [91, 67],
        [99, 0],
        [15, 1, 1],
        [18, 1, 1],
        [19, 1, 1, "<ListOfGroups/>", number],
        [92, number, ACCOUNT, ""],
        [93, number],
        [94, number, ACCOUNT, "", con_id],
        [10, 5, number, *contract, 5, 0, ""],
        [20, number, *contract, 0, "", "1 hour", "1 D", 1, "TRADES", 1, 0, ""],
        [78, number, "GLD", "", "STK", con_id],
        [81, number, "G"],
        [83, number, "9c0001"],
    ]
    return [str(field) for field in chance.choice(requests)]


def mutant(chance: random.Random, number: int) -> bytes:
    """One frame: a request with fields and bytes changed, or noise under a length that may lie."""
    fields = request(chance, number)
    for _ in range(chance.randint(0, 3)):
        at = chance.randrange(len(fields))
        match chance.randrange(4):
            case 0:
                fields[at] = chance.choice(ODD_FIELDS)
            case 1:
                del fields[at:]
            case 2:
                fields.insert(at, chance.choice(ODD_FIELDS))
            case _:
                fields += fields[at:]
        fields = fields or [""]
    payload = bytearray(framing.frame(fields)[4:])
    for _ in range(chance.choice((0, 0, 1, 4))):
        payload[chance.randrange(len(payload))] = chance.randrange(256)
    length = len(payload) if chance.random() > 0.02 else chance.choice((0, len(payload) // 2, 0x8001, 2**31, 2**32 - 1))
    return length.to_bytes(4, "big") + bytes(payload)
