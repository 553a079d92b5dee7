"""`folioctl lock`: symbols become contracts, a pin stays, and what is not clear is refused with the line to write."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.here import edited, one_line, ordered, planned, run_here
from tests.acceptance.stage import Ended, Json, Stage, lines_of, stage
from tests.acceptance.test_messages import CONTRACTS

pytestmark = pytest.mark.broker

SCENARIO = """
accounts:
  DU1000001:
    cash: {USD: 50000, EUR: 100}
    exchange_rates: {EUR: 1.10}
    positions:
      MSFT: {quantity: 20, average_cost: 400}
      NVDA: {quantity: 40, average_cost: 118}
pacing: {messages_per_second: 0}
instruments:
  MSFT: {con_id: 272093, name: MICROSOFT CORP, primary_exchange: NASDAQ, last: 500, spread: 0.02}
  NVDA: {con_id: 4815747, name: NVIDIA CORP, primary_exchange: NASDAQ, last: 187.60, spread: 0.02}
  ORCL: {con_id: 272800, name: ORACLE CORP, primary_exchange: NYSE, last: 225.80, spread: 0.02}
  SAP: {con_id: 14204, name: SAP SE, primary_exchange: IBIS, currency: EUR, last: 150, spread: 0.1, market_rule: 551}
  EUR.USD: {con_id: 12087792, symbol: EUR, security_type: CASH, currency: USD, name: European Monetary Union euro,
            last: 1.10, spread: 0.0001}
  ABBN: {con_id: 2001, symbol: ABB, name: ABB LTD ADR, primary_exchange: NYSE, last: 60}
  ABBP: {con_id: 2002, symbol: ABB, name: ABB LTD, primary_exchange: PINK, last: 60}
  MES: {con_id: 3001, security_type: FUT, name: MICRO S&P, primary_exchange: CME, expiry: 2026-12-18, multiplier: 5,
        symbol: MES, last: 6700}
  VX: {con_id: 3002, security_type: FUT, name: VOLATILITY, primary_exchange: CFE, expiry: 2026-12-09, multiplier: 100,
       symbol: VX, last: 20}
  VXW: {con_id: 3003, security_type: FUT, name: VOLATILITY, primary_exchange: CFE, expiry: 2026-12-16, multiplier: 100,
        symbol: VX, last: 20}
market_rules:
  551: [{low_edge: 0, increment: 0.01}, {low_edge: 100, increment: 0.05}]
"""
PORTFOLIO = """\
apiVersion: folioctl/v1
kind: Portfolio
metadata: {name: growth}
spec:
  targets:
    - {symbol: MSFT, weight: 40%}
    - {symbol: NVDA, weight: 20%}
    - {symbol: ORCL, weight: 20%}
    - {symbol: SAP, currency: EUR, weight: 20%}
"""
LAST = "{symbol: ORCL, weight: 20%}"


def staged(directory: Path) -> Iterator[Stage]:
    scenario = directory / "scenario.yaml"
    scenario.write_text(SCENARIO)
    with stage(directory / "stage", scenario) as made:
        (made.manifests / "portfolio.yaml").write_text(PORTFOLIO)
        yield made


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """For the cases that change nothing at the gateway."""
    yield from staged(tmp_path_factory.mktemp("lock"))


@pytest.fixture
def on(shared: Stage) -> Iterator[Stage]:
    yield shared
    file_of(shared).unlink(missing_ok=True)
    assert [each.name for each in shared.manifests.iterdir() if each.name.startswith(".")] == []


@pytest.fixture
def moving(tmp_path: Path) -> Iterator[Stage]:
    """For the cases in which contracts change at the broker."""
    yield from staged(tmp_path)


def file_of(on: Stage) -> Path:
    return on.manifests / "contracts.lock.yaml"


def locked(on: Stage, *words: str) -> str:
    """The lock file after a `lock` that succeeded."""
    run_here(on, "lock", *words).expect(0)
    return file_of(on).read_text()


def found(ended: Ended) -> list[tuple[str, str, int, int]]:
    """Code, file, line and column of the document's diagnostics."""
    places = [(each["code"], each["location"]) for each in ended.document["diagnostics"]]
    return [(code, Path(place["file"]).name, place["line"], place["column"]) for code, place in places]


def asked(on: Stage) -> int:
    """How often the gateway was asked what a contract is."""
    count: int = on.gateway.ask("frames")["in"].get(CONTRACTS, 0)
    return count


