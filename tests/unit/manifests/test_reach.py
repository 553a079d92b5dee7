"""Targets that cannot be within their limits: an error where that is certain, a warning where it may be."""

from pathlib import Path

import pytest

from reconciler.diagnostics import Severity
from reconciler.manifests.codes import CODES
from tests.unit.manifests.repository import GOOD, PORTFOLIO, changed, load_files

GROUPED = GOOD | {
    "portfolio.yaml": PORTFOLIO.replace("MSFT, weight", "MSFT, sector: Tech, assetClass: equity, weight")
    .replace("NVDA, weight", "NVDA, sector: Tech, assetClass: equity, weight")
    .replace("ASML, weight", "ASML, sector: Tech, assetClass: equity, weight")
}


def limited(*limits: str, account: str = "leverage: 1.4") -> dict[str, str]:
    """The repository with these limits and this in its account; chips and MSFT are 60 % together, GLD is 35 %."""
    files = changed("risk-limits.yaml", "maxQuoteAge: 90s", "\n  ".join(limits), GROUPED)
    return changed("account.yaml", "leverage: 1.4", account, files)


def found(directory: Path, files: dict[str, str]) -> tuple[str, str]:
    _, told = load_files(directory, files)
    (only,) = [each for each in told if each.severity is Severity.ERROR] or told
    return f"{Path(str(only.location)).name} {only.severity} {only.code}", only.summary


CERTAIN = {
    "a position": (
        limited("maxPositionWeight: 22%"),
        "portfolio.yaml:9:15 error ACC009",
        "GLD cannot be within maxPositionWeight 22% of RiskLimits 'cautious': 35% with the leverage 1.4 and at most "
        "50% (maxUndeclared) less for other holdings is 24.5% of net liquidation, 2.5% too much",
    ),
    "a sector": (
        limited("maxSectorWeight: 40%", "maxUndeclared: 0", account="leverage: 1\n  cashBuffer: {fraction: 10%}"),
        "risk-limits.yaml:8:20 error ACC009",
        "sector Tech cannot be within maxSectorWeight 40% of RiskLimits 'cautious': 60% with the leverage 1 less a "
        "cash buffer of 10% and at most 0% (maxUndeclared) less for other holdings is 54% of net liquidation, "
        "14% too much",
    ),
    "an asset class": (
        limited("maxAssetClassWeight: 30%"),
        "risk-limits.yaml:8:24 error ACC009",
        "asset class equity cannot be within maxAssetClassWeight 30% of RiskLimits 'cautious': 60% with the leverage "
        "1.4 and at most 50% (maxUndeclared) less for other holdings is 42% of net liquidation, 12% too much",
    ),
    "margin": (
        limited("maxMarginUtilisation: 30%", "maxUndeclared: 0"),
        "account.yaml:14:13 error ACC009",
        "the maintenance margin of Portfolio 'growth' cannot be within maxMarginUtilisation 30% of RiskLimits "
        "'cautious': 23.75% with the leverage 1.4 and at most 0% (maxUndeclared) less for other holdings is 33.25% of "
        "net liquidation, 3.25% too much",
    ),
}
POSSIBLE = {
    "a sector": (
        limited("maxSectorWeight: 60%"),
        "risk-limits.yaml:8:20 warning ACC010",
        "sector Tech at 60% with the leverage 1.4 of Account 'main' is 84% of net liquidation, 24% above "
        "maxSectorWeight 60% of RiskLimits 'cautious'",
    ),
    "a sector, where the buffer is an amount": (
        limited("maxSectorWeight: 20%", account="leverage: 1.4\n  cashBuffer: {amount: 1}"),
        "risk-limits.yaml:8:20 warning ACC010",
        "sector Tech at 60%",
    ),
    "a sector, where other holdings stand apart": (
        limited("maxSectorWeight: 20%", account="leverage: 1.4\n  undeclaredHoldings: apart"),
        "risk-limits.yaml:8:20 warning ACC010",
        "sector Tech at 60%",
    ),
    "a sector whose limit can be overridden": (
        limited("maxSectorWeight: 20%", "levels: {override: [maxSectorWeight]}"),
        "risk-limits.yaml:8:20 warning ACC010",
        "sector Tech at 60%",
    ),
    "the margin's use": (
        limited("maxMarginUtilisation: 30%"),
        "account.yaml:14:13 warning ACC010",
        "the maintenance margin of Portfolio 'growth' at 23.75% with the leverage 1.4 of Account 'main' is 33.25% of "
        "net liquidation, 3.25% above maxMarginUtilisation 30% of RiskLimits 'cautious'",
    ),
    "the cushion": (
        limited("minCushion: 70%"),
        "account.yaml:14:13 warning ACC010",
        "3.25% above minCushion 100% less 70% of RiskLimits 'cautious'",
    ),
    "initial margin": (
        limited("marginCushion: 100%", "maxMarginUtilisation: 90%", account="leverage: 1.5\n  type: margin"),
        "account.yaml:14:13 warning ACC010",
        "above marginCushion 100% / (1 + 100%)",
    ),
}
POSSIBLE["initial margin"][0]["risk-limits.yaml"] = POSSIBLE["initial margin"][0]["risk-limits.yaml"].replace(
    "emergencyLeverage: 3.0", "emergencyLeverage: 2.0\n  maintenanceMargin: 40%"
)


@pytest.mark.parametrize(("files", "place", "words"), CERTAIN.values(), ids=CERTAIN.keys())
def test_what_can_never_be_is_an_error_with_its_arithmetic(
    tmp_path: Path, files: dict[str, str], place: str, words: str
) -> None:
    assert found(tmp_path, files) == (place, words)


@pytest.mark.parametrize(("files", "place", "words"), POSSIBLE.values(), ids=POSSIBLE.keys())
def test_what_may_be_is_a_warning(tmp_path: Path, files: dict[str, str], place: str, words: str) -> None:
    where, summary = found(tmp_path, files)

    assert where == place
    assert words in summary


def test_at_the_limit_is_within_it(tmp_path: Path) -> None:
    _, none = load_files(tmp_path, limited("maxSectorWeight: 84%", "maxMarginUtilisation: 33.25%"))

    assert none == ()


def test_the_codes_are_explained() -> None:
    assert {"ACC009", "ACC010"} <= set(CODES)


@pytest.mark.parametrize(
    ("limit", "places", "words"),
    [
        ("deny: [GLD, TSLA]", ["portfolio.yaml:8:15"], "GLD may not be traded: RiskLimits 'cautious' denies it"),
        (
            "allow: [MSFT, GLDM, NVDA, ASML]",
            ["portfolio.yaml:8:15"],
            "does not allow it (risk-limits.yaml:8:10). Did you mean 'GLDM'?",
        ),
        ("allow: [MSFT, GLD, NVDA, ASML, KO]", [], ""),
    ],
)
def test_a_target_that_may_not_be_traded_is_told(tmp_path: Path, limit: str, places: list[str], words: str) -> None:
    state, told = load_files(tmp_path, changed("risk-limits.yaml", "maxQuoteAge: 90s", limit))
    assert state is not None
    assert [(Path(str(each.location)).name, each.code) for each in told] == [(place, "ACC011") for place in places]
    prefix = (tmp_path / "desired-state").as_posix() + "/"
    assert all(words in each.message.replace(prefix, "") for each in told)
