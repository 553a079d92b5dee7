"""Manifests that are changed in place: the comments stay, and what is not concerned stays to the byte."""

import difflib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from reconciler import manifests
from reconciler.domain.contract import FUTURE
from reconciler.domain.desired import AccountSpec, CurrencyFunding
from reconciler.domain.errors import Refused
from reconciler.domain.ids import AccountName, InstrumentName
from reconciler.manifests.writing import AccountSetup, Setup, written
from reconciler.manifests.writing.adoption import Proposed, beside, fresh, in_place
from reconciler.manifests.writing.profile import STANDARD
from reconciler.manifests.writing.trial import load_with
from reconciler.planning.adopt import AdoptedLine, Adoption
from tests.builders import a_contract, a_target, an_instrument, con_id_of

MAIN = AccountName("main")
FIVE = """\
# everything in one file
apiVersion: folioctl/v1
kind: Gateway
metadata: {name: local}   # the desk
spec: {port: 4002}
---
apiVersion: folioctl/v1
kind: Account
metadata:
  name: main
spec:
  environment: paper
  accountIdFrom: {env: IB_ACCOUNT_ID}
  baseCurrency: USD
  gateway: local
  portfolio: growth
  riskLimits: cautious
  executionPolicy: patient
  leverage: 140%  # agreed in May
---
apiVersion: folioctl/v1
kind: Portfolio
metadata:
  name: growth
spec:
  targets:
    # software
    - {symbol: MSFT, weight: 60%}   # the core
    # metals
    - symbol: GLD
      weight: 0.35  # a third
  cash: 5%   # for a rainy day
---
apiVersion: folioctl/v1
kind: RiskLimits
metadata: {name: cautious}
spec: {maxLeverage: 1.5}
---
apiVersion: folioctl/v1
kind: ExecutionPolicy
metadata: {name: patient}
"""


def a_line(symbol: str, weight: str) -> AdoptedLine:
    return AdoptedLine(a_target(symbol, weight), a_contract(symbol))


