from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, Field, field_validator

from reconciler import yamlsource
from reconciler.diagnostics import Diagnostic, Location
from reconciler.yamlsource import Document, YamlPath


def only(text: str) -> Document:
    documents, found = yamlsource.load(text, "f.yaml")
    assert found == []
    (document,) = documents
    return document


def faults(text: str) -> list[str]:
    return [told(each) for each in yamlsource.load(text, "f.yaml")[1]]


def told(diagnostic: Diagnostic) -> str:
    return f"{diagnostic.location} {diagnostic.code}".removeprefix("f.yaml:")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.13", Decimal("0.13")),
        ("0.1234567890123456789012345", Decimal("0.1234567890123456789012345")),
        ("1e3", Decimal("1000")),
        ("1_000.50", Decimal("1000.50")),
        ("1_000", 1000),
        ("010", 10),
        ("0o17", 15),
        ("0x1F", 31),
        ("-5", -5),
        ("-.inf", Decimal("-Infinity")),
        ("13%", "13%"),
        ("yes", "yes"),
        ("true", True),
        ("~", None),
        ("2026-01-31", "2026-01-31"),
        ("12:30", "12:30"),
        ("'0700'", "0700"),
        ("!!str 5", "5"),
        ("!!int 5", 5),
    ],
)
def test_scalars_are_exactly_what_was_written(text: str, value: object) -> None:
    found = only(f"a: {text}").data["a"]
    assert found == value
    assert type(found) is type(value)


@settings(deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**9), max_value=10**9, places=12))
def test_a_decimal_survives_the_text(number: Decimal) -> None:
    text = format(number, "f")
    assert Decimal(only(f"a: {text}").data["a"]) == number


def test_keys_are_text_as_they_were_written() -> None:
    assert only("{1: a, TRUE: b, 0.10: c, ON: d}").data == {"1": "a", "TRUE": "b", "0.10": "c", "ON": "d"}


def test_a_block_that_holds_nothing_ends_within_its_text() -> None:
    place = only("? ").locate(())
    assert (place.line, place.column, place.end_line) == (1, 1, 1)


def test_several_documents_and_the_empty_ones_between() -> None:
    documents, found = yamlsource.load("a: 1\n---\n# nothing\n---\n---\nb: 2\n", "f.yaml")
    assert found == []
    assert [document.data for document in documents] == [{"a": 1}, {"b": 2}]
    assert documents[1].locate(("b",)) == Location("f.yaml", 6, 4)


NESTED = """\
top:
  list:
    - {a: 1, b: [x, y]}
    - c: 2
  empty:
  text: |
    long
"""


@pytest.mark.parametrize(
    ("path", "value", "key"),
    [
        ((), "1:1", "1:1"),
        (("top",), "2:3", "1:1"),
        (("top", "list"), "3:5", "2:3"),
        (("top", "list", 0), "3:7", "3:7"),
        (("top", "list", 0, "b", 1), "3:21", "3:21"),
        (("top", "list", 1, "c"), "4:10", "4:7"),
        (("top", "empty"), "5:3", "5:3"),
        (("top", "text"), "6:9", "6:3"),
        (("top", "list", 9, "z"), "3:5", "2:3"),
        (("nowhere", 0), "1:1", "1:1"),
        (("top", "text", "deeper"), "6:9", "6:3"),
    ],
)
def test_every_value_and_key_has_its_place(path: YamlPath, value: str, key: str) -> None:
    document = only(NESTED)
    assert str(document.locate(path)) == f"f.yaml:{value}"
    assert str(document.locate_key(path)) == f"f.yaml:{key}"


def test_what_a_merge_brings_in_stands_at_the_merge() -> None:
    document = only("base: &base {a: 1, b: 2}\nuse:\n  <<: *base\n  b: 3\n")
    assert document.data["use"] == {"a": 1, "b": 3}
    assert document.locate(("use", "a")) == Location("f.yaml", 3, 3)
    assert document.locate(("use", "b")) == Location("f.yaml", 4, 6)


def test_the_first_of_several_merges_wins() -> None:
    document = only("x: &x {a: 1}\ny: &y {a: 2, b: 2}\nuse: {<<: [*x, *y]}\n")
    assert document.data["use"] == {"a": 1, "b": 2}


