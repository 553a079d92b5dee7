"""Templates of accounts, overlays, and RiskLimits with parents."""

from decimal import Decimal
from pathlib import Path

import pytest

from reconciler.domain.desired import Environment, UnmanagedPositions
from reconciler.manifests import tighter
from reconciler.manifests.risk_limits import LimitTerms
from tests.unit.manifests.composed import account_of, manifest, state_of
from tests.unit.manifests.repository import ACCOUNT, GATEWAY, GOOD, changed, load_files, told

TEMPLATE = manifest(
    "AccountTemplate",
    "house",
    """\
baseCurrency: USD
portfolio: growth
riskLimits: cautious
executionPolicy: patient
leverage: 1.2
unmanagedPositions: block
environments:
  paper: {gateway: local, leverage: 1.4}
  live: {gateway: remote, cashBuffer: {fraction: 2%}}
""",
)
PAPER = manifest(
    "Account", "main", "template: house\nenvironment: paper\naccountIdFrom: {env: IB_ACCOUNT_ID}\nleverage: 1.3"
)
LIVE = manifest("Account", "real", "template: house\nenvironment: live\naccountIdFrom: {env: IB_LIVE_ID}")
HOUSE: dict[str, str] = GOOD | {
    "account.yaml": PAPER,
    "house.yaml": TEMPLATE,
    "live.yaml": LIVE,
    "remote.yaml": GATEWAY.replace("local", "remote").replace("4002", "4001"),
}


def test_an_account_says_it_before_its_environment_and_that_before_the_template(tmp_path: Path) -> None:
    paper, live = state_of(tmp_path, HOUSE).accounts

    assert (paper.environment, paper.gateway.name, paper.leverage) == (Environment.PAPER, "local", Decimal("1.3"))
    assert (live.environment, live.gateway.name, live.leverage) == (Environment.LIVE, "remote", Decimal("1.2"))
    assert [each.cash_buffer_fraction for each in (paper, live)] == [Decimal(0), Decimal("0.02")]
    assert paper.unmanaged_positions is live.unmanaged_positions is UnmanagedPositions.BLOCK
    assert paper.portfolio == live.portfolio


def test_the_place_of_each_value_is_where_it_is_written(tmp_path: Path) -> None:
    paper, live = state_of(tmp_path, HOUSE).accounts

    def place(account: object, name: str) -> str:
        location = account.locations[name]  # type: ignore[attr-defined]
        return f"{Path(location.file).name}:{location.line}"

    assert [place(paper, name) for name in ("leverage", "gateway", "base_currency")] == [
        "account.yaml:9",
        "house.yaml:13",
        "house.yaml:6",
    ]
    assert [place(live, name) for name in ("leverage", "gateway", "account_id")] == [
        "house.yaml:10",
        "house.yaml:14",
        "live.yaml:8",
    ]
    assert "suspend" not in paper.locations


def test_a_template_and_what_it_stands_for_have_the_same_digest(tmp_path: Path) -> None:
    written = ACCOUNT.replace("1.4", "1.3\n  unmanagedPositions: block")
    short = {name: text for name, text in HOUSE.items() if name != "live.yaml"}

    assert state_of(tmp_path / "a", short).digest == state_of(tmp_path / "b", GOOD | {"account.yaml": written}).digest


OVERLAID = changed(
    "account.yaml", "leverage: 1.3", "overlay: {leverage: 1.1, limits: {maxLeverage: 1.2, maxTurnover: 50%}}", HOUSE
)


def test_an_overlay_changes_the_leverage_and_tightens_limits_of_one_account_alone(tmp_path: Path) -> None:
    paper, live = state_of(tmp_path, OVERLAID).accounts

    assert (paper.leverage, paper.limits.max_leverage, paper.limits.max_turnover) == (
        Decimal("1.1"),
        Decimal("1.2"),
        Decimal("0.5"),
    )
    assert paper.limits.emergency.leverage == live.limits.emergency.leverage == Decimal("3.0")
    assert (live.limits.max_leverage, live.limits.max_turnover) == (Decimal("1.5"), Decimal(2))
    place = paper.limits.place("max_turnover")
    assert place is not None
    assert (Path(place.file).name, place.line) == ("account.yaml", 9)


