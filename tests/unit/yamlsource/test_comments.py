from hypothesis import given
from hypothesis import strategies as st

from reconciler.yamlsource import comments


def found(text: str) -> list[tuple[int, int, str, bool]]:
    return [(each.line, each.column, each.text, each.is_alone) for each in comments(text)]


def test_comments_have_their_place() -> None:
    text = "# one\na: 1  # two\nb:\n  # three\n  - x\t#four\n# five"
    assert found(text) == [
        (1, 1, "# one", True),
        (2, 7, "# two", False),
        (4, 3, "# three", True),
        (5, 7, "#four", False),
        (6, 1, "# five", True),
    ]


def test_what_is_text_is_no_comment() -> None:
    text = "a: 'x # y'\nb: x#y\nc: |\n  # text\n  more # text\nd: \"a\n  # b\"\ne: 1 # yes\n"
    assert found(text) == [(8, 6, "# yes", False)]


def test_what_is_no_yaml_has_none() -> None:
    assert found("a: [ # open\n") == []


@given(st.lists(st.sampled_from(["a: 1", "b: 'x # y'", "c: [1, 2]", ""]), max_size=5), st.data())
def test_every_comment_at_the_end_of_a_line_is_found(lines: list[str], data: st.DataObject) -> None:
    words = [data.draw(st.sampled_from(["", "# x", "# 'y'", "## z # z"])) for _ in lines]
    keyed = [f"k{number}: {{{line}}}" if line else "" for number, line in enumerate(lines)]
    text = "\n".join(f"{line} {word}".strip() for line, word in zip(keyed, words, strict=True))
    assert [each.text for each in comments(text)] == [word for word in words if word]
