"""Leverage and margin, before and after."""

from collections.abc import Callable, Sequence

from rich.console import Console
from rich.text import Text

from reconciler.domain.money import Currency, Money
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown
from reconciler.planfile.summary import fraction
from reconciler.reports import wording
from reconciler.reports.terminal.parts import Column, cell, grid, say

_DISTANCES: tuple[tuple[str, Callable[[Standing], str]], ...] = (
    ("To liquidation: all prices", lambda each: wording.move(each.distance.price_move)),
    ("To liquidation: leverage after that", lambda each: wording.optional_ratio(each.distance.leverage)),
    ("To liquidation: margin rates", lambda each: wording.move(each.distance.margin_rise)),
    ("To liquidation: a currency", lambda each: wording.currency_move(each.distance)),
)


def _figures(standing: Standing) -> list[object]:
    return [*vars(standing).values(), *vars(standing.distance).values()]


def show_standings(
    console: Console, standings: Sequence[tuple[str, Standing]], *, base: Currency, net_liquidation: Money | Unknown
) -> None:
    """One column for each standing, under its heading; why something is unknown stands below."""
    rows: list[tuple[str, Callable[[Standing], str]]] = [
        ("Leverage", lambda each: wording.ratio(each.leverage)),
        (f"Initial margin ({base})", lambda each: wording.amount(each.initial_margin, base)),
        (f"Maintenance margin ({base})", lambda each: wording.amount(each.maintenance_margin, base)),
        (f"Available funds ({base})", lambda each: wording.amount(each.available_funds, base)),
        (f"Excess liquidity ({base})", lambda each: wording.amount(each.excess_liquidity, base)),
        (
            "Cushion (excess liquidity / net liquidation)",
            lambda each: wording.percent(fraction(each.excess_liquidity, net_liquidation)),
        ),
        *_DISTANCES,
    ]
    columns = [Column("Account"), *(Column(heading, "right") for heading, _ in standings)]
    say(console)
    console.print(grid(console, columns, [_row(name, show, standings) for name, show in rows]))
    for why in wording.whys(figure for _, each in standings for figure in _figures(each)):
        say(console, f"unknown: {why}", style="yellow", indent=2)


def _row(name: str, show: Callable[[Standing], str], standings: Sequence[tuple[str, Standing]]) -> list[Text]:
    return [cell(name), *(cell(show(standing)) for _, standing in standings)]
