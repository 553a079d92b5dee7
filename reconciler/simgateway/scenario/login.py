"""The advisor of a login, with the groups by which orders are allocated."""

from collections.abc import Iterable, Iterator, Sequence

from pydantic import Field

from reconciler.simgateway.login import ALL, Method
from reconciler.simgateway.scenario.vocabulary import Finding, Positive, Strict

_ADVISOR = "DF"
"""How the number of an advisor's paper account begins."""


class GroupSpec(Strict):
    """Accounts with their ratios, which count for the method Ratio alone, and the method of orders that name none."""

    accounts: dict[str, Positive] = Field(min_length=1)
    """The accounts and their ratios."""
    method: Method = Method.RATIO
    """How an order is divided among them."""


class AdvisorSpec(Strict):
    """A financial advisor. Without an account the first of the login lends its number: DF1000001 beside DU1000001."""

    account: str = ""
    """The advisor's own account, which holds nothing."""
    groups: dict[str, GroupSpec] = Field(default_factory=dict)
    """Groups of accounts, by name."""

    def account_beside(self, accounts: Iterable[str]) -> str:
        """The advisor's account beside the others of the login."""
        return self.account or _ADVISOR + next(iter(accounts))[len(_ADVISOR) :]


def findings(advisor: AdvisorSpec | None, accounts: Sequence[str]) -> Iterator[Finding]:
    """What is wrong with an advisor of `accounts`."""
    if advisor is None:
        return
    if advisor.account_beside(accounts) in accounts:
        yield "104", ("advisor", "account"), "the advisor's account holds nothing; name one that is none of the others"
    for name, group in advisor.groups.items():
        if name == ALL:
            yield "104", ("advisor", "groups", name), f"{ALL} is the group of all accounts already"
        for account in group.accounts:
            if account not in accounts:
                yield "101", ("advisor", "groups", name, "accounts", account), f"there is no account {account!r}"