CHILD = GOOD | {
    "account.yaml": ACCOUNT.replace("riskLimits: cautious", "riskLimits: tight"),
    "tight.yaml": manifest("RiskLimits", "tight", "parent: cautious\nmaxTurnover: 50%\nmaxLeverage: 1.4"),
}


def test_limits_take_from_their_parent_what_they_do_not_state(tmp_path: Path) -> None:
    limits = account_of(tmp_path, CHILD).limits

    assert (limits.max_turnover, limits.max_leverage) == (Decimal("0.5"), Decimal("1.4"))
    assert (limits.max_quote_age.total_seconds(), limits.emergency.leverage) == (90, Decimal("3.0"))
    assert Path(str(limits.place("max_quote_age"))).name == "risk-limits.yaml:8:16"


def test_a_parent_and_what_it_stands_for_have_the_same_digest(tmp_path: Path) -> None:
    files = changed("risk-limits.yaml", "maxLeverage: 1.5", "maxLeverage: 1.4\n  maxTurnover: 50%", CHILD)
    files["risk-limits.yaml"] = files["risk-limits.yaml"].replace("name: cautious", "name: tight")
    del files["tight.yaml"]

    assert state_of(tmp_path / "a", CHILD).digest == state_of(tmp_path / "b", files).digest


def child(**stated: str) -> dict[str, str]:
    """`tight` states this, and its parent `cautious` what `parent` says besides."""
    parent = stated.pop("above", "")
    files = changed("risk-limits.yaml", "maxQuoteAge: 90s", parent, CHILD) if parent else CHILD
    spec = "parent: cautious\n" + "\n".join(f"{key}: {value}" for key, value in stated.items())
    return files | {"tight.yaml": manifest("RiskLimits", "tight", spec)}


LOOSER = {
    "above it": child(maxLeverage="1.6"),
    "above a default": child(maxTurnover="300%"),
    "below it": child(minCushion="12%"),
    "an alarm that comes later": child(emergencyLeverage="3.1"),
    "a longer time": child(maxQuoteAge="2m"),
    "a weaker action": child(emergencyAction="alert"),
    "a permission of its own": child(emergencyAuthorisedBy="me"),
    "an override of its own": child(overrides="[{limit: maxCost, reason: x, by: y, expires: 2027-01-01}]"),
    "a weaker level": child(levels="{advisory: [maxCost]}"),
    "more symbols": child(allow="[MSFT, GLD, NVDA, ASML, SLV]", above="allow: [MSFT, GLD, NVDA, ASML]"),
    "all symbols": child(allow="[]", above="allow: [MSFT, GLD, NVDA, ASML]"),
    "fewer that are denied": child(deny="[XOM]", above="deny: [XOM, CVX]"),
}
TIGHTER = {
    "below it": child(maxLeverage="1.45"),
    "where the parent has no bound": child(maxCost="1%"),
    "a stronger action": child(emergencyAction="flatten"),
    "another person": child(emergencyAuthorisedBy="me", above="emergencyAuthorisedBy: you"),
    "a stronger level": child(levels="{hard: [maxCost]}"),
    "fewer symbols": child(allow="[MSFT, GLD, NVDA, ASML]", above="allow: [MSFT, GLD, NVDA, ASML, SLV]"),
    "more that are denied": child(deny="[XOM, CVX, SLV]", above="deny: [XOM, CVX]"),
}


@pytest.mark.parametrize("files", LOOSER.values(), ids=LOOSER.keys())
def test_a_limit_looser_than_its_parent_is_an_error(tmp_path: Path, files: dict[str, str]) -> None:
    (found,) = told(tmp_path, files)

    assert found.startswith("tight.yaml:7:")
    assert found.endswith(" CMP006")


@pytest.mark.parametrize("files", TIGHTER.values(), ids=TIGHTER.keys())
def test_a_limit_tighter_than_its_parent_is_in_order(tmp_path: Path, files: dict[str, str]) -> None:
    assert told(tmp_path, files) == []


def test_both_places_are_named(tmp_path: Path) -> None:
    _, (found,) = load_files(tmp_path, LOOSER["above it"])
    assert "maxLeverage 1.6 is looser than that of its parent RiskLimits 'cautious', 1.5 at" in found.summary
    assert "risk-limits.yaml:6:16" in found.summary

    _, (found,) = load_files(tmp_path / "b", LOOSER["above a default"])
    assert found.summary.endswith("risk-limits.yaml:4:9, its default")


