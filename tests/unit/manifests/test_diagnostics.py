"""Every finding has its code and its place. Each case is the good repository with one fault."""

import re
from pathlib import Path

import pytest

from reconciler import diagnostics
from reconciler.manifests import inventory as inventories
from reconciler.manifests import load
from reconciler.manifests.codes import CODES
from reconciler.manifests.risk_limits import RiskLimits
from reconciler.manifests.tree import walk
from tests.unit.manifests.composed import ALL_WAYS, PARTS
from tests.unit.manifests.repository import (
    ACCOUNT,
    EXECUTION_POLICY,
    GATEWAY,
    GOOD,
    PORTFOLIO,
    RISK_LIMITS,
    changed,
    load_files,
    told,
    write,
)

LIVE = ACCOUNT.replace("name: main", "name: other").replace("paper", "live").replace("IB_ACCOUNT_ID", "LIVE_ID")
NO_TARGETS = PORTFOLIO.partition("  targets:")[0]

CASES = {
    "bad YAML": (changed("gateway.yaml", "port: 4002", "port: [4002"), "gateway.yaml:6:9 YML001"),
    "a tab": (changed("gateway.yaml", "  port", "\tport"), "gateway.yaml:6:1 YML001"),
    "a duplicate key": (changed("gateway.yaml", "spec:\n", "spec:\n  port: 1\n"), "gateway.yaml:7:3 YML002"),
    "a tag": (changed("gateway.yaml", "port: 4002", "port: 4002\n  host: !env X"), "gateway.yaml:7:9 YML005"),
    "a key that is a list": (changed("gateway.yaml", "port: 4002", "[a]: 1"), "gateway.yaml:6:3 YML006"),
    "a merge of text": (changed("gateway.yaml", "port: 4002", "<<: x"), "gateway.yaml:6:7 YML008"),
    "an unknown key": (changed("gateway.yaml", "port", "prot"), "gateway.yaml:6:3 MAN001"),
    "an unknown key in a list": (
        changed("portfolio.yaml", "weight: 0.35", "weight: 0.35\n      wieght: 1"),
        "portfolio.yaml:10:7 MAN001",
    ),
    "an unknown top key": (changed("gateway.yaml", "spec:", "status: 1\nspec:"), "gateway.yaml:5:1 MAN001"),
    "a missing key": (changed("account.yaml", "  baseCurrency: USD\n", ""), "account.yaml:5:1 MAN002"),
    "no kind": (changed("gateway.yaml", "kind: Gateway\n", ""), "gateway.yaml:1:1 MAN002"),
    "no apiVersion": (changed("gateway.yaml", "apiVersion: folioctl/v1\n", ""), "gateway.yaml:1:1 MAN002"),
    "a kind with a tag": (changed("gateway.yaml", "kind: Gateway", "kind: !env X"), "gateway.yaml:2:7 YML005"),
    "a list for a manifest": (GOOD | {"x.yaml": "- 1\n"}, "x.yaml:1:1 MAN003"),
    "text for a number": (changed("gateway.yaml", "4002", "four"), "gateway.yaml:6:9 MAN003"),
    "quotes around a number": (changed("gateway.yaml", "4002", '"4002"'), "gateway.yaml:6:9 MAN003"),
    "a number for text": (changed("portfolio.yaml", "symbol: GLD", "symbol: 0700"), "portfolio.yaml:8:15 MAN003"),
    "a bool for a weight": (changed("portfolio.yaml", "0.35", "true"), "portfolio.yaml:9:15 MAN003"),
    "an unknown word": (changed("account.yaml", "paper", "papre"), "account.yaml:6:16 MAN004"),
    "a weight far below zero": (changed("portfolio.yaml", "0.35", "-35"), "portfolio.yaml:9:15 MAN005"),
    "a percentage far below zero": (changed("portfolio.yaml", "0.35", "-3500%"), "portfolio.yaml:9:15 MAN005"),
    "a weight far above one": (changed("portfolio.yaml", "0.35", "35"), "portfolio.yaml:9:15 MAN005"),
    "a NaN weight": (changed("portfolio.yaml", "0.35", ".nan"), "portfolio.yaml:9:15 MAN005"),
    "an infinite weight": (changed("portfolio.yaml", "0.35", ".inf"), "portfolio.yaml:9:15 MAN005"),
    "no leverage at all": (changed("account.yaml", "1.4", "0"), "account.yaml:14:13 MAN005"),
    "no maxLeverage at all": (changed("risk-limits.yaml", "1.5", "0"), "risk-limits.yaml:6:16 MAN005"),
    "an absurd leverage": (changed("account.yaml", "1.4", "140"), "account.yaml:14:13 MAN005"),
    "too many messages": (changed("gateway.yaml", "port: 4002", "messagesPerSecond: 51"), "gateway.yaml:6:22 MAN005"),
    "a weight in quotes": (changed("portfolio.yaml", "0.35", '"0.35"'), "portfolio.yaml:9:15 MAN006"),
    "a duration without unit": (changed("risk-limits.yaml", "90s", "90"), "risk-limits.yaml:8:16 MAN006"),
    "a day and more": (changed("risk-limits.yaml", "90s", "25h"), "risk-limits.yaml:8:16 MAN006"),
    "a currency in small letters": (changed("account.yaml", "USD", "usd"), "account.yaml:9:17 MAN006"),
    "an exchange in small letters": (
        changed("portfolio.yaml", "0.35", "0.35\n      exchange: smart"),
        "portfolio.yaml:10:17 MAN006",
    ),
    "BASE for a currency": (changed("account.yaml", "USD", "BASE"), "account.yaml:9:17 MAN006"),
    "a key without value": (changed("account.yaml", "leverage: 1.4", "leverage:"), "account.yaml:14:3 MAN006"),
    "two places for the id": (
        changed("account.yaml", "    env: IB", "    keyring: x\n    env: IB"),
        "account.yaml:8:5 MAN006",
    ),
    "a name with capitals": (changed("gateway.yaml", "local", "Local"), "gateway.yaml:4:9 MAN006"),
    "an unknown apiVersion": (changed("gateway.yaml", "v1", "v2"), "gateway.yaml:1:13 MAN010"),
    "an unknown kind": (changed("portfolio.yaml", "kind: Portfolio", "kind: Portfoil"), "portfolio.yaml:2:7 MAN011"),
    "a kind that is a list": (changed("gateway.yaml", "kind: Gateway", "kind: [x]"), "gateway.yaml:2:7 MAN011"),
    "a key without its colon": (
        changed("account.yaml", "portfolio: growth", "portfolio growth"),
        "account.yaml:12:3 YML001",
    ),
    "a duplicate name": (GOOD | {"z.yaml": EXECUTION_POLICY}, "z.yaml:4:9 MAN012"),
    "a dangling reference": (changed("account.yaml", "folio: growth", "folio: growht"), "account.yaml:11:14 MAN013"),
    "an account id": (changed("account.yaml", "env: IB_ACCOUNT_ID", "env: U1234567"), "account.yaml:8:10 MAN014"),
    "an account id in a name": (
        changed("gateway.yaml", "port: 4002", "host: du1234567.local"),
        "gateway.yaml:6:9 MAN014",
    ),
    "no account": ({"gateway.yaml": GATEWAY}, "gateway.yaml:1:1 MAN015"),
    "an unused manifest": (GOOD | {"z.yaml": GATEWAY.replace("local", "spare")}, "z.yaml:4:9 MAN016"),
    "a weight missing": (changed("portfolio.yaml", "cash: 5%", "cash: 4%"), "portfolio.yaml:6:3 PFL001"),
    "a weight too much": (changed("portfolio.yaml", "0.35", "0.36"), "portfolio.yaml:6:3 PFL001"),
    "a sleeve's weight missing": (changed("portfolio.yaml", "60%", "50%"), "portfolio.yaml:13:7 PFL001"),
    "an empty sleeve": (
        GOOD | {"portfolio.yaml": NO_TARGETS + "  sleeves: [{name: a, weight: 1, targets: []}]\n"},
        "portfolio.yaml:5:1 PFL002",
    ),
    "no targets": (GOOD | {"portfolio.yaml": NO_TARGETS + "  targets: []\n"}, "portfolio.yaml:6:3 PFL002"),
    "an instrument twice": (changed("portfolio.yaml", "symbol: NVDA", "symbol: msft"), "portfolio.yaml:14:20 PFL003"),
    "a contract twice": (
        changed(
            "portfolio.yaml",
            "symbol: GLD",
            "symbol: GLD\n      conId: 7",
            changed("portfolio.yaml", "MSFT", "MSFT, conId: 7"),
        ),
        "portfolio.yaml:8:15 PFL003",
    ),
    "a name twice": (
        changed("portfolio.yaml", "symbol: NVDA", "symbol: MSFT, currency: EUR"),
        "portfolio.yaml:14:11 PFL004",
    ),
    "a sleeve's name twice": (
        changed(
            "portfolio.yaml",
            "  cash: 5%",
            "    - {name: chips, weight: 5%, targets: [{symbol: SLV, weight: 1}]}",
        ),
        "portfolio.yaml:16:14 PFL005",
    ),
    "a short line": (
        changed("portfolio.yaml", "0.35", "-0.35", changed("portfolio.yaml", "cash: 5%", "cash: 75%")),
        "portfolio.yaml:9:15 PFL006",
    ),
    "a future without its month": (
        changed("portfolio.yaml", "symbol: GLD", "symbol: GLD\n      secType: FUT"),
        "portfolio.yaml:8:7 PFL007",
    ),
    "a month without a future": (
        changed("portfolio.yaml", "symbol: GLD", "symbol: GLD\n      expiry: 2026-12"),
        "portfolio.yaml:9:15 PFL007",
    ),
    "a contract that moved nowhere": (
        changed("portfolio.yaml", "cash: 5%", "cash: 5%\n  moved: [{fromConId: 7, to: GDL}]"),
        "portfolio.yaml:17:30 PFL008",
    ),
    "a contract that moved twice": (
        changed("portfolio.yaml", "cash: 5%", "cash: 5%\n  moved: [{fromConId: 7, to: GLD}, {fromConId: 7, to: MSFT}]"),
        "portfolio.yaml:17:48 PFL008",
    ),
    "a contract that moved and is a line": (
        changed(
            "portfolio.yaml",
            "cash: 5%",
            "cash: 5%\n  moved: [{fromConId: 7, to: GLD}]",
            changed("portfolio.yaml", "MSFT", "MSFT, conId: 7"),
        ),
        "portfolio.yaml:17:23 PFL008",
    ),
    "two sectors that one was meant by": (
        changed(
            "portfolio.yaml",
            "MSFT,",
            "MSFT, sector: Tech,",
            changed("portfolio.yaml", "NVDA,", "NVDA, sector: tech,"),
        ),
        "portfolio.yaml:14:34 PFL009",
    ),
    "an emergency cushion above the least": (
        changed("risk-limits.yaml", "maxQuote", "emergencyCushion: 15%\n  maxQuote"),
        "risk-limits.yaml:8:21 RSK002",
    ),
    "a limit in two levels": (
        changed("risk-limits.yaml", "maxQuote", "levels: {advisory: [maxCost], hard: [maxCost]}\n  maxQuote"),
        "risk-limits.yaml:8:40 RSK003",
    ),
    "a limit that is always hard": (
        changed("risk-limits.yaml", "maxQuote", "levels: {advisory: [availableFunds]}\n  maxQuote"),
        "risk-limits.yaml:8:23 RSK003",
    ),
    "an override of a hard limit": (
        changed(
            "risk-limits.yaml",
            "maxQuote",
            "overrides: [{limit: maxLeverage, reason: x, by: y, expires: 2026-12-31}]\n  maxQuote",
        ),
        "risk-limits.yaml:8:23 RSK004",
    ),
    "a day that there is not": (
        changed(
            "risk-limits.yaml",
            "maxQuote",
            "overrides: [{limit: maxTurnover, reason: x, by: y, expires: 2026-02-31}]\n  maxQuote",
        ),
        "risk-limits.yaml:8:63 MAN006",
    ),
    "an unknown limit": (
        changed("risk-limits.yaml", "maxQuote", "levels: {hard: [maxTurnvoer]}\n  maxQuote"),
        "risk-limits.yaml:8:19 MAN004",
    ),
    "a band without a sense": (
        changed("execution-policy.yaml", "timeouts", "rebalancing: {absoluteBand: 0}\n  timeouts"),
        "execution-policy.yaml:7:31 MAN005",
    ),
    "a cool-down without unit": (
        changed("execution-policy.yaml", "timeouts", "rebalancing: {coolDown: 30}\n  timeouts"),
        "execution-policy.yaml:7:27 MAN006",
    ),
    "gross exposure above the limit": (
        changed(
            "portfolio.yaml",
            "0.35",
            "-0.35",
            changed(
                "portfolio.yaml",
                "cash: 5%",
                "cash: 55%\n  longOnly: false",
                changed("portfolio.yaml", "weight: 30%}", "weight: 50%}"),
            ),
        ),
        "account.yaml:14:13 ACC006",
    ),
    "a cash account that borrows": (
        changed("account.yaml", "baseCurrency", "type: cash\n  baseCurrency"),
        "account.yaml:15:13 ACC007",
    ),
    "a cash account that borrows a currency": (
        changed(
            "account.yaml",
            "baseCurrency",
            "type: cash\n  currencyFunding: borrow\n  baseCurrency",
            changed("account.yaml", "1.4", "1"),
        ),
        "account.yaml:10:20 ACC007",
    ),
    "an emergency after the liquidation": (
        changed("risk-limits.yaml", "maxQuote", "maintenanceMargin: 35%\n  maxQuote"),
        "risk-limits.yaml:7:22 ACC008",
    ),
    "emergency below the limit": (
        changed("risk-limits.yaml", "age: 3.0", "age: 1.5"),
        "risk-limits.yaml:7:22 RSK001",
    ),
    "leverage above the limit": (changed("account.yaml", "1.4", "1.6"), "account.yaml:14:13 ACC001"),
    "a position above its limit": (
        changed("risk-limits.yaml", "maxQuote", "maxPositionWeight: 45%\n  maxQuote"),
        "portfolio.yaml:9:15 ACC002",
    ),
    "the other environment's port": (changed("gateway.yaml", "4002", "4001"), "account.yaml:6:16 ACC003"),
    "an account twice": (
        GOOD | {"z.yaml": ACCOUNT.replace("name: main", "name: other")},
        "z.yaml:7:3 ACC004",
    ),
    "a gateway for both": (
        changed("gateway.yaml", "4002", "5000", GOOD | {"z.yaml": LIVE}),
        "z.yaml:10:12 ACC005",
    ),
    "two defaults": (
        changed(
            "account.yaml",
            "leverage",
            "default: true\n  leverage",
            GOOD
            | {
                "z.yaml": ACCOUNT.replace("name: main", "name: other")
                .replace("IB_ACCOUNT_ID", "IB_ACCOUNT_ID_2")
                .replace("leverage", "default: true\n  leverage")
            },
        ),
        "z.yaml:14:12 ACC020",
    ),
}


