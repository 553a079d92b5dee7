"""The canonical form of whole files: the line for editors, the order of keys, what is refused, what is written."""

from pathlib import Path

import pytest

from reconciler.manifests import yamlfiles
from reconciler.manifests.formatting import formatted, schemas_above
from reconciler.manifests.formatting.editorline import with_line
from reconciler.manifests.formatting.guard import difference
from reconciler.yamlsource import layout
from tests.unit.manifests.locked import as_one_who_is_not_root
from tests.unit.manifests.repository import GOOD, PORTFOLIO, write

PUBLIC = "# yaml-language-server: $schema=https://folioctl.dev/schemas/v1/"
ABOVE = Path("..", "schemas", "v1")


def canonical(text: str, schemas: Path | None = None) -> str:
    result, found = formatted(text, "f.yaml", schemas)
    assert found == []
    assert result is not None
    assert formatted(result, "f.yaml", schemas) == (result, [])
    return result


class TestTheLineForEditors:
    def test_it_is_written_at_the_head(self) -> None:
        assert canonical(PORTFOLIO) == f"{PUBLIC}Portfolio.json\n{PORTFOLIO}"
        assert canonical(PORTFOLIO, ABOVE).startswith("# yaml-language-server: $schema=../schemas/v1/Portfolio.json\n")

    @pytest.mark.parametrize(
        ("kinds", "schema"),
        [
            (["Portfolio", "Portfolio"], "Portfolio.json"),
            (["Portfolio", "Account"], "manifest.json"),
            (["Portfoil"], "manifest.json"),
            (["ContractLock"], "ContractLock.json"),
        ],
    )
    def test_its_schema_is_that_of_the_kinds(self, kinds: list[str], schema: str) -> None:
        text = "---\n".join(f"kind: {kind}\n" for kind in kinds)
        assert canonical(text).splitlines()[0] == PUBLIC + schema

    @pytest.mark.parametrize("text", ["", "# nothing\n", "a: 1\n", "- kind: Portfolio\n", "kind: 5\n"])
    def test_what_says_no_kind_gets_none(self, text: str) -> None:
        assert canonical(text) == text

    def test_ours_is_put_right_and_moves_to_the_head(self) -> None:
        text = f"# A portfolio.\n\n# yaml-language-server: $schema=schemas/v1/Account.json\n\n{PORTFOLIO}"
        assert canonical(text, ABOVE) == (
            f"# yaml-language-server: $schema=../schemas/v1/Portfolio.json\n# A portfolio.\n\n{PORTFOLIO}"
        )

    @pytest.mark.parametrize(
        "place", ["./mine.json", "https://example.org/v1/Portfolio.json", "../mirror/schemas/v1/Portfolio.json"]
    )
    def test_one_that_leads_elsewhere_is_left(self, place: str) -> None:
        text = f"# A portfolio.\n# yaml-language-server: $schema={place}\n{PORTFOLIO}"
        assert canonical(text, ABOVE) == text

    def test_one_inside_of_a_manifest_is_a_comment(self) -> None:
        text = PORTFOLIO.replace("spec:", "# yaml-language-server: $schema=./mine.json\nspec:")
        assert with_line(text, [{"kind": "Portfolio"}], None) == f"{PUBLIC}Portfolio.json\n{text}"

    def test_the_schemas_are_the_nearest_above_the_file(self, tmp_path: Path) -> None:
        manifest = tmp_path / "desired-state" / "deep" / "portfolio.yaml"
        assert schemas_above(manifest) is None
        write(tmp_path / "schemas" / "v1", {"manifest.json": "{}"})
        assert schemas_above(manifest) == Path("..", "..", "schemas", "v1")
        assert schemas_above(tmp_path / "portfolio.yaml") == Path("schemas", "v1")


class TestTheOrderOfKeys:
    def test_it_is_the_envelope_and_then_the_rest(self) -> None:
        text = "x: 1\nspec: {}\nkind: Odd\nmetadata: {name: a}\ny: 2\napiVersion: folioctl/v1\n"
        assert canonical(text).partition("\n")[2] == (
            "apiVersion: folioctl/v1\nkind: Odd\nmetadata: {name: a}\nspec: {}\nx: 1\ny: 2\n"
        )

    def test_a_key_takes_its_comments_along(self) -> None:
        text = (
            "# The file's own.\n\n# of the kind\nkind: Odd  # word\n# of the spec\nspec:\n  a: 1\n  # of a\n"
            "# of the version\napiVersion: folioctl/v1\n# of the end\n"
        )
        # What stands above the first key cannot be told from the file's own head: it stays.
        assert canonical(text).partition("\n")[2] == (
            "# The file's own.\n\n# of the kind\n# of the version\napiVersion: folioctl/v1\nkind: Odd  # word\n"
            "# of the spec\nspec:\n  a: 1\n  # of a\n# of the end\n"
        )

    def test_a_comment_beyond_a_blank_line_stays_with_what_is_above(self) -> None:
        text = "spec:\n  a: 1\n# of the spec\n\n# of the kind\nkind: Odd\n"
        assert canonical(text).partition("\n")[2] == "# of the kind\nkind: Odd\nspec:\n  a: 1\n# of the spec\n"

    def test_the_keys_of_a_spec_stay(self) -> None:
        text = "kind: Odd\nspec:\n  kind: z\n  apiVersion: y\n"
        assert canonical(text).partition("\n")[2] == text

    def test_each_document_has_its_own(self) -> None:
        text = "# one\nspec: 1\nkind: A\n---\n# two\nspec: 2\nkind: B\n"
        assert canonical(text).partition("\n")[2] == "# one\nkind: A\nspec: 1\n---\n# two\nkind: B\nspec: 2\n"

    @pytest.mark.parametrize(
        "text",
        [
            "spec: &x {a: 1}\nkind: Odd\nmetadata: *x\n",
            "? spec\n: 1\n? kind\n: Odd\n",
            "{spec: 1, kind: Odd}\n",
            "spec: 1\nname: no manifest\napiVersion: x\n",
        ],
    )
    def test_it_stays_where_it_would_break_or_is_no_envelope(self, text: str) -> None:
        assert canonical(text).endswith(text)


