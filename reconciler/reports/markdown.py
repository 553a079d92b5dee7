"""Plan and drift as Markdown, for step summaries and pull requests: read by strangers, so without amounts of money.

Percentages and differences in shares are shown; how many shares are held only where `Shares.SHOWN` asks for it. Sums of
money in messages are struck out. Whatever is foreign is escaped, and the text stays within what a step summary takes.
"""

from collections.abc import Iterable, Iterator, Sequence
from enum import StrEnum

from reconciler.domain.desired import Environment
from reconciler.domain.plan import Action, Line, Plan, Violation
from reconciler.domain.status import SyncStatus
from reconciler.planfile.summary import fraction, is_drifted, sync_status, turnover
from reconciler.reports import wording

STEP_SUMMARY_BYTES = 1024 * 1024
"""GitHub drops a step summary that is larger."""

_SPECIAL = str.maketrans({letter: f"\\{letter}" for letter in r"\`*_[]|~#"} | {"<": "&lt;", ">": "&gt;", "&": "&amp;"})
_CUT = "\n\n(cut here: the report is longer than a step summary may be)\n"


class Shares(StrEnum):
    """Whether the number of shares held is told."""

    HIDDEN = "hidden"
    SHOWN = "shown"


def plan_markdown(plan: Plan, *, shares: Shares = Shares.HIDDEN) -> str:
    """A plan for a reviewer."""
    trading = [line for line in plan.lines if line.action is not Action.NO_OP or line.blocked is not None]
    return _fitted(
        [
            *_head("Plan", plan),
            f"{escaped(wording.changes_sentence(plan))} Turnover {wording.percent(turnover(plan))}; "
            f"{wording.leverage_words(plan)}; {_cushion(plan)}.",
            *_attention(plan),
            *_table(trading, shares, "Order", lambda line: wording.signed(line.order)),
            *_surroundings(plan),
            *_resting([line for line in plan.lines if line not in trading], "unchanged", shares),
        ]
    )


def drift_markdown(plan: Plan, *, shares: Shares = Shares.HIDDEN) -> str:
    """How the account differs from its manifests."""
    status = sync_status(plan)
    sign = {SyncStatus.SYNCED: "✅", SyncStatus.OUT_OF_SYNC: "⚠️", SyncStatus.UNKNOWN: "❓"}[status]
    drifted = [line for line in plan.lines if is_drifted(line) or line.blocked is not None]
    return _fitted(
        [
            *_head("Drift", plan),
            f"{sign} **{status}**: {wording.drift_sentence(plan)}",
            *_attention(plan),
            *_table(drifted, shares, "Off by", wording.off_by),
            *_surroundings(plan),
            *_resting([line for line in plan.lines if line not in drifted], "on target", shares),
        ]
    )


def escaped(text: str) -> str:
    """Foreign text as Markdown that shows just this text, on one line, with money struck out."""
    return wording.without_money(wording.plain(text)).translate(_SPECIAL)


def _head(what: str, plan: Plan) -> Iterator[str]:
    live = " 🔴 **LIVE**" if plan.environment is Environment.LIVE else f" ({plan.environment})"
    yield f"## {what}: {escaped(plan.account)}{live}"
    yield f"{escaped(wording.origin(plan))} · {wording.life(plan)}"


def _cushion(plan: Plan) -> str:
    before, after = (
        wording.percent(fraction(each.excess_liquidity, plan.net_liquidation)) for each in (plan.before, plan.after)
    )
    return f"excess liquidity {wording.arrow(before, after)} of net liquidation"


def _attention(plan: Plan) -> Iterator[str]:
    """What a reader must not miss, before the table."""
    if blocks := wording.blocks(plan):
        yield "### Blocked"
        yield _bullets(escaped(each) for each in blocks)
    if plan.violations:
        yield "### Limits"
        yield _bullets(_violation(each) for each in plan.violations)


def _violation(violation: Violation) -> str:
    word = "**blocks**" if violation in violation_blocks((violation,)) else "told"
    place = f" ({escaped(str(violation.location))})" if violation.location else ""
    remedy = f" To mend it: {escaped(violation.remedy)}." if violation.remedy else ""
    return f"{word}: {escaped(violation.limit)}{place}: {escaped(violation.message)}.{remedy}"