WARNINGS = ("MAN016", "ACC002", "ACC003", "PFL009", "account.yaml:8:10 MAN014")


@pytest.mark.parametrize(("files", "expected"), CASES.values(), ids=CASES.keys())
def test_one_fault_is_one_finding_at_its_place(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    found = told(tmp_path, files)
    assert found == [expected]


@pytest.mark.parametrize(("files", "expected"), CASES.values(), ids=CASES.keys())
def test_only_warnings_leave_a_state(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    state, found = load_files(tmp_path, files)
    assert (state is None) == diagnostics.has_errors(found)
    assert diagnostics.has_errors(found) == (not expected.endswith(WARNINGS))


def test_every_code_of_the_table_is_found_by_a_case_and_none_is_missing_from_it() -> None:
    elsewhere = {"YML003", "YML004", "YML007", "YML009", "ACC009", "ACC010", "ACC011", "ACC012"}
    families = ("MAN02", "CMP", "ENV", "FMT", "GIV", "IGN", "LCK", "MIG", "SEC", "SET")
    elsewhere |= {code for code in CODES if code.startswith(families)}
    assert {expected[-6:] for _, expected in CASES.values()} | elsewhere == set(CODES)


FOLLOWING = {
    "weights without their point": changed("portfolio.yaml", "0.35", "3.5"),
    "a sign too much": changed("portfolio.yaml", "0.35", "-2.35", changed("portfolio.yaml", "30%", "3")),
    "a line twice": changed("portfolio.yaml", "symbol: GLD", "symbol: MSFT", changed("account.yaml", "1.4", "1.5")),
}


@pytest.mark.parametrize("files", FOLLOWING.values(), ids=FOLLOWING.keys())
def test_what_follows_from_a_slip_in_the_weights_is_not_told_beside_it(tmp_path: Path, files: dict[str, str]) -> None:
    _, found = load_files(tmp_path, changed("risk-limits.yaml", "maxQuote", "maxSectorWeight: 1%\n  maxQuote", files))
    assert {each.code[:3] for each in found} == {"PFL"}


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ("maxLeverage: 3", "emergencyLeverage 3.0 (its default) must be above maxLeverage 3"),
        ("minCushion: 5%", "emergencyCushion 10% (its default) must be below minCushion 5%"),
        ("emergencyLeverage: 1.2", "emergencyLeverage 1.2 must be above maxLeverage 1.5 (its default)"),
    ],
)
def test_a_threshold_that_nobody_wrote_is_said_to_be_a_default(tmp_path: Path, limits: str, words: str) -> None:
    files = changed("risk-limits.yaml", "  maxLeverage: 1.5\n  emergencyLeverage: 3.0\n", f"  {limits}\n")
    _, found = load_files(tmp_path, files)
    assert [each.summary for each in found if each.code.startswith("RSK")] == [words]


