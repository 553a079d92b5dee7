"""The Protocols that the engine works through. Every implementation of one passes the same contract suite.

The Broker is asynchronous; the Journal is synchronous, because an intent must be on disk before the next line runs.
Nothing here retries by itself: who retries what, and for how long, is the Retry port's, and it never wraps `place`.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeVar

from reconciler.domain.account import AccountValues, Position, Quote, Side, WorkingOrder
from reconciler.domain.contract import Contract, Listing
from reconciler.domain.desired import Environment, Revision
from reconciler.domain.events import Event
from reconciler.domain.halt import Halt
from reconciler.domain.history import Trade
from reconciler.domain.ids import AccountName, ConId, InstrumentName, OrderId, OrderRef, PlanId, RunId
from reconciler.domain.money import Currency, FxRate, Money
from reconciler.domain.orders import OrderIntent, OrderTicket, Report, WhatIf
from reconciler.domain.plan import Plan
from reconciler.domain.portfolio import InstrumentSpec
from reconciler.domain.run import Outcome, Retried, RunResult
from reconciler.domain.unknown import Unknown

Result = TypeVar("Result")

# ------------------------------------------------------------------------------------------------------------- broker


@dataclass(frozen=True)
class AccountReading:
    """Values, cash and rates of one account update, taken together. `rates` convert one unit into base currency."""

    base_currency: Currency
    values: AccountValues | Unknown
    cash: Mapping[Currency, Money] | Unknown
    rates: Mapping[Currency, FxRate]
    portfolio: tuple[Position, ...] | Unknown
    """The broker's portfolio rows, each with its mark."""
    settled: Mapping[Currency, Money] | Unknown
    """The settled part of the cash."""
    day_trades_left: int | Unknown | None
    """None where the broker counts none."""


@dataclass(frozen=True)
class MarginAlert:
    """The broker warns, in its own words, that the account comes close to liquidation."""

    text: str


@dataclass(frozen=True)
class Liquidation:
    """The broker itself closed some of a holding, because the account lacks margin. `shares` is positive."""

    con_id: ConId
    side: Side
    shares: Decimal


Alarm = MarginAlert | Liquidation
"""What the broker raises alarm about, whoever listens."""
AccountNews = AccountReading | Unknown
"""What is told of an account that is watched; Unknown where its figures cannot be told."""


class QuoteExtra(StrEnum):
    """What a quote may hold besides prices; it is waited for, and missing where it is not served."""

    AVERAGE_VOLUME = "average volume"


