"""What holds of the plan of every world. Numbered as in the design."""

from collections.abc import Callable
from decimal import Decimal

from reconciler.domain.account import Side
from reconciler.domain.contract import FUTURE
from reconciler.domain.currencies import CurrencyBalance
from reconciler.domain.line import Line, LineKind
from reconciler.domain.money import Currency
from reconciler.domain.orders import is_ours
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown
from reconciler.planning.emergency import adding_orders
from reconciler.planning.plan import finish
from tests.builders import ACCOUNT_ID, a_revision, con_id_of, money
from tests.properties.plan.variants import ZERO
from tests.strategies import World, after_fills, orders_of, what_ifs

CENT = Decimal("0.01")


def managed(plan: Plan, quantity: Callable[[Line], Decimal]) -> Decimal:
    """The gross exposure of the lines at these quantities, in base currency, where it is known."""
    rates = {each.currency: each.rate for each in plan.currencies}
    total = ZERO
    for line in plan.lines:
        rate = rates.get(line.currency)
        is_known = not (isinstance(line.current, Unknown) or isinstance(line.price, Unknown))
        if line.kind is not LineKind.CURRENCY and is_known and rate is not None and not isinstance(rate, Unknown):
            assert not isinstance(line.price, Unknown)
            total += abs(quantity(line)) * line.price * line.multiplier * rate.rate
    return total


def before(line: Line) -> Decimal:
    assert not isinstance(line.current, Unknown)
    return line.current + line.working


def after(line: Line) -> Decimal:
    return before(line) + line.order


def asked_for(plan: Plan, world: World) -> Decimal:
    """What the base asks for, all lines together."""
    assert plan.sizing is not None
    return plan.sizing.base.amount * sum((abs(each.weight) for each in world.account.portfolio.targets), ZERO)


def holds_promise_1_of_funding(world: World) -> None:
    """What is bought is paid for by the leverage target: never by a line that is blocked, or that is left alone."""
    plan = world.plan()
    if plan.sizing is not None:
        assert managed(plan, after) <= max(asked_for(plan, world), managed(plan, before)) + CENT


def holds_promise_2(world: World) -> None:
    """Our own orders at the market count as done, others' never; none of ours goes the same way as one that stays."""
    plan = world.plan()
    cancelled = {each.perm_id for each in plan.cancellations}
    sides = {(order.instrument, order.side) for order in plan.orders}
    for line in (each for each in plan.lines if each.kind is not LineKind.CURRENCY):
        here = [each for each in orders_of(world) if each.symbol == line.instrument]
        netted = [
            each
            for each in here
            if is_ours(each.order_ref)
            and each.order_type in ("MKT", "LMT")
            and not each.is_attached
            and each.perm_id not in cancelled
        ]
        assert line.working == sum((each.side.sign * each.remaining for each in netted), ZERO)
        for other in here:
            # In an emergency, less is sold by as much as other sells take: both together do not overshoot.
            if plan.emergency is None and other not in netted and other.perm_id not in cancelled:
                assert (line.instrument, other.side) not in sides
        if line.order and not isinstance(line.current, Unknown):
            assert line.current + line.working + line.order == line.target


def holds_promise_6_of_order(world: World) -> None:
    """Batches reduce risk first, then exchange currency, then add risk; every order is in the batch of its kind."""
    plan = world.plan()
    kinds = [
        "reduces" if each.reduces_risk else "converts" if each.orders[0].converts else "adds" for each in plan.batches
    ]
    assert kinds == [each for each in ("reduces", "converts", "adds") if each in kinds]
    held = {line.number: line.current + line.working for line in plan.lines if not isinstance(line.current, Unknown)}
    for order in (each for each in plan.orders if not each.converts):
        then = held[order.line] + order.side.sign * order.quantity
        assert (abs(then) < abs(held[order.line])) is order.reduces_risk
        assert then * held[order.line] >= 0
        held[order.line] = then