def test_a_ratio_without_end_is_told_with_a_few_digits(tmp_path: Path) -> None:
    files = changed("account.yaml", "leverage: 1.4", "leverage: 2.5", changed("risk-limits.yaml", "1.5", "2.6"))
    files = changed("risk-limits.yaml", "maxQuote", "maintenanceMargin: 32%\n  maxQuote", files)
    _, found = load_files(tmp_path, files)
    assert any("76% of net liquidation" in each.summary for each in found)
    assert all(re.search("[0-9]{9}", each.summary) is None for each in found)


HINTS = [
    ("account.yaml", "leverage: 1.4", "leverage: '1.4'", "Write it without quotes: 1.4.", "leverage: 1.4"),
    ("account.yaml", "leverage: 1.4", "leverage: 1,4", "Write a point: 1.4.", "leverage: 1.4"),
    ("account.yaml", "leverage: 1.4", "leverage: 1.4x", "Write the number alone.", "leverage: 1.4"),
    ("gateway.yaml", "port: 4002", "port: '4002'", "Write it without quotes: 4002.", "port: 4002"),
    ("risk-limits.yaml", "maxQuoteAge: 90s", "maxQuoteAge: 90 sec", "Write 90s.", "maxQuoteAge: 90s"),
    ("risk-limits.yaml", "maxQuoteAge: 90s", "maxQuoteAge: 5min", "Write 5m.", "maxQuoteAge: 5m"),
    ("risk-limits.yaml", "maxQuoteAge: 90s", "maxQuoteAge: 2 Hours", "Write 2h.", "maxQuoteAge: 2h"),
    ("risk-limits.yaml", "maxQuoteAge: 90s", "maxQuoteAge: '90'", "", "maxQuoteAge: 90s"),
    ("risk-limits.yaml", "maxQuoteAge: 90s", "maxQuoteAge: 1 month", "", "maxQuoteAge: 90s"),
    ("account.yaml", "baseCurrency: USD", "baseCurrency: '5'", "", "baseCurrency: USD"),
    ("account.yaml", "baseCurrency: USD", "baseCurrency: 5 USD", "", "baseCurrency: USD"),
    ("gateway.yaml", "name: local", "name: 5 A", "", "name: local"),
    ("portfolio.yaml", "symbol: GLD", "symbol: GLD\n      conId: [5]", "", "symbol: GLD"),
]