class Broker(Protocol):
    """One account behind one gateway connection.

    Reads return Unknown where an END marker, a value or an answer did not come within the request timeout; they raise
    BrokerUnavailable when the connection is gone. Reading is idempotent and may be retried; `place` is neither.
    """

    async def connect(self) -> None:
        """Open the connection and check that it serves the account in the manifest's environment.

        Where the gateway is connected and has lost the broker, wait for the broker, as long as a connection may take.

        Raises BrokerUnavailable (worth another try) or BrokerRefused (client id in use, account not served, paper
        for live or live for paper).
        """

    async def close(self) -> None:
        """Leave in order. Safe at any time, twice too."""

    async def read_account(self) -> AccountReading | Unknown:
        """Account values, cash by currency, exchange rates and the portfolio's marks."""

    def watch_account(self, listener: Callable[[AccountNews], None]) -> AbstractAsyncContextManager[None]:
        """Hand the account to `listener` while the block lasts: first as it is, then after each change, as soon as its
        figures rest.

        One subscription for the block. `read_account` works meanwhile. One watch at a time: a second one is an
        InvariantBroken. Entering raises BrokerUnavailable where there is no connection; leaving never does.
        """

    async def read_positions(self) -> tuple[Position, ...] | Unknown:
        """All holdings; CASH rows are not holdings and are left out."""

    async def read_working_orders(self) -> tuple[WorkingOrder, ...] | Unknown:
        """Every working order of the account, whoever sent it."""

    async def read_contracts(self, specs: Sequence[InstrumentSpec]) -> Mapping[InstrumentName, Contract | Unknown]:
        """The contract of each spec; none or several matches are Unknown, and say so.

        One message for each spec that this connection has not resolved before. Price increments are left Unknown.
        """

    async def read_listings(
        self, specs: Sequence[InstrumentSpec]
    ) -> Mapping[InstrumentName, tuple[Listing, ...] | Unknown]:
        """Everything that the broker has for each spec, in the order of contract ids, whether or not all of it fits.

        Of a spec with a conId that is what the id means now, whatever the spec calls it. None where the broker knows
        none. One message for each spec.
        """

    async def search_symbols(self, text: str) -> tuple[Listing, ...] | Unknown:
        """What the broker finds by the beginning of a symbol, or a piece of a name, the best first; a few at most.

        One message. What it leaves out of a Listing is empty.
        """

    async def read_price_increments(self, contracts: Sequence[Contract]) -> Mapping[ConId, Contract]:
        """The same contracts with their price increments, those Unknown that did not come."""

    async def read_quotes(
        self, contracts: Sequence[Contract], extras: Collection[QuoteExtra] = ()
    ) -> Mapping[ConId, Quote | Unknown]:
        """A live quote of each contract, a delayed one where the account has no live data. One message for each."""

    async def read_trades(self) -> tuple[Trade, ...] | Unknown:
        """Every execution in the account since the broker's midnight, by whomever; conversions of currency left out."""

    async def what_if(self, ticket: OrderTicket) -> WhatIf | Unknown:
        """What the order would do to margin. Evaluated by the broker against the account as it is now."""

    async def read_order_evidence(self) -> tuple[Report, ...] | Unknown:
        """Today's open orders, completed orders and executions as reports, the EvidenceReport over them last.

        Unknown where any of the three did not come to its END marker: half of it proves no absence.
        """

    def next_order_id(self, *, above: OrderId) -> OrderId:
        """An order id greater than `above` and than every id that the gateway named in this session."""

    async def place(self, ticket: OrderTicket, order_id: OrderId, intend: Callable[[], None]) -> None:
        """Send the order once. Returns when it was handed to the connection; only a report tells what became of it.

        `intend` is called when its turn has come and nothing stands between it and the send any more. Where it raises,
        and where it is never called, nothing was sent. Raises BrokerUnavailable before that call where there is no
        connection, and SendUncertain after it when the connection broke around the send.
        """

    async def cancel(self, ref: OrderRef) -> None:
        """Ask for the cancel of an order that this session knows. Only a report tells whether it happened."""

    async def cancel_foreign(self, order: WorkingOrder) -> None:
        """Ask for the cancel of somebody else's order. Only a reading of the working orders tells whether it happened.

        Raises BrokerRefused where the order has no id by which anybody could cancel it here.
        """

    def subscribe(self, listener: Callable[[Report], None]) -> Callable[[], None]:
        """Hand every order report to `listener` as it comes; the result ends the subscription."""

    def subscribe_alarms(self, listener: Callable[[Alarm], None]) -> Callable[[], None]:
        """Hand the broker's alarms to `listener` as they come; the result ends the subscription. It costs nothing."""

    def connection_lost(self) -> Awaitable[str]:
        """Done, with the reason, when the connection ends without `close`, or the gateway has lost the broker.

        Nothing can be asked or sent from then on until `connect`, after which it has to be asked for anew. What
        happened meanwhile may never be told: it has to be read.
        """


# ------------------------------------------------------------------------------------------------------------ journal


@dataclass(frozen=True)
class RunRecord:
    """A run as the journal has it. `outcome` and `ended` are None until it is closed."""

    id: RunId
    plan: PlanId
    account: AccountName
    environment: Environment
    revision: Revision
    plan_document: str
    started: datetime
    ended: datetime | None
    outcome: Outcome | None


@dataclass(frozen=True)
class IntentRecord:
    """An order that was intended, and what is known of its sending. The state is folded from reports, never stored."""

    run: RunId
    ref: OrderRef
    attempt: int
    intent: OrderIntent
    order_id: OrderId
    intended: datetime
    sent: datetime | None