def test_the_source_of_a_scalar_is_its_text() -> None:
    document = only("a: 0700\nb: [.5]\n")
    assert document.source(("a",)) == "0700"
    assert document.source(("b", 0)) == ".5"
    assert document.source(("b",)) is None
    assert document.source(("c",)) is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [1\n", ["1:4 YML001"]),
        ("a: 1\n\tb: 2\n", ["2:1 YML001"]),
        ("a: *nowhere\n", ["1:4 YML001"]),
        ("a: b: c\n", ["1:5 YML001"]),
        ("a: 1\n<<<<<<< HEAD\nb: 1\n=======\nb: 2\n>>>>>>> other\n", ["2:1 YML001"]),
        ("a:\n  - x\n<<<<<<< HEAD\n  - y\n=======\n>>>>>>> other\n---\nb: [1\n", ["3:1 YML001", "8:4 YML001"]),
        ('a: "x\n', ["1:4 YML001"]),
        ('a: "\\U99999999"\n', ["1:7 YML001"]),
        ("a: \x07\n", ["1:4 YML001"]),
        ("a: 1\nb: 2\na: 3\nb: 4\n", ["3:1 YML002", "4:1 YML002"]),
        ("{a: {b: 1, b: 2}}\n", ["1:12 YML002"]),
        ("a: !env X\n", ["1:4 YML005"]),
        ("a: !!binary aGk=\n", ["1:4 YML005"]),
        ("!!set {a, b}\n", ["1:1 YML005"]),
        ("? [a]\n: 1\n", ["1:3 YML006"]),
        ("a: &a [*a]\n", ["1:8 YML008"]),
        ("a: {<<: [x]}\n", ["1:10 YML008"]),
        ("a: !!int five\n", ["1:4 YML009"]),
        (f"a: {'9' * 41}\n", ["1:4 YML009"]),
        ("a: 1e9999999999999999999\n", ["1:4 YML009"]),
    ],
)
def test_faults_of_the_text_have_their_place(text: str, expected: list[str]) -> None:
    assert faults(text) == expected


def test_reading_goes_on_at_the_next_document() -> None:
    text = "a: [1\n---\nb: 1\nb: 2\n---\nc: }\n---\nd: 1\n"
    documents, found = yamlsource.load(text, "f.yaml")
    assert [told(each) for each in found] == ["2:1 YML001", "6:4 YML001", "4:1 YML002"]
    assert [document.data for document in documents] == [{"b": 1}, {"d": 1}]


def test_a_duplicate_key_names_the_line_of_the_first() -> None:
    (found,) = yamlsource.load("a: 1\nb: 2\na: 3\n", "f.yaml")[1]
    assert found.summary == "key 'a' is already on line 1"


def test_a_flood_of_faults_ends() -> None:
    assert len(faults("---\na: ]\n" * 1000)) == 20


def test_aliases_that_multiply_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 10)]
    (found,) = yamlsource.load("\n".join(lines), "f.yaml")[1]
    assert found.code == "YML004"


@pytest.mark.parametrize("text", ["[" * 41 + "]" * 41, "\n".join(" " * n + "a:" for n in range(60)), "- " * 50 + "x"])
def test_deep_nesting_is_refused(text: str) -> None:
    assert [each.rpartition(" ")[2] for each in faults(text)] == ["YML004"]


def test_a_chain_of_aliases_is_as_deep_as_what_it_holds() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 60)]
    (found,) = yamlsource.load("\n".join(lines), "f.yaml")[1]
    assert found.code == "YML004"


def test_a_file_beyond_the_bound_is_refused() -> None:
    (found,) = yamlsource.load("#" * 10_000_001, "f.yaml")[1]
    assert (found.code, found.location) == ("YML004", Location("f.yaml"))


