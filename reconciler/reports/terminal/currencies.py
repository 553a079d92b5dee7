"""Balances by currency, now and after the plan, and the rates that its figures are converted by."""

from rich.console import Console
from rich.text import Text

from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.plan import Plan
from reconciler.reports import sentences, wording
from reconciler.reports.terminal.parts import MEDIUM, Column, cell, grid, say


def show_currencies(console: Console, plan: Plan) -> None:
    """One row for each currency. Nothing for an account that has only its base currency."""
    if all(each.currency == plan.base_currency for each in plan.currencies):
        return
    columns = [
        Column("Currency"),
        Column("Balance", "right"),
        Column(f"Worth in {plan.base_currency}"),
        Column("Market", "right", MEDIUM),
    ]
    say(console)
    console.print(grid(console, columns, [_row(each, plan) for each in plan.currencies]))
    whys = wording.whys(part for each in plan.currencies for part in (each.rate, each.market, each.after))
    for why in whys:
        say(console, f"unknown: {why}", style="yellow", indent=2)


def _row(each: CurrencyBalance, plan: Plan) -> list[Text]:
    before, after = wording.amount(each.before, each.currency), wording.amount(each.after, each.currency)
    return [
        cell(each.currency, "bold"),
        cell(wording.arrow(before, after), "yellow" if after.startswith("−") else ""),
        cell(sentences.rate(each, plan)),
        cell("" if each.market is None else wording.rate(each.market)),
    ]
