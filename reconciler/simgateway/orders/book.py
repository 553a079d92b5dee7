"""Orders: the states an order goes through, and the book of all orders ever received.

The states and their legal successors are one table; `Order.enter` is the only way to change a state.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from itertools import count
from typing import NamedTuple

from reconciler.simgateway.amounts import ZERO, average
from reconciler.simgateway.market.instruments import Instrument
from reconciler.simgateway.orders.allocation import Parts
from reconciler.simgateway.orders.crowds import Crowds
from reconciler.simgateway.orders.pricing import KINDS
from reconciler.simgateway.orders.schedule import UNBOUND, Schedule
from reconciler.simgateway.orders.situation import AT_THE_START, Progress
from reconciler.simgateway.orders.terms import BUY, SELL, Terms

BY_HAND = 0
"""The order id of an order that was entered by hand and that no client bound."""
LIQUIDATION_ID = -1
"""The order id under which the broker's own liquidations are told."""


class Status(StrEnum):
    """Order states, spelled as the wire spells them. PENDING_SUBMIT never leaves the gateway."""

    PENDING_SUBMIT = "PendingSubmit"
    PRE_SUBMITTED = "PreSubmitted"
    SUBMITTED = "Submitted"
    PENDING_CANCEL = "PendingCancel"
    CANCELLED = "Cancelled"
    FILLED = "Filled"
    INACTIVE = "Inactive"


_WORKING = {Status.PRE_SUBMITTED, Status.SUBMITTED, Status.PENDING_CANCEL}
_SUCCESSORS: dict[Status, set[Status]] = {
    Status.PENDING_SUBMIT: {Status.PRE_SUBMITTED, Status.INACTIVE, Status.CANCELLED},
    Status.PRE_SUBMITTED: _WORKING | {Status.FILLED, Status.CANCELLED, Status.INACTIVE},
    # An exchange can reject what rested already.
    Status.SUBMITTED: {
        Status.SUBMITTED,
        Status.PENDING_CANCEL,
        Status.FILLED,
        Status.CANCELLED,
        Status.INACTIVE,
    },
    # A fill can overtake the cancel.
    Status.PENDING_CANCEL: {Status.PENDING_CANCEL, Status.FILLED, Status.CANCELLED},
    Status.CANCELLED: set(),
    Status.FILLED: set(),
    Status.INACTIVE: set(),
}


@dataclass(frozen=True)
class Refusal:
    """Why an order was not taken, with the broker's code."""

    code: int
    text: str


@dataclass(frozen=True)
class Execution:
    """One fill. Price in the instrument's currency; realized profit None when it only opened."""

    exec_id: str
    time: datetime
    shares: Decimal
    price: Decimal
    cumulative_quantity: Decimal
    average_price: Decimal
    commission: Decimal
    commission_currency: str
    realized: Decimal | None
    account: str


@dataclass(eq=False)
class Order:
    """One order received, from its arrival to its end."""

    client_id: int
    order_id: int
    perm_id: int
    instrument: Instrument | None
    terms: Terms
    status: Status = Status.PENDING_SUBMIT
    progress: Progress = AT_THE_START
    executions: list[Execution] = field(default_factory=list)
    refusal: Refusal | None = None
    completed_at: datetime | None = None
    completed_status: str = ""
    filled: Decimal = ZERO
    value: Decimal = ZERO
    fill_due: bool = False
    changed: Callable[["Order"], None] | None = None
    """Told after each new state and each fill; the book counts by it."""
    withheld: bool = False
    """Whether it waits for something outside the market before it is worked."""
    attached: bool = False
    """Whether it waits for its parent to fill."""
    schedule: Schedule = UNBOUND

    @property
    def contract(self) -> Instrument:
        """The instrument of an order that was accepted."""
        if self.instrument is None:
            raise ValueError(f"order {self.order_id} of client {self.client_id} has no known contract")
        return self.instrument

    @property
    def by_hand(self) -> bool:
        """Whether it was entered by hand and no client bound it."""
        return self.order_id == BY_HAND

    @property
    def remaining(self) -> Decimal:
        """Shares not filled."""
        return self.terms.shares - self.filled

    def parts(self, shares: Decimal) -> Parts:
        """How so many shares more are divided among accounts."""
        if self.terms.allocation is None:
            return ((self.terms.account, shares),)
        had: dict[str, Decimal] = {}
        for each in self.executions:
            had[each.account] = had.get(each.account, ZERO) + each.shares
        return self.terms.allocation.of_fill(shares, had, self.contract.lots.increment)

    @property
    def average_price(self) -> Decimal:
        """Average over the fills, zero without any."""
        return average(self.value, self.filled)

    @property
    def last_price(self) -> Decimal:
        """Price of the latest fill, zero without any."""
        return self.executions[-1].price if self.executions else ZERO

    @property
    def works(self) -> bool:
        """Whether it can still fill or be cancelled."""
        return self.status in _WORKING

    @property
    def held(self) -> bool:
        """Whether it waits to be transmitted."""
        return self.status is Status.PENDING_SUBMIT

    def enter(self, status: Status) -> None:
        """Go to another state. Raises ValueError for a step the table does not have."""
        if status not in _SUCCESSORS[self.status]:
            raise ValueError(f"an order does not go from {self.status} to {status}")
        self.status = status
        if self.changed:
            self.changed(self)

    def release(self) -> None:
        """Wait for the parent no more."""
        self.attached = False
        if self.changed:
            self.changed(self)

    def resize(self, quantity: Decimal) -> None:
        """Take another quantity, in shares."""
        self.terms = replace(self.terms, quantity=quantity)
        if self.changed:
            self.changed(self)

    def record(self, execution: Execution) -> None:
        """Count a fill."""
        self.executions.append(execution)
        self.filled = execution.cumulative_quantity
        self.value += execution.shares * execution.price
        if self.changed:
            self.changed(self)