@pytest.mark.parametrize(("file", "old", "new", "hint", "mended"), HINTS)
def test_a_hint_that_is_followed_mends_what_it_is_about(
    tmp_path: Path, file: str, old: str, new: str, hint: str, mended: str
) -> None:
    broken = changed(file, old, new)
    _, found = load_files(tmp_path / "broken", broken)
    assert [each.suggestion for each in found if each.code in ("MAN003", "MAN006")] == [hint]
    assert load_files(tmp_path / "mended", changed(file, new, mended, broken))[1] == ()


@pytest.mark.parametrize(
    "spec", ["null", "5", "[]", "{maxLeveragee: 2}", "{maxTurnover: much, emergencyAuthorisedBy: 5}"]
)
def test_a_parent_that_cannot_be_read_bounds_nobody(tmp_path: Path, spec: str) -> None:
    parent = f"apiVersion: folioctl/v1\nkind: RiskLimits\nmetadata: {{name: house}}\nspec: {spec}\n"
    files = changed("risk-limits.yaml", "spec:\n", "spec:\n  parent: house\n  maxTurnover: 900%\n")
    files = changed("risk-limits.yaml", "maxQuote", "emergencyAuthorisedBy: Ada\n  maxQuote", files)
    files = changed("risk-limits.yaml", "90s", "60s", files)
    _, found = load_files(tmp_path, files | {"z.yaml": parent})
    assert {Path(each.location.file).name for each in found if each.location} == {"z.yaml"}
    for version in ("folioctl/v0", "1e999"):
        _, (wrong,) = load_files(tmp_path, files | {"z.yaml": parent.replace("folioctl/v1", version)})
        assert wrong.location is not None
        assert Path(wrong.location.file).name == "z.yaml"