def test_a_file_is_read_as_utf_8_with_or_without_a_mark(tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    for encoding in ("utf-8", "utf-8-sig"):
        path.write_text("a: ä\r\nb: 1\r\n", encoding=encoding)
        (document,), found = yamlsource.load_file(path, "x.yaml")
        assert found == []
        assert document.data == {"a": "ä", "b": 1}
        assert document.locate(("b",)) == Location("x.yaml", 2, 4)


def test_a_file_in_another_encoding_is_a_fault_at_its_byte(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_bytes("ä: 1\nb: ä".encode() + b"\xe4\n")
    (found,) = yamlsource.load_file(tmp_path / "x.yaml", "x.yaml")[1]
    assert (found.code, found.location) == ("YML003", Location("x.yaml", 2, 5))


def test_a_file_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    assert [each.code for each in yamlsource.load_file(tmp_path / "x.yaml", "x.yaml")[1]] == ["YML007"]
    assert [each.code for each in yamlsource.load_file(tmp_path, "x.yaml")[1]] == ["YML007"]


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Item(BaseModel):
    model_config = ConfigDict(extra="forbid")

    symbol: str
    weight: Decimal = Field(default=Decimal(0), ge=0, le=1)

    @field_validator("symbol")
    @classmethod
    def _upper(cls, value: str) -> str:
        if value != value.upper():
            raise ValueError("must be in capital letters")
        return value


class Model(BaseModel):
    model_config = ConfigDict(extra="forbid")

    size: int = Field(default=1, alias="bigSize", strict=True)
    colour: Colour = Colour.RED
    side: Literal["buy", "sell"] = "buy"
    items: list[Item] = Field(default_factory=list, max_length=3)
    table: dict[str, Item] = Field(default_factory=dict)
    flag: bool | None = None


def shape(text: str) -> list[str]:
    model, found = yamlsource.parse(only(text), Model, "ABC")
    assert (model is None) == bool(found)
    return [f"{told(each)} {each.summary} {each.suggestion}".rstrip() for each in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bigSiez: 1", "1:1 ABC001 unknown key 'bigSiez' Did you mean 'bigSize'?"),
        ("xyz: 1", "1:1 ABC001 unknown key 'xyz' It takes bigSize, colour, flag, items, side, table."),
        ("items: [{symbol: A, wieght: 1}]", "1:21 ABC001 unknown key 'wieght' in items[0] Did you mean 'weight'?"),
        ("table: {a: {symbol: A, wieght: 1}}", "1:24 ABC001 unknown key 'wieght' in table.a Did you mean 'weight'?"),
        ("items:\n  - weight: 1", "2:5 ABC002 key 'symbol' is missing in items[0]"),
        ("table:\n  a: {}", "2:3 ABC002 key 'symbol' is missing in table.a"),
        ("bigSize: x", "1:10 ABC003 bigSize must be a whole number, not 'x'"),
        ("bigSize: 1.50", "1:10 ABC003 bigSize must be a whole number, not '1.50'"),
        ("items: 5", "1:8 ABC003 items must be a list, not '5'"),
        ("items: [5]", "1:9 ABC003 items[0] must be a mapping of keys to values, not '5'"),
        ("table: []", "1:8 ABC003 table must be a mapping of keys to values, not a list"),
        ("flag: 3", "1:7 ABC003 flag must be true or false, not '3'"),
        (
            "items: [{symbol: 0700}]",
            "1:18 ABC003 items[0].symbol must be text, not '0700' Write it in quotes: '0700'.",
        ),
        (
            "items: [{symbol: TRUE}]",
            "1:18 ABC003 items[0].symbol must be text, not 'TRUE' Write it in quotes: 'TRUE'.",
        ),
        ("items: [{symbol: {}}]", "1:18 ABC003 items[0].symbol must be text, not a mapping"),
        ("colour: bleu", "1:9 ABC004 colour must be one of red, blue, not 'bleu' Did you mean 'blue'?"),
        ("side: hold", "1:7 ABC004 side must be one of buy, sell, not 'hold'"),
        ("items: [{symbol: A, weight: 1.3}]", "1:29 ABC005 items[0].weight must be at most 1, not '1.3'"),
        ("items: [{symbol: A, weight: .nan}]", "1:29 ABC005 items[0].weight must be a finite number, not '.nan'"),
        ("items: [{symbol: a}]", "1:18 ABC006 items[0].symbol must be in capital letters"),
        ("- 1", "1:1 ABC003 the document must be a mapping of keys to values, not a list"),
    ],
)
def test_faults_of_the_shape_are_told_in_plain_words(text: str, expected: str) -> None:
    assert shape(text) == [expected]


def test_too_many_items_are_told_at_the_list() -> None:
    items = ", ".join("{symbol: A}" for _ in range(4))
    assert shape(f"items: [{items}]") == ["1:8 ABC005 items must have at most 3 items, not a list"]


def test_all_faults_of_the_shape_are_told_at_once() -> None:
    assert len(shape("bigSize: x\ncolour: x\nside: x\nitems: [{}, {symbol: 1}]\nother: 1")) == 6


def test_a_good_document_is_the_model() -> None:
    model, found = yamlsource.parse(only("bigSize: 3\nitems: [{symbol: A, weight: 0.13}]"), Model, "ABC")
    assert found == []
    assert model is not None
    assert (model.size, model.items[0].weight) == (3, Decimal("0.13"))


def test_control_characters_never_reach_a_message() -> None:
    (found,) = yamlsource.parse(only('"\\e[31m": 1'), Model, "ABC")[1]
    assert found.summary == "unknown key '\\x1b[31m'"


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "nothing"), ({}, "a mapping"), ([], "a list"), (True, "true"), (5, "5"), ("x" * 99, f"'{'x' * 59}…'")],
)
def test_values_are_shown_for_reading(value: Any, words: str) -> None:
    assert yamlsource.shown(value) == words


def test_a_path_is_written_with_dots_and_brackets() -> None:
    assert yamlsource.dotted(("spec", "targets", 3, "weight")) == "spec.targets[3].weight"
    assert yamlsource.dotted((0, "a")) == "[0].a"
