"""Accounts as they are resolved, for a person: each value with the file and line that it came from."""

from collections.abc import Sequence
from decimal import Decimal

from rich.console import Console
from rich.text import Text

from reconciler.domain.desired import AccountSpec, DesiredState
from reconciler.domain.origin import Origin
from reconciler.domain.portfolio import PortfolioSpec, Target
from reconciler.reports.origins import DEFAULT, origin_words, percent_exactly, place_words
from reconciler.reports.resolved import ResolvedValue, account_values, limit_values, line_values, policy_values
from reconciler.reports.terminal.parts import Column, cell, grid, identity, say

_VALUES = [Column("", is_name=True), Column(""), Column("")]
_TERMS = [Column("", is_name=True), Column(""), Column(""), Column("")]
_LINES = [Column("", is_name=True), Column("", "right"), Column(""), Column("")]


def show_resolved(console: Console, desired: DesiredState) -> None:
    """Every account with its portfolio, its limits and its policy."""
    for account in desired.accounts:
        _show(console, account)


def _show(console: Console, account: AccountSpec) -> None:
    say(console, identity(account.name, account.environment))
    _show_values(console, account_values(account))
    say(console)
    say(console, f"Portfolio {account.portfolio.name}", style="bold")
    console.print(grid(console, _LINES, _lines(account.portfolio)))
    say(console)
    console.print(grid(console, _TERMS, [row for each in account.portfolio.targets for row in _terms(each)]))
    say(console)
    say(console, f"RiskLimits {account.limits.name}", style="bold")
    _show_values(console, limit_values(account.limits))
    say(console)
    say(console, f"ExecutionPolicy {account.policy.name}", style="bold")
    _show_values(console, policy_values(account.policy))
    say(console)


def _show_values(console: Console, values: Sequence[ResolvedValue]) -> None:
    rows = [[cell(each.key), cell(each.value), _place(place_words(each.place), each)] for each in values]
    console.print(grid(console, _VALUES, rows))


def _place(words: str, value: ResolvedValue) -> Text:
    return cell(words, "dim" if value.place is None else "cyan")


def _terms(target: Target) -> list[list[Text]]:
    """What manifests say of a line's instrument, without what is left at its default. Its name stands once."""
    stated = [each for each in line_values(target) if each.place is not None]
    names = [str(target.instrument.name), *[""] * len(stated)]
    return [
        [cell(name), cell(each.key), cell(each.value), _place(place_words(each.place), each)]
        for name, each in zip(names, stated, strict=False)
    ]


def _lines(portfolio: PortfolioSpec) -> list[list[Text]]:
    lines = [_line(each.instrument.name, each.weight, each.sleeve or "", each.origin) for each in portfolio.targets]
    return [*lines, _line("cash", portfolio.cash_weight, "", portfolio.cash_origin)]


def _line(name: str, weight: Decimal, sleeve: str, origin: Origin) -> list[Text]:
    words = origin_words(origin)
    return [
        cell(name),
        cell(f"{percent_exactly(weight)}%"),
        cell(sleeve),
        cell(words or DEFAULT, "cyan" if words else "dim"),
    ]