class Working(NamedTuple):
    """Shares by contract that orders at work may buy and sell."""

    buys: Mapping[int, Decimal]
    sells: Mapping[int, Decimal]


FIRST_PERM_ID = 1_500_000_001
FIRST_SESSION = 0xE0D5
_PERM_IDS_OF_A_SESSION = 1_000_000
_SESSIONS = 600
"""After so many, ids begin again: a permId is a 32-bit number."""


class OrderBook:
    """Every order ever received, in order of arrival, and the ids that are given out.

    The seed stands for the broker's session: another seed gives no id that this one gives.
    """

    def __init__(self, seed: int = 0) -> None:
        session = seed % _SESSIONS
        self._orders: list[Order] = []
        self._working: dict[int, Order] = {}
        self._by_client: dict[tuple[int, int], Order] = {}
        self._highest: dict[int, int] = {}
        self._committed: dict[tuple[str, str], dict[int, Decimal]] = {}
        self._counted: dict[int, list[tuple[tuple[str, str], int, Decimal]]] = {}
        self.crowds = Crowds()
        self._perm_ids = count(FIRST_PERM_ID + session * _PERM_IDS_OF_A_SESSION)
        self._executions = count(1)
        self._bound = count(LIQUIDATION_ID - 1, -1)
        self._session = f"{FIRST_SESSION + session:08x}"
        self.what_if_count = 0

    def __iter__(self) -> Iterator[Order]:
        return iter(self._orders)

    def new_perm_id(self) -> int:
        """The next account-wide id."""
        return next(self._perm_ids)

    def new_exec_id(self) -> str:
        """The next execution id; the last part numbers corrections of the same execution."""
        return f"{self._session}.{next(self._executions):08x}.01.01"

    def next_order_id(self, client_id: int) -> int:
        """The lowest id that a client may use next."""
        return self._highest.get(client_id, 0) + 1

    def use(self, client_id: int, order_id: int) -> None:
        """Remember that a client used an id."""
        self._highest[client_id] = max(order_id, self._highest.get(client_id, 0))

    def roll_back(self) -> None:
        """Forget the ids of orders that are over, as a restart does: ids go on behind those that still work."""
        working = self.working()
        self._by_client = {(each.client_id, each.order_id): each for each in working if not each.by_hand}
        self._highest.clear()
        for each in working:
            self.use(each.client_id, each.order_id)

    def get(self, client_id: int, order_id: int) -> Order | None:
        """The order a client knows under an id."""
        return self._by_client.get((client_id, order_id))

    def add(self, order: Order) -> None:
        """Enter an order that arrived."""
        self._orders.append(order)
        self._working[order.perm_id] = order
        # A refused duplicate does not take the place of the order whose id it repeats.
        if not order.by_hand:
            self._by_client.setdefault((order.client_id, order.order_id), order)
        self.use(order.client_id, order.order_id)
        order.changed = self.recount

    def bind(self, order: Order) -> None:
        """Give an order that was entered by hand an id, by which its client knows it from now on."""
        order.order_id = next(self._bound)
        self._by_client[(order.client_id, order.order_id)] = order

    def recount(self, order: Order) -> None:
        """Bring what an order may still trade up to date; kept as it changes, for each new order asks for it."""
        if order.works:
            self.crowds.enter(order.perm_id, (order.terms.account, order.contract.con_id, order.terms.action))
        else:
            self.crowds.leave(order.perm_id)
        for key, con_id, shares in self._counted.pop(order.perm_id, ()):
            self._committed[key][con_id] -= shares
        terms = order.terms
        # What waits for a trigger or its parent may never trade.
        if order.works and not order.attached and not KINDS[terms.order_type].conditional:
            con_id = order.contract.con_id
            counted = [((account, terms.action), con_id, shares) for account, shares in order.parts(order.remaining)]
            for key, _, shares in counted:
                committed = self._committed.setdefault(key, {})
                committed[con_id] = committed.get(con_id, ZERO) + shares
            self._counted[order.perm_id] = counted

    def at_work(self, account: str) -> Working:
        """Shares by contract that the working orders of an account may buy and sell."""
        return Working(self._side(account, BUY), self._side(account, SELL))

    def _side(self, account: str, action: str) -> Mapping[int, Decimal]:
        return {con_id: shares for con_id, shares in self._committed.get((account, action), {}).items() if shares}

    def working(self) -> list[Order]:
        """The orders that can still fill, in order of arrival."""
        self._working = {key: order for key, order in self._working.items() if order.works or order.held}
        return [order for order in self._working.values() if order.works]

    def executions(self) -> Iterator[tuple[Order, Execution]]:
        """Every fill with its order, by order of arrival."""
        return ((order, execution) for order in self._orders for execution in order.executions)