# --------------------------------------------------------------------------------------------------- lock, then plan


def test_what_lock_writes_is_in_order_and_a_plan_asks_nothing_of_it(on: Stage) -> None:
    afresh = planned(on)

    document = run_here(on, "lock", "--json").expect(0).document

    text = file_of(on).read_text()
    assert re.findall(r"^  - conId: (\d+)$", text, re.MULTILINE) == ["12087792", "272093", "4815747", "272800", "14204"]
    assert "      - {from: 0, step: 0.01}\n      - {from: 100, step: 0.05}\n" in text
    assert "    timeZone: US/Eastern\n" in text
    assert document["summary"] | {"added": 5, "kept": 0, "written": True} == document["summary"]
    run_here(on, "validate").expect(0)
    run_here(on, "lock", "--check").expect(0)
    before = asked(on)
    assert ordered(planned(on)) == ordered(afresh)
    assert asked(on) == before


def test_a_second_lock_writes_the_same_bytes(on: Stage) -> None:
    text = locked(on)
    os.utime(file_of(on), ns=(1, 1))

    told = one_line(run_here(on, "lock").expect(0))

    assert file_of(on).read_text() == text
    assert file_of(on).stat().st_mtime_ns == 1
    assert "stays as it is: 5 contracts" in told


def test_what_is_pinned_stays_what_is_missing_is_added_and_what_is_unused_goes(on: Stage) -> None:
    text = locked(on).replace("    name: MICROSOFT CORP\n", "    name: Ours # as we call it\n")
    file_of(on).write_text(text.replace("  - conId: 272093\n", "  # What we like most.\n  - conId: 272093\n"))

    with edited(on, "portfolio.yaml", LAST, "{symbol: ABB, primaryExchange: NYSE, weight: 20%}"):
        ended = run_here(on, "lock", "--json").expect(0)

    changes = {each["symbol"]: each["change"] for each in ended.document["contracts"]}
    assert changes == {"ABB": "added", "EUR": "kept", "MSFT": "kept", "NVDA": "kept", "ORCL": "removed", "SAP": "kept"}
    # That the entry differs from the broker's name is told, and nothing more.
    assert [each["code"] for each in ended.document["diagnostics"]] == ["LCK007"]
    after = file_of(on).read_text()
    assert "  # What we like most.\n  - conId: 272093\n" in after
    assert "name: Ours # as we call it\n" in after
    assert "conId: 2001" in after
    assert "272800" not in after


def test_an_upgrade_takes_over_what_the_broker_says_and_keeps_comments(on: Stage) -> None:
    whole = locked(on)
    older = re.sub(r"(conId: 272093\n(?:.*\n)*?)    lot: 1\n", r"\1    lot: 100 # round\n", whole, count=1)
    file_of(on).write_text(older)

    checked = run_here(on, "lock", "--check", "--json").expect(1)
    assert [each[0] for each in found(checked)] == ["LCK007"]
    assert "lot 100 is now 1" in checked.document["diagnostics"][0]["summary"]
    assert locked(on) == older
    after = locked(on, "--upgrade", "MSFT")
    assert "    lot: 1 # round\n" in after
    assert after.replace(" # round", "") == whole
    assert locked(on, "--upgrade-all") == after


def test_a_future_is_pinned_with_its_day(on: Stage) -> None:
    line = "{symbol: MES, secType: FUT, exchange: CME, expiry: 2026-12, weight: 20%}"
    with edited(on, "portfolio.yaml", LAST, line):
        text = locked(on)
        run_here(on, "lock", "--check").expect(0)

    assert "    expiry: '2026-12-18'\n" in text
    assert "    multiplier: 5\n" in text


# -------------------------------------------------------------------------------------------------- what is refused


def test_a_month_with_several_futures_is_refused_with_their_days(on: Stage) -> None:
    line = "{symbol: VX, secType: FUT, exchange: CFE, expiry: 2026-12, weight: 20%}"
    with edited(on, "portfolio.yaml", LAST, line):
        (told,) = run_here(on, "lock", "--json").expect(1).document["diagnostics"]

    assert told["code"] == "LCK003"
    assert "an expiry in place of the one that is there: `expiry: 2026-12-09` for" in told["suggestion"]
    with edited(on, "portfolio.yaml", LAST, line.replace("2026-12", "2026-12-16")):
        assert "conId: 3003" in locked(on)


