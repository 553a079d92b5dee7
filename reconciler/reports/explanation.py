"""The explanation of a line: each step of its arithmetic, from net liquidation to the order."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.line import Line, LineKind
from reconciler.domain.money import FxRate, Money
from reconciler.domain.plan import Plan
from reconciler.domain.sizing import Sizing
from reconciler.domain.unknown import Unknown
from reconciler.reports import sentences, wording


@dataclass(frozen=True)
class Step:
    """One step: what it is, what it comes to, and how."""

    what: str
    value: str
    how: str = ""


def explanation(plan: Plan, line: Line) -> tuple[Step, ...]:
    """Every step that led to the line's order, or to none."""
    return tuple(step for step in (*_target(plan, line), *_order(line), *_cost(plan, line)) if step.value)


def _target(plan: Plan, line: Line) -> Iterator[Step]:
    if line.kind is LineKind.CURRENCY:
        yield from _conversion(plan)
        return
    if plan.emergency is not None:
        yield Step("Emergency", plan.emergency.action, "weights size nothing now: the holding is reduced, or stays")
    elif plan.sizing is None:
        yield Step("Sizing", wording.UNKNOWN, "; ".join(plan.blocked))
    else:
        yield from _base(plan.sizing)
        yield from _share(plan, line, plan.sizing)
    yield from _unit(plan, line)
    yield Step("Exact target", _quantity(line.exact_target), "that share / the worth of one")
    yield from _lots(plan, line)


def _base(sizing: Sizing) -> Iterator[Step]:
    yield Step("Net liquidation", str(sizing.net_liquidation), "the broker's own figure")
    if sizing.apart.amount:
        yield Step("less what stands apart", str(-sizing.apart), "holdings that no manifest names")
    if sizing.buffer.amount:
        yield Step("less the cash buffer", str(-sizing.buffer))
    managed = sizing.net_liquidation - sizing.apart - sizing.buffer
    yield Step("times the leverage", str(managed * sizing.leverage), f"{managed} × {sizing.leverage:f}")
    if sizing.undeclared.amount:
        yield Step("less undeclared holdings", str(-sizing.undeclared), "their gross exposure")
    if sizing.step != 1:
        yield Step("times the step", f"{sizing.step:.4f}", "maxLeverageStep lets this run go a part of the way only")
    yield Step("What weight 100 % is worth", str(sizing.base))


def _share(plan: Plan, line: Line, sizing: Sizing) -> Iterator[Step]:
    weight = line.weight or Decimal(0)
    declared = "the manifest's weight" if line.kind is LineKind.TARGET else "no manifest names it, and it is closed"
    yield Step("times the weight", str(sizing.base * weight), f"{sizing.base} × {wording.percent(weight)}, {declared}")


def _unit(plan: Plan, line: Line) -> Iterator[Step]:
    if isinstance(line.price, Unknown):
        yield Step("One is worth", wording.UNKNOWN, line.price.why)
        return
    own = Money(line.price * line.multiplier, line.currency)
    parts = [f"{wording.price(line.price)} {line.currency}"]
    if line.quote_type is not None:
        parts.append(f"a {line.quote_type} quote")
    else:
        parts.append("the portfolio's mark: no quote was needed")
    if line.multiplier != 1:
        parts.append(f"multiplier {wording.quantity(line.multiplier)}")
    balance = next((each for each in plan.currencies if each.currency == line.currency), None)
    rate = None if balance is None else balance.rate
    if line.currency == plan.base_currency:
        yield Step("One is worth", str(own), ", ".join(parts))
    elif isinstance(rate, FxRate) and balance is not None:
        parts.append(sentences.rate(balance, plan))
        yield Step("One is worth", str(rate.convert(own)), ", ".join(parts))
    else:
        why = rate.why if isinstance(rate, Unknown) else f"no rate of {line.currency} is in the plan"
        yield Step("One is worth", wording.UNKNOWN, why)


def _lots(plan: Plan, line: Line) -> Iterator[Step]:
    lot = wording.quantity(line.lot)
    how = f"in whole lots of {lot}, as near as the budget allows for all lines together"
    if plan.sizing is not None and plan.sizing.funded < 1 and line.order * (_sign(line.target)) > 0:
        how += (
            f"; buys are brought to {wording.percent(plan.sizing.funded)} of their targets, for nothing pays for more"
        )
    if line.band is not None:
        yield Step("Band", wording.percent(line.band), "of net liquidation: a smaller drift is not traded")
    yield Step("Drift", wording.percent(_drift(line)), "of net liquidation")
    yield Step("Target", wording.quantity(line.target), how if line.order else "what is held, for it is not traded")


def _conversion(plan: Plan) -> Iterator[Step]:
    for each in plan.currencies:
        yield Step(f"{each.currency} after all orders", _balance(each), f"now {_now(each)}")


def _balance(each: CurrencyBalance) -> str:
    return wording.UNKNOWN if isinstance(each.after, Unknown) else str(each.after)


def _now(each: CurrencyBalance) -> str:
    return wording.UNKNOWN if isinstance(each.before, Unknown) else str(each.before)


def _order(line: Line) -> Iterator[Step]:
    yield Step("Held", _quantity(line.current), "")
    if line.moved:
        yield Step("of that, moved", wording.quantity(line.moved), "still under the contract that this one replaced")
    if line.working:
        yield Step("Our own orders bring", wording.signed(line.working))
    yield Step("Order", wording.signed(line.order) or "none", "target − held − our own orders" if line.order else "")


def _cost(plan: Plan, line: Line) -> Iterator[Step]:
    if line.order:
        base = plan.base_currency
        yield Step(f"Notional ({base})", wording.amount(line.notional, base))
        yield Step(f"Commission ({base})", wording.amount(line.commission, base), "the broker's estimate")
        yield Step(f"Half spread ({base})", wording.amount(line.half_spread, base), "lost against the middle")


def _drift(line: Line) -> Decimal | Unknown:
    if isinstance(line.weight_current, Unknown) or isinstance(line.weight_target, Unknown):
        return line.weight_target if isinstance(line.weight_target, Unknown) else Unknown("its worth is not known")
    return line.weight_current - line.weight_target


def _sign(value: Decimal | Unknown) -> int:
    return 0 if isinstance(value, Unknown) else 1 if value > 0 else -1 if value < 0 else 0


def _quantity(value: Decimal | Unknown) -> str:
    """With four decimals at most."""
    return "?" if isinstance(value, Unknown) else wording.quantity(round(value, 4))
