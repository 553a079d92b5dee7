"""The account's id: whether it is set, of the broker's form, and of the environment that the manifest says."""

from reconciler.domain.accountform import environment_of
from reconciler.domain.desired import AccountSpec, Environment
from reconciler.domain.examination import Check, Finding, failed, passed
from reconciler.domain.ids import AccountId
from reconciler.domain.unknown import Unknown

_BEGINNINGS = {Environment.PAPER: "DU or DF", Environment.LIVE: "U, F or I"}


def account_id(account: AccountSpec, found: AccountId | Unknown) -> tuple[Finding, ...]:
    """The id itself is never told."""
    place = account.account_id
    if isinstance(found, Unknown):
        advice = f"set {place} to the broker's account number, or correct accountIdFrom of account '{account.name}'"
        return (failed(Check.ACCOUNT_ID, found.why, advice),)
    actual = environment_of(found)
    if actual is None:
        told = f"what {place} holds has not the form of an account number"
        advice = f"a {account.environment} account's begins with {_BEGINNINGS[account.environment]}; then digits alone"
        return (failed(Check.ACCOUNT_ID, told, advice),)
    if actual is not account.environment:
        told = f"{place} holds the number of a {actual} account, the manifest says {account.environment}"
        return (failed(Check.ACCOUNT_ID, told, f"correct {place}, or spec.environment of account '{account.name}'"),)
    return (passed(Check.ACCOUNT_ID, f"set in {place}, of the form of a {actual} account"),)
