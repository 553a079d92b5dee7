"""From what a scenario says about its script to triggers, and to acts on the broker."""

from collections.abc import Callable, Iterator
from functools import partial
from zoneinfo import ZoneInfo

from reconciler.simgateway.actions import perform
from reconciler.simgateway.broker import Broker
from reconciler.simgateway.market.hours import zone_named
from reconciler.simgateway.scenario import Scenario
from reconciler.simgateway.scenario.actions import PriceAction
from reconciler.simgateway.scenario.script import CountSpec, StepSpec
from reconciler.simgateway.scenario.vocabulary import Strict, moment
from reconciler.simgateway.script import AtCount, AtMoment, AtTime, Trigger
from reconciler.simgateway.tally import Event


def steps(scenario: Scenario) -> tuple[tuple[Trigger, Callable[[Broker], object]], ...]:
    """When, and what; an act may raise UnfitError."""
    zone = zone_named(scenario.time_zone)
    return tuple((_trigger(step, zone), partial(_act, tuple(_actions(step)))) for step in scenario.script)


def _trigger(step: StepSpec, zone: ZoneInfo) -> Trigger:
    again = float(step.every.seconds or 0) if step.every else 0.0
    if step.before:
        return AtCount(Event.ORDERS, step.before.ack, before=True)
    if step.at:
        return AtMoment(moment(step.at), zone, again)
    first = step.after or step.every or CountSpec()
    if first.seconds is not None:
        return AtTime(float(first.seconds), again)
    event = first.named[0]
    return AtCount(Event(event), getattr(first, event), getattr(step.every, event) if step.every else 0)


def _actions(step: StepSpec) -> Iterator[Strict]:
    for name in step.actions:
        if name != "price":
            yield getattr(step, name)
            continue
        for symbol, price in (step.price or {}).items():
            yield PriceAction(symbol=symbol, **price.model_dump())


def _act(actions: tuple[Strict, ...], broker: Broker) -> None:
    for action in actions:
        perform(broker, action)
