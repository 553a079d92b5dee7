"""`import account`, then `plan`: empty, for each of the golden accounts, at a gateway and over a socket."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from reconciler.domain.account import Position, Quote
from reconciler.domain.contract import CURRENCY_PAIR, FUTURE, Contract
from reconciler.domain.desired import AccountType
from reconciler.domain.unknown import Unknown
from reconciler.planning.draft import Draft
from tests.acceptance.here import one_line
from tests.acceptance.stage import Ended, Json, Stage, lines_of, stage
from tests.acceptance.terminal import terminal
from tests.golden.accounts import ACCOUNTS

pytestmark = pytest.mark.broker

NUMBERS = {kind: f"DU20000{place:02}" for place, kind in enumerate(ACCOUNTS, start=10)}


def account_of(made: Draft) -> Json:
    """The account of a draft, as a scenario has it at the start."""
    snapshot = made.snapshot
    assert isinstance(snapshot.positions, tuple)
    assert not isinstance(snapshot.cash, Unknown)
    found: Json = {
        "base_currency": str(snapshot.base_currency),
        "cash": {str(currency): float(money.amount) for currency, money in snapshot.cash.items()},
        "positions": {each.symbol: {"quantity": int(each.quantity)} for each in snapshot.positions if each.quantity},
    }
    return found | ({"margin": {"model": "cash"}} if made.account.type is AccountType.CASH else {})


def instruments_of(made: Draft) -> Json:
    """Everything that the account holds or asks for, at the draft's prices."""
    assert isinstance(made.snapshot.positions, tuple)
    known: list[Contract | Position] = [*made.snapshot.contracts_by_id.values(), *made.snapshot.positions]
    found = {}
    for each in known:
        quote = made.snapshot.quotes.get(each.con_id)
        if each.sec_type != CURRENCY_PAIR and isinstance(quote, Quote):
            listing = "TSE" if each.currency == "CAD" else "NASDAQ"
            found[each.symbol] = {
                "con_id": each.con_id,
                "name": f"{each.symbol} INC",
                "currency": str(each.currency),
                "primary_exchange": listing,
                "last": float(str(quote.last)),
                "spread": 0.02,
                **(A_FUTURE if each.sec_type == FUTURE else {}),
            }
    return found


def scenario() -> Json:
    """All golden accounts behind one login."""
    drafts = {kind: make() for kind, make in ACCOUNTS.items()}
    instruments: Json = {
        "USD.CAD": {
            "symbol": "USD",
            "currency": "CAD",
            "security_type": "CASH",
            "con_id": 15016062,
            "name": "United States dollar",
            "primary_exchange": "IDEALPRO",
            "last": 1.365,
            "spread": 0.0001,
        }
    }
    for made in drafts.values():
        instruments |= instruments_of(made)
    return {
        "description": "The golden accounts",
        "smooth": True,
        "accounts": {NUMBERS[kind]: account_of(made) for kind, made in drafts.items()},
        "pacing": {"messages_per_second": 0},
        "instruments": instruments,
    }


A_FUTURE: Json = {
    "security_type": "FUT",
    "multiplier": 5,
    "expiry": "2026-12-18",
    "contract_month": "202612",
    "primary_exchange": "CME",
    "local_symbol": "MESZ6",
}


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    directory = tmp_path_factory.mktemp("golden")
    with (directory / "scenario.yaml").open("w") as file:
        YAML().dump(scenario(), file)
    with stage(directory / "stage", directory / "scenario.yaml") as made:
        yield made


def imported(on: Stage, kind: str, *words: str) -> Ended:
    """The account of that kind, imported into a directory of its own."""
    return on.run(
        *("import", "account", "--desired-state", kind, *words),
        *("--base-currency", str(ACCOUNTS[kind]().snapshot.base_currency)),
        IB_ACCOUNT_ID=NUMBERS[kind],
    )


@pytest.mark.parametrize("kind", ACCOUNTS)
def test_a_golden_account_plans_to_no_change(golden: Stage, kind: str) -> None:
    is_cash = ACCOUNTS[kind]().account.type is AccountType.CASH
    document = imported(golden, kind, "--json", *(["--type", "cash"] if is_cash else [])).expect(0).document

    plan = golden.run(
        *("plan", "--desired-state", kind, "--detailed-exitcode", "--json"), IB_ACCOUNT_ID=NUMBERS[kind]
    ).expect(0)
    assert plan.document["summary"]["in_sync"] is True
    assert plan.document["accounts"][0]["batches"] == []
    directory = golden.directory / "repository" / kind
    texts = "".join(path.read_text() for path in directory.iterdir())
    assert NUMBERS[kind] not in texts + document["source"]
    assert f"{Decimal(plan.document['accounts'][0]['net_liquidation']['amount']):.2f}" not in texts
    assert {Path(each["path"]).name for each in document["files"]} == {each.name for each in directory.iterdir()}


# ------------------------------------------------------------------------------------------- manifests that are there


def portfolio_of(on: Stage) -> str:
    return (on.manifests / "portfolio.yaml").read_text()


