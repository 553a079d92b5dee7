"""Accounts as they are resolved: every value, where it came from, and which are defaults."""

import io
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from rich.console import Console

from reconciler.diagnostics import Location
from reconciler.domain.desired import DesiredState
from reconciler.domain.origin import Factor, FactorKind, Origin
from reconciler.manifests.account import AccountSpec
from reconciler.manifests.base import Section
from reconciler.manifests.execution_policy import ExecutionPolicySpec
from reconciler.manifests.portfolio import PortfolioTarget
from reconciler.manifests.risk_limits import LimitTerms
from reconciler.reports.documents import validation_document
from reconciler.reports.documents.resolved import resolved_part
from reconciler.reports.origins import origin_words
from reconciler.reports.resolved import account_values, limit_values, line_values, policy_values
from reconciler.reports.terminal.resolved import show_resolved
from tests.builders import NOW
from tests.unit.manifests.composed import ALL_WAYS, PARTS, account_of, portfolio, state_of
from tests.unit.manifests.repository import changed
from tests.unit.manifests.test_templates import OVERLAID

EVERYTHING = changed(
    "policy.yaml",
    "timeouts: {fill: 4m}",
    "timeouts: {fill: 4m}\n  rebalancing: {absoluteBand: 2%}",
    changed(
        "limits.yaml",
        "maxQuoteAge: 90s",
        "maxQuoteAge: 90s\n  deny: [XOM, CVX]\n  levels: {advisory: [maxCost]}\n"
        "  overrides: [{limit: maxTurnover, reason: first build, by: me, expires: 2027-01-01}]",
        changed("account.yaml", "leverage: 1.4", "leverage: 1.4\n  cashBuffer: {fraction: 2%}", PARTS),
    ),
)


def shown(state: DesiredState) -> str:
    console = Console(file=io.StringIO(), width=600, highlight=False, markup=False, color_system=None)
    show_resolved(console, state)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def keys_of(model: type[Section], *without: str) -> set[str]:
    return {str(info.alias) for info in model.model_fields.values()} - set(without)


def test_every_value_is_shown_with_its_place_or_as_a_default(tmp_path: Path) -> None:
    text = shown(state_of(tmp_path, PARTS)).replace(f"{tmp_path.as_posix()}/desired-state/", "")
    rows = [" ".join(line.split()) for line in text.splitlines()]

    assert rows[0] == "main · PAPER"
    for row in (
        "leverage 1.4 account.yaml:14",
        "portfolio growth account.yaml:11",
        "suspend false default",
        "VTI 52% 60% (growth.yaml:7) × 70% (core.yaml:7) + 40% (growth.yaml:8) × 25% (satellite.yaml:8)",
        "BND 12% core 60% (growth.yaml:7) × 20% (core.yaml:8)",
        "cash 6% 60% (growth.yaml:7) × 10% (core.yaml:9)",
        "maxLeverage 1.5 limits.yaml:6",
        "maxQuoteAge 90s limits.yaml:8",
        "maxTurnover 2 default",
        "minimumNotional 100 policy.yaml:6",
        "timeouts.fill 4m policy.yaml:7",
        "timeouts.settle 30s default",
    ):
        assert row in rows, text


def test_what_an_overlay_a_template_and_a_patch_say_has_its_own_place(tmp_path: Path) -> None:
    text = shown(state_of(tmp_path, OVERLAID)).replace(f"{tmp_path.as_posix()}/desired-state/", "")
    rows = [" ".join(line.split()) for line in text.splitlines()]

    paper, live = rows[: rows.index("real · LIVE")], rows[rows.index("real · LIVE") :]
    assert {"leverage 1.1 account.yaml:9", "maxTurnover 0.5 account.yaml:9"} <= set(paper)
    assert {"leverage 1.2 house.yaml:10", "maxTurnover 2 default", "gateway remote house.yaml:14"} <= set(live)
    assert "cashBuffer.fraction 0.02 house.yaml:14" in live


def test_no_key_of_an_account_is_left_out(tmp_path: Path) -> None:
    told = {each.key.partition(".")[0] for each in account_values(account_of(tmp_path, PARTS))}

    # What has no value here, or is a key of the manifests alone.
    assert told == keys_of(AccountSpec, "template", "overlay", "financingRate", "default")


def test_every_limit_and_every_value_of_the_policy_that_is_set_is_told_by_the_key_of_the_manifest(
    tmp_path: Path,
) -> None:
    account = account_of(tmp_path, EVERYTHING)
    limits = {each.key: each for each in limit_values(account.limits)}
    policy = {each.key: each for each in policy_values(account.policy)}

    assert limits.keys() <= keys_of(LimitTerms)
    assert {each.partition(".")[0] for each in policy} == keys_of(ExecutionPolicySpec)
    assert limits["deny"].value == "CVX, XOM"
    assert limits["levels"].value == "maxCost: advisory"
    assert limits["overrides"].value == "maxTurnover first build me 2027-01-02T00:00:00+00:00"
    place = policy["rebalancing.absoluteBand"].place
    assert place is not None
    assert (Path(place.file).name, place.line, place.column) == ("policy.yaml", 8, 31)
    buffer = {each.key: each.place for each in account_values(account)}["cashBuffer.fraction"]
    assert buffer is not None
    assert buffer.line == 15


