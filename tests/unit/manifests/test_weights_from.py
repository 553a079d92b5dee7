"""Weights from a file, and what targets take from defaults."""

from decimal import Decimal
from pathlib import Path

import pytest

from reconciler.diagnostics import Location
from reconciler.domain.desired import AccountSpec
from reconciler.manifests.writing.trial import load_with
from tests.unit.manifests.composed import PARTS, account_of, portfolio, state_of, weights_of
from tests.unit.manifests.repository import changed, load_files, told, write

BASE = changed(
    "account.yaml",
    "leverage: 1.4",
    "leverage: 1",
    {name: text for name, text in PARTS.items() if name not in ("core.yaml", "satellite.yaml")},
)
CSV = "symbol,weight,sector,currency,conId,countsTowardLeverage\nMSFT,60%,Technology,,272093,\nGLD,0.35,,USD,,FALSE\n"
YAML = "portfolio:\n  MSFT: {weight: 60%, sector: Technology}\n  GLD: {weight: 0.35}\n"


def files_of(spec: str, **others: str) -> dict[str, str]:
    return {**BASE, "growth.yaml": portfolio("growth", spec), **others}


FROM_CSV = files_of("weightsFrom: {file: data/w.csv}\ncash: 5%", **{"data/w.csv": CSV})
FROM_YAML = files_of("weightsFrom: {file: w.weights.yaml}\ncash: 5%", **{"w.weights.yaml": YAML})


def lines(account: AccountSpec) -> dict[str, tuple[Decimal, str | None]]:
    return {str(each.instrument.name): (each.weight, each.sector) for each in account.portfolio.targets}


@pytest.mark.parametrize("files", [FROM_CSV, FROM_YAML], ids=["csv", "yaml"])
def test_targets_stand_in_a_file_of_their_own(tmp_path: Path, files: dict[str, str]) -> None:
    account = account_of(tmp_path, files)

    assert lines(account) == {"MSFT": (Decimal("0.6"), "Technology"), "GLD": (Decimal("0.35"), None)}
    assert account.portfolio.cash_weight == Decimal("0.05")


@pytest.mark.parametrize("files", [FROM_CSV, FROM_YAML], ids=["csv", "yaml"])
def test_what_the_manifests_would_be_is_tried_with_that_file(tmp_path: Path, files: dict[str, str]) -> None:
    """An import tries what it would write beside all that is there."""
    desired, _ = load_files(tmp_path, files)
    tried, found = load_with(tmp_path / "desired-state", {})

    assert desired is not None
    assert tried is not None, found
    assert tried.digest == desired.digest


def test_what_would_be_written_beside_half_a_change_is_not_in_order(tmp_path: Path) -> None:
    load_files(tmp_path, {**FROM_CSV, ".account.yaml.a1.new": ""})
    tried, found = load_with(tmp_path / "desired-state", {})

    assert tried is None
    assert [each.code for each in found] == ["MAN024"]
    assert found[0].location == Location((tmp_path / "desired-state" / ".account.yaml.a1.new").as_posix())


def test_a_column_may_be_any_key_of_a_target(tmp_path: Path) -> None:
    msft, gld = account_of(tmp_path, FROM_CSV).portfolio.targets

    assert (msft.instrument.con_id, msft.counts_toward_leverage) == (272093, True)
    assert (gld.instrument.con_id, gld.counts_toward_leverage) == (None, False)


def test_the_place_of_a_weight_is_the_cell(tmp_path: Path) -> None:
    _, gld = account_of(tmp_path, FROM_CSV).portfolio.targets

    ((factor,),) = gld.origin.ways
    assert str(factor.place).endswith("data/w.csv:3:5")
    assert str(gld.declared_at).endswith("data/w.csv:3:1")


def test_a_line_of_a_yaml_file_stands_where_its_symbol_does(tmp_path: Path) -> None:
    text = "portfolio:\n  MSFT: {weight: 60%}\n  GLD:\n    weight: 0.35\n"
    _, gld = account_of(tmp_path, FROM_YAML | {"w.weights.yaml": text}).portfolio.targets

    assert str(gld.declared_at).endswith("w.weights.yaml:3:3")
    assert str(gld.origin.ways[0][0].place).endswith("w.weights.yaml:4:13")


