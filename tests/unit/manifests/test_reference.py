from pathlib import Path

from reconciler.manifests import reference
from reconciler.manifests.codes import CODES
from reconciler.manifests.kinds import KINDS
from reconciler.manifests.schema import schemas

PAGE = Path(__file__).parents[3] / "docs" / "manifests.md"


def test_the_page_says_what_is_true_now() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert reference.refreshed(text) == text


def test_every_kind_field_and_code_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for kind in KINDS:
        assert f"\n## {kind}\n" in text
        for section in schemas()[f"{kind}.json"]["definitions"].values():
            for key in section.get("properties", {}):
                assert key == "name" or f"| `{key}` |" in text
    for code in CODES:
        assert f"\n| {code} |" in text


def test_what_stands_outside_the_markers_is_left_alone() -> None:
    page = "before\n<!-- fields: begin -->\nout of date\n<!-- fields: end -->\nafter\n"
    fresh = reference.refreshed(page)
    assert fresh.startswith("before\n<!-- fields: begin -->\n")
    assert fresh.endswith("<!-- fields: end -->\nafter\n")
    assert "out of date" not in fresh
    assert "| `leverage` |" in fresh
