"""The lock file, `contracts.lock.yaml`: the broker's contracts that manifests mean, pinned as packages are by theirs.

What it knows is not asked of the broker again. An entry stands for a line where everything that the line says of its
instrument fits; where none or several do, the line is resolved by the broker, as without a lock.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, ValidationError
from pydantic.config import JsonDict

from reconciler import diagnostics, yamlsource
from reconciler.diagnostics import Diagnostic, Location
from reconciler.domain.contract import CURRENCY_PAIR, Contract, PriceIncrement
from reconciler.domain.desired import AccountSpec
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.money import Currency
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.domain.unknown import Unknown
from reconciler.manifests.base import API_VERSION, Section
from reconciler.manifests.portfolio import MOST_TARGETS
from reconciler.manifests.scalars import (
    Amount,
    CurrencyCode,
    FutureMonth,
    InstrumentLabel,
    PositiveAmount,
    Symbol,
    whole,
)

FILE = "contracts.lock.yaml"
_IDEALPRO = "IDEALPRO"
_EXAMPLE: JsonDict = {
    "apiVersion": API_VERSION,
    "kind": "ContractLock",
    "contracts": [
        {
            "conId": 272093,
            "symbol": "MSFT",
            "currency": "USD",
            "primaryExchange": "NASDAQ",
            "orderTypes": ["MKT", "LMT"],
            "increments": [{"from": 0, "step": 0.01}],
        }
    ],
}


class LockedIncrement(Section):
    """From a price on, prices are multiples of a step."""

    from_: Amount = Field(alias="from", description="The lowest price that the step is for.", examples=[0])
    step: PositiveAmount = Field(description="What prices are multiples of.", examples=[0.01])


class LockedContract(Section):
    """One contract as the broker named it."""

    con_id: Annotated[int, whole(at_least=1, at_most=2**31 - 1)] = Field(
        description="The broker's contract id.", examples=[272093]
    )
    symbol: Symbol = Field(
        description="The broker's symbol; of a currency pair, its first currency.", examples=["MSFT"]
    )
    sec_type: Literal["STK", "FUT", "CASH"] = Field(default="STK", description="The broker's security type.")
    currency: CurrencyCode = Field(description="The currency in which it trades.", examples=["USD"])
    primary_exchange: str = Field(default="", description="Where it is listed.", examples=["NASDAQ"])
    expiry: FutureMonth | None = Field(default=None, description="A future's month or day.", examples=["2026-12"])
    local_symbol: str = Field(default="", description="What its exchange calls it.", examples=["MSFT"])
    trading_class: str = Field(default="", description="Its trading class.", examples=["NMS"])
    name: str = Field(
        default="",
        description="The company's or the fund's name, for whoever reviews the file.",
        examples=["MICROSOFT CORP"],
    )
    multiplier: PositiveAmount = Field(default=Decimal(1), description="Units for each quantity of one.", examples=[1])
    lot: PositiveAmount = Field(default=Decimal(1), description="The step of an order's quantity.", examples=[1])
    time_zone: str = Field(
        default="", description="The time zone of its trading hours, as the broker names it.", examples=["US/Eastern"]
    )
    order_types: list[InstrumentLabel] = Field(
        description="The order types that it takes, such as MKT and LMT.", examples=[["MKT", "LMT"]]
    )
    increments: list[LockedIncrement] = Field(
        min_length=1, description="The price increments of its market rule, from the lowest price on."
    )


class ContractLock(Section):
    """The contracts that are pinned."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    api_version: Literal["folioctl/v1"] = Field(description="The version of the file's format.")
    kind: Literal["ContractLock"] = Field(description="What this file is.")
    contracts: list[LockedContract] = Field(max_length=2 * MOST_TARGETS, description="One entry for each contract.")


def load_lock(directory: Path) -> tuple[tuple[LockedContract, ...], tuple[Diagnostic, ...]]:
    """The entries of the lock file beside the manifests, none where there is no file; and what is wrong with it."""
    placed, found = load_placed(directory)
    return tuple(each for each, _ in placed), found


def load_placed(directory: Path) -> tuple[tuple[tuple[LockedContract, Location], ...], tuple[Diagnostic, ...]]:
    """The same, each entry with the place of its contract id."""
    path = directory / FILE
    if not is_written(path):
        return (), ()
    fault = yamlsource.irregular(path, path.as_posix())
    if fault is not None:
        return (), (fault,)
    documents, found = yamlsource.load_file(path, path.as_posix())
    return _placed(documents, tuple(found), path.as_posix())


def is_written(path: Path) -> bool:
    """Whether there is anything where the lock file would be. What cannot be read pins nothing, and is told."""
    return os.path.lexists(path)


def entries_of(text: str) -> tuple[LockedContract, ...] | None:
    """The entries of a lock file's text; None where anything is wrong with it."""
    documents, found = yamlsource.load(text, FILE)
    placed, faults = _placed(documents, tuple(found), FILE)
    return None if faults else tuple(each for each, _ in placed)