@pytest.mark.parametrize(
    ("old", "new"), [("  targets:", "  targets: ["), ("kind: P", "kind: 1e999 #"), ("name: g", "nam: g")]
)
def test_what_may_be_in_a_file_that_cannot_be_read_is_not_missed(tmp_path: Path, old: str, new: str) -> None:
    other = PORTFOLIO.replace("growth", "calm")
    account = ACCOUNT.replace("main", "other").replace("IB_ACCOUNT_ID", "OTHER").replace("growth", "calm")
    files = GOOD | {"calm.yaml": other, "other.yaml": account}
    assert told(tmp_path / "good", files) == []
    _, found = load_files(tmp_path, changed("portfolio.yaml", old, new, files))
    assert {Path(each.location.file).name for each in found if each.location} == {"portfolio.yaml"}
    slip = changed("account.yaml", "folio: growth", "folio: clam", changed("portfolio.yaml", old, new, files))
    assert "account.yaml:11:14 MAN013" in told(tmp_path / "slip", slip), "a slip in a name is told all the same"


MANIFESTS = [each for each in ALL_WAYS if not each.endswith((".csv", ".weights.yaml"))]


@pytest.mark.parametrize("key", ["apiVersion", "kind", "metadata", "spec"])
@pytest.mark.parametrize("name", MANIFESTS)
def test_a_misspelt_key_of_the_envelope_is_one_finding_with_the_right_word(tmp_path: Path, key: str, name: str) -> None:
    """Whatever else takes from the manifest: its limits, its template, the portfolios that it includes."""
    for number, word in enumerate((key.upper(), key + "s", key[1] + key[0] + key[2:])):
        text = re.sub(f"^{key}:", f"{word}:", ALL_WAYS[name], flags=re.MULTILINE)
        _, (found,) = load_files(tmp_path / str(number), ALL_WAYS | {name: text})
        assert (found.code, found.suggestion) == ("MAN001", f"Did you mean '{key}'?")


@pytest.mark.parametrize(("host", "is_one"), [("127.0.0.1", True), ("LOCALHOST", True), ("127.0.0.2", False)])
def test_two_gateways_at_one_address_are_one(tmp_path: Path, host: str, is_one: bool) -> None:
    """A manifest that was copied for the live account, and whose port was forgotten."""
    live = ACCOUNT.replace("main", "real").replace("IB_ACCOUNT_ID", "REAL").replace("paper", "live")
    files = GOOD | {"real.yaml": live.replace("gateway: local", "gateway: other")}
    files |= {"other.yaml": GATEWAY.replace("local", "other").replace("port:", f"host: {host}\n  port:")}
    _, found = load_files(tmp_path, files)
    words = "but both go through the address of Gateways 'local' and 'other'"
    assert [each.code for each in found] == (["ACC003", "ACC005"] if is_one else ["ACC003"])
    assert (words in found[-1].summary) is is_one


def test_a_second_document_without_its_line_is_told_what_is_missing(tmp_path: Path) -> None:
    _, found = load_files(tmp_path, GOOD | {"gateway.yaml": GATEWAY + GATEWAY})
    assert {each.code for each in found} == {"YML002"}
    assert all(each.suggestion.endswith("begins behind a line '---'.") for each in found)


def test_short_lines_within_the_limit_are_in_order(tmp_path: Path) -> None:
    files = changed("portfolio.yaml", "cash: 5%", "cash: 75%\n  longOnly: false")
    assert told(tmp_path, changed("portfolio.yaml", "0.35", "-0.35", files)) == []


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    state, (found,) = load(tmp_path / "nowhere")
    assert state is None
    assert (found.code, found.location and found.location.line) == ("MAN020", 0)


def test_of_hundreds_of_mistakes_the_first_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    files = changed("portfolio.yaml", "  targets:\n", "  targets:\n" + "    - {symbol: X, weight: much}\n" * 600)
    _, found = load_files(tmp_path, files)
    assert [each.code for each in found] == ["MAN006"] * 500 + ["MAN022"]
    assert found[-1].summary == "100 more diagnostics of this file are not told"
    assert found[-1].severity == "error"


@pytest.mark.parametrize(
    "name",
    [".account.yaml.k3_x9q1z.new", "live/.limits.yaml.k3_x9q1z.new", "weights/.core.csv.k3_x9q1z.new"],
)
def test_what_a_write_left_that_was_cut_off(tmp_path: Path, name: str) -> None:
    state, found = load_files(tmp_path, {**GOOD, "live/other.yaml": "# nothing\n---\n"} | {name: "kind: Account\n"})
    assert state is None
    assert [(each.code, str(each.location)) for each in found] == [
        ("MAN024", (tmp_path / "desired-state" / name).as_posix())
    ]


