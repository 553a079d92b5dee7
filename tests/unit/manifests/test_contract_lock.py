"""The lock file: which contracts it pins, and what is wrong with one."""

from decimal import Decimal
from pathlib import Path

import pytest

from reconciler.domain.desired import AccountSpec
from reconciler.domain.ids import ConId, InstrumentName
from tests.unit.manifests.repository import GOOD, changed, load_files, told

MSFT = """\
  - conId: 272093
    symbol: MSFT
    currency: USD
    primaryExchange: NASDAQ
    orderTypes: [MKT, LMT]
    increments: [{from: 0, step: 0.0001}, {from: 1, step: 0.01}]
"""
PAIR = """\
  - conId: 15016062
    symbol: USD
    secType: CASH
    currency: CAD
    orderTypes: [MKT, LMT]
    increments: [{from: 0, step: 0.00005}]
"""
HEAD = "apiVersion: folioctl/v1\nkind: ContractLock\ncontracts:\n"


def locked(tmp_path: Path, *entries: str, files: dict[str, str] = GOOD) -> AccountSpec:
    state, found = load_files(tmp_path, files | {"contracts.lock.yaml": HEAD + "".join(entries)})
    assert state is not None, found
    return state.accounts[0]


def test_a_line_is_pinned_to_the_contract_that_fits_it(tmp_path: Path) -> None:
    pinned = locked(tmp_path, MSFT).pinned

    assert set(pinned) == {"MSFT"}
    contract = pinned[InstrumentName("MSFT")]
    assert (contract.con_id, contract.exchange, contract.primary_exchange) == (ConId(272093), "SMART", "NASDAQ")
    assert contract.increment_at(Decimal("0.5")) == Decimal("0.0001")
    assert contract.increment_at(Decimal(500)) == Decimal("0.01")


def test_a_currency_pair_is_pinned_by_its_name(tmp_path: Path) -> None:
    pair = locked(tmp_path, PAIR).pinned[InstrumentName("USD.CAD")]

    assert (pair.con_id, pair.exchange) == (ConId(15016062), "IDEALPRO")


def test_a_line_that_is_called_as_a_pair_is_not_pinned_to_the_pair(tmp_path: Path) -> None:
    files = changed("portfolio.yaml", "symbol: GLD", "symbol: GLD\n      name: USD.CAD")
    assert locked(tmp_path, PAIR, files=files).pinned == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("currency: USD", "currency: CHF"),
        ("symbol: MSFT", "symbol: MSFX"),
        ("primaryExchange: NASDAQ", "primaryExchange: EBS"),
        ("conId: 272093", "conId: 272094"),
    ],
)
def test_what_does_not_fit_the_line_pins_nothing(tmp_path: Path, old: str, new: str) -> None:
    line = "{symbol: MSFT, weight: 30%, conId: 272093, primaryExchange: NASDAQ}"
    files = changed("portfolio.yaml", "{symbol: MSFT, weight: 30%}", line)

    assert locked(tmp_path, MSFT.replace(old, new), files=files).pinned == {}


def test_two_that_fit_pin_nothing(tmp_path: Path) -> None:
    """As where a symbol is listed twice: which of them is meant, the broker's answer has to say."""
    twin = MSFT.replace("272093", "272094").replace("NASDAQ", "EBS")

    assert locked(tmp_path, MSFT, twin).pinned == {}


def test_a_pinned_contract_is_part_of_what_the_manifests_mean(tmp_path: Path) -> None:
    without, _ = load_files(tmp_path, GOOD)
    state, _ = load_files(tmp_path, GOOD | {"contracts.lock.yaml": HEAD + MSFT})
    assert without is not None
    assert state is not None

    assert state.digest != without.digest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (HEAD + MSFT + MSFT, "contracts.lock.yaml:10:12 LCK001"),
        (HEAD + MSFT + "---\n" + HEAD + MSFT, "contracts.lock.yaml LCK002"),
        (HEAD + MSFT.replace("symbol", "symbl"), "MAN001"),
        (HEAD + MSFT.replace("    increments: [{from: 0, step: 0.0001}, {from: 1, step: 0.01}]\n", ""), "MAN002"),
        ("contracts: [", "YML001"),
    ],
)
def test_what_is_wrong_with_it_is_told_at_its_place(tmp_path: Path, text: str, expected: str) -> None:
    found = told(tmp_path, GOOD | {"contracts.lock.yaml": text})

    assert any(expected in each for each in found), found
