"""Plan and drift as Markdown, for step summaries and pull requests: read by strangers, so without amounts of money.

Percentages and differences in shares are shown; how many shares are held only where `Shares.SHOWN` asks for it. Sums of
money in messages are struck out. Whatever is foreign is escaped, and the text stays within what a step summary takes.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import StrEnum

from reconciler.domain.account import WorkingOrder
from reconciler.domain.counting import counted
from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.desired import Environment
from reconciler.domain.line import Line
from reconciler.domain.money import Money
from reconciler.domain.plan import Plan
from reconciler.domain.status import SyncStatus
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Violation
from reconciler.planfile.summary import fraction, turnover
from reconciler.planning.assess import is_drifted, sync_status
from reconciler.reports import sentences, wording

STEP_SUMMARY_BYTES = 1024 * 1024
"""GitHub drops a step summary that is larger."""

_ESCAPES = str.maketrans({letter: f"\\{letter}" for letter in r"\`*_[]|~#"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"})
_CUT = "\n\n(cut here: the report is longer than a step summary may be)\n"
_SIGNS = {SyncStatus.SYNCED: "✅", SyncStatus.OUT_OF_SYNC: "⚠️", SyncStatus.UNKNOWN: "❓"}


class Shares(StrEnum):
    """Whether it is told how many shares are held."""

    HIDDEN = "hidden"
    SHOWN = "shown"


def plan_markdown(plan: Plan, *, shares: Shares = Shares.HIDDEN) -> str:
    """A plan for a reviewer."""
    trading = [line for line in plan.lines if sentences.matters(line)]
    resting = [line for line in plan.lines if not sentences.matters(line)]
    table = _Table("Order", lambda line: wording.signed(line.order), shares)
    return _text(
        [
            *_head("Plan", plan, sentences.life(plan)),
            *_occasion(plan),
            f"{sentences.changes_sentence(plan)} Turnover {wording.percent(turnover(plan))}; {_cost(plan)}"
            f"{sentences.leverage_words(plan)}; {_cushion(plan)}; {_distance(plan)}.",
            *_blocked(plan),
            *_limits(plan),
            *table.of(trading),
            *_surroundings(plan, shares),
            *_currencies(plan),
            *_folded(f"{counted(len(resting), 'line')} unchanged", table.of(resting)),
        ]
    )


def drift_markdown(plan: Plan, *, shares: Shares = Shares.HIDDEN) -> str:
    """How the account differs from its manifests."""
    status = sync_status(plan)
    drifted = [line for line in plan.lines if is_drifted(line) or line.blocked is not None]
    resting = [line for line in plan.lines if line not in drifted]
    table = _Table("Off by", sentences.off_by, shares)
    return _text(
        [
            *_head("Drift", plan, f"read {wording.clock(plan.created)}"),
            f"{_SIGNS[status]} **{status}**: {sentences.drift_sentence(plan)}",
            *_blocked(plan),
            *table.of(drifted),
            *_surroundings(plan, shares),
            *_folded(f"{counted(len(resting), 'line')} on target", table.of(resting)),
        ]
    )


def escaped(text: str) -> str:
    """Foreign text as Markdown that shows just this text, on one line, with money struck out."""
    return wording.without_money(wording.plain(text)).translate(_ESCAPES)


def _head(what: str, plan: Plan, time: str) -> Iterator[str]:
    environment = "🔴 **LIVE**" if plan.environment is Environment.LIVE else f"({plan.environment})"
    yield f"## {what}: {escaped(plan.account)} {environment}"
    yield f"{escaped(' · '.join(sentences.origin(plan)))} · {time}"


def _occasion(plan: Plan) -> Iterator[str]:
    """What makes this plan another than every day's: an emergency, or what the command line asked for."""
    emergency = sentences.emergency_sentence(plan)
    if emergency is not None:
        yield f"🚨 **{escaped(emergency)}**"
    asked = sentences.options_words(plan)
    if asked:
        partial = " This plan is partial." if plan.options.is_partial else ""
        yield f"For this run: {escaped(', '.join(asked))}.{partial}"


def _cost(plan: Plan) -> str:
    if not plan.orders:
        return ""
    share = fraction(plan.cost.once, plan.net_liquidation)
    return f"cost {wording.UNKNOWN if isinstance(share, Unknown) else wording.percent(share, digits=3)}; "


def _currencies(plan: Plan) -> Iterator[str]:
    """Each currency's balance as a share of net liquidation, and its rate. Nothing where there is but one."""
    if all(each.currency == plan.base_currency for each in plan.currencies):
        return
    rows = [
        f"| {escaped(each.currency)} | {_share(each.before, each, plan)} | {_share(each.after, each, plan)} | "
        f"{escaped(sentences.rate_alone(each, plan))} | {'' if each.market is None else wording.rate(each.market)} |"
        for each in plan.currencies
    ]
    head = f"| Currency | Balance | After | {escaped(plan.base_currency)} for one | Market |"
    yield "\n".join([head, "| --- | ---: | ---: | --- | ---: |", *rows])


