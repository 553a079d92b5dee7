"""The explanation of a line: each step of its arithmetic, from net liquidation to the order."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from reconciler.domain.line import Line, LineKind
from reconciler.domain.money import Money
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown
from reconciler.reports import sentences, wording
from reconciler.reports.origins import origin_words, place_words

_WHOLE = Decimal("0.999")
"""From here on, what is funded is all of it to a reader."""


@dataclass(frozen=True)
class Step:
    """One step: what it is, what it comes to, and how."""

    what: str
    value: str
    how: str = ""


def explanation(plan: Plan, line: Line) -> tuple[Step, ...]:
    """Every step that led to the line's order, or to none."""
    if line.kind is LineKind.CURRENCY:
        steps = (*_balances(plan), *_conversion(line))
    elif plan.emergency is not None:
        steps = (*_unit(plan, line), *_held(line), *_reduction(line))
    else:
        steps = (*_weight(plan, line), *_unit(plan, line), *_target(line), *_held(line), *_order(plan, line))
    return tuple(step for step in (*steps, *_cost(plan, line), *_limits(plan, line)) if step.value)


def _weight(plan: Plan, line: Line) -> Iterator[Step]:
    """From net liquidation to what the line should be worth."""
    sizing = plan.sizing
    if sizing is None:
        yield Step("Sizing", wording.UNKNOWN, "; ".join(plan.blocked))
        return
    yield Step("Net liquidation", wording.money(sizing.net_liquidation), "the broker's own figure")
    if sizing.apart.amount:
        yield Step("less what stands apart", wording.money(-sizing.apart), "holdings that no manifest names")
    if sizing.buffer.amount:
        places = " and ".join(dict.fromkeys(place_words(each) for each in plan.buffer_declared_at))
        yield Step("less the cash buffer", wording.money(-sizing.buffer), f"declared at {places}" if places else "")
    managed = sizing.net_liquidation - sizing.apart - sizing.buffer
    how = f"{wording.money(managed)} × {sizing.leverage:f}, {_leverage_place(plan)}"
    yield Step("times the leverage", wording.money(managed * sizing.leverage), how)
    if sizing.undeclared.amount:
        yield Step("less undeclared holdings", wording.money(-sizing.undeclared), "their gross exposure")
    if sizing.step != 1:
        yield Step("times the step", f"{sizing.step:.4f}", "maxLeverageStep lets this run go a part of the way only")
    yield Step("What weight 100 % is worth", wording.money(sizing.base))
    weight = line.weight or Decimal(0)
    share = f"{wording.money(sizing.base)} × {wording.percent(weight)}, {_weight_place(plan, line)}"
    yield Step("times the weight", wording.money(sizing.base * weight), share)


def _leverage_place(plan: Plan) -> str:
    if plan.options.leverage is not None:
        return "as this run asks for it"
    place = plan.leverage_declared_at
    return "the default" if place is None else f"declared at {place_words(place)}"


def _weight_place(plan: Plan, line: Line) -> str:
    if line.kind is not LineKind.TARGET:
        return "no manifest names it, and it is closed"
    if plan.options.portfolio is not None:
        return "the weight that was given for this run"
    made = origin_words(line.origin)
    return f"the manifest's weight, {made}" if made else "the manifest's weight"


def _unit(plan: Plan, line: Line) -> Iterator[Step]:
    """What one share or contract is worth in base currency."""
    if isinstance(line.price, Unknown):
        yield Step("One is worth", wording.UNKNOWN, line.price.why)
        return
    balance = next((each for each in plan.currencies if each.currency == line.currency), None)
    rate = balance.rate if balance is not None else Unknown(f"no rate of {line.currency} is in the plan")
    if isinstance(rate, Unknown) or balance is None:
        yield Step("One is worth", wording.UNKNOWN, rate.why if isinstance(rate, Unknown) else "")
        return
    quote = "the portfolio's mark, for no quote was needed" if line.quote_type is None else f"a {line.quote_type} quote"
    parts = [f"{wording.price(line.price)} {line.currency}", quote]
    parts += [] if line.multiplier == 1 else [f"multiplier {wording.quantity(line.multiplier)}"]
    parts += [] if line.currency == plan.base_currency else [sentences.rate(balance, plan)]
    worth = rate.convert(Money(line.price * line.multiplier, line.currency))
    yield Step("One is worth", wording.money(worth), ", ".join(parts))


def _target(line: Line) -> Iterator[Step]:
    yield Step("Exact target", _quantity(line.exact_target), "that share / the worth of one")
    yield Step("Drift", wording.percent(_drift(line)), "of net liquidation, held less target")
    if line.band is not None:
        yield Step("Band", wording.percent(line.band), "of net liquidation: a smaller drift is not traded")


def _held(line: Line) -> Iterator[Step]:
    yield Step("Held", _quantity(line.current), "")
    if line.moved:
        yield Step("of that, moved", wording.quantity(line.moved), "still under the contract that this one replaced")
    if line.working:
        yield Step("Our own orders bring", wording.signed(line.working))


def _order(plan: Plan, line: Line) -> Iterator[Step]:
    if not line.order:
        yield Step("Order", "none")
        return
    how = f"in whole lots of {wording.quantity(line.lot)}, as near as the budget allows for all lines together"
    if sentences.is_short_of_funds(line):
        funded = Decimal(1) if plan.sizing is None else plan.sizing.funded
        is_scaled = funded < _WHOLE
        how += f"; the leverage target pays for {wording.percent(funded)} of it" if is_scaled else "; no cash for more"
    yield Step("Target", wording.quantity(line.target), how)
    yield Step("Order", wording.signed(line.order), "target − held − our own orders")


def _reduction(line: Line) -> Iterator[Step]:
    left = wording.quantity(line.target)
    yield Step("Order", wording.signed(line.order) or "none", f"an emergency reduces what is held, here to {left}")


def _balances(plan: Plan) -> Iterator[Step]:
    for each in plan.currencies:
        yield Step(f"{each.currency} after all orders", wording.money(each.after), f"now {wording.money(each.before)}")


def _conversion(line: Line) -> Iterator[Step]:
    bought = f"of {line.instrument.partition('.')[0]}, at {wording.price(line.price)} {line.currency} each"
    yield Step("Order", wording.signed(line.order) or "none", f"{bought}: what other orders need, or what is owed")


def _cost(plan: Plan, line: Line) -> Iterator[Step]:
    if line.order:
        base = plan.base_currency
        yield Step(f"Notional ({base})", wording.amount(line.notional, base))
        yield Step(f"Commission ({base})", wording.amount(line.commission, base), "the broker's estimate")
        yield Step(f"Half spread ({base})", wording.amount(line.half_spread, base), "lost against the middle")


def _limits(plan: Plan, line: Line) -> Iterator[Step]:
    """The limits that are about this line alone."""
    for each in plan.violations:
        if each.instrument == line.instrument:
            place = "" if each.location is None else f"; see {place_words(each.location)}"
            yield Step(each.limit, "blocks" if each.blocks else "noted", f"{each.message}; {each.remedy}{place}")


def _drift(line: Line) -> Decimal | Unknown:
    if isinstance(line.weight_current, Unknown) or isinstance(line.weight_target, Unknown):
        return line.weight_target if isinstance(line.weight_target, Unknown) else Unknown("its worth is not known")
    return line.weight_current - line.weight_target


def _quantity(value: Decimal | Unknown) -> str:
    """With four decimals at most."""
    return "?" if isinstance(value, Unknown) else wording.quantity(round(value, 4))
