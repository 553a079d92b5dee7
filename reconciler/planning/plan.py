"""Plan: resolve → size → diff → batch, then, with the broker's what-ifs, the checks and the Plan itself.

Two steps, because the broker is asked in between: `draft` says which orders there would be, `finish` takes the what-ifs
of exactly those. Both are pure; the same inputs give the same plan, its bytes included (promise 11).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.desired import AccountSpec, Revision
from reconciler.domain.ids import AccountId, Fingerprint, PlanId
from reconciler.domain.money import Money
from reconciler.domain.orders import WhatIf
from reconciler.domain.plan import Action, Batch, Line, Plan, Reason, Standing, Violation
from reconciler.domain.unknown import Unknown
from reconciler.planning import fingerprint
from reconciler.planning.batch import batches
from reconciler.planning.check import check
from reconciler.planning.diff import Change, diff, waiting_orders
from reconciler.planning.exposure import standing_of
from reconciler.planning.forecast import Estimates, forecast
from reconciler.planning.resolve import ResolvedLine, TargetPortfolio, resolve
from reconciler.planning.size import size


@dataclass(frozen=True)
class Draft:
    """A plan before the broker was asked what its orders would do to margin."""

    account: AccountSpec
    snapshot: AccountSnapshot
    portfolio: TargetPortfolio
    changes: tuple[Change, ...]
    batches: tuple[Batch, ...]
    blocked: tuple[str, ...]
    made_at: datetime


def draft(account: AccountSpec, snapshot: AccountSnapshot, *, now: datetime) -> Draft:
    """What would be traded. Where the account is blocked, every line is, and there are no orders."""
    portfolio = resolve(account, snapshot, now=now)
    sized = size(account, snapshot, portfolio)
    blocked = portfolio.blocked
    if isinstance(sized, Unknown) and not blocked:
        blocked = (sized.why,)
    if blocked or isinstance(sized, Unknown) or isinstance(snapshot.values, Unknown):
        changes = tuple(Change(_blocked_line(line, snapshot), ()) for line in portfolio.lines)
    else:
        changes = tuple(
            diff(each, net_liquidation=snapshot.values.net_liquidation, long_only=account.portfolio.long_only)
            for each in sized
        )
    orders = tuple(order for change in changes for order in change.orders)
    return Draft(account, snapshot, portfolio, changes, batches(orders), blocked, now)


def finish(made: Draft, estimates: Estimates, *, revision: Revision, account_id: AccountId) -> Plan:
    """The plan. `estimates` hold one what-if, or Unknown, for each order of the draft."""
    account, snapshot = made.account, made.snapshot
    before = standing_of(made.portfolio, snapshot)
    violations, after = _judge(made, estimates, before)
    plan = Plan(
        id=PlanId(""),
        fingerprint=Fingerprint(""),
        account=account.name,
        account_digest=fingerprint.account_digest(account_id),
        environment=account.environment,
        base_currency=account.base_currency,
        revision=revision,
        created=made.made_at,
        expires=made.made_at + account.policy.plan_ttl,
        leverage_target=account.leverage,
        net_liquidation=(snapshot.values if isinstance(snapshot.values, Unknown) else snapshot.values.net_liquidation),
        price_collar=account.policy.price_collar,
        holdings_digest=holdings_digest(made.portfolio, snapshot),
        lines=tuple(_with_commission(change.line, estimates) for change in made.changes),
        undeclared=made.portfolio.undeclared,
        foreign_orders=made.portfolio.foreign_orders,
        batches=made.batches,
        violations=violations,
        before=before,
        after=after,
        blocked=made.blocked,
        notes=("the account is suspended: apply will refuse it",) if account.suspend else (),
    )
    named = replace(plan, fingerprint=fingerprint.fingerprint_of(plan))
    return replace(named, id=fingerprint.id_of(named))


def holdings_digest(portfolio: TargetPortfolio, snapshot: AccountSnapshot) -> str:
    """Over what is held and working on the declared contracts now; empty where it could not be read."""
    if isinstance(snapshot.positions, Unknown) or isinstance(snapshot.working_orders, Unknown):
        return ""
    undeclared = {holding.con_id for holding in portfolio.undeclared}
    contracts = (line.contract for line in portfolio.lines if not isinstance(line.contract, Unknown))
    managed = frozenset(contract.con_id for contract in contracts)
    managed |= {position.con_id for position in snapshot.positions} - undeclared
    return fingerprint.holdings_digest(snapshot.positions, snapshot.working_orders, managed)


def _judge(made: Draft, estimates: Estimates, before: Standing) -> tuple[tuple[Violation, ...], Standing]:
    if isinstance(made.snapshot.values, Unknown) or made.blocked:
        return (), before
    nothing = Money(Decimal(0), made.account.base_currency)
    subject = forecast(made.account, made.snapshot, made.portfolio, estimates, spent=nothing)
    return check(subject), subject.after


def _with_commission(line: Line, estimates: Estimates) -> Line:
    """The line with the commissions that the broker named; Unknown where it named none for one of its orders."""
    own = [estimate for order, estimate in estimates.items() if order.line == line.number]
    if not own:
        return line
    known = [each.commission for each in own if isinstance(each, WhatIf) and not isinstance(each.commission, Unknown)]
    if len(known) < len(own):
        return replace(line, commission=Unknown("the broker named no commission"))
    return replace(line, commission=sum(known[1:], known[0]))


def _blocked_line(line: ResolvedLine, snapshot: AccountSnapshot) -> Line:
    why = line.blocked or "the account is blocked"
    held = isinstance(snapshot.positions, Unknown)
    return Line(
        number=line.number,
        instrument=line.target.instrument.name,
        con_id=None if isinstance(line.contract, Unknown) else line.contract.con_id,
        currency=line.target.instrument.currency,
        action=Action.NO_OP,
        reason=Reason.BLOCKED,
        current=Unknown("positions were not read") if held else line.current,
        working=line.own_working,
        exact_target=Unknown(why),
        target=Unknown(why),
        order=Decimal(0),
        price=line.price,
        quote_type=None if isinstance(line.quote, Unknown) else line.quote.type,
        notional=Unknown(why),
        weight_current=Unknown(why),
        weight_target=Unknown(why),
        blocked=why,
        notes=waiting_orders(line.reserving),
    )