def holds_promise_8(world: World) -> None:
    """Sells never exceed what is held where the portfolio is long only, counting every sell that works."""
    made = world.draft()
    if not world.account.portfolio.long_only:
        return
    cancelled = {each.perm_id for each in made.cancellations}
    for line in made.portfolio.lines:
        ours = [order for order in made.orders if order.line == line.number and not order.converts]
        selling = sum((order.quantity for order in ours if order.side is Side.SELL), ZERO)
        staying = [each for each in line.reserving if each.side is Side.SELL and each.perm_id not in cancelled]
        others = sum((each.remaining for each in staying), ZERO)
        if selling:
            assert selling + others + max(-line.own_working, ZERO) <= line.held
        assert line.have < 0 or line.have + sum((o.side.sign * o.quantity for o in ours), ZERO) >= 0


def holds_promise_9_of_sizes(world: World) -> None:
    """Each target is the base times its weight, through the line's price and its currency's rate."""
    plan = world.plan()
    if plan.sizing is None:
        return
    rates = {each.currency: each.rate for each in plan.currencies}
    for line in plan.lines:
        if line.kind is LineKind.TARGET and line.weight and not isinstance(line.exact_target, Unknown):
            rate = rates[line.currency]
            assert not isinstance(rate, Unknown)
            assert not isinstance(line.price, Unknown)
            worth = line.exact_target * line.price * line.multiplier * rate.rate
            assert abs(worth - plan.sizing.base.amount * line.weight) < CENT


def holds_promise_9_of_cash(world: World) -> None:
    """The balances after the plan are those that its fills make, each in its own currency; nothing is made of it."""
    plan, filled = world.plan(), after_fills(world, world.plan())
    assert not isinstance(filled.snapshot.cash, Unknown)
    for each in plan.currencies:
        assert not isinstance(each.after, Unknown)
        assert each.after.currency == each.currency
        left = filled.snapshot.cash.get(each.currency, money(0, each.currency)).amount - spent_by_ours(plan, each)
        assert abs(each.after.amount - left) < CENT
    assert abs(worth(filled) - worth(world)) < 1


def spent_by_ours(plan: Plan, balance: CurrencyBalance) -> Decimal:
    """What our own working orders will take from a balance, negative where they add to it."""
    spending = [
        line.working * line.price * line.multiplier
        for line in plan.lines
        if line.currency == balance.currency and line.kind is not LineKind.CURRENCY and line.con_id != con_id_of("MES")
        if not isinstance(line.price, Unknown)
    ]
    return sum(spending, ZERO)


def worth(world: World) -> Decimal:
    """Cash and holdings, in base currency."""
    snapshot, total = world.snapshot, ZERO
    assert not isinstance(snapshot.cash, Unknown)
    assert not isinstance(snapshot.positions, Unknown)
    for money_ in snapshot.cash.values():
        total += rate_of(world, money_.currency) * money_.amount
    for each in snapshot.positions:
        if each.sec_type != FUTURE:
            assert each.market_price is not None
            total += rate_of(world, each.currency) * each.quantity * each.multiplier * each.market_price
    return total


def rate_of(world: World, currency: Currency) -> Decimal:
    rate = world.snapshot.rate(currency)
    assert not isinstance(rate, Unknown)
    return rate.rate


def holds_promise_11(world: World) -> None:
    """After full fills at unchanged prices the next plan is empty. An emergency ends first, by rules of its own."""
    plan = world.plan()
    following = after_fills(world, plan).plan()
    if plan.emergency is None and following.emergency is None:
        assert following.orders == ()


def holds_in_an_emergency(world: World) -> None:
    """Nothing is added or oversold, whatever adds is cancelled, and leverage falls, as far as it may."""
    made = world.draft()
    plan = finish(made, what_ifs(made), revision=a_revision(), account_id=ACCOUNT_ID)
    assert plan.emergency is not None
    assert all(order.reduces_risk and not order.converts for order in plan.orders)
    lines = {line.number: line for line in made.portfolio.lines}
    for order in plan.orders:
        assert order.quantity <= abs(lines[order.line].held)
        assert order.side is (Side.SELL if lines[order.line].held > 0 else Side.BUY)
    assert set(plan.cancellations) <= set(adding_orders(world.snapshot))
    if plan.orders and not isinstance(plan.before.leverage, Unknown):
        assert not isinstance(plan.after.leverage, Unknown)
        assert plan.after.leverage < plan.before.leverage


PROMISES = (
    holds_promise_1_of_funding,
    holds_promise_2,
    holds_promise_6_of_order,
    holds_promise_8,
    holds_promise_9_of_sizes,
    holds_promise_9_of_cash,
    holds_promise_11,
)