def test_the_document_has_every_line_with_what_made_it(tmp_path: Path) -> None:
    state = state_of(tmp_path, PARTS)
    document = validation_document(state, tool="folioctl", created=NOW, revision=None, resolved=state)

    assert document.resolved == (resolved_part(state.accounts[0]),)
    found = document.model_dump(mode="json")["resolved"][0]
    line = next(each for each in found["lines"] if each["instrument"] == "BND")
    assert (line["weight"], line["sleeve"], line["origin"]["count"]) == ("0.12", "core", 1)
    assert [(each["kind"], each["value"], each["location"]["line"]) for each in line["origin"]["ways"][0]] == [
        ("sleeve", "0.6", 7),
        ("weight", "0.2", 8),
    ]
    assert found["cash"]["weight"] == "0.06"
    assert {each["key"]: each["location"] for each in found["limits"]}["maxTurnover"] is None


def test_what_is_said_of_an_instrument_has_its_place_in_targets_defaults_and_files(tmp_path: Path) -> None:
    future = "{symbol: MES, weight: 10%, secType: FUT, expiry: 2026-12, name: Mini}"
    files = ALL_WAYS | {
        "growth.yaml": ALL_WAYS["growth.yaml"].replace("weight: 60%", "weight: 50%") + f"  targets: [{future}]\n",
        "core.yaml": portfolio(
            "core", "weightsFrom: {file: w.csv}\ndefaults: {sector: Funds, exchange: ARCA, sleeve: base}"
        ),
        "satellite.yaml": ALL_WAYS["satellite.yaml"].replace("sector: Funds", "sector: Funds, exchange: ARCA"),
    }
    account = account_of(tmp_path, files)
    said = {
        str(target.instrument.name): {
            each.key: f"{each.value} {Path(each.place.file).name}:{each.place.line}:{each.place.column}"
            for each in line_values(target)
            if each.place is not None
        }
        for target in account.portfolio.targets
    }

    assert said["BND"] == {
        "symbol": "BND w.csv:3:1",
        "conId": "7 w.csv:3:10",
        "exchange": "ARCA core.yaml:7:39",
        "sector": "Funds core.yaml:7:22",
    }
    assert said["AMD"] == {
        "symbol": "AMD chips.weights.yaml:2:3",
        "sector": "Chips chips.weights.yaml:2:30",
        "assetClass": "equity growth.yaml:12:30",
    }
    assert said["Mini"] == {
        "symbol": "MES growth.yaml:13:22",
        "secType": "FUT growth.yaml:13:49",
        "expiry": "2026-12 growth.yaml:13:62",
    }
    assert "BND symbol BND w.csv:3" in " ".join(shown(state_of(tmp_path, files)).split()).replace(
        f"{tmp_path.as_posix()}/desired-state/", ""
    )
    defaults = {each.key: each.value for each in line_values(account.portfolio.targets[0]) if each.place is None}
    assert defaults["countsTowardLeverage"] == "true"


def test_every_key_of_a_target_is_told(tmp_path: Path) -> None:
    full = (
        "{symbol: A, weight: 1, name: b, conId: 7, expiry: 2026-12, secType: FUT, exchange: X, currency: EUR, "
        "sleeve: s, primaryExchange: X, sector: c, assetClass: d, countsTowardLeverage: false, maintenanceMargin: 10%}"
    )
    files = {name: text for name, text in PARTS.items() if name not in ("core.yaml", "satellite.yaml")}
    account = account_of(tmp_path, files | {"growth.yaml": portfolio("growth", f"targets: [{full}]")})
    told = {each.key for each in line_values(account.portfolio.targets[0]) if each.place is not None}

    # A line is called by its name, and has its weight and its sleeve beside it.
    assert told == keys_of(PortfolioTarget, "name", "weight", "sleeve")


def test_it_is_null_unless_it_is_asked_for(tmp_path: Path) -> None:
    document = validation_document(state_of(tmp_path, PARTS), tool="folioctl", created=NOW, revision=None)

    assert document.resolved is None


def test_ways_beyond_what_a_person_reads_are_counted() -> None:
    factor = Factor(FactorKind.CAP, Decimal("0.8"), Location("a.yaml", 3, 1))
    way = (factor, factor)

    assert origin_words(Origin((way,) * 16, 2**30)) == " + ".join(
        ["80% by the cap (a.yaml:3) × 80% by the cap (a.yaml:3)"] * 4 + ["1,073,741,820 more ways"]
    )


def test_durations_are_as_a_manifest_writes_them(tmp_path: Path) -> None:
    account = account_of(tmp_path, PARTS)

    assert account.limits.max_quote_age == timedelta(seconds=90)
    assert {each.key: each.value for each in policy_values(account.policy)}["planTtl"] == "30m"
