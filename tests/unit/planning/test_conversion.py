"""What a plan exchanges of one currency for another: how much, which way round, when, and when the broker lends."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from reconciler.domain.account import QuoteType, Side
from reconciler.domain.contract import FUTURE
from reconciler.domain.desired import AccountType, CurrencyFunding
from reconciler.domain.ids import ConId, InstrumentName
from reconciler.domain.limits import Limit
from reconciler.domain.line import Action, Line, LineKind, Reason
from reconciler.domain.money import Currency, Money
from reconciler.domain.options import RunOptions
from reconciler.domain.plan import Plan
from reconciler.domain.unknown import Unknown
from reconciler.planning.pairs import market_rate, odd_lot, pair, side_to_get
from tests.builders import (
    a_contract,
    a_policy,
    a_portfolio,
    a_position,
    a_quote,
    a_rate,
    a_snapshot,
    a_target,
    a_working_order,
    account_values,
    an_account_spec,
    an_instrument,
    con_id_of,
    money,
)
from tests.strategies import OURS, WIDE_LIMITS, World, pair_contract, pair_quote

USD, CAD = Currency("USD"), Currency("CAD")
PAIR = InstrumentName("USD.CAD")
WORTH = {"CAD": Decimal("1.25"), "USD": Decimal("0.8")}
"""What one unit of the other currency is worth, by base currency: either way USD.CAD is at 1.25."""


def a_world(
    base: str = "CAD",
    *,
    cash: dict[str, int],
    weights: dict[str, str] | None = None,
    held: dict[str, int] | None = None,
    snapshot: dict[str, Any] | None = None,
    **account: Any,
) -> World:
    """An account of `base` whose stocks, all at 100, are in the other currency; nothing is lent on purpose."""
    other = "USD" if base == "CAD" else "CAD"
    chosen = {"MSFT": "0.5"} if weights is None else weights
    symbols = sorted({*chosen, *(held or {})})
    rate = WORTH[base]
    positions = [a_position(each, quantity, 100, currency=other) for each, quantity in (held or {}).items()]
    balances = {Currency(each): money(amount, each) for each, amount in cash.items()}
    net = sum((money_.amount * (rate if each == other else 1) for each, money_ in balances.items()), Decimal(0))
    net += sum((each.quantity * 100 * rate for each in positions), Decimal(0))
    contracts = [a_contract(each, currency=other) for each in symbols]
    shown = a_snapshot(
        positions,
        contracts=[*contracts, pair_contract(other, base)],
        quotes=[*(a_quote(each, 100, currency=other, spread=0) for each in symbols), pair_quote(other, base, rate)],
        base_currency=base,
        values=account_values(net, currency=base),
        cash=balances,
        settled=balances,
        rates={Currency(other): a_rate(other, base, rate)},
    )
    targets = tuple(
        a_target(each, weight, instrument=an_instrument(each, currency=other)) for each, weight in chosen.items()
    )
    spec = an_account_spec(
        **{
            "portfolio": a_portfolio({}, targets=targets),
            "base_currency": Currency(base),
            "limits": WIDE_LIMITS,
            "policy": a_policy(minimum_notional=Decimal(0)),
            **account,
        }
    )
    return World(spec, replace(shown, **(snapshot or {})))


def shape(plan: Plan) -> list[list[tuple[str, Side, Decimal]]]:
    """Batch by batch, what is ordered."""
    return [[(str(each.instrument), each.side, each.quantity) for each in batch.orders] for batch in plan.batches]


def conversion_of(plan: Plan) -> Line:
    (line,) = (each for each in plan.lines if each.kind is LineKind.CURRENCY)
    return line


def after(plan: Plan) -> dict[str, Money | Unknown]:
    return {str(each.currency): each.after for each in plan.currencies}


# ---------------------------------------------------------------------------------------------- both ways of the pair


def test_a_canadian_account_buys_the_dollars_that_its_buys_need() -> None:
    plan = a_world("CAD", cash={"CAD": 250_000}).plan()

    assert shape(plan) == [[("USD.CAD", Side.BUY, Decimal(100_000))], [("MSFT", Side.BUY, Decimal(1_000))]]
    assert after(plan) == {"CAD": money(125_000, "CAD"), "USD": money(0)}


def test_an_american_account_sells_the_dollars_that_pay_for_canadian_shares() -> None:
    """The pair is the same one: what is bought with it is its second currency."""
    plan = a_world("USD", cash={"USD": 100_000}, weights={"RY": "0.5"}).plan()

    assert shape(plan) == [[("USD.CAD", Side.SELL, Decimal(50_000))], [("RY", Side.BUY, Decimal(625))]]
    assert after(plan) == {"CAD": money(0, "CAD"), "USD": money(50_000)}


def test_dollars_pay_back_what_the_canadian_account_owes_at_home() -> None:
    plan = a_world("CAD", cash={"CAD": -50_000, "USD": 60_000}, held={"MSFT": 100}, weights={"MSFT": "0.3"}).plan()

    (leg,) = (order for order in plan.orders if order.converts)
    assert (leg.instrument, leg.side, leg.quantity) == ("USD.CAD", Side.SELL, Decimal(40_000))
    assert after(plan)["CAD"] == money(0, "CAD")


def test_canadian_dollars_pay_back_what_the_american_account_owes_at_home() -> None:
    plan = a_world("USD", cash={"USD": -40_000, "CAD": 100_000}, held={"RY": 100}, weights={"RY": "0.2"}).plan()

    (leg,) = (order for order in plan.orders if order.converts)
    assert (leg.instrument, leg.side, leg.quantity) == ("USD.CAD", Side.BUY, Decimal(40_000))
    assert after(plan)["USD"] == money(0)


def test_what_the_sales_bring_is_kept_in_its_currency_where_nothing_is_owed() -> None:
    plan = a_world("CAD", cash={"CAD": 1_000}, held={"MSFT": 1_000}, weights={"MSFT": "0.5"}).plan()

    assert [order.converts for order in plan.orders] == [False]


def test_a_loan_of_before_is_paid_back_though_nothing_is_traded() -> None:
    plan = a_world("CAD", cash={"CAD": 250_000, "USD": -5_000}, weights={"MSFT": "0"}).plan()

    assert shape(plan) == [[("USD.CAD", Side.BUY, Decimal(5_000))]]


# ----------------------------------------------------------------------------------------------------------- how much


def test_the_dollars_that_are_there_are_spent_first() -> None:
    plan = a_world("CAD", cash={"CAD": 200_000, "USD": 40_000}).plan()

    assert shape(plan)[0] == [("USD.CAD", Side.BUY, Decimal(60_000))]


def test_what_is_sold_in_a_currency_pays_for_what_is_bought_in_it() -> None:
    plan = a_world("CAD", cash={"CAD": 125_000}, held={"NVDA": 1_000}, weights={"MSFT": "0.6", "NVDA": "0"}).plan()

    assert shape(plan) == [
        [("NVDA", Side.SELL, Decimal(1_000))],
        [("USD.CAD", Side.BUY, Decimal(20_000))],
        [("MSFT", Side.BUY, Decimal(1_200))],
    ]


@pytest.mark.parametrize(("most", "is_converted"), [(500, True), (501, False)])
def test_below_the_minimum_nothing_is_converted(most: int, is_converted: bool) -> None:
    """400 dollars, which are 500 of the base currency, are lacking."""
    policy = a_policy(minimum_notional=Decimal(0), minimum_conversion=Decimal(most))
    plan = a_world("CAD", cash={"CAD": 125_500, "USD": 99_600}, policy=policy).plan()

    assert any(order.converts for order in plan.orders) is is_converted


def test_at_least_what_is_lacking_is_bought_in_whole_lots() -> None:
    world = a_world("CAD", cash={"CAD": 200_002, "USD": 39_999})

    assert shape(in_lots(world, 1_000).plan())[0] == [("USD.CAD", Side.BUY, Decimal(61_000))]


def test_no_more_than_is_to_spare_is_sold_in_whole_lots() -> None:
    world = a_world("CAD", cash={"CAD": -50_001, "USD": 60_000}, held={"MSFT": 100}, weights={"MSFT": "0"})

    (leg,) = (order for order in in_lots(world, 1_000).plan().orders if order.converts)
    assert (leg.side, leg.quantity) == (Side.SELL, Decimal(40_000))


def in_lots(world: World, lot: int) -> World:
    contract = replace(pair_contract("USD", "CAD"), lot_size=Decimal(lot))
    return replace(world, snapshot=replace(world.snapshot, contracts={**world.snapshot.contracts, PAIR: contract}))


def test_a_conversion_of_less_than_a_lot_is_none() -> None:
    world = a_world("CAD", cash={"CAD": -800, "USD": 60_000}, held={"MSFT": 100}, weights={"MSFT": "0"})

    assert not any(order.converts for order in in_lots(world, 1_000).plan().orders)


def working(world: World, symbol: str, quantity: int) -> World:
    """A buy of ours works."""
    ours = a_working_order(symbol, Side.BUY, quantity, ref=OURS, con_id=con_id_of(symbol))
    return replace(world, snapshot=replace(world.snapshot, working_orders=(ours,)))


def test_what_is_being_exchanged_for_us_already_is_not_exchanged_a_second_time() -> None:
    plan = working(a_world("CAD", cash={"CAD": 250_000}), "USD.CAD", 100_000).plan()

    assert not any(order.converts for order in plan.orders)


def test_what_our_working_buys_will_spend_is_not_there_for_others() -> None:
    """100,000 dollars are there, and all of them pay for MSFT once its order fills."""
    world = a_world("CAD", cash={"CAD": 125_000, "USD": 100_000}, weights={"MSFT": "0.5", "NVDA": "0.3"})

    plan = working(world, "MSFT", 1_000).plan()

    assert shape(plan) == [[("USD.CAD", Side.BUY, Decimal(60_000))], [("NVDA", Side.BUY, Decimal(600))]]


def test_a_partial_plan_exchanges_what_its_lines_spend_and_nothing_else() -> None:
    """10,000 dollars are owed since long ago: the whole plan pays them back, one for a single line does not."""
    world = a_world("CAD", cash={"CAD": 262_500, "USD": -10_000}, weights={"MSFT": "0.5", "NVDA": "0.25"})

    whole = conversion_of(world.plan())
    part = conversion_of(replace(world, options=RunOptions(targets=(InstrumentName("NVDA"),))).plan())

    assert (whole.order, part.order) == (Decimal(160_000), Decimal(50_000))


def test_where_a_currency_cannot_be_had_its_buys_wait_and_others_do_not() -> None:
    world = a_world("CAD", cash={"CAD": 250_000}, weights={"MSFT": "0.25"}, held={"MSFT": 100})
    plan = with_quote(world, Unknown("the ticks never came")).plan()
    msft = next(line for line in plan.lines if line.instrument == "MSFT")

    assert plan.orders == ()
    assert msft.blocked == "the USD that pays for it cannot be exchanged: the ticks never came"
    assert conversion_of(plan).blocked == "the ticks never came"


def test_what_is_owed_in_the_base_currency_is_the_leverage_and_holds_no_buy_up() -> None:
    """Dollars are left over and cannot be sold for what is owed: the broker goes on lending the base currency."""
    world = a_world("CAD", cash={"CAD": -50_000, "USD": 100_000}, weights={"RY": "0.5"})
    ry = replace(a_target("RY", "0.5"), instrument=an_instrument("RY", currency="CAD"))
    snapshot = replace(
        world.snapshot,
        contracts={**world.snapshot.contracts, InstrumentName("RY"): a_contract("RY", currency="CAD")},
        quotes={**world.snapshot.quotes, con_id_of("RY"): a_quote("RY", 100, currency="CAD", spread=0)},
    )
    account = replace(world.account, portfolio=a_portfolio({}, targets=(ry,)))
    plan = with_quote(replace(world, account=account, snapshot=snapshot), Unknown("the ticks never came")).plan()

    assert [(order.instrument, order.side) for order in plan.orders] == [("RY", Side.BUY)]
    assert conversion_of(plan).blocked == "the ticks never came"


# ------------------------------------------------------------------------------------------------------- the line


def test_the_line_of_a_conversion_tells_its_balance_and_why() -> None:
    line = conversion_of(a_world("CAD", cash={"CAD": 200_000, "USD": 40_000}).plan())

    assert (line.current, line.target, line.order) == (Decimal(40_000), Decimal(100_000), Decimal(60_000))
    assert (line.action, line.reason, line.currency) == (Action.INCREASE, Reason.FUNDING, CAD)
    assert (line.price, line.notional) == (Decimal("1.25"), money(75_000, "CAD"))


@pytest.mark.parametrize(("cash", "is_odd"), [({"CAD": 62_500}, False), ({"CAD": 62_490}, True)])
def test_below_the_full_lot_of_its_market_the_line_says_so(cash: dict[str, int], is_odd: bool) -> None:
    """25,000 dollars are a full lot; a hundred less of them are not."""
    line = conversion_of(a_world("CAD", cash=cash, weights={"MSFT": "0.5"}).plan())

    assert ("IDEALPRO's minimum of 25,000 USD" in " ".join(line.notes)) is is_odd


@pytest.mark.parametrize(
    ("first", "quantity", "said"),
    [("EUR", 19_999, "20,000 EUR"), ("EUR", 20_000, None), ("JPY", 2_499_999, "2,500,000 JPY"), ("XXX", 1, None)],
)
def test_each_currency_has_a_full_lot_of_its_own(first: str, quantity: int, said: str | None) -> None:
    spec = replace(pair(USD, CAD), symbol=first)

    note = odd_lot(spec, Decimal(quantity))

    assert (note is None) if said is None else (note is not None and said in note)


# ----------------------------------------------------------------------------------------------------------- pairs


@pytest.mark.parametrize(
    ("one", "other", "name"),
    [
        ("CAD", "USD", "USD.CAD"),
        ("USD", "EUR", "EUR.USD"),
        ("EUR", "GBP", "EUR.GBP"),
        ("USD", "AUD", "AUD.USD"),
        ("JPY", "CHF", "CHF.JPY"),
        ("SEK", "USD", "USD.SEK"),
        ("SEK", "NOK", "NOK.SEK"),
    ],
)
def test_a_pair_is_named_as_its_market_quotes_it(one: str, other: str, name: str) -> None:
    for spec in (pair(Currency(one), Currency(other)), pair(Currency(other), Currency(one))):
        assert (spec.name, f"{spec.symbol}.{spec.currency}") == (name, name)
        assert (spec.sec_type, spec.exchange) == ("CASH", "IDEALPRO")


def test_the_first_currency_is_bought_and_the_second_is_got_by_selling_it() -> None:
    assert side_to_get(USD, pair(USD, CAD)) is Side.BUY
    assert side_to_get(CAD, pair(USD, CAD)) is Side.SELL


def test_the_rate_of_a_pairs_quote_goes_both_ways() -> None:
    quote = a_quote("USD.CAD", "1.25", currency="CAD", spread=0)

    assert market_rate(USD, CAD, quote) == Decimal("1.25")
    assert market_rate(CAD, USD, quote) == Decimal("0.8")


@pytest.mark.parametrize(
    "quote", [None, Unknown("it never came"), a_quote(bid=None, ask=None, last=None), a_quote("USD.CAD", 0, spread=0)]
)
def test_a_pair_without_a_price_has_no_rate(quote: Any) -> None:
    assert isinstance(market_rate(USD, CAD, quote), Unknown)


# --------------------------------------------------------------------------------------------------- what is not known


def with_quote(world: World, quote: Any) -> World:
    quotes = {**world.snapshot.quotes, con_id_of("USD.CAD"): quote}
    return replace(world, snapshot=replace(world.snapshot, quotes=quotes))


@pytest.mark.parametrize(
    ("quote", "why"),
    [
        (pair_quote("USD", "CAD", Decimal("1.25")), None),
        (replace(pair_quote("USD", "CAD", Decimal("1.25")), type=QuoteType.DELAYED), "acceptDelayedQuotes"),
        (Unknown("the ticks never came"), "the ticks never came"),
    ],
    ids=["live", "delayed", "unknown"],
)
def test_a_pair_that_prices_no_order_blocks_its_line_alone(quote: Any, why: str | None) -> None:
    plan = with_quote(a_world("CAD", cash={"CAD": 250_000}), quote).plan()
    line = conversion_of(plan)

    assert line.blocked == why if why is None else why in str(line.blocked)
    assert any(order.converts for order in plan.orders) is (why is None)
    assert line.exact_target == Decimal(100_000), "how much is needed the broker's own rate tells"


def test_without_a_quote_it_is_the_brokers_own_rate_that_tells_how_much_is_needed() -> None:
    """62,500 Canadian dollars, by selling American ones."""
    line = conversion_of(with_quote(a_world("USD", cash={"USD": 100_000}, weights={"RY": "0.5"}), Unknown("no")).plan())

    assert (line.target, line.price) == (Decimal(50_000), Decimal("1.25"))


def test_a_pair_that_the_broker_does_not_resolve_blocks_its_line_alone() -> None:
    world = a_world("CAD", cash={"CAD": 250_000})
    contracts = {**world.snapshot.contracts, PAIR: Unknown("no such contract")}

    line = conversion_of(replace(world, snapshot=replace(world.snapshot, contracts=contracts)).plan())

    assert (line.blocked, line.order, line.reason) == ("no such contract", Decimal(0), Reason.BLOCKED)


def test_where_the_balances_were_not_read_nothing_is_converted() -> None:
    plan = a_world("CAD", cash={"CAD": 250_000}, snapshot={"cash": Unknown("not read")}).plan()

    assert not any(line.kind is LineKind.CURRENCY for line in plan.lines)


@pytest.mark.parametrize(("price", "is_off"), [("1.26", False), ("1.40", True), ("0.80", True)])
def test_a_rate_that_is_not_the_markets_holds_up_everything(price: str, is_off: bool) -> None:
    """The last one is the rate the wrong way round."""
    world = with_quote(
        a_world("CAD", cash={"CAD": 250_000}),
        replace(pair_quote("USD", "CAD", Decimal(price)), con_id=con_id_of("USD.CAD")),
    )
    limits = replace(WIDE_LIMITS, max_fx_deviation=Decimal("0.02"))
    plan = replace(world, account=replace(world.account, limits=limits)).plan()

    assert (Limit.MAX_FX_DEVIATION in {each.limit for each in plan.blocking_violations}) is is_off


# ---------------------------------------------------------------------------------------------------- the broker lends


def lending(**changes: Any) -> World:
    return a_world("CAD", cash={"CAD": 250_000}, currency_funding=CurrencyFunding.BORROW, **changes)


def test_where_the_policy_says_so_the_broker_lends_and_nothing_is_converted() -> None:
    plan = lending(financing_rate=Decimal("0.06")).plan()

    assert shape(plan) == [[("MSFT", Side.BUY, Decimal(1_000))]]
    assert after(plan) == {"CAD": money(250_000, "CAD"), "USD": money(-100_000)}
    assert (plan.cost.loan, plan.cost.financing) == (money(125_000, "CAD"), money(7_500, "CAD"))


@pytest.mark.parametrize(("most", "is_too_much"), [("0.5", False), ("0.49", True)])
def test_what_is_lent_is_held_against_the_limit(most: str, is_too_much: bool) -> None:
    plan = lending(limits=replace(WIDE_LIMITS, max_currency_loan=Decimal(most))).plan()

    found = [each for each in plan.violations if each.limit is Limit.MAX_CURRENCY_LOAN]
    assert bool(found) is is_too_much
    assert all(each.blocks and "100,000.00 USD would be owed" in each.message for each in found)


def test_what_is_converted_is_not_lent() -> None:
    limits = replace(WIDE_LIMITS, max_currency_loan=Decimal(0))

    plan = a_world("CAD", cash={"CAD": 250_000}, limits=limits).plan()

    assert Limit.MAX_CURRENCY_LOAN not in {each.limit for each in plan.violations}


# ------------------------------------------------------------------------------------------------------ cash accounts


def in_cash(base: str = "CAD", **changes: Any) -> World:
    return a_world(base, type=AccountType.CASH, **changes)


@pytest.mark.parametrize("funding", CurrencyFunding)
def test_a_cash_account_borrows_nothing_whatever_the_policy_says(funding: CurrencyFunding) -> None:
    """It converts first, what settles later, and buys once that is there."""
    plan = in_cash(cash={"CAD": 250_000}, currency_funding=funding).plan()

    assert shape(plan) == [[("USD.CAD", Side.BUY, Decimal(100_000))]]
    assert next(line for line in plan.lines if line.instrument == "MSFT").reason is Reason.FUNDS_SHORT
    assert all(isinstance(each, Money) and each.amount >= 0 for each in after(plan).values())


def test_a_cash_account_spends_the_settled_part_of_its_cash() -> None:
    """Of 60,000 dollars 30,000 are settled; a hundredth of the target is left for commissions and prices that move."""
    settled = {USD: money(30_000), CAD: money(0, "CAD")}
    plan = in_cash(cash={"CAD": 0, "USD": 60_000}, weights={"MSFT": "1"}, snapshot={"settled": settled}).plan()

    assert shape(plan) == [[("MSFT", Side.BUY, Decimal(294))]]


def test_what_a_future_leaves_of_its_goal_buys_no_stock() -> None:
    """A contract is 5,000 dollars, of which the goal asks for 1.3; what is not bought of it is no cash."""
    settled = {USD: money(5_900), CAD: money(100_000, "CAD")}
    world = in_cash(cash={"CAD": 100_000, "USD": 5_900}, weights={"MSFT": "0.5"}, snapshot={"settled": settled})
    mes = an_instrument("MES", currency="USD", sec_type=FUTURE)
    portfolio = world.account.portfolio
    targets = (*portfolio.targets, a_target("MES", "0.0765", instrument=mes))
    contracts = {
        **world.snapshot.contracts,
        InstrumentName("MSFT"): a_contract("MSFT", lot_size=Decimal(20)),
        InstrumentName("MES"): a_contract("MES", sec_type=FUTURE, multiplier=Decimal(50)),
    }
    quotes = {**world.snapshot.quotes, con_id_of("MES"): a_quote("MES", 100, spread=0)}
    plan = World(
        replace(world.account, portfolio=replace(portfolio, targets=targets)),
        replace(world.snapshot, contracts=contracts, quotes=quotes),
    ).plan()

    bought = {each.instrument: each.quantity for each in plan.orders if not each.converts}
    assert bought == {"MES": 1, "MSFT": 40}, "60 shares would be 6,000 dollars"


def test_what_is_there_and_not_settled_is_not_bought_a_second_time() -> None:
    settled = {USD: money(0), CAD: money(100_000, "CAD")}
    plan = in_cash(cash={"CAD": 100_000, "USD": 80_000}, weights={"MSFT": "0.5"}, snapshot={"settled": settled}).plan()

    assert plan.orders == ()


def test_a_cash_account_converts_no_more_than_is_settled_at_home() -> None:
    settled = {USD: money(0), CAD: money(25_000, "CAD")}
    plan = in_cash(cash={"CAD": 250_000}, snapshot={"settled": settled}).plan()

    (leg,) = plan.orders
    assert leg.converts
    assert leg.quantity * Decimal("1.25") <= 25_000 - Decimal("0.01") * 125_000 + Decimal("0.02")


def test_what_is_settled_and_not_known_buys_nothing() -> None:
    plan = in_cash(cash={"CAD": 0, "USD": 60_000}, snapshot={"settled": Unknown("it never came")}).plan()

    assert plan.orders == ()
    assert "it never came" in str(plan.lines[0].blocked)


def test_a_cash_account_pays_nothing_back_for_it_owes_nothing() -> None:
    plan = in_cash(cash={"CAD": -100, "USD": 60_000}, held={"MSFT": 10}, weights={"MSFT": "0"}).plan()

    assert not any(order.converts for order in plan.orders)


# -------------------------------------------------------------------------------------------- more than two currencies


def test_what_pays_back_most_is_sold_first() -> None:
    eur = Currency("EUR")
    world = a_world("USD", cash={"USD": -30_000, "CAD": 20_000}, weights={"RY": "0"}, held={"RY": 10})
    shown = world.snapshot
    assert not isinstance(shown.cash, Unknown)
    contract, quote = pair_contract("EUR", "USD"), pair_quote("EUR", "USD", Decimal("1.25"))
    richer = replace(
        shown,
        values=account_values(36_800),
        cash={**shown.cash, eur: money(40_000, "EUR")},
        rates={**shown.rates, eur: a_rate("EUR", "USD", "1.25")},
        contracts={**shown.contracts, pair(eur, USD).name: contract},
        quotes={**shown.quotes, ConId(contract.con_id): quote},
    )

    legs = [order for order in replace(world, snapshot=richer).plan().orders if order.converts]

    assert [(str(each.instrument), each.side, each.quantity) for each in legs] == [
        ("EUR.USD", Side.SELL, Decimal(24_000))
    ]
