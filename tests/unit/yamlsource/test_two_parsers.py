"""The fast parser and the round-trip library's read the same: what one edits, the other has checked.

Where the fast one refuses a text, nothing is edited. Where it reads one, the other reads it too, to the same values in
the same places, apart from what is named here.
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from reconciler import yamlsource
from reconciler.yamlsource import Document, YamlPath
from reconciler.yamlsource.plain import number
from tests.examples import examples

WORDS = [
    "ON", "on", "yes", "NO", "y", "true", "False", "~", "null", "010", "0o17", "0x1F", "1_000", "1e3", "-.inf", ".nan",
    "13%", "-", "12:30", "2026-01-31", "=", "<<", "'0700'", '"a\\tb"', "a b", "+5", ".5", "5.", "1.2.3", "_1", "0b1",
    "é",
]  # fmt: skip
PIECES = [
    *WORDS, ": ", ":", "- ", "\n", "\n  ", "\n    ", "{", "}", "[", "]", ", ", "? ", "#", " # c", "|\n  x\n",
    ">-\n  y\n", "&a ", "*a", "<<: *a", "!!str ", "!x ", "---\n", "...\n", "k: ", '"', "'", "\r\n", "%YAML 1.1\n",
]  # fmt: skip


def read_by_the_other(text: str) -> list[tuple[Any, Node]]:
    """Values and nodes of every document that is not empty, by the round-trip library. Raises YAMLError."""
    yaml = YAML(typ="safe", pure=True)
    yaml.composer.warn_double_anchors = False
    constructor, _ = yaml.get_constructor_parser(text)
    found = []
    while constructor.composer.check_node():
        node = constructor.composer.get_node()
        if value_of(node) is not None:
            found.append((value_of(node), node))
    return found


def value_of(node: Node) -> Any:
    if isinstance(node, MappingNode):
        return {key.value: value_of(value) for key, value in node.value}
    if not isinstance(node, ScalarNode):
        return [value_of(each) for each in node.value]
    kind = str(node.tag).rpartition(":")[2]
    values: dict[str, Callable[[], Any]] = {"null": lambda: None, "bool": lambda: node.value.lower() == "true"}
    values |= dict.fromkeys(("int", "float"), lambda: number(node.value))
    return values[kind]() if kind in values else node.value


def assert_the_same(text: str) -> None:
    documents, found = yamlsource.load(text, "f.yaml")
    assume(not found)
    theirs = read_by_the_other(text)
    assert repr([each.data for each in documents]) == repr([value for value, _ in theirs])
    for document, (_, node) in zip(documents, theirs, strict=True):
        if "!" not in text:  # the two place a value before or behind its tag and its anchor
            assert_the_same_places(document, (), node)


def assert_the_same_places(document: Document, path: YamlPath, node: Node) -> None:
    if isinstance(node, ScalarNode) and node.value:
        place = document.locate(path)
        assert (place.line, place.column) == (node.start_mark.line + 1, node.start_mark.column + 1)
    elif isinstance(node, MappingNode):
        for key, value in node.value:
            place = document.locate_key((*path, key.value))
            assert (place.line, place.column) == (key.start_mark.line + 1, key.start_mark.column + 1)
            assert_the_same_places(document, (*path, key.value), value)
    else:
        for index, value in enumerate(node.value):
            assert_the_same_places(document, (*path, index), value)


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("shape", ["a: {}\n", "a: [{}]\n", "- {}\n", "{{a: {}}}\n", "a:\n  {}\n", "{}: a\n"])
def test_words_mean_the_same(word: str, shape: str) -> None:
    text = shape.format(word)
    documents, found = yamlsource.load(text, "f.yaml")
    if not found and word != "<<":
        assert repr([each.data for each in documents]) == repr([value for value, _ in read_by_the_other(text)])


@examples(800)
@given(st.lists(st.sampled_from(PIECES), max_size=14).map("".join))
def test_texts_mean_the_same_in_the_same_places(text: str) -> None:
    assume("<<" not in text and "*a" not in text)
    assume(re.search(r"\.\.\.\s+\.\.\.", text) is None)  # two ends of one document: YAML allows it, the other does not
    try:
        assert_the_same(text)
    except YAMLError as refused:
        raise AssertionError(f"only one of the two reads {text!r}") from refused
