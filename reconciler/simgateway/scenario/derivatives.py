"""Futures and options: whether a scenario says all that one needs, says it where it belongs, and of what there is."""

from collections.abc import Iterator, Mapping

from reconciler.simgateway.market.instruments import SecurityType
from reconciler.simgateway.scenario.instruments import InstrumentSpec, UnderlyingSpec, symbol_of
from reconciler.simgateway.scenario.vocabulary import Finding, Path

_NEEDED = {
    SecurityType.FUTURE: {"expiry": "a future needs an expiry"},
    SecurityType.OPTION: {
        "expiry": "an option needs an expiry",
        "strike": "an option needs a strike",
        "right": "an option needs a right, C or P",
        "underlying": "an option needs an underlying",
    },
}
_OF_BOTH = ("expiry", "contract_month", "underlying", "multiplier")
_OF_OPTIONS = ("strike", "right", "delta")


def findings(instruments: Mapping[str, InstrumentSpec]) -> Iterator[Finding]:
    """What is wrong with futures and options, and with what only they have."""
    for name, instrument in instruments.items():
        here: Path = ("instruments", name)
        said, kind = instrument.model_fields_set, instrument.security_type
        yield from (("107", here, text) for key, text in _NEEDED.get(kind, {}).items() if _lacks(instrument, key))
        if kind not in _NEEDED:
            yield from (("107", (*here, key), "only a future or an option has this") for key in _OF_BOTH if key in said)
        if kind is SecurityType.OPTION:
            yield from _wrong_delta(instrument, here)
        else:
            yield from (("107", (*here, key), "only an option has this") for key in _OF_OPTIONS if key in said)
        yield from _wrong_underlying(name, instruments)


def _lacks(instrument: InstrumentSpec, key: str) -> bool:
    return getattr(instrument, key) in (None, UnderlyingSpec())


def _wrong_delta(option: InstrumentSpec, here: Path) -> Iterator[Finding]:
    """A call gains with its underlying, a put loses."""
    if option.delta and option.right and (option.delta > 0) != (option.right == "C"):
        yield "104", (*here, "delta"), "the delta of a call is not below zero, that of a put not above"


def _wrong_underlying(name: str, instruments: Mapping[str, InstrumentSpec]) -> Iterator[Finding]:
    instrument, place = instruments[name], ("instruments", name, "underlying")
    if not isinstance(instrument.underlying, str):
        return
    about = instruments.get(instrument.underlying)
    if about is None:
        yield "101", place, f"there is no instrument {instrument.underlying!r}"
    elif instrument.security_type is not SecurityType.OPTION:
        return
    elif about.security_type is not SecurityType.STOCK:
        yield "107", place, "the underlying of an option is a stock"
    elif about.currency != instrument.currency:
        yield (
            "107",
            ("instruments", name, "currency"),
            f"an option is in the currency of its underlying, {about.currency}",
        )
    elif symbol_of(name, instruments) != symbol_of(instrument.underlying, instruments):
        yield "107", ("instruments", name, "symbol"), "an option has the symbol of its underlying"