def test_an_overlay_that_loosens_is_an_error(tmp_path: Path) -> None:
    files = changed("account.yaml", "maxTurnover: 50%", "maxTurnover: 300%", OVERLAID)

    assert told(tmp_path, files) == ["account.yaml:9:68 CMP006"]


def test_every_limit_has_its_rule() -> None:
    assert set(tighter.LOOSER) == set(LimitTerms.model_fields)


CASES = {
    "an unknown template": (changed("account.yaml", "house", "huose", HOUSE), "account.yaml:6:13 MAN013"),
    "a key that nobody says": (
        changed("house.yaml", "  riskLimits: cautious\n", "", HOUSE),
        "account.yaml:5:1 MAN002, live.yaml:5:1 MAN002",
    ),
    "an environment by which the template would say more": (
        changed("account.yaml", "environment: paper", "environment: papre", HOUSE),
        "account.yaml:7:16 MAN004",
    ),
    "a reference of a template": (changed("house.yaml", "growth", "growht", HOUSE), "house.yaml:7:14 MAN013"),
    "a reference of a patch": (
        changed("house.yaml", "gateway: local", "gateway: lcoal", HOUSE),
        "house.yaml:13:22 MAN013",
    ),
    "a template that nobody uses": (
        HOUSE | {"x.yaml": TEMPLATE.replace("name: house", "name: spare")},
        "x.yaml:4:9 MAN016",
    ),
    "an unknown template, perhaps the one by which other limits are used": (
        GOOD
        | {
            "account.yaml": GOOD["account.yaml"] + "  template: huose\n",
            "house.yaml": manifest("AccountTemplate", "house", "riskLimits: spare"),
            "spare.yaml": GOOD["risk-limits.yaml"].replace("cautious", "spare"),
        },
        "account.yaml:15:13 MAN013",
    ),
    "an environment in a patch": (
        changed("house.yaml", "gateway: local", "environment: paper", HOUSE),
        "house.yaml:13:13 MAN001",
    ),
    "leverage above the limit, by the template": (
        changed("house.yaml", "leverage: 1.2", "leverage: 1.6", HOUSE),
        "house.yaml:10:13 ACC001",
    ),
    "a leverage twice": (
        changed("account.yaml", "overlay", "leverage: 1\n  overlay", OVERLAID),
        "account.yaml:9:13 CMP008",
    ),
    "an unknown parent": (
        changed("tight.yaml", "parent: cautious", "parent: cautoius", CHILD),
        "tight.yaml:6:11 MAN013",
    ),
    "a circle of parents": (
        changed("risk-limits.yaml", "maxQuoteAge: 90s", "parent: tight", CHILD),
        "risk-limits.yaml:8:11 CMP001",
    ),
    "limits that are nobody's parent": (
        GOOD | {"x.yaml": manifest("RiskLimits", "spare", "parent: cautious")},
        "x.yaml:4:9 MAN016",
    ),
    "an emergency that the parent's limit swallows": (child(emergencyLeverage="1.5"), "tight.yaml:7:22 RSK001"),
    "an override that its level forbids": (
        child(
            levels="{hard: [maxCost]}",
            above="overrides: [{limit: maxCost, reason: x, by: y, expires: 2027-01-01}]",
        ),
        "tight.yaml:7:11 RSK004",
    ),
}


@pytest.mark.parametrize(("files", "expected"), CASES.values(), ids=CASES.keys())
def test_what_is_wrong_is_told_at_its_place_and_once(tmp_path: Path, files: dict[str, str], expected: str) -> None:
    assert ", ".join(told(tmp_path, files)) == expected


def test_a_parent_that_is_wrong_itself_is_told_there_alone(tmp_path: Path) -> None:
    files = child(levels="{hard: [maxCost]}", above="levels: 7")

    assert told(tmp_path, files) == ["risk-limits.yaml:8:11 MAN003"]


def test_an_account_that_is_wrong_elsewhere_is_judged_all_the_same(tmp_path: Path) -> None:
    files = changed("account.yaml", "leverage: 1.3", "leverage: 1.6\n  suspend: maybe", HOUSE)

    assert told(tmp_path, files) == ["account.yaml:9:13 ACC001", "account.yaml:10:12 MAN003"]
