"""A plan for a person: what would be traded, why, what it does to the account, what stands in the way, what to do."""

from rich.console import Console
from rich.text import Text

from reconciler.domain.money import Currency
from reconciler.domain.plan import Action, Line, Plan
from reconciler.planfile.summary import turnover
from reconciler.reports import wording
from reconciler.reports.terminal.parts import (
    ACTION_STYLES,
    MEDIUM,
    WIDE,
    Column,
    Rows,
    around_the_plan,
    cell,
    grid,
    identity,
    say,
    section,
)
from reconciler.reports.terminal.standing import show_standings
from reconciler.reports.terminal.violations import show_violations


def show_plan(console: Console, plan: Plan, *, apply_command: str, rows: Rows = Rows.THAT_MATTER) -> None:
    """The whole plan. `apply_command` is what would run exactly this plan, or a plan made afresh."""
    say(console, identity(plan.account, plan.environment))
    say(console, f"{wording.origin(plan)} · {wording.life(plan)}")
    _show_lines(console, plan, rows)
    around_the_plan(console, plan)
    now = [("Now", plan.before)] if plan.before == plan.after else [("Before", plan.before), ("After", plan.after)]
    show_standings(console, now, base=plan.base_currency, net_liquidation=plan.net_liquidation)
    show_violations(console, plan.violations)
    section(console, "Blocked", wording.blocks(plan), style="red")
    say(console)
    say(console, _summary(plan))
    say(console, next_step(plan, apply_command), style="bold red" if plan.is_blocked else "bold")


def next_step(plan: Plan, apply_command: str) -> str:
    """What to do now, as a sentence."""
    if plan.blocked or plan.blocking_violations:
        return "Blocked: apply would send nothing. Mend what is named above, then run `folioctl plan` again."
    if plan.blocked_lines and plan.orders:
        return (
            f"Blocked in part: `{apply_command}` sends the other lines only where the policy says "
            "`onBlocked: continue`, and nothing otherwise."
        )
    if plan.blocked_lines:
        return "Blocked: nothing can be traded. Mend what is named above, then run `folioctl plan` again."
    return f"Next: {apply_command}" if plan.orders else "Nothing to do: the account is as declared."


def _summary(plan: Plan) -> str:
    if not plan.orders:
        return f"{wording.changes_sentence(plan)} {_capital(wording.leverage_words(plan))}."
    return (
        f"{wording.changes_sentence(plan)} Turnover {wording.percent(turnover(plan))}; "
        f"estimated commission {wording.commission(plan)}; {wording.leverage_words(plan)}."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _show_lines(console: Console, plan: Plan, rows: Rows) -> None:
    shown = [line for line in plan.lines if rows is Rows.ALL or matters(line)]
    base = plan.base_currency
    if shown:
        say(console)
        console.print(grid(console, _columns(base), [_row(line, base) for line in shown]))
    if rest := len(plan.lines) - len(shown):
        say(console, f"{wording.count(rest, 'line')} unchanged", style="dim", indent=2)
    if plan.batches:
        say(console)
        say(console, _batches(plan))


def _columns(base: Currency) -> list[Column]:
    return [
        Column(""),
        Column("Instrument"),
        Column("Shares", "right"),
        Column("Weight", "right", MEDIUM),
        Column("Order", "right"),
        Column("Price", "right", WIDE),
        Column(f"Notional {base}", "right", MEDIUM),
        Column(f"Fee {base}", "right", WIDE),
        Column("Why"),
    ]


def _row(line: Line, base: Currency) -> list[Text]:
    blocked = line.blocked is not None
    style = "red" if blocked else ACTION_STYLES[line.action]
    elsewhere = "" if line.currency == base else f" {line.currency}"
    return [
        cell("!" if blocked else wording.SYMBOLS[line.action], style),
        cell(line.instrument, f"bold {style}"),
        cell(wording.arrow(wording.quantity(line.current), wording.quantity(line.target))),
        cell(wording.arrow(wording.percent(line.weight_current), wording.percent(line.weight_target))),
        cell(wording.signed(line.order), "green" if line.order > 0 else "red"),
        cell(wording.price(line.price) + elsewhere),
        cell(wording.amount(line.notional, base) if line.order else ""),
        cell(wording.amount(line.commission, base)),
        cell(wording.reason(line), style if blocked else ""),
    ]


def _batches(plan: Plan) -> str:
    parts = [
        f"{wording.count(len(each.orders), 'order')} to {'reduce' if each.reduces_risk else 'add'} risk"
        for each in plan.batches
    ]
    batches = "1 batch" if len(parts) == 1 else f"{len(parts)} batches"
    return f"Sent in {batches}, each under a fresh margin check: {', then '.join(parts)}."