def test_in_place_it_keeps_the_comments_and_changes_what_it_must(small: Stage) -> None:
    before = portfolio_of(small)
    comments = re.findall(r"#.*", before)

    told = small.run("import", "account", "--yes").expect(0)

    after = portfolio_of(small)
    assert re.findall(r"#.*", after)[: len(comments)] == comments
    assert "{symbol: ORCL, weight: 0%}" in after
    assert re.search(r"- \{symbol: KO, weight: [0-9.]+%, conId: 8894\}", after)
    assert "changed" in told.stdout
    plan = small.run("plan", "--detailed-exitcode", "--json").expect(0).document
    assert plan["summary"]["in_sync"] is True
    assert lines_of(plan)["ORCL"]["quantity"]["current"] == "0"
    assert small.gateway.orders == []


def test_again_it_has_nothing_to_write(small: Stage) -> None:
    small.run("import", "account", "--yes").expect(0)
    before = portfolio_of(small)

    document = small.run("import", "account", "--json").expect(0).document

    assert document["files"] == []
    assert portfolio_of(small) == before


@pytest.mark.parametrize(("words", "code"), [((), 1), (("--dry-run",), 0)])
def test_off_a_terminal_nothing_that_is_there_is_changed_unasked(
    small: Stage, words: tuple[str, ...], code: int
) -> None:
    before = portfolio_of(small)

    told = small.run("import", "account", *words).expect(code)

    assert portfolio_of(small) == before
    assert ("--yes" in told.stdout) is (code == 1)
    assert ("+    - {symbol: KO" in told.stdout) is (code == 0)


def test_at_a_terminal_the_change_is_shown_and_asked_for(small: Stage) -> None:
    before = portfolio_of(small)
    with terminal(small, "import", "account") as person:
        person.until("Only 'yes' is accepted")
        assert "symbol: KO" in person.seen
        person.type("no\n")
        assert person.end() == 1
    assert portfolio_of(small) == before
    with terminal(small, "import", "account") as person:
        person.until("Only 'yes' is accepted")
        person.type("yes\n")
        assert person.end() == 0
    assert portfolio_of(small) != before


def test_a_portfolio_that_is_another_accounts_too_is_left_alone_and_one_beside_it_is_written(small: Stage) -> None:
    account = (small.manifests / "account.yaml").read_text()
    other = account.replace("name: main", "name: other").replace("IB_ACCOUNT_ID", "IB_ACCOUNT_ID_2")
    (small.manifests / "other.yaml").write_text(other)
    before = portfolio_of(small)

    refused = small.run("import", "account", "--account", "main", "--yes").expect(1)
    assert "Account 'other'" in one_line(refused)
    assert "--out" in one_line(refused)

    words = ("--account", "main", "--out", "desired-state/held.yaml", "--name", "held")
    told = small.run("import", "account", *words).expect(0)
    assert portfolio_of(small) == before
    assert "portfolio: held" in told.stdout
    small.edit("account.yaml", "portfolio: growth", "portfolio: held")
    small.edit("account.yaml", "leverage: 1.4", leverage_told(told.stdout))
    plan = small.run("plan", "--account", "main", "--detailed-exitcode", "--json").expect(0)
    assert plan.document["summary"]["in_sync"] is True


def test_a_portfolio_beside_overwrites_no_file(small: Stage) -> None:
    before = portfolio_of(small)
    words = ("--out", "desired-state/portfolio.yaml", "--name", "held", "--yes")
    assert "not overwritten" in one_line(small.run("import", "account", *words).expect(1))
    assert portfolio_of(small) == before


def leverage_told(text: str) -> str:
    found = re.search(r"leverage: [0-9.]+", text)
    assert found is not None
    return found[0]


def test_limits_that_the_account_is_beyond_are_told_and_nothing_is_written(small: Stage) -> None:
    small.edit("risk-limits.yaml", "maxLeverage: 1.5", "maxLeverage: 1.1")
    small.edit("account.yaml", "leverage: 1.4", "leverage: 1")
    before = portfolio_of(small)

    told = small.run("import", "account", "--yes", "--json").expect(3).document

    assert any("maxLeverage" in reason for reason in told["reasons"])
    assert told["written"] is False
    assert portfolio_of(small) == before


def test_a_line_that_nobody_prices_stands_in_the_way(small: Stage) -> None:
    small.gateway.quirk("no-price:ORCL")

    told = small.run("import", "account", "--yes").expect(3)

    assert "ORCL" in told.stdout
    assert "Nothing was written" in told.stdout


def test_without_the_accounts_number_it_says_where_to_put_it(small: Stage) -> None:
    told = small.run("import", "account", "--desired-state", "fresh", IB_ACCOUNT_ID=None).expect(1)
    assert "--account-env" in one_line(told)


def test_another_base_currency_is_told_with_the_one_that_it_is(golden: Stage) -> None:
    told = golden.run(
        *("import", "account", "--desired-state", "wrong", "--base-currency", "CHF"),
        IB_ACCOUNT_ID=NUMBERS["multi-currency"],
    ).expect(3)
    assert "CAD" in told.stdout
    assert not (golden.directory / "repository" / "wrong").exists()


def test_an_account_is_called_as_manifests_can_be(golden: Stage) -> None:
    told = golden.run("import", "account", "--desired-state", "named", "--account", "My Fund").expect(64)
    assert "lower-case" in told.stderr


def test_a_flag_that_the_manifests_say_is_a_usage_error(small: Stage) -> None:
    told = small.run("import", "account", "--port", "4001").expect(64)
    assert "--port" in told.stderr