def test_several_listings_are_refused_with_the_lines_that_choose_one(on: Stage) -> None:
    with edited(on, "portfolio.yaml", LAST, "{symbol: ABB, weight: 20%}"):
        ended = run_here(on, "lock", "--json").expect(1)

    assert found(ended) == [("LCK003", "portfolio.yaml", 8, 7)]
    (told,) = ended.document["diagnostics"]
    assert "2 contracts" in told["summary"]
    assert "`primaryExchange: NYSE` for ABB LTD ADR on NYSE in USD (conId 2001)" in told["suggestion"]
    assert "`primaryExchange: PINK` for ABB LTD on PINK in USD (conId 2002)" in told["suggestion"]
    assert not file_of(on).exists()
    for line in ("primaryExchange: PINK", "conId: 2002"):
        with edited(on, "portfolio.yaml", LAST, f"{{symbol: ABB, {line}, weight: 20%}}"):
            assert "conId: 2002" in locked(on)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("{symbol: ORACLE, weight: 20%}", "Did you mean 'ORCL'? It finds ORACLE CORP on NYSE in USD (conId 272800)"),
        ("{symbol: NOPE, weight: 20%}", "Check the symbol as the broker writes it"),
        ("{symbol: ORCL, conId: 4711, weight: 20%}", "By its symbol it is contract 272800"),
        ("{symbol: ORCL, conId: 4815747, weight: 20%}", "By its symbol it is contract 272800"),
    ],
)
def test_what_the_broker_does_not_know_is_told_with_what_may_be_meant(on: Stage, line: str, words: str) -> None:
    with edited(on, "portfolio.yaml", LAST, line):
        ended = run_here(on, "lock", "--json").expect(1)

    assert found(ended) == [("LCK004", "portfolio.yaml", 8, 7)]
    assert words in ended.document["diagnostics"][0]["suggestion"]
    assert not file_of(on).exists()


def test_a_check_tells_what_is_missing_and_what_is_unused_and_writes_nothing(on: Stage) -> None:
    text = locked(on)

    with edited(on, "portfolio.yaml", LAST, "{symbol: ABB, primaryExchange: NYSE, weight: 20%}"):
        ended = run_here(on, "lock", "--check", "--json").expect(1)
        annotated = run_here(on, "lock", "--check", "--annotations").expect(1)

    line = text.splitlines().index("  - conId: 272800") + 1
    assert found(ended) == [("LCK011", "contracts.lock.yaml", line, 12), ("LCK010", "portfolio.yaml", 8, 7)]
    assert file_of(on).read_text() == text
    assert "::error title=LCK011,file=desired-state/contracts.lock.yaml" in annotated.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["--upgrade", "MSTF"], 1, "no line and no currency pair is called 'MSTF'. Did you mean 'MSFT'?"),
        (["--check", "--upgrade", "MSFT"], 64, "leave out --upgrade"),
        (["--account", "mian"], 1, "there is no account 'mian'"),
    ],
)
def test_what_is_asked_for_must_make_sense(on: Stage, words: list[str], code: int, told: str) -> None:
    assert told in one_line(run_here(on, "lock", *words).expect(code))


@pytest.mark.parametrize("words", [[], ["--check"], ["--upgrade-all"]])
def test_a_gateway_that_does_not_serve_leaves_the_file_as_it_was(on: Stage, words: list[str]) -> None:
    text = locked(on)

    ended = on.run("lock", "--json", *words, IB_ACCOUNT_ID="DU9999999").expect(1)

    assert ended.document["kind"] == "Failure"
    assert file_of(on).read_text() == text


def test_entries_that_lean_on_each_other_are_left_alone(on: Stage) -> None:
    text = locked(on)
    first, _, rest = text.partition("  - conId: 272800\n")
    types = re.findall(r"orderTypes: (.*)\n", rest)[0]
    rest = rest.replace(types, f"&types {types}", 1)
    file_of(on).write_text(f"{first}  - conId: 272800\n{rest.replace(f': {types}', ': *types')}")
    before = file_of(on).read_text()
    assert "*types" in before

    with edited(on, "portfolio.yaml", LAST, "{symbol: ABB, primaryExchange: NYSE, weight: 20%}"):
        ended = run_here(on, "lock", "--json").expect(1)

    assert [each[0] for each in found(ended)] == ["LCK012"]
    assert file_of(on).read_text() == before


# --------------------------------------------------------------------------------------- a paper and a live account