def test_what_a_portfolio_may_take_and_a_sleeve_may_not_is_told(tmp_path: Path) -> None:
    """One file for both: that the first to read it finds it in order says nothing of the other."""
    spec = "sleeves:\n  - {weight: 50%, portfolio: a}\n  - {weight: 50%, portfolio: b}"
    parts = {
        "a.yaml": portfolio("a", "weightsFrom: {file: w.csv}"),
        "b.yaml": portfolio("b", "sleeves: [{name: x, weight: 1, weightsFrom: {file: w.csv}}]"),
        "w.csv": "symbol,weight,sleeve\nGLD,1,base\n",
    }

    assert told(tmp_path, files_of(spec, **parts)) == ["w.csv:1:1 GIV001"]


def test_cells_and_rows_of_blanks_are_empty(tmp_path: Path) -> None:
    blanks = CSV.replace(",,", ", ,") + "   \n,,,,,\n"

    assert told(tmp_path, FROM_CSV | {"data/w.csv": blanks}) == []


def test_a_sleeve_takes_weights_from_a_file_too(tmp_path: Path) -> None:
    csv = "symbol,weight\nNVDA,60%\nASML,40%\n"
    spec = "targets: [{symbol: GLD, weight: 50%}]\nsleeves: [{name: chips, weight: 50%, weightsFrom: {file: w.csv}}]"
    account = account_of(tmp_path, files_of(spec, **{"w.csv": csv}))

    assert weights_of(account) == {
        "GLD": Decimal("0.5"),
        "NVDA": Decimal("0.3"),
        "ASML": Decimal("0.2"),
        "cash": Decimal(0),
    }


def test_a_file_and_what_it_stands_for_have_the_same_digest(tmp_path: Path) -> None:
    written = "targets: [{symbol: MSFT, weight: 60%, sector: Technology}, {symbol: GLD, weight: 35%}]\ncash: 5%"

    assert state_of(tmp_path / "a", FROM_YAML).digest == state_of(tmp_path / "b", files_of(written)).digest


WRONG = {
    "a row": (CSV.replace("0.35", "much"), "data/w.csv:3:5 GIV001"),
    "a number without end": (CSV.replace("0.35", "1e-999999999"), "data/w.csv:3:5 GIV001"),
    "digits of another script": (CSV.replace("0.35", "\u0660.\u0663\u0665"), "data/w.csv:3:5 GIV001"),
    "a con id": (CSV.replace("272093", "seven"), "data/w.csv:2:22 GIV001"),
    "a con id in another script": (CSV.replace("272093", "\u0667"), "data/w.csv:2:22 GIV001"),
    "a column": (CSV.replace("sector", "colour"), "data/w.csv:1:1 GIV001"),
    "a column twice": (CSV.replace("sector", "weight"), "data/w.csv:1:1 GIV001"),
    "a quote": (CSV.replace("GLD", '"GLD'), "data/w.csv:3:1 GIV001"),
    "a sum": (CSV.replace("0.35", "0.3"), "growth.yaml:6:3 PFL001"),
    "a symbol twice": (CSV.replace("GLD", "MSFT").replace("USD,,", "USD,272093,"), "data/w.csv:3:1 PFL003"),
    "a short line": (
        CSV.replace("60%", "70%").replace("0.35", "-0.35") + "SLV,60%,,,,\n",
        "data/w.csv:3:5 PFL006",
    ),
}


