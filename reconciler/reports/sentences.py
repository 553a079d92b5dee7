"""What is said about plans, lines and runs in words: the same sentences in every rendering for people."""

from decimal import Decimal

from reconciler.domain.account import QuoteType
from reconciler.domain.counting import counted
from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.limits import EmergencyAction, Level, Override
from reconciler.domain.line import Action, Cause, Holding, Line, LineKind, Reason
from reconciler.domain.money import FxRate
from reconciler.domain.plan import Batch, Plan
from reconciler.domain.run import Outcome
from reconciler.domain.unknown import Unknown
from reconciler.domain.violation import Violation
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
    Reason.WITHIN_BAND: "within its band",
    Reason.COOLING_DOWN: "traded lately: cooling down",
    Reason.BUY_ONLY: "only buys are allowed",
    Reason.SELL_ONLY: "only sells are allowed",
    Reason.NOT_NEEDED: "others suffice",
    Reason.NOT_SELECTED: "left out",
    Reason.FUNDS_SHORT: "nothing pays for it",
    Reason.BLOCKED: "blocked",
    Reason.ABOVE_BAND: "off target",
    Reason.ABOVE_TOTAL_BAND: "all together are off target",
    Reason.ABOVE_HARD_BAND: "far off target",
    Reason.ABOVE_LIMIT: "a limit asks for it",
    Reason.CASH_FLOW: "takes up the cash flow",
    Reason.NOT_HELD: "not held yet",
    Reason.WEIGHT_ZERO: "weight is 0",
    Reason.UNDECLARED: "no manifest names it",
    Reason.FORCED: "forced",
    Reason.EMERGENCY: "emergency",
    Reason.FUNDING: "conversion that the plan needs",
}

CAUSES = {
    Cause.MARKET: "by the market",
    Cause.CASH_FLOW: "by cash that came or went",
    Cause.MANUAL_TRADE: "by a trade that was not ours",
    Cause.POLICY_CHANGE: "by a change of the manifests",
    Cause.ROUNDING: "by rounding",
    Cause.CORPORATE_ACTION: "by a corporate action",
    Cause.BROKER_LIQUIDATION: "liquidated by the broker",
}

OUTCOMES = {
    Outcome.APPLIED: "Applied: every order is filled.",
    Outcome.NOTHING_TO_DO: "Nothing to do: the account is as declared.",
    Outcome.BLOCKED: "Blocked: nothing was sent.",
    Outcome.PARTIALLY_APPLIED: "Partially applied: some orders are filled, others are not.",
    Outcome.UNRESOLVED: "Unresolved: the fate of at least one order is not known. Nothing was sent again.",
    Outcome.INTERRUPTED: "Interrupted: every order that was sent is accounted for.",
    Outcome.CLOSED: "Closed: nothing was sent.",
    Outcome.STALE: "Stale: the plan no longer fits the account, the manifests or the clock.",
    Outcome.FAILED: "Failed.",
}

_CHANGES = {
    Action.OPEN: "to open",
    Action.INCREASE: "to increase",
    Action.REDUCE: "to reduce",
    Action.CLOSE: "to close",
}


def origin(plan: Plan) -> tuple[str, str]:
    """`plan 0123456789ab` and `revision 4f0c9a7d2b1e`, with whether the files differed from it."""
    revision = plan.revision
    commit = "no revision" if revision.commit is None else f"revision {revision.commit[:12]}"
    return f"plan {plan.id}", f"{commit}{', with uncommitted changes' if revision.dirty else ''}"


def life(plan: Plan) -> str:
    """`made 2026-03-02 15:00:00 UTC, good for 15 min`."""
    return f"made {wording.clock(plan.created)}, good for {(plan.expires - plan.created).total_seconds() / 60:.0f} min"


def quantities(line: Line) -> str:
    """`20 → 43`: what is held, and after the order. A conversion's balances stand in a table of their own."""
    if line.kind is LineKind.CURRENCY:
        return ""
    return wording.arrow(wording.quantity(line.current), wording.quantity(line.target))


def weights(line: Line) -> str:
    """`8.0 % → 17.2 %`: exposure / net liquidation, and after the order."""
    if line.kind is LineKind.CURRENCY:
        return ""
    return wording.arrow(wording.percent(line.weight_current), wording.percent(_weight_after(line)))


def target_weight(line: Line) -> str:
    """The weight of the exact target, which whole lots and funds may miss."""
    return "" if line.kind is LineKind.CURRENCY else wording.percent(line.weight_target)


def _weight_after(line: Line) -> Decimal | Unknown:
    for quantity, weight in ((line.exact_target, line.weight_target), (line.current, line.weight_current)):
        if isinstance(weight, Unknown) or isinstance(quantity, Unknown):
            return weight if isinstance(weight, Unknown) else Unknown("its quantity is not known")
        if quantity and not isinstance(line.target, Unknown):
            return weight * line.target / quantity
    return Decimal(0) if not isinstance(line.target, Unknown) else line.target


