"""Random accounts, manifests, prices and broker reports. Each new feature of the domain extends these.

`worlds` are plain: stocks in one currency. `any_worlds` have everything that an account at the broker can have. The
figures of a world fit together: net liquidation is what cash and holdings are worth.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from reconciler.domain.account import AccountSnapshot, AccountValues, Position, Quote, Side, WorkingOrder
from reconciler.domain.contract import CURRENCY_PAIR, FUTURE, Contract
from reconciler.domain.desired import (
    AccountSpec,
    AccountType,
    CurrencyFunding,
    ForeignOrders,
    UndeclaredHoldings,
    UnmanagedPositions,
)
from reconciler.domain.history import History
from reconciler.domain.ids import ConId, InstrumentName, PermId
from reconciler.domain.money import Currency, Money
from reconciler.domain.options import NO_OPTIONS, RunOptions
from reconciler.domain.orders import OrderIntent, WhatIf
from reconciler.domain.plan import Plan
from reconciler.domain.policy import Mode, Rebalancing, TradeTo
from reconciler.domain.portfolio import Moved, Target
from reconciler.domain.unknown import Unknown
from reconciler.planning.draft import Draft, draft
from reconciler.planning.pairs import pair
from reconciler.planning.plan import finish
from tests.builders import (
    ACCOUNT_ID,
    NOW,
    a_contract,
    a_policy,
    a_portfolio,
    a_position,
    a_quote,
    a_rate,
    a_rebalancing,
    a_revision,
    a_snapshot,
    a_target,
    a_working_order,
    account_values,
    an_account_spec,
    an_emergency,
    an_instrument,
    con_id_of,
    money,
    some_limits,
)

SYMBOLS = ("AAPL", "GLD", "MSFT", "NVDA", "TSLA", "XLP")
OURS = "folioctl:0123456789ab:001a:1"
ZERO = Decimal(0)


@dataclass(frozen=True)
class World:
    """An account spec, the account that it is planned against, what is known of its past, and what a run asks for."""

    account: AccountSpec
    snapshot: AccountSnapshot
    history: History | None = None
    options: RunOptions = NO_OPTIONS

    def __repr__(self) -> str:
        """What matters of it, in a few lines: a failing case is read by a person."""
        account, snapshot = self.account, self.snapshot
        weights = {target.instrument.name: f"{target.weight:.4f}" for target in account.portfolio.targets}
        shown = [] if isinstance(snapshot.positions, Unknown) else snapshot.positions
        held = {each.symbol: f"{each.quantity} at {each.market_price} {each.currency}" for each in shown}
        cash = {} if isinstance(snapshot.cash, Unknown) else snapshot.cash
        return (
            f"\n  {account.type} {account.base_currency} leverage {account.leverage} {account.currency_funding} "
            f"{account.undeclared_holdings} {account.unmanaged_positions} {account.foreign_orders} "
            f"buffer {account.cash_buffer_fraction} {account.cash_buffer_amount} long {account.portfolio.long_only}"
            f"\n  weights {weights} moved {account.portfolio.moved}"
            f"\n  {account.policy.rebalancing} minimum {account.policy.minimum_notional}"
            f"\n  held {held} cash {[str(each) for each in cash.values()]} rates {snapshot.rates}"
            f"\n  orders {snapshot.working_orders}\n  {self.options}\n"
        )

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:
        """For Hypothesis, which would write out every field."""
        printer.text(repr(self))

    def draft(self) -> Draft:
        return draft(self.account, self.snapshot, history=self.history, options=self.options, now=NOW)

    def plan(self) -> Plan:
        made = self.draft()
        return finish(made, what_ifs(made), revision=a_revision(), account_id=ACCOUNT_ID)


def what_ifs(made: Draft) -> dict[OrderIntent, WhatIf | Unknown]:
    """The broker's answers at a margin rate of 30 % for what adds risk, and as much back for what reduces it."""
    base, values = made.account.base_currency, made.snapshot.values
    answers: dict[OrderIntent, WhatIf | Unknown] = {}
    for batch in made.batches:
        for order in batch.orders:
            rate = ZERO if order.converts else Decimal("-0.3") if order.reduces_risk else Decimal("0.3")
            change = abs(order.notional) * rate
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


def _signed(weight: Decimal, sign: int) -> Decimal:
    return weight * sign if weight else weight


