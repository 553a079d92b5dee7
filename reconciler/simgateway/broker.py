"""The broker behind the gateway: joins market, ledgers, order book and venue, and tells each client what concerns it.

It answers no request itself (the desks do) and opens no socket (the server does).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import count

from reconciler.simgateway import computations, messages, ticks
from reconciler.simgateway.amounts import ZERO
from reconciler.simgateway.bookkeeping import Bookkeeping
from reconciler.simgateway.books.corporate import Ratio
from reconciler.simgateway.books.ledger import Ledger
from reconciler.simgateway.client import Client
from reconciler.simgateway.clock import Clock
from reconciler.simgateway.frames import FrameLog, Recorder
from reconciler.simgateway.login import Login
from reconciler.simgateway.market.feed import Feed
from reconciler.simgateway.market.instruments import FillBehaviour, Instrument, MarginRates, Quote
from reconciler.simgateway.market.market import ContractQuery, Market, moved
from reconciler.simgateway.market.paths import Path
from reconciler.simgateway.messages import Reply
from reconciler.simgateway.orders import algos
from reconciler.simgateway.orders.book import Execution, Order, OrderBook, Refusal, Status
from reconciler.simgateway.quirks import NO_PRICE, Quirks
from reconciler.simgateway.quirks.interception import Interception
from reconciler.simgateway.risk.desk import RiskDesk, Unwatched, Watch
from reconciler.simgateway.risk.margin_hours import MarginHours
from reconciler.simgateway.script import PriceMove, Script, Step, Trigger
from reconciler.simgateway.statements.profit_reports import ProfitReports
from reconciler.simgateway.statements.reporting import Accounts, Reporting, SmoothReporting
from reconciler.simgateway.tally import Event, Tally
from reconciler.simgateway.venue import Venue
from reconciler.simgateway.wire.layouts import NEWEST_VERSION

MARGIN_REJECTION = 201


@dataclass(frozen=True)
class Setting:
    """All that a scenario says before the first client connects."""

    market: Market
    ledgers: Mapping[str, Ledger]
    orders: tuple[Order, ...]
    quirks: tuple[str, ...]
    script: tuple[tuple[Trigger, Callable[["Broker"], object]], ...]
    paths: Mapping[int, Path]
    """How prices move by themselves, by contract id."""
    names: Mapping[str, int]
    """Contract ids by the scenario's names of instruments."""
    served: Mapping[str, object]
    """The scenario as JSON to be, without what it leaves at its default."""
    messages_per_second: int
    watch: Watch | None
    """How the broker watches accounts, None where nobody does."""
    working_orders: int
    """How many orders may work in a contract, on a side, in an account; 0 is without limit."""
    smooth: bool
    login: Login


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
        self.login = setting.login
        self.messages_per_second = setting.messages_per_second
        self.quirks = Quirks(setting.quirks)
        self.max_version = max_version
        self.book = OrderBook(seed)
        self.log = FrameLog(recorder)
        self.clients: dict[int, Client] = {}
        pace = algos.at_once if setting.smooth else algos.paced
        self.venue = Venue(self.market, self.ledgers, self.book, clock, self, pace)
        self.limit = setting.working_orders
        self.interception = Interception(self, self.quirks)
        self.risk = RiskDesk(self, setting.watch) if setting.watch else Unwatched()
        self.margin_hours = MarginHours(self.market, self.ledgers, clock, self._margin_changed)
        accounts = Accounts(self.ledgers, self.market, self.shown_quote, clock, self.clients)
        self.reporting = SmoothReporting(accounts) if setting.smooth else Reporting(accounts)
        self.profits = ProfitReports(self.ledgers, self.market, self.clients)
        self.bookkeeping = Bookkeeping(
            self.ledgers, self.market, self.venue, self.reporting, clock, self.profits, self._tell_quote
        )
        self.tally = Tally()
        self.served = setting.served
        self._names = setting.names
        self._connections = count(1)
        for order in setting.orders:
            order.perm_id = self.book.new_perm_id()
            self.venue.restore(order)
        steps = tuple(Step(trigger, partial(act, self)) for trigger, act in setting.script)
        self.script = Script(steps, clock, self.tally)
        self.feed = Feed(setting.paths, self.market, clock, seed, self.move_prices)

    def stop(self) -> None:
        """Let what is due happen, then close all connections."""
        self.clock.settle()
        self.clock.stop()
        self.script.stop()
        self.feed.stop()
        self.reporting.stop()
        self.margin_hours.stop()
        self.bookkeeping.stop()
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

    def named(self, name: str) -> list[Instrument]:
        """The instrument that the scenario calls so, or else all of that symbol; none where there is none."""
        con_id = self._names.get(name)
        return self.market.named(name) if con_id is None else [self.market.listing(con_id).instrument]

    def shown_quote(self, instrument: Instrument) -> Quote:
        """The quote that clients see: empty for an instrument without data."""
        if self.quirks.armed(NO_PRICE, instrument.symbol):
            return Quote()
        return self.market.quote(instrument.con_id)

    def move_prices(self, moves: Mapping[int, PriceMove]) -> None:
        """Move the quotes of contract ids, tell subscribers, and let waiting orders see it."""
        self.reporting.before_a_move()
        for con_id, prices in moves.items():
            rule = self.market.listing(con_id).instrument.market_rule
            self.market.reprice(con_id, moved(self.market.quote(con_id), prices, rule))
            self._tell_quote(self.market.listing(con_id).instrument)
            self.venue.price_moved(con_id)
            self.risk.price_moved(con_id)
        self.profits.prices_moved(moves)

    def remargin(self, con_id: int, rates: MarginRates) -> None:
        """Change what margin asks for an instrument."""
        self.reporting.before_a_move()
        self.market.remargin(con_id, rates)
        self._margin_changed()

    def _margin_changed(self) -> None:
        """What accounts are asked for changed, though nothing moved in them."""
        self.risk.moved(self.ledgers)

    def split(self, con_id: int, ratio: Ratio, new_con_id: int | None) -> None:
        """Split an instrument; its name in the scenario and its path follow it to a new contract id."""
        self.reporting.before_a_move()
        self.bookkeeping.split(con_id, ratio, new_con_id)
        self._succeed(con_id, new_con_id)

    def rename(self, con_id: int, symbol: str, new_con_id: int | None) -> None:
        """Give an instrument another symbol, and another contract id where one is given."""
        self.bookkeeping.rename(con_id, symbol, new_con_id)
        self._succeed(con_id, new_con_id)

    def _succeed(self, old: int, new: int | None) -> None:
        if new is not None:
            self._names = {name: new if con_id == old else con_id for name, con_id in self._names.items()}
            self.feed.succeed(old, new)

    def arrive(self, client: Client, order: Order, objection: Refusal | None) -> None:
        """An order of a client is at the door, with what speaks against it."""
        self.script.arrives()
        self.interception.arrive(client, order, objection)
        self.script.follows(Event.ORDERS)

    def refill(self, con_id: int, fill: FillBehaviour) -> None:
        """Change how orders in an instrument fill; those that wait now look at the market again."""
        self.market.refill(con_id, fill)
        self.venue.price_moved(con_id)

    def acknowledged(self, order: Order) -> None:
        """Tell the order's client its state: messages 5 and 3; on the way out, as recorded live, message 3 alone."""
        self.tally.count(Event.CHANGES)
        status = messages.order_status(order)
        leaving = order.status in (Status.PENDING_CANCEL, Status.CANCELLED, Status.INACTIVE)
        self._tell_owner(order, [status] if leaving else [messages.open_order(order), status])

    def refused(self, order: Order, refusal: Refusal) -> None:
        """Tell the order's client why, and no other. Only a refusal for lack of credit shows a state as well."""
        self.tally.count(Event.CHANGES)
        for client in self.interception.audience(order):
            if refusal.code == MARGIN_REJECTION and order.instrument:
                client.send(messages.open_order(order), messages.order_status(order))
            if client.number == order.client_id:
                client.error(order.order_id, refusal.code, refusal.text)

    def warned(self, order: Order, warning: Refusal) -> None:
        """Tell the order's client what the broker has to say about an order that lives."""
        for client in self.interception.audience(order):
            if client.number == order.client_id:
                client.error(order.order_id, warning.code, warning.text)

    def executed(self, order: Order, execution: Execution) -> None:
        """Tell the order's client the fill, then everyone what it changed."""
        for client in self.interception.audience(order):
            client.send(
                messages.execution(-1, order, execution, client.version),
                messages.open_order(order),
                messages.order_status(order),
                messages.commission(order, execution),
            )
        self.reporting.position_changed(execution.account, order.contract)
        self.profits.account_changed(execution.account)
        self.risk.traded(execution.account)
        self.tally.count(Event.CHANGES)
        self.script.happened(Event.FILLS)

    def _tell_owner(self, order: Order, replies: list[Reply]) -> None:
        for client in self.interception.audience(order):
            client.send(*replies)

    def quote_rows(self, client: Client, request_id: int, instrument: Instrument) -> tuple[int, list[Reply]]:
        """The kind of data that a client is told of a quote now, and the ticks."""
        listing, now = self.market.listing(instrument.con_id), self.clock.now()
        is_open = instrument.sessions.is_open(now, outside_rth=True)
        told = ticks.told(self.shown_quote(instrument), listing.entitlement, client.data_type, is_open=is_open)
        client.subscriptions.data_types[request_id] = told.data_type
        rows = ticks.ticks(request_id, told.quote, listing.entitlement, listing.statistics.volume, now)
        return told.data_type, rows + self._model_rows(request_id, instrument)

    def _model_rows(self, request_id: int, instrument: Instrument) -> list[Reply]:
        """What is told of an option's model, with the prices that clients see; nothing of anything else."""
        about = self.market.underlying(instrument.con_id)
        price = self.shown_quote(about.instrument).mark if about else ZERO
        listing = self.market.listing(instrument.con_id)
        return computations.model(request_id, listing, self.shown_quote(instrument).mark, price)

    def generic_rows(self, request_id: int, instrument: Instrument, numbers: frozenset[int]) -> list[Reply]:
        """The ticks that were asked for by number."""
        statistics = self.market.listing(instrument.con_id).statistics
        quote = self.shown_quote(instrument)
        return ticks.generic(numbers, ticks.Occasion(request_id, quote, statistics, self.clock.now()))

    def _tell_quote(self, instrument: Instrument) -> None:
        """Tell those who watch an instrument its quote, and those who watch an option on it what the model says now."""
        options = self.market.options_on(instrument.con_id)
        for client in list(self.clients.values()):
            for request_id, watched in client.subscriptions.quotes.items():
                if watched.con_id == instrument.con_id:
                    self._tell_client_quote(client, request_id, instrument)
                elif watched.con_id in options:
                    client.send(*self._model_rows(request_id, watched))

    def _tell_client_quote(self, client: Client, request_id: int, instrument: Instrument) -> None:
        before = client.subscriptions.data_types.get(request_id)
        data_type, rows = self.quote_rows(client, request_id, instrument)
        if data_type != before:
            rows.insert(0, ticks.data_type(request_id, data_type))
        numbers = client.subscriptions.generic_ticks.get(request_id, frozenset())
        client.send(*rows, *self.generic_rows(request_id, instrument, numbers))