class Journal(Protocol):
    """What must survive a crash. Every method that writes returns when the row is on disk.

    Raises PlanAlreadyBegun where a plan would be consumed twice.
    """

    def begin_run(self, run: RunRecord) -> None:
        """Consume the plan and open the run, in one transaction."""

    def record_intent(self, intent: IntentRecord) -> None:
        """Before the send. A second intent with the same reference is an InvariantBroken."""

    def record_sent(self, ref: OrderRef, at: datetime) -> None:
        """After the send returned."""

    def record_reports(self, run: RunId, reports: Sequence[Report], at: datetime) -> None:
        """What the broker said, as it said it."""

    def end_run(self, run: RunId, outcome: Outcome, at: datetime, result_document: str) -> None:
        """Close the run with its result. A run is closed once."""

    def record_halt(self, halt: Halt) -> None:
        """From now on it is in force, for every process. One without a person, reason or beginning: InvariantBroken."""

    def lift_halts(self, account: AccountName | None, *, by: str, at: datetime) -> tuple[Halt, ...]:
        """Lift the halts of exactly this account, or those of all where it is None; those that were lifted."""

    def halts(self) -> tuple[Halt, ...]:
        """The halts that are in force, whichever process set them, the oldest first."""

    def run(self, run: RunId) -> RunRecord | None:
        """One run, or None."""

    def runs(self, account: AccountName | None = None) -> tuple[RunRecord, ...]:
        """All runs, the newest first."""

    def last_run(self, account: AccountName) -> RunRecord | None:
        """The newest run that intended an order, closed or not; None where there was none."""

    def runs_since(self, account: AccountName, moment: datetime) -> tuple[RunRecord, ...]:
        """The runs that were begun at `moment` or later, the oldest first."""

    def unfinished_runs(self, account: AccountName) -> tuple[RunRecord, ...]:
        """Runs that were begun and never closed, the oldest first."""

    def run_of_plan(self, plan: PlanId) -> RunRecord | None:
        """The run that consumed the plan, or None where none did."""

    def intents(self, run: RunId) -> tuple[IntentRecord, ...]:
        """The run's intents in the order of their making."""

    def reports(self, run: RunId) -> tuple[Report, ...]:
        """The run's reports in the order of their coming."""

    def result(self, run: RunId) -> str | None:
        """The result document of a closed run."""

    def last_order_id(self, account: AccountName) -> OrderId:
        """The highest order id ever used for the account, 0 before the first: the gateway's own may roll back."""

    def close(self) -> None:
        """Give back files and connections."""


# ------------------------------------------------------------------------------------------------------- other edges


class Holder(StrEnum):
    """Who holds an account's lock, as far as it can be told from here."""

    NOBODY = "nobody"
    ALIVE = "a process that is alive"
    ELSEWHERE = "a process on another machine"
    UNNAMED = "a process that left no name, or another than the one that did"


@dataclass(frozen=True)
class LockFinding:
    """An account's lock as it was found. `owner` and `since` are what its holder, now or last, wrote of itself.

    `place` is where it is, for a person, and None where the account was never locked. `is_cleared` says that the name
    of a process that is gone was taken away; the lock itself went with that process.
    """

    account: AccountName
    holder: Holder
    owner: str | None = None
    since: datetime | None = None
    process: int | None = None
    place: str | None = None
    is_cleared: bool = False


class AccountLock(Protocol):
    """At most one process works on an account."""

    def hold(self, account: AccountName) -> AbstractContextManager[None]:
        """Hold it for the length of a `with` block. Raises AccountLocked at once where another process has it."""

    def unlock(self, account: AccountName) -> LockFinding:
        """Say who holds it, and clear away what a process left that is gone. Nothing is taken from one that holds."""


class Clock(Protocol):
    """The time of day. Durations are the event loop's."""

    def now(self) -> datetime:
        """Now, in UTC, aware."""


class RetryPolicy(StrEnum):
    """What may be tried again. The placing of an order is not among them, and never will be."""

    CONNECT = "connect"
    """Answers BrokerUnavailable."""
    RECONNECT = "reconnect"
    """In the middle of a run, as long as its outages may last. Answers BrokerUnavailable."""
    READ = "read"
    """Answers BrokerUnavailable."""
    CANCEL = "cancel"
    """Asking for a cancel again. Answers CancelNotConfirmed."""
    MARGIN = "margin"
    """Looking again whether there is margin for a batch. Answers FundsNotFree."""


class Retry(Protocol):
    """Tries again what may be tried again: only on the failure that the policy answers, within the policy's bounds."""

    async def call(
        self, policy: RetryPolicy, attempt: Callable[[], Awaitable[Result]], *, within: timedelta | None = None
    ) -> Result:
        """The result of the first attempt that succeeds, else the last failure; any other failure passes at once.

        No attempt starts later than `within` from now. It tightens the policy's bounds and never loosens them.
        """

    def retried(self) -> tuple[Retried, ...]:
        """How often each policy has tried again so far, and what for; those that never did are left out."""


class EventSink(Protocol):
    """Shows what happens."""

    def emit(self, event: Event) -> None:
        """Take one event. Must not raise and must not block."""


class RevisionSource(Protocol):
    """Says at which revision the manifests are."""

    def revision(self, manifests_digest: str) -> Revision:
        """The commit of the directory and whether it is dirty; no commit outside a repository."""


class RunRecorder(Protocol):
    """Makes the document of a run and keeps it, on every way out (promise 13)."""

    def record(self, result: RunResult, plan: Plan) -> str:
        """Write the report durably and return the document's text, for the journal."""


class ReportStore(Protocol):
    """Keeps documents in the state directory."""

    def write(self, name: str, text: str) -> str:
        """Write it durably under `name` and say where it is, for a person."""
