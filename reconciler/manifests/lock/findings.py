"""What there is to say of a lock file and the broker, as Diagnostics that name the line to write."""

from collections.abc import Iterator, Sequence

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic, Location, did_you_mean
from reconciler.domain.contract import CURRENCY_PAIR, FUTURE, Contract, Listing, called
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.manifests.contract_lock import LockedContract
from reconciler.planning.needs import Answer, Need
from reconciler.yamlsource import printable

_MOST_SHOWN = 12


def ambiguous(need: Need, fitting: Sequence[Listing]) -> Iterator[Diagnostic]:
    """Several contracts fit: each with the line that means it alone, at every place that names the instrument."""
    lines = [f"`{_line_for(each, fitting)}` for {_called(each)}" for each in fitting[:_MOST_SHOWN]]
    rest = len(fitting) - len(lines)
    told = "; ".join(lines) + (f"; and {rest} more" if rest else "")
    for place in need.places:
        yield diagnostics.error(
            "LCK003",
            f"{_said(need.spec)} is ambiguous: the broker has {len(fitting)} contracts for it",
            place,
            suggestion=f"{_do(need.spec, fitting)}: {told}.",
        )


def _do(spec: InstrumentSpec, among: Sequence[Listing]) -> str:
    if spec.expiry and any(_line_for(each, among).startswith("expiry:") for each in among):
        return "Write one of these in the line, an expiry in place of the one that is there"
    return "Add one of these to the line"


def _line_for(listing: Listing, among: Sequence[Listing]) -> str:
    """The key and value that tell a contract from the others."""
    if listing.sec_type == FUTURE and [each.expiry for each in among].count(listing.expiry) == 1:
        return f"expiry: {listing.expiry[:4]}-{listing.expiry[4:6]}-{listing.expiry[6:8]}"
    exchange = printable(listing.primary_exchange)
    if exchange and [each.primary_exchange for each in among].count(listing.primary_exchange) == 1:
        return f"primaryExchange: {exchange}"
    return f"conId: {listing.con_id}"


def _called(listing: Listing) -> str:
    where = f" on {listing.primary_exchange}" if listing.primary_exchange else ""
    month = f" of {listing.expiry}" if listing.expiry else ""
    return printable(f"{listing.name or listing.symbol}{month}{where} in {listing.currency} (conId {listing.con_id})")


def unknown(need: Need, answer: Answer, listings: Sequence[Listing]) -> Iterator[Diagnostic]:
    """No contract fits. `listings` is what the broker has instead."""
    for place in need.places:
        yield diagnostics.error(
            "LCK004", f"the broker has no {_said(need.spec)}", place, suggestion=_hint(need.spec, answer, listings)
        )


def _hint(spec: InstrumentSpec, answer: Answer, listings: Sequence[Listing]) -> str:
    if spec.sec_type == CURRENCY_PAIR:
        return "Its currencies cannot be converted into each other at this broker: is the line's currency right?"
    if answer.successor is not None:
        return f"By its symbol it is contract {answer.successor.con_id}: write that as its conId, or leave conId away."
    if listings:
        found = "; ".join(_called(each) for each in listings[:_MOST_SHOWN])
        return f"What it has by that name or id is {found}."
    alike = [each for each in answer.alike if each.currency == spec.currency] or list(answer.alike)
    closest = did_you_mean(spec.symbol, [printable(each.symbol) for each in alike])
    if alike:
        found = "; ".join(_called(each) for each in alike[:_MOST_SHOWN])
        return f"{closest or 'Did you mean one of these?'} It finds {found}."
    return (
        "Check the symbol as the broker writes it, and the line's currency, exchange, secType and primaryExchange; "
        "the broker's own search of contracts tells them, and the conId."
    )


def gone(need: Need, entry: LockedContract, answer: Answer, place: Location) -> Diagnostic:
    """A pinned contract that the broker no longer has."""
    return diagnostics.error(
        "LCK005",
        f"the broker no longer has contract {entry.con_id}, to which {_said(need.spec)} is pinned",
        place,
        suggestion=_mend(need, entry, answer.successor),
    )


def changed_meaning(
    need: Need, entry: LockedContract, now: Listing, successor: Contract | None, place: Location
) -> Diagnostic:
    """A pinned contract id that means something else now."""
    successor = None if successor is not None and successor.con_id == entry.con_id else successor
    return diagnostics.error(
        "LCK006",
        f"contract {entry.con_id}, to which {_said(need.spec)} is pinned, is now "
        f"{printable(now.symbol)}, {_called(now)}",
        place,
        suggestion=_renamed(need, entry, now) if successor is None else _mend(need, entry, successor),
    )


