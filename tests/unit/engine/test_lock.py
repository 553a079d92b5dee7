"""Lock over a fake broker: what is asked at which account, what is not told, and a file that stays as it was."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from reconciler.adapters.textfiles import write_changes
from reconciler.domain.contract import Contract
from reconciler.domain.desired import AccountSpec, Environment
from reconciler.domain.errors import BrokerUnavailable, Refused
from reconciler.domain.ids import AccountName, ConId
from reconciler.domain.portfolio import PortfolioSpec
from reconciler.domain.unknown import Unknown
from reconciler.engine.lock import LockTask, check_lock, lock, upgraded
from reconciler.engine.session import Session
from reconciler.manifests.contract_lock import FILE, locked_contract
from reconciler.manifests.lock import file as lock_file
from reconciler.manifests.lock.changes import LockChange, LockChanges
from tests.builders import a_portfolio, an_account_spec
from tests.fakes.broker import Read, stock
from tests.fakes.house import CON_IDS, House, a_venue

OLD, NEW = CON_IDS["MSFT"], ConId(900)


def an_account(name: str = "main", *symbols: str, **changes: Any) -> AccountSpec:
    portfolio = a_portfolio(dict.fromkeys(symbols, "0.2")) if symbols else a_portfolio()
    return an_account_spec(name=AccountName(name), portfolio=portfolio, **changes)


@dataclass
class Place:
    """A directory of manifests, and the gateways of its accounts."""

    directory: Path
    accounts: tuple[AccountSpec, ...] = field(default_factory=lambda: (an_account(),))
    house: House = field(default_factory=lambda: House(a_venue()))
    opened: list[str] = field(default_factory=list)

    def task(self, *chosen: str) -> LockTask:
        file, found = lock_file.read(self.directory)
        assert found == ()
        asked = [each for each in self.accounts if each.name in chosen] if chosen else self.accounts
        return LockTask(file, self.accounts, asked, self._open, lambda change: write_changes([change]))

    @asynccontextmanager
    async def _open(self, account: AccountSpec) -> AsyncIterator[Session]:
        self.opened.append(account.name)
        yield await self.house.session()

    def lock(self, *words: str, chosen: tuple[str, ...] = ()) -> LockChanges:
        task = self.task(*chosen)
        return asyncio.run(lock(task, upgraded(task, words)))

    def check(self) -> LockChanges:
        return asyncio.run(check_lock(self.task()))

    @property
    def text(self) -> str:
        file = self.directory / FILE
        return file.read_text() if file.exists() else ""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def codes(changes: LockChanges) -> list[str]:
    return [each.code for each in changes.diagnostics]


def symbols(changes: LockChanges, change: LockChange) -> list[str]:
    return [each.entry.symbol for each in changes.rows if each.change is change]


def test_what_did_not_come_is_no_missing_contract(place: Place) -> None:
    place.house.venue.unknown_contracts.add("MSFT")
    place.house.venue.unknown[Read.LISTINGS] = "the END did not come"

    changes = place.lock()

    assert codes(changes) == ["LCK009"]
    assert changes.is_unread
    assert place.text == ""


def test_a_contract_that_nothing_can_be_planned_with_is_not_pinned(place: Place) -> None:
    place.house.venue.quoted_in_pence.add("MSFT")

    changes = place.lock()

    assert codes(changes) == ["LCK008"]
    assert changes.diagnostics[0].summary == "MSFT STK in USD cannot be pinned: MSFT is quoted in 1/100 of USD"
    assert place.text == ""


def test_one_that_was_pinned_and_can_be_traded_no_more_is_told(place: Place) -> None:
    place.lock()
    before = place.text
    place.house.venue.quoted_in_pence.add("MSFT")

    assert codes(place.check()) == ["LCK008"]
    assert codes(place.lock()) == ["LCK008"]
    assert place.text == before


def test_a_mistake_weighs_more_than_what_did_not_come(place: Place) -> None:
    place.house.venue.contracts[NEW] = replace(stock(NEW, "MSFT"), primary_exchange="PINK")
    place.house.venue.contracts[CON_IDS["AAPL"]] = replace(
        stock(CON_IDS["AAPL"], "AAPL"), price_increments=Unknown("market rule 26 did not come")
    )

    changes = place.lock()

    assert codes(changes) == ["LCK009", "LCK003"]
    assert not changes.is_unread


def test_a_search_that_fails_costs_its_hint_alone(place: Place) -> None:
    place.accounts = (an_account("main", "MSTF"),)
    found = place.lock()
    assert codes(found) == ["LCK004"]
    assert "Did you mean 'MSFT'?" in found.diagnostics[0].suggestion

    place.house.venue.unknown[Read.SYMBOLS] = "the END did not come"
    assert "Check the symbol" in place.lock().diagnostics[0].suggestion


def gone(place: Place) -> None:
    del place.house.venue.contracts[OLD]


def renumbered(place: Place) -> None:
    gone(place)
    place.house.venue.contracts[NEW] = stock(NEW, "MSFT")


def changed(**changes: Any) -> Callable[[Place], None]:
    def change(place: Place) -> None:
        place.house.venue.contracts[OLD] = replace(place.house.venue.contracts[OLD], **changes)

    return change


@pytest.mark.parametrize(
    ("happens", "code", "words"),
    [
        (gone, "LCK005", "Find out what became of it"),
        (renumbered, "LCK005", "contract 900 now: `folioctl lock --upgrade MSFT`"),
        (changed(symbol="MSFX"), "LCK006", "`symbol: MSFX`"),
        (changed(currency="EUR"), "LCK006", "`folioctl lock --upgrade MSFT`"),
        (changed(primary_exchange="PINK"), "LCK006", "`folioctl lock --upgrade MSFT`"),
        (changed(lot_size=100), "LCK007", "`folioctl lock --upgrade MSFT`"),
        (changed(order_types=frozenset({"LMT"})), "LCK007", "`folioctl lock --upgrade MSFT`"),
    ],
)
def test_what_changed_at_the_broker_is_told_and_the_pin_stays(
    place: Place, happens: Callable[[Place], None], code: str, words: str
) -> None:
    place.lock()
    text = place.text
    happens(place)

    for found in (place.check(), place.lock()):
        assert codes(found) == [code]
        assert words in found.diagnostics[0].suggestion
        assert place.text == text
    assert (place.check().diagnostics[0].severity, found.diagnostics[0].severity) == (
        "error",
        "warning" if code == "LCK007" else "error",
    )


def test_an_upgrade_puts_the_new_contract_in_the_place_of_the_old_one(place: Place) -> None:
    place.lock()
    renumbered(place)

    changes = place.lock("MSFT")

    (row,) = (each for each in changes.rows if each.change is LockChange.REPLACED)
    assert (row.entry.con_id, row.formerly) == (NEW, OLD)
    assert codes(place.check()) == []


def test_an_upgrade_of_what_nobody_names_is_refused(place: Place) -> None:
    with pytest.raises(Refused, match="Did you mean 'MSFT'"):
        place.lock("MSTF")


def test_a_gateway_that_is_down_leaves_the_file_as_it_was(place: Place) -> None:
    place.lock()
    text = place.text
    place.accounts = (an_account("main", "NVDA"),)
    place.house.venue.refusal = BrokerUnavailable("nobody listens")

    with pytest.raises(BrokerUnavailable):
        place.lock()

    assert place.text == text


def test_somebody_else_s_change_is_not_written_over(place: Place) -> None:
    task = place.task()
    (place.directory / FILE).write_text("# just begun\n")

    with pytest.raises(Refused, match="came to be meanwhile"):
        asyncio.run(lock(task, frozenset()))

    assert place.text == "# just begun\n"


def live(name: str, *symbols: str) -> AccountSpec:
    return an_account(name, *symbols, environment=Environment.LIVE)


def test_each_instrument_is_looked_up_once_and_at_a_paper_account_first(place: Place) -> None:
    place.accounts = (live("a", "MSFT"), an_account("b", "MSFT", "AAPL"))
    place.lock()
    assert place.opened == ["b"]

    place.accounts = (live("a", "MSFT", "NVDA"), an_account("b", "MSFT", "AAPL"))
    assert symbols(place.lock(), LockChange.ADDED) == ["NVDA"]
    assert place.opened == ["b", "b", "a"]


def test_the_lock_of_one_account_leaves_the_entries_of_others(place: Place) -> None:
    place.accounts = (an_account("a", "MSFT"), an_account("b", "AAPL"))
    place.lock()
    place.accounts = (an_account("a", "NVDA"), an_account("b", "AAPL"))

    changes = place.lock(chosen=("a",))

    assert symbols(changes, LockChange.KEPT) == ["AAPL"]
    assert symbols(changes, LockChange.ADDED) == ["NVDA"]
    assert symbols(changes, LockChange.REMOVED) == ["MSFT"]


def test_two_lines_of_one_contract_share_its_entry(place: Place) -> None:
    first, second = an_account("a", "MSFT"), an_account("b", "MSFT")
    (target,) = second.portfolio.targets
    pinned = replace(target, instrument=replace(target.instrument, con_id=OLD))
    portfolio: PortfolioSpec = replace(second.portfolio, targets=(pinned,))
    place.accounts = (first, replace(second, portfolio=portfolio))

    assert symbols(place.lock(), LockChange.ADDED) == ["MSFT"]
    assert codes(place.check()) == []


def test_a_contract_that_no_lock_file_can_hold_is_told(place: Place) -> None:
    contract: Contract = replace(stock(OLD, "MSFT"), order_types=frozenset({"MKT", "?!"}))

    assert isinstance(locked_contract(contract), Unknown)
    place.house.venue.contracts[OLD] = contract
    assert codes(place.lock()) == ["LCK009"]
