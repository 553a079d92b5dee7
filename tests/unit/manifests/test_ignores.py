"""`# folioctl: ignore[CODE] reason`: a warning is set aside by whoever says why, and nothing else is."""

from pathlib import Path

import pytest

from reconciler import diagnostics
from reconciler.diagnostics import Diagnostic
from tests.unit.manifests.repository import GOOD, changed, load_files

LIVE_PORT = changed("gateway.yaml", "port: 4002", "port: 4001")
PLACE = "  environment: paper"


def with_comment(comment: str, files: dict[str, str] = LIVE_PORT) -> dict[str, str]:
    return changed("account.yaml", PLACE, f"{PLACE}  {comment}", files)


def told(tmp_path: Path, files: dict[str, str]) -> list[str]:
    return [word(each) for each in load_files(tmp_path, files)[1]]


def word(each: Diagnostic) -> str:
    place = f"{each.location.line}:{each.location.column}" if each.location else ""
    return f"{place} {each.code} {each.ignored}".rstrip()


def test_a_warning_is_set_aside_with_its_reason(tmp_path: Path) -> None:
    assert told(tmp_path, LIVE_PORT) == ["6:16 ACC003"]
    assert told(tmp_path, with_comment("# folioctl: ignore[ACC003] a tunnel")) == ["6:16 ACC003 a tunnel"]


def test_a_comment_alone_speaks_of_the_next_line_that_holds_something(tmp_path: Path) -> None:
    above = changed("account.yaml", PLACE, f"  # folioctl: ignore[ACC003] a tunnel\n\n  # so\n{PLACE}", LIVE_PORT)
    assert told(tmp_path, above) == ["9:16 ACC003 a tunnel"]


def test_several_codes_stand_in_one_comment(tmp_path: Path) -> None:
    files = with_comment("# folioctl: ignore[ACC003, ACC002] a tunnel")
    assert told(tmp_path, files) == ["6:16 ACC003 a tunnel", "6:23 IGN002"]


def test_an_error_is_not_set_aside(tmp_path: Path) -> None:
    files = changed("account.yaml", "leverage: 1.4", "leverage: 1.6  # folioctl: ignore[ACC001] I know better")
    state, found = load_files(tmp_path, files)
    assert state is None
    assert [word(each) for each in found] == ["14:13 ACC001", "14:18 IGN003"]


@pytest.mark.parametrize(
    ("comment", "expected"),
    [
        ("# folioctl: ignore[ACC003]", "is set aside without a reason"),
        ("# folioctl: ignore[AC003] a tunnel", "no diagnostic has the code AC003. Did you mean 'ACC003'?"),
        ("# folioctl: ignroe[ACC003] a tunnel", "this comment is not understood"),
        ("# folioctl: ignore a tunnel", "this comment is not understood"),
    ],
)
def test_what_is_not_understood_sets_nothing_aside(tmp_path: Path, comment: str, expected: str) -> None:
    _, found = load_files(tmp_path, with_comment(comment))
    assert [each.code for each in found] == ["ACC003", "IGN001"]
    assert all(not each.ignored for each in found)
    assert expected in found[1].message


def test_a_comment_that_sets_nothing_aside_is_told(tmp_path: Path) -> None:
    assert told(tmp_path, with_comment("# folioctl: ignore[ACC003] a tunnel", GOOD)) == ["6:23 IGN002"]


def test_beside_an_error_no_comment_is_said_to_set_aside_nothing(tmp_path: Path) -> None:
    """Whoever removed it then would get the warning back with the mended error."""
    limits = changed("risk-limits.yaml", "maxQuote", "maxSectorWeight: 30%\n  maxQuote")
    files = changed("risk-limits.yaml", "30%", "30%  # folioctl: ignore[ACC010] a stock split", limits)
    files = changed("portfolio.yaml", "weight: 0.35", "weight: 0.35\n      sector: Metals", files)
    assert told(tmp_path / "good", files) == ["8:20 ACC010 a stock split"]
    assert told(tmp_path / "wrong", changed("portfolio.yaml", "cash: 5%", "cash: 6%", files)) == ["6:3 PFL001"]


def test_a_comment_that_only_speaks_of_it_is_not_one(tmp_path: Path) -> None:
    assert told(tmp_path, with_comment("# so does folioctl: it takes the port")) == ["6:16 ACC003"]


def test_text_that_looks_like_it_is_no_comment(tmp_path: Path) -> None:
    name = 'name: "x # folioctl: ignore[ACC003] y"'
    _, found = load_files(tmp_path, changed("account.yaml", "name: main", name, LIVE_PORT))
    assert [(each.code, each.ignored) for each in found] == [("MAN006", ""), ("ACC003", "")]


def test_a_reason_says_no_account_number(tmp_path: Path) -> None:
    _, found = load_files(tmp_path, with_comment("# folioctl: ignore[ACC003] asked by DU1234567"))
    assert found[0].ignored == "asked by (account id)"
    assert not diagnostics.has_errors(found)


@pytest.mark.timeout(5)
def test_many_comments_are_read_in_one_pass(tmp_path: Path) -> None:
    """Each of them was once looked up from the first line on, and answered for from the last."""
    many = "# folioctl: ignore[ACC003] a tunnel to DU1234567\n" * 15_000
    _, found = load_files(tmp_path, GOOD | {"account.yaml": GOOD["account.yaml"] + many})
    assert {each.code for each in found} == {"MAN014", "IGN002", "MAN022"}
