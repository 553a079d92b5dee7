"""`fmt` loses nothing: whatever a hand writes keeps its values and its comments, and is canonical after one pass."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from reconciler import yamlsource
from reconciler.manifests.formatting import formatted
from tests.examples import examples
from tests.yamlhand import numbers, written

SEEDS = st.integers(0, 2**32)


def loaded(text: str) -> list[Any]:
    """Everything that a text says."""
    documents, found = yamlsource.load(text, "f.yaml")
    assert found == []
    return [document.data for document in documents]


def values(text: str) -> str:
    """The same, to the type and the digit of each value, and in its order."""
    return repr(loaded(text))


def canonical(text: str) -> str:
    result, found = formatted(text, "f.yaml")
    assert found == []
    assert result is not None
    return result


@examples(50)
@given(seed=SEEDS, habit=SEEDS, line_end=st.sampled_from(["\n", "\r\n", "\r"]), mark=st.sampled_from(["", "\ufeff"]))
def test_values_and_comments_survive_and_once_is_enough(seed: int, habit: int, line_end: str, mark: str) -> None:
    text = written(seed, habit)
    result = canonical(mark + text.replace("\n", line_end))
    assert values(result) == values(text)
    assert numbers(result) == numbers(text)
    assert canonical(result) == result
    assert result.endswith("\n")
    assert "\r" not in result


@examples(24)
@given(seed=SEEDS, first=SEEDS, second=SEEDS)
def test_however_it_was_indented_and_spaced_the_form_is_one(seed: int, first: int, second: int) -> None:
    one, other = (written(seed, habit, is_tight=False) for habit in (first, second))
    assert canonical(one) == canonical(other)


ODD = [
    "#",
    " # c",
    "\n",
    "  ",
    "\t",
    ":",
    "- ",
    "? ",
    "[",
    "}",
    ",",
    "&a ",
    "*a",
    "|",
    ">2-\n",
    "'",
    '"',
    "---\n",
    "\r",
    "\u2028",
    "<<: ",
]


@examples(60)
@given(
    seed=SEEDS,
    slips=st.lists(st.tuples(st.floats(0, 0.99), st.sampled_from(ODD), st.integers(0, 3)), min_size=1, max_size=3),
)
def test_a_slip_of_the_hand_ends_in_diagnostics_or_in_a_file_that_says_the_same(
    seed: int, slips: list[tuple[float, str, int]]
) -> None:
    text = written(seed, seed)[:1500]
    for where, odd, lost in slips:
        place = int(where * len(text))
        text = text[:place] + odd + text[place + lost :]
    result, found = formatted(text, "f.yaml")
    assert (result is None) == bool(found)
    if result is not None:
        assert canonical(result) == result
        assert loaded(result) == loaded(text)
