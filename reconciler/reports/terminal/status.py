"""The status of accounts for a person, one block each."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from reconciler.domain.standing import Standing
from reconciler.domain.status import AccountStatus, Condition, HealthStatus, Truth
from reconciler.domain.unknown import Unknown
from reconciler.planfile.summary import fraction
from reconciler.reports import wording
from reconciler.reports.terminal.drift import SYNC_STYLES
from reconciler.reports.terminal.parts import Column, cell, grid, identity, say, section

_HEALTH_STYLES = {
    HealthStatus.HEALTHY: "green",
    HealthStatus.PROGRESSING: "cyan",
    HealthStatus.DEGRADED: "yellow",
    HealthStatus.SUSPENDED: "yellow",
    HealthStatus.UNKNOWN: "red",
}
_TRUTH_STYLES = {Truth.TRUE: "green", Truth.FALSE: "yellow", Truth.UNKNOWN: "red"}


def show_status(console: Console, statuses: Iterable[AccountStatus]) -> None:
    """Every account, its figures first, then its conditions."""
    for place, status in enumerate(statuses):
        if place:
            say(console)
        say(console, identity(status.account, status.environment))
        console.print(grid(console, [Column(""), Column("")], list(_figures(status))))
        _show_conditions(console, status.conditions)
        if isinstance(status.working_orders, tuple):
            section(console, "Working orders", (wording.working_order(each) for each in status.working_orders))
        section(console, "Runs that were begun and never closed", status.unfinished_runs, style="yellow")


def _figures(status: AccountStatus) -> Iterator[tuple[Text, Text]]:
    yield cell("Sync"), cell(status.sync, SYNC_STYLES[status.sync])
    yield cell("Health"), cell(status.health, _HEALTH_STYLES[status.health])
    connection = ("connected", "green") if status.is_connected else ("not connected", "red")
    yield cell("Gateway"), cell(*connection)
    yield cell("Leverage"), cell(_leverage(status))
    yield cell("Available funds"), cell(_of_net(status, "available_funds"))
    yield cell("Excess liquidity"), cell(_of_net(status, "excess_liquidity"))
    yield cell("To liquidation"), cell(_to_liquidation(status))
    yield cell("As of"), cell(wording.clock(status.as_of))


def _to_liquidation(status: AccountStatus) -> str:
    if isinstance(status.standing, Unknown):
        return _known(status.standing, "")
    distance = status.standing.distance
    return f"all prices {wording.move(distance.price_move)}, or margin rates {wording.move(distance.margin_rise)}"


def _leverage(status: AccountStatus) -> str:
    leverage = status.standing.leverage if isinstance(status.standing, Standing) else status.standing
    return f"{_known(leverage, wording.ratio(leverage))} (target {wording.ratio(status.leverage_target)})"


def _of_net(status: AccountStatus, figure: str) -> str:
    part = getattr(status.standing, figure) if isinstance(status.standing, Standing) else status.standing
    share = fraction(part, status.net_liquidation)
    return _known(share, f"{wording.percent(share)} of net liquidation")


def _known(value: object, text: str) -> str:
    return f"unknown: {value.why}" if isinstance(value, Unknown) else text


def _show_conditions(console: Console, conditions: tuple[Condition, ...]) -> None:
    if not conditions:
        return
    columns = [Column("Condition"), Column(""), Column("Reason"), Column("")]
    rows = [
        [cell(each.type), cell(each.status, _TRUTH_STYLES[each.status]), cell(each.reason), cell(each.message)]
        for each in conditions
    ]
    say(console)
    console.print(grid(console, columns, rows))