def _placed(
    documents: Sequence[yamlsource.Document], found: tuple[Diagnostic, ...], file: str
) -> tuple[tuple[tuple[LockedContract, Location], ...], tuple[Diagnostic, ...]]:
    if found or not documents:
        return (), found
    if len(documents) > 1:
        told = diagnostics.error("LCK002", f"the lock file has {len(documents)} documents, not one", Location(file))
        return (), (told,)
    document = documents[0]
    lock, faults = yamlsource.parse(document, ContractLock, "MAN")
    if lock is None:
        return (), tuple(faults)
    places = (document.locate(("contracts", number, "conId")) for number in range(len(lock.contracts)))
    return tuple(zip(lock.contracts, places, strict=True)), tuple(_twins(lock, document))


def _twins(lock: ContractLock, document: yamlsource.Document) -> Iterator[Diagnostic]:
    first: dict[int, int] = {}
    for number, each in enumerate(lock.contracts):
        known = first.setdefault(each.con_id, number)
        if known != number:
            line = document.locate(("contracts", known)).line
            place = document.locate(("contracts", number, "conId"))
            yield diagnostics.error("LCK001", f"contract {each.con_id} already stands on line {line}", place)


def pinned(account: AccountSpec, locked: Sequence[LockedContract]) -> AccountSpec:
    """The account with the contracts of its lines that the lock file knows, and those of currency pairs."""
    index = PinIndex(locked)
    pairs = {
        InstrumentName(f"{each.symbol}.{each.currency}"): _contract(each, _IDEALPRO)
        for each in locked
        if each.sec_type == CURRENCY_PAIR
    }
    lines = {target.instrument.name for target in account.portfolio.targets}
    found = {name: contract for name, contract in pairs.items() if name not in lines}
    for target in account.portfolio.targets:
        spec = target.instrument
        fitting = index.fitting(spec)
        if len(fitting) == 1:
            found[spec.name] = _contract(fitting[0], spec.exchange)
    return replace(account, pinned=found)


class PinIndex:
    """Entries by their symbols, for whoever looks for those of many lines."""

    def __init__(self, locked: Iterable[LockedContract]) -> None:
        self._by_symbol: dict[str, list[LockedContract]] = {}
        for each in locked:
            self._by_symbol.setdefault(each.symbol, []).append(each)

    def fitting(self, spec: InstrumentSpec) -> tuple[LockedContract, ...]:
        """The entries that are all that `spec` says. One of them pins it; several pin nothing."""
        return tuple(each for each in self._by_symbol.get(spec.symbol, ()) if _fits(each, spec))


def _fits(locked: LockedContract, spec: InstrumentSpec) -> bool:
    expiry = "" if locked.expiry is None else locked.expiry.replace("-", "")
    return (
        (locked.sec_type, locked.currency) == (spec.sec_type, spec.currency)
        and spec.primary_exchange in (None, locked.primary_exchange)
        and spec.con_id in (None, locked.con_id)
        and expiry.startswith(spec.expiry or "")
    )


def _contract(locked: LockedContract, exchange: str) -> Contract:
    increments = tuple(PriceIncrement(each.from_, each.step) for each in locked.increments)
    return Contract(
        con_id=ConId(locked.con_id),
        symbol=locked.symbol,
        sec_type=locked.sec_type,
        currency=Currency(locked.currency),
        exchange=exchange,
        primary_exchange=locked.primary_exchange,
        local_symbol=locked.local_symbol,
        trading_class=locked.trading_class,
        long_name=locked.name,
        multiplier=locked.multiplier,
        lot_size=locked.lot,
        price_increments=increments,
        order_types=frozenset(locked.order_types),
        time_zone=locked.time_zone,
    )


def locked_contract(contract: Contract) -> LockedContract | Unknown:
    """The entry that pins a contract; Unknown where its price increments are, or where it cannot be written."""
    if isinstance(contract.price_increments, Unknown):
        return contract.price_increments
    try:
        return LockedContract.model_validate(
            {
                "conId": contract.con_id,
                "symbol": contract.symbol,
                "secType": contract.sec_type,
                "currency": contract.currency,
                "primaryExchange": contract.primary_exchange,
                **({"expiry": _month(contract.expiry)} if contract.expiry else {}),
                "localSymbol": contract.local_symbol,
                "tradingClass": contract.trading_class,
                "name": " ".join(contract.long_name.split()),
                "multiplier": contract.multiplier,
                "lot": contract.lot_size,
                "timeZone": contract.time_zone,
                "orderTypes": sorted(contract.order_types),
                "increments": [{"from": row.low_edge, "step": row.increment} for row in contract.price_increments],
            }
        )
    except ValidationError as error:
        why = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        return Unknown(f"the broker's contract {contract.con_id} of {contract.symbol} fits no lock file: {why}")


def _month(expiry: str) -> str:
    """`2026-12-18` of `20261218`."""
    return "-".join(filter(None, (expiry[:4], expiry[4:6], expiry[6:8])))