class TestWholeFiles:
    @pytest.mark.parametrize("file", GOOD)
    def test_line_ends_and_the_mark_of_byte_order_go(self, file: str) -> None:
        odd = "\ufeff" + GOOD[file].replace("\n", "\r\n")
        assert canonical(odd) == canonical(GOOD[file]) == f"{canonical(odd).partition(chr(10))[0]}\n{GOOD[file]}"

    def test_every_file_of_the_example_is_canonical(self) -> None:
        manifests = Path(__file__).parents[3] / "desired-state"
        for path in manifests.glob("*.yaml"):
            assert canonical(path.read_text(encoding="utf-8"), ABOVE) == path.read_text(encoding="utf-8")

    @pytest.mark.parametrize(
        ("text", "code"),
        [("a: [1", "YML001"), ("a: 1\na: 2\n", "YML002"), ("\ta: 1\n", "YML001"), ("a: !x 1\n", "YML005")],
    )
    def test_a_file_with_an_error_is_told_and_left(self, text: str, code: str) -> None:
        result, found = formatted(text, "f.yaml")
        assert result is None
        assert [each.code for each in found] == [code]

    def test_a_layout_that_changed_something_is_told_and_left(self, monkeypatch: pytest.MonkeyPatch) -> None:
        laid_out = layout.laid_out
        for old, new in (("30%", "3%"), ("# why", ""), ("{symbol", "{{symbol")):
            monkeypatch.setattr(layout, "laid_out", lambda text, old=old, new=new: laid_out(text).replace(old, new))
            result, found = formatted(PORTFOLIO.replace("cash:", "cash:  # why\n   "), "f.yaml")
            assert result is None
            assert [(each.code, str(each.location)) for each in found] == [("FMT001", "f.yaml")]


class TestTheGuard:
    TEXT = "# head\na: 1.0  # one\nb: [x, 'y']\n"

    @pytest.mark.parametrize(
        ("old", "new", "said"),
        [
            ("1.0", "1.00", "a value"),
            ("1.0", "1", "a value"),
            ("'y'", "'Y'", "a value"),
            ("a: 1.0  # one\n", "", "a value"),
            ("# one", "", "'# one'"),
            ("# one", "# One", "'# one'"),
            ("# head", "# head\n# head", "'# head'"),
            ("[x", "[x\n- {", "not YAML"),
        ],
    )
    def test_it_sees(self, old: str, new: str, said: str) -> None:
        assert said in difference(self.TEXT, self.TEXT.replace(old, new))

    @pytest.mark.parametrize(
        ("old", "new"),
        [("'y'", '"y"'), ("  # one", "      # one   "), ("# head", "# yaml-language-server: $schema=x\n# head")],
    )
    def test_it_passes_over(self, old: str, new: str) -> None:
        assert difference(self.TEXT, self.TEXT.replace(old, new)) == ""


class TestFiles:
    def test_folders_files_and_patterns_lead_to_each_file_once(self, tmp_path: Path) -> None:
        write(
            tmp_path,
            {"b.yaml": "", "a/c.YML": "", "a/.hidden.yaml": "", ".git/d.yaml": "", "x.lock.yaml": "", "no.txt": ""},
        )
        files, found = yamlfiles.find([tmp_path, tmp_path / "b.yaml", tmp_path / "*" / "*.YML"])
        assert [path.relative_to(tmp_path).as_posix() for path in files] == ["a/c.YML", "b.yaml", "x.lock.yaml"]
        assert found == []

    def test_a_file_and_links_to_it_are_one(self, tmp_path: Path) -> None:
        write(tmp_path, {"b.yaml": ""})
        (tmp_path / "c.yaml").symlink_to("b.yaml")
        files, _ = yamlfiles.find([tmp_path / "c.yaml", tmp_path])
        assert [path.name for path in files] == ["c.yaml"]

    @pytest.mark.parametrize("name", ["none.yaml", "none", "*.yaml"])
    def test_a_path_that_leads_nowhere_is_an_error(self, tmp_path: Path, name: str) -> None:
        files, found = yamlfiles.find([tmp_path / name])
        assert files == []
        assert [each.code for each in found] == ["FMT002"]

    def test_a_folder_that_cannot_be_searched_is_told(self, open_to_all: Path) -> None:
        write(open_to_all, {"b.yaml": "", "deep/c.yaml": ""})
        (open_to_all / "deep").chmod(0o000)
        with as_one_who_is_not_root():
            files, found = yamlfiles.find([open_to_all])
        (open_to_all / "deep").chmod(0o700)
        assert [path.name for path in files] == ["b.yaml"]
        assert [each.code for each in found] == ["YML007"]

    def test_what_is_no_text_is_told(self, tmp_path: Path) -> None:
        path = tmp_path / "f.yaml"
        path.write_bytes(b"a: \xff")
        text, found = yamlfiles.read(path)
        assert text is None
        assert [each.code for each in found] == ["YML003"]
