"""What is said about plans, lines and runs in words: the same sentences in every rendering for people."""

from reconciler.domain.account import QuoteType
from reconciler.domain.money import Money
from reconciler.domain.plan import Action, Line, Plan, Reason
from reconciler.domain.run import Outcome
from reconciler.domain.unknown import Unknown
from reconciler.planfile.summary import turnover
from reconciler.planning.assess import is_drifted, is_unknown
from reconciler.reports import wording

SYMBOLS = {
    Action.NO_OP: " ",
    Action.OPEN: "+",
    Action.INCREASE: "~",
    Action.REDUCE: "~",
    Action.CLOSE: "−",
}

REASONS = {
    Reason.AT_TARGET: "at target",
    Reason.WITHIN_ONE_LOT: "within one lot",
    Reason.BELOW_MINIMUM_NOTIONAL: "too small to trade",
    Reason.ABOVE_BAND: "off target",
    Reason.NOT_HELD: "not held yet",
    Reason.WEIGHT_ZERO: "weight is 0",
    Reason.BLOCKED: "blocked",
}

OUTCOMES = {
    Outcome.APPLIED: "Applied: every order is filled.",
    Outcome.NOTHING_TO_DO: "Nothing to do: the account is as declared.",
    Outcome.BLOCKED: "Blocked: nothing was sent.",
    Outcome.PARTIALLY_APPLIED: "Partially applied: some orders are filled, others are not.",
    Outcome.UNRESOLVED: "Unresolved: the fate of at least one order is not known. Nothing was sent again.",
    Outcome.INTERRUPTED: "Interrupted: every order that was sent is accounted for.",
    Outcome.STALE: "Stale: the plan no longer fits the account, the manifests or the clock.",
    Outcome.FAILED: "Failed.",
}

_CHANGES = {
    Action.OPEN: "to open",
    Action.INCREASE: "to increase",
    Action.REDUCE: "to reduce",
    Action.CLOSE: "to close",
}


def origin(plan: Plan) -> str:
    """`plan 0123456789ab · revision 4f0c9a7d2b1e`, and whether the files differed from it."""
    revision = plan.revision
    commit = "no revision" if revision.commit is None else f"revision {revision.commit[:12]}"
    return f"plan {plan.id} · {commit}{', with uncommitted changes' if revision.dirty else ''}"


def life(plan: Plan) -> str:
    """`made 2026-03-02 15:00:00 UTC, good for 15 min`."""
    return f"made {wording.clock(plan.created)}, good for {(plan.expires - plan.created).total_seconds() / 60:.0f} min"


def reason(line: Line) -> str:
    """Why a line trades or does not, and what else matters about it, in a few words."""
    words = [REASONS[line.reason]]
    if line.working != 0:
        words.append(f"{wording.signed(line.working)} working")
    if line.quote_type not in (None, QuoteType.LIVE):
        words.append(f"{line.quote_type} price")
    return ", ".join(words)


def blocks(plan: Plan) -> tuple[str, ...]:
    """Everything that stands in the way, each reason once: the whole account's first, then those of lines."""
    lines: dict[str, list[str]] = {}
    for line in plan.blocked_lines:
        if line.blocked is not None and line.blocked not in plan.blocked:
            lines.setdefault(line.blocked, []).append(line.instrument)
    return plan.blocked + tuple(f"{', '.join(names)}: {why}" for why, names in lines.items())


def changes_sentence(plan: Plan) -> str:
    """`Plan: 2 to open, 3 to increase; 7 unchanged; 1 blocked.`"""
    actions = [line.action for line in plan.changes]
    wanted = [f"{actions.count(action)} {words}" for action, words in _CHANGES.items() if action in actions]
    resting = sum(not matters(line) for line in plan.lines)
    parts = [", ".join(wanted) or "nothing to trade", f"{resting} unchanged"]
    if plan.blocked_lines:
        parts.append(f"{len(plan.blocked_lines)} blocked")
    return f"Plan: {'; '.join(parts)}."


def leverage_words(plan: Plan) -> str:
    """`leverage 1.12 → 1.40 (target 1.40)`."""
    change = wording.arrow(wording.ratio(plan.before.leverage), wording.ratio(plan.after.leverage))
    return f"leverage {change} (target {wording.ratio(plan.leverage_target)})"


def commission(plan: Plan) -> str:
    """What the orders are estimated to cost, by currency; unknown where it is for one of them."""
    known: list[Money] = []
    for line in plan.changes:
        if not isinstance(line.commission, Money):
            return wording.UNKNOWN
        known.append(line.commission)
    return " + ".join(str(each) for each in wording.totals(known)) or "none"


def drift_sentence(plan: Plan) -> str:
    """`3 of 19 lines off target; 1 blocked; 1 holding undeclared; leverage 1.12 (target 1.40).`"""
    drifted = sum(is_drifted(line) for line in plan.lines)
    parts = [f"{drifted} of {wording.count(len(plan.lines), 'line')} off target"]
    if unknown := sum(is_unknown(line) for line in plan.lines):
        parts.append(f"{unknown} not known")
    if plan.blocked_lines:
        parts.append(f"{len(plan.blocked_lines)} blocked")
    if plan.undeclared:
        parts.append(f"{wording.count(len(plan.undeclared), 'holding')} undeclared")
    parts.append(f"leverage {wording.ratio(plan.before.leverage)} (target {wording.ratio(plan.leverage_target)})")
    return "; ".join(parts) + "."


def off_by(line: Line) -> str:
    """What is held and working minus the target, in shares."""
    if isinstance(line.current, Unknown) or isinstance(line.target, Unknown):
        return "?"
    return wording.signed(line.current + line.working - line.target)


def matters(line: Line) -> bool:
    """Whether the line trades or is blocked."""
    return line.action is not Action.NO_OP or line.blocked is not None


def next_step(plan: Plan, apply_command: str) -> str:
    """What to do now, as a sentence."""
    if plan.blocked or plan.forbidden_violations:
        return "Blocked: apply would send nothing. Mend what is named above, then run `folioctl plan` again."
    if plan.blocking_violations and not plan.blocked_lines:
        return f"The account is beyond a limit: `{apply_command}` sends what reduces risk, and nothing that adds to it."
    if plan.blocked_lines and plan.orders:
        return (
            f"Blocked in part: `{apply_command}` sends the other lines only where the policy says "
            "`onBlocked: continue`, and nothing otherwise."
        )
    if plan.blocked_lines:
        return "Blocked: nothing can be traded. Mend what is named above, then run `folioctl plan` again."
    return f"Next: {apply_command}" if plan.orders else "Nothing to do: the account is as declared."


def batches_sentence(plan: Plan) -> str:
    """How the orders are sent."""
    parts = [
        f"{wording.count(len(each.orders), 'order')} to {'reduce' if each.reduces_risk else 'add'} risk"
        for each in plan.batches
    ]
    batches = "1 batch" if len(parts) == 1 else f"{len(parts)} batches"
    return f"Sent in {batches}, each under a fresh margin check: {', then '.join(parts)}."


def plan_summary(plan: Plan) -> str:
    """The plan in two sentences, with the estimated commission."""
    if not plan.orders:
        return f"{changes_sentence(plan)} {_capital(leverage_words(plan))}."
    return (
        f"{changes_sentence(plan)} Turnover {wording.percent(turnover(plan))}; "
        f"estimated commission {commission(plan)}; {leverage_words(plan)}."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
