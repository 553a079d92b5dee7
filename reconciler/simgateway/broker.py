"""The broker behind the gateway: joins market, ledgers, order book and venue, and tells each client what concerns it.

It answers no request itself (the desks do) and opens no socket (the server does).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count

from reconciler.simgateway import messages, statement
from reconciler.simgateway.client import Client
from reconciler.simgateway.clock import Clock
from reconciler.simgateway.frames import FrameLog, Recorder
from reconciler.simgateway.instruments import FillBehaviour, Instrument, Quote
from reconciler.simgateway.ledger import Ledger, Position
from reconciler.simgateway.market import ContractQuery, Market, moved
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.orders import Execution, Order, OrderBook, Refusal, Status
from reconciler.simgateway.quirks import NO_PRICE, Quirks
from reconciler.simgateway.quirks.interception import Interception
from reconciler.simgateway.script import PriceMove, Script
from reconciler.simgateway.venue import Venue
from reconciler.simgateway.wire.layouts import NEWEST_VERSION
from reconciler.simgateway.wire.replies import Value

REFRESH_SECONDS = 180.0
"""How often the broker sends account values anew without a trade."""

MARGIN_REJECTION = 201


@dataclass(frozen=True)
class Setting:
    """All that a scenario says before the first client connects."""

    market: Market
    ledgers: Mapping[str, Ledger]
    orders: tuple[Order, ...]
    quirks: tuple[str, ...]
    script: Script
    messages_per_second: int


class Broker:
    """One broker, in process, as the clients of its gateway meet it.

    `max_version` is the newest protocol version it negotiates; `seed` numbers the broker's session, from which the ids
    of orders and executions are counted; the recorder is told all that comes and goes.
    """

    def __init__(
        self,
        setting: Setting,
        clock: Clock,
        *,
        max_version: int = NEWEST_VERSION,
        seed: int = 0,
        recorder: Recorder | None = None,
    ) -> None:
        self.clock = clock
        self.market = setting.market
        self.ledgers = setting.ledgers
        self.messages_per_second = setting.messages_per_second
        self.quirks = Quirks(setting.quirks)
        self.max_version = max_version
        self.book = OrderBook(seed)
        self.log = FrameLog(recorder)
        self.clients: dict[int, Client] = {}
        self.venue = Venue(self.market, self.ledgers, self.book, clock, self)
        self.interception = Interception(self, self.quirks)
        self._script = setting.script
        self._changed_accounts: set[str] = set()
        self._stopped = False
        self._connections = count(1)
        for order in setting.orders:
            order.perm_id = self.book.new_perm_id()
            self.venue.restore(order)
        for step in self._script.timed:
            clock.call_later(step.seconds or 0.0, partial(self.move_prices, step.prices))
        clock.call_later(REFRESH_SECONDS, self._refresh)

    def stop(self) -> None:
        """Close all connections."""
        self._stopped = True
        self.log.end()
        for client in list(self.clients.values()):
            client.close()
        self.clients.clear()

    def new_connection(self) -> int:
        """The number of a connection that opens."""
        return next(self._connections)

    def find(self, query: ContractQuery) -> list[Instrument]:
        """The contracts that answer a query, as far as the gateway admits to know them."""
        return self.interception.found(query, self.market.find(query))

    def shown_quote(self, instrument: Instrument) -> Quote:
        """The quote that clients see: empty for an instrument without data."""
        if self.quirks.armed(NO_PRICE, instrument.symbol):
            return Quote()
        return self.market.quote(instrument.con_id)

    def move_prices(self, moves: Mapping[int, PriceMove]) -> None:
        """Move the quotes of contract ids, tell subscribers, and let waiting orders see it."""
        for con_id, prices in moves.items():
            self.market.reprice(con_id, moved(self.market.quote(con_id), prices))
            self._tell_quote(self.market.listing(con_id).instrument)
            self.venue.price_moved(con_id)

    def refill(self, con_id: int, fill: FillBehaviour) -> None:
        """Change how orders in an instrument fill; those that wait now look at the market again."""
        self.market.refill(con_id, fill)
        self.venue.price_moved(con_id)

    def acknowledged(self, order: Order) -> None:
        """Tell the order's client its state: messages 5 and 3; on the way out, as recorded live, message 3 alone."""
        status = messages.order_status(order)
        leaving = order.status in (Status.PENDING_CANCEL, Status.CANCELLED)
        self._tell_owner(order, [status] if leaving else [messages.open_order(order), status])

    def refused(self, order: Order, refusal: Refusal) -> None:
        """Tell the order's client why. Only a refusal for lack of credit shows a state as well as a code."""
        for client in self.interception.audience(order.client_id):
            if refusal.code == MARGIN_REJECTION and order.instrument:
                client.send(messages.open_order(order), messages.order_status(order))
            client.error(order.order_id, refusal.code, refusal.text)

    def executed(self, order: Order, execution: Execution) -> None:
        """Tell the order's client the fill, then everyone what it changed."""
        for client in self.interception.audience(order.client_id):
            client.send(
                messages.execution(-1, order, execution, client.version),
                messages.open_order(order),
                messages.order_status(order),
                messages.commission(order, execution),
            )
        self._tell_position(order)
        self._account_changed(order.terms.account)
        for step in self._script.due(self.book.execution_count):
            self.clock.call_later(0, partial(self.move_prices, step.prices))

    def account_rows(self, account: str) -> list[Reply]:
        """Messages 6, 7 and 8: all values and holdings of an account."""
        ledger = self.ledgers[account]
        rows = statement.totals(ledger, self.market) + statement.by_currency(ledger, self.market)
        values = [
            Reply("account_value", {"key": row.key, "value": row.value, "currency": row.currency, "account": account})
            for row in rows
        ]
        holdings = [self._portfolio_row(account, con_id, held) for con_id, held in ledger.positions.items()]
        return [*values, *holdings, Reply("account_time", {"time": f"{self.clock.now():%H:%M}"})]

    def account_rows_multi(self, request_id: int, account: str, model: str, *, ledger_only: bool) -> list[Reply]:
        """Messages 73: values of an account for one request; ledger rows and net liquidation alone when asked so."""
        ledger = self.ledgers[account]
        rows = statement.totals(ledger, self.market)
        if ledger_only:
            rows = [row for row in rows if row.key == "NetLiquidation"]
        rows += statement.by_currency(ledger, self.market)
        common: dict[str, Value] = {"request_id": request_id, "account": account, "model_code": model}
        return [
            Reply("account_value_multi", {**common, "key": row.key, "value": row.value, "currency": row.currency})
            for row in rows
        ]

    def summary_rows(self, request_id: int, tags: tuple[str, ...]) -> list[Reply]:
        """Messages 63: the rows that a summary's tags ask for, for every account."""
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
            for account, ledger in self.ledgers.items()
            for row in statement.selected(ledger, self.market, tags)
        ]

    def position_rows(self, accounts: Iterable[str]) -> list[Reply]:
        """Messages 61: the holdings of accounts."""
        return [
            messages.position(account, self.market.listing(con_id).instrument, held)
            for account in accounts
            for con_id, held in self.ledgers[account].held().items()
        ]

    def _portfolio_row(self, account: str, con_id: int, held: Position) -> Reply:
        instrument = self.market.listing(con_id).instrument
        return messages.portfolio(account, instrument, held, self.shown_quote(instrument).mark)

    def _tell_owner(self, order: Order, replies: list[Reply]) -> None:
        for client in self.interception.audience(order.client_id):
            client.send(*replies)

    def _tell_quote(self, instrument: Instrument) -> None:
        quote, now = self.shown_quote(instrument), self.clock.now()
        entitlement = self.market.listing(instrument.con_id).entitlement
        for client in list(self.clients.values()):
            for request_id, watched in client.subscriptions.quotes.items():
                if watched is instrument:
                    client.send(*messages.ticks(request_id, quote, entitlement, now))

    def _tell_position(self, order: Order) -> None:
        account, instrument = order.terms.account, order.contract
        held = self.ledgers[account].positions[instrument.con_id]
        row = messages.position(account, instrument, held)
        for client in list(self.clients.values()):
            if client.subscriptions.positions:
                client.send(row)
            for request_id, asked in client.subscriptions.positions_multi.items():
                if asked in ("", account):
                    values = {**row.values, "request_id": request_id, "model_code": ""}
                    client.send(Reply("position_multi", values))

    def _account_changed(self, account: str) -> None:
        """Values go out once a turn, however many fills fall into it."""
        if not self._changed_accounts:
            self.clock.call_later(0, self._tell_changed_accounts)
        self._changed_accounts.add(account)

    def _tell_changed_accounts(self) -> None:
        changed, self._changed_accounts = self._changed_accounts, set()
        for account in sorted(changed):
            self._tell_account(account)

    def _tell_account(self, account: str) -> None:
        for client in list(self.clients.values()):
            wanted = client.subscriptions
            if wanted.account == account:
                client.send(*self.account_rows(account))
            for request_id, (asked, ledger_only) in wanted.accounts_multi.items():
                if asked in ("", account):
                    client.send(*self.account_rows_multi(request_id, account, "", ledger_only=ledger_only))

    def _refresh(self) -> None:
        if self._stopped:
            return
        for account in self.ledgers:
            self._tell_account(account)
        for client in list(self.clients.values()):
            for request_id, tags in client.subscriptions.summaries.items():
                client.send(*self.summary_rows(request_id, tags))
        self.clock.call_later(REFRESH_SECONDS, self._refresh)
