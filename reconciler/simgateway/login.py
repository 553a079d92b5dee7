"""The login: what holds for the whole gateway whichever client asks; and the groups of a financial advisor."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

ALL = "All"
"""The group that every login has."""


class Method(StrEnum):
    """By what an advisor's order is divided, as groups and orders spell it."""

    EQUAL = "Equal"
    RATIO = "Ratio"
    NET_LIQUIDATION = "NetLiq"
    AVAILABLE_EQUITY = "AvailableEquity"


@dataclass(frozen=True)
class Group:
    """Accounts with their ratios, and the method of orders that name none."""

    accounts: Mapping[str, Decimal]
    method: Method


@dataclass(frozen=True)
class Advisor:
    """A financial advisor: the account of the advisor, which trades by allocation only, and the groups."""

    account: str
    groups: Mapping[str, Group]


@dataclass(frozen=True)
class Login:
    """The accounts; the master client id, whose client is told the orders and fills of all others, None for none."""

    accounts: tuple[str, ...]
    master_client_id: int | None = None
    advisor: Advisor | None = None

    @property
    def usual_account(self) -> str:
        """The account of an order that names none; empty where there are several."""
        if self.advisor:
            return self.advisor.account
        return self.accounts[0] if len(self.accounts) == 1 else ""

    def members(self, group: str) -> tuple[str, ...] | None:
        """The accounts of a group, None for one that does not exist."""
        if group == ALL:
            return self.accounts
        found = self.advisor.groups.get(group) if self.advisor else None
        return tuple(found.accounts) if found else None
