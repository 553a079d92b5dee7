"""A run for a person: what was done, what was not, what is unknown."""

from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from reconciler.domain.counting import counted
from reconciler.domain.money import Currency
from reconciler.domain.plan import Plan
from reconciler.domain.posttrade import PostTrade
from reconciler.domain.run import LineResult, Outcome, Retried, RunResult
from reconciler.domain.standing import Standing
from reconciler.domain.unknown import Unknown
from reconciler.reports import sentences, wording
from reconciler.reports.measures import Fate, fate, fates
from reconciler.reports.terminal.parts import (
    MEDIUM,
    WIDE,
    Column,
    cell,
    grid,
    identity,
    say,
    say_facts,
    say_options,
    section,
)
from reconciler.reports.terminal.standing import show_standings

_STYLES = {
    Fate.FILLED: "green",
    Fate.PARTIALLY_FILLED: "yellow",
    Fate.NOT_FILLED: "yellow",
    Fate.WORKING: "yellow",
    Fate.UNKNOWN: "bold red",
    Fate.NEVER_SENT: "dim",
}

_NEXT = {
    Outcome.APPLIED: "Next: folioctl drift",
    Outcome.NOTHING_TO_DO: "",
    Outcome.BLOCKED: "Next: mend what is named above, then folioctl plan",
    Outcome.PARTIALLY_APPLIED: "Next: folioctl plan (it shows what is left)",
    Outcome.UNRESOLVED: "Next: folioctl status (it reads the broker again). Trade nothing by hand until it says more.",
    Outcome.INTERRUPTED: "Next: folioctl plan (it shows what is left)",
    Outcome.CLOSED: "Next: folioctl apply, once the market is open",
    Outcome.STALE: "Next: folioctl plan",
    Outcome.FAILED: "Next: folioctl status",
}


def show_run(console: Console, result: RunResult, plan: Plan) -> None:
    """The result of applying `plan`."""
    seconds = (result.ended - result.started).total_seconds()
    say(console, identity(plan.account, plan.environment))
    time = f"{wording.clock(result.started)}, {seconds:.0f} s"
    say_facts(console, [f"run {result.id}", *sentences.origin(plan), time])
    say_options(console, plan)
    if result.lines:
        say(console)
        rows = [_row(each, plan.base_currency) for each in result.lines]
        console.print(grid(console, _columns(plan.base_currency), rows))
    _show_standings(console, result, plan)
    details = (f"{each.instrument}: {each.detail}" for each in result.lines if each.detail)
    section(console, "Orders in detail", details)
    section(console, "Messages", result.messages)
    section(console, "Tried again (no order is ever sent twice)", map(retried_words, result.retries))
    section(console, "After the run", _post_trade(result.post_trade))
    say(console)
    say(console, run_summary(result, plan))
    style = "green" if result.outcome in (Outcome.APPLIED, Outcome.NOTHING_TO_DO) else "red"
    say(console, sentences.OUTCOMES[result.outcome], style=f"bold {style}")
    if _NEXT[result.outcome]:
        say(console, _NEXT[result.outcome], style="bold")


def _post_trade(found: PostTrade | Unknown) -> Iterator[str]:
    """What is held otherwise than the fills make it, and what the fills cost against the plan's prices."""
    if isinstance(found, Unknown):
        return
    for each in found.holdings:
        if each.differs:
            held, expected = wording.quantity(each.found), wording.quantity(each.expected)
            yield f"{each.instrument}: {held} are held, and the fills make it {expected}: somebody else traded it"
    if found.slippage:
        total = wording.totals(each.amount for each in found.slippage)
        worst = max(found.slippage, key=lambda each: each.fraction)
        cost = " + ".join(str(each) for each in total)
        yield (
            f"slippage against the plan's prices: {cost}; the most was {wording.percent(worst.fraction, digits=2)} "
            f"({worst.instrument})"
        )


def run_summary(result: RunResult, plan: Plan) -> str:
    """`Run: 12 orders: 10 filled, 2 never sent; commission 12.00 USD; leverage 1.12 → 1.38 (target 1.40).`"""
    groups = fates(result.lines)
    ended = ", ".join(f"{groups[each]} {each.replace('_', ' ')}" for each in Fate if groups[each])
    paid = wording.totals(each.commission for each in result.lines if each.commission is not None)
    after = result.after if isinstance(result.after, Unknown) else result.after.leverage
    orders = counted(len(result.lines), "order") + (f": {ended}" if ended else "")
    return (
        f"Run: {orders}; commission {' + '.join(str(each) for each in paid) or 'none'}; leverage "
        f"{wording.arrow(wording.ratio(result.before.leverage), wording.ratio(after))} "
        f"(target {wording.ratio(plan.leverage_target)})."
    )


def _show_standings(console: Console, result: RunResult, plan: Plan) -> None:
    standings = [("Before", result.before)]
    if isinstance(result.after, Standing):
        standings.append(("After", result.after))
    show_standings(console, standings, base=plan.base_currency, net_liquidation=plan.net_liquidation)
    if isinstance(result.after, Unknown):
        say(console, f"How the account stands after the run is unknown: {result.after.why}", style="yellow", indent=2)


def _columns(base: Currency) -> list[Column]:
    return [
        Column("Instrument", is_name=True),
        Column("Order", "right"),
        Column("Filled", "right"),
        Column("Average", "right", MEDIUM),
        Column(f"Fee {base}", "right", MEDIUM),
        Column("State"),
        Column("Reference", "left", WIDE),
    ]


def _row(line: LineResult, base: Currency) -> list[Text]:
    average = "" if line.average_price is None else wording.price(line.average_price)
    return [
        cell(line.instrument, "bold"),
        cell(wording.signed(line.side.sign * line.quantity), "green" if line.side.sign > 0 else "red"),
        cell(wording.quantity(line.filled)),
        cell(average),
        cell(wording.amount(line.commission, base)),
        cell(state_words(line), _STYLES[fate(line)]),
        cell(line.order_ref or "", "dim"),
    ]


def retried_words(retried: Retried) -> str:
    """`read 3 times: the connection was lost (2), no answer within 10 s (1)`."""
    whys = ", ".join(f"{each.why} ({each.times})" for each in retried.failures)
    return f"{retried.policy} {counted(retried.times, 'time')}: {whys}"


def state_words(line: LineResult) -> str:
    """The broker's state, and what it means where the word alone would mislead."""
    match fate(line):
        case Fate.NEVER_SENT:
            return "never sent"
        case Fate.UNKNOWN:
            return "UNKNOWN: may be alive"
        case Fate.WORKING:
            return f"{line.state}: still at the broker"
        case Fate.PARTIALLY_FILLED:
            return f"{line.state}, filled in part"
        case Fate.FILLED | Fate.NOT_FILLED:
            return str(line.state)
