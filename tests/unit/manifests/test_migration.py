"""Migrations, with a second and a third version that exist here alone."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconciler import yamlsource
from reconciler.manifests import migration
from reconciler.manifests.formatting import formatted
from reconciler.manifests.migration import MIGRATIONS, Migration, Registry, migrated, remedy
from reconciler.yamlsource import layout
from tests.examples import examples
from tests.unit.manifests.repository import GOOD, load_files
from tests.unit.manifests.second_version import REGISTRY, V1, V2, V3

ACCOUNT = """\
# Mine.
apiVersion: folioctl/v1  # the format
kind: Account
metadata: {name: 'main'}
spec:
    environment: "paper"   # for now
    # of the leverage
    leverage:   1.4  # borrowed
    # of the currency
    baseCurrency: USD
# the end
"""
ACCOUNT_V2 = """\
# Mine.
apiVersion: folioctl/v2  # the format
kind: Account
metadata: {id: 'main'}
spec:
    environment: "practice"   # for now
    # of the currency
    baseCurrency: USD
    exposure:
      # of the leverage
      target:   1.4  # borrowed
# the end
"""
ACCOUNT_AND_BACK = """\
# Mine.
apiVersion: folioctl/v1  # the format
kind: Account
metadata: {name: 'main'}
spec:
    environment: "paper"   # for now
    # of the currency
    baseCurrency: USD
    # of the leverage
    leverage:   1.4  # borrowed
