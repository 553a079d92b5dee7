"""`import csv` and `import yaml`: a portfolio of the predecessor's formats as a Portfolio."""

import re
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import manifests, yamlsource
from reconciler.manifests.portfolio import Portfolio
from reconciler.manifests.writing import WrittenLine, portfolio_text
from reconciler.manifests.writing.comments import comments_of
from reconciler.manifests.writing.given import cash_of
from tests.acceptance.here import Desk, run_here
from tests.acceptance.stage import Ended, copied_manifests
from tests.examples import examples

YAML_FILE = """\
# My portfolio
portfolio:   # since 2024
  SPY: {weight: 0.5, sector: Index}  # the core
  # bonds, for ballast
  TLT:
    weight: 0.3   # long ones
    # not too many
    sector: "Bonds"
  "ON": {weight: 10%}
# the end
"""
CSV_FILE = "symbol,weight,sector\nSPY,0.50,Index\nTLT,30%,Bonds\nON,0.1,\n"


def taken(desk: Desk, path: Path, text: str, *words: str) -> Ended:
    path.write_text(text)
    return run_here(desk, "import", path.suffix[1:], str(path), *words)


def read(text: str) -> Portfolio:
    (document,), found = yamlsource.load(text, "portfolio.yaml")
    assert found == []
    portfolio, faults = yamlsource.parse(document, Portfolio, "MAN")
    assert faults == []
    assert portfolio is not None
    return portfolio


@pytest.mark.parametrize(("file", "text"), [("old.csv", CSV_FILE), ("old.yaml", YAML_FILE)])
def test_weights_and_sectors_are_kept_and_cash_is_what_is_left(
    desk: Desk, tmp_path: Path, file: str, text: str
) -> None:
    portfolio = read(taken(desk, tmp_path / file, text).expect(0).stdout)

    assert [(each.symbol, each.weight, each.sector) for each in portfolio.spec.targets] == [
        ("SPY", Decimal("0.5"), "Index"),
        ("TLT", Decimal("0.3"), "Bonds"),
        ("ON", Decimal("0.1"), None),
    ]
    assert portfolio.spec.cash == Decimal("0.1")
    assert portfolio.metadata.name == "old"


def test_comments_are_carried_to_the_lines_that_they_stand_at(desk: Desk, tmp_path: Path) -> None:
    lines = taken(desk, tmp_path / "old.yaml", YAML_FILE).expect(0).stdout.splitlines()

    def at(symbol: str) -> int:
        return next(number for number, line in enumerate(lines) if f"symbol: {symbol}," in line)

    assert [line.strip() for line in lines[at("SPY") - 2 : at("SPY")]] == ["# My portfolio", "# since 2024"]
    assert lines[at("SPY")].endswith("# the core")
    assert lines[at("TLT") - 1].strip() == "# bonds, for ballast"
    assert lines[at("TLT")].endswith("# long ones; not too many")
    assert lines[at('"ON"')].endswith("# the end")


def test_a_file_is_written_where_one_is_named_and_none_is_overwritten(desk: Desk, tmp_path: Path) -> None:
    out = tmp_path / "portfolio.yaml"
    words = ("--name", "core", "--out", str(out))

    told = taken(desk, tmp_path / "old.csv", CSV_FILE, *words).expect(0)
    assert str(out) in told.stdout.replace("\n", "")
    assert read(out.read_text()).metadata.name == "core"
    before = out.read_text()
    refused = taken(desk, tmp_path / "old.csv", CSV_FILE, *words).expect(1)
    assert "--into NAME" in refused.stderr
    assert out.read_text() == before


def test_as_json_the_text_is_in_the_document(desk: Desk, tmp_path: Path) -> None:
    document = taken(desk, tmp_path / "old.csv", CSV_FILE, "--json").expect(0).document
    assert (document["source"], document["written"]) == ("csv", False)
    assert len(read(document["files"][0]["text"]).spec.targets) == 3