def test_what_was_left_beside_the_file_that_a_manifest_is_a_link_to(tmp_path: Path) -> None:
    load_files(tmp_path, GOOD)
    (tmp_path / "desired-state" / "account.yaml").rename(tmp_path / "account.yaml")
    (tmp_path / "desired-state" / "account.yaml").symlink_to("../account.yaml")
    (tmp_path / ".account.yaml.k3_x9q1z.new").write_text("")
    assert [each.code for each in load(tmp_path / "desired-state")[1]] == ["MAN024"]


def test_what_was_left_is_told_once_however_the_directory_is_called(tmp_path: Path) -> None:
    load_files(tmp_path, GOOD)
    (tmp_path / "desired-state" / "account.yaml").rename(tmp_path / "desired-state" / "account.txt")
    (tmp_path / "desired-state" / "account.yaml").symlink_to("account.txt")
    (tmp_path / "desired-state" / ".account.txt.k3_x9q1z.new").write_text("")
    (tmp_path / "called").symlink_to("desired-state")
    assert [each.code for each in load(tmp_path / "called")[1]] == ["MAN024"]


@pytest.mark.timeout(6)
def test_one_slip_on_thousands_of_lines_is_told_as_fast_as_they_are_read(tmp_path: Path) -> None:
    lines = "".join(f"    - {{symbol: S{number}, wieght: 0%}}\n" for number in range(3000))
    _, found = load_files(tmp_path, changed("portfolio.yaml", "  targets:\n", f"  targets:\n{lines}"))
    assert {each.suggestion for each in found} == {"Did you mean 'weight'?", "Mend the first ones, and look again."}


def test_which_of_thousands_of_lines_was_meant_is_asked_of_the_first_slips_alone(tmp_path: Path) -> None:
    lines = "".join(f"    - {{symbol: S{number}, weight: 0%}}\n" for number in range(3000))
    moved = "".join(f"    - {{fromConId: {number}, to: GLD{number}}}\n" for number in range(1, 301))
    files = changed("portfolio.yaml", "  targets:\n", f"  moved:\n{moved}  targets:\n{lines}")
    _, found = load_files(tmp_path, files)
    assert [each.code for each in found] == ["PFL008"] * 300
    assert found[0].suggestion == "Did you mean 'GLD'?"
    assert found[-1].suggestion == ""


def test_each_of_a_few_slips_among_a_few_names_has_its_hint() -> None:
    hints = diagnostics.Hints(["growth", "income"])
    assert [hints.of(each) for each in ("growht", "incmoe")] == ["Did you mean 'growth'?", "Did you mean 'income'?"]


KINDS_OF_FILES = {
    "account.yaml": "Account",
    "execution-policy.yaml": "ExecutionPolicy",
    "gateway.yaml": "Gateway",
    "portfolio.yaml": "Portfolio",
    "risk-limits.yaml": "RiskLimits",
}


@pytest.mark.parametrize("said", [*KINDS_OF_FILES.values(), "AccountTemplate"])
@pytest.mark.parametrize("file", KINDS_OF_FILES)
def test_a_kind_that_its_keys_are_not_of_is_one_finding(tmp_path: Path, file: str, said: str) -> None:
    kind = KINDS_OF_FILES[file]
    if said == kind or {said, kind} == {"Account", "AccountTemplate"}:  # an account is written as its template is
        return
    assert told(tmp_path, changed(file, f"kind: {kind}", f"kind: {said}")) == [f"{file}:2:7 MAN025"]


def test_beside_a_wrong_kind_what_is_wrong_with_what_was_meant_is_told(tmp_path: Path) -> None:
    files = changed("risk-limits.yaml", "kind: RiskLimits", "kind: ExecutionPolicy")
    files = changed("risk-limits.yaml", "maxLeverage: 1.5", "maxLeverage: much", files)
    _, found = load_files(tmp_path, files)
    assert [each.code for each in found] == ["MAN025", "MAN006"]
    assert found[0].message == (
        "the keys of this spec are those of a RiskLimits, not of an ExecutionPolicy. Say kind: RiskLimits."
    )


def test_one_key_of_another_kind_among_its_own_is_an_unknown_key(tmp_path: Path) -> None:
    files = changed("risk-limits.yaml", "maxLeverage: 1.5", "minimumNotional: 100")
    assert told(tmp_path, files) == ["risk-limits.yaml:6:3 MAN001"]


@pytest.mark.parametrize(
    ("spec", "wrong"),
    [
        ("minimumNotional: 100\n  foo: 1\n  bar: 2\n", 3),
        ("minimumNotional: 100\n  timeouts: {}\n  maxLeverage: 1.5\n", 2),
    ],
    ids=["most keys of no kind", "half as many of its own"],
)
def test_a_kind_is_doubted_only_where_nearly_all_its_keys_are_of_another(tmp_path: Path, spec: str, wrong: int) -> None:
    text = f"apiVersion: folioctl/v1\nkind: RiskLimits\nmetadata:\n  name: cautious\nspec:\n  {spec}"
    _, found = load_files(tmp_path, GOOD | {"risk-limits.yaml": text})
    assert [each.code for each in found] == ["MAN001"] * wrong


def test_of_two_of_one_name_the_first_whose_shape_is_right_is_found(tmp_path: Path) -> None:
    broken = RISK_LIMITS.replace("maxLeverage: 1.5", "maxLeverage: much")
    write(tmp_path, {"a.yaml": broken, "b.yaml": RISK_LIMITS})
    inventory, _ = inventories.read(walk(tmp_path))
    found = inventory.find(RiskLimits, "cautious")
    assert found is not None
    assert Path(found[0].document.file).name == "b.yaml"