# the end
"""


def migrate(text: str, target: str) -> str:
    result, found = migrated(text, "f.yaml", REGISTRY, target)
    assert [str(each) for each in found] == []
    assert result is not None
    return result


def says(text: str) -> tuple[list[object], Counter[str]]:
    """The values of a text, and its comments."""
    documents, found = yamlsource.load(text, "f.yaml")
    assert found == []
    return [document.data for document in documents], Counter(layout.comments(text))


def test_edits_are_made_where_they_belong_and_nowhere_else() -> None:
    assert migrate(ACCOUNT, V2) == ACCOUNT_V2
    assert migrate(ACCOUNT_V2, V1) == ACCOUNT_AND_BACK
    assert migrate(ACCOUNT_AND_BACK, V2) == ACCOUNT_V2


def test_renames_and_words_come_back_to_the_byte() -> None:
    text = (
        GOOD["portfolio.yaml"]
        .replace("weight: 30%}", "sector: chips, 'weight':  30% }  # one", 1)
        .split("  sleeves")[0]
    )
    there = migrate(text, V2)
    assert "holdings:" in there
    assert "{symbol: MSFT, industry: chips, 'weight':  30% }  # one" in there
    assert migrate(there, V1) == text


@pytest.mark.parametrize("file", GOOD)
def test_every_kind_goes_there_and_back(file: str) -> None:
    there = migrate(GOOD[file], V3)
    (data,), _ = says(there)
    assert isinstance(data, dict)
    assert data["apiVersion"] == V3
    assert data["metadata"].keys() == {"id"}
    assert says(migrate(there, V1)) == says(GOOD[file])


def test_line_ends_and_the_mark_of_byte_order_stay() -> None:
    odd = "\ufeff" + ACCOUNT.replace("\n", "\r\n")
    assert migrate(odd, V2) == "\ufeff" + ACCOUNT_V2.replace("\n", "\r\n")


def test_each_manifest_of_a_file_by_its_own_version() -> None:
    text = f"{ACCOUNT}---\n{ACCOUNT_V2}---\nkind: Notes\n"
    assert migrate(text, V2) == f"{ACCOUNT_V2}---\n{ACCOUNT_V2}---\nkind: Notes\n"


def test_a_file_without_a_last_line_break() -> None:
    text = "apiVersion: folioctl/v1\nkind: RiskLimits\nmetadata:\n  name: a\nspec:\n  maxQuoteAge: 60s"
    there = migrate(text, V2)
    assert says(there)[0] == [
        {"apiVersion": V2, "kind": "RiskLimits", "metadata": {"id": "a"}, "spec": {"quotes": {"maxAge": "60s"}}}
    ]
    assert says(migrate(there, V1)) == says(text)


def test_a_list_moves_with_its_items_and_comments() -> None:
    text = (
        "apiVersion: folioctl/v2\nkind: RiskLimits\nmetadata: {id: a}\nspec:\n  levels:  # which\n    # final\n"
        "    hard:\n    - maxCost  # why\n\n    # so\n    - maxOrders\n  maxOrders: 5\n"
    )
    there = migrate(text, V3)
    assert there == (
        "apiVersion: folioctl/v3\nkind: RiskLimits\nmetadata: {id: a}\nspec:\n  # which\n  maxOrders: 5\n"
        "  # final\n  final:\n  - maxCost  # why\n\n  # so\n  - maxOrders\n"
    )
    assert says(migrate(there, V2)) == says(text)


def test_a_comment_above_goes_with_its_key_though_it_is_set_out() -> None:
    text = "apiVersion: folioctl/v1\nkind: Account\nmetadata: {name: a}\nspec:\n# why\n  leverage: 1.4\n  gateway: b\n"
    there = migrate(text, V2)
    assert there.endswith("spec:\n  gateway: b\n  exposure:\n  # why\n    target: 1.4\n")
    assert migrate(there, V1).endswith("spec:\n  gateway: b\n# why\n  leverage: 1.4\n")


def test_items_in_braces_come_back() -> None:
    text = (
        "apiVersion: folioctl/v1\nkind: Portfolio\nmetadata: {name: a}\nspec:\n  sleeves:\n"
        "    - {weight: 60%, portfolio: core}  # most\n    - {portfolio: rest, weight: 40% }\n"
    )
    there = migrate(text, V2)
    assert "- {portfolio: core, share: {weight: 60%}}  # most\n" in there
    assert says(migrate(there, V1)) == says(text)


HEAD = "apiVersion: folioctl/v2\nkind: RiskLimits\nmetadata: {id: a}\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("spec:\n  levels: {hard: [a, b]}  # c\n  x: 1\n", "spec:\n  # c\n  x: 1\n  final: [a, b]\n"),
        ("spec:\n  levels: {hard: [a]}\n  x: 1\n", "spec:\n  x: 1\n  final: [a]\n"),
        ("spec:\n  levels: {hard: [a], soft: [b]}\n", "spec:\n  levels: {soft: [b]}\n  final: [a]\n"),
        ("spec:\n  levels: {soft: [b], 'hard' : [a]}\n", "spec:\n  levels: {soft: [b]}\n  'final' : [a]\n"),
        ("spec: {levels: {hard: [a]}}\n", "spec: {final: [a]}\n"),
        ("spec: {x: 1, levels: {hard: [a]}}\n", "spec: {x: 1, final: [a]}\n"),
        ("spec: { levels: {hard: [a]}, x: 1 }\n", "spec: { x: 1, final: [a] }\n"),
        ("spec: {levels: {hard: [a], soft: [b]}, x: 1}\n", "spec: {levels: {soft: [b]}, x: 1, final: [a]}\n"),
        ("spec: {x: 1, levels: {soft: [b], hard: [a]}, }\n", "spec: {x: 1, levels: {soft: [b]}, final: [a] }\n"),
    ],
)
def test_a_key_moves_out_of_braces_and_in(before: str, after: str) -> None:
    there = migrate(HEAD + before, V3)
    assert there == HEAD.replace("v2", "v3") + after
    assert says(migrate(there, V2)) == says(HEAD + before)


@pytest.mark.parametrize(
    "spec",
    [
        "spec:\n  <<: {levels: {hard: [a]}}\n",
        "spec:\n  levels: {\n    hard: [a]\n    }\n",
        "spec:\n  levels: {hard: [a]\n    }\n  x: 1\n",
        "spec:\n  levels: {soft: [b], hard: [a,\n    b]}\n",
        "spec:\n  final: [b]\n  levels: {hard: [a]}\n",
        "spec:\n  levels: &x {hard: [a]}\n  y: *x\n",
        "spec:\n  levels: {soft: [], hard: }\n",
    ],
)
def test_what_cannot_be_moved_without_guessing_is_told_and_left(spec: str) -> None:
    result, found = migrated(HEAD + spec, "f.yaml", REGISTRY, V3)
    assert result is None
    assert [(each.code, str(each.location)) for each in found] == [("MIG002", "f.yaml:1:13")]


def test_a_version_that_nothing_leads_from_is_told_at_its_place() -> None:
    result, found = migrated(ACCOUNT.replace("/v1", "/v0"), "f.yaml", REGISTRY, V2)
    assert result is None
    assert [(each.code, str(each.location)) for each in found] == [("MIG001", "f.yaml:2:13")]
    assert V3 in found[0].suggestion


def test_a_file_with_an_error_is_told_and_left() -> None:
    result, found = migrated("a: [", "f.yaml", REGISTRY, V2)
    assert (result, [each.code for each in found]) == (None, ["YML001"])


def test_this_folioctl_has_one_version() -> None:
    assert MIGRATIONS.versions == [V1]
    assert migrated(ACCOUNT, "f.yaml", MIGRATIONS, MIGRATIONS.newest) == (ACCOUNT, [])


def test_a_version_that_can_be_led_here_is_said_to() -> None:
    assert remedy(V1, V2, REGISTRY) == remedy(V3, V1, REGISTRY) == "Run `folioctl migrate`."
    assert remedy("folioctl/v9", V2, REGISTRY) == remedy(V1, V1, REGISTRY) == ""


def test_a_diagnostic_names_the_migration_that_helps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = GOOD | {"gateway.yaml": GOOD["gateway.yaml"].replace("/v1", "/v0")}
    _, found = load_files(tmp_path / "before", files)
    assert [each.suggestion for each in found if each.code == "MAN010"] == ["This version reads 'folioctl/v1'."]
    monkeypatch.setattr(migration, "MIGRATIONS", Registry((Migration("folioctl/v0", V1, []),)))
    _, found = load_files(tmp_path / "after", files)
    (told,) = (each.suggestion for each in found if each.code == "MAN010")
    assert told == "This version reads 'folioctl/v1'. Run `folioctl migrate`."


NAMES = st.sampled_from(["growth", "'quoted'", '"double"'])
COMMENT = st.sampled_from(["", "", "  # why", " # - item"])


@st.composite
def manifests(draw: st.DrawFn) -> str:
    """A manifest of some kind, with comments on and between its lines, indented as somebody likes it."""
    step, count = " " * draw(st.integers(1, 4)), 0

    def tail() -> str:
        nonlocal count
        count += 1
        comment = draw(COMMENT)
        return f"{comment} {count}\n" if comment else "\n"

    def own(depth: int) -> str:
        nonlocal count
        count += 1
        before = draw(st.sampled_from(["", "", "\n"]))
        return before + (f"{step * depth}# own {count}\n" if draw(st.booleans()) else "")

    def line(depth: int, text: str) -> str:
        return f"{own(depth)}{step * depth}{text}{tail()}"

    kind = draw(st.sampled_from(["Portfolio", "Account", "RiskLimits"]))
    text = line(0, "apiVersion: folioctl/v1") + line(0, f"kind: {kind}") + line(0, "metadata:")
    text += line(1, f"name: {draw(NAMES)}") + line(0, "spec:")
    keys = {
        "Portfolio": ["cash: 5%", "targets:", "longOnly: true"],
        "Account": ["environment: paper", "leverage: 1.4", "note: |\n" + step * 2 + "a\n\n" + step * 2 + " b # no"],
        "RiskLimits": ["maxQuoteAge: 60s", "maxOrders: 5", "levels: {soft: [a],  hard: [b]}", "deny: [A,  B]"],
    }
    for key in draw(st.permutations(keys[kind])):
        if key.startswith("note"):
            text += own(1) + step + key + "\n"
        else:
            text += line(1, key)
        if key == "targets:":
            for _ in range(draw(st.integers(1, 3))):
                text += draw(
                    st.sampled_from([line(2, "- {symbol: A, sector: x, weight: 1%}"), line(2, '- sector: "y"')])
                )
    return text + own(0)


@examples(60)
@given(text=manifests())
def test_there_and_back_says_the_same(text: str) -> None:
    there = migrate(text, V3)
    assert says(there)[1] == says(text)[1]
    back = migrate(there, V1)
    assert says(back) == says(text)
    if "leverage" not in text and "maxQuoteAge" not in text:
        assert back == text


@examples(20)
@given(text=manifests())
def test_a_formatted_manifest_is_migrated_too(text: str) -> None:
    canonical, found = formatted(text, "f.yaml", Path("schemas"))
    assert found == []
    assert canonical is not None
    assert says(migrate(migrate(canonical, V2), V1)) == says(canonical)