def reason(line: Line) -> str:
    """Why a line trades or does not, and what else matters about it, in a few words."""
    words = [REASONS[line.reason]]
    if is_short_of_funds(line):
        words.append("as far as funds reach")
    if line.cause is not None and line.reason is not Reason.WITHIN_ONE_LOT:
        words.append(CAUSES[line.cause])
    if line.working != 0:
        words.append(f"{wording.signed(line.working)} working")
    if line.quote_type not in (None, QuoteType.LIVE):
        words.append(f"{line.quote_type} price")
    return ", ".join(words)


def is_short_of_funds(line: Line) -> bool:
    """Whether an order that adds to a line leaves it more than a lot short of its exact target."""
    if isinstance(line.target, Unknown) or isinstance(line.exact_target, Unknown) or not line.order:
        return False
    adds = line.order * line.target > 0
    rests = line.kind is not LineKind.TARGET or line.reason is Reason.CASH_FLOW or line.band is not None
    return adds and not rests and abs(line.exact_target) - abs(line.target) > line.lot


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


def options_words(plan: Plan) -> tuple[str, ...]:
    """What the command line asked for beyond the manifests, as it was written."""
    options = plan.options
    words = [
        ("--leverage", options.leverage),
        ("--margin-cushion", options.margin_cushion),
        ("--max-parallel", options.max_parallel or None),
        ("--max-runtime", None if options.max_runtime is None else f"{options.max_runtime.total_seconds():.0f}"),
    ]
    said = [f"{name} {value}" for name, value in words if value is not None]
    said += ["--batch-execution"] if options.max_parallel == 0 else []
    said += [] if options.order_style is None else [f"--{options.order_style}-orders"]
    said += ["--force"] if options.is_forced else []
    said += [] if options.flatten is None else ["--flatten"]
    said += [] if options.portfolio is None else [f"--portfolio with {counted(len(options.portfolio), 'line')}"]
    said += [f"--target {name}" for name in options.targets]
    said += [f"--exclude {name}" for name in options.excluded]
    said += [f"--override {each.limit} ({each.reason}; {each.by})" for each in options.overrides]
    return tuple(said)


def emergency_sentence(plan: Plan) -> str | None:
    """Why a plan is an emergency's, what it does, and who authorised that; None where it is none."""
    emergency = plan.emergency
    if emergency is None:
        return None
    what = {
        EmergencyAction.DELEVERAGE: "the declared holdings are reduced to the target",
        EmergencyAction.FLATTEN: "every declared holding is closed",
        EmergencyAction.ALERT: "nothing is traded, this is an alert",
    }[emergency.action]
    by = emergency.authorised_by
    who = f"authorised beforehand by {by}" if by else "nobody authorised it beforehand: a person must approve it"
    return f"EMERGENCY: {'; '.join(emergency.reasons)}. {_capital(what)}; {who}."


def cost_sentence(plan: Plan) -> str:
    """`Cost: commission 8.00, half spread 12.30, conversion 0.00 USD; loan 40,000.00 USD, 2,400.00 USD a year.`"""
    base, cost = plan.base_currency, plan.cost
    parts = (("commission", cost.commission), ("half spread", cost.half_spread), ("conversion", cost.conversion))
    said = ", ".join(
        f"{name} {wording.amount(each, base)}"
        for name, each in parts
        if isinstance(each, Unknown) or each.amount or name == "commission"
    )
    once = cost.once
    total = "" if isinstance(once, Unknown) else f", together {wording.amount(once, base)}"
    return f"Cost ({base}): {said}{total if said.count(',') else ''}{_financing(plan)}."


def _financing(plan: Plan) -> str:
    loan, financing = plan.cost.loan, plan.cost.financing
    if isinstance(loan, Unknown):
        return "; the loan after it is unknown"
    if not loan.amount:
        return ""
    owed = f"; {wording.amount(loan, plan.base_currency)} are owed after it"
    if isinstance(financing, Unknown):
        return f"{owed} (no financingRate says what that costs)"
    return f"{owed}, {wording.amount(financing, plan.base_currency)} a year"


def leverage_words(plan: Plan) -> str:
    """`leverage 1.12 → 1.40 (target 1.40)`."""
    change = wording.arrow(wording.ratio(plan.before.leverage), wording.ratio(plan.after.leverage))
    weights = sum((abs(line.weight) for line in plan.lines if line.weight is not None), Decimal(0))
    cash = f", {wording.percent(1 - weights)} of it cash" if 0 < weights < 1 else ""
    return f"leverage {change} (target {wording.ratio(plan.leverage_target)}{cash})"