@st.composite
def worlds(draw: st.DrawFn, *, symbols: Sequence[str] = SYMBOLS, base_currency: str = "USD") -> World:
    """USD stocks, some held, some not declared, in an account of `base_currency` with net liquidation 10 k to 10 M."""
    declared = draw(st.lists(st.sampled_from(symbols), min_size=1, max_size=5, unique=True))
    share = draw(weights(len(declared)))
    net = draw(st.decimals(10_000, 10_000_000, places=2))
    rate = Decimal(1) if base_currency == "USD" else draw(st.decimals("0.5", "2.5", places=4))
    price = {symbol: draw(prices()) for symbol in symbols}
    most = {symbol: int(net / rate / price[symbol]) for symbol in symbols}
    held = {
        symbol: draw(st.integers(0, max(most[symbol], 0))) for symbol in sorted(draw(st.sets(st.sampled_from(symbols))))
    }
    contracts = [a_contract(symbol) for symbol in symbols if symbol in declared]
    gross = sum((Decimal(quantity) * price[symbol] for symbol, quantity in held.items()), ZERO)
    pairs = [] if base_currency == "USD" else [pair_contract("USD", base_currency)]
    snapshot = a_snapshot(
        [a_position(symbol, quantity, price[symbol]) for symbol, quantity in held.items() if quantity],
        contracts=[*contracts, *pairs],
        quotes=[
            *(a_quote(symbol, price[symbol], spread=0) for symbol in symbols),
            *(pair_quote("USD", base_currency, rate) for _ in pairs),
        ],
        base_currency=base_currency,
        net_liquidation=net,
        values=account_values(net, currency=base_currency, gross_position_value=money(gross * rate, base_currency)),
        cash={Currency("USD"): money(net / rate - gross)}
        | ({Currency(base_currency): money(0, base_currency)} if pairs else {}),
        rates={a_rate().source: a_rate("USD", base_currency, rate)} if pairs else {},
    )
    account = an_account_spec(
        portfolio=a_portfolio(dict(zip(declared, share, strict=True))),
        leverage=draw(st.decimals("0.2", "2", places=2)),
        base_currency=snapshot.base_currency,
        limits=WIDE_LIMITS,
        policy=a_policy(minimum_notional=ZERO),
    )
    return World(account, snapshot)


WIDE_LIMITS = some_limits(
    max_order_notional=Decimal(10**10),
    max_leverage=Decimal(50),
    max_turnover=Decimal(500),
    max_position_weight=Decimal(50),
    margin_cushion=ZERO,
    max_margin_utilisation=Decimal(50),
    min_cushion=Decimal(-50),
    max_undeclared=Decimal(50),
    emergency=an_emergency(leverage=Decimal(100), cushion=Decimal(-100)),
)
"""What no random account crosses, so that a plan shows what is wanted and not what is forbidden."""


def pair_contract(one: str, other: str) -> Contract:
    """The contract of two currencies, by its name among the contracts of a snapshot."""
    spec = pair(Currency(one), Currency(other))
    return a_contract(
        spec.name,
        currency=spec.currency,
        sec_type=CURRENCY_PAIR,
        exchange=spec.exchange,
        lot_size=Decimal("0.01"),
        order_types=frozenset({"MKT", "LMT"}),
    )


def pair_quote(source: str, base: str, rate: Decimal) -> Quote:
    """The pair's quote at which one unit of `source` is worth `rate` of `base`."""
    spec = pair(Currency(source), Currency(base))
    price = rate if spec.symbol == source else 1 / rate
    return a_quote(spec.name, price, currency=spec.currency, spread=0)


# ------------------------------------------------------------------------------------------------------- any account


@dataclass(frozen=True)
class Listed:
    """One instrument of a random market."""

    symbol: str
    currency: str
    price: Decimal
    sec_type: str = "STK"
    multiplier: Decimal = Decimal(1)
    lot: int = 1

    @property
    def contract(self) -> Contract:
        return a_contract(
            self.symbol,
            currency=self.currency,
            lot_size=self.lot,
            sec_type=self.sec_type,
            multiplier=self.multiplier,
        )

    def target(self, weight: Decimal) -> Target:
        spec = an_instrument(self.symbol, currency=self.currency, sec_type=self.sec_type)
        return a_target(self.symbol, weight, instrument=spec)

    def position(self, quantity: int) -> Position:
        return a_position(
            self.symbol,
            quantity,
            self.price,
            currency=self.currency,
            sec_type=self.sec_type,
            multiplier=self.multiplier,
        )


@st.composite
def markets(draw: st.DrawFn) -> dict[str, Listed]:
    """Stocks in two currencies, one of them in lots of a hundred, and a future."""
    listed = [
        *(Listed(symbol, "USD", draw(prices())) for symbol in ("AAPL", "GLD", "MSFT", "NVDA")),
        *(Listed(symbol, "CAD", draw(prices())) for symbol in ("RY", "SHOP")),
        Listed("PENNY", "USD", draw(st.decimals("0.05", "9", places=2)), lot=100),
        Listed("MES", "USD", draw(st.decimals("1000", "6000", places=2)), FUTURE, Decimal(5)),
    ]
    return {each.symbol: each for each in listed}


