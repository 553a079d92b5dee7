"""The canonical layout, case by case. That it loses nothing is in `tests/properties/test_format.py`."""

import pytest

from reconciler import yamlsource
from reconciler.yamlsource import layout

CASES = {
    "indents": ("a:\n    b:\n       c: 1\n", "a:\n  b:\n    c: 1\n"),
    "a list below its key": ("a:\n- b\n- c\n", "a:\n  - b\n  - c\n"),
    "a list in a list": ("- - 1\n  -   2\n-\n    - 3\n", "- - 1\n  - 2\n-\n  - 3\n"),
    "a mapping in a list": ("a:\n-   b: 1\n    c: 2\n", "a:\n  - b: 1\n    c: 2\n"),
    "a list in a mapping in a list": ("- b:\n  - 1\n  c: 2\n", "- b:\n    - 1\n  c: 2\n"),
    "blanks": ("a :   1   \nb:   2\n", "a: 1\nb: 2\n"),
    "flow": ("a: { x : 1 ,y: [ 2,3 ],  }\n", "a: {x: 1, y: [2, 3],}\n"),
    "flow without values": ("a: {x: , y: }\nb: []\n", "a: {x: , y: }\nb: []\n"),
    "flow in lines": ("a: {\n x: [\n1,\n 2\n],\n   y: 3\n}\n", "a: {\n  x: [\n    1,\n    2\n  ],\n  y: 3\n  }\n"),
    "flow in a list": ("a:\n- {x: 1,\n   y: 2}\n", "a:\n  - {x: 1,\n      y: 2}\n"),
    "flow in lines, by itself": ("{\na: 1\n  }\n", "{\n  a: 1\n}\n"),
    "blank lines": ("\n\na: 1\n\n\n  \nb: 2\n\n\n", "a: 1\n\nb: 2\n"),
    "no final line break": ("a: 1", "a: 1\n"),
    "a comment at the end of a line": ("a: 1 # why\nb:      # not\n  c: 2\n", "a: 1  # why\nb:  # not\n  c: 2\n"),
    "a comment before the first key": ("a:\n# b is\n    b: 1\n", "a:\n  # b is\n  b: 1\n"),
    "a comment between keys": ("a:\n    b: 1\n      # c is\n    c: 2\n", "a:\n  b: 1\n  # c is\n  c: 2\n"),
    "comments after the last": (
        "a:\n    b:\n        - 1\n        # of the list\n    # of a\n# of c\nc: 2\n# of the file\n",
        "a:\n  b:\n    - 1\n    # of the list\n  # of a\n# of c\nc: 2\n# of the file\n",
    ),
    "an item that is commented out": ("a:\n- b\n# - c\n# of d\nd: 1\n", "a:\n  - b\n  # - c\n# of d\nd: 1\n"),
    "comments in flow": ("a: [ # one\n 1, # two\n# three\n 2]\n", "a: [  # one\n  1,  # two\n  # three\n  2]\n"),
    "comments around documents": (
        "# head\n---   # first\na: 1\n   # tail\n---\nb: 2\n...\n# end\n",
        "# head\n---  # first\na: 1\n# tail\n---\nb: 2\n...\n# end\n",
    ),
    "comments alone": ("\n  # only\n\n\n# this", "# only\n\n# this\n"),
    "nothing": ("\n\n", ""),
    "a block scalar": ("a: |   # why\n     one\n       two\n\n     three\n\n\nb: 1\n", None),
    "a block scalar that keeps its end": ("a:\n    - |+\n     one\n\n\n# c\n", "a:\n  - |+\n    one\n\n\n# c\n"),
    "a block scalar with its own indent": ("a:\n    b: >2-\n        one\n", "a:\n  b: >2-\n      one\n"),
    "a block scalar that is cut off": ("a: |\n   one", "a: |-\n  one\n"),
    "blanks in a block scalar": ("a: |\n   one  \n      \n   two\n", "a: |\n  one  \n     \n  two\n"),
    "a plain scalar in lines": ("a: one\n     two\n\n     three\n", "a: one\n  two\n\n  three\n"),
    "a quoted scalar in lines": ("a: 'one  \n two'\nb: \"x \\\n     y\\ \n z\"\n", None),
    "a value on its own line": ("a:\n      # why\n      1\n", "a:\n  # why\n  1\n"),
    "anchors, aliases and merges": (
        "a:   &x   {b: 1}\nc:  *x\nd:\n    <<:   *x\n    &k e :   1\n",
        "a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  &k e: 1\n",
    ),
    "an alias as a key": ("a: &x b\n*x :   1\n", "a: &x b\n*x : 1\n"),
    "an anchor of a mapping": ("a: &x\n    b: 1\nc:\n-   &y\n    d: 1\n", "a: &x\n  b: 1\nc:\n  - &y\n    d: 1\n"),
    "tags": ("a:   !!str   5\n", "a: !!str 5\n"),
    "question marks": ("?   a\n:   b\n", "? a\n: b\n"),
}
SPELT = {
    "a block scalar": "a: |  # why\n  one\n    two\n\n  three\n\nb: 1\n",
    "a quoted scalar in lines": "a: 'one\n  two'\nb: \"x \\\n  y\\ \n  z\"\n",
}


def data(text: str) -> str:
    documents, found = yamlsource.load(text, "f.yaml")
    assert found == []
    return repr([each.data for each in documents])


@pytest.mark.parametrize("case", CASES)
def test_the_layout_of(case: str) -> None:
    text, wanted = CASES[case]
    laid = layout.laid_out(text)
    assert laid == (wanted if wanted is not None else SPELT[case])
    assert layout.laid_out(laid) == laid
    assert data(laid) == data(text)
    assert layout.comments(laid) == layout.comments(text)


def test_a_directive_stays() -> None:
    assert layout.laid_out("%YAML 1.2\n---\na:   1\n") == "%YAML 1.2\n---\na: 1\n"


def test_comments_are_told_from_what_looks_like_one() -> None:
    text = "# one\na: 'b # no' # two\nc: x#no\nd: |  # three\n  # no\n# four\ne: [ # five\n]\n"
    assert layout.comments(text) == ["# one", "# two", "# three", "# four", "# five"]


@pytest.mark.parametrize("text", ["a: 'x", "\ta: 1\n", "a: 1\nb\n"])
def test_what_is_no_yaml_is_not_laid_out(text: str) -> None:
    with pytest.raises(layout.Unplaced):
        layout.laid_out(text)