@pytest.mark.parametrize(
    ("file", "text", "code", "line"),
    [
        ("old.csv", "symbol,weight,sector\nSPY,half,Index\n", "GIV001", 2),
        ("old.csv", "symbol,weight,sector\nSPY,0.6,\nspy,0.2,\n", "GIV003", 3),
        ("old.csv", "symbol,weight,sector\nSPY,0.6,\nTLT,0.6,\n", "GIV004", 2),
        ("old.csv", "ticker,weight\nSPY,1\n", "GIV001", 1),
        ("old.yaml", "portfolio:\n  SPY: {weigth: 0.5}\n", "MAN001", 2),
        ("old.yaml", "portfolio: {}\n", "GIV002", 0),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    desk: Desk, tmp_path: Path, file: str, text: str, code: str, line: int
) -> None:
    document = taken(desk, tmp_path / file, text, "--json").expect(1).document
    assert (code, line) in {(each["code"], each["location"]["line"]) for each in document["diagnostics"]}


# ------------------------------------------------------------------------------------------- into one that is there


@pytest.fixture
def there(tmp_path: Path) -> Path:
    return copied_manifests(tmp_path)


def weights(directory: Path) -> dict[str, Decimal]:
    found, diagnostics = manifests.load(directory)
    assert found is not None, diagnostics
    return {each.instrument.symbol: each.weight for each in found.accounts[0].portfolio.targets}


GROWTH = ("--into", "growth")


def test_into_a_portfolio_its_comments_are_kept(desk: Desk, there: Path, tmp_path: Path) -> None:
    before = (there / "portfolio.yaml").read_text()
    text = "symbol,weight,sector\nGLD,0.2,Metals\nSPY,0.7,Index\n"
    words = ("--desired-state", str(there), *GROWTH, "--close-missing", "--yes")

    told = taken(desk, tmp_path / "new.csv", text, *words).expect(0)

    after = (there / "portfolio.yaml").read_text()
    assert re.findall(r"#.*", after) == re.findall(r"#.*", before)
    assert {symbol: weight for symbol, weight in weights(there).items() if weight} == {
        "GLD": Decimal("0.2"),
        "SPY": Decimal("0.7"),
    }
    assert "{symbol: GLD, weight: 20%, sector: Metals}" in after
    assert "cash: 10%" in after
    assert "MSFT" in told.stdout


def test_a_portfolio_that_still_is_as_it_was_begun_says_no_more_that_it_is_empty(desk: Desk, tmp_path: Path) -> None:
    root = tmp_path / "mine"
    run_here(desk, "init", str(root), "--no-input").expect(0)
    begun = root / "desired-state" / "portfolio.yaml"
    assert "allowEmpty: true" in begun.read_text()

    words = ("-C", str(root), "--into", "core", "--yes")
    taken(desk, tmp_path / "new.csv", "symbol,weight\nGLD,0.2\nSPY,0.7\n", *words).expect(0)

    assert begun.read_text() == portfolio_text(
        "core", [WrittenLine("GLD", Decimal("0.2")), WrittenLine("SPY", Decimal("0.7"))], Decimal("0.1")
    )
    assert "allowEmpty" not in begun.read_text()


def test_lines_that_the_file_does_not_have_are_named_before_anything_is_closed(
    desk: Desk, there: Path, tmp_path: Path
) -> None:
    before = (there / "portfolio.yaml").read_text()
    words = ("--desired-state", str(there), *GROWTH, "--yes")

    told = taken(desk, tmp_path / "new.csv", CSV_FILE, *words).expect(1)

    assert "MSFT" in told.stderr
    assert "--close-missing" in told.stderr
    assert (there / "portfolio.yaml").read_text() == before


def test_a_portfolio_of_sleeves_is_left_as_it_is(desk: Desk, there: Path, tmp_path: Path) -> None:
    text = (there / "portfolio.yaml").read_text()
    sleeve = "  sleeves: [{name: rest, weight: 10%, targets: [{symbol: KO, weight: 100%}]}]\n"
    (there / "portfolio.yaml").write_text(text.replace("weight: 13%", "weight: 3%") + sleeve)
    words = ("--desired-state", str(there), *GROWTH, "--close-missing", "--yes")

    told = taken(desk, tmp_path / "new.csv", CSV_FILE, *words).expect(1)

    assert "sleeves" in told.stderr


def test_a_portfolio_that_is_not_there_is_told(desk: Desk, there: Path, tmp_path: Path) -> None:
    told = taken(desk, tmp_path / "new.csv", CSV_FILE, "--desired-state", str(there), "--into", "nowhere").expect(1)
    assert "nowhere" in told.stderr


@pytest.mark.parametrize(
    "words", [("--into", "growth", "--out", "x.yaml"), ("--close-missing",), ("--name", "Not A Name")]
)
def test_options_that_contradict_each_other_are_a_usage_error(
    desk: Desk, tmp_path: Path, words: tuple[str, ...]
) -> None:
    taken(desk, tmp_path / "new.csv", CSV_FILE, *words).expect(64)


# ------------------------------------------------------------------------------------------- what is written


SYMBOLS = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9 ./-]{0,10}", fullmatch=True)
LINES = st.lists(
    st.builds(
        WrittenLine,
        symbol=SYMBOLS,
        weight=st.decimals(0, "0.05", places=6),
        con_id=st.none() | st.integers(1, 2**31 - 1),
        sector=st.none() | SYMBOLS,
        comment=st.text(max_size=20),
        above=st.lists(st.text(max_size=20), max_size=2).map(tuple),
    ),
    min_size=1,
    max_size=8,
)


@examples(60)
@given(LINES)
def test_whatever_is_written_is_read_as_it_was_meant(lines: list[WrittenLine]) -> None:
    text = portfolio_text("core", lines, cash_of(lines))

    found = read(text).spec
    assert [(each.symbol, each.weight, each.con_id, each.sector) for each in found.targets] == [
        (each.symbol, each.weight, each.con_id, each.sector) for each in lines
    ]
    assert found.cash == cash_of(lines)


def test_a_comment_begins_outside_of_quotes_and_after_a_blank() -> None:
    text = "a: 'x # y' # one\nb: x#y\n  ## two\nc: \"it's # no\" #\n"
    assert [(each.line, each.column, each.text, each.stands_alone) for each in comments_of(text)] == [
        (1, 12, "one", False),
        (3, 3, "two", True),
    ]