BANDS = st.none() | st.decimals("0", "0.2", places=3)


def rebalancings() -> st.SearchStrategy[Rebalancing]:
    """Every mode, and bands of every kind, most of them off."""
    return st.builds(
        lambda mode, absolute, relative, total, to: a_rebalancing(
            mode=mode, absolute_band=absolute, relative_band=relative, total_band=total, trade_to=to
        ),
        st.sampled_from(Mode),
        BANDS,
        st.none() | st.decimals("0", "0.5", places=2),
        BANDS,
        st.sampled_from(TradeTo),
    )


@st.composite
def any_worlds(draw: st.DrawFn) -> World:
    """Margin and cash accounts in USD or CAD: longs, shorts, futures, lots, several currencies, undeclared holdings,
    replaced contracts, working orders, every mode and band, lines left out.
    """
    market = draw(markets())
    base = draw(st.sampled_from(["USD", "CAD"]))
    other = "CAD" if base == "USD" else "USD"
    rate = draw(st.decimals("0.5", "2", places=4))
    worth = {base: Decimal(1), other: rate}
    is_cash = draw(st.integers(0, 4)) == 0
    long_only = is_cash or draw(st.booleans())
    scale = draw(st.sampled_from([10_000, 100_000, 5_000_000]))

    def some(listed: Listed) -> int:
        most = max(int(scale / (listed.price * listed.multiplier * worth[listed.currency])), 1)
        lots = draw(st.integers(0 if long_only else -most // 2, most)) // listed.lot
        return lots * listed.lot

    held = {each: some(market[each]) for each in sorted(draw(st.sets(st.sampled_from(sorted(market)), max_size=5)))}
    positions = [market[symbol].position(quantity) for symbol, quantity in held.items() if quantity]
    cash = {
        Currency(base): money(draw(st.integers(scale // 4, scale)), base),
        Currency(other): money(draw(st.sampled_from([0, 0, 1, 100_000, *(() if is_cash else (-3_000,))])), other),
    }
    declared = draw(st.lists(st.sampled_from(sorted(market)), min_size=1, max_size=6, unique=True))
    share = draw(weights(len(declared)))
    signs = [1 if long_only or draw(st.booleans()) else -1 for _ in declared]
    targets = tuple(
        market[name].target(_signed(weight, sign)) for name, weight, sign in zip(declared, share, signs, strict=True)
    )
    stocks = [target.instrument for target in targets if target.instrument.sec_type != FUTURE]
    moved: tuple[Moved, ...] = ()
    if stocks and draw(st.integers(0, 3)) == 0:
        old = replace(market[stocks[0].symbol].position(draw(st.integers(1, 50))), con_id=ConId(77), symbol="OLD")
        positions.append(old)
        moved = (Moved(ConId(77), stocks[0].name, Decimal(draw(st.sampled_from([1, 2])))),)
    net = sum((_worth(each, worth) for each in positions if each.sec_type != FUTURE), ZERO)
    net += sum((each.amount * worth[currency] for currency, each in cash.items()), ZERO)
    snapshot = a_snapshot(
        positions,
        contracts=[*(market[name].contract for name in declared), pair_contract(base, other)],
        quotes=[
            *(a_quote(each.symbol, each.price, currency=each.currency, spread=0) for each in market.values()),
            pair_quote(other, base, rate),
        ],
        base_currency=base,
        values=_values(net, sum((abs(_worth(each, worth)) for each in positions), ZERO), base),
        cash=cash,
        settled=cash,
        rates={Currency(other): a_rate(other, base, rate)},
    )
    account = an_account_spec(
        portfolio=a_portfolio({}, targets=targets, moved=moved, long_only=long_only),
        type=AccountType.CASH if is_cash else AccountType.MARGIN,
        leverage=draw(st.decimals("0.2", "1" if is_cash else "2", places=2)),
        base_currency=snapshot.base_currency,
        cash_buffer_fraction=draw(st.sampled_from([ZERO, Decimal("0.02")])),
        cash_buffer_amount=draw(st.sampled_from([ZERO, Decimal(500)])),
        undeclared_holdings=draw(st.sampled_from(UndeclaredHoldings)),
        unmanaged_positions=draw(st.sampled_from([UnmanagedPositions.REPORT, UnmanagedPositions.CLOSE])),
        currency_funding=draw(st.sampled_from(CurrencyFunding)),
        foreign_orders=draw(st.sampled_from(ForeignOrders)),
        limits=replace(WIDE_LIMITS, emergency=an_emergency(leverage=Decimal("3.5"), cushion=Decimal("0.02"))),
        policy=a_policy(
            minimum_notional=draw(st.sampled_from([ZERO, Decimal(100)])),
            rebalancing=draw(st.just(a_rebalancing()) | rebalancings()),
        ),
    )
    if draw(st.booleans()):
        orders = draw(working_orders(declared))
        possible = tuple(each for each in orders if not long_only or _is_covered(each, held))
        snapshot = replace(snapshot, working_orders=possible)
    options = RunOptions(
        is_forced=draw(st.integers(0, 5)) == 0,
        excluded=tuple(InstrumentName(each) for each in declared[:1] if draw(st.integers(0, 5)) == 0),
    )
    return World(account, snapshot, options=options)


def _is_covered(order: WorkingOrder, held: Mapping[str, int]) -> bool:
    """Whether it sells no more than there is: no order of ours takes a long-only account short."""
    return order.side is Side.BUY or order.order_ref is None or order.remaining * 4 <= held.get(order.symbol, 0)


def _values(net: Decimal, gross: Decimal, base: str) -> AccountValues:
    """At margin rates of 30 % and 25 % of the gross exposure."""
    initial, maintenance = (money(gross * Decimal(rate), base) for rate in ("0.3", "0.25"))
    funds, excess = money(net, base) - initial, money(net, base) - maintenance
    return account_values(
        net,
        currency=base,
        initial_margin=initial,
        maintenance_margin=maintenance,
        available_funds=funds,
        excess_liquidity=excess,
        look_ahead_available_funds=funds,
        look_ahead_excess_liquidity=excess,
        gross_position_value=money(gross, base),
    )


def _worth(position: Position, rates: dict[str, Decimal]) -> Decimal:
    assert position.market_price is not None
    return position.quantity * position.multiplier * position.market_price * rates[position.currency]


@st.composite
def working_orders(draw: st.DrawFn, symbols: Sequence[str]) -> tuple[WorkingOrder, ...]:
    """Orders on these symbols: ours and others', at the market and waiting."""
    return tuple(
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


@st.composite
def busy_worlds(draw: st.DrawFn) -> World:
    """Plain worlds with working orders on the declared instruments."""
    world = draw(worlds())
    symbols = [target.instrument.symbol for target in world.account.portfolio.targets]
    return replace(world, snapshot=replace(world.snapshot, working_orders=draw(working_orders(symbols))))


def orders_of(world: World) -> tuple[WorkingOrder, ...]:
    """The working orders of a world that could read them."""
    assert isinstance(world.snapshot.working_orders, tuple)
    return world.snapshot.working_orders


# ------------------------------------------------------------------------------------------------ what comes after


def after_fills(world: World, plan: Plan) -> World:
    """The account after every order of the plan was filled at its reference price, without costs.

    Cash moves, and what is sold is not settled. Orders that the plan cancels are gone.
    """
    snapshot = world.snapshot
    known, contracts = snapshot.positions, snapshot.contracts_by_id
    held = {each.con_id: each for each in known} if isinstance(known, tuple) else {}
    cash = dict(snapshot.cash) if not isinstance(snapshot.cash, Unknown) else {}
    settled = dict(snapshot.settled) if not isinstance(snapshot.settled, Unknown) else {}
    for order in plan.orders:
        contract = contracts[order.con_id]
        paid = order.side.sign * order.quantity * order.reference_price * contract.multiplier
        if order.converts:
            first = Currency(order.instrument.partition(".")[0])
            _move(cash, first, order.side.sign * order.quantity)
            _move(settled, first, min(order.side.sign * order.quantity, ZERO))
        else:
            before = held.get(order.con_id) or _nothing_of(contract, order.reference_price)
            held[order.con_id] = replace(before, quantity=before.quantity + order.side.sign * order.quantity)
        if contract.sec_type != FUTURE:
            _move(cash, contract.currency, -paid)
            _move(settled, contract.currency, -max(paid, ZERO))
    gone = {each.perm_id for each in plan.cancellations}
    after = replace(
        snapshot,
        positions=tuple(each for each in held.values() if each.quantity),
        cash=cash,
        settled=settled if not isinstance(snapshot.settled, Unknown) else snapshot.settled,
        working_orders=tuple(each for each in orders_of(world) if each.perm_id not in gone),
    )
    return replace(world, snapshot=after)


def _nothing_of(contract: Contract, price: Decimal) -> Position:
    return a_position(
        contract.symbol,
        0,
        price,
        currency=contract.currency,
        con_id=contract.con_id,
        sec_type=contract.sec_type,
        multiplier=contract.multiplier,
    )


def _move(balances: dict[Currency, Money], currency: Currency, amount: Decimal) -> None:
    balances[currency] = balances.get(currency, money(0, currency)) + money(amount, currency)


# ---------------------------------------------------------------------------------------------------- what is missing


def without_price(world: World, symbol: str) -> World:
    """The same account where nobody gives a price of `symbol`."""
    con_id = con_id_of(symbol)
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