LIVE = """\
apiVersion: folioctl/v1
kind: Gateway
metadata: {name: far}
spec: {host: 127.0.0.1, port: 4001, clientId: 1}
---
apiVersion: folioctl/v1
kind: Account
metadata: {name: real}
spec:
  environment: live
  accountIdFrom: {env: IB_LIVE_ID}
  baseCurrency: USD
  gateway: far
  portfolio: PORTFOLIO
  riskLimits: LIMITS
  executionPolicy: POLICY
"""


def of_account(on: Stage, key: str) -> str:
    named = re.search(rf"^  {key}: (\S+)", (on.manifests / "account.yaml").read_text(), re.MULTILINE)
    assert named is not None
    return named[1]


def test_a_portfolio_of_a_paper_and_a_live_account_is_looked_up_at_the_paper_gateway(on: Stage) -> None:
    """The live account's id is not even set: its gateway is not needed."""
    live = on.manifests / "live.yaml"
    names = {"PORTFOLIO": of_account(on, "portfolio"), "LIMITS": of_account(on, "riskLimits")}
    text = LIVE.replace("POLICY", of_account(on, "executionPolicy"))
    for word, name in names.items():
        text = text.replace(word, name)
    live.write_text(text)
    try:
        whole = locked(on)
        refused = run_here(on, "lock", "--account", "real").expect(1)
    finally:
        live.unlink()

    assert "conId: 14204" in whole
    assert "the id of account 'real' is not set" in one_line(refused)


# ------------------------------------------------------------------------------------- contracts change at the broker


def blocked(document: Json) -> dict[str, str]:
    return {name: line["blocked"] for name, line in lines_of(document).items() if line["blocked"]}


def renamed(on: Stage, **what: Any) -> None:
    on.gateway.ask("rename", **what)


def test_a_contract_with_a_new_id_is_told_and_not_traded(moving: Stage) -> None:
    text = locked(moving)
    renamed(moving, symbol="NVDA", new_symbol="NVDA", new_con_id=99)

    why = blocked(planned(moving, code=3))
    assert "40 are held under contract 99, but the line is pinned to 4815747" in why["NVDA"]
    assert "`folioctl lock --upgrade NVDA`" in why["NVDA"]
    moving.run("apply", "--auto-approve")
    assert "NVDA" not in moving.gateway.traded()
    for words in (["lock"], ["lock", "--check"]):
        ended = run_here(moving, *words, "--json").expect(1)
        line = text.splitlines().index("  - conId: 4815747") + 1
        assert found(ended) == [("LCK005", "contracts.lock.yaml", line, 12)]
        told = ended.document["diagnostics"][0]["suggestion"]
        assert "`folioctl lock --upgrade NVDA`" in told
        assert "`moved: [{fromConId: 4815747, to: NVDA}]`" in told
    assert file_of(moving).read_text() == text

    after = locked(moving, "--upgrade", "NVDA")
    assert after == text.replace("conId: 4815747", "conId: 99")
    assert not blocked(planned(moving, code=0))


def test_a_contract_that_means_something_else_now_is_told_and_not_traded(moving: Stage) -> None:
    locked(moving)
    renamed(moving, symbol="NVDA", new_symbol="NVDX")

    why = blocked(planned(moving, code=3))
    assert "contract 4815747 is pinned as NVDA in USD, and held as NVDX in USD" in why["NVDA"]
    ended = run_here(moving, "lock", "--check", "--json").expect(1)
    assert [each[0] for each in found(ended)] == ["LCK006"]
    assert "is now NVDX" in ended.document["diagnostics"][0]["summary"]
    assert "`symbol: NVDX`" in ended.document["diagnostics"][0]["suggestion"]

    moving.edit("portfolio.yaml", "symbol: NVDA", "symbol: NVDX")
    assert "symbol: NVDX" in locked(moving)
    assert not blocked(planned(moving))


def test_what_is_not_held_is_not_bought_by_a_pin_that_is_out_of_date(moving: Stage) -> None:
    locked(moving)
    renamed(moving, symbol="ORCL", new_symbol="ORCX")
    ended = run_here(moving, "plan").expect(3)
    assert "contract 272800 is ORCX STK in USD to the broker, not ORCL STK in USD" in one_line(ended)
    assert moving.run("apply", "--auto-approve").code == 3
    assert moving.gateway.orders == []

    renamed(moving, symbol="ORCX", new_symbol="ORCX", new_con_id=98)
    why = blocked(planned(moving, code=3))
    assert "the broker knows no contract 272800 of ORCL" in why["ORCL"]
    assert "`folioctl lock --check`" in why["ORCL"]
