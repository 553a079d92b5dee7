"""A portfolio that is given as a file: both forms, and what is wrong with one."""

from decimal import Decimal
from pathlib import Path

import pytest

from reconciler.domain.options import GivenTarget
from reconciler.manifests import load_given, rows

CSV = "symbol,weight,sector\nMSFT,0.13,Technology\nGLD,10%,\n"
YAML = "portfolio:\n  MSFT: {weight: 0.13, sector: Technology}\n  GLD: {weight: 10%}\n"
LINES = (GivenTarget("GLD", Decimal("0.1"), None), GivenTarget("MSFT", Decimal("0.13"), "Technology"))


def given(tmp_path: Path, name: str, text: str) -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("name", "text"), [("p.csv", CSV), ("p.yaml", YAML), ("p.yml", YAML), ("P.CSV", CSV)])
def test_both_forms_give_the_same_lines(tmp_path: Path, name: str, text: str) -> None:
    assert load_given(given(tmp_path, name, text)) == (LINES, ())


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffsymbol,weight,sector\r\nMSFT,0.13,Technology\r\nGLD,10%,\r\n",
        " Symbol , Weight , Sector \nMSFT, 0.13 , Technology\nGLD,10%\n",
        'weight,sector,symbol\n0.13,"Technology",MSFT\n10%,,GLD\n',
        "symbol,weight,sector\nMSFT,0.13,Technology\n\nGLD,10%,\n",
    ],
)
def test_csv_as_spreadsheets_write_it(tmp_path: Path, text: str) -> None:
    assert load_given(given(tmp_path, "p.csv", text)) == (LINES, ())


def test_a_flood_of_mistakes_ends(tmp_path: Path) -> None:
    _, found = load_given(given(tmp_path, "p.csv", "symbol,weight\n" + "x,y\n" * 3000))

    assert len(found) == 1001
    assert str(found[-1]).endswith("p.csv:1002:1: error: the file is not read beyond this line [GIV001]")


def test_behind_the_last_of_a_flood_an_empty_line_is_no_rest(tmp_path: Path) -> None:
    _, found = load_given(given(tmp_path, "p.csv", "symbol,weight\n" + "x,y\n" * 1000 + "\n"))

    assert len(found) == 1000


def test_a_file_without_end_is_not_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "MOST_CHARACTERS", len(CSV))
    assert load_given(given(tmp_path, "p.csv", CSV)) == (LINES, ())
    lines, (found,) = load_given(given(tmp_path, "p.csv", CSV + "\n"))

    assert (lines, found.code) == (None, "YML004")


def test_the_sector_may_be_left_out(tmp_path: Path) -> None:
    lines, _ = load_given(given(tmp_path, "p.csv", "symbol,weight\nMSFT,0.13\n"))

    assert lines == (GivenTarget("MSFT", Decimal("0.13"), None),)


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "p.csv",
            "",
            "p.csv:1:1: error: the heading must have symbol and weight, may have sector, and is nothing",
        ),
        (
            "p.csv",
            "MSFT,0.13\n",
            "must have symbol and weight, may have sector, and is msft, 0.13 [GIV001]",
        ),
        ("p.csv", "symbol,weight,colour\nMSFT,0.1,red\n", "and is symbol, weight, colour [GIV001]"),
        ("p.csv", "symbol,wait,sector\nMSFT,0.1,\n", "is symbol, wait, sector. Did you mean 'weight'? [GIV001]"),
        ("p.csv", "symbol;weight\nMSFT;0,1\n", "and is symbol;weight. Put commas between the cells, and a point"),
        ("p.csv", 'symbol,weight\nMSFT,"0,13"\n', "not '0,13'. Write a point: 0.13. [GIV001]"),
        ("p.csv", 'symbol,weight\nMSFT,"-13,5 %"\n', "Write a point: -13.5 %. [GIV001]"),
        ("p.csv", 'sector,symbol,weight\n"Tech, big",MSFT,much\n', "p.csv:2:18: error: weight"),
        ("p.csv", 'symbol,weight\nMSFT,0."1\n', "p.csv:2:6: error: weight"),
        ("p.csv", "symbol,weight\nMSFT,much\n", "p.csv:2:6: error: weight: must be a number such as 0.13"),
        ("p.csv", "symbol,weight\nMSFT,\n", "p.csv:2:1: error: weight: field required [GIV001]"),
        ("p.csv", "symbol,weight\n,0.1\n", "p.csv:2:1: error: symbol: field required [GIV001]"),
        ("p.csv", "symbol,weight\nMSFT,13\n", "p.csv:2:6: error: weight: input should be less than or equal to 1"),
        ("p.csv", "symbol,weight\nMSFT,-0.1\n", "weight: input should be greater than or equal to 0"),
        ("p.csv", "symbol,weight\nMSFT,0.1,Tech\n", "a cell beyond the heading: extra inputs are not permitted"),
        ("p.csv", "symbol,weight\n", "p.csv: error: the portfolio has no lines [GIV002]"),
        ("p.csv", "symbol,weight\nMSFT,0.1\nmsft,0.1\n", "p.csv:3:1: error: msft already stands on line 2 [GIV003]"),
        ("p.csv", "symbol,weight\nMSFT,0.6\nGLD,0.6\n", "p.csv:2:1: error: the weights sum to 120%, above 100%"),
        ("p.csv", 'symbol,weight\n"MSFT,0.1\n', "not CSV"),
        ("p.yaml", "portfolio: {MSFT: {weight: 0.6}, GLD: {weight: 0.6}}", "the weights sum to 120%, above 100%"),
        ("p.yaml", "portfolio: {MSFT: {weight: 0.1, sectr: Tech}}", "unknown key 'sectr'"),
        ("p.yaml", "portfolio: {MSFT: 0.1}", "portfolio.MSFT must be a mapping of keys to values, not '0.1'"),
        ("p.yaml", "targets: []", "unknown key 'targets'"),
        ("p.yaml", "portfolio: {}", "the portfolio has no lines [GIV002]"),
        ("p.yaml", f"{YAML}---\n{YAML}", "the file has 2 documents, not one [GIV001]"),
        ("p.yaml", "", "the file has 0 documents, not one [GIV001]"),
        ("p.yaml", "portfolio: [", "not YAML"),
    ],
)
def test_what_is_wrong_with_it_is_told_at_its_place(tmp_path: Path, name: str, text: str, expected: str) -> None:
    lines, found = load_given(given(tmp_path, name, text))

    assert lines is None
    told = [str(each).replace(f"{tmp_path.as_posix()}/", "") for each in found]
    assert any(expected in each for each in told), told


def test_all_faults_are_told_at_once(tmp_path: Path) -> None:
    _, found = load_given(given(tmp_path, "p.csv", "symbol,weight\nMSFT,much\nGLD,more\nSLV,0.1\n"))

    assert [each.location and each.location.line for each in found] == [2, 3]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    lines, (found,) = load_given(tmp_path / "none.csv")

    assert (lines, found.code) == (None, "YML007")


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "p.csv"
    path.write_bytes(b"symbol,weight\nM\xff,0.1\n")

    assert load_given(path)[1][0].code == "YML003"
