"""The arithmetic of one line for a person, step by step."""

from rich.console import Console

from reconciler.domain.line import Line
from reconciler.domain.plan import Plan
from reconciler.reports import sentences
from reconciler.reports.explanation import explanation
from reconciler.reports.terminal.parts import Column, cell, grid, identity, say, say_facts


def show_explanation(console: Console, plan: Plan, line: Line) -> None:
    """How the line comes to its order, or to none."""
    say(console, identity(plan.account, plan.environment))
    say_facts(console, [*sentences.origin(plan), sentences.life(plan)])
    say(console)
    rows = [[cell(each.what), cell(each.value, "bold"), cell(each.how)] for each in explanation(plan, line)]
    console.print(grid(console, [Column(line.instrument), Column("", "right"), Column("")], rows))
    say(console)
    say(console, sentences.verdict(line), style="bold red" if line.blocked is not None else "bold")
