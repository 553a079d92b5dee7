"""Which accounts a command is about, and the broker's ids of them, which no manifest holds."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from reconciler.domain.desired import AccountSpec, DesiredState
from reconciler.domain.errors import Refused
from reconciler.domain.ids import AccountId
from reconciler.domain.setting import SettingReading
from reconciler.domain.unknown import Unknown

if TYPE_CHECKING:
    from reconciler.settings import Settings


def choose_account(desired: DesiredState, name: str | None) -> AccountSpec:
    """The account of that name, or the default, or the only one. Raises Refused, naming those that there are."""
    names = ", ".join(account.name for account in desired.accounts)
    name = name or desired.default
    if name is None and len(desired.accounts) > 1:
        raise Refused(f"there are several accounts ({names}): choose one with --account")
    for account in desired.accounts:
        if name in (None, account.name):
            return account
    raise Refused(f"there is no account '{name}'; there is {names}")


def choose_accounts(desired: DesiredState, name: str | None) -> tuple[AccountSpec, ...]:
    """The account of that name, or all of them. Raises Refused where there is none of that name."""
    return desired.accounts if name is None else (choose_account(desired, name),)


def require_id(account: AccountSpec, settings: "Settings") -> AccountId:
    """The broker's number of an account. Raises Refused where it is not set, or a keyring cannot be read."""
    found = settings.resolve_secret(account.account_id)
    if not found:
        raise Refused(f"the id of account '{account.name}' is not set: its manifest takes it from {account.account_id}")
    return AccountId(found)


def require_own_number(desired: DesiredState, account: AccountSpec, settings: "Settings") -> None:
    """Raises Refused where the number of another manifest's account is the same: each would undo what the other did."""
    number = id_or_why(account, settings)
    for each in desired.accounts:
        if each.name != account.name and not isinstance(number, Unknown) and id_or_why(each, settings) == number:
            raise Refused(
                f"accounts '{account.name}' and '{each.name}' have one number at the broker: each would undo what the "
                "other does; correct the accountIdFrom of one, or what it names"
            )


def id_or_why(account: AccountSpec, settings: "Settings") -> AccountId | Unknown:
    """The broker's number of an account, or why it cannot be told."""
    try:
        return require_id(account, settings)
    except Refused as refusal:
        return Unknown(str(refusal))


def ids_of(accounts: Iterable[AccountSpec], settings: "Settings") -> tuple[SettingReading, ...]:
    """Whether each account's id is set, and where; never the id. Raises Refused where a keyring cannot be read."""
    return tuple(
        settings.reading_of_secret(each.account_id, f"The broker's number of account '{each.name}'.")
        for each in accounts
    )
