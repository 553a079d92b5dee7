"""The parts of a request whose length depends on their content: each reader takes its fields and gives them back flat.

A part that is not there gives no field. What is told again of an order has the same order of fields in the replies.
"""

from collections.abc import Callable

from reconciler.simgateway.wire.fields import FieldReader, MalformedRequestError, Request

Part = tuple[str, ...]
_NONE: Part = ()

CONDITIONS = {
    "1": "text flag number whole text whole",
    "3": "text flag text",
    "4": "text flag whole",
    "5": "text text text text",
    "6": "text flag whole whole text",
    "7": "text flag number whole text",
}
"""Condition type (price, time, margin, execution, volume, percent change) → what the fields behind the type are.

The first is how it joins the next condition, `a` or `o`. Orders and what is told of them have the same layouts.
"""
_SCALE = "number whole number flag whole whole flag"


def _combo(reader: FieldReader, so_far: Request, _version: int) -> Part:
    if so_far.text("security_type") != "BAG":
        return _NONE
    legs = reader.several(8 * reader.count())
    prices = reader.several(reader.count())
    return legs + prices + reader.several(2 * reader.count())


def _market_data_legs(reader: FieldReader, so_far: Request, _version: int) -> Part:
    return reader.several(4 * reader.count()) if so_far.text("security_type") == "BAG" else _NONE


def _delta_neutral_order(reader: FieldReader, so_far: Request, _version: int) -> Part:
    return reader.several(8) if so_far.text("delta_neutral_order_type") else _NONE


def _delta_neutral_contract(reader: FieldReader, _so_far: Request, _version: int) -> Part:
    return _typed(reader, "whole number number") if reader.take() == "1" else _NONE


def _scale(reader: FieldReader, so_far: Request, _version: int) -> Part:
    increment = so_far.decimal("scale_price_increment")
    return _typed(reader, _SCALE) if increment is not None and increment > 0 else _NONE


def _hedge(reader: FieldReader, so_far: Request, _version: int) -> Part:
    return reader.several(1) if so_far.text("hedge_type") else _NONE


def _algo_parameters(reader: FieldReader, so_far: Request, _version: int) -> Part:
    return reader.several(2 * reader.count()) if so_far.text("algo_strategy") else _NONE


def _pegged_benchmark(reader: FieldReader, so_far: Request, _version: int) -> Part:
    return reader.several(5) if so_far.text("order_type") in ("PEG BENCH", "PEGBENCH") else _NONE


def _conditions(reader: FieldReader, _so_far: Request, _version: int) -> Part:
    """Each condition with its type before it; behind the last, whether they hold outside hours, and cancel."""
    number = reader.count()
    taken: Part = ()
    for _ in range(number):
        kind = reader.take()
        if kind not in CONDITIONS:
            raise MalformedRequestError(f"{kind[:40]!r} is no condition type")
        taken += (kind, *_typed(reader, CONDITIONS[kind]))
    return (str(number), *taken, *_typed(reader, "flag flag")) if number else ("0",)


def _pegged_mid(reader: FieldReader, so_far: Request, version: int) -> Part:
    if version < 170:
        return _NONE
    taken = _typed(reader, "whole") if so_far.text("exchange") == "IBKRATS" else _NONE
    if so_far.text("order_type") in ("PEG BEST", "PEGBEST"):
        taken += reader.several(2)
        if taken[-1] in ("Infinite", "Infinity"):
            taken += reader.several(2)
    elif so_far.text("order_type") in ("PEG MID", "PEGMID"):
        taken += _typed(reader, "number number")
    return taken


def _typed(reader: FieldReader, kinds: str) -> Part:
    """The fields of these kinds, as they came. Raises MalformedRequestError for one that is not of its kind."""
    taken = reader.several(len(kinds.split()))
    for number, (kind, text) in enumerate(zip(kinds.split(), taken, strict=True), 1):
        field = Request("", {f"field {number}": text})
        if kind == "number":
            field.decimal(f"field {number}")
        elif kind == "whole":
            field.whole(f"field {number}")
    return taken


PARTS: dict[str, Callable[[FieldReader, Request, int], Part]] = {
    "*combo": _combo,
    "*market_data_legs": _market_data_legs,
    "*delta_neutral_order": _delta_neutral_order,
    "*delta_neutral_contract": _delta_neutral_contract,
    "*scale": _scale,
    "*hedge": _hedge,
    "*algo_parameters": _algo_parameters,
    "*pegged_benchmark": _pegged_benchmark,
    "*conditions": _conditions,
    "*pegged_mid": _pegged_mid,
}
"""The readers, by the word of the layouts."""