def _renamed(need: Need, entry: LockedContract, now: Listing) -> str:
    if now.symbol != entry.symbol:
        return (
            f"If it was renamed, write `symbol: {printable(now.symbol)}` in the line and run `folioctl lock`; the "
            "holding stays what it is."
        )
    return f"If that is what is meant, `folioctl lock --upgrade {need.spec.symbol}` pins it as it is now."


def _mend(need: Need, entry: LockedContract, successor: Contract | None) -> str:
    moved = f"`moved: [{{fromConId: {entry.con_id}, to: {need.spec.name}}}]`"
    held = f"Where shares of the old one are held, say {moved} in the portfolio."
    if successor is None:
        return f"Find out what became of it, name its successor in the line, and run `folioctl lock`. {held}"
    if need.spec.con_id is not None:
        return f"Write `conId: {successor.con_id}` in the line, as it is now, and run `folioctl lock`. {held}"
    return (
        f"It is contract {successor.con_id} now: `folioctl lock --upgrade {need.spec.symbol}` pins it to that. {held}"
    )


def differs(need: Need, entry: LockedContract, fresh: LockedContract, place: Location, *, is_error: bool) -> Diagnostic:
    """The broker's contract is the same, and differs in what orders are written by."""
    make = diagnostics.error if is_error else diagnostics.warning
    return make(
        "LCK007",
        f"the broker's contract {entry.con_id} of {_said(need.spec)} differs from its entry: "
        f"{'; '.join(differences(entry, fresh))}",
        place,
        suggestion=f"`folioctl lock --upgrade {need.spec.symbol}` takes over what the broker says now.",
    )


def differences(entry: LockedContract, fresh: LockedContract) -> list[str]:
    """What of an entry is no longer so, key by key. A text that the entry does not have is no difference."""
    rows = [
        (str(info.alias), getattr(entry, name), getattr(fresh, name))
        for name, info in LockedContract.model_fields.items()
        if name != "order_types"
    ]
    found = [f"{key} {_shown(old)} is now {_shown(new)}" for key, old, new in rows if old not in ("", None, new)]
    old_types, new_types = set(entry.order_types), set(fresh.order_types)
    if old_types - new_types:
        found.append(f"orderTypes no longer has {', '.join(sorted(old_types - new_types))}")
    if new_types - old_types:
        found.append(f"orderTypes now has {', '.join(sorted(new_types - old_types))}")
    return found


def _shown(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(f"{each.step:f} from {each.from_:f}" for each in value)
    return printable(str(value)) if value not in (None, "") else "nothing"


def untradable(need: Need, why: str) -> Iterator[Diagnostic]:
    """There is one contract, which nothing can be planned with."""
    for place in need.places:
        yield diagnostics.error("LCK008", f"{_said(need.spec)} cannot be pinned: {printable(why)}", place)


def unread(need: Need, why: str) -> Iterator[Diagnostic]:
    """The broker did not say all."""
    for place in need.places:
        yield diagnostics.error(
            "LCK009", f"{_said(need.spec)}: {printable(why)}", place, suggestion="Run `folioctl lock` again."
        )


def missing(need: Need) -> Iterator[Diagnostic]:
    """No entry of the lock file stands for a need."""
    for place in need.places:
        summary = f"no single entry of the lock file stands for {_said(need.spec)}"
        yield diagnostics.error("LCK010", summary, place, suggestion="`folioctl lock` writes it.")


def unused(entry: LockedContract, place: Location) -> Diagnostic:
    """An entry that stands for nothing."""
    name = called(entry.symbol, entry.sec_type, entry.currency)
    summary = f"no line uses the entry of {name} ({entry.con_id})"
    return diagnostics.error("LCK011", summary, place, suggestion="`folioctl lock` removes it.")


def fixed_layout(place: Location) -> Diagnostic:
    """A text whose entries cannot be told apart line by line."""
    return diagnostics.error(
        "LCK012",
        "the lock file is laid out so that none of its entries can be changed by itself",
        place,
        suggestion="Write its entries below each other, without anchors, merges and brackets around them, or remove "
        "the file and run `folioctl lock`.",
    )


def _said(spec: InstrumentSpec) -> str:
    if spec.sec_type == CURRENCY_PAIR:
        return f"the pair {spec.symbol}.{spec.currency}"
    month = f" {spec.expiry}" if spec.expiry else ""
    where = f" on {spec.primary_exchange}" if spec.primary_exchange else ""
    pinned = f" with conId {spec.con_id}" if spec.con_id is not None else ""
    return f"{spec.symbol} {spec.sec_type}{month} in {spec.currency}{where}{pinned}"
