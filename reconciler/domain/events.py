"""What happens while a command works, for whoever shows it. Events inform; no decision hangs on them."""

from dataclasses import dataclass
from decimal import Decimal

from reconciler.domain.ids import InstrumentName, OrderRef, PlanId, RunId
from reconciler.domain.orders import OrderState
from reconciler.domain.plan import Batch
from reconciler.domain.standing import Standing


@dataclass(frozen=True)
class Connecting:
    """The gateway is being called; `where` is its address. It may take several attempts."""

    where: str


@dataclass(frozen=True)
class Observing:
    """The account is being read; `what` says which part."""

    what: str


@dataclass(frozen=True)
class RunStarted:
    """The plan is consumed; from here on it can never be started again."""

    run: RunId
    plan: PlanId
    orders: int


@dataclass(frozen=True)
class BatchStarted:
    """The batch's preconditions hold and its orders are being sent."""

    batch: Batch


@dataclass(frozen=True)
class MarginChecked:
    """The margin precondition of a batch: what would be left after it, in base currency."""

    batch: int
    standing: Standing


@dataclass(frozen=True)
class OrderChanged:
    """An order's state or fill changed; `filled` of `quantity` shares."""

    ref: OrderRef
    instrument: InstrumentName
    state: OrderState
    filled: Decimal
    quantity: Decimal
    average_price: Decimal | None


@dataclass(frozen=True)
class BatchEnded:
    """Every order of the batch is over and the account was read again."""

    number: int


@dataclass(frozen=True)
class Notice:
    """Something a person should read: a recovery, a broker's warning, a stop."""

    text: str


Event = Connecting | Observing | RunStarted | BatchStarted | MarginChecked | OrderChanged | BatchEnded | Notice