@pytest.mark.parametrize(("text", "expected"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_in_it_is_told_at_its_own_place(tmp_path: Path, text: str, expected: str) -> None:
    assert told(tmp_path, FROM_CSV | {"data/w.csv": text}) == [expected]


PATHS = {
    "there is none": ("data/x.csv", "there is no file data/x.csv Put it back"),
    "above the manifests": ("../w.csv", "../w.csv lies outside the manifests"),
    "an absolute path": ("/etc/hosts.csv", "/etc/hosts.csv lies outside the manifests"),
    "a manifest": ("gateway.yaml", "gateway.yaml is neither CSV nor called *.weights.yaml"),
    "a directory": ("folder.csv", "there is no file folder.csv Put it back"),
    "a link that leads nowhere": ("gone.weights.yaml", "there is no file gone.weights.yaml"),
    "a link that leads out": ("link.csv", "link.csv lies outside the manifests"),
    "a link to itself": ("loop.csv", "loop.csv lies outside the manifests"),
}


@pytest.mark.parametrize(("file", "words"), PATHS.values(), ids=PATHS.keys())
def test_the_file_lies_among_the_manifests(tmp_path: Path, file: str, words: str) -> None:
    write(tmp_path, {"w.csv": CSV, "desired-state/folder.csv/x": ""})
    (tmp_path / "desired-state" / "link.csv").symlink_to(tmp_path / "w.csv")
    (tmp_path / "desired-state" / "loop.csv").symlink_to(tmp_path / "desired-state" / "loop.csv")
    (tmp_path / "desired-state" / "gone.weights.yaml").symlink_to("nowhere")
    state, (found,) = load_files(tmp_path, files_of(f"weightsFrom: {{file: {file}}}\ncash: 5%"))

    assert state is None
    assert words in f"{found.summary} {found.suggestion}"
    assert (found.code, found.location and found.location.line) == ("CMP005", 6)


def test_an_absolute_path_leads_elsewhere_on_another_machine(tmp_path: Path) -> None:
    inside = f"{(tmp_path / 'desired-state' / 'data' / 'w.csv').as_posix()}"
    assert told(tmp_path, changed("growth.yaml", "data/w.csv", inside, FROM_CSV)) == ["growth.yaml:6:23 CMP005"]


def test_a_path_up_that_stays_among_the_manifests_is_in_order(tmp_path: Path) -> None:
    files = {name: text for name, text in FROM_CSV.items() if name != "growth.yaml"}
    files["deep/growth.yaml"] = portfolio("growth", "weightsFrom: {file: ../data/w.csv}\ncash: 5%")

    assert told(tmp_path, files) == []


def test_a_file_of_weights_that_nobody_names_is_told(tmp_path: Path) -> None:
    assert told(
        tmp_path, BASE | {"growth.yaml": PARTS["core.yaml"].replace("core", "growth"), "x.weights.yml": YAML}
    ) == ["x.weights.yml CMP007"]


DEFAULTS = """\
defaults: {currency: EUR, sector: Industry, sleeve: base}
targets:
  - {symbol: SIE, weight: 50%}
  - {symbol: GE, weight: 20%, currency: USD}
sleeves:
  - name: funds
    weight: 30%
    defaults: {sector: Funds, assetClass: fund}
    targets: [{symbol: VWCE, weight: 1}]
"""
WRITTEN = """\
targets:
  - {symbol: SIE, weight: 50%, currency: EUR, sector: Industry, sleeve: base}
  - {symbol: GE, weight: 20%, currency: USD, sector: Industry, sleeve: base}
sleeves:
  - name: funds
    weight: 30%
    targets: [{symbol: VWCE, weight: 1, currency: EUR, sector: Funds, assetClass: fund}]
"""


def test_defaults_stand_for_what_targets_do_not_say(tmp_path: Path) -> None:
    account = account_of(tmp_path / "a", files_of(DEFAULTS))

    found = {
        str(each.instrument.name): (each.instrument.currency, each.sector, each.asset_class, each.sleeve)
        for each in account.portfolio.targets
    }
    assert found == {
        "SIE": ("EUR", "Industry", None, "base"),
        "GE": ("USD", "Industry", None, "base"),
        "VWCE": ("EUR", "Funds", "fund", "funds"),
    }


def test_defaults_and_what_they_stand_for_have_the_same_digest(tmp_path: Path) -> None:
    assert state_of(tmp_path / "a", files_of(DEFAULTS)).digest == state_of(tmp_path / "b", files_of(WRITTEN)).digest


def test_rows_of_a_file_take_defaults_too(tmp_path: Path) -> None:
    csv = "symbol,weight,currency\nSIE,50%,\nGE,50%,USD\n"
    account = account_of(tmp_path, files_of("defaults: {currency: EUR}\nweightsFrom: {file: w.csv}", **{"w.csv": csv}))

    assert [str(each.instrument.currency) for each in account.portfolio.targets] == ["EUR", "USD"]


@pytest.mark.parametrize("key", ["symbol: X", "weight: 1", "name: x", "conId: 7", "expiry: 2026-12"])
def test_what_is_one_line_s_own_is_no_default(tmp_path: Path, key: str) -> None:
    assert told(tmp_path, files_of(DEFAULTS.replace("currency: EUR", key)))[0] == "growth.yaml:6:14 MAN001"


FILES = {
    "w.csv": "symbol,weight,sector\nMSFT,60%,\nGLD,40%,for U1234567\n",
    "w.weights.yaml": "portfolio:\n  DU1234567: {weight: 60%}\n  GLD: {weight: 40%}\n",
}


@pytest.mark.parametrize(("name", "text"), FILES.items())
def test_promise_14_an_account_number_is_no_symbol_and_no_sector(tmp_path: Path, name: str, text: str) -> None:
    state, (found,) = load_files(tmp_path, files_of(f"weightsFrom: {{file: {name}}}", **{name: text}))

    assert state is None
    assert found.code == "MAN014"
    assert found.location is not None
    place = (found.location.line, found.location.column)
    assert (Path(found.location.file).name, place) == (name, (3, 9) if name == "w.csv" else (2, 3))
    assert "1234567" not in f"{found}"
