"""What `explain` says is what the models say."""

from collections.abc import Iterator

import pytest

from reconciler.manifests.fields import Field, NoSuchField, field_at
from reconciler.manifests.kinds import KINDS


def every_field(path: str) -> Iterator[Field]:
    found = field_at(path)
    yield found
    for key in found.keys:
        yield from every_field(key.path)


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_of_every_kind_is_explained(kind: str) -> None:
    for field in every_field(kind):
        assert field.description
        assert field.value or field.path.count(".") == 0


def test_a_key_says_what_its_model_says() -> None:
    leverage = field_at("Account.spec.leverage")
    assert leverage.description.startswith("Gross exposure as a multiple of net liquidation")
    assert (leverage.value, leverage.default) == ("number or percentage, above 0 to 10", "1")
    assert field_at("Account.spec.environment").words == ("paper", "live")
    assert field_at("Portfolio.spec.targets.symbol").default == "required"


def test_lists_mappings_and_letters_are_passed_through() -> None:
    assert field_at("portfolio.spec.sleeves[2].targets[0].WEIGHT").path == "Portfolio.spec.sleeves.targets.weight"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("spec.targets[3].weight", "Portfolio.spec.targets.weight"),
        ("maxLeverage", "RiskLimits.spec.maxLeverage"),
        ("fill", "ExecutionPolicy.spec.timeouts.fill"),
    ],
)
def test_the_end_of_a_path_is_enough_where_no_other_ends_so(path: str, found: str) -> None:
    assert field_at(path).path == found


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("Portfoil", "there is no kind 'Portfoil'. Did you mean 'Portfolio'?"),
        ("Portfolio.spec.tragets", "there is no key 'tragets' in Portfolio.spec. Did you mean 'targets'?"),
        ("leverage", "'leverage' does not say of which kind. There is Account.spec.leverage, AccountTemplate.spec."),
        ("spec.maxLeverag", "there is no kind 'spec'"),
        ("Portfolio.spec.cash.more", "there is no key 'more' in Portfolio.spec.cash. It holds no keys."),
    ],
)
def test_a_path_that_leads_nowhere_says_how_far_it_leads(path: str, words: str) -> None:
    with pytest.raises(NoSuchField, match=words.replace("?", r"\?")):
        field_at(path)
