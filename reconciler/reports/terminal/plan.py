"""A plan for a person: what would be traded, why, what it does to the account, what stands in the way, what to do."""

from rich.console import Console
from rich.text import Text

from reconciler.domain.counting import counted
from reconciler.domain.line import Line
from reconciler.domain.money import Currency
from reconciler.domain.plan import Plan
from reconciler.reports import sentences, wording
from reconciler.reports.terminal.currencies import show_currencies
from reconciler.reports.terminal.parts import (
    ACTION_STYLES,
    FULL,
    MEDIUM,
    WIDE,
    Column,
    Detail,
    around_the_plan,
    cell,
    grid,
    identity,
    say,
    say_facts,
    say_options,
    section,
)
from reconciler.reports.terminal.standing import show_standings
from reconciler.reports.terminal.violations import show_violations


def show_plan(console: Console, plan: Plan, *, apply_command: str | None, detail: Detail = Detail.CHANGES) -> None:
    """The whole plan. `apply_command` is what would run exactly this plan, or one made afresh; None if nothing does."""
    _show_head(console, plan)
    _show_lines(console, plan, detail)
    if detail is not Detail.CONCISE:
        around_the_plan(console, plan)
        show_currencies(console, plan)
        now = [("Now", plan.before)] if plan.before == plan.after else [("Before", plan.before), ("After", plan.after)]
        show_standings(console, now, base=plan.base_currency, net_liquidation=plan.net_liquidation)
    show_violations(console, plan)
    section(console, "Blocked", sentences.blocks(plan), style="red")
    say(console)
    if plan.orders:
        say(console, sentences.cost_sentence(plan))
    say(console, sentences.plan_summary(plan))
    if apply_command is not None:
        say(console, sentences.next_step(plan, apply_command), style="bold red" if plan.is_blocked else "bold")


def _show_head(console: Console, plan: Plan) -> None:
    say(console, identity(plan.account, plan.environment) + cell(f" · net liquidation {plan.net_liquidation}"))
    say_facts(console, [*sentences.origin(plan), sentences.life(plan)])
    emergency = sentences.emergency_sentence(plan)
    if emergency is not None:
        say(console)
        say(console, emergency, style="bold red")
    say_options(console, plan)


def _show_lines(console: Console, plan: Plan, detail: Detail) -> None:
    shown = [line for line in plan.lines if detail is Detail.ALL or sentences.matters(line)]
    base = plan.base_currency
    if shown:
        say(console)
        console.print(grid(console, _columns(base), [_row(line, base) for line in shown]))
    if rest := len(plan.lines) - len(shown):
        say(console, f"{counted(rest, 'line')} unchanged", style="dim", indent=2)
    if plan.batches:
        say(console)
        say(console, sentences.batches_sentence(plan))


def _columns(base: Currency) -> list[Column]:
    return [
        Column(""),
        Column("Instrument", is_name=True),
        Column("Shares", "right"),
        Column("Weight", "right", MEDIUM),
        Column("Target", "right", WIDE),
        Column("Order", "right"),
        Column("Price", "right", FULL),
        Column(f"Notional {base}", "right", MEDIUM),
        Column(f"Fee {base}", "right", FULL),
        Column("Why", at_least=12),
    ]


def _row(line: Line, base: Currency) -> list[Text]:
    blocked = line.blocked is not None
    style = "red" if blocked else ACTION_STYLES[line.action]
    elsewhere = "" if line.currency == base else f" {line.currency}"
    return [
        cell("!" if blocked else sentences.SYMBOLS[line.action], style),
        cell(line.instrument, f"bold {style}"),
        cell(sentences.quantities(line)),
        cell(sentences.weights(line)),
        cell(sentences.target_weight(line)),
        cell(wording.signed(line.order), "green" if line.order > 0 else "red"),
        cell(wording.price(line.price) + elsewhere),
        cell(wording.amount(line.notional, base) if line.order else ""),
        cell(wording.amount(line.commission, base)),
        cell(sentences.reason(line), style if blocked else ""),
    ]
