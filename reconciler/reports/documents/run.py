"""The Run document: what was done, what was not, what is unknown (promise 13)."""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Literal

from reconciler.diagnostics import Diagnostic
from reconciler.domain.desired import Environment
from reconciler.domain.ids import AccountName, ConId, Fingerprint, InstrumentName, OrderRef, PlanId, RunId
from reconciler.domain.line import Line
from reconciler.domain.money import Currency
from reconciler.domain.orders import OrderState
from reconciler.domain.plan import Plan
from reconciler.domain.posttrade import PostTrade
from reconciler.domain.run import LineResult, Outcome, RunResult
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown
from reconciler.planfile.document import (
    HoldingPart,
    LeveragePart,
    LinePart,
    OptionsPart,
    StandingPart,
    ViolationPart,
)
from reconciler.planfile.envelope import Envelope, RevisionPart, envelope
from reconciler.planfile.fields import MoneyField, MoneyOrUnknown, Number, Part, Time, part
from reconciler.planfile.making import line_part, options_part
from reconciler.planfile.summary import rounded
from reconciler.reports.measures import Fate, fates
from reconciler.reports.wording import totals


class RunLinePart(LinePart):
    """One order of a line, or a line without an order, whose `order_state` is then null.

    `ordered` and `filled` are shares of this order; `average_price` is in `currency`; `commission` is what was paid.
    """

    commission: MoneyField | None
    ordered: Number
    order_state: OrderState | None
    filled: Number
    average_price: Number | None
    order_ref: OrderRef | None
    detail: str


class RunSummaryPart(Part):
    """Counts of orders, each in one group of the last six; `sent` may have reached the broker."""

    orders: int
    sent: int
    filled: int
    partially_filled: int
    not_filled: int
    working: int
    unknown: int
    never_sent: int
    commission: tuple[MoneyField, ...]
    leverage: LeveragePart


class RunStandingsPart(Part):
    """As planned from, and as read at the end."""

    before: StandingPart
    after: StandingPart | None


class HoldingCheckPart(Part):
    """Shares of a contract that the run traded: what its fills make of the plan's holding, and what is held."""

    instrument: InstrumentName
    con_id: ConId
    expected: Number
    found: Number


class CashCheckPart(Part):
    """A currency's balance: what fills and commissions make of the plan's, and what is there."""

    currency: Currency
    expected: MoneyOrUnknown
    found: MoneyOrUnknown


class SlippagePart(Part):
    """What the fills of an order cost against the plan's price; below zero they gained."""

    instrument: InstrumentName
    planned: Number
    average: Number
    amount: MoneyField
    fraction: Number


class PostTradePart(Part):
    """The account after the run, held against the run's own executions."""

    holdings: tuple[HoldingCheckPart, ...]
    cash: tuple[CashCheckPart, ...]
    slippage: tuple[SlippagePart, ...]


class RunAccountPart(Part):
    """One account's part of a run; `options` is null where the manifests alone held.

    `post_trade` is null where the account was not read after the run.
    """

    name: AccountName
    environment: Environment
    base_currency: Currency
    net_liquidation: MoneyOrUnknown
    standing: RunStandingsPart
    lines: tuple[RunLinePart, ...]
    undeclared: tuple[HoldingPart, ...]
    violations: tuple[ViolationPart, ...]
    options: OptionsPart | None
    post_trade: PostTradePart | None


class FailurePart(Part):
    """One reason to try again, and how often it was one."""

    why: str
    times: int


class RetriedPart(Part):
    """How often one named policy tried again, connecting included, and what for. No order is ever sent again."""

    policy: str
    times: int
    failures: tuple[FailurePart, ...]


class RunDocument(Envelope):
    """How a run ended. `retries` names the policies that tried anything again."""

    kind: Literal["Run"]
    id: RunId
    plan: PlanId
    fingerprint: Fingerprint
    revision: RevisionPart
    outcome: Outcome
    exit_code: int
    started: Time
    ended: Time
    messages: tuple[str, ...]
    retries: tuple[RetriedPart, ...]
    summary: RunSummaryPart
    accounts: tuple[RunAccountPart, ...]


def run_document(
    result: RunResult, plan: Plan, *, tool: str, exit_code: int, diagnostics: Sequence[Diagnostic] = ()
) -> RunDocument:
    """The result of applying `plan`."""
    return RunDocument(
        **envelope(tool=tool, created=result.ended, revision=plan.revision, diagnostics=diagnostics),
        kind="Run",
        id=result.id,
        plan=result.plan,
        fingerprint=result.fingerprint,
        outcome=result.outcome,
        exit_code=exit_code,
        started=result.started,
        ended=result.ended,
        messages=result.messages,
        retries=tuple(part(RetriedPart, each) for each in result.retries),
        summary=_summary(result, plan),
        accounts=(_account(result, plan),),
    )


def _summary(result: RunResult, plan: Plan) -> RunSummaryPart:
    groups = fates(result.lines)
    after = result.after.leverage if isinstance(result.after, Standing) else result.after
    return RunSummaryPart(
        orders=len(result.lines),
        sent=len(result.lines) - groups[Fate.NEVER_SENT],
        **{str(group): groups[group] for group in Fate},
        commission=totals(line.commission for line in result.lines if line.commission is not None),
        leverage=LeveragePart(
            before=rounded(result.before.leverage), after=rounded(after), target=plan.leverage_target
        ),
    )


def _account(result: RunResult, plan: Plan) -> RunAccountPart:
    return RunAccountPart(
        name=plan.account,
        environment=plan.environment,
        base_currency=plan.base_currency,
        net_liquidation=plan.net_liquidation,
        standing=RunStandingsPart(
            before=part(StandingPart, result.before),
            after=None if isinstance(result.after, Unknown) else part(StandingPart, result.after),
        ),
        lines=tuple(each for line in plan.lines for each in _line_parts(line, result.lines)),
        undeclared=tuple(part(HoldingPart, each) for each in plan.undeclared),
        violations=tuple(part(ViolationPart, each) for each in plan.violations),
        options=options_part(plan.options),
        post_trade=None if isinstance(result.post_trade, Unknown) else _post_trade(result.post_trade),
    )


def _post_trade(found: PostTrade) -> PostTradePart:
    return PostTradePart(
        holdings=tuple(part(HoldingCheckPart, each) for each in found.holdings),
        cash=tuple(part(CashCheckPart, each) for each in found.cash),
        slippage=tuple(
            SlippagePart(
                instrument=each.instrument,
                planned=each.planned,
                average=each.average,
                amount=each.amount,
                fraction=round(each.fraction, 6),
            )
            for each in found.slippage
        ),
    )


_NO_ORDER = {
    "ordered": Decimal(0),
    "order_state": None,
    "filled": Decimal(0),
    "average_price": None,
    "order_ref": None,
    "detail": "",
}


def _line_parts(line: Line, results: Sequence[LineResult]) -> Iterator[RunLinePart]:
    planned = dict(line_part(line)) | {"commission": None}
    own = [result for result in results if result.line == line.number]
    for result in own:
        actual = {
            "ordered": result.quantity,
            "order_state": result.state,
            "filled": result.filled,
            "average_price": result.average_price,
            "commission": result.commission,
            "order_ref": result.order_ref,
            "detail": result.detail,
        }
        yield RunLinePart.model_validate(planned | actual)
    if not own:
        yield RunLinePart.model_validate(planned | _NO_ORDER)
