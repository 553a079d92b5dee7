"""An advisor's orders: which allocation one has, what is wrong with it, and how the groups are described."""

from collections.abc import Mapping
from decimal import Decimal
from typing import NamedTuple
from xml.sax.saxutils import escape

from reconciler.simgateway.amounts import ONE
from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.login import Advisor, Group, Method
from reconciler.simgateway.margin import figures
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.market.market import Market
from reconciler.simgateway.orders.allocation import Allocation, divided
from reconciler.simgateway.orders.book import Refusal
from reconciler.simgateway.orders.terms import Terms

AMOUNTS_IN_GROUPS_SINCE = 177
"""From this version on groups and profiles are one, and a group tells an amount with each account."""

_ALLOCATION_NEEDED = Refusal(436, "You must specify an allocation.")
_INVALID_GROUP = Refusal(321, "Error validating request.-'bF' : cause - Invalid allocation group or method")
_SPELLINGS = {**{str(each): each for each in Method}, "EqualQuantity": Method.EQUAL}


class Asked(NamedTuple):
    """The group and the method that an order names; without a method it takes the group's."""

    group: str
    method: str


def allocation(
    asked: Asked, shares: Decimal, instrument: Instrument, advisor: Advisor | None, books: "Books"
) -> Allocation | None:
    """How so many shares are divided as asked: without parts where that is a mistake, None where nothing is asked."""
    if not asked.group:
        return None
    group = advisor.groups.get(asked.group) if advisor else None
    method = _SPELLINGS.get(asked.method) if asked.method else group.method if group else None
    if group is None or method is None:
        return Allocation(())
    weights = {account: books.weight(method, group, account) for account in group.accounts}
    return Allocation(divided(shares, weights, instrument.lots.increment))


class Books:
    """What the methods weigh accounts by, in base currency."""

    def __init__(self, ledgers: Mapping[str, Ledger], market: Market) -> None:
        self._ledgers = ledgers
        self._market = market

    def weight(self, method: Method, group: Group, account: str) -> Decimal:
        """The weight of a group's account."""
        if method is Method.EQUAL:
            return ONE
        if method is Method.RATIO:
            return group.accounts[account]
        current = figures(self._ledgers[account], self._market)
        return current.net_liquidation if method is Method.NET_LIQUIDATION else current.equity_with_loan


def objection(advisor: Advisor | None, terms: Terms) -> Refusal | None:
    """What is wrong with the allocation of an order, or that it lacks one."""
    if terms.allocation:
        allotted = advisor and terms.account == advisor.account and terms.allocation.parts
        return None if allotted else _INVALID_GROUP
    return _ALLOCATION_NEEDED if advisor and terms.account == advisor.account else None


def groups_xml(advisor: Advisor, version: int) -> str:
    """The groups as message 16 has them."""
    listed = "".join(_group_xml(name, group, version) for name, group in advisor.groups.items())
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<ListOfGroups>\n{listed}</ListOfGroups>\n'


def _group_xml(name: str, group: Group, version: int) -> str:
    accounts = "".join(_account_xml(account, ratio, version) for account, ratio in group.accounts.items())
    return (
        f'\t<Group>\n\t\t<name>{escape(name)}</name>\n\t\t<ListOfAccts varName="list">\n{accounts}\t\t</ListOfAccts>\n'
        f"\t\t<defaultMethod>{group.method}</defaultMethod>\n\t</Group>\n"
    )


def _account_xml(account: str, ratio: Decimal, version: int) -> str:
    if version < AMOUNTS_IN_GROUPS_SINCE:
        return f"\t\t\t<String>{account}</String>\n"
    return f"\t\t\t<Account>\n\t\t\t\t<acct>{account}</acct>\n\t\t\t\t<amount>{ratio:f}</amount>\n\t\t\t</Account>\n"


def aliases_xml(accounts: tuple[str, ...]) -> str:
    """The aliases of all accounts, which are their numbers."""
    listed = "".join(
        f"\t<AccountAlias>\n\t\t<account>{each}</account>\n\t\t<alias>{each}</alias>\n\t</AccountAlias>\n"
        for each in accounts
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<ListOfAccountAliases>\n{listed}</ListOfAccountAliases>\n'
