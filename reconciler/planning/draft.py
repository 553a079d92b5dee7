"""Draft: resolve → size → wish → allot → exchange → diff → batch: what would be ordered, before the broker is asked.

An account in an emergency is drafted by `emergency` instead. Pure; the same inputs in any order give the same draft.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot, WorkingOrder
from reconciler.domain.contract import Contract
from reconciler.domain.desired import AccountSpec
from reconciler.domain.history import History, no_history
from reconciler.domain.line import Action, Line, Reason
from reconciler.domain.options import NO_OPTIONS, RunOptions
from reconciler.domain.orders import OrderIntent
from reconciler.domain.plan import Batch, EmergencyPlan
from reconciler.domain.sizing import Sizing
from reconciler.domain.unknown import Unknown
from reconciler.planning.allot import Terms, allot
from reconciler.planning.batch import batches
from reconciler.planning.conflict import cancelled_first
from reconciler.planning.diff import Change, diff, waiting_orders
from reconciler.planning.emergency import cleared, emergency_of, reductions
from reconciler.planning.exchange import exchange
from reconciler.planning.exposure import standing_of
from reconciler.planning.hours import closed_now
from reconciler.planning.resolve import ResolvedLine, TargetPortfolio, resolve
from reconciler.planning.size import size


@dataclass(frozen=True)
class Draft:
    """A plan before the broker was asked what its orders would do to margin."""

    account: AccountSpec
    snapshot: AccountSnapshot
    history: History
    options: RunOptions
    portfolio: TargetPortfolio
    sizing: Sizing | None
    changes: tuple[Change, ...]
    batches: tuple[Batch, ...]
    blocked: tuple[str, ...]
    emergency: EmergencyPlan | None
    cancellations: tuple[WorkingOrder, ...]
    made_at: datetime

    @property
    def orders(self) -> tuple[OrderIntent, ...]:
        """All orders, batch by batch."""
        return tuple(order for batch in self.batches for order in batch.orders)

    def closed(self, now: datetime) -> tuple[Contract, ...]:
        """What it would trade, or cannot for it is blocked, whose market is closed then."""
        wanted = {each.line.con_id for each in self.changes if each.orders or each.line.blocked}
        return closed_now(wanted, self.snapshot.contracts_by_id, now=now)


@dataclass(frozen=True)
class _Changes:
    """What happens to each line, on which base, and which orders of others go first."""

    changes: tuple[Change, ...]
    sizing: Sizing | None = None
    cancellations: tuple[WorkingOrder, ...] = ()
    blocked: tuple[str, ...] = ()


def draft(
    account: AccountSpec,
    snapshot: AccountSnapshot,
    *,
    history: History | None = None,
    options: RunOptions = NO_OPTIONS,
    now: datetime,
) -> Draft:
    """What would be traded. Where the account is blocked, every line is, and there are no orders.

    `account` is as the options ask for it (`with_options`). Without a history, what hangs on one is Unknown.
    """
    history = history or no_history(now)
    portfolio = resolve(account, snapshot, now=now)
    emergency = emergency_of(account, standing_of(portfolio, snapshot), snapshot.values, options)
    cancelled: tuple[WorkingOrder, ...] = ()
    if emergency is not None and not portfolio.blocked:
        portfolio, cancelled = cleared(emergency, portfolio, snapshot)
    made = _changes(Terms(account, snapshot, portfolio, history, options, now), emergency)
    orders = tuple(order for change in made.changes for order in change.orders)
    return Draft(
        account=account,
        snapshot=snapshot,
        history=history,
        options=options,
        portfolio=portfolio,
        sizing=made.sizing,
        changes=made.changes,
        batches=batches(orders),
        blocked=made.blocked,
        emergency=None if made.blocked else emergency,
        cancellations=cancelled or made.cancellations,
        made_at=now,
    )


def _changes(terms: Terms, emergency: EmergencyPlan | None) -> _Changes:
    account, snapshot, portfolio, now = terms.account, terms.snapshot, terms.portfolio, terms.now
    if portfolio.blocked:
        return _all_blocked(portfolio, snapshot, portfolio.blocked)
    if emergency is not None:
        changes = reductions(emergency, account, snapshot, portfolio, terms.options, now=now)
        return _Changes(changes)
    sized = size(account, snapshot, portfolio)
    if isinstance(sized, Unknown):
        return _all_blocked(portfolio, snapshot, (sized.why,))
    sizing, funded = allot(sized, terms)
    funded, legs = exchange(funded, sizing, terms)
    changes = tuple(diff(each, account, sizing.net_liquidation) for each in funded)
    traded = {order.line for change in changes for order in change.orders}
    cancelled = (each for line in portfolio.lines if line.number in traded for each in cancelled_first(line, account))
    return _Changes((*changes, *legs), sizing, tuple(cancelled))


def _all_blocked(portfolio: TargetPortfolio, snapshot: AccountSnapshot, blocked: tuple[str, ...]) -> _Changes:
    return _Changes(tuple(Change(_blocked_line(line, snapshot), ()) for line in portfolio.lines), blocked=blocked)


def _blocked_line(line: ResolvedLine, snapshot: AccountSnapshot) -> Line:
    why = line.blocked or "the account is blocked"
    held = isinstance(snapshot.positions, Unknown)
    return Line(
        number=line.number,
        instrument=line.name,
        con_id=line.con_id,
        currency=line.target.instrument.currency,
        action=Action.NO_OP,
        reason=Reason.BLOCKED,
        current=Unknown("positions were not read") if held else line.current,
        working=line.own_working,
        exact_target=Unknown(why),
        target=Unknown(why),
        order=Decimal(0),
        price=line.price,
        quote_type=None if line.quote is None or isinstance(line.quote, Unknown) else line.quote.type,
        notional=Unknown(why),
        weight_current=Unknown(why),
        weight_target=Unknown(why),
        blocked=why,
        notes=waiting_orders(line.reserving),
        kind=line.kind,
        weight=line.target.weight,
        multiplier=line.multiplier,
        lot=line.lot,
        moved=line.moved,
        declared_at=line.target.declared_at,
        origin=line.target.origin,
    )
