"""Random accounts, manifests, prices and broker reports. Each new feature of the domain extends these."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from hypothesis import strategies as st

from reconciler.domain.account import AccountSnapshot, Position, Side, WorkingOrder
from reconciler.domain.contract import Contract
from reconciler.domain.desired import AccountSpec
from reconciler.domain.ids import InstrumentName, PermId
from reconciler.domain.orders import OrderIntent, WhatIf
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown
from reconciler.planning.plan import Draft, draft, finish
from tests.builders import (
    ACCOUNT_ID,
    NOW,
    a_contract,
    a_policy,
    a_portfolio,
    a_position,
    a_quote,
    a_rate,
    a_revision,
    a_snapshot,
    a_working_order,
    account_values,
    an_account_spec,
    money,
    some_limits,
)

SYMBOLS = ("AAPL", "GLD", "MSFT", "NVDA", "TSLA", "XLP")
OURS = "folioctl:0123456789ab:001a:1"


@dataclass(frozen=True)
class World:
    """An account spec and the account that it is planned against."""

    account: AccountSpec
    snapshot: AccountSnapshot

    def draft(self) -> Draft:
        return draft(self.account, self.snapshot, now=NOW)

    def plan(self) -> Plan:
        made = self.draft()
        return finish(made, what_ifs(made), revision=a_revision(), account_id=ACCOUNT_ID)


def what_ifs(made: Draft) -> dict[OrderIntent, WhatIf | Unknown]:
    """The broker's answers at a margin rate of 30 % for what adds risk, and as much back for what reduces it."""
    base, values = made.account.base_currency, made.snapshot.values
    answers: dict[OrderIntent, WhatIf | Unknown] = {}
    for batch in made.batches:
        for order in batch.orders:
            change = abs(order.notional) * Decimal("0.3") * Decimal(-1 if order.reduces_risk else 1)
            assert not isinstance(values, Unknown)
            answers[order] = WhatIf(
                values.initial_margin,
                change,
                values.maintenance_margin,
                change,
                values.equity_with_loan,
                money(1, base),
            )
    return answers


def prices() -> st.SearchStrategy[Decimal]:
    return st.decimals("0.5", "4000", places=2)


def weights(size: int) -> st.SearchStrategy[list[Decimal]]:
    """Weights that leave something for cash, some of them 0."""
    parts = st.lists(st.integers(0, 100), min_size=size, max_size=size)
    return st.tuples(parts, st.integers(1, 60)).map(
        lambda drawn: [Decimal(part) / Decimal(sum(drawn[0]) + drawn[1]) for part in drawn[0]]
    )


@st.composite
def worlds(draw: st.DrawFn, *, symbols: Sequence[str] = SYMBOLS, base_currency: str = "USD") -> World:
    """USD stocks, some held, some not declared, in an account of `base_currency` with net liquidation 10 k to 10 M."""
    declared = draw(st.lists(st.sampled_from(symbols), min_size=1, max_size=5, unique=True))
    share = draw(weights(len(declared)))
    net = draw(st.decimals(10_000, 10_000_000, places=2))
    rate = Decimal(1) if base_currency == "USD" else draw(st.decimals("0.5", "2.5", places=4))
    price = {symbol: draw(prices()) for symbol in symbols}
    most = {symbol: int(net / rate / price[symbol]) for symbol in symbols}
    held = {symbol: draw(st.integers(0, max(most[symbol], 0))) for symbol in draw(st.sets(st.sampled_from(symbols)))}
    contracts = [a_contract(symbol) for symbol in symbols]
    gross = sum((Decimal(quantity) * price[symbol] for symbol, quantity in held.items()), Decimal(0)) * rate
    snapshot = a_snapshot(
        [a_position(symbol, quantity, price[symbol]) for symbol, quantity in held.items() if quantity],
        contracts=[each for each in contracts if each.symbol in declared],
        quotes=[a_quote(symbol, price[symbol], spread=0) for symbol in symbols],
        base_currency=base_currency,
        net_liquidation=net,
        values=account_values(net, currency=base_currency, gross_position_value=money(gross, base_currency)),
        rates={} if base_currency == "USD" else {a_rate().source: a_rate("USD", base_currency, rate)},
    )
    account = an_account_spec(
        portfolio=a_portfolio(dict(zip(declared, share, strict=True))),
        leverage=draw(st.decimals("0.2", "2", places=2)),
        base_currency=snapshot.base_currency,
        limits=some_limits(max_order_notional=Decimal(10**9), max_leverage=Decimal(5), max_turnover=Decimal(50)),
        policy=a_policy(minimum_notional=Decimal(0)),
    )
    return World(account, snapshot)


@st.composite
def busy_worlds(draw: st.DrawFn) -> World:
    """The same with working orders on the declared instruments: ours and others', at the market and waiting."""
    world = draw(worlds())
    symbols = [target.instrument.symbol for target in world.account.portfolio.targets]
    orders = tuple(
        a_working_order(
            draw(st.sampled_from(symbols)),
            draw(st.sampled_from(list(Side))),
            draw(st.integers(1, 50)),
            ref=draw(st.sampled_from([None, OURS])),
            order_type=draw(st.sampled_from(["MKT", "LMT", "STP", "TRAIL"])),
            is_attached=draw(st.sampled_from([False, False, True])),
            perm_id=PermId(500 + number),
        )
        for number in range(draw(st.integers(1, 4)))
    )
    return replace(world, snapshot=replace(world.snapshot, working_orders=orders))


def orders_of(world: World) -> tuple[WorkingOrder, ...]:
    """The working orders of a world that could read them."""
    assert isinstance(world.snapshot.working_orders, tuple)
    return world.snapshot.working_orders


def after_fills(world: World, plan: Plan) -> World:
    """The account after every order of the plan was filled at its reference price, without costs."""
    held = (
        {each.con_id: each for each in world.snapshot.positions} if isinstance(world.snapshot.positions, tuple) else {}
    )
    for order in plan.orders:
        known = held.get(order.con_id) or a_position(order.instrument, 0, order.reference_price)
        quantity = known.quantity + order.side.sign * order.quantity
        held[order.con_id] = replace(known, con_id=order.con_id, quantity=quantity, market_price=order.reference_price)
    rest: tuple[Position, ...] = tuple(each for each in held.values() if each.quantity)
    return replace(world, snapshot=replace(world.snapshot, positions=rest))


def without_price(world: World, symbol: str) -> World:
    """The same account where nobody gives a price of `symbol`."""
    con_id = a_contract(symbol).con_id
    assert isinstance(world.snapshot.positions, tuple)
    positions = tuple(
        replace(each, market_price=None) if each.con_id == con_id else each for each in world.snapshot.positions
    )
    quotes = {**world.snapshot.quotes, con_id: Unknown(f"no price of {symbol}")}
    return replace(world, snapshot=replace(world.snapshot, positions=positions, quotes=quotes))


def without_contract(world: World, symbol: str) -> World:
    """The same account where the broker does not know `symbol`."""
    contracts: dict[InstrumentName, Contract | Unknown] = dict(world.snapshot.contracts)
    contracts[InstrumentName(symbol)] = Unknown(f"no security definition of {symbol}")
    return replace(world, snapshot=replace(world.snapshot, contracts=contracts))
