"""From what a scenario says about prices that move to paths, and to steps of the script."""

import csv
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import partial
from pathlib import Path as File

from reconciler.simgateway.actions import perform
from reconciler.simgateway.broker import Broker
from reconciler.simgateway.market.hours import zone_named
from reconciler.simgateway.market.paths import Closes, Path, Walk
from reconciler.simgateway.scenario import Scenario
from reconciler.simgateway.scenario.actions import PriceAction
from reconciler.simgateway.scenario.paths import ClosesSpec, PathSpec
from reconciler.simgateway.scenario.vocabulary import MOST, Finding, moment
from reconciler.simgateway.script import AtMoment, AtTime, Trigger


class TableError(ValueError):
    """A table of closes that cannot be replayed: the key that is wrong, and why."""

    def __init__(self, key: str, problem: str) -> None:
        super().__init__(problem)
        self.key = key


def closes(spec: ClosesSpec) -> tuple[Decimal, ...]:
    """The closes of a column, from the start on. Raises TableError."""
    rows = list(_rows(spec))
    prices = tuple(price for day, price in rows if day >= spec.start)
    if not prices or rows[0][0] > spec.start:
        told = f"{rows[0][0]} to {rows[-1][0]}" if rows else "no day at all"
        raise TableError("start", f"the column has {told}")
    return prices


def _rows(spec: ClosesSpec) -> Iterator[tuple[date, Decimal]]:
    try:
        with File(spec.file).open(encoding="utf-8", newline="") as lines:
            table = csv.reader(lines)
            names = next(table, [])
            if spec.column not in names[1:]:
                raise TableError("column", f"the table has no column {spec.column!r}")
            place, latest = names.index(spec.column), date.min
            for number, row in enumerate(table, 2):
                if len(row) > place and row[place].strip():
                    day, price = _row(row[0], row[place], number)
                    if day <= latest:
                        raise TableError("file", f"line {number}: the days of the table do not rise")
                    latest = day
                    yield day, price
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise TableError("file", f"cannot read {spec.file!r}: {getattr(problem, 'strerror', '') or problem}") from None


def _row(day: str, price: str, number: int) -> tuple[date, Decimal]:
    try:
        found = date.fromisoformat(day), Decimal(price)
    except (ValueError, InvalidOperation):
        raise TableError("file", f"line {number}: {day!r} is no day, or {price!r} is no price") from None
    if not (found[1].is_finite() and 0 < found[1] <= MOST):
        raise TableError("file", f"line {number}: {price!r} is no price")
    return found


def findings(scenario: Scenario) -> Iterator[Finding]:
    """What is wrong with the tables that a scenario names."""
    for name, instrument in scenario.instruments.items():
        if instrument.path and instrument.path.closes:
            try:
                closes(instrument.path.closes)
            except TableError as problem:
                yield "109", ("instruments", name, "path", "closes", problem.key), str(problem)


def located(scenario: Scenario, directory: File) -> Scenario:
    """The scenario with the files that it names relative to a directory."""
    moved = {}
    for name, instrument in scenario.instruments.items():
        if instrument.path and instrument.path.closes:
            table = instrument.path.closes.model_copy(update={"file": str(directory / instrument.path.closes.file)})
            path = instrument.path.model_copy(update={"closes": table})
            moved[name] = instrument.model_copy(update={"path": path})
    return scenario.model_copy(update={"instruments": {**scenario.instruments, **moved}}) if moved else scenario


def path(spec: PathSpec) -> Path | None:
    """The path that a specification means; None where it is part of the script. Raises TableError."""
    if spec.walk:
        return Walk(spec.walk.volatility, spec.walk.drift, spec.walk.step_seconds)
    return Closes(closes(spec.closes)) if spec.closes else None


def steps(scenario: Scenario) -> Iterator[tuple[Trigger, Callable[[Broker], object]]]:
    """The scripted points of all instruments, as steps of the script."""
    zone = zone_named(scenario.time_zone)
    for name, instrument in scenario.instruments.items():
        for point in (instrument.path and instrument.path.scripted) or ():
            trigger = AtMoment(moment(point.at), zone) if point.at else AtTime(float(point.after or 0))
            action = PriceAction(symbol=name, **point.model_dump(exclude={"after", "at"}))
            yield trigger, partial(_act, action)


def _act(action: PriceAction, broker: Broker) -> None:
    perform(broker, action)
