"""`fmt` loses nothing: whatever a hand writes keeps its values and its comments, and is canonical after one pass."""

from hypothesis import given
from hypothesis import strategies as st

from reconciler import yamlsource
from reconciler.manifests.formatting import formatted
from tests.examples import examples
from tests.yamlhand import numbers, written

SEEDS = st.integers(0, 2**32)


def values(text: str) -> str:
    """Everything that a text says, to the type and the digit of each value."""
    documents, found = yamlsource.load(text, "f.yaml")
    assert found == []
    return repr([document.data for document in documents])


def canonical(text: str) -> str:
    result, found = formatted(text, "f.yaml")
    assert found == []
    assert result is not None
    return result


@examples(60)
@given(seed=SEEDS, habit=SEEDS, line_end=st.sampled_from(["\n", "\r\n", "\r"]), mark=st.sampled_from(["", "\ufeff"]))
def test_values_and_comments_survive_and_once_is_enough(seed: int, habit: int, line_end: str, mark: str) -> None:
    text = written(seed, habit)
    result = canonical(mark + text.replace("\n", line_end))
    assert values(result) == values(text)
    assert numbers(result) == numbers(text)
    assert canonical(result) == result
    assert result.endswith("\n")
    assert "\r" not in result


@examples(40)
@given(seed=SEEDS, first=SEEDS, second=SEEDS)
def test_however_it_was_indented_and_spaced_the_form_is_one(seed: int, first: int, second: int) -> None:
    one, other = (written(seed, habit, is_tight=False) for habit in (first, second))
    assert canonical(one) == canonical(other)