def test_of_what_is_broken_it_is_not_said_that_nobody_refers_to_it(tmp_path: Path) -> None:
    spare = RISK_LIMITS.replace("cautious", "spare").replace("maxLeverage: 1.5", "maxLeverage: much")
    assert told(tmp_path, GOOD | {"z.yaml": spare}) == ["z.yaml:6:16 MAN006"]


@pytest.mark.parametrize("odd", ["technology", "'Technology '", "TECHNOLOGY"])
def test_sectors_that_differ_in_capitals_or_blanks_alone_are_told(tmp_path: Path, odd: str) -> None:
    files = changed("portfolio.yaml", "{symbol: MSFT,", f"{{symbol: MSFT, sector: {odd},")
    for symbol in ("NVDA", "ASML"):
        files = changed("portfolio.yaml", f"symbol: {symbol},", f"symbol: {symbol}, sector: Technology,", files)
    state, (found,) = load_files(tmp_path, files)
    assert state is not None
    assert (found.code, found.location and found.location.line) == ("PFL009", 7)
    assert found.suggestion == "Did you mean 'Technology'?"


def test_sectors_of_parts_are_compared_over_the_whole(tmp_path: Path) -> None:
    files = PARTS | {"core.yaml": PARTS["core.yaml"].replace("assetClass: bond", "sector: Bonds")}
    files["satellite.yaml"] = PARTS["satellite.yaml"].replace("NVDA, weight: 50%", "BNDX, weight: 50%, sector: bonds")
    assert [each.partition(":")[0] + each[-7:] for each in told(tmp_path, files)] == ["satellite.yaml PFL009"]


def test_many_names_that_a_reference_may_mean_are_counted(tmp_path: Path) -> None:
    others = "---\n".join(PORTFOLIO.replace("growth", f"other-{number}") for number in range(20))
    _, found = load_files(tmp_path, changed("account.yaml", "folio: growth", "folio: xyz", GOOD | {"z.yaml": others}))
    assert next(each.suggestion for each in found if each.code == "MAN013") == "There are 21 others."


def test_a_dozen_names_that_a_reference_may_mean_are_written_out(tmp_path: Path) -> None:
    others = "---\n".join(PORTFOLIO.replace("growth", f"other-{number}") for number in range(11))
    _, found = load_files(tmp_path, changed("account.yaml", "folio: growth", "folio: xyz", GOOD | {"z.yaml": others}))
    hint = next(each.suggestion for each in found if each.code == "MAN013")
    assert hint.startswith("There is growth, other-0, other-1, other-10, ")


