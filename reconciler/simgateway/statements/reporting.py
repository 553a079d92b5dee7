"""Account reporting: what the broker says about its accounts, and when it works the figures out anew.

The real broker computes account values when a position changes and else every three minutes; what it tells in between
is what it computed last, however prices moved (ib-api.md's facts: TWS API documentation of reqAccountUpdates). The
books themselves are always exact: the control channel shows those. After its first full set a subscription is told the
rows that have changed, and no others.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from reconciler.simgateway import messages
from reconciler.simgateway.amounts import ZERO
from reconciler.simgateway.books.ledger import Ledger, Position
from reconciler.simgateway.client import Client, Summary
from reconciler.simgateway.clock import Clock
from reconciler.simgateway.market.instruments import Instrument, Quote
from reconciler.simgateway.market.market import Market
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.statements import balances, statement
from reconciler.simgateway.statements.statement import Row
from reconciler.simgateway.wire.replies import Value

REFRESH_SECONDS = 180.0
"""How often the broker works account values out without a trade."""
PAUSE_SECONDS = 0.5
"""Between two updates of one account: what changes meanwhile comes together. Whoever asks is told at once."""


class Holding(NamedTuple):
    """A position with the price at which it was valued."""

    instrument: Instrument
    position: Position
    mark: Decimal


class Figures(NamedTuple):
    """All that was worked out about an account at one moment."""

    totals: list[Row]
    by_currency: list[Row]
    holdings: list[Holding]
    time: datetime


class Accounts(NamedTuple):
    """What reporting needs of the broker: books, prices as clients are shown them, time, and who listens."""

    ledgers: Mapping[str, Ledger]
    market: Market
    shown_quote: Callable[[Instrument], Quote]
    clock: Clock
    clients: Mapping[int, Client]


class Reporting:
    """Tells account values late, as the broker does, and positions at once.

    END is no proof that the values came: of every two subscriptions to an account's updates, the second is answered
    with its END at once and the values after it.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._changed: set[str] = set()
        self._pausing: set[str] = set()
        self._waiting: set[str] = set()
        self._owed: dict[str, datetime] = {}
        self._answers: Counter[str] = Counter()
        self._stopped = False
        self._latest = {account: self._worked_out(account) for account in accounts.ledgers}
        accounts.clock.call_later(REFRESH_SECONDS, self._refresh)

    def stop(self) -> None:
        """Refresh no more."""
        self._stopped = True

    def answer(self, client: Client, account: str) -> None:
        """Answer a subscription to one account's updates: messages 6, 7, 8 and 54."""
        end = Reply("account_download_end", {"account": account})
        self._answers[account] += 1
        if self._answers[account] % 2:
            client.send(*self._all_rows(client, account), end)
        else:
            client.send(end)
            self._accounts.clock.call_later(0, lambda: client.send(*self._all_rows(client, account)))

    def rows_multi(self, request_id: int, account: str, model: str, *, ledger_only: bool) -> list[Reply]:
        """Messages 73: values of an account for one request; ledger rows and net liquidation alone when asked so."""
        figures = self._told(account)
        totals = [row for row in figures.totals if row.key == "NetLiquidation" or not ledger_only]
        rows = statement.updates(totals, figures.by_currency)
        common: dict[str, Value] = {"request_id": request_id, "account": account, "model_code": model}
        return [
            Reply("account_value_multi", {**common, "key": row.key, "value": row.value, "currency": row.currency})
            for row in rows
        ]

    def summary_rows(self, request_id: int, asked: Summary) -> list[Reply]:
        """Messages 63: the rows that a summary asks for."""
        return [
            Reply(
                "account_summary",
                {
                    "request_id": request_id,
                    "account": account,
                    "tag": row.key,
                    "value": row.value,
                    "currency": row.currency,
                },
            )
            for account in asked.accounts
            for row in statement.selected(self._told(account).totals, self._told(account).by_currency, asked.tags)
        ]

    def position_rows(self, accounts: Iterable[str]) -> list[Reply]:
        """Messages 61: the holdings of accounts. What currency trades leave is listed too, though it is no holding."""
        market, ledgers = self._accounts.market, self._accounts.ledgers
        return [
            messages.position(account, market.listing(con_id).instrument, held)
            for account in accounts
            for con_id, held in ledgers[account].shown().items()
        ]

    def position_changed(self, account: str, instrument: Instrument) -> None:
        """Tell a position at once, and the account's values in a turn of their own, however many fills fall into it."""
        self._tell_position(account, instrument)
        self.values_changed(account)

    def values_changed(self, account: str) -> None:
        """Tell an account's values in a turn of their own, however much happens in this one."""
        if not self._changed:
            self._accounts.clock.call_later(0, self._renew_changed)
        self._changed.add(account)

    def before_a_move(self) -> None:
        """Work out what is owed before prices, rates or requirements move: it is of the moment of the change."""
        for account in list(self._owed):
            self._told(account)

    def _told(self, account: str) -> Figures:
        """What is told of an account now. Worked out when someone asks, as long as nothing moved meanwhile."""
        if account in self._owed:
            self._latest[account] = self._worked_out(account)._replace(time=self._owed.pop(account))
        return self._latest[account]

    def _worked_out(self, account: str) -> Figures:
        market, ledger = self._accounts.market, self._accounts.ledgers[account]
        holdings = [
            Holding(instrument, held, market.quote(con_id).mark)
            for con_id, held in ledger.positions.items()
            for instrument in [market.listing(con_id).instrument]
        ]
        totals, by_currency = statement.totals(ledger, market), balances.by_currency(ledger, market)
        return Figures(totals, by_currency, holdings, self._accounts.clock.now())

    def _rows(self, account: str) -> list[Reply]:
        """Messages 6, 7 and 8: all values and holdings of an account."""
        figures = self._told(account)
        values = [
            Reply("account_value", {"key": row.key, "value": row.value, "currency": row.currency, "account": account})
            for row in statement.updates(figures.totals, figures.by_currency)
        ]
        holdings = [self._portfolio_row(account, each) for each in figures.holdings]
        return [*values, *holdings, Reply("account_time", {"time": f"{figures.time:%H:%M}"})]

    def _all_rows(self, client: Client, account: str) -> list[Reply]:
        """All rows, as the first word to a subscription."""
        client.subscriptions.account_rows.clear()
        return self._changed_rows(client, account)

    def _changed_rows(self, client: Client, account: str) -> list[Reply]:
        """The rows that this client was not told yet as they are; their time comes with every change."""
        told = client.subscriptions.account_rows
        changed = [
            row for row in self._rows(account) if row.kind == "account_time" or told.get(_place(row)) != row.values
        ]
        told.update({_place(row): row.values for row in changed})
        return changed

    def _portfolio_row(self, account: str, holding: Holding) -> Reply:
        """A row without a price where the market shows none."""
        shown = self._accounts.shown_quote(holding.instrument).mark
        return messages.portfolio(account, holding.instrument, holding.position, holding.mark if shown else ZERO)

    def _tell_position(self, account: str, instrument: Instrument) -> None:
        row = messages.position(account, instrument, self._accounts.ledgers[account].position(instrument.con_id))
        for client in list(self._accounts.clients.values()):
            if client.subscriptions.positions:
                client.send(row)
            for request_id, asked in client.subscriptions.positions_multi.items():
                if asked in ("", account):
                    values = {**row.values, "request_id": request_id, "model_code": ""}
                    client.send(Reply("position_multi", values))

    def _renew_changed(self) -> None:
        changed, self._changed = self._changed, set()
        for account in sorted(changed):
            self._renew(account)

    def _renew(self, account: str) -> None:
        """Have an account's values worked out anew, and tell those who subscribed to them."""
        self._owed[account] = self._accounts.clock.now()
        if account in self._pausing:
            self._waiting.add(account)
        else:
            self._tell(account)

    def _tell(self, account: str) -> None:
        self._pausing.add(account)
        self._accounts.clock.call_later(PAUSE_SECONDS, lambda: self._pause_over(account))
        for client in list(self._accounts.clients.values()):
            wanted = client.subscriptions
            if wanted.account == account:
                client.send(*self._changed_rows(client, account))
            for request_id, (asked, ledger_only) in wanted.accounts_multi.items():
                if asked in ("", account):
                    client.send(*self.rows_multi(request_id, account, "", ledger_only=ledger_only))

    def _pause_over(self, account: str) -> None:
        self._pausing.discard(account)
        if account in self._waiting and not self._stopped:
            self._waiting.discard(account)
            self._tell(account)

    def _refresh(self) -> None:
        if self._stopped:
            return
        for account in self._accounts.ledgers:
            self._renew(account)
        for client in list(self._accounts.clients.values()):
            for request_id, asked in client.subscriptions.summaries.items():
                client.send(*self.summary_rows(request_id, asked))
        self._accounts.clock.call_later(REFRESH_SECONDS, self._refresh)


class SmoothReporting(Reporting):
    """Answers with the values of the moment, END last: for tests that are about something else."""

    def answer(self, client: Client, account: str) -> None:
        """Answer a subscription to one account's updates: messages 6, 7, 8 and 54."""
        client.send(*self._all_rows(client, account), Reply("account_download_end", {"account": account}))

    def before_a_move(self) -> None:
        """Nothing is owed: values are worked out when they are told."""

    def _told(self, account: str) -> Figures:
        return self._worked_out(account)


def _place(row: Reply) -> tuple[Value, ...]:
    """What a row of account updates replaces."""
    return row.kind, *(row.values.get(name, "") for name in ("key", "currency", "con_id"))
