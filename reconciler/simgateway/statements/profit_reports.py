"""Who is told profit and loss, and when: at the subscription, when a price moved, and when the account changed."""

from collections.abc import Callable, Iterable, Mapping

from reconciler.simgateway import messages
from reconciler.simgateway.books import profit
from reconciler.simgateway.books.corporate import Ratio
from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.books.profit import Subscription
from reconciler.simgateway.client import Client
from reconciler.simgateway.market.market import Market
from reconciler.simgateway.messages import Reply


class ProfitReports:
    """Tells subscribers of requests 92 and 94. The day starts with the holdings that are there at its making."""

    def __init__(self, ledgers: Mapping[str, Ledger], market: Market, clients: Mapping[int, Client]) -> None:
        self._ledgers = ledgers
        self._market = market
        self._clients = clients
        self._start = {account: ledger.held() for account, ledger in ledgers.items()}

    def row(self, request_id: int, asked: Subscription) -> Reply:
        """Message 94 or 95: the profit of an account, or in one of its holdings."""
        ledger, start = self._ledgers[asked.account], self._start[asked.account]
        if asked.con_id:
            return messages.profit_single(request_id, profit.of_holding(ledger, self._market, asked.con_id, start))
        return messages.profit(request_id, profit.of_account(ledger, self._market, start))

    def exchanged(self, old: int, new: int, ratio: Ratio) -> None:
        """Let the holdings of the day's start in one contract be holdings of another, after a corporate action."""
        for start in self._start.values():
            if held := start.pop(old, None):
                start[new] = held._replace(quantity=ratio.shares(held.quantity))

    def prices_moved(self, con_ids: Iterable[int]) -> None:
        """Tell those who asked for a contract or for an account that has had it."""
        moved = set(con_ids)
        self._tell(lambda asked: not moved.isdisjoint([asked.con_id] if asked.con_id else self._had(asked)))

    def account_changed(self, account: str) -> None:
        """Tell those who asked for an account or its holdings."""
        self._tell(lambda asked: asked.account == account)

    def _had(self, asked: Subscription) -> Iterable[int]:
        return self._ledgers[asked.account].positions

    def _tell(self, concerned: Callable[[Subscription], bool]) -> None:
        for client in list(self._clients.values()):
            wanted = client.subscriptions.profits.items()
            client.send(*(self.row(request_id, asked) for request_id, asked in wanted if concerned(asked)))
