"""Plan: a draft and the broker's what-ifs of its orders → the Plan, with its checks, costs, causes and identity.

The same inputs give the same plan, its bytes included (promise 11).
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from reconciler.domain.account import AccountSnapshot
from reconciler.domain.contract import Contract, TradingSession
from reconciler.domain.cost import unknown_cost
from reconciler.domain.desired import Revision, UnmanagedPositions
from reconciler.domain.halt import Halt, remedy
from reconciler.domain.ids import AccountId, Fingerprint, PlanId
from reconciler.domain.line import Holding, Line
from reconciler.domain.orders import WhatIf
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Violation
from reconciler.planning import fingerprint
from reconciler.planning.balances import balances, exchanged, moved_by
from reconciler.planning.cause import formerly, with_causes
from reconciler.planning.cost import cost_of
from reconciler.planning.draft import Draft
from reconciler.planning.exposure import standing_of
from reconciler.planning.forecast import Estimates
from reconciler.planning.hours import why_closed
from reconciler.planning.judge import judge
from reconciler.planning.resolve import TargetPortfolio

_BUFFER = ("cash_buffer_fraction", "cash_buffer_amount")
NOT_ASKED = Unknown("the broker was not asked what the orders would do")


def finish(
    made: Draft,
    estimates: Estimates | None,
    *,
    revision: Revision,
    account_id: AccountId,
    halts: Sequence[Halt] = (),
) -> Plan:
    """The plan. `estimates` hold one what-if, or Unknown, for each order of the draft.

    None where nobody asked: such a plan is for comparing alone, and no limit was held against it. `halts` hold up its
    apply as long as they last; the plan only tells of them.
    """
    account, snapshot = made.account, made.snapshot
    net = snapshot.values if isinstance(snapshot.values, Unknown) else snapshot.values.net_liquidation
    costed = _with_commissions((change.line for change in made.changes), estimates)
    lines = with_causes(costed, made.history, leverage=account.leverage, net_liquidation=net)
    after = balances(made.portfolio, snapshot, exchanged(moved_by(made.portfolio, made.orders), lines))
    before = standing_of(made.portfolio, snapshot)
    cost, standing = unknown_cost(NOT_ASKED), before
    violations: tuple[Violation, ...] = ()
    if estimates is not None and not made.blocked and not isinstance(snapshot.values, Unknown):
        cost = cost_of(account, snapshot, lines, after)
        violations, standing = judge(made, estimates, after, cost)
    plan = Plan(
        id=PlanId(""),
        fingerprint=Fingerprint(""),
        account=account.name,
        account_digest=fingerprint.account_digest(account_id),
        environment=account.environment,
        base_currency=account.base_currency,
        revision=revision,
        created=made.made_at,
        expires=_expiry(made),
        leverage_target=account.leverage,
        net_liquidation=net,
        price_collar=account.policy.price_collar,
        holdings_digest=holdings_digest(made.portfolio, snapshot),
        lines=lines,
        undeclared=_holdings(made),
        foreign_orders=made.portfolio.foreign_orders,
        batches=made.batches,
        violations=violations,
        before=before,
        after=standing,
        sizing=made.sizing,
        currencies=after,
        cost=cost,
        cancellations=made.cancellations,
        emergency=made.emergency,
        options=made.options,
        blocked=made.blocked,
        notes=_notes(made, halts),
        leverage_declared_at=None if made.options.leverage is not None else account.locations.get("leverage"),
        buffer_declared_at=tuple(account.locations[part] for part in _BUFFER if part in account.locations),
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


def _expiry(made: Draft) -> datetime:
    """The end of the plan's life by the clock, and no later than the next opening or close of a market it trades in.

    Where nobody knows a market's hours, the clock alone counts.
    """
    ends = [made.made_at + made.account.policy.plan_ttl]
    for name in {order.instrument for order in made.orders}:
        contract = made.snapshot.contracts.get(name)
        if isinstance(contract, Contract):
            ends += [each for each in _turns(contract.liquid_hours) if each > made.made_at]
    return min(ends)


def _turns(hours: tuple[TradingSession, ...]) -> Iterable[datetime]:
    """When a market opens or closes; sessions that touch are one."""
    opens, closes = {each.opens for each in hours}, {each.closes for each in hours}
    return opens ^ closes


def _holdings(made: Draft) -> tuple[Holding, ...]:
    if made.account.unmanaged_positions is UnmanagedPositions.IGNORE:
        return ()
    names = frozenset(line.name for line in made.portfolio.lines)
    return tuple(formerly(each, made.history, names) for each in made.portfolio.undeclared)


def _notes(made: Draft, halts: Sequence[Halt]) -> tuple[str, ...]:
    notes = [str(halt) for halt in halts]
    if halts and made.options.flatten is None:
        notes.append(f"apply will refuse to send anything; to go on, {remedy(halts)}")
    if made.account.suspend:
        notes.append("the account is suspended: apply will refuse it")
    notes += [
        f"the override of {each.limit} by {each.by} ended {each.expires:%Y-%m-%d %H:%M} UTC"
        for each in made.account.limits.overrides
        if each.expires is not None and each.expires <= made.made_at
    ]
    if made.account.unmanaged_positions is UnmanagedPositions.CLOSE:
        notes += [f"{each.symbol} is not closed: close it by hand" for each in made.portfolio.undeclared]
    return (*notes, *why_closed(made.closed(made.made_at), now=made.made_at))


def _with_commissions(lines: Iterable[Line], estimates: Estimates | None) -> tuple[Line, ...]:
    """The lines with the commissions that the broker named; Unknown where it named none for one of a line's orders."""
    by_line: dict[int, list[WhatIf | Unknown]] = {}
    for order, estimate in (estimates or {}).items():
        by_line.setdefault(order.line, []).append(estimate)
    return tuple(_with_commission(line, by_line.get(line.number, [])) for line in lines)


def _with_commission(line: Line, own: list[WhatIf | Unknown]) -> Line:
    if not own:
        return line
    known = [each.commission for each in own if isinstance(each, WhatIf) and not isinstance(each.commission, Unknown)]
    if len(known) < len(own):
        return replace(line, commission=Unknown("the broker named no commission"))
    return replace(line, commission=sum(known[1:], known[0]))
