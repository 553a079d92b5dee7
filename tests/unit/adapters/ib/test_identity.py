import pytest

from reconciler.adapters.ib.identity import Identity
from reconciler.domain.desired import Environment
from reconciler.domain.errors import BrokerRefused
from reconciler.domain.ids import AccountId
from reconciler.domain.money import Currency


def identity(account: str, environment: Environment = Environment.PAPER) -> Identity:
    return Identity(AccountId(account), environment, Currency("USD"))


@pytest.mark.parametrize(
    ("account", "environment"),
    [("DU1234567", "paper"), ("DF1234567", "paper"), ("U1234567", "live"), ("F12345", "live")],
)
def test_the_number_says_paper_or_live(account: str, environment: str) -> None:
    identity(account, Environment(environment)).require_environment()
    other = {"paper": Environment.LIVE, "live": Environment.PAPER}[environment]
    with pytest.raises(BrokerRefused) as refusal:
        identity(account, other).require_environment()
    assert account not in str(refusal.value)


def test_a_refusal_does_not_name_the_account() -> None:
    with pytest.raises(BrokerRefused) as refusal:
        identity("DU1234567").require_served(frozenset({AccountId("DU7654321")}))
    assert "1234567" not in str(refusal.value)
    assert "7654321" not in str(refusal.value)
    assert "DU…67" in str(refusal.value)


def test_texts_of_the_broker_lose_the_account() -> None:
    assert identity("DU1234567").redact("invalid account 'DU1234567'") == "invalid account 'DU…67'"


def test_a_row_without_an_account_is_ours() -> None:
    assert identity("DU1234567").is_ours("")
    assert not identity("DU1234567").is_ours("DU7654321")