def _share(balance: Money | Unknown, each: CurrencyBalance, plan: Plan) -> str:
    if isinstance(balance, Unknown) or isinstance(each.rate, Unknown):
        return wording.UNKNOWN
    return wording.percent(fraction(each.rate.convert(balance), plan.net_liquidation))


def _cushion(plan: Plan) -> str:
    before, after = (
        wording.percent(fraction(each.excess_liquidity, plan.net_liquidation)) for each in (plan.before, plan.after)
    )
    return f"cushion (excess liquidity / net liquidation) {wording.arrow(before, after)}"


def _distance(plan: Plan) -> str:
    before, after = (wording.move(each.distance.price_move) for each in (plan.before, plan.after))
    return f"move of all prices to liquidation {wording.arrow(before, after)}"


def _blocked(plan: Plan) -> Iterator[str]:
    return _listed("### Blocked", (escaped(each) for each in sentences.blocks(plan)))


def _limits(plan: Plan) -> Iterator[str]:
    blocking = plan.blocking_violations
    return _listed(
        "### Limits", (_violation(each, "**blocks**" if each in blocking else "noted") for each in plan.violations)
    )


def _violation(violation: Violation, word: str) -> str:
    if violation.override is not None:
        word = f"overridden {escaped(sentences.overridden(violation.override))}"
    place = f" at {escaped(str(violation.location))}" if violation.location else ""
    remedy = sentences.remedy(violation)
    mend = f" To mend it: {escaped(remedy)}." if remedy else ""
    return f"{word}: {escaped(violation.limit)}{place}: {escaped(violation.message)}.{mend}"


def _surroundings(plan: Plan, shares: Shares) -> Iterator[str]:
    yield from _listed(
        "### Undeclared holdings (counted in the leverage, never traded)",
        (
            f"{escaped(each.symbol)}{f', {wording.quantity(each.quantity)} shares' if shares is Shares.SHOWN else ''}: "
            f"{wording.percent(fraction(each.exposure, plan.net_liquidation))} of net liquidation"
            f"{escaped(sentences.formerly(each))}"
            for each in plan.undeclared
        ),
    )
    yield from _listed("### Cancelled first", (escaped(wording.working_order(each)) for each in plan.cancellations))
    yield from _listed("### Orders of others", (escaped(wording.working_order(each)) for each in _staying(plan)))
    notes = [f"{line.instrument}: {note}" for line in plan.lines for note in line.notes]
    yield from _listed("### Notes", (escaped(each) for each in [*plan.notes, *notes]))


def _staying(plan: Plan) -> Iterator[WorkingOrder]:
    return (each for each in plan.foreign_orders if each not in plan.cancellations)


def _listed(heading: str, items: Iterable[str]) -> Iterator[str]:
    bullets = "\n".join(f"- {item}" for item in items)
    if bullets:
        yield heading
        yield bullets


class _Table:
    """Tables of lines: what one column says of each is the report's own, and share counts appear only if asked for."""

    def __init__(self, heading: str, figure: Callable[[Line], str], shares: Shares) -> None:
        self._figure = figure
        self._shares = shares
        counts = " Shares |" if shares is Shares.SHOWN else ""
        rule = " ---: |" if shares is Shares.SHOWN else ""
        headings = f"| | Instrument |{counts} Weight | Target | {heading} | Why |"
        self._head = f"{headings}\n| --- | --- |{rule} ---: | ---: | ---: | --- |"

    def of(self, lines: Sequence[Line]) -> Iterator[str]:
        """One table, or nothing where there are no lines."""
        if lines:
            yield "\n".join([self._head, *(self._row(line) for line in lines)])

    def _row(self, line: Line) -> str:
        cells = [
            "❗" if line.blocked is not None else escaped(sentences.SYMBOLS[line.action]),
            escaped(line.instrument),
            sentences.weights(line),
            sentences.target_weight(line),
            self._figure(line),
            sentences.reason(line),
        ]
        if self._shares is Shares.SHOWN:
            cells.insert(2, sentences.quantities(line))
        return f"| {' | '.join(cells)} |"


def _folded(summary: str, blocks: Iterable[str]) -> Iterator[str]:
    content = "\n\n".join(blocks)
    if content:
        yield f"<details><summary>{summary}</summary>\n\n{content}\n\n</details>"


def _text(blocks: Iterable[str]) -> str:
    text = "\n\n".join(blocks) + "\n"
    if len(text.encode()) <= STEP_SUMMARY_BYTES:
        return text
    room = STEP_SUMMARY_BYTES - len(_CUT.encode())
    return text.encode()[:room].decode(errors="ignore").rpartition("\n")[0] + _CUT