def drift_sentence(plan: Plan) -> str:
    """`3 of 19 lines off target; 1 blocked; 1 holding undeclared; leverage 1.12 (target 1.40).`"""
    drifted = sum(is_drifted(line) for line in plan.lines)
    parts = [f"{drifted} of {counted(len(plan.lines), 'line')} off target"]
    if unknown := sum(is_unknown(line) for line in plan.lines):
        parts.append(f"{unknown} not known")
    if plan.blocked_lines:
        parts.append(f"{len(plan.blocked_lines)} blocked")
    if plan.undeclared:
        parts.append(f"{counted(len(plan.undeclared), 'holding')} undeclared")
    parts.append(f"leverage {wording.ratio(plan.before.leverage)} (target {wording.ratio(plan.leverage_target)})")
    return "; ".join(parts) + "."


def formerly(holding: Holding) -> str:
    """That a holding was declared when the manifests were last applied, and is no longer; else the empty text."""
    if holding.formerly is None:
        return ""
    return f"; declared as {holding.formerly} until the last apply, and no longer: removing a line sells nothing"


def rate(balance: CurrencyBalance, plan: Plan) -> str:
    """`1 USD = 1.3652 CAD, by the broker's account values, 12 s old`; the empty text for the base currency."""
    if isinstance(balance.rate, Unknown) or balance.currency == plan.base_currency:
        return rate_alone(balance, plan)
    worth = f"1 {balance.rate.source} = {wording.rate(balance.rate.rate)} {balance.rate.target}"
    return f"{worth}, {_origin(balance.rate, plan)}"


def rate_alone(balance: CurrencyBalance, plan: Plan) -> str:
    """`1.3652, by the broker's account values, 12 s old`: what strangers may read, for no amount stands in it."""
    if balance.currency == plan.base_currency:
        return ""
    if isinstance(balance.rate, Unknown):
        return wording.UNKNOWN
    return f"{wording.rate(balance.rate.rate)}, {_origin(balance.rate, plan)}"


def _origin(rate: FxRate, plan: Plan) -> str:
    return f"by {rate.origin}, {wording.age((plan.created - rate.as_of).total_seconds())} old"


def remedy(violation: Violation) -> str:
    """The smallest change that would satisfy the limit, and what lets this plan past it; the empty text for none."""
    ways = [violation.remedy] if violation.remedy else []
    if violation.blocks and violation.level is Level.OVERRIDE:
        ways.append(f"knowingly, for this plan alone: --override {violation.limit}='WHY'")
    return "; or ".join(ways)


def overridden(override: Override) -> str:
    """`by Ada: the account moved here, until 2026-12-31 00:00 UTC`."""
    until = "" if override.expires is None else f", until {override.expires:%Y-%m-%d %H:%M} UTC"
    return f"by {override.by}: {override.reason}{until}"


def verdict(line: Line) -> str:
    """Why the line trades or does not, as a sentence."""
    if line.blocked is not None:
        return f"Blocked: {line.blocked}."
    return f"{_capital(reason(line))}."


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
    if plan.emergency is not None:
        return _emergency_step(plan, apply_command)
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
    if plan.orders:
        return f"Next: {apply_command}"
    if any(line.reason is Reason.NOT_SELECTED for line in plan.lines):
        return "Nothing to do for the lines that were chosen; others are off target."
    return "Nothing to do: the account is as declared."


def _emergency_step(plan: Plan, apply_command: str) -> str:
    if plan.emergency is not None and plan.emergency.action is EmergencyAction.ALERT:
        return "Nothing is sent: emergencyAction is alert. Reduce the account by hand, or let emergencyAction do it."
    if not plan.orders:
        return "Nothing is sent: no line can be reduced further. Reduce the account by hand."
    return f"Next, without delay: {apply_command}"


def batches_sentence(plan: Plan) -> str:
    """How the orders are sent."""
    parts = [f"{counted(len(each.orders), 'order')} to {batch_purpose(each)}" for each in plan.batches]
    batches = "1 batch" if len(parts) == 1 else f"{len(parts)} batches"
    return f"Sent in {batches}, each under a fresh margin check: {', then '.join(parts)}."


def batch_purpose(batch: Batch) -> str:
    """`reduce risk`, `exchange currency` or `add risk`."""
    if batch.reduces_risk:
        return "reduce risk"
    return "exchange currency" if all(order.converts for order in batch.orders) else "add risk"


def plan_summary(plan: Plan) -> str:
    """The plan in a few sentences."""
    partial = " This plan is partial: lines were left out on purpose." if plan.options.is_partial else ""
    if not plan.orders:
        return f"{changes_sentence(plan)} {_capital(leverage_words(plan))}.{partial}"
    return f"{changes_sentence(plan)} Turnover {wording.percent(turnover(plan))}; {leverage_words(plan)}.{partial}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