def an_adoption(*lines: AdoptedLine, **changes: object) -> Adoption:
    weights = sum((each.target.weight for each in lines), Decimal(0))
    plain = Adoption(
        leverage=Decimal("1.4"),
        lines=lines,
        cash=1 - weights,
        long_only=True,
        funding=CurrencyFunding.CONVERT,
        aside=(),
        maintenance_rate=Decimal("0.25"),
        initial_rate=Decimal("0.25"),
        undeclared_share=Decimal(0),
        largest=Decimal("0.6"),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    (tmp_path / "all.yaml").write_text(FIVE)
    return tmp_path


def difference(directory: Path, proposed: Proposed) -> list[str]:
    """The lines that go and those that come."""
    (text,) = proposed.texts.values()
    lines = difflib.unified_diff((directory / "all.yaml").read_text().splitlines(), text.splitlines(), lineterm="", n=0)
    return [line for line in lines if not line.startswith(("---", "+++", "@@"))]


def account(proposed: Proposed) -> AccountSpec:
    found = proposed.account()
    assert isinstance(found, AccountSpec), found
    return found


def test_only_what_is_said_otherwise_changes(directory: Path) -> None:
    proposed = in_place(directory, MAIN, an_adoption(a_line("MSFT", "0.6"), a_line("GLD", "0.2")))

    assert difference(directory, proposed) == [
        "-      weight: 0.35  # a third",
        "-  cash: 5%   # for a rainy day",
        "+      weight: 20%  # a third",
        "+  cash: 20%   # for a rainy day",
    ]
    assert [each.weight for each in account(proposed).portfolio.targets] == [Decimal("0.6"), Decimal("0.2")]


def test_what_says_so_already_needs_no_writing(directory: Path) -> None:
    assert in_place(directory, MAIN, an_adoption(a_line("MSFT", "0.6"), a_line("GLD", "0.35"))).texts == {}


def test_leverage_and_funding_are_the_accounts(directory: Path) -> None:
    adoption = an_adoption(
        a_line("MSFT", "0.6"), a_line("GLD", "0.35"), leverage=Decimal("1.13"), funding=CurrencyFunding.BORROW
    )

    proposed = in_place(directory, MAIN, adoption)

    assert difference(directory, proposed) == [
        "+  currencyFunding: borrow",
        "-  leverage: 140%  # agreed in May",
        "+  leverage: 1.13  # agreed in May",
    ]
    assert account(proposed).currency_funding is CurrencyFunding.BORROW


def test_new_holdings_come_last_pinned_and_named(directory: Path) -> None:
    name = InstrumentName("MES 7")
    spec = an_instrument("MES", currency="EUR", sec_type=FUTURE, exchange="CME", name=name)
    future = AdoptedLine(
        replace(a_target("MES", "-0.05"), instrument=spec),
        a_contract("MES", sec_type=FUTURE, local_symbol="MESZ6", long_name="Micro\x1b[31m E-mini"),
    )

    proposed = in_place(
        directory, MAIN, an_adoption(a_line("MSFT", "0.6"), a_line("GLD", "0.35"), future, long_only=False)
    )

    (line,) = (each for each in difference(directory, proposed) if "MES" in each)
    assert line.startswith("+    - {symbol: MES, weight: -5%, name: MES 7, secType: FUT, exchange: CME, currency: EUR")
    assert f"conId: {con_id_of('MES')}}}" in line
    assert "# MESZ6, Micro" in line
    assert "\x1b" not in line
    assert account(proposed).portfolio.long_only is False


def test_windows_line_endings_and_a_byte_order_mark_stay(directory: Path) -> None:
    (directory / "all.yaml").write_bytes(b"\xef\xbb\xbf" + FIVE.replace("\n", "\r\n").encode())

    (text,) = in_place(directory, MAIN, an_adoption(a_line("MSFT", "0.5"), a_line("GLD", "0.35"))).texts.values()

    assert text.startswith("\ufeff# everything")
    assert text.count("\r\n") == text.count("\n") == FIVE.count("\n")


def test_an_empty_portfolio_that_somebody_wrote_keeps_its_comments(directory: Path) -> None:
    begin, end = FIVE.index("  targets:"), FIVE.index("  cash:")
    text = FIVE[:begin] + "  targets: []  # nothing yet\n  allowEmpty: true\n" + FIVE[end:]
    (directory / "all.yaml").write_text(text)

    proposed = in_place(directory, MAIN, an_adoption(a_line("MSFT", "0.6")))

    (after,) = proposed.texts.values()
    assert "  targets:  # nothing yet\n" in after
    assert "allowEmpty: false" in after, "the next time that it is empty, that is a slip of the pen"
    assert [each.weight for each in account(proposed).portfolio.targets] == [Decimal("0.6")]


@pytest.mark.parametrize(
    "more",
    [
        "  sleeves: [{name: rest, weight: 5%, targets: [{symbol: KO, weight: 100%}]}]\n",
        "  cash: 5%\n  defaults: {currency: USD}\n",
    ],
)
def test_a_portfolio_that_is_composed_of_others_is_left_alone(directory: Path, more: str) -> None:
    (directory / "all.yaml").write_text(FIVE.replace("  cash: 5%   # for a rainy day\n", more))
    with pytest.raises(Refused, match="--out"):
        in_place(directory, MAIN, an_adoption(a_line("MSFT", "0.6"), a_line("GLD", "0.4")))


def test_beside_one_that_is_there_another_gets_a_name_that_is_free(directory: Path) -> None:
    adoption = an_adoption(a_line("MSFT", "0.6"), leverage=Decimal(1))
    with pytest.raises(Refused, match="already"):
        beside(directory, MAIN, directory / "held.yaml", "growth", adoption)

    proposed = beside(directory, MAIN, directory / "held.yaml", "held", adoption)

    assert set(proposed.texts) == {directory / "held.yaml"}
    assert proposed.notes == ("to plan by it, Account 'main' has to say portfolio: held, leverage: 1",)
    assert account(proposed).portfolio.name == "held"
    assert (directory / "all.yaml").read_text() == FIVE


def test_a_set_of_manifests_is_in_order_by_itself(tmp_path: Path) -> None:
    setup = Setup([AccountSetup("one"), AccountSetup("two", {("accountIdFrom", "env"): "OTHER"})])
    texts = written(setup)

    for name, text in texts.items():
        (tmp_path / name).write_text(text)

    assert {"account-one.yaml", "account-two.yaml"} < set(texts)
    assert manifests.load(tmp_path)[1] == ()


@pytest.mark.parametrize(
    ("spec", "after"),
    [
        (
            "spec: {targets: [{symbol: MSFT, weight: 60%}], cash: 40%}\n",
            "spec: {targets: [{symbol: MSFT, weight: 50%}, {symbol: GLD, weight: 20%, conId: 51529211}], cash: 30%}\n",
        ),
        (
            "spec: {targets: [{symbol: MSFT, weight: 100%}]}\n",
            "spec: {cash: 30%, targets: [{symbol: MSFT, weight: 50%}, {symbol: GLD, weight: 20%, conId: 51529211}]}\n",
        ),
        (
            "spec:\n    targets:\n    - symbol: MSFT\n      weight: 100%   # all\n    # the end\n",
            "spec:\n    cash: 30%\n    targets:\n    - symbol: MSFT\n      weight: 50%   # all\n"
            "    - {symbol: GLD, weight: 20%, conId: 51529211}\n    # the end\n",
        ),
        (
            "spec:\n  allowEmpty: true\n  targets: [] # none\n",
            "spec:\n  allowEmpty: false\n  cash: 30%\n  targets: # none\n"
            "    - {symbol: MSFT, weight: 50%, conId: 272093}\n"
            "    - {symbol: GLD, weight: 20%, conId: 51529211}\n",
        ),
        (
            "spec:\n  targets:\n    - {symbol: MSFT,\n       weight: 100%}\n",
            "spec:\n  cash: 30%\n  targets:\n    - {symbol: MSFT,\n       weight: 50%}\n"
            "    - {symbol: GLD, weight: 20%, conId: 51529211}\n",
        ),
    ],
)
def test_it_is_edited_in_whatever_style_it_is_written(directory: Path, spec: str, after: str) -> None:
    begin, end = FIVE.index("spec:\n  targets:"), FIVE.index("---\napiVersion: folioctl/v1\nkind: RiskLimits")
    (directory / "all.yaml").write_text(FIVE[:begin] + spec + FIVE[end:])

    lines = [replace(a_line(symbol, weight)) for symbol, weight in (("MSFT", "0.5"), ("GLD", "0.2"))]
    (text,) = in_place(directory, MAIN, an_adoption(*(_nameless(each) for each in lines))).texts.values()

    assert text == FIVE[:begin] + after + FIVE[end:]


def _nameless(line: AdoptedLine) -> AdoptedLine:
    """Without what the broker calls it."""
    return replace(line, contract=replace(line.contract, long_name=""))


def test_a_leverage_that_an_overlay_says_is_changed_there(directory: Path) -> None:
    file = directory / "all.yaml"
    file.write_text(FIVE.replace("  leverage: 140%  # agreed in May", "  overlay: {leverage: 140%}  # agreed in May"))
    adoption = an_adoption(a_line("MSFT", "0.6"), a_line("GLD", "0.3"), leverage=Decimal("1.2"))
    proposed = in_place(directory, MAIN, adoption)
    assert isinstance(proposed.account(), AccountSpec)
    assert "  overlay: {leverage: 1.2}  # agreed in May\n" in proposed.texts[file]


def a_fresh_set(directory: Path, **changes: object) -> AccountSpec:
    """The account of a whole set; no rule warns of anything in it."""
    values = {("environment",): "paper", ("accountIdFrom", "env"): "IB_ACCOUNT_ID", ("baseCurrency",): "USD"}
    setup = Setup(accounts=(AccountSetup("main", values),))
    adoption = an_adoption(a_line("MSFT", "0.5"), a_line("GLD", "0.5"), **changes)
    desired, found = load_with(directory, fresh(directory, setup, STANDARD, adoption).texts)
    assert found == ()
    assert desired is not None
    return desired.accounts[0]


def test_a_fresh_set_lets_be_what_the_broker_asks_in_margin_and_warns_of_nothing(tmp_path: Path) -> None:
    usual = a_fresh_set(tmp_path).limits
    assert (usual.max_margin_utilisation, usual.margin_cushion) == (Decimal("0.6"), Decimal("0.2"))

    account = a_fresh_set(tmp_path, leverage=Decimal("3.1"), initial_rate=Decimal("0.3"), largest=Decimal("1.55"))

    assert (account.limits.max_margin_utilisation, account.limits.margin_cushion) == (Decimal("0.85"), Decimal("0.05"))
    assert account.limits.max_leverage > account.leverage


def test_files_of_weights_that_other_portfolios_name_are_there_when_a_change_is_tried(directory: Path) -> None:
    (directory / "other.CSV").write_text("symbol,weight\nMSFT,1\n")
    other = (
        "apiVersion: folioctl/v1\nkind: Portfolio\nmetadata: {name: other}\nspec: {weightsFrom: {file: other.CSV}}\n"
    )
    (directory / "other.yaml").write_text(other)
    proposed = in_place(directory, MAIN, an_adoption(a_line("MSFT", "0.6"), a_line("GLD", "0.3")))
    assert isinstance(proposed.account(), AccountSpec)