def test_a_directory_without_manifests(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("# nothing\n---\n")
    (found,) = load(tmp_path)[1]
    assert (found.code, str(found.location)) == ("MAN021", tmp_path.as_posix())


def test_a_file_for_a_directory(tmp_path: Path) -> None:
    path = tmp_path / "file.yaml"
    path.write_text(ACCOUNT)
    assert [each.code for each in load(path)[1]] == ["MAN020"]


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes(b"kind: \xff\n")
    (found,) = load(tmp_path)[1]
    assert (found.code, found.location and found.location.column) == ("YML003", 7)


def test_a_misspelt_key_is_not_missing_as_well(tmp_path: Path) -> None:
    files = changed("portfolio.yaml", "symbol: GLD", "symbl: GLD")
    assert told(tmp_path, files) == ["portfolio.yaml:8:7 MAN001"]


def test_a_key_is_missing_beside_one_that_is_unknown(tmp_path: Path) -> None:
    files = changed("portfolio.yaml", "symbol: GLD", "colour: red")
    assert told(tmp_path, files) == ["portfolio.yaml:8:7 MAN001", "portfolio.yaml:8:7 MAN002"]


def test_a_number_that_no_decimal_holds(tmp_path: Path) -> None:
    for number in ("4" * 50, "1e999999", "1e-99"):
        files = changed("portfolio.yaml", "0.35", number)
        assert "portfolio.yaml:9:15 YML009" in told(tmp_path, files)


def test_a_reference_into_what_cannot_be_read_is_not_called_dangling(tmp_path: Path) -> None:
    files = changed("portfolio.yaml", "spec:", "spec: [", changed("account.yaml", "local", "lcoal"))
    assert [line.rpartition(" ")[2] for line in told(tmp_path, files)] == ["MAN013", "YML001"]


def test_everything_is_told_at_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    files = changed("account.yaml", "paper", "papre")
    files = changed("gateway.yaml", "port", "prot", files)
    files = changed("portfolio.yaml", "cash: 5%", "cash: 6%", files)
    files = changed("risk-limits.yaml", "3.0", "1.0", files)
    assert told(tmp_path, files) == [
        "account.yaml:6:16 MAN004",
        "gateway.yaml:6:3 MAN001",
        "portfolio.yaml:6:3 PFL001",
        "risk-limits.yaml:7:22 RSK001",
    ]


def test_the_rules_of_what_can_be_read_hold_beside_what_cannot(tmp_path: Path) -> None:
    files = changed("account.yaml", "paper", "papre")
    files = changed("account.yaml", "1.4", "1.9", files)
    files = changed("account.yaml", "local", "lcoal", files)
    files = changed("risk-limits.yaml", "90s", "90", files)
    files = changed("risk-limits.yaml", "3.0", "1.2", files)
    files = changed("portfolio.yaml", "cash: 5%", "cash: 6%\n  longOnly: 5", files)
    assert told(tmp_path, files) == [
        "account.yaml:6:16 MAN004",
        "account.yaml:10:12 MAN013",
        "account.yaml:14:13 ACC001",
        "portfolio.yaml:6:3 PFL001",
        "portfolio.yaml:17:13 MAN003",
        "risk-limits.yaml:7:22 RSK001",
        "risk-limits.yaml:8:16 MAN006",
    ]


def test_a_misspelt_key_is_not_taken_for_its_default(tmp_path: Path) -> None:
    files = changed("account.yaml", "1.4", "1.9", changed("risk-limits.yaml", "maxLeverage: 1.5", "maxLevrage: 2"))
    assert told(tmp_path, files) == ["risk-limits.yaml:6:3 MAN001"]
    files = changed("portfolio.yaml", "cash", "csah")
    assert told(tmp_path, files) == ["portfolio.yaml:16:3 MAN001"]


def test_an_empty_portfolio_on_purpose_may_be_wrong_elsewhere(tmp_path: Path) -> None:
    text = NO_TARGETS + "  allowEmpty: true\n  longOnly: 5\n"
    assert told(tmp_path, GOOD | {"portfolio.yaml": text}) == ["portfolio.yaml:7:13 MAN003"]


def test_a_later_format_is_not_read_by_the_rules_of_this_one(tmp_path: Path) -> None:
    files = changed("account.yaml", "v1", "v2", changed("account.yaml", "local", "lcoal"))
    assert told(tmp_path, files) == ["account.yaml:1:13 MAN010"]


def test_a_manifest_of_a_wrong_shape_does_not_dangle_as_well(tmp_path: Path) -> None:
    assert told(tmp_path, changed("gateway.yaml", "port", "prot")) == ["gateway.yaml:6:3 MAN001"]


WORDS = {
    "an unknown key": "unknown key 'prot' in spec Did you mean 'port'?",
    "an unknown kind": "kind 'Portfoil' is not known Did you mean 'Portfolio'?",
    "an unknown word": "must be one of paper, live, not 'papre' Did you mean 'paper'?",
    "a dangling reference": "there is no Portfolio 'growht' Did you mean 'growth'?",
    "a key without its colon": "Write `key: value`, with a colon and a blank",
    "a number for text": "must be text, not '0700' Write it in quotes: '0700'.",
    "a duplicate key": "key 'port' is already on line 6",
    "a weight missing": "not to 100%: 1% is missing If that is to stay in cash, say cash: 5%.",
    "a weight too much": "sum to 101%, not to 100%: 1% is too much",
    "an instrument twice": "is already in this portfolio, on line 7",
    "a percentage far below zero": "must be at least -10, not '-3500%'",
    "a short line": "GLD has a weight of -35%, and this portfolio is long only",
    "an emergency after the liquidation": "emergencyLeverage 3.0 is not below 2.86",
    "a duration without unit": "must be a number with a unit, such as 30s, 15m or 1h, not 90",
    "two places for the id": "must hold exactly one of env and keyring",
    "leverage above the limit": "leverage 1.6 is above maxLeverage 1.5 of RiskLimits 'cautious'",
}


def test_what_is_sold_short_leaves_no_cash(tmp_path: Path) -> None:
    _, found = load_files(tmp_path, changed("portfolio.yaml", "0.35", "-0.35"))
    assert {each.code: each.suggestion for each in found}["PFL001"] == ""


@pytest.mark.parametrize(("case", "words"), WORDS.items(), ids=WORDS.keys())
def test_the_message_says_what_to_do(tmp_path: Path, case: str, words: str) -> None:
    _, found = load_files(tmp_path, CASES[case][0])
    assert words in f"{found[0].summary} {found[0].suggestion}"


def test_a_duplicate_name_names_the_other_place(tmp_path: Path) -> None:
    _, found = load_files(tmp_path, GOOD | {"z.yaml": EXECUTION_POLICY})
    assert "execution-policy.yaml:4:9" in found[0].summary


def test_links_that_lead_to_nothing_that_is_read_are_told(tmp_path: Path) -> None:
    """An account behind one would be missed by nobody."""
    directory = write(tmp_path / "desired-state", {**GOOD, "../shared/more.yaml": GATEWAY})
    (directory / "folder").symlink_to("../shared")
    (directory / "file.yaml").symlink_to("../shared/more.yaml")
    (directory / "lost.yaml").symlink_to("../shared/gone.yaml")

    found = load(directory)[1]
    assert [each.severity for each in found if each.code == "MAN023"] == ["warning"]
    assert [(Path(str(each.location)).name, each.code) for each in found] == [
        ("folder", "MAN023"),
        ("gateway.yaml:4:9", "MAN012"),
        ("lost.yaml", "YML007"),
    ]


def test_an_account_id_is_not_repeated_in_any_message(tmp_path: Path) -> None:
    files = changed("account.yaml", "paper", "DU1234567")
    files = changed("gateway.yaml", "port: 4002", "U7654321: 1", files)
    files = changed("portfolio.yaml", "symbol: GLD", "symbol: [F1234567]", files)
    _, found = load_files(tmp_path, files)
    assert sum(each.code == "MAN014" for each in found) == 3
    everything = " ".join(str(each) + each.detail for each in found)
    assert "1234567" not in everything
    assert "7654321" not in everything
